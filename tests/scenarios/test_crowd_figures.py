"""Figures of the crowd pictures that no expectation of a scenario can ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnsim.core import gradient_noise
from nnsim.core.batches import Batches
from nnsim.core.curvature import sharpness
from nnsim.core.objective import Samples
from nnsim.core.training import Run
from nnsim.scenarios.experiment import build
from nnsim.scenarios.reader import find, read


# Elsewhere, after 20 epochs, at a noise scale of 8135. States of that noise are rare here: these two, the nearest of
# 280 starts, are picked by it and by nothing else. The cosine of batches of 1 is a mean over pictures most of which say
# next to nothing.
@pytest.mark.parametrize(("rate", "size", "seed", "tolerance"), [(0.01, 8, 441, 0.05), (0.01, 8, 499, 0.05)])
def test_the_noisier_the_batch_the_less_it_points_where_all_pictures_do(
    rate: float, size: int, seed: int, tolerance: float
) -> None:
    experiment = build(read(find("batch-size"), {"optimizer.learning_rate": rate, "batches.size": size}), "batch-size")
    objective, run = experiment.objective, Run(experiment.objective, experiment.settings, experiment.start(seed), seed)
    run.advance(20 * experiment.updates_per_epoch)
    slope = np.linalg.norm(objective.loss_and_gradient(run.parameters)[1])
    assert gradient_noise.spread(objective, run.parameters) / slope**2 == pytest.approx(8135, rel=0.1)
    batches = [Batches(len(objective.train), each, "shuffled", seed) for each in (1, 8, 32, 128, 512)]
    single, *larger = [gradient_noise.measured(objective, run.parameters, each).cosine for each in batches]
    assert single == pytest.approx(-0.03, abs=2 * tolerance)
    assert larger == pytest.approx([0.04, 0.11, 0.20, 0.40], abs=tolerance)


@pytest.mark.parametrize(("rate", "learns"), [(0.03, True), (0.05, False)])
def test_a_linear_neuron_has_the_same_limit_with_standardised_labels(rate: float, learns: bool) -> None:
    """The other two scales, 1 and 1000, are asked for in the scenario."""
    neuron = {"network.sizes": [64, 1], "network.activations": ["linear"], "optimizer.learning_rate": rate}
    experiment = build(read(find("label-scale"), neuron), "label-scale")
    train = experiment.objective.train
    mean, deviation = train.targets.mean(), train.targets.std()
    standardised = Samples(train.inputs, (train.targets - mean) / deviation)
    objective = replace(experiment.objective, train=standardised, test=None)
    assert sharpness(objective, experiment.start(0)) == pytest.approx(52.84, abs=0.005)
    for seed in range(5):
        run = Run(objective, experiment.settings, experiment.start(seed), seed)
        run.advance(20 * experiment.updates_per_epoch)
        assert (run.stopped is None) == learns
        error = objective.evaluate(run.parameters, objective.train).metric
        assert error is not None
        assert (error * deviation < 287 / 2) == learns
