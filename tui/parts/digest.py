"""The losses of one branch of a run, thinned to what can be drawn, at a cost that does not grow with the run.

What is kept holds for the whole branch, and what comes out depends on the updates so far alone: going back gives the
same points again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.batches import Batches
from nnsim.core.history import History, Record
from nnsim.core.objective import Objective
from nnsim.core.rows import Rows

CHART_POINTS = 1024
METRIC_POINTS = 128
BLOCK = 64


class Points(NamedTuple):
    """Points of a line: updates, ascending, and a number at each; both (n,)."""

    updates: Indices
    values: Vector

    def since(self, update: int) -> Points:
        """The points from an update on."""
        first = int(np.searchsorted(self.updates, update))
        return Points(self.updates[first:], self.values[first:])


@dataclass
class BlockExtremes:
    """Where the lowest and the highest lie in every block of a row of numbers that grows at its end."""

    _places: Rows = field(default_factory=lambda: Rows(2))

    def thinned(self, values: Vector) -> Indices:
        """The indices, ascending, of so few numbers that they can be drawn, the lowest and the highest of every
        stretch and the last of all among them. `values` begins as it did at every call before."""
        count = len(values)
        if count <= CHART_POINTS:
            return np.arange(count)
        self._extend(values)
        blocks = count // BLOCK
        group = 1 << max(0, (2 * blocks // CHART_POINTS).bit_length())
        groups = blocks // group
        known = self._places.upto(blocks).astype(np.int64)
        places = known[: groups * group].reshape(groups, group, 2)
        found = values[places]
        rows = np.arange(groups)
        lowest = places[rows, found[:, :, 0].argmin(axis=1), 0]
        highest = places[rows, found[:, :, 1].argmax(axis=1), 1]
        pairs = np.concatenate([np.column_stack([lowest, highest]), known[groups * group :]])
        pairs.sort(axis=1)
        kept = pairs.ravel()[np.append(True, np.diff(pairs.ravel()) > 0)]
        return np.append(kept, np.arange(min(blocks * BLOCK, max(kept[-1] + 1, count - 1)), count))

    def _extend(self, values: Vector) -> None:
        known, blocks = len(self._places.all), len(values) // BLOCK
        if known < blocks:
            new = values[known * BLOCK : blocks * BLOCK].reshape(-1, BLOCK)
            begins = np.arange(known, blocks) * BLOCK
            self._places.append(np.column_stack([begins + new.argmin(axis=1), begins + new.argmax(axis=1)]))


@dataclass
class Probes:
    """Some number at evenly spaced points of a path, taken once for each: at most so many, whatever its length."""

    measure: Callable[[Matrix], Vector]
    most: int
    _levels: dict[int, Rows] = field(default_factory=dict)

    def along(self, updates: Indices, path: Matrix) -> Points:
        """The numbers on the way and at the end of a path, shape (points, size), that begins as it always did.

        `updates` (points,) ascend from 0; where one is missing, the next one that is there stands for it."""
        last = int(updates[-1])
        level = (last // self.most).bit_length()
        stride, count = 1 << level, (last >> level) + 1
        rows = self._level(level)
        missing = np.searchsorted(updates, np.arange(len(rows.all), count) * stride)
        if len(missing):
            rows.append(np.column_stack([updates[missing], self.measure(path[missing])]))
        at, values = rows.upto(count).T
        if at[-1] < last:
            at, values = np.append(at, last), np.append(values, self.measure(path[-1:]))
        new = np.diff(at, prepend=-1) > 0
        return Points(at[new].astype(np.int64), values[new])

    def _level(self, level: int) -> Rows:
        if level not in self._levels:
            self._levels[level] = Rows(2)
            if level - 1 in self._levels:
                self._levels[level].append(self._levels[level - 1].all[::2])
        return self._levels[level]


COLUMNS = ("update", "train loss", "train metric", "test loss", "test metric")


class Digest:
    """What the chart draws of one branch: every method takes the update up to which it has been."""

    def __init__(self, objective: Objective, history: History) -> None:
        self.objective, self.history = objective, history
        self._batches, self._batches_of = BlockExtremes(), history.past.thinnings
        self._records = Rows(len(COLUMNS))
        self._columns = {name: BlockExtremes() for name in COLUMNS}
        self._train = Probes(objective.losses, CHART_POINTS)
        self._metric = Probes(self._metric_at, METRIC_POINTS)
        self._since: dict[tuple[int, int], tuple[Points, Points | None]] = {}

    def batch(self, update: int) -> Points:
        """The loss of every batch before its update."""
        thinnings = self.history.past.thinnings
        if self._batches_of != thinnings:
            self._batches, self._batches_of = BlockExtremes(), thinnings
        updates, losses = self.batches(update)
        places = self._batches.thinned(losses)
        return Points(updates[places], losses[places])

    def batches(self, update: int) -> Points:
        """The loss of every batch that is known, after the update before it; not a copy."""
        past = self.history.past
        count = past.until(update - 1)
        return Points(past.updates[:count], past.losses[:count])

    def train(self, update: int) -> Points:
        """The loss on the training set."""
        if self.history.path is None:
            return self.recorded("train loss", update)
        updates, path = self._path(update)
        if self.only_full_batches(update) and not self.objective.penalty:
            before, losses = self.batch(update)
            here = slice(int(np.searchsorted(updates, update)), None)
            return Points(np.append(before, updates[here]), np.append(losses, self.objective.losses(path[here])))
        return self._train.along(updates, path)

    def metric(self, update: int) -> Points:
        """RMSE or accuracy on the training set."""
        if self.history.path is None or self.objective.test is not None:
            return self.recorded("train metric", update)
        return self._metric.along(*self._path(update))

    def since(self, fork: int) -> tuple[Points, Points | None]:
        """The loss on the training set, and the metric if there is one, from an update to the end of the branch."""
        end = self.history.latest
        if (fork, end) not in self._since:
            metric = None if self.objective.metric is None else self.metric(end).since(fork)
            self._since = {(fork, end): (self.train(end).since(fork), metric)}
        return self._since[fork, end]

    def recorded(self, column: str, update: int) -> Points:
        """A column of the measurements."""
        self._extend_records()
        rows = self._records.all
        rows = rows[: int(np.searchsorted(rows[:, 0], update, side="right"))]
        values = rows[:, COLUMNS.index(column)]
        places = self._columns[column].thinned(values)
        return Points(rows[places, 0].astype(np.int64), values[places])

    def only_full_batches(self, update: int) -> bool:
        """Whether every batch until then was the whole training set, so that its loss is that of the set."""
        samples = len(self.objective.train)
        first, *later = (change for change in self.history.changes if change.update <= update)
        used = (change.settings for change in (first, *(change for change in later if change.update < update)))
        return all(Batches(samples, each.batch_size, each.order, 0).full for each in used)

    def _path(self, update: int) -> tuple[Indices, Matrix]:
        past = self.history.past
        count = past.until(update)
        return past.updates[:count], past.path[:count]

    def _extend_records(self) -> None:
        new = self.history.records[len(self._records.all) :]
        if new:
            self._records.append(np.array([_row(record) for record in new], dtype=np.float64))

    def _metric_at(self, points: Matrix) -> Vector:
        objective = self.objective
        found = [objective.evaluate(np.ascontiguousarray(point), objective.train).metric for point in points]
        return np.array(found, dtype=np.float64)


def _row(record: Record) -> tuple[float | None, ...]:
    """The columns of a measurement; what there is not becomes NaN."""
    test = (None, None) if record.test is None else (record.test.loss, record.test.metric)
    return record.update, record.train.loss, record.train.metric, *test
