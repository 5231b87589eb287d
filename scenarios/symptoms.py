"""What one can tell from a network in training that something has gone wrong, or right: cheap to look for at any
update."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.timeline import Record, Timeline

STILL = 1e-4  # of the loss
STILL_UPDATES = 200
FLAT = 1e-2
TURN = 1.05
TURN_EPOCHS = 20
TURN_SHARE = 1.25
CHEAP = 2_500_000  # samples x parameters: about a millisecond


def cheap(timeline: Timeline) -> bool:
    """Whether the whole training set may go through the network for every picture of the run."""
    return len(timeline.objective.train) * timeline.objective.size <= CHEAP


def has_turned(best: Record | None, now: Record) -> bool:
    """Whether the test loss has turned up while the training loss goes down: it is 5 % above its lowest value, the
    `best`, which is 20 epochs old, and a fifth of the run, and the training loss is lower than it was there."""
    if best is None or best.test is None or now.test is None:
        return False
    old = now.epoch >= max(best.epoch + TURN_EPOCHS, TURN_SHARE * best.epoch)
    return old and now.test.loss > TURN * best.test.loss and now.train.loss < best.train.loss


def stands_still(timeline: Timeline) -> bool:
    """Whether a run no longer moves, and not for want of a learning rate: the loss on all samples has changed by less
    than 1/10000 in 200 updates, and its gradient is shorter than 0.01 (or, above 1, than 1/100 of the loss)."""
    if timeline.update < STILL_UPDATES:
        return False
    losses = _lately(timeline)
    if len(losses) < 2 or not float(np.ptp(losses)) <= STILL * abs(losses[-1]):
        return False
    gradient = timeline.objective.loss_and_gradient(timeline.run.parameters)[1]
    return bool(np.linalg.norm(gradient) < FLAT * max(1.0, losses[-1]))


def _lately(timeline: Timeline) -> Vector:
    """The losses on the whole training set that are known of the last 200 updates; none where they do not go so far
    back."""
    since, objective = timeline.update - STILL_UPDATES, timeline.objective
    if timeline.run.batches.full:
        first = min(int(np.searchsorted(timeline.updates, since)), len(timeline.losses) - 1)
        return timeline.losses[first:]
    if timeline.trail is not None:
        return objective.losses(timeline.trail[-1 - STILL_UPDATES :: STILL_UPDATES // 4])
    records = timeline.records
    first = bisect_right(records, since, key=lambda record: record.update) - 1
    return np.array([record.train.loss for record in records[first:]])


def hopping(timeline: Timeline) -> list[int]:
    """The weights that the last update led across 0 although without L1 their slope was less than l1 there: their
    minimum is at 0 (Tibshirani 1996), and steps along l1 sign(w) lead past it for ever. None where clipping hides what
    the slopes were."""
    run, objective = timeline.run, timeline.objective
    l1 = objective.penalty.l1
    if not l1 or run.settings.clipping:
        return []
    rest = run.gradient - l1 * np.sign(run.previous)
    held = (objective.weights > 0.0) & (np.abs(rest) < l1)
    return [int(place) for place in np.flatnonzero(held & (run.previous * run.parameters < 0.0))]
