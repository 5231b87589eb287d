"""A run that goes back: keyframes every so often, and replay from the nearest one, bit for bit.

Every update depends only on the checkpoint before it and on the settings in force, so replaying gives the same
bits. Only keyframes are stored; what lies between them is computed again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.batches import Batches, Place
from nnsim.core.objective import Evaluation, Objective
from nnsim.core.training import PATH_PARAMETERS, Checkpoint, Progress, Run, Settings, Stop

KEYFRAME_UPDATES = 500
KEYFRAME_BYTES = 32 << 20


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


class Timeline:
    """A `Run` with a past: `update` is where it stands now, `latest` how far it has ever come.

    Going forward over known ground replays it, changes of settings included. A change of settings in the past
    drops the future that no longer follows from it.
    """

    def __init__(self, objective: Objective, settings: Settings, start: Vector, seed: int = 0) -> None:
        self.run = Run(objective, settings, start, seed)
        self.latest = 0
        self.changes = [Change(0, settings)]
        self._stopped: Stop | None = None
        self._spacing = KEYFRAME_UPDATES
        self._keyframes = [self.run.checkpoint()]
        self._losses = _Rows(1)
        self._path = _Rows(objective.size) if objective.size <= PATH_PARAMETERS else None
        if self._path is not None:
            self._path.append(self.run.parameters[None])
        self._records: list[Record] = []
        self._records.append(self.measure())

    @property
    def objective(self) -> Objective:
        return self.run.objective

    @property
    def update(self) -> int:
        return self.run.update

    @property
    def stopped(self) -> Stop | None:
        """Why the run cannot go on from here, or None if it can, or has not been seen to fail."""
        return self._stopped if self.update == self.latest else None

    @property
    def losses(self) -> Vector:
        """The loss of the batch of every update so far, before that update; shape (update,)."""
        return self._losses.rows[: self.update, 0]

    @property
    def path(self) -> Matrix | None:
        """The parameters after every update from the start on, shape (update + 1, size), up to 16 parameters."""
        return None if self._path is None else self._path.rows[: self.update + 1]

    @property
    def records(self) -> list[Record]:
        """The measurements so far: at the start, and, for objectives with a test set or without a path, after
        every epoch."""
        return self._records[: bisect_right(self._records, self.update, key=lambda record: record.update)]

    def epoch_of(self, update: int) -> int:
        """How many epochs were complete after an update between 0 and the present one."""
        changes = [change for change in self.changes if change.update <= update]
        place, batches = Place(0, 0), self.run.batches
        for change, following in zip(changes, [*changes[1:], Change(update, changes[-1].settings)], strict=True):
            batches = Batches(batches.samples, change.settings.batch_size, change.settings.order, batches.seed)
            place = batches.after(place, following.update - change.update)
        return place.epoch

    def start_of_epoch(self, epoch: int) -> int:
        """The first update at which so many epochs were complete, or the present update if none yet was."""
        return bisect_left(range(self.update), epoch, key=self.epoch_of)

    @property
    def settings_used(self) -> Settings:
        """The settings of the last update; before the first one, those in force now."""
        used = [change.settings for change in self.changes if change.update < self.update]
        return used[-1] if used else self.run.settings

    @property
    def measures_epochs(self) -> bool:
        return self._path is None or self.objective.test is not None

    def measure(self) -> Record:
        """The loss and metric on the training and test sets, here and now."""
        objective, run = self.objective, self.run
        test = objective.evaluate(run.parameters, objective.test) if objective.test else None
        return Record(run.update, run.place.epoch, objective.evaluate(run.parameters, objective.train), test)

    def advance(self, updates: int) -> int:
        """Go forward by up to `updates` updates, less if the run stops or is cancelled; return how many it was."""
        begin = self.update
        while self.update < begin + updates and self._advance_towards(begin + updates):
            pass
        return self.update - begin

    def advance_epoch(self) -> int:
        """Go forward to the end of the current epoch; return the number of updates."""
        begin, run = self.update, self.run
        epoch = run.place.epoch
        while run.place.epoch == epoch and self._advance_towards(self.update + run.batches.left(run.place)):
            pass
        return self.update - begin

    def seek(self, update: int) -> None:
        """Go to any update from 0 to `latest`, as it was. Raises ValueError outside that range."""
        if not 0 <= update <= self.latest:
            raise ValueError(f"update {update}: it can be 0 to {self.latest}")
        nearest = self._keyframe_before(update)
        if not nearest.update < self.update <= update:
            self.run.restore(nearest)
            self._apply_change()
        self.advance(update - self.update)

    def change(self, settings: Settings) -> None:
        """Go on with other settings from the next update. A future that was known is dropped.

        Raises ValueError when the settings do not fit (see `Run.check`); nothing has changed then.
        """
        self.run.check(settings)
        now = self.update
        if self.changes[-1].update >= now:
            # A second change at the same update replaces the first, whose fresh optimizer state must not stay.
            self.changes = [change for change in self.changes if change.update < now]
            self.run.restore(self._keyframe_before(now))
            self._apply_change()
            self.advance(now - self.update)
        self._forget_future()
        self.run.change(settings)
        self.changes.append(Change(now, settings))

    def cancel(self) -> None:
        """End a running `advance` or `seek` (in another thread) soon. The timeline is of no use afterwards."""
        self.run.cancel()

    def _keyframe_before(self, update: int) -> Checkpoint:
        """The last keyframe before `update`: at least one update is replayed from it, so that the run's `previous`
        and `gradient` also come out as they were."""
        index = bisect_left(self._keyframes, update, key=lambda frame: frame.update)
        return self._keyframes[max(0, index - 1)]

    def _boundary(self) -> int:
        """The next update at which something has to be done: a keyframe, a change, the end of an epoch."""
        update = self.update
        boundary = update - update % self._spacing + self._spacing
        if update < self.latest:
            boundary = min(boundary, self.latest)
            later = bisect_right(self.changes, update, key=lambda change: change.update)
            if later < len(self.changes):
                boundary = min(boundary, self.changes[later].update)
        elif self.measures_epochs:
            boundary = min(boundary, update + self.run.batches.left(self.run.place))
        return boundary

    def _advance_towards(self, target: int) -> bool:
        """Go forward to `target` or to the next boundary before it; return whether that led anywhere."""
        begin = self.update
        known = begin < self.latest
        progress = self.run.advance(min(target, self._boundary()) - begin)
        if known:
            self._apply_change()
        else:
            self._record(progress)
        return self.update > begin

    def _record(self, progress: Progress) -> None:
        """Keep what new ground has brought."""
        self._losses.append(progress.losses[:, None])
        if self._path is not None:
            self._path.append(progress.path)
        self.latest = self.update
        self._stopped = self.run.stopped
        if self.measures_epochs and self.run.place.sample == 0 and len(progress.losses):
            self._records.append(self.measure())
        if self.update % self._spacing == 0:
            self._add_keyframe()

    def _apply_change(self) -> None:
        """Put the settings that were in force at this update in force again."""
        last = bisect_right(self.changes, self.update, key=lambda change: change.update) - 1
        if last >= 0 and self.changes[last].settings != self.run.settings:
            self.run.change(self.changes[last].settings)

    def _add_keyframe(self) -> None:
        """Keep a checkpoint; when they grow too many, keep every other one and space them out twice as far."""
        if self._keyframes[-1].update < self.update:
            self._keyframes.append(self.run.checkpoint())
        if len(self._keyframes) * self._bytes_per_keyframe() > KEYFRAME_BYTES:
            self._spacing *= 2
            self._keyframes = [frame for frame in self._keyframes if frame.update % self._spacing == 0]

    def _bytes_per_keyframe(self) -> int:
        return 512 + self.run.parameters.nbytes + self.run.state.nbytes

    def _forget_future(self) -> None:
        now = self.update
        self.latest = now
        self._stopped = self.run.stopped = None
        self._losses.truncate(now)
        if self._path is not None:
            self._path.truncate(now + 1)
        self._records = self.records
        self._keyframes = [frame for frame in self._keyframes if frame.update <= now]


class _Rows:
    """Rows of `width` numbers that grow at the end."""

    def __init__(self, width: int) -> None:
        self._room = np.zeros((64, width))
        self._count = 0

    @property
    def rows(self) -> Matrix:
        return self._room[: self._count]

    def append(self, rows: Matrix) -> None:
        count = self._count + len(rows)
        if count > len(self._room):
            room = np.zeros((max(count, 2 * len(self._room)), self._room.shape[1]))
            room[: self._count] = self.rows
            self._room = room
        self._room[self._count : count] = rows
        self._count = count

    def truncate(self, count: int) -> None:
        self._count = min(self._count, count)
