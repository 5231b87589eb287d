"""Dead units: those that no sample of the whole training set moves any more, counted in one place."""

import numpy as np
import pytest
from problems import random_network

from nnsim.core.activations import NAMES
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.units import DeadUnits, can_die, dead_units


def test_a_unit_that_one_of_many_samples_moves_is_not_dead() -> None:
    inputs = np.full((5000, 1), -1.0)
    inputs[4321] = 1.0
    objective = of_network(Network((1, 3, 1), ("relu", "linear")), "squared_error", Samples(inputs, inputs + 5.0))
    # The first unit is above 0 for that one sample, the second for all others, the third for none.
    start = np.array([1.0, -1.0, 0.5, 0.0, 0.0, -0.5, 1.0, 1.0, 1.0, 0.0])
    assert dead_units(objective, start) == (DeadUnits(1, 1, 3),)
    gradient = objective.loss_and_gradient(start)[1]
    assert (gradient[[0, 1, 3, 4]] != 0.0).all()
    assert (gradient[[2, 5]] == 0.0).all()


def test_a_hard_tanh_is_dead_at_either_end() -> None:
    inputs = np.array([[-2.0], [3.0], [5.0]])
    objective = of_network(Network((1, 3, 1), ("hard_tanh", "linear")), "squared_error", Samples(inputs, inputs))
    start = np.array([1.0, 0.25, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    assert dead_units(objective, start) == (DeadUnits(1, 2, 3),)  # the last stands on the kink, where its slope is 0


@pytest.mark.parametrize("activation", NAMES)
def test_the_weights_of_dead_units_have_no_gradient_and_those_of_others_have_one(activation: str) -> None:
    objective = random_network((2, 40, 1), (activation, "linear"), "squared_error", 7)
    start = np.random.default_rng(0).normal(0.0, 3.0, objective.size)
    gradient = objective.loss_and_gradient(start)[1]
    still = int((gradient[80:120] == 0.0).sum())
    assert dead_units(objective, start) == ((DeadUnits(1, still, 40),) if can_die(activation) else ())
    assert (still > 0) == can_die(activation)


def test_what_is_not_a_number_is_not_called_dead() -> None:
    objective = random_network((2, 4, 1), ("relu", "linear"), "squared_error", 7)
    assert dead_units(objective, np.full(objective.size, np.nan)) == (DeadUnits(1, 0, 4),)
