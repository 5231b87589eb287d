"""What is happening, in words: about this very update, with its numbers.

The events are read off the run itself, so the same words appear whenever the same thing happens, going back
included. A scenario's `narration` says what its author wants said about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.curvature import critical_rate, sharpness
from nnsim.core.optimizers import SGD
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import measure
from nnsim.scenarios.schema import Event, Remark
from nnsim.scenarios.wording import number

SETTLED = 1e-4  # of the way from the start: closer than this to a minimum counts as there
SAME = 1e-9


class Story(NamedTuple):
    """What to tell about the present moment: some lines, what to try next, and whether something went wrong."""

    event: Event
    lines: tuple[str, ...]
    hint: str
    alarm: bool


def tell(experiment: Experiment, timeline: Timeline) -> Story:
    """The story of the update that led to where the run stands now."""
    moment = Moment(experiment, timeline)
    event = moment.event
    remark = _remark(experiment, event)
    numbers = moment.numbers
    text = remark.text.format(**numbers) if remark and remark.text else None
    if event == "start":
        lines = [text or moment.opening, moment.seed]
    elif event == "runaway":
        lines = [moment.failure, text or ""]
    else:
        lines = [text or moment.movement, moment.outcome]
    hint = remark.hint.format(**numbers) if remark and remark.hint else ""
    return Story(event, tuple(line for line in lines if line), hint, alarm=event == "runaway")


def _remark(experiment: Experiment, event: Event) -> Remark | None:
    """The scenario's remark on an event; the hint of "approaching" serves where an event has none of its own."""
    remarks = {remark.when: remark for remark in experiment.scenario.narration}
    remark, usual = remarks.get(event), remarks.get("approaching")
    if remark is None and usual is not None and event not in ("start", "runaway"):
        return Remark(when=event, hint=usual.hint)
    return remark


