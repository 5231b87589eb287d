"""Secants of a curve: the line through the ball and a second point, and how steep it is beside the tangent."""

from __future__ import annotations

import math

import numpy as np

from nnsim.tui.numbers import short, signed
from nnsim.tui.snapshot.stages import CurveStage
from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import stroke

HEADINGS = ("distance", "secant", "off by")
WIDTHS = (9, 12, 11)
DIGITS = 7


def draw_secant(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Draw the last secant across the frame, and its second point."""
    distance, slope = stage.secants[-1]
    value, loss = stage.value, stage.loss
    if all(map(math.isfinite, (value, loss, slope))):
        ends = np.array([frame.x0, frame.x1])
        heights = loss + slope * (ends - value)
        columns, rows = frame.dot_columns(ends).tolist(), frame.dot_rows(heights).tolist()
        grid.plot(*stroke(columns[0], rows[0], columns[1], rows[1], frame.box), grid.palette.coming)
        cell = frame.cell(value + distance, loss + slope * distance)
        if cell is not None:
            grid.text(*cell, "◇", grid.palette.coming, bold=True)


def secant_lines(stage: CurveStage, room: int) -> list[str]:
    """The distances with the slopes of their secants and, where there is room, how far these are off; the exact slope
    comes last."""
    widths = WIDTHS if room >= sum(WIDTHS) else WIDTHS[:-1]
    rows = [HEADINGS]
    rows += [
        (short(each.distance), _digits(each.slope), signed(each.slope - stage.full_slope)) for each in stage.secants
    ]
    rows += [("tangent", _digits(stage.full_slope), "")]
    return ["".join(text.rjust(width) for text, width in zip(row, widths, strict=False)) for row in rows]


def _digits(slope: float) -> str:
    return f"{slope + 0.0:+.{DIGITS}g}"


def draw_secant_table(grid: Grid, frame: Frame, stage: CurveStage) -> None:
    """Write a line of numbers for each secant so far at the top of the frame, where they hide the least; where all of
    them would hide something, only as many of the last as have room in its upper half."""
    lines = secant_lines(stage, frame.width)
    left, hidden = _least_hiding(grid, frame, lines)
    if hidden:
        lines = [lines[0], *lines[1:][-max(2, frame.height // 2 - 1) :]]
        left, _ = _least_hiding(grid, frame, lines)
    for down, line in enumerate(lines[: frame.height]):
        last = down == len(lines) - 1
        now = down == len(lines) - 2
        colour = grid.palette.moves if last else grid.palette.coming if now else grid.palette.muted
        grid.text(left, frame.top + down, line[: frame.right - left], colour)


def _least_hiding(grid: Grid, frame: Frame, lines: list[str]) -> tuple[int, int]:
    """The left end at which these lines hide the least, near the middle if there are several, and how many of them hide
    something there."""
    width = len(lines[0])
    places = range(frame.left, max(frame.right - width, frame.left) + 1)
    middle = (frame.left + frame.right - width) // 2

    def hidden(left: int) -> int:
        return sum(not grid.is_free(left, frame.top + y, width) for y in range(len(lines)))

    left = min(places, key=lambda left: (hidden(left), abs(left - middle)))
    return left, hidden(left)
