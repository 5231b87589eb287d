"""The stage of a network in numbers: its estimates against the truth, or its outputs beside the targets."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.core.losses import binary_cross_entropy, cross_entropy
from nnsim.core.objective import Objective
from nnsim.tui.parts.landscape import minima
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import AnswerStage, EstimateStage

ANSWERS = 12


def estimates(scene: Scene) -> EstimateStage:
    """A regression network of one output: one sample in full, and all estimates against the truth."""
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
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


def answers(scene: Scene) -> AnswerStage:
    """The outputs for some samples, or the point of a surface of three or more parameters."""
    objective, run = scene.timeline.objective, scene.timeline.run
    if objective.surface is not None:
        here = np.atleast_2d(run.parameters)
        return AnswerStage("the point", here, _nearest_minimum(objective, here), None, objective.names)
    shown, set_name = (objective.test, "test") if objective.test else (objective.train, "training")
    outputs = probabilities(objective, objective.outputs(run.parameters, shown.inputs[:ANSWERS]))
    accuracy = objective.evaluate(run.parameters, shown).metric if objective.metric == "accuracy" else None
    return AnswerStage(set_name, outputs, shown.targets[:ANSWERS], accuracy)


def probabilities(objective: Objective, outputs: Matrix) -> Matrix:
    """The outputs (samples, n_out) as the probabilities that the loss takes them for; other outputs as they are."""
    if objective.loss is cross_entropy:
        powers: Matrix = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return shares
    if objective.loss is binary_cross_entropy:
        squashed: Matrix = 1.0 / (1.0 + np.exp(-np.clip(outputs, -700, 700)))
        return squashed
    return outputs


def _nearest_minimum(objective: Objective, points: Matrix) -> Matrix:
    """The known minimum nearest to the one point, NaN where none is known."""
    known = minima(objective)
    if not known:
        return np.full_like(points, np.nan)
    positions = np.array([minimum.position for minimum in known])
    nearest: Matrix = positions[np.linalg.norm(positions - points, axis=1).argmin()][None]
    return nearest