@dataclass(frozen=True, eq=False)
class Moment:
    """The last update of a run: what moved, from where to where, and what that did to the loss."""

    experiment: Experiment
    timeline: Timeline

    @cached_property
    def before(self) -> Vector:
        return self.timeline.run.previous

    @cached_property
    def after(self) -> Vector:
        return self.timeline.run.parameters

    @cached_property
    def mover(self) -> int:
        """The parameter that moved most, or, before the first update, the one with the steepest slope."""
        steps = np.abs(self.after - self.before)
        if not steps.any():
            steps = np.abs(self.slopes)
        return int(np.nan_to_num(steps, nan=np.inf).argmax())

    @cached_property
    def slopes(self) -> Vector:
        """The gradient that the last update used; before the first one, the gradient of the whole training set."""
        if self.timeline.update == 0:
            return self.timeline.objective.loss_and_gradient(self.after)[1]
        return self.timeline.run.gradient

    @cached_property
    def noisy(self) -> bool:
        """Whether updates see only a part of the training set."""
        return not self.timeline.run.batches.full

    @cached_property
    def losses(self) -> tuple[float, float]:
        """The loss on the whole training set before and after the update, for surfaces."""
        before, after = self.timeline.objective.losses(np.array([self.before, self.after]))
        return float(before), float(after)

    @cached_property
    def minimum(self) -> tuple[str, float] | None:
        """The known minimum in whose valley the run stands: its label, and the mover's value there."""
        surface = self.timeline.objective.surface
        if surface is None:
            return None
        label, position = surface.minima[self.valley(self.after)]
        return label, position[self.mover]

    def valley(self, point: Vector) -> int:
        """The index of the minimum to which the steepest way down leads, for a surface of one parameter with
        several minima: the tops between them part the valleys."""
        return int(np.searchsorted(self.experiment.tops, point[0])) if self.experiment.tops else 0

    @cached_property
    def event(self) -> Event:
        timeline = self.timeline
        if timeline.stopped is not None or not np.isfinite(self.after).all():
            return "runaway"
        if timeline.update == 0:
            return "start"
        if timeline.objective.surface is not None:
            return self._surface_event()
        return "epoch" if timeline.run.place.sample == 0 else "approaching"

    def _surface_event(self) -> Event:
        assert self.minimum is not None
        assert self.timeline.path is not None
        path, mover, best = self.timeline.path, self.mover, self.minimum[1]
        scale = max(abs(path[0, mover] - best), SAME)
        step = abs(self.after[mover] - self.before[mover])
        if self.valley(self.before) != self.valley(self.after):
            return "escaped"
        if max(abs(self.after[mover] - best), step) <= SETTLED * scale:
            return "arrived" if self._lowest else "stuck"
        if self.noisy:
            return "approaching"
        if len(path) > 2 and abs(path[-1, mover] - path[-3, mover]) <= SAME * scale:
            return "bounced"
        if self.losses[1] > self.losses[0] * (1.0 + SAME):
            return "rose"
        return "overshot" if (self.before[mover] - best) * (self.after[mover] - best) < 0.0 else "approaching"

    @property
    def _lowest(self) -> bool:
        surface = self.timeline.objective.surface
        assert surface is not None
        losses = self.timeline.objective.losses(np.array([position for _, position in surface.minima]))
        return self.valley(self.after) == int(losses.argmin())

    @property
    def opening(self) -> str:
        return f"The run starts here; the loss is {number(self.loss)}."

    @property
    def seed(self) -> str:
        """A word on the seed, where it is not the scenario's own."""
        seed = self.timeline.run.seed
        if seed == self.experiment.scenario.run.seed:
            return ""
        return f"This is seed {seed}: another order of the samples, and another start where the start is random."

    @property
    def failure(self) -> str:
        stop = self.timeline.stopped
        if stop is None:
            return "The numbers are no longer finite."
        return f"Stopped at update {stop.update}: {stop.reason}; the parameter to blame is {stop.parameter}."

    @property
    def movement(self) -> str:
        """Which parameters moved, how far, and why."""
        optimizer, rate = (
            self.timeline.run.settings.optimizer,
            number(self.timeline.run.settings.optimizer.learning_rate),
        )
        movers = range(len(self.after)) if len(self.after) <= 2 else [self.mover]
        moves = " and ".join(f"{self._name(i)} went from {self._from_to(i)}" for i in movers)
        slopes = " and ".join(number(self.slopes[i]) for i in movers)
        if isinstance(optimizer, SGD) and not optimizer.momentum:
            why = f"minus learning rate {rate} times slope {slopes}"
            step = f" is a step of {number(self.after[0] - self.before[0])}" if len(self.after) == 1 else ""
            return f"{moves}: {why}{step}."
        most = "" if len(self.after) <= 2 else " furthest of all"
        return f"{moves}{most}: {optimizer.label}, learning rate {rate}, slope {slopes}."

    def _from_to(self, i: int) -> str:
        return f"{number(self.before[i])} to {number(self.after[i])}"

    def _name(self, i: int) -> str:
        return self.timeline.objective.names[i]

    @property
    def outcome(self) -> str:
        """What the update did to the loss."""
        timeline = self.timeline
        if timeline.objective.surface is None:
            return f"The loss on this batch of {self._batch_size} was {number(timeline.losses[-1])}."
        before, after = self.losses
        if self.noisy:
            full = timeline.objective.loss_and_gradient(self.before)[1][self.mover]
            said = number(self.slopes[self.mover])
            return f"This batch of {self._batch_size} said {said}, all samples together say {number(full)}."
        verb = "stayed at" if abs(after - before) <= SAME * abs(before) else "fell" if after < before else "rose"
        if verb == "stayed at":
            return f"The loss stayed at {number(after)}."
        return f"The loss {verb} from {number(before)} to {number(after)}."

    @property
    def _batch_size(self) -> int:
        """How many samples the last batch had."""
        batches, place = self.timeline.run.batches, self.timeline.run.place
        rest = batches.samples % batches.size
        return rest if place.sample == 0 and rest else batches.size

    @cached_property
    def loss(self) -> float:
        objective = self.timeline.objective
        if self.timeline.path is not None:
            return float(objective.losses(self.after[None])[0])
        return self.timeline.records[-1].train.loss

    @cached_property
    def numbers(self) -> dict[str, str]:
        """The numbers that a scenario's texts may name, in words; "?" for one that this run does not have."""
        run, mover = self.timeline.run, self.mover
        best = None if self.minimum is None else self.minimum[1]
        numbers: dict[str, float | None] = {
            "before": self.before[mover],
            "after": self.after[mover],
            "step": self.after[mover] - self.before[mover],
            "gradient": self.slopes[mover],
            "loss": self.loss,
            "minimum": best,
            "growth": self._growth(best),
            "learning_rate": run.settings.optimizer.learning_rate,
            "critical_rate": self.critical_rate,
            "update": run.update,
            "epoch": run.place.epoch,
        }
        words = {key: "?" if value is None else number(value) for key, value in numbers.items()}
        words |= {key: "?" if value is None else f"{value:.4g}" for key, value in self._measures().items()}
        valley = "?" if self.minimum is None else self.minimum[0]
        return {**words, "name": self._name(mover), "valley": valley}

    def _growth(self, best: float | None) -> float | None:
        if best is None or self.before[self.mover] == best:
            return None
        return float(abs((self.after[self.mover] - best) / (self.before[self.mover] - best)))

    @cached_property
    def critical_rate(self) -> float | None:
        """The learning rate above which this run diverges here, where the curvature is cheap enough to know."""
        return critical_rate_here(self.timeline)

    def _measures(self) -> dict[str, float | None]:
        """The metrics, of now or of the end of the last epoch, and the baselines, in the scenario's unit."""
        scale, timeline = self.experiment.scale, self.timeline
        record = timeline.records[-1] if timeline.path is None else measure(timeline)
        baselines = {key.replace(" ", "_"): rmse for key, rmse in self.experiment.baselines.items()}
        train = record.train.metric
        test = record.test.metric if record.test else None
        in_units = scale if timeline.objective.metric == "rmse" else 1.0
        return {
            "mean_predictor": baselines.get("mean_predictor"),
            "least_squares": baselines.get("least_squares"),
            "rmse": None if train is None else train * in_units,
            "test_rmse": None if test is None else test * in_units,
        }


def critical_rate_here(timeline: Timeline) -> float | None:
    """The critical learning rate where a run stands, for up to 16 parameters, else None."""
    if timeline.path is None or not np.isfinite(timeline.run.parameters).all():
        return None
    curvature = sharpness(timeline.objective, timeline.run.parameters)
    return critical_rate(curvature, timeline.run.settings.optimizer)
