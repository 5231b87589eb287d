"""The plot of a loss chart: its lines, the changes of settings, the present update, a cursor and the axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nnsim.tui.plain import plain
from nnsim.tui.snapshot.chart import Chart
from nnsim.tui.widgets.axes import Frame, draw_x_labels, draw_y_axis
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.decimation import decimated
from nnsim.tui.widgets.dots import ACROSS, DOWN, strokes
from nnsim.tui.widgets.loss_lines import SHORTEST, Axis, Line, along, in_legend_order, length, value_at
from nnsim.tui.widgets.loss_scale import drawable, loss_scale
from nnsim.tui.widgets.loss_words import placed, write_beside
from nnsim.tui.widgets.scale import Scale, axis_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Mask: TypeAlias = NDArray[np.bool_]

LABEL_WIDTH = 6
LEAST_ROWS_WITH_AXIS = 8
# Lines of signs have one in every third column, and take turns, so that all are seen where they lie on each other.
SIGN_EVERY = 3
ROUNDING = 1e-9  # of the height: what lies on the edge is not beyond it
RATE_TOP = 0.97  # of the height: the highest learning rate
MARK, NOW, CURSOR, END = "┊", "│", "╎", "┃"
LEFT_UP, LEFT_DOWN, BEST, POINT = "▲", "▼", "◆", "•"


@dataclass(frozen=True)
class Word:
    """Text in the plot, from a cell to the right."""

    column: int
    row: int
    text: str
    colour: int

    def meets(self, other: Word) -> bool:
        """Whether both share a cell."""
        apart = self.column + len(self.text) <= other.column or other.column + len(other.text) <= self.column
        return self.row == other.row and not apart


@dataclass(frozen=True, eq=False)
class Picture:
    """What is drawn: the lines of a chart along an axis, and an update under the cursor."""

    chart: Chart
    lines: list[Line]
    axis: Axis
    log_scale: bool
    of_metric: bool
    cursor: int | None


def layout(grid: Grid, picture: Picture, top: int) -> tuple[Frame, Scale] | None:
    """Return the frame of the plot below a row, x in the axis's unit and y from 0 to 1, and the scale of y; None when
    there is nothing to draw."""
    below = 2 if grid.height - top >= LEAST_ROWS_WITH_AXIS else 1
    rows = grid.height - top - below
    scale = loss_scale(picture.lines, rows, picture.log_scale, with_zero=not picture.of_metric)
    if scale is None:
        return None
    left = max(LABEL_WIDTH, *map(len, scale.labels)) + 2
    end = axis_length(length(picture.axis, picture.chart, picture.lines), SHORTEST[picture.axis])
    return Frame(left, top, grid.width - left, rows, 0.0, end, 0.0, 1.0), scale


def draw(grid: Grid, picture: Picture, frame: Frame, scale: Scale, inks: Mapping[str, int]) -> None:
    """Draw everything. `inks` has the colour of each line by its name, of "mark", "now" and "axes"."""
    _draw_axes(grid, picture, frame, scale, inks["axes"])
    words = _draw_verticals(grid, picture, frame, inks)
    ends: list[tuple[tuple[int, int], Line]] = []
    for place, line in enumerate(picture.lines):
        x, y = _points(picture, line, frame, scale)
        if len(x):
            _draw_line(grid, frame, line, place, x, y, inks[line.ink])
            end = frame.cell(min(float(x[-1]), frame.x1), float(y[-1]))
            if end is not None and line.style == "signs" and line.role != "rate":
                ends.append((end, line))
    _draw_best(grid, picture, frame, scale, inks)
    readout = [] if picture.cursor is None else _readout(picture, frame, picture.cursor, inks)
    for word in words:
        if not any(word.meets(row) for row in readout):
            grid.text(word.column, word.row, word.text, word.colour)
    for end, line in ends:
        write_beside(grid, frame, end, line.name, inks[line.ink])
    _draw_cursor_points(grid, picture, frame, scale, inks)
    for place, row in enumerate(readout):
        grid.text(row.column, row.row, row.text, row.colour, bold=not place)


def _readout(picture: Picture, frame: Frame, update: int, inks: Mapping[str, int]) -> list[Word]:
    """Return the value of every line at an update in full, beside the cursor, on the side that has more room."""
    rows = [(f"update {update:,}", inks["now"])]
    for line in in_legend_order(picture.lines):
        found = value_at(line.series, update)
        if found is not None:
            when = "" if found[0] == update or line.role == "rate" else f" (at {found[0]:,})"
            rows.append((f"{line.sign} {line.name} {found[1]!r}{when}", inks[line.ink]))
    width = min(max(len(text) for text, _ in rows), frame.width)
    column = column_of(picture, frame, update)
    before = column is None or column >= frame.left + frame.width // 2
    start = (frame.right if column is None else column) - 1 - width if before else (column or 0) + 2
    start = min(max(start, frame.left), frame.right - width)
    shown = enumerate(rows[: frame.height], frame.top)
    return [Word(start, row, text[:width].ljust(width), colour) for row, (text, colour) in shown]


def column_of(picture: Picture, frame: Frame, update: int) -> int | None:
    """Return the column of an update of the run, or None outside of the frame."""
    return frame.column(float(along(picture.axis, picture.chart.clock, np.array([float(update)]))[0]))


def _points(picture: Picture, line: Line, frame: Frame, scale: Scale) -> tuple[Floats, Floats]:
    """Return the points of a line as far as the plot can tell them apart, y as a fraction of the height; what lies
    above the scale is above 1."""
    series = line.series
    updates, losses = series.updates, series.losses
    if picture.chart.stopped and not picture.of_metric and line.role in ("train", "batch") and len(losses):
        falls = losses[-1] < min(0.0, float(losses[0]))
        updates = np.append(updates, float(picture.chart.update))
        losses = np.append(losses, -np.inf if falls else np.inf)
    kept = drawable(losses, picture.log_scale and line.role != "rate")
    updates, losses = updates[kept], losses[kept]
    if line.role == "rate":
        y = RATE_TOP * losses / losses.max(initial=1e-300)
    else:
        y = scale.fractions(losses)
        y = np.where(np.abs(y - np.round(y)) < ROUNDING, np.round(y), y)
    x = along(picture.axis, series.clock or picture.chart.clock, updates) / frame.x1
    columns = frame.width if line.style == "points" else frame.width * ACROSS
    x, y = decimated(x, y, columns)
    return x * frame.x1, y


def _draw_line(grid: Grid, frame: Frame, line: Line, place: int, x: Floats, y: Floats, colour: int) -> None:
    left, top, right, bottom = frame.box
    inside = (y >= 0.0) & (y <= 1.0)
    columns, rows = np.clip(frame.dot_columns(x), left, right - 1), frame.dot_rows(y)
    rows = np.where(inside, np.clip(rows, top, bottom - 1), rows)
    if line.style == "signs":
        _draw_signs(grid, frame, line, place, columns / ACROSS, y, colour)
    elif line.style == "points":
        # One dot in a cell's left half, so that even a flat cloud does not look like a line.
        grid.plot(columns[inside].astype(np.int64) // ACROSS * ACROSS, rows[inside].astype(np.int64), colour)
    else:
        for thickness in range(2 if line.style == "thick" else 1):
            shifted = np.where(inside, np.maximum(rows - thickness, top), rows)
            begin, end = (slice(None, -1), slice(1, None)) if len(x) > 1 else (slice(None), slice(None))
            dots = strokes(columns[begin], shifted[begin], columns[end], shifted[end], frame.box)
            grid.plot(dots[0], dots[1], colour)
    for limit, beyond, row, sign in ((1.0, y > 1.0, frame.top, LEFT_UP), (0.0, y < 0.0, frame.bottom - 1, LEFT_DOWN)):
        if not beyond.any():
            continue
        cells = (_leaving(columns, y, limit, beyond) / ACROSS).astype(np.int64)
        grid.put(cells, np.full(cells.size, row), sign, colour, bold=True)


def _leaving(columns: Floats, y: Floats, limit: float, beyond: Mask) -> Floats:
    """Return in which columns of dots a line goes beyond a limit."""
    leaves = np.flatnonzero(beyond & ~np.concatenate([[False], beyond[:-1]]))
    before = np.maximum(leaves - 1, 0)
    rise = np.where(leaves > before, y[leaves] - y[before], np.inf)
    crossed: Floats = columns[before] + (limit - y[before]) / rise * (columns[leaves] - columns[before])
    return crossed


def _draw_signs(grid: Grid, frame: Frame, line: Line, place: int, columns: Floats, y: Floats, colour: int) -> None:
    """Draw a line as signs of a whole cell, in every third of the columns that it crosses."""
    first, last = int(columns[0]), int(columns[-1])
    at = np.arange(first + (place - first) % SIGN_EVERY, last + 1, SIGN_EVERY)
    at = at if at.size else np.array([last])
    heights = np.interp(at + 0.5, columns, y)
    inside = (heights <= 1.0) & (heights >= 0.0)
    rows = np.clip(frame.dot_rows(heights[inside]) // DOWN, frame.top, frame.bottom - 1).astype(np.int64)
    grid.put(at[inside], rows, line.sign[0], colour)


def _draw_axes(grid: Grid, picture: Picture, frame: Frame, scale: Scale, colour: int) -> None:
    labels = list(zip(scale.fractions(np.array(scale.ticks)).tolist(), scale.labels, strict=True))
    rows = np.arange(frame.top, frame.bottom)
    grid.put(np.full(rows.size, frame.left - 1), rows, "│", colour)
    draw_y_axis(grid, frame, [(min(max(y, 0.0), 1.0), label) for y, label in labels], colour)
    lowest = grid.height - 1
    columns = np.array(draw_x_labels(grid, frame, lowest, picture.axis, colour), dtype=np.int64)
    if lowest > frame.bottom:
        grid.text(frame.left - 1, frame.bottom, "└" + "─" * frame.width, colour)
        grid.put(columns, np.full(columns.size, frame.bottom), "┬", colour)


def _draw_verticals(grid: Grid, picture: Picture, frame: Frame, inks: Mapping[str, int]) -> list[Word]:
    """Draw a vertical line for every change of settings, for the present update if others follow it, for the end of a
    run that cannot go on and for the cursor; return their words."""
    chart, alarm = picture.chart, grid.palette.alarm
    found = [(mark.update, MARK, plain(mark.label), inks["mark"]) for mark in chart.marks]
    if chart.stopped:
        found.append((chart.update, END, chart.stopped, alarm))
    elif chart.update < chart.latest:
        found.append((chart.update, NOW, f"update {chart.update:,}", inks["now"]))
    x = along(picture.axis, chart.clock, np.array([update for update, *_ in found], dtype=np.float64))
    columns = [frame.column(each) for each in x.tolist()]
    rows = np.arange(frame.top, frame.bottom)
    for (_, sign, _, colour), column in zip(found, columns, strict=True):
        if column is not None:
            grid.put(np.full(rows.size, column), rows, sign, colour)
    if picture.cursor is not None:
        column = column_of(picture, frame, picture.cursor)
        if column is not None:
            grid.put(np.full(rows.size, column), rows, CURSOR, grid.palette.text)
    at = [column - frame.left for column in columns if column is not None]
    shown = [each for each, column in zip(found, columns, strict=True) if column is not None]
    return [
        Word(label.column + frame.left, label.row + frame.top, shown[label.line][2], shown[label.line][3])
        for label in placed(at, [text for _, _, text, _ in shown], frame.width, frame.height // 2)
    ]


def _draw_best(grid: Grid, picture: Picture, frame: Frame, scale: Scale, inks: Mapping[str, int]) -> None:
    """Mark the lowest test loss so far."""
    test = next((line for line in picture.lines if line.role == "test"), None)
    if picture.chart.best is None or test is None or not picture.chart.best:
        return
    cell = _cell(picture, test, picture.chart.best, frame, scale)
    if cell is not None:
        grid.text(*cell, BEST, inks["test"], bold=True)
        write_beside(grid, frame, cell, "best test loss", inks["test"])


def _draw_cursor_points(grid: Grid, picture: Picture, frame: Frame, scale: Scale, inks: Mapping[str, int]) -> None:
    """Put a point on every line where it was last measured at the cursor."""
    for line in picture.lines if picture.cursor is not None else ():
        if line.role != "rate":
            cell = _cell(picture, line, picture.cursor or 0, frame, scale)
            if cell is not None:
                grid.text(*cell, POINT, inks[line.ink], bold=True)


def _cell(picture: Picture, line: Line, update: int, frame: Frame, scale: Scale) -> tuple[int, int] | None:
    """Return the cell of a line's value at an update."""
    found = value_at(line.series, update)
    if found is None or not drawable(np.array([found[1]]), picture.log_scale)[0]:
        return None
    at = along(picture.axis, line.series.clock or picture.chart.clock, np.array([float(found[0])]))
    return frame.cell(float(at[0]), float(scale.fractions(np.array([found[1]]))[0]))
