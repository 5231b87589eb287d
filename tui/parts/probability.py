"""The stage of a classifier of one input: how sure it is of each class, over the input."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.probabilities import probabilities
from nnsim.tui.parts import classes
from nnsim.tui.parts.spread import spread
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import ProbabilityStage

CURVE_POINTS = 257
BINS = 16
MARGIN = 0.03


def probability(scene: Scene) -> ProbabilityStage:
    """The answers over the range of the inputs, and the mean targets of the training samples, bin by bin."""
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
    train = objective.train
    xs = np.linspace(*spread(train.inputs[:, 0], MARGIN), CURVE_POINTS)
    answers = probabilities(objective, objective.outputs(run.parameters, xs[:, None]))
    centres, shares = _binned(train.inputs[:, 0], classes.leanings(objective, train.targets))
    low, high = classes.ends(objective)
    accuracy = classes.accuracy(objective, run.parameters, train)
    assert accuracy is not None
    return ProbabilityStage(
        name=experiment.inputs[0] if experiment.inputs else "input",
        xs=xs,
        curves=classes.leanings(objective, answers),
        classes=classes.class_names(experiment),
        low=low,
        high=high,
        centres=centres,
        shares=shares,
        samples=len(train),
        accuracy=accuracy,
        test_accuracy=classes.accuracy(objective, run.parameters, objective.test),
    )


def _binned(inputs: Vector, targets: Matrix) -> tuple[Vector, Matrix]:
    """The middles (m,) of the bins that hold samples, and the mean targets (k, m) in each. Where there are few
    different inputs each has a bin of its own."""
    values, places = np.unique(inputs, return_inverse=True)
    if len(values) > BINS:
        low, high = values[0], values[-1]
        places = np.minimum(((inputs - low) / (high - low) * BINS).astype(np.intp), BINS - 1)
        values = low + (np.arange(BINS) + 0.5) * (high - low) / BINS
    counts = np.bincount(places, minlength=len(values))
    held = counts > 0
    sums = np.array([np.bincount(places, row, minlength=len(values)) for row in targets])
    return values[held], sums[:, held] / counts[held]
