"""The noise of batch gradients: its law, beside what batches really do."""

import numpy as np
import pytest
from problems import random_network

from nnsim.core import initializers
from nnsim.core.arrays import Vector
from nnsim.core.batches import Batches
from nnsim.core.gradient_noise import expected, measured, spread
from nnsim.core.objective import Objective, of_surface
from nnsim.core.penalties import Penalty
from nnsim.core.surfaces import bowl

SAMPLES = 700  # more than one block


def network(loss: str = "squared_error") -> tuple[Objective, Vector]:
    objective = random_network((3, 5, 4, 2), ("tanh", "relu", "linear"), loss, SAMPLES)
    assert objective.network is not None
    return objective, objective.network.initial(initializers.NAMED["he_normal"], initializers.normal(0.0, 0.3), 0)


def gradients_one_by_one(objective: Objective, parameters: Vector) -> Vector:
    return np.array([objective.loss_and_gradient(parameters, np.array([k]))[1] for k in range(len(objective.train))])


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_the_spread_is_the_variance_of_the_gradients_of_all_samples(loss: str) -> None:
    objective, parameters = network(loss)
    each = gradients_one_by_one(objective, parameters)
    assert spread(objective, parameters) == pytest.approx(each.var(axis=0).sum(), rel=1e-10)


def test_the_spread_of_a_surface_is_that_of_its_tilts() -> None:
    tilts = np.random.default_rng(0).standard_normal((50, 2)) + 3.0
    objective = of_surface(bowl(np.eye(2), np.zeros(2)), tilts)
    each = gradients_one_by_one(objective, np.array([1.0, -2.0]))
    assert spread(objective, np.array([1.0, -2.0])) == pytest.approx(each.var(axis=0).sum())


def test_a_penalty_is_no_noise() -> None:
    objective, parameters = network()
    penalised = Objective(**{**vars(objective), "penalty": Penalty(l2=0.5)})
    assert spread(penalised, parameters) == pytest.approx(spread(objective, parameters))
    batches = Batches(SAMPLES, 50, "shuffled", 0)
    with_penalty, without = (measured(each, parameters, batches) for each in (penalised, objective))
    assert with_penalty.squared == pytest.approx(without.squared)


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
