"""The stage of a network of one input and one output: its curve through the data."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.objective import Samples
from nnsim.tui.parts.spread import evenly, spread
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import FitStage

CURVE_POINTS = 257
MOST_TRAIN, MOST_TEST = 1000, 250
MARGIN = 0.05


def fit(scene: Scene) -> FitStage:
    """The curve over the range of all inputs, the samples, and those of the next batch. Test samples are thinned along
    the input, so that they stay evenly spread."""
    with np.errstate(over="ignore"):  # a run that diverges has outputs beyond all units
        return _fit(scene)


def _fit(scene: Scene) -> FitStage:
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
    train, test, scale = objective.train, objective.test, experiment.scale
    sets = [train] if test is None else [train, test]
    xs = np.linspace(*spread(np.concatenate([each.inputs[:, 0] for each in sets]), MARGIN), CURVE_POINTS)
    targets = np.concatenate([each.targets[:, 0] for each in sets]) * scale
    batch = run.next_batch()[: 0 if run.batches.full else None]
    rmse, test_rmse = (
        None if samples is None else objective.evaluate(run.parameters, samples).metric for samples in (train, test)
    )
    assert rmse is not None
    return FitStage(
        name=experiment.inputs[0] if experiment.inputs else "input",
        unit=experiment.unit,
        xs=xs,
        outputs=objective.outputs(run.parameters, xs[:, None])[:, 0] * scale,
        train=_thinned(train, MOST_TRAIN, scale),
        test=None if test is None else _thinned(test, MOST_TEST, scale),
        batch=(train.inputs[batch, 0], train.targets[batch, 0] * scale),
        counts=(len(train), 0 if test is None else len(test)),
        low=float(targets.min()),
        high=float(targets.max()),
        rmse=rmse * scale,
        test_rmse=None if test_rmse is None else test_rmse * scale,
    )


def _thinned(samples: Samples, most: int, scale: float) -> tuple[Vector, Vector]:
    """Inputs and targets of at most so many samples."""
    chosen = np.argsort(samples.inputs[:, 0], kind="stable")[evenly(len(samples), most)]
    return samples.inputs[chosen, 0], samples.targets[chosen, 0] * scale
