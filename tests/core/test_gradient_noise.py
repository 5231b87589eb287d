"""The noise of batch gradients: its law, beside what batches really do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from hypothesis.strategies import booleans, floats, integers, lists, sampled_from
from problems import random_network, random_samples

from nnsim.core import initializers
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.batches import Batches
from nnsim.core.gradient_noise import expected, measured, spread
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.penalties import Penalty
from nnsim.core.surfaces import bowl

SAMPLES = 700  # more than one block


def network(loss: str = "squared_error") -> tuple[Objective, Vector]:
    objective = random_network((3, 5, 4, 2), ("tanh", "relu", "linear"), loss, SAMPLES)
    assert objective.network is not None
    return objective, objective.network.initial(initializers.NAMED["he_normal"], initializers.normal(0.0, 0.3), 0)


def gradients_one_by_one(objective: Objective, parameters: Vector) -> Vector:
    return np.array([objective.loss_and_gradient(parameters, np.array([k]))[1] for k in range(len(objective.train))])


@given(
    sizes=lists(integers(1, 4), min_size=2, max_size=4),
    biased=booleans(),
    loss=sampled_from(["squared_error", "half_squared_error", "binary_cross_entropy", "cross_entropy"]),
    hidden=sampled_from(["tanh", "relu", "linear"]),
    samples=integers(1, 30),
    l2=sampled_from([0.0, 0.5, 1e6]),
    seed=integers(0, 1000),
)
def test_the_spread_is_the_variance_of_the_gradients_of_all_samples(
    sizes: list[int], biased: bool, loss: str, hidden: str, samples: int, l2: float, seed: int
) -> None:
    network = Network(sizes, [*[hidden] * (len(sizes) - 2), "linear"], biased)
    data = random_samples(tuple(sizes), loss, samples, seed)
    objective = of_network(network, loss, data, penalty=Penalty(l2=l2))
    parameters = np.random.default_rng(seed).standard_normal(network.size)
    each = gradients_one_by_one(of_network(network, loss, data), parameters)
    variance = float(((each - each.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert spread(objective, parameters) == pytest.approx(variance, rel=1e-10, abs=1e-20)


def test_more_samples_than_go_through_at_once() -> None:
    objective, parameters = network()
    each = gradients_one_by_one(objective, parameters)
    assert spread(objective, parameters) == pytest.approx(each.var(axis=0).sum(), rel=1e-10)


def test_a_neuron_without_a_bias_has_no_noise_of_one() -> None:
    """By hand: g_i = (w x_i - t_i) x_i, and the mean of |g_i - g|^2."""
    inputs = np.array([[1.0, 3.0], [1.0, -3.0], [-1.0, 3.0], [-1.0, -3.0]])
    targets = np.array([[13.0], [-5.0], [5.0], [-13.0]])
    neuron = Network((2, 1), ("linear",), biased=False)
    objective = of_network(neuron, "half_squared_error", Samples(inputs, targets))
    here = np.array([0.3, -0.2])
    each = (inputs @ here[:, None] - targets) * inputs
    assert spread(objective, here) == pytest.approx(215.37, rel=1e-14)
    assert spread(objective, here) == pytest.approx(((each - each.mean(axis=0)) ** 2).sum(axis=1).mean(), rel=1e-14)


def test_a_spread_far_smaller_than_the_gradient_keeps_its_digits() -> None:
    """Targets 1e6 away make gradients of -1e6 that differ by the inputs' thousandths of a millionth."""
    offsets = 1e-9 * np.array([[1.0], [2.0], [4.0], [5.0]])
    neuron = Network((1, 1), ("linear",), biased=False)
    objective = of_network(neuron, "half_squared_error", Samples(1.0 + offsets, np.full((4, 1), 1e6)))
    # g_i = -1e6 (1 + o_i) at w = 0, and the offsets have the variance 2.5e-18.
    assert spread(objective, np.zeros(1)) == pytest.approx(2.5e-6, rel=1e-6)


@settings(max_examples=25)
@given(
    tilts=arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=3), elements=floats(-1e3, 1e3)),
    seed=integers(0, 100),
)
def test_the_spread_of_a_surface_is_that_of_its_tilts(tilts: Matrix, seed: int) -> None:
    size = tilts.shape[1]
    objective = of_surface(bowl(np.eye(size), np.zeros(size)), tilts)
    here = np.random.default_rng(seed).standard_normal(size)
    each = gradients_one_by_one(objective, here)
    assert spread(objective, here) == pytest.approx(each.var(axis=0).sum(), rel=1e-9, abs=1e-9)


def test_a_penalty_is_no_noise() -> None:
    objective, parameters = network()
    penalised = replace(objective, penalty=Penalty(l2=1e9))
    assert spread(penalised, parameters) == spread(objective, parameters)
    batches = Batches(SAMPLES, 50, "shuffled", 0)
    with_penalty, without = (measured(each, parameters, batches) for each in (penalised, objective))
    assert with_penalty == without


@pytest.mark.parametrize(
    ("size", "order", "factor"),
    [
        (1, "shuffled", 1.0),
        (10, "fixed", 690 / 699 / 10),
        (350, "shuffled", 350 / 699 / 350),
        (700, "shuffled", 0.0),
        (10, "with_replacement", 0.1),
        (700, "with_replacement", 1 / 700),
    ],
)
def test_the_law_of_the_noise(size: int, order: str, factor: float) -> None:
    batches = Batches(SAMPLES, size, order, 0)  # type: ignore[arg-type]
    assert expected(3.0, batches, size) == pytest.approx(3.0 * factor)


def test_a_batch_of_pairs_obeys_the_law_exactly() -> None:
    objective, parameters = network()
    few = objective.on(np.arange(6))
    each = gradients_one_by_one(few, parameters)
    pairs = [(each[i] + each[j]) / 2 for i in range(6) for j in range(i)]
    exact = np.mean([((pair - each.mean(axis=0)) ** 2).sum() for pair in pairs])
    assert expected(spread(few, parameters), Batches(6, 2, "shuffled", 0), 2) == pytest.approx(exact)


@pytest.mark.parametrize("order", ["shuffled", "with_replacement"])
@pytest.mark.parametrize("size", [1, 8, 300])
def test_batches_do_what_the_law_says(size: int, order: str) -> None:
    objective, parameters = network()
    batches = Batches(SAMPLES, size, order, 0)  # type: ignore[arg-type]
    noise = measured(objective, parameters, batches)
    assert noise.squared == pytest.approx(expected(spread(objective, parameters), batches, size), rel=0.12)


def test_larger_batches_point_more_nearly_where_the_whole_set_does() -> None:
    objective, parameters = network()
    cosines = [measured(objective, parameters, Batches(SAMPLES, size, "shuffled", 0)).cosine for size in (1, 20, 300)]
    assert cosines == sorted(cosines)
    assert 0.0 < cosines[0] < 0.6 < 0.95 < cosines[2] < 1.0
    assert measured(objective, parameters, Batches(SAMPLES, SAMPLES, "shuffled", 0)).cosine == pytest.approx(1.0)
