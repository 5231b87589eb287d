"""What the challenges and remarks of a scenario look at in a run: which of its updates are as they ask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.history import Record
from nnsim.core.timeline import Timeline
from nnsim.scenarios.challenge import Reach, Stay
from nnsim.scenarios.cycles import Holding, is_full, may_cycle, returns
from nnsim.scenarios.remark import Remark

if TYPE_CHECKING:
    from nnsim.scenarios.experiment import Experiment

SAME = 1e-9  # of the loss


class Seen(NamedTuple):
    """What is new on a run: some updates, and whether what a challenge asks for holds after each; shapes (n,)."""

    updates: Indices
    holds: Holding


Look: TypeAlias = Callable[[Timeline, int], Seen]
"""Looks at a run after an update."""


def threshold(experiment: Experiment, wanted: Reach | Stay | Remark) -> Look:
    """Whether a quantity is between the values that are asked for."""
    low = -np.inf if wanted.above is None else wanted.above
    high = np.inf if wanted.below is None else wanted.below
    quantity = wanted.quantity
    assert quantity is not None

    def look(timeline: Timeline, after: int) -> Seen:
        updates, values = _new_values(experiment, timeline, quantity, after)
        return Seen(updates, (low < values) & (values < high))

    return look


def back_after(length: int) -> Look:
    """Whether the run, with full batches, is back for good where it was so many updates before."""

    def look(timeline: Timeline, after: int) -> Seen:
        assert timeline.path is not None
        first = _first_after(timeline, after)
        begin = max(first - 2 * length, 0)
        updates = timeline.updates[begin:]
        back = returns(timeline.path[begin:], length).back
        back[length:] &= updates[length:] - updates[:-length] == length
        return Seen(updates[first - begin :], (back & _may_cycle(timeline, updates))[first - begin :])

    return look


def elsewhere(experiment: Experiment) -> Look:
    """Whether the run is in another valley than the one where it began."""

    def look(timeline: Timeline, after: int) -> Seen:
        assert timeline.path is not None
        first = _first_after(timeline, after)
        home = np.searchsorted(experiment.tops, timeline.path[:1, 0])
        valleys = np.searchsorted(experiment.tops, timeline.path[first:, 0])
        return Seen(timeline.updates[first:], valleys != home)

    return look


def running_away(quantity: str | None, timeline: Timeline, updates: Indices) -> Holding:
    """Whether the training loss after each of some updates is higher than it has ever been on the run before; it is
    looked at where the quantity is, or, without one, at every update. Shape (n,)."""
    if quantity is None or not _is_measured(timeline, quantity):
        assert timeline.path is not None
        places, losses = timeline.updates, _losses(timeline, timeline.path)
    else:
        places = np.array([record.update for record in timeline.records])
        losses = np.array([record.train.loss for record in timeline.records])
    before = np.fmax.accumulate(np.append(losses[0], losses[:-1]))
    return ~(losses <= before + SAME * np.abs(before))[np.searchsorted(places, updates)]


def _new_values(experiment: Experiment, timeline: Timeline, quantity: str, after: int) -> tuple[Indices, Vector]:
    """The values of a quantity after the updates that follow the given one, and these updates."""
    if quantity == "batch_loss":
        losses = timeline.losses
        first = int(np.searchsorted(timeline.updates, after))
        return timeline.updates[first : len(losses)] + 1, losses[first:]
    if _is_measured(timeline, quantity):
        records = timeline.records
        records = records[bisect_right(records, after, key=lambda record: record.update) :]
        measured = [_measured(experiment, record, quantity) for record in records]
        return np.array([record.update for record in records], dtype=np.int64), np.array(measured)
    assert timeline.path is not None
    first = _first_after(timeline, after)
    points = timeline.path[first:]
    values = _losses(timeline, points) if quantity == "loss" else points[:, timeline.objective.names.index(quantity)]
    return timeline.updates[first:], values


def _is_measured(timeline: Timeline, quantity: str) -> bool:
    """Whether a quantity is known where epochs end, and not after every update."""
    return timeline.path is None or (quantity.startswith("test_") and quantity not in timeline.objective.names)


def _first_after(timeline: Timeline, update: int) -> int:
    """The first of the updates that a run knows after the given one."""
    return int(np.searchsorted(timeline.updates, update, side="right"))


def _losses(timeline: Timeline, points: Matrix) -> Vector:
    """The loss on the training set at the last points of the path. A network that has always seen the whole set has
    computed all but the last of them already, before the updates that followed."""
    objective = timeline.objective
    known = objective.surface is None and not objective.penalty
    known = known and all(is_full(timeline, change.settings) for change in timeline.changes)
    if not known or not len(points):
        return objective.losses(points)
    last = len(timeline.updates) - 1
    return np.append(timeline.losses[last + 1 - len(points) : last], objective.losses(points[-1:]))


def _measured(experiment: Experiment, record: Record, quantity: str) -> float:
    return experiment.value_of(quantity, record.test if quantity.startswith("test_") else record.train)


def _may_cycle(timeline: Timeline, updates: Indices) -> Holding:
    """Whether each of some updates was made with settings that tell of a cycle by coming back; shape (n,)."""
    tell = np.array([may_cycle(timeline, change.settings) for change in timeline.changes])
    begins = np.array([change.update for change in timeline.changes])
    return tell[np.maximum(np.searchsorted(begins, updates) - 1, 0)]
