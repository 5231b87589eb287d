"""A long past in few moments: where every parameter lay between them at the lowest and at the highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.training import Checkpoint

MOMENTS = 64


class Outline(NamedTuple):
    """What is left of a past: at most 65 moments.

    `updates` (moments,) is ascending. `lows` and `highs` have, for each moment, the least and the greatest value of
    every parameter, shape (size,), since the moment before; where only the values at the moment itself are known,
    these. None of the arrays is a copy that has to be made anew for every moment of a run; none is ever changed.
    """

    updates: Indices
    lows: Sequence[Vector]
    highs: Sequence[Vector]


def of_keyframes(keyframes: Sequence[Checkpoint], update: int, spacing: int) -> Outline:
    """The keyframes up to an update, `spacing` updates apart, or 2, 4, 8, ... times that where it were too many."""
    stride = spacing
    while update > MOMENTS * stride:
        stride *= 2
    kept = [frame for frame in keyframes if frame.update % stride == 0]
    values = tuple(frame.parameters for frame in kept)
    return Outline(np.array([frame.update for frame in kept], dtype=np.int64), values, values)


class Extremes:
    """The extremes of a path that grows: those of every 1, 2, 4, ... of its points, of each length only the first 64.
    So the outline of any part of it, from the start on, is there, and takes next to no room however long it becomes."""

    def __init__(self, levels: list[_Level], count: int) -> None:
        self._levels, self._count = levels, count

    @classmethod
    def beginning(cls, start: Vector) -> Extremes:
        """Those of a path that has not left its start."""
        extremes = cls([_Level(1, len(start))], 0)
        extremes.add(start[None])
        return extremes

    def add(self, points: Matrix) -> None:
        """Take in the points that came next."""
        while len(points):
            level = self._levels[-1]
            room = level.block * MOMENTS - self._count
            if not room:
                self._levels.append(level.of_pairs())
                continue
            level.take_in(points[:room], self._count)
            self._count += len(points[:room])
            points = points[room:]

    def outline(self, count: int, updates: Indices, path: Matrix) -> Outline:
        """The first `count` points of the path, in blocks of equal length but for the last.

        `path` has those of them that are still known, after `updates`: of a last block that went on they are all."""
        level = self._levels[self._place(count)]
        block, whole = level.block, count // level.block
        ends = np.arange(1, whole + 1) * block - 1
        lows, highs = tuple(level.lows[:whole]), tuple(level.highs[:whole])
        if whole * block == count:
            return Outline(ends, lows, highs)
        if count == self._count:
            low, high = level.lows[whole].copy(), level.highs[whole].copy()
        else:
            rest = path[min(int(np.searchsorted(updates, whole * block)), len(path) - 1) :]
            low, high = rest.min(axis=0), rest.max(axis=0)
        return Outline(np.append(ends, count - 1), (*lows, low), (*highs, high))

    def copy(self, count: int, updates: Indices, path: Matrix) -> Extremes:
        """Those of the first `count` points, to grow on their own; `updates` and `path` as in `outline`."""
        place = self._place(count)
        last = _Level(self._levels[place].block, path.shape[1])
        _, lows, highs = self.outline(count, updates, path)
        last.lows[: len(lows)], last.highs[: len(highs)] = lows, highs
        return Extremes([*self._levels[:place], last], count)

    def _place(self, count: int) -> int:
        """The level for an outline of so many points."""
        return next(place for place, level in enumerate(self._levels) if count <= level.block * MOMENTS)

    @property
    def nbytes(self) -> int:
        """The size of all that is held."""
        return sum(level.lows.nbytes + level.highs.nbytes for level in self._levels)


class _Level:
    """The extremes of the first 64 blocks of one length, shape (64, size); of those that have not begun, inf."""

    def __init__(self, block: int, size: int) -> None:
        self.block = block
        self.lows, self.highs = np.full((MOMENTS, size), np.inf), np.full((MOMENTS, size), -np.inf)

    def of_pairs(self) -> _Level:
        """The blocks of twice the length, as far as they are known from these."""
        twice = _Level(2 * self.block, self.lows.shape[1])
        half = MOMENTS // 2
        twice.lows[:half] = np.minimum(self.lows[::2], self.lows[1::2])
        twice.highs[:half] = np.maximum(self.highs[::2], self.highs[1::2])
        return twice

    def take_in(self, points: Matrix, count: int) -> None:
        """Add points that come after `count` others."""
        begin = count // self.block
        starts = np.maximum(np.arange(begin * self.block, count + len(points), self.block) - count, 0)
        here, rows = slice(begin, begin + len(starts)), np.ascontiguousarray(points.T)
        self.lows[here] = np.minimum(self.lows[here], np.minimum.reduceat(rows, starts, axis=1).T)
        self.highs[here] = np.maximum(self.highs[here], np.maximum.reduceat(rows, starts, axis=1).T)
