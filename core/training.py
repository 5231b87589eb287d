"""A run: parameters that move update by update, one at a time or thousands in a single kernel call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector, aligned
from nnsim.core.batches import Batches, Order, Place, Plan
from nnsim.core.clipping import Clipping, clip
from nnsim.core.epoch_mean import EpochMean
from nnsim.core.loop import LARGEST, advance
from nnsim.core.objective import Objective
from nnsim.core.optimizers import Optimizer
from nnsim.core.schedules import Plateau, PlateauState, Schedule
from nnsim.core.undefined import failure

PATH_PARAMETERS = 16
CHUNK_UPDATES = 4096
CHUNK_SAMPLES = 1 << 18
CHUNK_WORK = 1 << 28  # samples x parameters: about a tenth of a second, so that Ctrl+C is heard
RUNAWAY = 1e9
NO_CLIPPING = Clipping()


@dataclass(frozen=True)
class Settings:
    """What may change between two updates of a run. Without a schedule the learning rate is the optimizer's own."""

    optimizer: Optimizer
    batch_size: int
    order: Order = "shuffled"
    schedule: Schedule | None = None
    clipping: Clipping = NO_CLIPPING


@dataclass(frozen=True)
class Stop:
    """Why a run cannot go on: the update that failed, counted from 1, the parameter to blame, and the reason.

    It has `diverged`, or it is `undefined` where it came to: there an operation of the formula on finite numbers, such
    as log(-3.5), has no result, or the loss no slope.
    """

    update: int
    parameter: str
    reason: str
    kind: Literal["diverged", "undefined"] = "diverged"

    @property
    def sentence(self) -> str:
        """What happened, without a full stop."""
        became = "diverged" if self.kind == "diverged" else "became undefined"
        return f"the run {became} at update {self.update}: {self.reason}"


