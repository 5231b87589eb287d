"""Where weights start: shapes, limits, variances."""

from math import sqrt

import numpy as np
import pytest

from nnsim.core.initializers import NAMED, Initializer, constant, normal, uniform
from nnsim.core.network import Network

N_IN, N_OUT = 200, 300
GLOROT, HE = 2 / (N_IN + N_OUT), 2 / N_IN  # variances

UNIFORM: dict[str, tuple[Initializer, float, float]] = {
    "glorot_uniform": (NAMED["glorot_uniform"], -sqrt(3 * GLOROT), sqrt(3 * GLOROT)),
    "he_uniform": (NAMED["he_uniform"], -sqrt(3 * HE), sqrt(3 * HE)),
    "uniform": (uniform(), -1.0, 1.0),
    "uniform in limits": (uniform(2.0, 5.0), 2.0, 5.0),
}
NORMAL: dict[str, tuple[Initializer, float, float]] = {
    "glorot_normal": (NAMED["glorot_normal"], 0.0, sqrt(GLOROT)),
    "he_normal": (NAMED["he_normal"], 0.0, sqrt(HE)),
    "normal": (normal(), 0.0, 1.0),
    "normal around a mean": (normal(3.0, 0.5), 3.0, 0.5),
}


def draw(initializer: Initializer) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    weights = initializer(np.random.default_rng(0), N_IN, N_OUT)
    assert weights.shape == (N_IN, N_OUT)
    return weights


def test_named_initializers() -> None:
    assert set(NAMED) == {"zeros", "glorot_uniform", "glorot_normal", "he_normal", "he_uniform"}


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_weights_fill_the_interval_evenly(name: str) -> None:
    initializer, low, high = UNIFORM[name]
    place = (draw(initializer) - low) / (high - low)
    assert 0 <= place.min() < 0.001
    assert 0.999 < place.max() <= 1
    # 60,000 draws: the mean of U(0, 1) is known to .0012, its variance to .4 %.
    assert place.mean() == pytest.approx(1 / 2, abs=0.006)
    assert place.var() == pytest.approx(1 / 12, rel=0.02)


@pytest.mark.parametrize("name", NORMAL)
def test_normal_weights_have_the_mean_the_variance_and_the_tails(name: str) -> None:
    initializer, mean, deviation = NORMAL[name]
    place = (draw(initializer) - mean) / deviation
    assert place.mean() == pytest.approx(0, abs=0.02)
    assert place.var() == pytest.approx(1, rel=0.03)
    assert np.mean(np.abs(place) > 2) == pytest.approx(0.0455, abs=0.005)


def test_zeros_and_constants() -> None:
    assert not draw(NAMED["zeros"]).any()
    assert not draw(constant()).any()
    assert (draw(constant(0.5)) == 0.5).all()


def test_a_bias_can_be_drawn_too() -> None:
    start = Network((3, 400), ("relu",)).initial(constant(0.0), uniform(1.0, 2.0), seed=0)
    biases = start[3 * 400 :]
    assert not start[: 3 * 400].any()
    assert 1.0 <= biases.min() < 1.1
    assert 1.9 < biases.max() < 2.0
