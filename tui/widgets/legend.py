"""The line that says what the glyphs of a picture stand for, as far as there is room."""

from __future__ import annotations

from typing import NamedTuple

from nnsim.tui.widgets.canvas import Grid

GAP = 2
BETWEEN = " · "


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


def draw_header(grid: Grid, about: str, result: str) -> None:
    """Write at the top right how good it is, or the first part of that where there is no room for all, and before it,
    if there is room, what is drawn."""
    if len(result) > grid.width:
        result = result.partition(BETWEEN)[0]
    start = max(grid.width - len(result), 0)
    if len(about) + GAP <= start:
        grid.text(0, 0, about, grid.palette.muted)
    grid.text(start, 0, result, grid.palette.moves, bold=True)


def percents(name: str, share: float, test: float | None) -> str:
    """An accuracy, and that on the test set where there is one."""
    text = f"{name} {100 * share:5.1f} %"
    return text if test is None else f"{text}{BETWEEN}test {100 * test:5.1f} %"
