"""What happened at the last update of a run: which parameter moved, from where to where, and what one calls that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.optimizers import SGD
from nnsim.core.rounding import without_rounding
from nnsim.core.timeline import Record, Timeline
from nnsim.core.training import Settings
from nnsim.core.units import DeadUnits, dead_units
from nnsim.scenarios import symptoms
from nnsim.scenarios.cycles import Cycle, cycle_of
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.remark import Event
from nnsim.scenarios.text import FEW, listed

SETTLED = 1e-4  # of the way from the start: closer than this to a minimum counts as there
FLAT = 1e-2
HIGH = 5e-2  # of the loss at the start, above the nearest minimum
NOTICED = 1e-2  # of the loss of a blind guess: a network that is worse by less is as good
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Moment:
    """The moment after the last update of a run, or its start."""

    experiment: Experiment
    timeline: Timeline

    @cached_property
    def before(self) -> Vector:
        return self.timeline.run.previous

    @cached_property
    def after(self) -> Vector:
        return self.timeline.run.parameters

    @cached_property
    def settings(self) -> Settings:
        """The settings that the last update used, whatever has been changed since."""
        return self.timeline.settings_used

    @cached_property
    def mover(self) -> int:
        """The parameter that moved most, or, where none did, the one with the steepest slope."""
        steps = np.abs(self.after - self.before) if self.moved.any() else np.abs(self.slopes)
        return int(np.nan_to_num(steps, nan=np.inf).argmax())

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Which parameters the update moved, further than rounding does; shape (size,)."""
        return self.timeline.moved(self.before, self.after)

    @cached_property
    def slopes(self) -> Vector:
        """The gradient that the last update used; before the first one, the gradient of the whole training set."""
        if self.timeline.update == 0:
            return self.timeline.objective.loss_and_gradient(self.after)[1]
        return self.timeline.run.gradient

    @cached_property
    def slope(self) -> float:
        """The slope along the mover where the run stands now, for the whole training set."""
        return float(self.timeline.objective.loss_and_gradient(self.after)[1][self.mover])

    @cached_property
    def where(self) -> str | None:
        """The point where the run stands, for few parameters: w1 = 0 and w2 = 0."""
        if len(self.after) > FEW:
            return None
        return listed(self.timeline.objective.names, self.after.tolist())

    @cached_property
    def learning_rate(self) -> float:
        """The learning rate of the last update; before the first one, that of the first."""
        run = self.timeline.run
        return run.learning_rate if run.update else run.next_rate

    @cached_property
    def noisy(self) -> bool:
        """Whether the last update saw only a part of the training set."""
        samples, settings = len(self.timeline.objective.train), self.settings
        return settings.batch_size < samples or (settings.order == "with_replacement" and samples > 1)

    @cached_property
    def plain(self) -> bool:
        """Whether the last update was a step of plain gradient descent on the loss alone."""
        optimizer = self.settings.optimizer
        return isinstance(optimizer, SGD) and not optimizer.momentum and not optimizer.weight_decay

    @cached_property
    def batch_size(self) -> int:
        """How many samples the last batch had; before the first update, how many it will have."""
        samples, size = len(self.timeline.objective.train), self.settings.batch_size
        rest = samples % size
        ended = self.timeline.update > 0 and self.timeline.run.place.sample == 0
        return rest if ended and rest else size

    @cached_property
    def losses(self) -> tuple[float, float]:
        """The loss on the whole training set before and after the update; 0 where it is nothing but rounding, and twice
        the same where nothing moved."""
        objective = self.timeline.objective
        points = (self.before if self.moved.any() else self.after, self.after)
        before, after = objective.losses(np.array(points)).tolist()
        return without_rounding(objective, points[0], before), without_rounding(objective, self.after, after)

    @cached_property
    def minimum(self) -> tuple[str, float] | None:
        """The known minimum by which the run stands: its label, and the mover's value there."""
        if self._nearby is None:
            return None
        label, position = self._minima[self._nearby]
        return label, position[self.mover]

    @property
    def _minima(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        surface = self.timeline.objective.surface
        return () if surface is None else surface.minima

    @cached_property
    def _nearby(self) -> int | None:
        """Which of the known minima the run stands by: that of its valley or, with several parameters, the nearest."""
        if len(self._minima) < 2 or len(self.after) == 1:
            return int(self.valleys(self.after[None])[0]) if self._minima else None
        with np.errstate(over="ignore"):
            away = [np.linalg.norm(self.after - position) for _, position in self._minima]
        return int(np.argmin(away))

    def valleys(self, points: Matrix) -> Indices:
        """For each point, shape (points, size), the index of the minimum in whose valley it lies. The tops between
        the minima of a surface of one parameter part its valleys; other surfaces have one."""
        return np.searchsorted(self.experiment.tops, points[:, 0])

    @cached_property
    def crossed(self) -> int | None:
        """The first update that led into another valley than the one where the run began, or None."""
        if not self.experiment.tops or self.timeline.path is None:
            return None
        valleys = self.valleys(self.timeline.path)
        elsewhere = valleys != valleys[0]
        return int(self.timeline.updates[elsewhere.argmax()]) if elsewhere.any() else None

    @cached_property
    def cycle(self) -> Cycle | None:
        """The cycle that the last updates have gone round."""
        return cycle_of(self.timeline)

    @cached_property
    def event(self) -> Event:
        """What one calls what happened."""
        timeline = self.timeline
        if timeline.stopped is not None and timeline.stopped.kind == "undefined":
            return "undefined"
        if timeline.stopped is not None or not np.isfinite(self.after).all():
            return "runaway"
        if timeline.update == 0:
            return "start"
        if timeline.objective.surface is not None:
            return self._cycle_event or self._surface_event()
        return self._network_event()

    @property
    def _cycle_event(self) -> Event | None:
        if self.cycle is None:
            return None
        return "bounced" if self.cycle.length == 2 and self.plain else "cycled"

    def _network_event(self) -> Event:
        """What a network has come to: at the end of an epoch, or amid one only that neurons have died."""
        timeline = self.timeline
        at_an_end = timeline.run.place.sample == 0
        if at_an_end and timeline.update >= self.experiment.end(timeline.run):
            return "done"
        if self._some_died:
            return "died"
        if self._cycle_event:
            return self._cycle_event
        if not at_an_end:
            return "approaching"
        if symptoms.has_turned(self.best, self.record):
            return "turned"
        if self.stuck:
            return "stuck"
        if not self.seen_whole:
            return "epoch"
        return "rose" if self._rose else "flipped" if self._flipped else "epoch"

    @cached_property
    def dead(self) -> tuple[DeadUnits, ...] | None:
        """How many neurons are dead in each layer where they can die; None where they cannot, or where it takes long to
        tell."""
        known = symptoms.cheap(self.timeline)
        return (dead_units(self.timeline.objective, self.after) or None) if known else None

    @property
    def _some_died(self) -> bool:
        """Whether the last update has left more neurons dead than there were."""
        if self.dead is None:
            return False
        before = dead_units(self.timeline.objective, self.before)
        return sum(layer.dead for layer in self.dead) > sum(layer.dead for layer in before)

    @property
    def classifies(self) -> bool:
        return self.timeline.objective.metric == "accuracy"

    @cached_property
    def outputs(self) -> Matrix | None:
        """What the network gives for every training sample, shape (samples, n_out); None where it takes long."""
        objective = self.timeline.objective
        return objective.outputs(self.after, objective.train.inputs) if symptoms.cheap(self.timeline) else None

    @cached_property
    def stuck(self) -> bool:
        """Whether a network no longer moves though it could do better: a classifier with wrong answers, or what answers
        with numbers and is worse than the best straight line. A penalty has a lowest point of its own."""
        objective = self.timeline.objective
        if not symptoms.cheap(self.timeline) or not symptoms.stands_still(self.timeline):
            return False
        if self.classifies:
            return self.record.train.metric != 1.0
        guess = self.experiment.blind_guess
        worse = guess is not None and self.loss > self.experiment.line_loss + NOTICED * guess.loss
        return worse and not objective.penalty

    @property
    def _rose(self) -> bool:
        return self.losses[1] - self.losses[0] > SAME * abs(self.losses[0])

    @property
    def _flipped(self) -> bool:
        """Whether the slope along the parameter that moved most has another sign here than where the update began."""
        if not self.moved.any():
            return False
        objective = self.timeline.objective
        before, after = (objective.loss_and_gradient(point)[1][self.mover] for point in (self.before, self.after))
        return bool(before * after < 0.0)

    @property
    def seen_whole(self) -> bool:
        """Whether the last update saw all samples, and they are few enough to look at them all again here."""
        return not self.noisy and symptoms.cheap(self.timeline)

    @cached_property
    def record(self) -> Record:
        """The measurements of now, or, amid an epoch of a run that is measured epoch by epoch, the last ones."""
        timeline = self.timeline
        last = timeline.records[-1]
        amid = timeline.measures_epochs and timeline.path is None and timeline.run.place.sample > 0
        return last if amid or last.update == timeline.update else timeline.measure()

    @cached_property
    def best(self) -> Record | None:
        """The measurement with the lowest test loss so far; None without a test set."""
        return self.timeline.history.best_until(self.timeline.update)

    def _surface_event(self) -> Event:
        before, here = self.valleys(np.array([self.before, self.after]))
        if before != here:
            return "escaped"
        if self._settled:
            return "arrived" if self._lowest else "stuck"
        if self.noisy:
            begin = self.valleys(self._path[:1])[0]
            return "noisy" if here == begin else "crossed"
        if self._flat:
            return "flat"
        if self.plain:
            return self._step_event()
        return "flipped" if self._flipped else "climbed" if self._rose else "approaching"

    def _step_event(self) -> Event:
        """What a step of plain gradient descent did, seen from the minimum along the parameter that moved most."""
        rose = self._rose
        if self.minimum is None:
            return "rose" if rose else "approaching"
        if rose:
            return "rose"
        before, after = (point[self.mover] - self.minimum[1] for point in (self.before, self.after))
        return "overshot" if before * after < 0.0 else "approaching"

    @property
    def _path(self) -> Matrix:
        assert self.timeline.path is not None
        return self.timeline.path

    @property
    def _settled(self) -> bool:
        """Whether the run lies still at a known minimum."""
        if self._nearby is None:
            return False
        position = np.array(self._minima[self._nearby][1])
        step = np.abs(self.after - self.before).max()
        away, way = (np.abs(point - position).max() for point in (self.after, self._path[0]))
        return bool(max(away, step) <= SETTLED * max(way, SAME))

    @property
    def _flat(self) -> bool:
        """Whether the slope is next to nothing here, though the loss is far above that of the nearest minimum."""
        if self._nearby is None:
            return False
        objective = self.timeline.objective
        if np.linalg.norm(objective.loss_and_gradient(self.after)[1]) >= FLAT:
            return False
        losses = objective.losses(np.array([self._minima[self._nearby][1], self._path[0], self.after]))
        return bool(losses[2] - losses[0] > HIGH * abs(losses[1] - losses[0]))

    @property
    def _lowest(self) -> bool:
        """Whether no known minimum is lower than the one by which the run stands."""
        losses = self.timeline.objective.losses(np.array([*(position for _, position in self._minima), self._path[0]]))
        lowest = losses[:-1].min()
        return bool(losses[self._nearby] - lowest <= SETTLED * abs(losses[-1] - lowest))

    @cached_property
    def loss(self) -> float:
        """The loss on the whole training set, now, or where that is measured only then, after the last epoch; 0 where
        it is nothing but rounding."""
        if self.timeline.path is not None:
            objective = self.timeline.objective
            return without_rounding(objective, self.after, float(objective.losses(self.after[None])[0]))
        return self.record.train.loss

    @cached_property
    def growth(self) -> float | None:
        """By how much the update multiplied the distance from the minimum, along the parameter that moved most."""
        if self.minimum is None or not self.moved.any() or self.before[self.mover] == self.minimum[1]:
            return None
        before, after = (point[self.mover] - self.minimum[1] for point in (self.before, self.after))
        return float(abs(after / before))
