"""The stage of a classifier of two inputs: what it answers everywhere, and the training samples."""

from __future__ import annotations

import numpy as np

from nnsim.core.answers import NONE
from nnsim.core.arrays import Matrix
from nnsim.core.objective import Objective
from nnsim.core.probabilities import probabilities
from nnsim.tui.parts import classes
from nnsim.tui.parts.spread import evenly, spread
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import RegionStage

# Columns and rows of the grid, the first that a network of this size answers fast enough.
GRIDS = ((65, 49), (41, 31), (25, 19))
MOST_NUMBERS = 1 << 22
MOST_POINTS = 200
MARGIN = 0.2


def regions(scene: Scene) -> RegionStage:
    """The answers over the range of the inputs; samples are thinned evenly, in their order."""
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
    train, inputs = objective.train, experiment.inputs
    columns, rows = _grid(objective)
    xs, ys = (np.linspace(*spread(train.inputs[:, axis], MARGIN), count) for axis, count in enumerate((columns, rows)))
    everywhere: Matrix = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    outputs = objective.outputs(run.parameters, everywhere)
    said = classes.chosen(objective, objective.outputs(run.parameters, train.inputs))
    leanings = classes.leanings(objective, probabilities(objective, outputs))
    shown = evenly(len(train), MOST_POINTS)
    low, high = classes.ends(objective)
    accuracy = classes.accuracy(objective, run.parameters, train)
    assert accuracy is not None
    return RegionStage(
        names=(inputs[0], inputs[1]) if len(inputs) == 2 else ("x1", "x2"),
        xs=xs,
        ys=ys,
        scores=classes.scores(objective, outputs).reshape(-1, rows, columns),
        sureness=leanings.reshape(rows, columns) if len(leanings) == 1 else None,
        classes=classes.class_names(experiment),
        low=low,
        high=high,
        points=train.inputs[shown],
        labels=classes.labels(objective, train.targets[shown]),
        answers=said[shown],
        accuracy=accuracy,
        wrong=int(np.count_nonzero((said != NONE) & (said != classes.labels(objective, train.targets)))),
        ties=int(np.count_nonzero(said == NONE)),
        test_accuracy=classes.accuracy(objective, run.parameters, objective.test),
    )


def _grid(objective: Objective) -> tuple[int, int]:
    return next(((x, y) for x, y in GRIDS if x * y * objective.size <= MOST_NUMBERS), GRIDS[-1])
