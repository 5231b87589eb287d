"""Activations and their slopes, as a layer of neurons with one input each sees them."""

from itertools import pairwise
from math import e, exp, inf, nan, pi, sqrt, tanh

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from measures import deviation, golden

from nnsim.core import network as net
from nnsim.core.activations import ACTIVATIONS, NAMES
from nnsim.core.arrays import Vector
from nnsim.core.network import Network

GOLDEN = golden("activations")
LOGISTIC_1 = 1.0 / (1.0 + 1.0 / e)
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

KINKS = {"relu": 0.0, "leaky_relu": 0.0, "elu": 0.0, "selu": 0.0, "hard_tanh": 1.0}
MONOTONE = [name for name in NAMES if name not in ("gelu", "gelu_tanh", "silu", "mish", "sine")]

each_activation = pytest.mark.parametrize("name", NAMES)


def neurons(name: str, *z: float) -> tuple[Vector, Vector]:
    """The activation and its slope at every z, from neurons with the weights z, the input 1 and the bias 0."""
    network = Network((1, len(z)), (name,))
    parameters = np.concatenate([z, np.zeros(len(z))])
    passing = (parameters, network.table(1), np.zeros(0), np.ones((1, 1)), np.zeros(network.work_size(1)))
    values, gradient = np.zeros((1, len(z))), np.zeros(network.size)
    net.forward(*passing, values)
    net.backward(*passing, values, np.ones((1, len(z))), gradient)
    return values[0], network.biases(gradient, 0)


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
        ("elu", 2.5, 2.5, 1.0),
        ("elu", -1.0, 1.0 / e - 1.0, 1.0 / e),
        ("selu", 2.0, 2.0 * SELU_SCALE, SELU_SCALE),
        ("selu", -1.0, SELU_SCALE * SELU_ALPHA * (1.0 / e - 1.0), SELU_SCALE * SELU_ALPHA / e),
        ("silu", 1.0, LOGISTIC_1, LOGISTIC_1 + LOGISTIC_1 * (1.0 - LOGISTIC_1)),
        ("softplus", 0.0, np.log(2.0), 0.5),
        ("mish", 0.0, 0.0, 0.6),
        ("hard_tanh", 0.5, 0.5, 1.0),
        ("hard_tanh", -1.5, -1.0, 0.0),
        ("sine", pi / 6, 0.5, sqrt(3.0) / 2.0),
    ],
)
def test_value_and_slope_are_those_of_the_formula(name: str, z: float, value: float, slope: float) -> None:
    values, slopes = neurons(name, z)
    assert (values[0], slopes[0]) == pytest.approx((value, slope), rel=1e-15, abs=1e-16)


@each_activation
def test_value_and_slope_have_every_digit_far_out_too(name: str) -> None:
    expected = GOLDEN["activations"][name]
    values, slopes = neurons(name, *GOLDEN["points"])
    assert deviation(values, expected["values"]) <= 4e-16
    assert deviation(slopes, expected["slopes"]) <= 1e-15
    # Near 0 the last digits of the two gelus are those of an exponent, which grows with the square of z.
    tolerance = 2e-13 if name in ("gelu", "gelu_tanh") else 5e-14
    assert values == pytest.approx(np.array(expected["values"]), rel=tolerance, abs=0.0)
    assert slopes == pytest.approx(np.array(expected["slopes"]), rel=tolerance, abs=float(np.finfo(np.float64).tiny))


