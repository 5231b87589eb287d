"""How numbers came to be what they are, in a few cells each: a line of block characters from the start until now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nnsim.tui.widgets.decimation import column_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

LEVELS = "▁▂▃▄▅▆▇"  # without the full block, so that a line keeps its distance from that in the row above
STILL, NO_NUMBER = "─", "×"


def sparklines(updates: Integers, lows: Floats, highs: Floats, values: Floats, update: int, width: int) -> list[str]:
    """Return a line of `width` characters for each of some numbers: from the start at the left to now at the right.

    `lows` and `highs` (moments, numbers) are the extremes since the moment before, `updates` (moments,) the moments,
    and `values` (numbers,) the numbers now, at `update`. Each line has its own scale, from its least number to its
    greatest. A column of several moments shows the extreme that lies farther from the column before it, so that a spike
    of a single moment is seen; a column of none shows what was last known; the last column shows the number now.
    """
    if width < 1 or update < 1 or not len(updates):
        return [" " * max(width, 0)] * len(values)
    with np.errstate(all="ignore"):  # numbers of a run that diverges
        shown = _levels(*_columns(updates / update, lows, highs, width), values)
    return ["".join(row) for row in _glyphs(shown)]


def _columns(positions: Floats, lows: Floats, highs: Floats, width: int) -> tuple[Floats, Floats]:
    """Return the extremes of each column, (width, numbers), an empty one being as the end of the one before."""
    column = column_of(positions, width)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    low, high = np.minimum.reduceat(lows, starts), np.maximum.reduceat(highs, starts)
    filled = column[starts]
    latest = np.searchsorted(filled, np.arange(width), side="right") - 1
    ends = np.append(starts[1:], len(column)) - 1
    empty = ~np.isin(np.arange(width), filled)
    low, high = low[latest], high[latest]
    low[empty], high[empty] = lows[ends][latest[empty]], highs[ends][latest[empty]]
    return low, high


def _levels(low: Floats, high: Floats, values: Floats) -> Floats:
    """Return the height of each column, 0 to 1, (numbers, width); NaN where it is not a number, -1 where a line has
    never left its place."""
    finite_low, finite_high = _finite(low), _finite(high)
    bottom = np.fmin(np.fmin.reduce(finite_low), _finite(values))
    span = np.fmax(np.fmax.reduce(finite_high), _finite(values)) - bottom
    low, high, now = ((each - bottom) / span for each in (finite_low, finite_high, values))
    heights = np.empty_like(low)
    before = now
    for column in range(len(low)):
        heights[column] = np.where(
            np.abs(high[column] - before) >= np.abs(low[column] - before), high[column], low[column]
        )
        before = np.where(np.isfinite(heights[column]), heights[column], before)
    heights[-1] = now
    heights[:, span == 0] = -1.0
    return heights.T


def _finite(numbers: Floats) -> Floats:
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _glyphs(heights: Floats) -> list[list[str]]:
    """Return the character of each height."""
    known = np.isfinite(heights)
    within = np.clip(np.where(known, heights, 0.0), 0.0, 1.0)
    places = np.minimum(within * len(LEVELS), len(LEVELS) - 1).astype(np.intp)
    characters = np.where(known, np.array(list(LEVELS))[places], NO_NUMBER)
    characters[heights == -1.0] = STILL
    rows: list[list[str]] = characters.tolist()
    return rows
