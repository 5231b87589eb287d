"""How far a run has come at each of its updates, counted in samples, in epochs or in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector


@dataclass(frozen=True, eq=False)
class Clock:
    """Counts a run's way up to some update.

    From the update `starts[i]` on, where `seen[i]` samples had been used, batches have `sizes[i]` of the `samples` of
    an epoch, whose last batch may be shorter. `times` has rows (update, seconds of training until then), both
    ascending, the first (0, 0).
    """

    samples: int
    starts: Indices
    seen: Indices
    sizes: Indices
    times: Matrix

    def samples_at(self, updates: Indices) -> Indices:
        """The samples used after each number of updates, shape (n,)."""
        stretch = np.searchsorted(self.starts, updates, side="right") - 1
        seen, size, count = self.seen[stretch], self.sizes[stretch], updates - self.starts[stretch]
        left = -(-(self.samples - seen % self.samples) // size)
        epochs, batches = np.divmod(count - left, -(-self.samples // size))
        whole = (seen // self.samples + 1 + epochs) * self.samples
        at: Indices = np.where(count < left, seen + count * size, whole + batches * size)
        return at

    def epochs_at(self, updates: Indices) -> Vector:
        """The epochs done after each number of updates, parts of one included; shape (n,)."""
        return self.samples_at(updates) / self.samples

    def seconds_at(self, updates: Indices) -> Vector:
        """The seconds of training after each number of updates, shape (n,): between two times in proportion, and after
        the last one at the mean pace until then."""
        ends, seconds = self.times.T
        pace = seconds[-1] / max(ends[-1], 1.0)
        at: Vector = np.interp(updates, ends, seconds) + np.maximum(updates - ends[-1], 0.0) * pace
        return at


def clock(samples: int, batch_sizes: Sequence[tuple[int, int]], times: Matrix) -> Clock:
    """The clock of a run with so many samples in an epoch, whose batches have a size from an update on: pairs (update,
    size), the first at 0."""
    first = np.array([batch_sizes[0][1]], dtype=np.int64)
    made = Clock(samples, np.zeros_like(first), np.zeros_like(first), first, times)
    for update, size in batch_sizes[1:]:
        if size == made.sizes[-1]:
            continue
        here = np.array([update], dtype=np.int64)
        starts, sizes = np.append(made.starts, here), np.append(made.sizes, size)
        made = Clock(samples, starts, np.append(made.seen, made.samples_at(here)), sizes, times)
    return made
