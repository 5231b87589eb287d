"""The line that says what the glyphs of a picture stand for, as far as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.fitting import fullest

GAP = 2


class Entry(NamedTuple):
    """A text, its colour, and the colour behind it where that stands for something."""

    text: str
    colour: int
    behind: int | None = None


def draw_legend(grid: Grid, left: int, row: int, entries: list[Entry]) -> None:
    """Write entries from left to right, from the very left where they need it; those without room are left out."""
    if left + sum(len(entry.text) + GAP for entry in entries) - GAP > grid.width:
        left = 0
    for entry in entries:
        if left + len(entry.text) > grid.width:
            continue
        grid.text(left, row, entry.text, entry.colour)
        if entry.behind is not None:
            grid.fill(left, row, len(entry.text), entry.behind)
        left += len(entry.text) + GAP


def draw_header(grid: Grid, about: str, results: Sequence[str]) -> None:
    """Write at the top right how good it is, in the fullest form that has room, and before it, if there is room, what
    is drawn."""
    result = fullest(results, grid.width)
    start = max(grid.width - len(result), 0)
    if len(about) + GAP <= start:
        grid.text(0, 0, about, grid.palette.muted)
    grid.text(start, 0, result, grid.palette.moves, bold=True)


def percents(name: str, share: float, test: float | None) -> list[str]:
    """An accuracy, with that on the test set where there is one, and without."""
    text = f"{name} {100 * share:5.1f} %"
    return [text] if test is None else [f"{text} · test {100 * test:5.1f} %", text]
