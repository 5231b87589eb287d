"""How wide the columns of the parameter table are, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

NUMBER_WIDTH = 10
FULL_WIDTH = 24
"""The cells of the longest number at full precision, such as -2.2250738585072014e-308."""
ESSENTIAL = 3
"""Value, gradient and last update are worth more than the history, and the history more than the optimizer's state."""
LEAST_HISTORY, EASY_HISTORY, MOST_HISTORY = 5, 10, 24
SHORT = {"last update": "moved by"}


@dataclass(frozen=True)
class Layout:
    """What fits into a row: the columns from the left with their headings and widths, the cells between them, and how
    many cells the history has, which stands before them; 0 without one."""

    headings: tuple[str, ...]
    widths: tuple[int, ...]
    gap: int
    history: int


def layout(headings: Sequence[str], room: int, history: bool, full: bool) -> Layout:
    """Return what fits into `room` cells beside the names. In a narrow table the columns stand closer together if the
    history then fits in as well; if it does not, it is left out before any of the first three columns."""
    count = len(headings)
    tries = [(n, 2, headings) for n in range(count, min(ESSENTIAL, count) - 1, -1)]
    if not full:
        tries.append((min(ESSENTIAL, count), 1, [SHORT.get(heading, heading) for heading in headings]))
    for shown, gap, names in tries if history else ():
        widths = [_width(name, full) for name in names[:shown]]
        left = room - sum(gap + width for width in widths) - 1
        if left >= (EASY_HISTORY if shown > ESSENTIAL else LEAST_HISTORY):
            return Layout(tuple(names[:shown]), tuple(widths), gap, min(left, MOST_HISTORY))
    widths = []
    for name in headings:
        widths.append(_width(name, full))
        if sum(2 + width for width in widths) > room:
            widths.pop()
            break
    return Layout(tuple(headings[: len(widths)]), tuple(widths), 2, 0)


def _width(heading: str, full: bool) -> int:
    return max(FULL_WIDTH if full else NUMBER_WIDTH, cell_len(heading))