class Watch(NamedTuple):
    """What a schedule that waits for a plateau has seen: its state, and the mean loss since its last look."""

    state: PlateauState
    mean: EpochMean = EpochMean()


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next update depends on; restoring it brings a run back bit for bit."""

    update: int
    place: Place
    step: int
    last_loss: float
    watch: Watch | None
    settings: Settings
    parameters: Vector
    state: Matrix


class Progress(NamedTuple):
    """What happened in some updates: the loss of each batch before its update, with the penalty; where the objective
    has an accuracy, that of each batch before its update, shape (updates, 1), else (updates, 0); the learning rate of
    each update; and, for up to 16 parameters, the parameters after each update, shape (updates, size)."""

    losses: Vector
    accuracies: Matrix
    rates: Vector
    path: Matrix


class Run:
    """Training that goes forward. `timeline.Timeline` makes it go back.

    `update` counts optimizer steps, `place` epochs and samples. `previous` has the parameters before the last
    update, `gradient` the gradient it used, after penalty and clipping, `unclipped_norm` the norm that this had before
    clipping (0 where there is none), `learning_rate` the rate it used, and `last_accuracy` the share of right answers
    in its batch before it, NaN before the first update or without an accuracy. A run stops (see `stopped`) before the
    first update whose loss or gradient is not finite, or whose loss is higher than at the update before and exceeds
    1e9 times the larger of 1 and the first loss, or after the first update that makes a parameter not finite or leads
    to where a formula is undefined.
    """

    def __init__(self, objective: Objective, settings: Settings, start: Vector, seed: int = 0) -> None:
        if start.shape != (objective.size,):
            raise ValueError(f"start has the shape {start.shape}: it takes {objective.size} numbers")
        self.objective = objective
        self.seed = seed
        self.update = 0
        self.place = Place(0, 0)
        self.parameters = aligned(objective.size)
        self.parameters[:] = start
        self.previous = self.parameters.copy()
        self.gradient = aligned(objective.size)
        self._next_gradient = aligned(objective.size)
        self._norm = np.zeros(1)
        self.last_accuracy = math.nan
        self.stopped: Stop | None = None
        self._cancel = np.zeros(1, dtype=np.uint8)
        self.check(settings)
        self.change(settings)
        first = objective.evaluate(self.parameters, objective.train).loss + objective.penalty_at(self.parameters)[0]
        limit = RUNAWAY * max(first, 1.0)
        self._limit = limit if limit <= LARGEST else LARGEST

    def check(self, settings: Settings) -> None:
        """Raise ValueError for a batch size outside 1..samples."""
        samples = len(self.objective.train)
        if not 1 <= settings.batch_size <= samples:
            raise ValueError(f"batch_size is {settings.batch_size}: it takes a whole number from 1 to {samples}")

    def change(self, settings: Settings) -> None:
        """Go on with other settings from the next update; another kind of optimizer starts with fresh state."""
        samples = len(self.objective.train)
        old = getattr(self, "settings", None)
        self.settings = settings
        if old != settings:
            self.last_loss = LARGEST  # whether the loss runs away is judged anew
        if old is None or old.optimizer.kernel is not settings.optimizer.kernel:
            self.step = 0
            self.state = aligned(len(settings.optimizer.slots), self.objective.size)
        if old is None or old.batch_size != settings.batch_size:
            self._space = self.objective.workspace(settings.batch_size)
        self.batches = Batches(samples, settings.batch_size, settings.order, self.seed)
        self._hyperparameters = settings.optimizer.vector
        self._limits = settings.clipping.vector
        schedule = settings.schedule
        if old is None or old.schedule != schedule:
            self.watch = Watch(schedule.start()) if isinstance(schedule, Plateau) else None
        if old is None:
            self.learning_rate = self.next_rate

    def rates(self, updates: int) -> Vector:
        """The learning rates of the next updates, shape (updates,), as far as they are known now."""
        schedule, base = self.settings.schedule, self.settings.optimizer.learning_rate
        if schedule is None:
            return np.full(updates, base)
        if isinstance(schedule, Plateau):
            assert self.watch is not None
            return np.full(updates, schedule.rate(base, self.watch.state))
        steps = self.update + np.arange(updates)
        return schedule.rates(base, steps if schedule.unit == "update" else self.batches.epochs(self.place, updates))

    @property
    def next_rate(self) -> float:
        """The learning rate of the next update."""
        return float(self.rates(1)[0])

    def next_batch(self) -> Indices:
        """The training samples that the next update will use."""
        return self.batches.plan(self.place, 1).order

    def proposal(self, gradient: Vector) -> Vector:
        """Where the next update would lead with this gradient of loss and penalty; shape (size,). Nothing moves."""
        parameters, state, clipped = self.parameters.copy(), self.state.copy(), gradient.copy()
        if self._limits.size:
            clip(clipped, self._limits)
        hyperparameters = np.concatenate([self.rates(1), self._hyperparameters[1:]])
        self.settings.optimizer.kernel(parameters, clipped, state, hyperparameters, float(self.step + 1))
        return parameters

    def checkpoint(self) -> Checkpoint:
        """A copy of the present state."""
        return Checkpoint(
            update=self.update,
            place=self.place,
            step=self.step,
            last_loss=self.last_loss,
            watch=self.watch,
            settings=self.settings,
            parameters=self.parameters.copy(),
            state=self.state.copy(),
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of this run."""
        self.change(checkpoint.settings)
        self.last_loss, self.last_accuracy, self.watch = checkpoint.last_loss, math.nan, checkpoint.watch
        self.update, self.place, self.step = checkpoint.update, checkpoint.place, checkpoint.step
        self.parameters[:] = checkpoint.parameters
        self.previous[:] = checkpoint.parameters
        self.gradient[:] = 0.0
        self._norm[:] = 0.0
        self.state = aligned(*checkpoint.state.shape)
        self.state[:] = checkpoint.state
        self.learning_rate = self.next_rate
        self.stopped = None

    def cancel(self) -> None:
        """End a running `advance` (in another thread) after the update it is at, and any later one at once."""
        self._cancel[0] = 1

    @property
    def unclipped_norm(self) -> float:
        return float(self._norm[0])

    def advance(self, updates: int) -> Progress:
        """Make up to `updates` updates; fewer if the run stops or is cancelled."""
        target = self.update + updates
        parts = []
        while self.update < target and self.stopped is None and not self._cancel[0]:
            parts.append(self._advance_chunk(min(self.chunk, target - self.update, self._until_next_look)))
        if parts and self.stopped is None:
            self.stopped = self.without_number()
        if len(parts) == 1:
            return parts[0]
        parts.append(Progress(np.zeros(0), self._room_for_accuracies(0), np.zeros(0), self._room_for_path(0)))
        return Progress(*map(np.concatenate, zip(*parts, strict=True)))

    @property
    def chunk(self) -> int:
        """The updates that go through the kernel in one call: about a tenth of a second."""
        batch = self.settings.batch_size
        return max(1, min(CHUNK_UPDATES, CHUNK_SAMPLES // batch, CHUNK_WORK // (batch * self.objective.size)))

    def advance_epoch(self) -> Progress:
        """Go on to the end of the current epoch."""
        return self.advance(self.batches.left(self.place))

    @property
    def _until_next_look(self) -> int:
        """The updates for which the learning rates are known: a schedule that waits for a plateau has to look."""
        schedule = self.settings.schedule
        if not isinstance(schedule, Plateau):
            return CHUNK_UPDATES
        return 1 if schedule.unit == "update" else self.batches.left(self.place)

    def _look(self, batch_losses: Vector, sizes: Indices) -> None:
        """Show the batch losses of an epoch, or of an update, to a schedule that waits for a plateau."""
        schedule, watch = self.settings.schedule, self.watch
        if not isinstance(schedule, Plateau) or watch is None:
            return
        mean = watch.mean.after(batch_losses, sizes)
        ended = schedule.unit == "update" or self.place.sample == 0
        self.watch = Watch(schedule.after(watch.state, mean.value)) if ended else Watch(watch.state, mean)

    def _room_for_accuracies(self, updates: int) -> Matrix:
        return np.zeros((updates, 1 if self.objective.metric == "accuracy" else 0))

    def _room_for_path(self, updates: int) -> Matrix:
        size = self.objective.size
        return np.zeros((updates if size <= PATH_PARAMETERS else 0, size))

    def _advance_chunk(self, updates: int) -> Progress:
        plan, rates = self.batches.plan(self.place, updates), self.rates(updates)
        batch_losses, path = np.zeros(updates), self._room_for_path(updates)
        accuracies = self._room_for_accuracies(updates)
        done = self._call_kernel(plan, rates, batch_losses, accuracies.reshape(-1), path)
        self.update += done
        self.step += done
        self.place = self.batches.after(self.place, done)
        if done:
            self.last_loss = float(batch_losses[done - 1])
            self.last_accuracy = float(accuracies[done - 1, 0]) if accuracies.size else math.nan
            self.learning_rate = float(rates[done - 1])
            self._look(batch_losses[:done], np.diff(plan.starts)[:done])
        if done < updates or not np.isfinite(self.parameters).all():
            self.stopped = self._reason(batch_losses, done)
        return Progress(batch_losses[:done], accuracies[:done], rates[:done], path[:done])

    def _call_kernel(self, plan: Plan, rates: Vector, batch_losses: Vector, accuracies: Vector, path: Matrix) -> int:
        objective, space = self.objective, self._space
        return advance(
            objective.forward.compiled,
            objective.loss.compiled,
            objective.backward.compiled,
            self.settings.optimizer.kernel.compiled,
            self.parameters,
            space.table,
            objective.constants,
            objective.loss_settings,
            objective.train.inputs,
            objective.train.targets,
            plan.order,
            plan.starts,
            space.inputs,
            space.targets,
            space.work,
            space.outputs,
            space.delta,
            self._next_gradient,
            self.gradient,
            self.previous,
            self.state,
            self._hyperparameters,
            rates,
            objective.weights,
            objective.penalty.vector,
            self._limits,
            self._norm,
            self.step,
            self._limit,
            self.last_loss,
            batch_losses,
            accuracies,
            int(objective.one_of_many),
            path,
            self._cancel,
        )

    def _reason(self, batch_losses: Vector, done: int) -> Stop | None:
        """What went wrong in or before the update that ended a chunk early, or None if it was only cancelled."""
        names, bad = self.objective.names, ~np.isfinite(self.parameters)
        if bad.any():
            worst = int(bad.argmax())
            return Stop(self.update, names[worst], f"{names[worst]} became {self.parameters[worst]}")
        if (undefined := self.without_number()) is not None:
            return undefined
        loss = batch_losses[done]
        gradient, surface = self._next_gradient, self.objective.surface
        worst = int(np.abs(gradient).argmax())
        if not np.isfinite(gradient).all():
            worst = int((~np.isfinite(gradient)).argmax())
            if surface is not None and surface.is_formula and abs(loss) <= self._limit:
                return Stop(self.update + 1, names[worst], f"the loss has no slope along {names[worst]}", "undefined")
            reason = f"the gradient of {names[worst]} became {gradient[worst]}"
        elif not math.isfinite(loss):
            reason = f"the loss became {loss}"
        elif loss > max(self._limit, self.last_loss):
            reason = f"the loss ran away to {loss:.3g}"
        else:
            return None
        return Stop(self.update + 1, names[worst], reason)

    def without_number(self) -> Stop | None:
        """Why there can be no update from here, where that is because a formula has no number here."""
        lost = None if self.objective.surface is None else failure(self.objective.surface, self.parameters)
        if lost is None or not lost.undefined:
            return None
        slopes = np.abs(self.objective.loss_and_gradient(self.parameters)[1])
        worst = self.objective.names[int(np.nan_to_num(slopes, nan=math.inf).argmax())]
        return Stop(self.update + 1, worst, f"{lost.operation} is {lost.verdict}", "undefined")
