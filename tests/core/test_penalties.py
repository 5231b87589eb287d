"""L1 and L2 penalties: on the weights alone, in loss and gradient, and inside a run."""

from math import inf, nan

import numpy as np
import pytest
from measures import deviation
from problems import random_samples

from nnsim.core.network import Network
from nnsim.core.objective import Objective, of_network
from nnsim.core.optimizers import SGD
from nnsim.core.penalties import Penalty
from nnsim.core.training import Run, Settings

NETWORK = Network((2, 3, 1), ("tanh", "linear"))
SAMPLES = random_samples((2, 3, 1), "squared_error", 6)
START = np.random.default_rng(4).uniform(-1.0, 1.0, NETWORK.size)
WEIGHTS = np.array([name.startswith("W") for name in NETWORK.names])


def objective(penalty: Penalty) -> Objective:
    return of_network(NETWORK, "squared_error", SAMPLES, penalty=penalty)


@pytest.mark.parametrize("penalty", [Penalty(l1=0.3), Penalty(l2=0.2), Penalty(l1=0.01, l2=0.5)])
def test_loss_and_gradient_grow_by_those_of_the_penalty(penalty: Penalty) -> None:
    loss, gradient = objective(penalty).loss_and_gradient(START)
    bare_loss, bare_gradient = objective(Penalty()).loss_and_gradient(START)
    w = np.where(WEIGHTS, START, 0.0)
    assert loss - bare_loss == pytest.approx(penalty.l1 * np.abs(w).sum() + penalty.l2 * (w**2).sum(), rel=1e-13)
    assert deviation(gradient - bare_gradient, penalty.l1 * np.sign(w) + 2.0 * penalty.l2 * w) <= 1e-15


def test_what_is_measured_is_the_loss_without_the_penalty() -> None:
    with_penalty, bare = objective(Penalty(l2=1.0)), objective(Penalty())
    assert with_penalty.evaluate(START, SAMPLES) == bare.evaluate(START, SAMPLES)


def test_a_run_descends_loss_and_penalty() -> None:
    penalised = objective(Penalty(l1=0.01, l2=0.1))
    run = Run(penalised, Settings(SGD(0.05), 6), START)
    loss, gradient = penalised.loss_and_gradient(START)
    losses = run.advance(1).losses
    assert losses.tolist() == [loss]
    assert run.gradient.tobytes() == gradient.tobytes()
    assert deviation(run.parameters, START - 0.05 * gradient) <= 1e-15


def test_a_heavy_penalty_leaves_no_weight_and_does_not_touch_the_biases() -> None:
    run = Run(objective(Penalty(l2=5.0)), Settings(SGD(0.05), 6), START)
    run.advance(2000)
    assert np.abs(run.parameters[WEIGHTS]).max() < 0.05
    # What is left to predict with is the output's bias: the mean of the targets.
    assert run.parameters[-1] == pytest.approx(SAMPLES.targets.mean(), abs=0.02)


def test_at_a_weight_of_0_the_slope_of_its_size_is_0() -> None:
    zeros = np.zeros(NETWORK.size)
    _, gradient = objective(Penalty(l1=1.0)).loss_and_gradient(zeros)
    _, bare = objective(Penalty()).loss_and_gradient(zeros)
    assert gradient.tobytes() == bare.tobytes()


@pytest.mark.parametrize("value", [-0.1, nan, inf])
@pytest.mark.parametrize("name", ["l1", "l2"])
def test_a_coefficient_is_a_finite_number_of_at_least_0(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}: it takes a finite number of at least 0"):
        Penalty(**{name: value})


def test_a_large_penalty_is_no_runaway() -> None:
    run = Run(objective(Penalty(l2=1e10)), Settings(SGD(1e-30), 2), START)
    run.advance(30)
    assert run.stopped is None
