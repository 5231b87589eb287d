"""Words in a loss chart: where those of its vertical lines go, and what stands beside the ends of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.canvas import Grid

LABEL_ROWS = 3
MOST_LABELS = 24
# Rows above or below the end of a line where its name may stand, the best first.
ROWS_AWAY = (0, -1, 1, -2, 2)


@dataclass(frozen=True)
class Label:
    """A word in the plot: its first column from the left, its row from the top, and the line that it is of."""

    column: int
    row: int
    line: int


def placed(at: Sequence[int], words: Sequence[str], columns: int, rows: int) -> list[Label]:
    """Return where each word goes, beside its column and clear of the others; the last words choose first.

    A word for which there is no room is left out.
    """
    taken: list[set[int]] = [set() for _ in range(min(LABEL_ROWS, rows))]
    lines, labels = set(at), []
    for index in list(reversed(range(len(words))))[:MOST_LABELS]:
        length = len(words[index])
        for row, start in _places(at[index], length, len(taken), lines):
            cells = set(range(start - 1, start + length + 1))
            if 0 <= start <= columns - length and not cells & taken[row]:
                taken[row] |= cells
                labels.append(Label(start, row, index))
                break
    return labels


def _places(column: int, length: int, rows: int, lines: set[int]) -> list[tuple[int, int]]:
    """Return the rows and first columns where a word beside a column may start, the best first: not across a line."""
    places = [(row, start) for row in range(rows) for start in (column + 1, column - length)]
    return sorted(places, key=lambda place: not lines.isdisjoint(range(place[1], place[1] + length)))


def write_beside(grid: Grid, frame: Frame, cell: tuple[int, int], text: str, colour: int) -> None:
    """Write a name beside a cell, where nothing else stands; leave it out where there is no such place."""
    column, row = cell
    for away in ROWS_AWAY:
        for start in (column + 2, column - 1 - len(text), frame.right - len(text)):
            inside = frame.left <= start <= frame.right - len(text) and frame.top <= row + away < frame.bottom
            if inside and grid.is_free(start - 1, row + away, min(len(text) + 2, grid.width - start + 1)):
                grid.text(start, row + away, text, colour)
                return
