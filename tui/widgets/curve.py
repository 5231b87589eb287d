"""The loss over one parameter: the curve, the ball on it, its tangent, its trail and the proposed next step."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from nnsim.tui.numbers import short, signed
from nnsim.tui.snapshot.stages import CurveStage
from nnsim.tui.widgets.axes import Frame, draw_axes, header, y_labels
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import ACROSS, DOWN, stroke, strokes
from nnsim.tui.widgets.fitting import fullest
from nnsim.tui.widgets.palette import AGES, ages
from nnsim.tui.widgets.racers import draw_racer, racer_colours
from nnsim.tui.widgets.secants import draw_secant, draw_secant_table
from nnsim.tui.widgets.start import StartCanvas, middle_of_column, start_text

LEAST_WIDTH, LEAST_HEIGHT = 20, 8
# Below the curve: the label of the next step, the axis and the numbers on it.
ROWS_BELOW = 3
# Rows of the frame left free under the lowest point of the curve, for the letter of a minimum, and over the highest.
FREE_BELOW, FREE_ABOVE = 1.6, 0.4
LONGEST_TRAIL = 200
DISTANCES_DOWN, DISTANCES_ACROSS = range(-6, 7), (3, 5, 8, 12)


class CurveView(StartCanvas[CurveStage]):
    """The stage of a run with one parameter."""

    def paint(self, grid: Grid, drawn: CurveStage) -> None:
        """Draw the curve with everything on it; where there is no room for that, only the numbers."""
        top = header(grid, drawn.formula, _ball_text(drawn, grid.width))
        self.frame = None
        if grid.width < LEAST_WIDTH or grid.height < LEAST_HEIGHT:
            return
        frame, labels = _frame(grid, drawn, top)
        self.frame = frame
        draw_axes(grid, frame, labels, drawn.name, frame.bottom + 1)
        _draw_drops(grid, frame, drawn)
        _draw_curve(grid, frame, drawn)
        _draw_tangents(grid, frame, drawn)
        if drawn.secants:
            draw_secant(grid, frame, drawn)
        _draw_trail(grid, frame, drawn)
        _draw_minima(grid, frame, drawn)
        _draw_rivals(grid, frame, drawn, racer_colours(self))
        _draw_next(grid, frame, drawn)
        _draw_ball(grid, frame, drawn)
        if drawn.secants:
            draw_secant_table(grid, frame, drawn)
        _draw_start(grid, frame, drawn, self.draw_crosshair(grid, frame, across=False))

    def begins(self, drawn: CurveStage) -> tuple[float, float] | None:
        """The ball."""
        return drawn.value, drawn.loss

    def place(self, frame: Frame, column: int, row: int) -> tuple[float, ...]:
        """The parameter in the middle of a column."""
        return (middle_of_column(frame, column),)


def _ball_text(stage: CurveStage, width: int) -> str:
    full = f"● {stage.name} = {short(stage.value):<9} L = {short(stage.loss):<9}"
    loss = f"L = {short(stage.loss)}"
    return fullest((full, f"● {short(stage.value)}  {loss}", f"● {loss}"), width)


def _frame(grid: Grid, stage: CurveStage, top: int) -> tuple[Frame, list[tuple[float, str]]]:
    """Return the frame of the curve, and the labels of its loss axis, which decide where it begins."""
    rows = grid.height - top - ROWS_BELOW
    low, high = float(stage.losses.min()), float(stage.losses.max())
    row = (high - low or 1.0) / max(rows - FREE_BELOW - FREE_ABOVE, 1)
    low, high = low - FREE_BELOW * row, high + FREE_ABOVE * row
    labels = [(y, text) for y, text in y_labels(low, high, rows) if y >= stage.losses.min() - row]
    left = max((len(text) for _, text in labels), default=0) + 2
    x0, x1 = float(stage.xs[0]), float(stage.xs[-1])
    return Frame(left, top, grid.width - left, rows, x0, x1, low, high), labels


def _draw_curve(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    columns, rows = frame.dot_columns(stage.xs), frame.dot_rows(stage.losses)
    dots = strokes(columns[:-1], rows[:-1], columns[1:], rows[1:], frame.box)
    grid.plot(dots[0], dots[1], grid.palette.text)


def _draw_drops(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Drop a dotted line from the ball, and one from where it goes next, to the axis."""
    ends = [(stage.value, stage.loss)]
    if stage.next_value is not None:
        ends.append((stage.next_value, _loss_at(stage, stage.next_value)))
    for value, loss in ends:
        cell = frame.cell(value, loss)
        if cell is not None:
            rows = np.arange(cell[1] * DOWN + DOWN, (frame.bottom + 1) * DOWN, 3)
            grid.plot(np.full(rows.size, cell[0] * ACROSS), rows, grid.palette.faint)


