"""The table that deeplizard's tutorial prints, 20 epochs of the side-effects network, against runs of its recipe."""

from dataclasses import replace

import numpy as np
import pytest

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.ensemble import gather
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.training import Run
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.reader import find, read

# The 20 accuracies are k / 2100, rounded to four digits.
RIGHT = (1171, 1325, 1472, 1603, 1678, 1743, 1784, 1841, 1851, 1882)
RIGHT += (1899, 1909, 1917, 1934, 1930, 1933, 1940, 1946, 1943, 1950)
SEEDS, BATCHES = 40, 210


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return build(read(find("side-effects")), "side-effects")


def run_of(experiment: Experiment, seed: int) -> Run:
    return Run(experiment.objective, experiment.settings, experiment.start(seed), seed)


def epoch_losses(experiment: Experiment, epochs: int, seeds: int) -> Matrix:
    """The mean batch loss of each epoch, as Keras prints it, shape (seeds, epochs)."""
    runs = gather(lambda seed, check: run_of(experiment, seed).advance(epochs * BATCHES).losses, seeds)
    return np.array(runs).reshape(seeds, epochs, BATCHES).mean(axis=2)


def test_the_loss_falls_with_every_epoch_and_ends_above_the_least_possible(experiment: Experiment) -> None:
    losses = epoch_losses(experiment, 20, SEEDS)
    assert (np.diff(losses, axis=1) < 0.0).all()
    assert losses.min() > 0.191444


def test_a_run_is_slower_the_more_neurons_are_dead_at_birth(experiment: Experiment) -> None:
    alive = [(experiment.start(seed)[:16] > 0.0).sum() for seed in range(100)]
    fifth = epoch_losses(experiment, 5, 100)[:, 4]
    assert np.corrcoef(alive, fifth)[0, 1] == pytest.approx(-0.468, abs=0.23)


def accuracies(experiment: Experiment, seed: int) -> Vector:
    """The share of right answers in each epoch while training, from five looks an epoch at all people; shape (20,)."""
    run, objective = run_of(experiment, seed), experiment.objective
    right = []
    for _ in range(20 * 5):
        run.advance(BATCHES // 10)
        right.append(objective.evaluate(run.parameters, objective.train).metric)
        run.advance(BATCHES // 10)
    return np.array(right).reshape(20, 5).mean(axis=1)


def test_the_published_accuracies_are_among_those_of_some_runs(experiment: Experiment) -> None:
    runs = np.array(gather(lambda seed, check: accuracies(experiment, seed), SEEDS))
    published = np.array(RIGHT) / 2100
    assert ((runs.min(axis=0) <= published) & (published <= runs.max(axis=0))).all()


def test_sigmoid_outputs_would_have_printed_another_table(experiment: Experiment) -> None:
    # Keras divides sigmoid outputs by their sum, so that p_c = s_c / (s_0 + s_1). With z = -u that is softmax over
    # softplus(u) with the classes swapped, and a start of u is as likely as one of z.
    objective = experiment.objective
    swapped = Samples(objective.train.inputs, objective.train.targets[:, ::-1])
    network = Network((1, 16, 32, 2), ("relu", "relu", "softplus"))
    sigmoid = replace(experiment, objective=of_network(network, "cross_entropy", swapped))
    tenth = epoch_losses(sigmoid, 10, 100)[:, 9]
    assert tenth.mean() == pytest.approx(0.481, abs=0.012)
    assert epoch_losses(experiment, 10, 100)[:, 9].mean() == pytest.approx(0.4145, abs=0.012)
