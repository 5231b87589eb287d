"""What a table of epochs has for a run, as Keras prints one while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.timeline import Timeline


class Printed(NamedTuple):
    """The loss and the accuracy of each whole epoch while it lasted, both (epochs,).

    Keras prints means over the batches of an epoch, each taken before its update. The losses are just that. The
    accuracies are means of that of the whole training set before and after the epoch, between which that of the batches
    lies.
    """

    losses: Vector
    accuracies: Vector


def printed(at: Indices, batch_losses: Vector, accuracies: Sequence[float]) -> Printed:
    """The table of epochs that begin and end at the updates `at` (epochs + 1,), with the accuracies there; the losses
    of the batches are those from update 0 on."""
    means = [float(batch_losses[begin:end].mean()) for begin, end in pairwise(at.tolist())]
    return Printed(np.array(means), np.array([(before + after) / 2.0 for before, after in pairwise(accuracies)]))


def ends(timeline: Timeline, most: int) -> Indices:
    """The updates at which a run's first epochs begin and end, of at most so many that are over; (epochs + 1,)."""
    return np.array([record.update for record in timeline.records[: most + 1]])


def of_timeline(timeline: Timeline, most: int) -> Printed:
    """The table of a run's first epochs, at most so many; of a run that measures every one of them."""
    accuracies = [record.train.metric or 0.0 for record in timeline.records[: most + 1]]
    return printed(ends(timeline, most), timeline.losses, accuracies)
