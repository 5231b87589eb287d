"""How the weights of a layer start: functions from (rng, n_in, n_out) to a matrix of that shape."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TypeAlias

import numpy as np

from nnsim.core.arrays import Matrix

Initializer: TypeAlias = Callable[[np.random.Generator, int, int], Matrix]


def constant(value: float = 0.0) -> Initializer:
    """Every weight the same. Equal weights get equal gradients and stay equal for ever."""
    return lambda rng, n_in, n_out: np.full((n_in, n_out), value)


def uniform(low: float = -1.0, high: float = 1.0) -> Initializer:
    return lambda rng, n_in, n_out: rng.uniform(low, high, (n_in, n_out))


def normal(mean: float = 0.0, deviation: float = 1.0) -> Initializer:
    return lambda rng, n_in, n_out: rng.normal(mean, deviation, (n_in, n_out))


def zeros(rng: np.random.Generator, n_in: int, n_out: int) -> Matrix:
    return np.zeros((n_in, n_out))


def glorot_uniform(rng: np.random.Generator, n_in: int, n_out: int) -> Matrix:
    """U(-l, l) with l = sqrt(6 / (n_in + n_out)) (Glorot and Bengio 2010, eq. 16)."""
    limit = sqrt(6.0 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_in, n_out))


def glorot_normal(rng: np.random.Generator, n_in: int, n_out: int) -> Matrix:
    """N(0, s^2) with s = sqrt(2 / (n_in + n_out)) (Glorot and Bengio 2010, eq. 12)."""
    return rng.normal(0.0, sqrt(2.0 / (n_in + n_out)), (n_in, n_out))


def he_normal(rng: np.random.Generator, n_in: int, n_out: int) -> Matrix:
    """N(0, s^2) with s = sqrt(2 / n_in), for relu (He et al. 2015, eq. 10)."""
    return rng.normal(0.0, sqrt(2.0 / n_in), (n_in, n_out))


def he_uniform(rng: np.random.Generator, n_in: int, n_out: int) -> Matrix:
    """U(-l, l) with l = sqrt(6 / n_in): the variance of `he_normal`."""
    limit = sqrt(6.0 / n_in)
    return rng.uniform(-limit, limit, (n_in, n_out))


NAMED: dict[str, Initializer] = {
    initializer.__name__: initializer for initializer in (zeros, glorot_uniform, glorot_normal, he_normal, he_uniform)
}
