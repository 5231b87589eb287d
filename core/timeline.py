"""A run that goes back: keyframes every so often, and replay from the nearest one, bit for bit.

Every update depends only on the checkpoint before it and on the settings in force, so replaying gives the same
bits. Only keyframes are stored; what lies between them is computed again. A change in the past forks: the run goes on
differently, and the future as it was is kept as a branch.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from nnsim.core import rounding
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.clock import Clock
from nnsim.core.history import Change, History, Record, next_measured
from nnsim.core.objective import Objective
from nnsim.core.outline import Outline
from nnsim.core.training import Checkpoint, Progress, Run, Settings, Stop

__all__ = ["MOST_BRANCHES", "Change", "History", "Record", "Timeline"]

TRAIL = 200
MOST_BRANCHES = 8
BRANCH_BYTES = 256 << 20


class Timeline:
    """A `Run` with a past: `update` is where it stands now, `latest` how far it has ever come.

    Going forward over known ground replays it, changes of settings included. A change of settings in the past forks:
    `branches` has the histories that were left last, and `switch` goes back to one of them.
    """

    def __init__(self, objective: Objective, settings: Settings, start: Vector, seed: int = 0) -> None:
        self.run = Run(objective, settings, start, seed)
        self._left: list[History] = []
        self._history = History.beginning(self.run.checkpoint(), objective.metric == "accuracy")
        self._trail: Matrix = self._history.past.path.copy()
        self._batch_loss = np.nan
        self._history.add_record(self.measure())

    @property
    def objective(self) -> Objective:
        return self.run.objective

    @property
    def update(self) -> int:
        return self.run.update

    @property
    def latest(self) -> int:
        """How far the run has come on this branch."""
        return self._history.latest

    @property
    def history(self) -> History:
        """This branch as far as it has come, whatever the update at which the run stands; to be read only."""
        return self._history

    @property
    def branches(self) -> list[History]:
        """The histories that were left and go on differently from some update, the oldest first."""
        return [branch for branch in self._left if self.fork(branch) < branch.latest]

    @property
    def changes(self) -> list[Change]:
        """The settings of the start, and every change of them, in order."""
        return self._history.changes

    @property
    def stopped(self) -> Stop | None:
        """Why the run cannot go on from here, or None if it can, or has not been seen to fail."""
        return self._history.stopped if self.update == self.latest else None

    @property
    def ended(self) -> Stop | None:
        """Why the run cannot go on from `latest`, wherever it stands now."""
        return self._history.stopped

    @property
    def updates(self) -> Indices:
        """The updates that are known one by one, from 0 up to here: all of them, but for some of very long runs, which
        leave out every now and then what has no low and no high (see `past.Past`). After going back into such a past
        the last of them may lie before the present update, where `trail` never ends. Shape (known,)."""
        past = self._history.past
        return past.updates[: past.until(self.update)]

    @property
    def losses(self) -> Vector:
        """The loss of the batch that came after each of `updates`, so far; shape (known before the present one,)."""
        past = self._history.past
        return past.losses[: past.until(self.update - 1)]

    @property
    def accuracies(self) -> Matrix:
        """The share of right answers in each of the same batches, before its update; shape (known before the present
        one, 1), or (..., 0) where the objective has no accuracy."""
        past = self._history.past
        return past.accuracies[: past.until(self.update - 1)]

    @property
    def batch_loss(self) -> float:
        """The loss of the batch of the last update, before that update; NaN before the first."""
        return self._batch_loss

    @property
    def rates(self) -> Matrix:
        """The learning rates so far, as rows (update, rate), where each holds from its update on, counted from 1."""
        past = self._history.past
        rates = past.rates[: past.until(self.update - 1)]
        new = np.flatnonzero(np.diff(rates, prepend=np.nan))
        return np.column_stack([past.updates[new] + 1, rates[new]])

    @property
    def path(self) -> Matrix | None:
        """The parameters after each of `updates`, shape (known, size), up to 16 parameters."""
        path = self._history.path
        return None if path is None else path[: len(self.updates)]

    @property
    def trail(self) -> Matrix | None:
        """The parameters after each of the last 200 updates and before them, the present ones last; up to 16
        parameters. It is whole at any update of any run."""
        return None if self._history.path is None else self._trail

    def moved(self, before: Vector, after: Vector) -> NDArray[np.bool_]:
        """Which parameters went further than rounding does, between two points of this run; shape (size,)."""
        return rounding.moved(before, after, self.tolerance)

    @property
    def tolerance(self) -> float:
        """How far a parameter of this run can go by rounding alone, from where it stands."""
        run = self.run
        steps = np.array([run.learning_rate, run.next_rate]) * rounding.gradient_terms(self.objective)
        return rounding.tolerance(self._history.keyframes[0].parameters, run.parameters, steps)

    @property
    def keyframes(self) -> list[Checkpoint]:
        """The checkpoints that are kept of the past so far, that of the start first."""
        return self._history.keyframes_until(self.update)

    def outline(self) -> Outline:
        """The parameters from the start to here, in at most 65 moments."""
        return self._history.outline(self.update)

    @property
    def records(self) -> list[Record]:
        """The measurements so far: at the start, and, for objectives with a test set or without a path, after
        every epoch, or in long runs every few (see `history.next_measured`)."""
        return self._history.records_until(self.update)

    @property
    def clock(self) -> Clock:
        """Samples, epochs and seconds at every update up to the present one."""
        return self._history.clock_until(self.update, len(self.objective.train))

    def epoch_of(self, update: int) -> int:
        """How many epochs were complete after an update between 0 and the present one."""
        return int(self.clock.samples_at(np.array([update]))[0]) // len(self.objective.train)

    def start_of_epoch(self, epoch: int) -> int:
        """The first update at which so many epochs were complete, or the present update if none yet was."""
        clock, samples = self.clock, epoch * len(self.objective.train)
        return bisect_left(range(self.update), samples, key=lambda update: int(clock.samples_at(np.array([update]))[0]))

    @property
    def settings_used(self) -> Settings:
        """The settings of the last update; before the first one, those in force now."""
        return self._history.settings_at(self.update - 1) if self.update else self.run.settings

    @property
    def measures_epochs(self) -> bool:
        return self._history.path is None or self.objective.test is not None

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
        if not self._history.keyframe_before(update).update < self.update <= update:
            self._replay(update)
        self.advance(update - self.update)

    def change(self, settings: Settings) -> None:
        """Go on with other settings from the next update. A future that was known becomes a branch.

        Raises ValueError when the settings do not fit (see `Run.check`); nothing has changed then.
        """
        self.run.check(settings)
        now = self.update
        if self.latest > now:
            self._keep_branch()
            self._history = self._history.before(now, self.run.parameters)
        if self.changes[-1].update >= now:
            # A second change at the same update replaces the first, whose fresh optimizer state must not stay.
            self.changes[:] = [change for change in self.changes if change.update < now]
            self._replay(now)
        self._history.stopped = self.run.stopped = self.run.without_number()
        self.run.change(settings)
        if not self.changes or self.changes[-1].settings != settings:
            self.changes.append(Change(now, settings))

    def switch(self, branch: History) -> None:
        """Go to where a branch leaves this one, and on from there as the branch did; this one becomes a branch.

        Raises ValueError when the branch is not one of `branches`.
        """
        if not any(branch is each for each in self._left):
            raise ValueError("this branch is not kept any more")
        fork = self.fork(branch)
        self._left = [each for each in self._left if each is not branch]
        self._keep_branch()
        self._history = branch
        self._replay(fork)

    def add_branch(self, branch: History) -> None:
        """Keep the history of a run that had the same start and seed as one of the `branches`."""
        self._left.append(branch)

    def fork(self, branch: History) -> int:
        """The last update that a branch and this one have in common."""
        pairs = zip_longest(branch.changes, self.changes)
        different = next(([each for each in pair if each] for pair in pairs if pair[0] != pair[1]), [])
        return min([branch.latest, self.latest, *(change.update for change in different)])

    def cancel(self) -> None:
        """End a running `advance` or `seek` (in another thread) soon. The timeline is of no use afterwards."""
        self.run.cancel()

    def _keep_branch(self) -> None:
        self._left = [*self.branches, self._history][-MOST_BRANCHES:]
        while len(self._left) > 1 and sum(branch.nbytes for branch in self._left) > BRANCH_BYTES:
            self._left.pop(0)

    def _replay(self, update: int) -> None:
        """Make the updates that lead to `update` again, from a keyframe on, those of the trail among them."""
        trail = TRAIL if self._history.path is not None else 0
        self.run.restore(self._history.keyframe_before(max(update - trail, 0)))
        self._trail, self._batch_loss = self.run.parameters[None, : self._trail.shape[1]].copy(), np.nan
        self._apply_change()
        self.advance(update - self.update)

    @property
    def _ends_measured_epoch(self) -> bool:
        place = self.run.place
        return place.sample == 0 and next_measured(place.epoch - 1) == place.epoch

    def _boundary(self) -> int:
        """The next update at which something has to be done: a keyframe, a change, the end of a measured epoch."""
        update, spacing = self.update, self._history.spacing_at(self.update)
        if update < self.latest:
            change = self._history.next_change(update)
            return min(self.latest, self.latest if change is None else change)
        boundary = update - update % spacing + spacing
        if self.measures_epochs:
            run, measured = self.run, next_measured(self.run.place.epoch)
            whole_epochs = measured - run.place.epoch - 1
            return min(boundary, update + run.batches.left(run.place) + whole_epochs * run.batches.per_epoch)
        return boundary

    def _advance_towards(self, target: int) -> bool:
        """Go forward to `target` or to the next boundary before it; return whether that led anywhere."""
        begin = self.update
        known = begin < self.latest
        started = time.perf_counter()
        progress = self.run.advance(min(target, self._boundary()) - begin)
        seconds = time.perf_counter() - started
        self._leave_behind(progress)
        if known:
            self._apply_change()
        else:
            self._history.add(progress, self.update, self.run.stopped, seconds)
            if self.measures_epochs and len(progress.losses) and self._ends_measured_epoch:
                self._history.add_record(self.measure())
            if self.update % self._history.spacing_at(self.update) == 0:
                self._history.add_keyframe(self.run.checkpoint())
        return self.update > begin

    def _leave_behind(self, progress: Progress) -> None:
        """Take note of the updates that were made just now, whether they were known or not."""
        if len(progress.losses):
            self._batch_loss = float(progress.losses[-1])
            if self._trail.shape[1]:
                self._trail = np.concatenate([self._trail[-TRAIL - 1 :], progress.path])[-TRAIL - 1 :]

    def _apply_change(self) -> None:
        """Put the settings that were in force at this update in force again."""
        if self.changes and self._history.settings_at(self.update) != self.run.settings:
            self.run.change(self._history.settings_at(self.update))
