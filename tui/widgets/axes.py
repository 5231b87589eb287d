"""From data to places on the ground: a frame with two ranges, round numbers along it, and the words over it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.tui.numbers import short
from nnsim.tui.plain import shortened
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import ACROSS, DOWN, Floats

SLACK = 1e-6  # of the range; far from 0 the multiples of a step are rounded
LEAST_ROWS_A_TICK = 3
GAP_BETWEEN_LABELS = 4
LONGEST_NAME = 8
LEAST_HEIGHT_OF_TWO_HEADERS = 18


@dataclass(frozen=True)
class Frame:
    """A rectangle of cells that shows x from `x0` to `x1`, left to right, and y from `y0` to `y1`, bottom to top."""

    left: int
    top: int
    width: int
    height: int
    x0: float
    x1: float
    y0: float
    y1: float

    @property
    def bottom(self) -> int:
        """The row below the last one."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The column after the last one."""
        return self.left + self.width

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The frame in dots: left, top, right, bottom, the last two excluded."""
        return self.left * ACROSS, self.top * DOWN, self.right * ACROSS, self.bottom * DOWN

    def dot_columns(self, xs: Floats) -> Floats:
        """Return where each x lies, in dots, inside the frame or not."""
        with np.errstate(over="ignore", invalid="ignore"):
            columns: Floats = (self.left + self.width * (xs - self.x0) / (self.x1 - self.x0)) * ACROSS
        return columns

    def dot_rows(self, ys: Floats) -> Floats:
        """Return where each y lies, in dots, inside the frame or not."""
        with np.errstate(over="ignore", invalid="ignore"):
            rows: Floats = (self.top + self.height * (self.y1 - ys) / (self.y1 - self.y0)) * DOWN
        return rows

    def column(self, x: float) -> int | None:
        """Return the column of cells where x lies, or None outside."""
        return _cell(x, self.x0, self.x1, self.left, self.width)

    def row(self, y: float) -> int | None:
        """Return the row of cells where y lies, or None outside."""
        return _cell(-y, -self.y1, -self.y0, self.top, self.height)

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the column and row where a point lies, or None outside."""
        column, row = self.column(x), self.row(y)
        return None if column is None or row is None else (column, row)

    def latest(self, xs: Floats, ys: Floats) -> dict[tuple[int, int], int]:
        """Return the cells in which points lie, each with the index of the last point there."""
        columns, rows = self.dot_columns(xs) / ACROSS, self.dot_rows(ys) / DOWN
        inside = (self.left <= columns) & (columns <= self.right) & (self.top <= rows) & (rows <= self.bottom)
        column = np.minimum(columns[inside].astype(np.int64), self.right - 1).tolist()
        row = np.minimum(rows[inside].astype(np.int64), self.bottom - 1).tolist()
        return dict(zip(zip(column, row, strict=True), np.flatnonzero(inside).tolist(), strict=True))


def _cell(value: float, low: float, high: float, first: int, count: int) -> int | None:
    if not low <= value <= high:
        return None
    return first + min(int((value - low) / (high - low) * count), count - 1)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round numbers in the range: multiples of 1, 2 or 5 times a power of ten."""
    span = high - low
    if most < 1 or not 0 < span < math.inf:
        return []
    power = 10.0 ** math.floor(math.log10(span / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            found = [number * step for number in range(first, last + 1)]
            return [tick for tick in found if low - SLACK * span <= tick <= high + SLACK * span]
    return []


def y_labels(low: float, high: float, rows: int) -> list[tuple[float, str]]:
    """Return the ticks of an axis as high as `rows`, each with its text."""
    return [(y, short(y)) for y in ticks(low, high, max(rows // LEAST_ROWS_A_TICK, 2))]


def draw_y_axis(grid: Grid, frame: Frame, labels: list[tuple[float, str]], colour: int, tick: str = "┤") -> None:
    """Write the labels at the left of the frame, each with its tick."""
    for y, text in labels:
        row = frame.row(y)
        if row is not None:
            grid.text(frame.left - 1 - len(text) - len(tick), row, f"{text} {tick}", colour)


def draw_x_labels(grid: Grid, frame: Frame, row: int, name: str, colour: int) -> list[int]:
    """Write round numbers below the frame, and the axis's name at its end; return the columns of the numbers."""
    name_at = frame.right - len(name)
    grid.text(name_at, row, name, colour)
    columns, free_from = [], 0
    for x in _ticks_with_room(frame):
        column, text = frame.column(x), short(x)
        if column is None:
            continue
        start = max(column - len(text) // 2, 0)
        if free_from <= start and start + len(text) < name_at:
            grid.text(start, row, text, colour)
            columns.append(column)
            free_from = start + len(text) + 1
    return columns


def _ticks_with_room(frame: Frame) -> list[float]:
    """Return the most round numbers for the x axis that stand apart."""
    for most in range(frame.width // (1 + GAP_BETWEEN_LABELS), 1, -1):
        places = ticks(frame.x0, frame.x1, most)
        if sum(len(short(x)) + GAP_BETWEEN_LABELS for x in places) <= frame.width:
            return places
    return ticks(frame.x0, frame.x1, 1)


def draw_axes(grid: Grid, frame: Frame, labels: list[tuple[float, str]], name: str, row: int) -> None:
    """Draw both axes as lines with ticks: the left one beside the frame, the lower one, called `name`, at a row."""
    muted = grid.palette.muted
    rows = np.arange(frame.top, row)
    grid.put(np.full(rows.size, frame.left - 1), rows, "│", muted)
    draw_y_axis(grid, frame, labels, muted)
    grid.text(frame.left - 1, row, "└" + "─" * frame.width, muted)
    for column in draw_x_labels(grid, frame, row + 1, name, muted):
        grid.text(column, row, "┬", muted)


def draw_map_axes(
    grid: Grid, top: int, rows_below: int, names: tuple[str, str], ends: tuple[float, float, float, float]
) -> Frame:
    """Write the numbers and names of both axes of a map that fills the ground from `top` down to some rows; return the
    frame between them. `ends` are those of x and of y."""
    muted = grid.palette.muted
    rows = grid.height - top - rows_below
    labels = y_labels(*ends[2:], rows)
    name = names[1][:LONGEST_NAME]
    left = max(len(text) for text in (name, *(text for _, text in labels))) + 1
    frame = Frame(left, top, grid.width - left, rows, *ends)
    draw_y_axis(grid, frame, [label for label in labels if frame.row(label[0]) != top], muted, tick="")
    grid.text(left - 1 - len(name), top, name, muted)
    draw_x_labels(grid, frame, frame.bottom, names[0], muted)
    return frame


def header(grid: Grid, formula: str, ball: str) -> int:
    """Write where the ball is and, if there is room, the formula before it; return the rows that took."""
    ball_at = grid.width - len(ball)
    beside = len(formula) + GAP_BETWEEN_LABELS <= ball_at
    above = not beside and grid.height >= LEAST_HEIGHT_OF_TWO_HEADERS
    if beside or above:
        room = ball_at - GAP_BETWEEN_LABELS if beside else grid.width
        grid.text(0, 0, shortened(formula, room), grid.palette.muted)
    row = 1 if above else 0
    grid.text(max(ball_at, 0), row, ball, grid.palette.moves)
    return row + 1
