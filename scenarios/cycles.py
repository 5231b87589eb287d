"""Cycles: a run that comes back to where it was, again and again, and will never come to rest.

A zigzag that shrinks or grows comes back to nearly the same points as well. What tells them apart is where it leads: as
the distance from where the run was a cycle before goes down by a factor from one cycle to the next, the distances still
to come add up as a geometric series. On a cycle that sum is next to nothing; where a zigzag dies out, however slowly,
it is the size of the zigzag itself.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nnsim.core.arrays import Matrix
from nnsim.core.batches import Batches
from nnsim.core.optimizers import SGD, Lion
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.text import all_apart

Holding: TypeAlias = NDArray[np.bool_]

LENGTHS = range(2, 17)
"""The updates that a cycle may take."""

BACK = 1e-3  # of the size of a cycle: so close to where its points will be in the end, the run is on it
MOVED = 1e-8  # of the largest parameter, or of 1 where none is larger: what is smaller may be rounding
ROUNDING = 1e-9  # so much does a run drift on a cycle of its own size that its rounding cannot tell


class Cycle(NamedTuple):
    """The parameter that goes farthest on a cycle, and its value after each update, from the lowest one on."""

    name: str
    values: tuple[float, ...]

    @property
    def length(self) -> int:
        return len(self.values)


class Returns(NamedTuple):
    """For each of some points on end, whether it is where the run was a cycle before, for good, and whether it is
    exactly there; shapes (n,)."""

    back: Holding
    exact: Holding


def returns(points: Matrix, length: int) -> Returns:
    """Whether a run, whose points after some updates on end are given, comes back after so many of them each time.

    At least `length` points have to come before one, and, where it is not back exactly, twice as many.
    """
    back, exact = np.zeros((2, len(points)), dtype=bool)
    if len(points) <= length:
        return Returns(back, exact)
    with np.errstate(all="ignore"):
        off = points[length:] - points[:-length]
        before = np.concatenate([np.full((length, points.shape[1]), np.nan), off])[: len(off)]
        drift = np.where(np.abs(off) < np.abs(before), np.abs(off / (1.0 - off / before)), np.inf)
        windows = sliding_window_view(points, length, axis=0)[1:]
        size = np.ptp(windows, axis=2).max(axis=1, keepdims=True)
        scale = np.maximum(1.0, np.abs(windows).max(axis=(1, 2)))[:, None]
        moves = size > MOVED * scale
        # Between the two: the factor of a drift is known only to the rounding of the points over the drift itself.
        same = np.abs(off) <= ROUNDING * np.sqrt(size * scale)
        exact[length:] = (moves & same).all(axis=1)
        back[length:] = (moves & (same | (drift <= BACK * size))).all(axis=1)
    return Returns(back, exact)


def cycle_of(timeline: Timeline) -> Cycle | None:
    """The cycle that a run of full batches is on where it stands, with the settings of its last updates; None where it
    is on none, or where it has too many parameters to keep their trail. As long as not all of them have come to it, it
    is that of the one which goes farthest alone."""
    now = timeline.update
    since = max(change.update for change in timeline.changes if change.update <= now)
    if timeline.trail is None or not may_cycle(timeline, timeline.run.settings) or now - since < min(LENGTHS):
        return None
    trail = timeline.trail[-(now - since + 1) :]
    lately = trail[-max(LENGTHS) :]
    with np.errstate(all="ignore"):  # a run that diverges swings beyond all numbers
        swings = np.ptp(lately, axis=0)
    widest = int(swings.argmax())
    if not MOVED < swings[widest] < np.inf:  # at rest, or gone
        return None
    for points in (trail, trail[:, [widest]]):
        length = _length(points, _is_memoryless(timeline))
        if length is not None:
            values = trail[-length:, widest]
            return Cycle(timeline.objective.names[widest], tuple(np.roll(values, -values.argmin()).tolist()))
    return None


def is_full(timeline: Timeline, settings: Settings) -> bool:
    """Whether every batch is the whole training set."""
    return Batches(len(timeline.objective.train), settings.batch_size, settings.order, 0).full


def may_cycle(timeline: Timeline, settings: Settings) -> bool:
    """Whether points that come back tell of a cycle: those of full batches, but not of Lion, which goes by the sign of
    what it remembers, so that its steps repeat while its memory still drifts."""
    return is_full(timeline, settings) and not isinstance(settings.optimizer, Lion)


def is_at_rest(timeline: Timeline) -> bool:
    """Whether the last update of a run of full batches moved nothing, and none will with the same settings."""
    run = timeline.run
    if not run.update or not run.batches.full or timeline.settings_used != run.settings:
        return False
    return bool((run.parameters == run.previous).all()) and (_is_memoryless(timeline) or not run.gradient.any())


def _length(points: Matrix, memoryless: bool) -> int | None:
    """The length of the shortest cycle at the end of a trail. A run that remembers nothing is on one as soon as it is
    exactly back; another one, when it has been back for two rounds."""
    # On a cycle no step back is longer than twice what is still to come; most lengths need no closer look.
    near = np.abs(points[-1] - points[-2::-1][: max(LENGTHS)]).max(axis=1)
    near = near <= 2.0 * BACK * np.ptp(points[-max(LENGTHS) :], axis=0).max()
    for length in LENGTHS:
        if length <= len(near) and near[length - 1]:
            back, exact = returns(points[-4 * length :], length)
            if back[-2 * length :].all() or (memoryless and exact[-1]):
                return length
    return None


def _is_memoryless(timeline: Timeline) -> bool:
    """Whether the next point follows from the present one alone."""
    optimizer = timeline.run.settings.optimizer
    return isinstance(optimizer, SGD) and not optimizer.momentum and timeline.run.settings.schedule is None


def told(cycle: Cycle, for_ever: bool) -> str:
    """A cycle in a sentence, with its points; `for_ever` where nothing in the set-up will change that by itself."""
    *others, last = all_apart(cycle.values)
    way = f"jumps between {others[0]} and {last}" if cycle.length == 2 else f"goes to {', '.join(others)} and {last}"
    again = "" if cycle.length == 2 else ", and round again"
    return f"A cycle of {cycle.length}: {cycle.name} {way}{again}{' for ever' if for_ever else ''}."
