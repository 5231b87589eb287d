"""What a table of epochs has for a run, as Keras prints one while it trains."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.timeline import Timeline


class Printed(NamedTuple):
    """The loss and the accuracy of each whole epoch while it lasted, both (epochs,): means over its batches, each taken
    before its update."""

    losses: Vector
    accuracies: Vector


def printed(at: Indices, losses: Vector, accuracies: Matrix) -> Printed:
    """The table of epochs that begin and end at the updates `at` (epochs + 1,), from the losses and the accuracies of
    the batches from update 0 on; shapes (updates,) and (updates, 1)."""
    epochs = list(pairwise(at.tolist()))
    return Printed(
        np.array([losses[begin:end].mean() for begin, end in epochs]),
        np.array([accuracies[begin:end].mean() for begin, end in epochs]),
    )


def ends(timeline: Timeline, most: int) -> Indices:
    """The updates at which a run's first epochs begin and end, of at most so many that are over; (epochs + 1,)."""
    return np.array([record.update for record in timeline.records[: most + 1]])


def of_timeline(timeline: Timeline, most: int) -> Printed:
    """The table of a run's first epochs, at most so many; of a run that measures every one of them."""
    return printed(ends(timeline, most), timeline.losses, timeline.accuracies)
