"""Activations, as a network of one neuron sees them."""

from math import e, exp, nan, tanh

import numpy as np
import pytest

from nnsim.core.activations import NAMES
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network

LOGISTIC_1 = 1.0 / (1.0 + 1.0 / e)


def neuron(name: str, z: float) -> tuple[float, float]:
    """The activation at z and its slope there, from one neuron with weight 1 and bias 0."""
    inputs = np.array([[z]])
    network, parameters = Network((1, 1), (name,)), np.array([1.0, 0.0])
    value = of_network(network, "squared_error", Samples(inputs, inputs)).outputs(parameters, inputs)[0, 0]
    # With the target one below the output, dL/da = a - t is 1, and dL/db is the slope alone.
    objective = of_network(network, "half_squared_error", Samples(inputs, np.array([[value - 1.0]])))
    _, gradient = objective.loss_and_gradient(parameters)
    return float(value), float(gradient[1])


@pytest.mark.parametrize(
    ("name", "z", "value", "slope"),
    [
        ("linear", -3.5, -3.5, 1.0),
        ("relu", 2.5, 2.5, 1.0),
        ("relu", -2.5, 0.0, 0.0),
        ("leaky_relu", 2.5, 2.5, 1.0),
        ("leaky_relu", -2.5, -0.025, 0.01),
        ("tanh", 0.5, tanh(0.5), 1.0 - tanh(0.5) ** 2),
        ("tanh", -0.5, -tanh(0.5), 1.0 - tanh(0.5) ** 2),
        ("sigmoid", 1.0, LOGISTIC_1, LOGISTIC_1 * (1.0 - LOGISTIC_1)),
        ("sigmoid", -1.0, 1.0 - LOGISTIC_1, LOGISTIC_1 * (1.0 - LOGISTIC_1)),
    ],
)
def test_value_and_slope_are_those_of_the_formula(name: str, z: float, value: float, slope: float) -> None:
    assert neuron(name, z) == pytest.approx((value, slope), rel=1e-15, abs=1e-16)


@pytest.mark.parametrize(
    ("name", "slope"), [("linear", 1.0), ("relu", 0.0), ("leaky_relu", 0.01), ("tanh", 1.0), ("sigmoid", 0.25)]
)
def test_slope_at_zero_is_pytorchs_choice_even_at_a_kink(name: str, slope: float) -> None:
    assert neuron(name, 0.0)[1] == slope


@pytest.mark.parametrize("name", NAMES)
def test_nan_survives(name: str) -> None:
    inputs = np.array([[nan]])
    objective = of_network(Network((1, 1), (name,)), "squared_error", Samples(inputs, inputs))
    assert np.isnan(objective.outputs(np.array([1.0, 0.0]), inputs)).all()


@pytest.mark.parametrize(
    ("name", "z", "value"),
    [
        ("sigmoid", 1e308, 1.0),
        ("sigmoid", 800.0, 1.0),
        ("sigmoid", -700.0, exp(-700.0)),
        ("sigmoid", -800.0, 0.0),
        ("sigmoid", -1e308, 0.0),
        ("tanh", 1e308, 1.0),
        ("tanh", -1e308, -1.0),
        ("relu", -1e308, 0.0),
        ("relu", 1e308, 1e308),
    ],
)
def test_large_arguments_do_not_overflow(name: str, z: float, value: float) -> None:
    assert neuron(name, z)[0] == pytest.approx(value, rel=1e-15, abs=0.0)
