"""The signs and colours of the runs in a race, the same in the table, on the chart and on the stage."""

from __future__ import annotations

import math

from textual.color import Color
from textual.widget import Widget

from nnsim.tui.theme import series
from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.palette import colour_number

RACER_SIGNS = ("●", "◆", "▲", "■", "★", "▼", "◐", "◢")
SHORTER = ("learning rate", "rate")  # where the name of a run has little room: its number must not be cut off
COLOURS = 4
"""By the place of a racer; the run on the screen has place 0."""


def racer_colours(widget: Widget) -> tuple[int, ...]:
    """Return the numbers of the colours of all places in the app's theme; from the fifth on they come again, and the
    signs tell the runs apart."""
    names = (f"racer-{place % COLOURS + 1}" for place in range(len(RACER_SIGNS)))
    return tuple(colour_number(Color.parse(series(widget.app.theme_variables, name))) for name in names)


def draw_racer(grid: Grid, frame: Frame, x: float, y: float, place: int, colours: tuple[int, ...]) -> None:
    """Draw the sign of a racer where it is; at the edge, with an arrow, where the frame does not show that."""
    if math.isnan(x) or math.isnan(y):
        return
    nearest_x, nearest_y = min(max(x, frame.x0), frame.x1), min(max(y, frame.y0), frame.y1)
    arrow = "→" if x > nearest_x else "←" if x < nearest_x else "↑" if y > nearest_y else "↓" if y < nearest_y else ""
    cell = frame.cell(nearest_x, nearest_y)
    if cell is not None:
        text = RACER_SIGNS[place] + arrow
        grid.text(min(cell[0], frame.right - len(text)), cell[1], text, colours[place], bold=True)
