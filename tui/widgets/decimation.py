"""Fewer points for a line, so that drawing it costs the same however long a run becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.intp]


def decimated(positions: Floats, heights: Floats, columns: int) -> tuple[Floats, Floats]:
    """Return at most two points for each column: the lowest and the highest, in their order along the line.

    `positions` (n,) is ascending and runs from 0 at the left edge to 1 at the right; `heights` (n,) is finite. Both are
    kept by the extremes, so a spike of a single point stays visible.
    """
    if not len(positions):
        return positions, heights
    column = column_of(positions, columns)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(column)))
    lowest = _first_at(heights, np.minimum.reduceat(heights, starts)[group], starts)
    highest = _first_at(heights, np.maximum.reduceat(heights, starts)[group], starts)
    pairs = np.column_stack([np.minimum(lowest, highest), np.maximum(lowest, highest)])
    kept = pairs[np.column_stack([np.full(len(pairs), True), lowest != highest])]
    return positions[kept], heights[kept]


def column_of(positions: Floats, columns: int) -> Integers:
    """Return the column in which each position is drawn, 0 for the leftmost."""
    nearest = np.floor(positions * (columns - 1) + 0.5).astype(np.intp)
    return np.clip(nearest, 0, columns - 1)


def _first_at(heights: Floats, wanted: Floats, starts: Integers) -> Integers:
    """Return for each group the first index at which the height is the wanted one."""
    indices = np.arange(len(heights))
    return np.minimum.reduceat(np.where(heights == wanted, indices, len(heights)), starts)
