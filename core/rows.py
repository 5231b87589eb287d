"""Rows of numbers that grow at the end, so that a run can go on for as long as it likes."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Matrix

GROWTH = 1.25


class Rows:
    """Rows of `width` numbers that grow at the end."""

    def __init__(self, width: int) -> None:
        self._room = np.zeros((64, width))
        self._count = 0

    def upto(self, count: int) -> Matrix:
        """The first `count` rows, or all if there are fewer; not a copy."""
        return self._room[: min(count, self._count)]

    @property
    def all(self) -> Matrix:
        """All rows; not a copy."""
        return self._room[: self._count]

    def append(self, rows: Matrix) -> None:
        count = self._count + len(rows)
        if count > len(self._room):
            room = np.zeros((max(count, int(GROWTH * len(self._room))), self._room.shape[1]))
            room[: self._count] = self._room[: self._count]
            self._room = room
        self._room[self._count : count] = rows
        self._count = count

    @property
    def nbytes(self) -> int:
        """The size of all that is held, room to grow included."""
        return self._room.nbytes

    def copy(self, count: int) -> Rows:
        """The first `count` rows, to grow on their own."""
        twin = Rows(self._room.shape[1])
        twin.append(self.upto(count))
        return twin
