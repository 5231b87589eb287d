"""What a table of epochs has for a run, as Keras prints one while it trains."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.epoch_mean import EpochMean
from nnsim.core.timeline import Timeline


class Printed(NamedTuple):
    """The loss and the accuracy of each whole epoch while it lasted, both (epochs,): means over its samples, each batch
    taken before its update."""

    losses: Vector
    accuracies: Vector


def printed(at: Indices, sizes: Indices, losses: Vector, accuracies: Matrix) -> Printed:
    """The table of epochs that begin and end at the updates `at` (epochs + 1,), from the samples, the losses and the
    accuracies of the batches from update 0 on; shapes (updates,), (updates,) and (updates, 1)."""

    def means(values: Vector) -> Vector:
        epochs = (slice(*ends) for ends in pairwise(at.tolist()))
        return np.array([EpochMean().after(values[epoch], sizes[epoch]).value for epoch in epochs])

    return Printed(means(losses), means(accuracies[:, 0]))


def ends(timeline: Timeline, most: int) -> Indices:
    """The updates at which a run's first epochs begin and end, of at most so many that are over; (epochs + 1,)."""
    return np.array([record.update for record in timeline.records[: most + 1]])


def of_timeline(timeline: Timeline, most: int) -> Printed:
    """The table of a run's first epochs, at most so many; of a run that measures every one of them."""
    losses = timeline.losses
    before = timeline.updates[: len(losses)]
    sizes = timeline.clock.samples_at(before + 1) - timeline.clock.samples_at(before)
    return printed(ends(timeline, most), sizes, losses, timeline.accuracies)
