"""The stage of a network in numbers: its estimates against the truth, or its outputs beside the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.core.objective import Objective
from nnsim.core.probabilities import probabilities
from nnsim.tui.parts.classes import chosen, class_names, labels, tells_classes_apart
from nnsim.tui.parts.landscape import minima
from nnsim.tui.parts.samples import estimated, set_of
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import AnswerStage, EstimateStage

ANSWERS = 12


def estimates(scene: Scene) -> EstimateStage:
    """A regression network of one output: one sample in full, and all estimates against the truth."""
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges has no finite errors
        return _estimates(scene)


def _estimates(scene: Scene) -> EstimateStage:
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
    leaf = estimated(scene)
    scale, pictures = experiment.scale, experiment.pictures
    shown, set_name = (objective.test, "test") if objective.test else (objective.train, "training")
    browsed = set_of(scene, leaf.training)
    inputs, target = browsed.inputs[leaf.sample], browsed.targets[leaf.sample]
    estimates = objective.outputs(run.parameters, shown.inputs)[:, 0] * scale
    truths = shown.targets[:, 0] * scale
    return EstimateStage(
        leaf=leaf,
        picture=None if pictures is None else pictures.of(inputs),
        truth=float(target[0] * scale),
        estimate=float(objective.outputs(run.parameters, inputs[None])[0, 0] * scale),
        unit=experiment.unit,
        set_name=set_name,
        truths=truths,
        estimates=estimates,
        rmse=float(np.sqrt(np.mean((estimates - truths) ** 2))),
        baselines=tuple(experiment.baselines.items()),
    )


def answers(scene: Scene) -> AnswerStage:
    """The outputs for some samples, or the point of a surface of three or more parameters."""
    objective, run = scene.timeline.objective, scene.timeline.run
    if objective.surface is not None:
        here = np.atleast_2d(run.parameters)
        return AnswerStage("the point", here, _nearest_minimum(objective, here), None, 1, objective.names)
    shown, set_name = (objective.test, "test") if objective.test else (objective.train, "training")
    outputs, targets = objective.outputs(run.parameters, shown.inputs[:ANSWERS]), shown.targets[:ANSWERS]
    accuracy = objective.evaluate(run.parameters, shown).metric if objective.metric == "accuracy" else None
    stage = AnswerStage(set_name, probabilities(objective, outputs), targets, accuracy, len(shown))
    if not tells_classes_apart(objective):
        return stage
    right = chosen(objective, outputs) == labels(objective, targets)
    return replace(stage, classes=class_names(scene.experiment)[-targets.shape[1] :], right=right)


def _nearest_minimum(objective: Objective, points: Matrix) -> Matrix:
    """The known minimum nearest to the one point, NaN where none is known."""
    known = minima(objective)
    if not known:
        return np.full_like(points, np.nan)
    positions = np.array([minimum.position for minimum in known])
    with np.errstate(over="ignore"):
        nearest: Matrix = positions[np.linalg.norm(positions - points, axis=1).argmin()][None]
    return nearest
