"""The training loss along a run, and when it first got how low."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.history import History
from nnsim.core.objective import Objective
from nnsim.core.rows import Rows


class LossLine:
    """The loss on the whole training set, without the penalty, along a history: after every update where the path of
    the parameters is known (up to 16 of them), else after every epoch. It grows with the history."""

    def __init__(self, objective: Objective, history: History) -> None:
        self.history = history
        self._objective = objective
        self._updates, self._losses, self._lowest = Rows(1), Rows(1), Rows(1)

    def upto(self, update: int) -> tuple[Vector, Vector]:
        """The updates at which it is measured, from 0 to `update`, and the losses there; shapes (n,), n at least 1."""
        count = self._count(update)
        return self._updates.upto(count)[:, 0], self._losses.upto(count)[:, 0]

    def reached(self, level: float, update: int) -> int | None:
        """The first update up to `update` at which it was measured at or below a level, or None."""
        count = self._count(update)
        lowest = self._lowest.all
        first = bisect_left(range(count), True, key=lambda row: bool(lowest[row, 0] <= level))
        return int(self._updates.all[first, 0]) if first < count else None

    def _count(self, update: int) -> int:
        """How many measurements there are up to an update."""
        self._grow()
        updates = self._updates.all
        return bisect_left(range(len(updates)), update + 1, key=lambda row: int(updates[row, 0]))

    def _grow(self) -> None:
        """Add what the history has got since."""
        known = len(self._losses.all)
        updates, losses = self._measured(known)
        if len(losses):
            before = self._lowest.all[-1, 0] if known else np.inf
            lowest = np.fmin.accumulate(np.append(before, losses))[1:]
            for rows, new in ((self._updates, updates), (self._losses, losses), (self._lowest, lowest)):
                rows.append(new[:, None])

    def _measured(self, known: int) -> tuple[Vector, Vector]:
        if self.history.path is not None:
            path = self.history.path.all[known:]
            return known + np.arange(len(path), dtype=np.float64), self._objective.losses(path)
        records = self.history.records[known:]
        return np.array([float(record.update) for record in records]), np.array([r.train.loss for r in records])
