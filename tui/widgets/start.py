"""Choosing where a run starts: by a click on its curve or surface, or with a crosshair that the keys move."""

from __future__ import annotations

import math
from typing import TypeVar

from textual import events
from textual.message import Message

from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.canvas import Canvas, Grid

Drawn = TypeVar("Drawn")


class StartChosen(Message):
    """The person wants the run to start at `point`: one number for a curve, two for a surface."""

    def __init__(self, point: tuple[float, ...]) -> None:
        super().__init__()
        self.point = point


class StartCanvas(Canvas[Drawn]):
    """A canvas on which a start can be chosen. A subclass has `place`, and tells `frame` whenever it paints.

    `crosshair` is a cell of the canvas while one is being chosen, else None.
    """

    frame: Frame | None = None
    crosshair: tuple[int, int] | None = None

    def begins(self, drawn: Drawn) -> tuple[float, float] | None:
        """Where on the frame the run is, so that a crosshair begins there; None where no start can be chosen."""
        raise NotImplementedError

    def place(self, frame: Frame, column: int, row: int) -> tuple[float, ...]:
        """The start that a cell of the frame stands for."""
        raise NotImplementedError

    @property
    def can_choose(self) -> bool:
        """Whether what is drawn has a start to choose, and there is room for it."""
        return self._drawn is not None and self.frame is not None and self.begins(self._drawn) is not None

    def choose(self) -> None:
        """Show the crosshair, where the run is or as near to that as can be."""
        if self._drawn is None or self.frame is None:
            return
        at = self.begins(self._drawn)
        if at is not None:
            frame = self.frame
            x, y = (
                min(max(value, low), high) if math.isfinite(value) else (low + high) / 2.0
                for value, low, high in zip(at, (frame.x0, frame.y0), (frame.x1, frame.y1), strict=True)
            )
            self._put(frame.cell(x, y))

    def move(self, right: int, down: int) -> None:
        """Move the crosshair by cells, up to the edge."""
        if self.crosshair is not None:
            self._put((self.crosshair[0] + right, self.crosshair[1] + down))

    def leave(self) -> None:
        """Choose nothing."""
        if self.crosshair is not None:
            self._put(None)

    def take(self) -> None:
        """Choose the start under the crosshair."""
        if self.crosshair is not None and self.frame is not None:
            self.post_message(StartChosen(self.place(self.frame, *self._inside(self.frame, self.crosshair))))
        self.leave()

    def on_click(self, event: events.Click) -> None:
        """Choose the start under the mouse."""
        frame = self.frame
        if frame is None or not self.can_choose:
            return
        if frame.left <= event.x < frame.right and frame.top <= event.y < frame.bottom:
            self.leave()
            self.post_message(StartChosen(self.place(frame, event.x, event.y)))

    def draw_crosshair(self, grid: Grid, frame: Frame, across: bool = True) -> tuple[float, ...] | None:
        """Draw the crosshair, if there is one, or only its upright line; return the start that it stands for."""
        if self.crosshair is None:
            return None
        column, row = self._inside(frame, self.crosshair)
        colour = grid.palette.coming
        for y in range(frame.top, frame.bottom):
            if grid.is_free(column, y, 1):
                grid.text(column, y, "│", colour)
        if across:
            for x in range(frame.left, frame.right):
                if grid.is_free(x, row, 1):
                    grid.text(x, row, "─", colour)
            grid.text(column, row, "┼", colour, bold=True)
        return self.place(frame, column, row)

    def _put(self, cell: tuple[int, int] | None) -> None:
        self.crosshair = None if cell is None or self.frame is None else self._inside(self.frame, cell)
        self.redraw()

    def _inside(self, frame: Frame, cell: tuple[int, int]) -> tuple[int, int]:
        """The cell of the frame nearest to one; the frame may have changed meanwhile."""
        column = min(max(cell[0], frame.left), frame.right - 1)
        return column, min(max(cell[1], frame.top), frame.bottom - 1)


def start_text(name: str, start: float) -> str:
    """A number of a start as it will be used, which is a short one."""
    return f"{name} = {start:.10g}"


def middle_of_column(frame: Frame, column: int) -> float:
    """The x in the middle of a column of cells, in no more digits than it takes."""
    return _in_few_digits(frame.x0, (frame.x1 - frame.x0) / frame.width, column - frame.left)


def middle_of_row(frame: Frame, row: int) -> float:
    """The y in the middle of a row of cells, in no more digits than it takes."""
    return _in_few_digits(frame.y0, (frame.y1 - frame.y0) / frame.height, frame.bottom - 1 - row)


def _in_few_digits(start: float, size: float, place: int) -> float:
    """A number within a quarter of the middle of one of the cells that follow each other from a start."""
    middle = start + (place + 0.5) * size
    return round(middle, math.ceil(-math.log10(size / 2.0))) if size > 1e-300 else middle
