"""What a run was at each of its updates, in a room that does not grow for ever."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector

PAST_BYTES = 42 << 20
FIRST_ROWS = 64
GROWTH = 1.25


class _Columns(NamedTuple):
    """The rows of a past with room to grow: an array each of what `Past` has under the same name."""

    updates: Indices
    losses: Vector
    accuracies: Matrix
    rates: Vector
    path: Matrix

    def copies(self, rows: int) -> _Columns:
        """The first rows, to be changed on their own."""
        updates, *others = self
        return _Columns(updates[:rows].copy(), *(column[:rows].copy() for column in others))


class Past:
    """A row for every update of a run, from the start on; when they take too much room, for fewer.

    Then the rows in the middle are thinned: of every 4, 8, 16, ... updates those with the lowest and the highest loss
    stay, so that no spike is lost. The first and the last eighth of the rows stand for one update each at any time: the
    run that a scenario is about stays whole, and whoever looks often enough sees every update. Which rows stay follows
    from the run alone, not from how many updates are added at a time.
    """

    def __init__(self, start: Vector, with_accuracies: bool = False) -> None:
        """`start` has the parameters to begin with, none if they are not to be kept."""
        self.thinnings = 0
        """How often rows have been left out, and those after them have moved."""
        self._most = PAST_BYTES // (8 * (3 + with_accuracies + len(start)))
        self._block, self._thinned = 1, 0
        self._count = 1
        losses, rates = np.full((2, FIRST_ROWS), np.nan)
        accuracies, path = np.full((FIRST_ROWS, int(with_accuracies)), np.nan), np.zeros((FIRST_ROWS, len(start)))
        self._columns = _Columns(np.zeros(FIRST_ROWS, np.int64), losses, accuracies, rates, path)
        self.path[0] = start

    @property
    def updates(self) -> Indices:
        """The updates that the rows stand for, ascending, 0 and the latest among them; shape (rows,)."""
        return self._columns.updates[: self._count]

    @property
    def losses(self) -> Vector:
        """The losses of the batches that came after these updates; NaN in the last row. Shape (rows,), not a copy."""
        return self._columns.losses[: self._count]

    @property
    def accuracies(self) -> Matrix:
        """The shares of right answers of these batches, before the updates that came next; NaN in the last row. Shape
        (rows, 1), not a copy, or (rows, 0) where they are not kept."""
        return self._columns.accuracies[: self._count]

    @property
    def rates(self) -> Vector:
        """The learning rates of the updates that came next; NaN in the last row. Shape (rows,), not a copy."""
        return self._columns.rates[: self._count]

    @property
    def path(self) -> Matrix:
        """The parameters after these updates, shape (rows, size), not a copy; where they are not kept, size is 0."""
        return self._columns.path[: self._count]

    @property
    def nbytes(self) -> int:
        """The size of all that is held, room to grow included."""
        return sum(column.nbytes for column in self._columns)

    def until(self, update: int) -> int:
        """How many rows there are for an update and those before it."""
        return int(np.searchsorted(self.updates, update, side="right"))

    def append(self, losses: Vector, accuracies: Matrix, rates: Vector, path: Matrix) -> None:
        """Add the updates that came next: the loss and the accuracy of the batch of each, its learning rate, and where
        it led."""
        begin = 0
        while begin < len(losses):
            if self._count == self._limit:
                self._thin()
            part = slice(begin, begin + self._limit - self._count)
            self._extend(losses[part], accuracies[part], rates[part], path[part])
            begin = part.stop

    def copy(self, update: int, parameters: Vector) -> Past:
        """The rows up to an update, after which the parameters are these, to grow on their own."""
        twin = Past(parameters[: self.path.shape[1]], bool(self.accuracies.shape[1]))
        twin._count = self.until(update - 1) + 1
        if twin._count > self._eighth:
            twin._block, twin._thinned = self._block, min(self._thinned, twin._count - 1)
        twin._columns = self._columns.copies(twin._count)
        twin.updates[-1], twin.losses[-1], twin.accuracies[-1], twin.rates[-1] = update, np.nan, np.nan, np.nan
        twin.path[-1] = parameters[: self.path.shape[1]]
        return twin

    @property
    def _limit(self) -> int:
        """The rows at which some have to go: the last eighth has become two, or the room is full for the first time."""
        return min(self._most, self._thinned + 2 * self._eighth) if self._thinned else self._most

    @property
    def _eighth(self) -> int:
        return self._most // 8

    def _extend(self, losses: Vector, accuracies: Matrix, rates: Vector, path: Matrix) -> None:
        begin, end = self._count, self._count + len(losses)
        if end > len(self._columns[0]):
            self._grow(min(self._most, max(end, int(GROWTH * len(self._columns[0])))))
        self._count = end
        self.updates[begin:] = self.updates[begin - 1] + np.arange(1, len(losses) + 1)
        for column, values in ((self.losses, losses), (self.accuracies, accuracies), (self.rates, rates)):
            column[begin - 1 : -1] = values
            column[-1] = np.nan
        if self.path.shape[1]:
            self.path[begin:] = path

    def _grow(self, rows: int) -> None:
        smaller = self._columns
        self._columns = _Columns(*(np.zeros((rows, *column.shape[1:]), column.dtype) for column in smaller))
        for column, known in zip(self._columns, smaller, strict=True):
            column[: len(known)] = known

    def _thin(self) -> None:
        """Leave out what lies before the last eighth; all that is left in the middle as well when that is too much."""
        begin, end = self._start_of_block(self._thinned or self._eighth), self._count - self._eighth
        kept = self._extremes(begin, end)
        while begin + len(kept) > self._most - 2 * self._eighth:
            self._block *= 2
            begin = self._eighth
            kept = self._extremes(begin, end)
        self._thinned = begin + len(kept)
        updates, losses = self._columns.updates.copy(), self._columns.losses.copy()
        # Of those that there were a picture may still be drawn in another thread.
        self._columns = self._columns._replace(updates=updates, losses=losses)
        for column in self._columns:
            column[begin : self._thinned] = column[kept]
            column[self._thinned : self._thinned + self._eighth] = column[end : self._count].copy()
        self._count = self._thinned + self._eighth
        self.thinnings += 1

    def _start_of_block(self, row: int) -> int:
        """The first row behind the first eighth whose update is in the same block as the one before `row`, so that a
        block which has been thinned already is thinned with what has been added to it."""
        start = int(self.updates[row - 1]) // self._block * self._block
        return max(int(np.searchsorted(self.updates[:row], start)), self._eighth)

    def _extremes(self, begin: int, end: int) -> Indices:
        """The rows from one to another, without it, whose loss is the lowest or the highest of their block; they are
        gone through in pieces of whole blocks, so that it does not take as much room again."""
        found = []
        while begin < end:
            last = self.updates[min(begin + self._eighth, end) - 1]
            stop = min(int(np.searchsorted(self.updates, (last // self._block + 1) * self._block)), end)
            piece = slice(begin, stop)
            found.append(begin + lows_and_highs(self.losses[piece], self.updates[piece] // self._block))
            begin = stop
        return np.concatenate(found)


def lows_and_highs(values: Vector, groups: Indices) -> Indices:
    """The places, ascending, of the first lowest and the first highest value of every group; `groups` ascends."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    lengths = np.diff(starts, append=len(values))
    kept = np.zeros(len(values), dtype=bool)
    for extremes in (np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)):
        places = np.flatnonzero(values == np.repeat(extremes, lengths))
        kept[places[np.diff(groups[places], prepend=-1) > 0]] = True
    return np.flatnonzero(kept)
