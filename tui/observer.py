"""From a run to a snapshot: reads everything that the lab shows off a timeline. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.losses import binary_cross_entropy, cross_entropy
from nnsim.core.timeline import History, Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.moment import critical_rate_here
from nnsim.scenarios.narration import tell
from nnsim.scenarios.text import number
from nnsim.tui.chart import chart
from nnsim.tui.snapshot import (
    AnswerStage,
    CurveStage,
    EstimateStage,
    Minimum,
    Narration,
    ParameterTable,
    Snapshot,
    Stage,
    Status,
    SurfaceStage,
)

CURVE_POINTS = 401
GRID_POINTS = 129
TRAIL = 200
ANSWERS = 12
HIGHEST = 1e300


@dataclass
class Observer:
    """Looks at one run. `playing` and `speed` belong to whoever drives it."""

    experiment: Experiment
    timeline: Timeline
    _drawn: dict[tuple[tuple[float, float], ...], tuple[Vector, ...]] = field(default_factory=dict)

    def snapshot(self, playing: bool, speed: float | None) -> Snapshot:
        """What the lab shows now."""
        timeline, run = self.timeline, self.timeline.run
        _, gradient = self.timeline.objective.loss_and_gradient(run.parameters, run.next_batch())
        story = tell(self.experiment, self.timeline)
        return Snapshot(
            status=self._status(playing, speed),
            stage=self._stage(gradient),
            chart=chart(timeline),
            table=self._table(gradient),
            narration=Narration(story.lines, story.hint, story.alarm),
            branches=tuple(self._branch_words(branch) for branch in timeline.branches),
        )

    def _branch_words(self, branch: History) -> str:
        """Where a future was left, how far it had come, and what it was trained with."""
        settings = branch.settings_at(branch.latest)
        optimizer = settings.optimizer
        return (
            f"left at update {self.timeline.fork(branch):,}, came to {branch.latest:,}: {optimizer.label}, "
            f"learning rate {number(optimizer.learning_rate)}"
            + (f", batch {settings.batch_size}" if len(self.timeline.objective.train) > 1 else "")
        )

    def _status(self, playing: bool, speed: float | None) -> Status:
        timeline, run = self.timeline, self.timeline.run
        stop = timeline.stopped
        return Status(
            title=self.experiment.scenario.title,
            epoch=run.place.epoch,
            epochs=self._epochs,
            update=timeline.update,
            latest=timeline.latest,
            batch=run.batches.per_epoch - run.batches.left(run.place) if run.place.sample else 0,
            of_batches=run.batches.per_epoch,
            batch_size=run.settings.batch_size,
            samples=len(timeline.objective.train),
            learning_rate=run.settings.optimizer.learning_rate,
            rate_now=run.next_rate,
            schedule=_schedule(run.settings),
            clipping=run.settings.clipping.label,
            optimizer=run.settings.optimizer.label,
            critical_rate=critical_rate_here(timeline),
            playing=playing,
            speed=speed,
            stopped=None if stop is None else stop.reason,
        )

    @property
    def _epochs(self) -> int:
        length = self.experiment.scenario.run
        return length.epochs or -(-(length.updates or 0) // self.experiment.updates_per_epoch)

    # --- the table ---

    def _table(self, gradient: Vector) -> ParameterTable:
        objective, run = self.timeline.objective, self.timeline.run
        slots = run.settings.optimizer.slots
        return ParameterTable(
            names=objective.names,
            values=run.parameters.copy(),
            gradients=gradient,
            steps=run.parameters - run.previous,
            state=tuple((slot, row.copy()) for slot, row in zip(slots, run.state, strict=True)),
            layers=self._layers,
        )

    @cached_property
    def _layers(self) -> tuple[tuple[str, int, int], ...]:
        objective = self.timeline.objective
        if objective.network is None:
            return (("parameters", 0, objective.size),)
        return tuple(
            (f"W{k}, b{k}", layer.weights, layer.biases + layer.n_out)
            for k, layer in enumerate(objective.network.layers, 1)
        )

    # --- the stage ---

    def _stage(self, gradient: Vector) -> Stage:
        objective = self.timeline.objective
        if objective.surface is not None and objective.size == 1:
            return self._curve(gradient)
        if objective.surface is not None and objective.size == 2:
            return self._surface(gradient)
        if objective.metric == "rmse" and objective.train.targets.shape[1] == 1:
            return self._estimate()
        return self._answers()

    def _curve(self, gradient: Vector) -> CurveStage:
        timeline, objective, run = self.timeline, self.timeline.objective, self.timeline.run
        assert objective.surface is not None
        xs, losses = self._landscape((self._window(0),), CURVE_POINTS)
        trail = self._trail()[:-1]
        _, full = objective.loss_and_gradient(run.parameters)
        return CurveStage(
            name=objective.names[0],
            formula=objective.surface.formula,
            xs=xs,
            losses=losses,
            value=float(run.parameters[0]),
            loss=float(objective.losses(run.parameters[None])[0]),
            slope=float(gradient[0]),
            full_slope=float(full[0]),
            next_value=None if timeline.stopped else float(run.proposal(gradient)[0]),
            trail=trail[:, 0],
            trail_losses=objective.losses(trail),
            minima=self._minima,
            samples=1 if run.batches.full else len(objective.train),
        )

    def _surface(self, gradient: Vector) -> SurfaceStage:
        timeline, objective, run = self.timeline, self.timeline.objective, self.timeline.run
        assert objective.surface is not None
        xs, ys, losses = self._landscape((self._window(0), self._window(1)), GRID_POINTS)
        proposal = run.proposal(gradient)
        return SurfaceStage(
            names=(objective.names[0], objective.names[1]),
            formula=objective.surface.formula,
            xs=xs,
            ys=ys,
            losses=losses,
            point=(float(run.parameters[0]), float(run.parameters[1])),
            loss=float(objective.losses(run.parameters[None])[0]),
            gradient=(float(gradient[0]), float(gradient[1])),
            next_point=None if timeline.stopped else (float(proposal[0]), float(proposal[1])),
            trail=self._trail(),
            minima=self._minima,
        )

    def _trail(self) -> Matrix:
        assert self.timeline.path is not None
        return self.timeline.path[-TRAIL - 1 :].copy()

    def _window(self, axis: int) -> tuple[float, float]:
        """The range shown of a parameter: the scenario's, widened by powers of 1.5 until the trail fits in. It
        follows from the trail alone, so going back shows the same picture again."""
        view = self.experiment.scenario.view
        wanted = (view.x, view.y)[axis]
        values = self._trail()[:, axis]
        values = values[np.isfinite(values)]
        if wanted is None:
            spots = self._spots(axis)
            wanted = [min(spots) - 1.0, max(spots) + 1.0]
        middle, half = sum(wanted) / 2.0, (wanted[1] - wanted[0]) / 2.0
        reach = float(np.abs(values - middle).max(initial=0.0)) / half
        if reach > 1.0:
            half *= min(1.5 ** min(np.ceil(np.log(reach) / np.log(1.5)), 60.0), max(HIGHEST / half, 1.0))
        return middle - half, middle + half

    def _spots(self, axis: int) -> list[float]:
        """What a window must show: the known minima and where the trail begins. Where no minimum is known, as much to
        both sides of the run's start as it lies from 0."""
        assert self.timeline.path is not None
        if not self._minima:
            start = float(np.clip(self.timeline.path[0, axis], -HIGHEST, HIGHEST))
            return [0.0, 2.0 * start]
        return [*(minimum.position[axis] for minimum in self._minima), float(self._trail()[0, axis])]

    def _landscape(self, windows: tuple[tuple[float, float], ...], points: int) -> tuple[Vector, ...]:
        """The axes of a window, each with so many points, and the losses on their grid; the same arrays again while
        the window stays the same, so that the view need not draw the landscape anew."""
        if windows not in self._drawn:
            axes = [np.linspace(low, high, points) for low, high in windows]
            grid = np.stack(np.meshgrid(*axes), axis=-1)
            losses = self.timeline.objective.losses(grid.reshape(-1, len(axes)))
            self._drawn.clear()
            self._drawn[windows] = (*axes, _drawable(losses).reshape(grid.shape[:-1]))
        return self._drawn[windows]

    @cached_property
    def _minima(self) -> tuple[Minimum, ...]:
        objective = self.timeline.objective
        assert objective.surface is not None
        minima = objective.surface.minima
        losses = objective.losses(np.array([position for _, position in minima]).reshape(-1, objective.size))
        return tuple(
            Minimum(label, position, float(loss)) for (label, position), loss in zip(minima, losses, strict=True)
        )

    def _estimate(self) -> EstimateStage:
        experiment, objective, run = self.experiment, self.timeline.objective, self.timeline.run
        sample, scale, shape = experiment.scenario.view.sample, experiment.scale, experiment.picture_shape
        shown, set_name = (objective.test, "test") if objective.test else (objective.train, "training")
        inputs = objective.train.inputs[sample]
        estimates = objective.outputs(run.parameters, shown.inputs)[:, 0] * scale
        truths = shown.targets[:, 0] * scale
        return EstimateStage(
            sample=f"{'picture' if shape else 'sample'} {sample} of the training set",
            picture=None if shape is None else inputs.reshape(shape),
            truth=float(objective.train.targets[sample, 0] * scale),
            estimate=float(objective.outputs(run.parameters, inputs[None])[0, 0] * scale),
            unit=experiment.unit,
            set_name=set_name,
            truths=truths,
            estimates=estimates,
            rmse=float(np.sqrt(np.mean((estimates - truths) ** 2))),
            baselines=tuple(experiment.baselines.items()),
        )

    def _answers(self) -> AnswerStage:
        objective, run = self.timeline.objective, self.timeline.run
        if objective.surface is not None:
            here = np.atleast_2d(run.parameters)
            return AnswerStage("the point", here, self._nearest_minimum(here), None, objective.names)
        shown, set_name = (objective.test, "test") if objective.test else (objective.train, "training")
        outputs = objective.outputs(run.parameters, shown.inputs[:ANSWERS])
        if objective.loss is cross_entropy:
            outputs = _softmax(outputs)
        elif objective.loss is binary_cross_entropy:
            outputs = 1.0 / (1.0 + np.exp(-np.clip(outputs, -700, 700)))
        accuracy = objective.evaluate(run.parameters, shown).metric if objective.metric == "accuracy" else None
        return AnswerStage(set_name, outputs, shown.targets[:ANSWERS], accuracy)

    def _nearest_minimum(self, points: Matrix) -> Matrix:
        """The known minimum nearest to the one point, NaN where none is known."""
        if not self._minima:
            return np.full_like(points, np.nan)
        positions = np.array([minimum.position for minimum in self._minima])
        nearest: Matrix = positions[np.linalg.norm(positions - points, axis=1).argmin()][None]
        return nearest


def _schedule(settings: Settings) -> str:
    """What a schedule does, and what its steps are."""
    schedule = settings.schedule
    return "" if schedule is None else f"{schedule.label} {schedule.unit}s"


def _drawable(losses: Vector) -> Vector:
    """The losses, made finite: where there is none, the ground is as high as anywhere."""
    finite = np.clip(losses[np.isfinite(losses)], -HIGHEST, HIGHEST)
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    drawable: Vector = np.clip(np.nan_to_num(losses, nan=high, posinf=high, neginf=low), low, high)
    return drawable


def _softmax(logits: Matrix) -> Matrix:
    powers: Matrix = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shares
