"""The training loss along a run, and when it first got how low."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.history import History
from nnsim.core.objective import Objective
from nnsim.core.past import lows_and_highs
from nnsim.core.rows import Rows

COLUMNS = ("update", "loss", "lowest so far")
MOST_POINTS = 1 << 19


class LossLine:
    """The loss on the whole training set, without the penalty, along a history: after every update where the path of
    the parameters is known (up to 16 of them), else after every epoch. It grows with the history; of more points than
    there is room for, those stay that are the lowest or the highest of their stretch."""

    def __init__(self, objective: Objective, history: History) -> None:
        self.history = history
        self._objective = objective
        self._points = Rows(len(COLUMNS))
        self._reached: dict[float, int] = {}

    def upto(self, update: int) -> tuple[Vector, Vector]:
        """The updates at which it is measured, from 0 to `update`, and the losses there; shapes (n,), n at least 1."""
        self._grow()
        updates, losses, _ = self._points.all.T
        count = int(np.searchsorted(updates, update, side="right"))
        return updates[:count], losses[:count]

    def reached(self, level: float, update: int) -> int | None:
        """The first update up to `update` at which it was measured at or below a level, or None."""
        self._grow()
        updates, _, lowest = self._points.all.T
        if level not in self._reached and lowest[-1] <= level:
            first = bisect_left(range(len(lowest)), True, key=lambda row: bool(lowest[row] <= level))
            self._reached[level] = int(updates[first])
        known = self._reached.get(level)
        return known if known is not None and known <= update else None

    def _grow(self) -> None:
        """Add what the history has got since."""
        known = self._points.all[-1:]
        updates, losses = self._measured(int(known[0, 0]) if len(known) else -1)
        if len(losses):
            lowest = np.fmin.accumulate(np.append(known[:, 2], losses))[len(known) :]
            self._points.append(np.column_stack([updates, losses, lowest]))
        if len(self._points.all) > MOST_POINTS:
            self._thin()

    def _thin(self) -> None:
        points = self._points.all
        kept = lows_and_highs(points[:, 1], np.arange(len(points)) * MOST_POINTS // (4 * len(points)))
        self._points = Rows(len(COLUMNS))
        self._points.append(points[np.union1d(kept, [0, len(points) - 1])])

    def _measured(self, after: int) -> tuple[Vector, Vector]:
        """The updates that follow one as far as they are known, and the losses there."""
        if self.history.path is not None:
            first = self.history.past.until(after)
            path, updates = self.history.path[first:], self.history.past.updates[first:]
            return updates.astype(np.float64), self._objective.losses(path)
        records = [record for record in self.history.records if record.update > after]
        return np.array([float(record.update) for record in records]), np.array([r.train.loss for r in records])
