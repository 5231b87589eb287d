"""Which numbers come first when they are ordered by size: found for a screenful, without sorting the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.intp]

UNKNOWN = -1.0
SAMPLED = 64


def sizes(numbers: Floats) -> Floats:
    """Return what the numbers are ordered by: their size, where one that is not a number counts as infinite."""
    keys = np.abs(numbers)
    keys[np.isnan(keys)] = np.inf
    return keys


def ranked(keys: Floats, first: int, last: int) -> Integers:
    """Return the places of the numbers that come at `first` up to, but not with, `last` in descending order; equal
    ones in the order of their places. The keys (n,) are not NaN, and 0 <= first <= last <= n."""
    if first == last:
        return np.zeros(0, dtype=np.intp)
    if last * SAMPLED < len(keys):
        # Whatever is among the first is no smaller than the last of as many out of a sample of all.
        floor = -np.partition(-keys[::SAMPLED], last - 1)[last - 1]
        large = np.flatnonzero(keys >= floor)
        if len(large) < len(keys):
            return large[ranked(keys[large], first, last)]
    # In ascending order, these are the ranks of the last and of the first that is wanted.
    lowest, highest = len(keys) - last, len(keys) - first - 1
    ordered = np.partition(keys, (lowest, highest))
    least, greatest = ordered[lowest], ordered[highest]
    near = np.flatnonzero((keys >= least) & (keys <= greatest))
    skipped = first - int(np.count_nonzero(keys > greatest))
    return near[np.argsort(-keys[near], kind="stable")][skipped : skipped + last - first]


def rank(keys: Floats, place: int) -> int:
    """Return how many numbers come before the one at a place."""
    return int(np.count_nonzero(keys > keys[place]) + np.count_nonzero(keys[:place] == keys[place]))
