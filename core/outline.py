"""A long past in few moments: where every parameter lay between them at the lowest and at the highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.rows import Rows
from nnsim.core.training import Checkpoint

Blocks: TypeAlias = NDArray[np.float64]

MOMENTS = 64
SMALLEST_BLOCK = 64


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
    """The extremes of a path that grows: those of every 64, 128, ... of its rows are kept, so that an outline of
    millions of updates, or of the first half of them, costs no more than one of a thousand."""

    def __init__(self, path: Rows) -> None:
        self._path = path
        self._levels: list[_Level] = []

    def outline(self, count: int) -> Outline:
        """The first `count` rows of the path, in blocks of equal length but for the last."""
        block = 1
        while count > MOMENTS * block:
            block *= 2
        rows = self._path.upto(count)
        if block == 1:
            return Outline(np.arange(count), tuple(rows), tuple(rows))
        whole = count // block
        if block < SMALLEST_BLOCK:
            lows, highs = _lows(rows, block), _highs(rows, block)
        else:
            lows, highs = self._of_level(block, whole)
        updates = np.arange(1, whole + 1) * block - 1
        if whole * block < count:
            rest = rows[whole * block :]
            updates = np.append(updates, count - 1)
            lows, highs = np.vstack([lows, rest.min(axis=0)]), np.vstack([highs, rest.max(axis=0)])
        return Outline(updates, tuple(lows), tuple(highs))

    def _of_level(self, block: int, whole: int) -> tuple[Matrix, Matrix]:
        """The extremes of the first blocks of a length, after each level has taken in what is new below it."""
        depth = (block // SMALLEST_BLOCK).bit_length()
        while len(self._levels) < depth:
            self._levels.append(_Level.empty(self._path.all.shape[1]))
        level = self._levels[0]
        level.take_in(self._path.all, self._path.all, SMALLEST_BLOCK)
        for above in self._levels[1:depth]:
            above.take_in(level.lows.all, level.highs.all, 2)
            level = above
        return level.lows.upto(whole), level.highs.upto(whole)


@dataclass(frozen=True)
class _Level:
    """The extremes of blocks of one length."""

    lows: Rows
    highs: Rows

    @classmethod
    def empty(cls, width: int) -> _Level:
        return cls(Rows(width), Rows(width))

    def take_in(self, lows: Matrix, highs: Matrix, block: int) -> None:
        """Add the blocks that have become whole, out of so many rows each."""
        known = len(self.lows.all)
        self.lows.append(_lows(lows[known * block :], block))
        self.highs.append(_highs(highs[known * block :], block))


def _lows(rows: Matrix, block: int) -> Matrix:
    """The least of every whole block of rows, column by column."""
    least: Matrix = _blocks(rows, block).min(axis=2).T
    return least


def _highs(rows: Matrix, block: int) -> Matrix:
    """The greatest of every whole block of rows, column by column."""
    greatest: Matrix = _blocks(rows, block).max(axis=2).T
    return greatest


def _blocks(rows: Matrix, block: int) -> Blocks:
    """The whole blocks of rows, shape (columns, blocks, block): side by side they are gone through 10 times faster."""
    whole, width = len(rows) // block, rows.shape[1]
    return np.ascontiguousarray(rows[: whole * block].T).reshape(width, whole, block)