LIMITS = {
    "linear": ((-inf, 1.0), (inf, 1.0)),
    "relu": ((0.0, 0.0), (inf, 1.0)),
    "leaky_relu": ((-inf, 0.01), (inf, 1.0)),
    "tanh": ((-1.0, 0.0), (1.0, 0.0)),
    "sigmoid": ((0.0, 0.0), (1.0, 0.0)),
    "elu": ((-1.0, 0.0), (inf, 1.0)),
    "selu": ((-SELU_SCALE * SELU_ALPHA, 0.0), (inf, SELU_SCALE)),
    "gelu": ((0.0, 0.0), (inf, 1.0)),
    "gelu_tanh": ((0.0, 0.0), (inf, 1.0)),
    "silu": ((0.0, 0.0), (inf, 1.0)),
    "softplus": ((0.0, 0.0), (inf, 1.0)),
    "mish": ((0.0, 0.0), (inf, 1.0)),
    "hard_tanh": ((-1.0, 0.0), (1.0, 0.0)),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("size", [1e3, 1e20, 1e200, 1.7e308, inf])
def test_extreme_arguments_give_the_limits(name: str, size: float) -> None:
    for sign, (value, slope) in zip((-1, 1), LIMITS[name], strict=True):
        values, slopes = neurons(name, sign * size)
        limit = value if np.isfinite(value) else slope * sign * size
        assert values[0] == pytest.approx(limit, rel=1e-15, abs=0.0)
        assert slopes[0] == pytest.approx(slope, rel=1e-15, abs=0.0)


def test_only_the_sine_has_no_limit() -> None:
    assert set(NAMES) - set(LIMITS) == {"sine"}
    assert np.isnan(neurons("sine", inf, -inf)).all()


@pytest.mark.parametrize(
    ("name", "z", "slope"),
    [
        ("relu", 0.0, 0.0),
        ("leaky_relu", 0.0, 0.01),
        ("elu", 0.0, 1.0),
        ("selu", 0.0, SELU_SCALE * SELU_ALPHA),
        ("hard_tanh", 1.0, 0.0),
        ("hard_tanh", -1.0, 0.0),
    ],
)
def test_slope_at_a_kink_is_pytorchs_choice(name: str, z: float, slope: float) -> None:
    assert neurons(name, z)[1][0] == pytest.approx(slope, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
@given(z=st.floats(0.0, 350.0))
def test_a_slope_is_the_same_on_both_sides(name: str, z: float) -> None:
    ahead, behind = neurons(name, z, -z)[1]
    twin = 4.0 if name == "tanh" else 1.0
    decay = exp(-2.0 * z) if name == "tanh" else exp(-z)
    assert (ahead, behind) == pytest.approx([twin * decay / (1.0 + decay) ** 2] * 2, rel=5e-14, abs=0.0)


@each_activation
def test_what_an_activation_says_of_its_kinks_and_flat_stretches_is_so(name: str) -> None:
    activation = ACTIVATIONS[name]
    z = np.round(np.linspace(-3.0, 3.0, 61), 1)
    below, above = neurons(name, *(z - 1e-9))[1], neurons(name, *(z + 1e-9))[1]
    assert tuple(z[np.abs(above - below) > 1e-3]) == activation.kinks
    values, slopes = neurons(name, *z)
    assert np.isin(values, activation.flat).tolist() == (slopes == 0.0).tolist()


def test_selu_keeps_the_mean_and_variance_of_standard_normal_numbers() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(200)
    halves = [np.linspace(-20.0, 0.0, 41), np.linspace(0.0, 20.0, 41)]
    z = np.concatenate([(a + b) / 2 + (b - a) / 2 * nodes for ends in halves for a, b in pairwise(ends)])
    density = np.tile(weights / 4, 80) * np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
    values, _ = neurons("selu", *z)
    assert density @ values == pytest.approx(0.0, abs=1e-14)
    assert density @ values**2 == pytest.approx(1.0, rel=1e-14)


@each_activation
def test_nan_survives(name: str) -> None:
    values, _ = neurons(name, 1.0, nan, -1.0)
    assert np.isnan(values).tolist() == [False, True, False]


def test_a_tiny_sigmoid_keeps_its_digits() -> None:
    assert neurons("sigmoid", -700.0)[0][0] == pytest.approx(exp(-700.0), rel=1e-15, abs=0.0)


# Between -30 and 30 the twin's plain formulas lose no more than its last digits.
anywhere = st.floats(-30.0, 30.0)


@each_activation
@given(z=anywhere)
def test_value_and_slope_are_the_twins(name: str, z: float) -> None:
    values, slopes = neurons(name, z)
    value, slope = reference.ACTIVATIONS[name](np.array([z]))
    assert deviation(values, value) <= 1e-15
    assert deviation(slopes, slope) <= 2e-14


@each_activation
@given(z=anywhere)
def test_the_slope_is_that_of_central_differences(name: str, z: float) -> None:
    h = 1e-5
    if name in KINKS and abs(abs(z) - KINKS[name]) < 2 * h:
        return
    (behind, ahead), _ = reference.ACTIVATIONS[name](np.array([z - h, z + h]))
    # The error is h^2 / 6 times the third derivative, which is below 2 everywhere, and the last digit over h.
    assert abs(neurons(name, z)[1][0] - (ahead - behind) / (2 * h)) <= 1e-10 + 4e-16 * max(1.0, abs(z)) / h


@pytest.mark.parametrize("name", MONOTONE)
@given(z=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20))
def test_an_activation_that_rises_never_falls(name: str, z: list[float]) -> None:
    values, slopes = neurons(name, *sorted(z))
    assert (np.diff(values) >= -4e-16 * np.maximum(1.0, np.abs(values[1:]))).all()
    assert (slopes >= 0.0).all()
