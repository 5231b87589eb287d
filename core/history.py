"""What a run has been through, so that it can be gone back to: keyframes, losses, path, measurements, changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.objective import Evaluation
from nnsim.core.training import Checkpoint, Progress, Settings, Stop

KEYFRAME_UPDATES = 640
KEYFRAME_BYTES = 32 << 20
KEYFRAME_OVERHEAD = 512
GROWTH = 1.25


class Change(NamedTuple):
    """Settings that are in force from `update` on."""

    update: int
    settings: Settings


@dataclass(frozen=True)
class Record:
    """The loss and metric on the training and test sets, measured after `update` updates and `epoch` epochs."""

    update: int
    epoch: int
    train: Evaluation
    test: Evaluation | None


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


@dataclass
class History:
    """One line of a run's past, from its start to `latest`.

    The keyframes are checkpoints, `spacing` updates apart; what lies between them is computed again when it is
    wanted. `losses` has the loss of each batch before its update, `path` the parameters after each update, for up to
    16 of them. `rates` has a row (update, learning rate) for the first update, counted from 1, and for every one at
    which the learning rate is not that of the update before.
    """

    changes: list[Change]
    keyframes: list[Checkpoint]
    spacing: int
    losses: Rows
    rates: Rows
    path: Rows | None
    records: list[Record] = field(default_factory=list)
    latest: int = 0
    stopped: Stop | None = None

    @classmethod
    def beginning(cls, start: Checkpoint, path: Rows | None) -> History:
        """The history of a run that has not moved yet."""
        if path is not None:
            path.append(start.parameters[None])
        return cls([Change(0, start.settings)], [start], KEYFRAME_UPDATES, Rows(1), Rows(2), path)

    def before(self, update: int) -> History:
        """The same past up to `update`, to go on differently from there."""
        return History(
            changes=[change for change in self.changes if change.update <= update],
            keyframes=[frame for frame in self.keyframes if frame.update <= update],
            spacing=self.spacing,
            losses=self.losses.copy(update),
            rates=self.rates.copy(self.rates_until(update)),
            path=None if self.path is None else self.path.copy(update + 1),
            records=self.records_until(update),
            latest=update,
        )

    def keyframe_before(self, update: int) -> Checkpoint:
        """The last keyframe before `update`: at least one update is replayed from it, so that the run's `previous`
        and `gradient` also come out as they were."""
        index = bisect_left(self.keyframes, update, key=lambda frame: frame.update)
        return self.keyframes[max(0, index - 1)]

    def records_until(self, update: int) -> list[Record]:
        """The measurements up to an update."""
        return self.records[: bisect_right(self.records, update, key=lambda record: record.update)]

    def rates_until(self, update: int) -> int:
        """How many rows of `rates` an update and those before it have."""
        return int(np.searchsorted(self.rates.all[:, 0], update, side="right"))

    def settings_at(self, update: int) -> Settings:
        """The settings in force at an update, for the one that follows it."""
        return self.changes[bisect_right(self.changes, update, key=lambda change: change.update) - 1].settings

    def next_change(self, update: int) -> int | None:
        """The first update after this one at which settings change."""
        later = bisect_right(self.changes, update, key=lambda change: change.update)
        return self.changes[later].update if later < len(self.changes) else None

    def add(self, progress: Progress, update: int, stopped: Stop | None) -> None:
        """Append the updates that led to `update`."""
        self.losses.append(progress.losses[:, None])
        self._add_rates(progress.rates)
        if self.path is not None:
            self.path.append(progress.path)
        self.latest, self.stopped = update, stopped

    @property
    def nbytes(self) -> int:
        """The size of what grows with the run, but for the keyframes, which branches share."""
        return sum(rows.nbytes for rows in (self.losses, self.rates, self.path) if rows is not None)

    def _add_rates(self, rates: Vector) -> None:
        last = self.rates.all[-1:, 1]
        new = np.flatnonzero(np.diff(rates, prepend=last if len(last) else np.nan))
        self.rates.append(np.column_stack([self.latest + 1 + new, rates[new]]))

    def add_keyframe(self, frame: Checkpoint) -> None:
        """Keep a checkpoint; when they grow too many, keep every other one and space them out twice as far."""
        if self.keyframes[-1].update < frame.update:
            self.keyframes.append(frame)
        size = KEYFRAME_OVERHEAD + frame.parameters.nbytes + frame.state.nbytes
        if len(self.keyframes) * size > KEYFRAME_BYTES:
            self.spacing *= 2
            self.keyframes = [frame for frame in self.keyframes if frame.update % self.spacing == 0]