def _draw_tangents(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Draw the slope of the curve at the ball and, where every sample has its own loss, the slope the batch has."""
    _draw_slope(grid, frame, stage, stage.full_slope, grid.palette.moves)
    if stage.samples > 1:
        _draw_slope(grid, frame, stage, stage.slope, grid.palette.coming)


def _draw_slope(grid: Grid, frame: Frame, stage: CurveStage, slope: float, colour: int) -> None:
    if frame.cell(stage.value, stage.loss) is None or not math.isfinite(slope):
        return
    run = frame.width * ACROSS / (frame.x1 - frame.x0)
    rise = -slope * frame.height * DOWN / (frame.y1 - frame.y0)
    half = min(frame.width * ACROSS, frame.height * DOWN * 2) / 9
    scale = half / max(math.hypot(run, rise), 1e-300)
    x, y = float(frame.dot_columns(np.array(stage.value))), float(frame.dot_rows(np.array(stage.loss)))
    columns, rows = stroke(x - run * scale, y - rise * scale, x + run * scale, y + rise * scale, frame.box)
    grid.plot(columns, rows, colour)


def _draw_trail(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Draw where the ball has been, the older the fainter and smaller."""
    fading = grid.palette.fading(grid.palette.moves, grid.palette.ground).tolist()
    values, losses = stage.trail[-LONGEST_TRAIL:], stage.trail_losses[-LONGEST_TRAIL:]
    age = ages(values.size)
    for cell, index in frame.latest(values, losses).items():
        grid.text(*cell, "•" if age[index] < AGES // 2 else "·", fading[age[index]])


def _draw_minima(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    for minimum in stage.minima:
        cell = frame.cell(minimum.position[0], minimum.loss)
        if cell is not None:
            column, row = cell
            grid.text(column, row, "×", grid.palette.text, bold=True)
            start = min(max(column - len(minimum.label) // 2, frame.left), frame.right - len(minimum.label))
            grid.text(start, row + 1, minimum.label, grid.palette.text, bold=len(minimum.label) == 1)


def _draw_rivals(grid: Grid, frame: Frame, stage: CurveStage, colours: tuple[int, ...]) -> None:
    """Draw the sign of each rival where it is."""
    for rival in stage.rivals:
        draw_racer(grid, frame, float(rival.path[-1, 0]), float(rival.losses[-1]), rival.place, colours)


def _draw_next(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Draw the proposed step as an arrow along the axis, and its number above it."""
    if stage.next_value is None:
        return
    colour = grid.palette.coming
    if stage.next_value == stage.value:
        grid.text(frame.left, frame.bottom, "next step 0", colour)
        return
    label = f"next step {signed(stage.next_value - stage.value)}"
    begin, end = (_nearest_column(frame, value) for value in (stage.value, stage.next_value))
    if begin is None or end is None:
        grid.text(frame.left, frame.bottom, label, colour)
        return
    grid.text(min(begin, end), frame.bottom + 1, "━" * (abs(end - begin) + 1), colour)
    grid.text(end, frame.bottom + 1, "▶" if stage.next_value >= stage.value else "◀", colour)
    start = min(max((begin + end - len(label)) // 2, frame.left), frame.right - len(label))
    grid.text(start, frame.bottom, label, colour)
    landing = frame.cell(stage.next_value, _loss_at(stage, stage.next_value))
    if landing is not None:
        grid.text(*landing, "○", colour, bold=True)


def _draw_start(grid: Grid, frame: Frame, stage: CurveStage, start: tuple[float, ...] | None) -> None:
    """Say over the axis, in place of the next step, where the run would start."""
    if start is not None:
        text = f"│ start at {start_text(stage.name, start[0])}"
        grid.text(frame.left, frame.bottom, text.ljust(frame.width), grid.palette.coming)


def _draw_ball(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    cell = frame.cell(stage.value, stage.loss)
    if cell is None:
        _draw_outside(grid, frame, stage)
        return
    grid.text(*cell, "●", grid.palette.moves, bold=True)
    lines = _slope_lines(grid, stage)
    column, row = _place_of_label(grid, frame, cell, max(len(text) for text, _ in lines), len(lines))
    for down, (text, colour) in enumerate(lines):
        grid.text(column, row + down, text, colour)


def _slope_lines(grid: Grid, stage: CurveStage) -> list[tuple[str, int]]:
    """Return what to say about the slope, in the colours of the lines that are drawn for it."""
    if stage.samples == 1:
        return [(f"slope {signed(stage.slope)}", grid.palette.moves)]
    return [
        (f"slope here {signed(stage.full_slope)},", grid.palette.moves),
        (f"next batch says {signed(stage.slope)}", grid.palette.coming),
    ]


def _place_of_label(grid: Grid, frame: Frame, cell: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Return where the label has room to stand, as near to the ball as can be."""
    column, row = cell
    places = [
        (x, y)
        for down, gap in sorted(product(DISTANCES_DOWN, DISTANCES_ACROSS), key=lambda way: 3 * abs(way[0]) + way[1])
        for x, y in ((column + gap, row + down), (column + 1 - gap - width, row + down))
        if frame.left <= x <= frame.right - width and frame.top <= y <= frame.bottom - height
    ]
    for x, y in places:
        if all(grid.is_free(x - 1, line, min(width + 2, grid.width - x + 1)) for line in range(y, y + height)):
            return x, y
    return places[0] if places else (frame.left, frame.top)


def _draw_outside(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Say at the edge where a ball is that the window does not show."""
    finite = math.isfinite(stage.value) and math.isfinite(stage.loss)
    colour = grid.palette.moves if finite else grid.palette.alarm
    value = f"{stage.name} = {short(stage.value)}"
    middle = frame.top + frame.height // 2
    if stage.value > frame.x1:
        grid.text(frame.right - len(value) - 3, middle, f"{value} →", colour, bold=True)
    elif stage.value < frame.x0:
        grid.text(frame.left + 1, middle, f"← {value}", colour, bold=True)
    elif math.isnan(stage.value):
        grid.text(frame.left + 1, middle, value, colour, bold=True)
    else:
        label = f"{'↓' if stage.loss < frame.y0 else '↑'} L = {short(stage.loss)}"
        column = frame.column(stage.value) or frame.left
        row = frame.bottom - 1 if stage.loss < frame.y0 else frame.top
        grid.text(min(column, frame.right - len(label)), row, label, colour, bold=True)


def _nearest_column(frame: Frame, value: float) -> int | None:
    """Return the column of a value, or of the edge beyond which it lies; None if it is not a number."""
    if math.isnan(value):
        return None
    return frame.column(min(max(value, frame.x0), frame.x1))


def _loss_at(stage: CurveStage, value: float) -> float:
    """Return the loss of the drawn curve at a value, nan outside of the window."""
    return float(np.interp(value, stage.xs, stage.losses, left=math.nan, right=math.nan))
