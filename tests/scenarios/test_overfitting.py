"""Where the test loss of the overfitting scenario is at its lowest, with a penalty and with more points."""

from typing import NamedTuple

import numpy as np
import pytest

from nnsim.core.training import Run
from nnsim.scenarios.experiment import build
from nnsim.scenarios.reader import find, read

DRAWS = 10


class Course(NamedTuple):
    """The epoch of the lowest test loss, that loss, and by how many times the last one is higher."""

    epoch: float
    lowest: float
    growth: float


def course(draw: int, settings: dict[str, float]) -> Course:
    """What comes of one draw. The test loss is measured every 10 epochs up to 500, and every 50 from there."""
    settings = {"data.test": 2000, "data.draw": draw, **settings}
    experiment = build(read(find("overfitting"), settings), "overfitting")
    run, test = Run(experiment.objective, experiment.settings, experiment.start(draw), draw), experiment.objective.test
    assert test is not None
    losses = {}
    for epoch in (*range(10, 500, 10), *range(500, experiment.updates + 1, 50)):
        run.advance(epoch - run.update)
        losses[epoch] = experiment.objective.evaluate(run.parameters, test).loss
    lowest = min(losses.values())
    return Course(min(losses, key=losses.__getitem__), lowest, losses[experiment.updates] / lowest)


# Medians over the same ten draws from other starts, hence some hundredths. With the largest penalty the test loss is so
# flat at its lowest that the median of its epoch goes from 2400 to 3250 with the starts, and with where one looks.
@pytest.mark.full
@pytest.mark.parametrize(
    ("settings", "epoch", "lowest", "growth"),
    [
        ({"network.l2": 1e-4}, (250, 25), (0.1146, 0.0035), (1.57, 0.08)),
        ({"network.l2": 1e-3}, (410, 40), (0.1149, 0.0035), (1.23, 0.04)),
        ({"network.l2": 1e-2}, (2650, 700), (0.1275, 0.0035), (1.02, 0.01)),
        ({"data.train": 200, "run.updates": 3000}, (760, 100), (0.0921, 0.0010), (1.06, 0.015)),
    ],
    ids=["L2 0.0001", "L2 0.001", "L2 0.01", "200 points"],
)
def test_the_test_loss_is_at_its_lowest_as_early_and_as_low_as_elsewhere(
    settings: dict[str, float], epoch: tuple[float, float], lowest: tuple[float, float], growth: tuple[float, float]
) -> None:
    got = Course(*np.median([course(draw, settings) for draw in range(DRAWS)], axis=0))
    for value, (stated, error) in zip(got, (epoch, lowest, growth), strict=True):
        assert value == pytest.approx(stated, abs=error)
