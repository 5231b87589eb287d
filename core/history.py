"""What a run has been through, so that it can be gone back to: keyframes, losses, path, times and so on."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.clock import Clock, clock
from nnsim.core.objective import Evaluation
from nnsim.core.outline import Extremes, Outline, of_keyframes
from nnsim.core.past import Past
from nnsim.core.rows import Rows
from nnsim.core.training import PATH_PARAMETERS, Checkpoint, Progress, Settings, Stop

KEYFRAME_UPDATES = 10
KEYFRAMES = 128
FARTHEST = 640
KEYFRAME_BYTES = 32 << 20
KEYFRAME_OVERHEAD = 512
MEASURED_EPOCHS = 256
TIMES = 512
"""Two times of a run are kept when they lie apart by this part of the updates before them."""


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


def next_measured(epoch: int) -> int:
    """The first epoch after `epoch` whose end is measured: every epoch up to 256, every second one up to 512, every
    fourth up to 1024, and so on. So a run of any length has at most 128 measurements for every doubling, never more
    than 1/128 of its length apart, and where an epoch is a single update the measuring does not outweigh the training.
    """
    spacing = 1 << max(0, epoch.bit_length() - MEASURED_EPOCHS.bit_length() + 1)
    return epoch - epoch % spacing + spacing


@dataclass
class History:
    """One line of a run's past, from its start to `latest`.

    The keyframes are checkpoints; what lies between them is computed again when it is wanted. At the start they are 10
    updates apart, twice as far whenever the run is 128 times as long as they are apart, and from there on 640; never
    closer than `spacing`, which doubles when they take too much room. How far apart they are at an update follows from
    the update alone, so that going back finds what was there before, as long as there is room for all.

    `past` has a row for every update, or for some of them when they take too much room: the loss of each batch, its
    learning rate, and for up to 16 parameters their path, whose `extremes` are kept apart. `times` has rows
    (update, seconds of training until then): a row, once it is there, never changes, and they lie the farther apart the
    longer the run, so that a million updates leave a few thousand. `bests` has every measurement whose test loss was
    lower than all before it. So a run that goes on for ever takes no more room than `PAST_BYTES`, `KEYFRAME_BYTES` and
    a few numbers for each time that its length doubles.
    """

    changes: list[Change]
    keyframes: list[Checkpoint]
    spacing: int
    past: Past
    extremes: Extremes | None
    times: Rows
    records: list[Record] = field(default_factory=list)
    bests: list[Record] = field(default_factory=list)
    latest: int = 0
    seconds: float = 0.0
    stopped: Stop | None = None

    @classmethod
    def beginning(cls, start: Checkpoint, with_accuracies: bool = False) -> History:
        """The history of a run that has not moved yet, and whose batches have accuracies or have none."""
        few = start.parameters.size <= PATH_PARAMETERS
        past = Past(start.parameters if few else np.zeros(0), with_accuracies)
        extremes = Extremes.beginning(start.parameters) if few else None
        times = Rows(2)
        times.append(np.zeros((1, 2)))
        return cls([Change(0, start.settings)], [start], KEYFRAME_UPDATES, past, extremes, times)

    @property
    def path(self) -> Matrix | None:
        """The parameters after the updates of `past`, for up to 16 of them, else None."""
        return None if self.extremes is None else self.past.path

    def spacing_at(self, update: int) -> int:
        """How far the next keyframe after an update may be."""
        spacing = KEYFRAME_UPDATES
        while spacing < FARTHEST and update >= KEYFRAMES * spacing:
            spacing *= 2
        return max(spacing, self.spacing)

    def before(self, update: int, parameters: Vector) -> History:
        """The same past up to `update`, where the run has these parameters, to go on differently from there."""
        past = self.past.copy(update, parameters)
        times = self.times.copy(self.times_until(update))
        return History(
            changes=[change for change in self.changes if change.update <= update],
            keyframes=self.keyframes_until(update),
            spacing=self.spacing,
            past=past,
            extremes=None if self.extremes is None else self.extremes.copy(update + 1, past.updates, past.path),
            times=times,
            records=self.records_until(update),
            bests=_until(self.bests, update),
            latest=update,
            seconds=float(clock(1, [(0, 1)], times.all).seconds_at(np.array([update]))[0]),
        )

    def keyframe_before(self, update: int) -> Checkpoint:
        """The last keyframe before `update`: at least one update is replayed from it, so that the run's `previous`
        and `gradient` also come out as they were."""
        index = bisect_left(self.keyframes, update, key=lambda frame: frame.update)
        return self.keyframes[max(0, index - 1)]

    def keyframes_until(self, update: int) -> list[Checkpoint]:
        """The keyframes up to an update, the start first."""
        return self.keyframes[: bisect_right(self.keyframes, update, key=lambda frame: frame.update)]

    def records_until(self, update: int) -> list[Record]:
        """The measurements up to an update."""
        return _until(self.records, update)

    def best_until(self, update: int) -> Record | None:
        """The measurement with the lowest test loss up to an update, the first of several; None without a test set."""
        last = bisect_right(self.bests, update, key=lambda record: record.update)
        return self.bests[last - 1] if last else None

    def times_until(self, update: int) -> int:
        """How many rows of `times` an update and those before it have."""
        return int(np.searchsorted(self.times.all[:, 0], update, side="right"))

    def clock_until(self, update: int, samples: int) -> Clock:
        """How to count the way up to an update, in a run with so many samples in an epoch."""
        sizes = [(change.update, change.settings.batch_size) for change in self.changes if change.update <= update]
        return clock(samples, sizes, self.times.upto(self.times_until(update)))

    def settings_at(self, update: int) -> Settings:
        """The settings in force at an update, for the one that follows it."""
        return self.changes[bisect_right(self.changes, update, key=lambda change: change.update) - 1].settings

    def next_change(self, update: int) -> int | None:
        """The first update after this one at which settings change."""
        later = bisect_right(self.changes, update, key=lambda change: change.update)
        return self.changes[later].update if later < len(self.changes) else None

    def outline(self, update: int) -> Outline:
        """The parameters from the start to an update in few moments: from the path, or, without one, the keyframes."""
        if self.extremes is None:
            return of_keyframes(self.keyframes_until(update), update, KEYFRAME_UPDATES)
        known = self.past.until(update)
        return self.extremes.outline(update + 1, self.past.updates[:known], self.past.path[:known])

    def add(self, progress: Progress, update: int, stopped: Stop | None, seconds: float) -> None:
        """Append the updates that led to `update`, and took so many seconds."""
        self.past.append(*progress)
        if self.extremes is not None:
            self.extremes.add(progress.path)
        self.latest, self.stopped = update, stopped
        self.seconds += seconds
        last = int(self.times.all[-1, 0])
        if update - last > last // TIMES:
            self.times.append(np.array([[update, self.seconds]]))

    def add_record(self, record: Record) -> None:
        """Append a measurement."""
        self.records.append(record)
        if record.test is not None:
            lowest = self.bests[-1].test if self.bests else None
            if record.test.loss < (math.inf if lowest is None else lowest.loss):
                self.bests.append(record)

    @property
    def nbytes(self) -> int:
        """The size of what grows with the run, but for the keyframes, which branches share."""
        extremes = 0 if self.extremes is None else self.extremes.nbytes
        return self.past.nbytes + extremes + self.times.nbytes

    @property
    def keyframes_nbytes(self) -> int:
        """The size of all keyframes: they are of one size but where the optimizer was changed."""
        last = self.keyframes[-1]
        return len(self.keyframes) * (KEYFRAME_OVERHEAD + last.parameters.nbytes + last.state.nbytes)

    def add_keyframe(self, frame: Checkpoint) -> None:
        """Keep a checkpoint; when they take too much room, keep every other one of those that lie closest."""
        if self.keyframes[-1].update < frame.update:
            self.keyframes.append(frame)
        while len(self.keyframes) > 1 and self.keyframes_nbytes > KEYFRAME_BYTES:
            self.spacing *= 2
            self.keyframes = [frame for frame in self.keyframes if frame.update % self.spacing == 0]


def _until(records: list[Record], update: int) -> list[Record]:
    return records[: bisect_right(records, update, key=lambda record: record.update)]
