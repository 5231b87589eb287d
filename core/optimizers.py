"""Update rules on flat vectors, each beside its formula: p parameters, g gradient, t updates counted from 1.

Formulas and defaults are PyTorch's. A rule is a kernel with the signature
`(parameters, gradient, state, settings, t)`: `state` has one row of numbers per slot and starts at zero,
`settings` holds the rule's hyperparameters with the learning rate first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import ClassVar, TypeAlias

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel, matrix, scalar, types, vector

SIGNATURE = types.void(vector, vector, matrix, vector, scalar)


@kernel(SIGNATURE)
def sgd(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """p <- p - lr g: gradient descent (Cauchy 1847), stochastic when g comes from a batch."""
    learning_rate = settings[0]
    for i in range(parameters.size):
        parameters[i] -= learning_rate * gradient[i]


@kernel(SIGNATURE)
def heavy_ball(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + g; p <- p - lr b (Polyak 1964)."""
    learning_rate, momentum = settings[0], settings[1]
    for i in range(parameters.size):
        velocity = momentum * state[0, i] + gradient[i]
        state[0, i] = velocity
        parameters[i] -= learning_rate * velocity


@kernel(SIGNATURE)
def nesterov(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + g; p <- p - lr (g + mu b) (Nesterov 1983, in the form of Sutskever et al. 2013)."""
    learning_rate, momentum = settings[0], settings[1]
    for i in range(parameters.size):
        velocity = momentum * state[0, i] + gradient[i]
        state[0, i] = velocity
        parameters[i] -= learning_rate * (gradient[i] + momentum * velocity)


@kernel(SIGNATURE)
def adam(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2;
    p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps) (Kingma and Ba 2015, algorithm 1)."""
    learning_rate, beta1, beta2, epsilon = settings[0], settings[1], settings[2], settings[3]
    step = learning_rate / (1.0 - beta1**t)
    root = math.sqrt(1.0 - beta2**t)
    for i in range(parameters.size):
        g = gradient[i]
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        v = beta2 * state[1, i] + (1.0 - beta2) * g * g
        state[0, i] = m
        state[1, i] = v
        parameters[i] -= step * m / (math.sqrt(v) / root + epsilon)


@dataclass(frozen=True)
class _Settings:
    """What the rules share: checked hyperparameters, and how a kernel gets them."""

    learning_rate: float

    def __post_init__(self) -> None:
        _check("learning_rate", self.learning_rate, low=0.0)

    @property
    def vector(self) -> Vector:
        """The hyperparameters as the kernel reads them, the learning rate first."""
        return np.array([float(getattr(self, field.name)) for field in fields(self)])

    def with_rate(self, learning_rate: float) -> Optimizer:
        """The same rule at another learning rate."""
        changed: Optimizer = replace(self, learning_rate=learning_rate)  # type: ignore[assignment]
        return changed


@dataclass(frozen=True)
class SGD(_Settings):
    """Gradient descent, with momentum (the heavy ball) and, if asked for, Nesterov's look ahead.

    Raises ValueError for a learning rate that is not a finite number >= 0, a momentum outside 0 <= mu < 1,
    and Nesterov without momentum.
    """

    momentum: float = 0.0
    nesterov: bool = False

    name: ClassVar[str] = "sgd"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("momentum", self.momentum, low=0.0, below=1.0)
        if self.nesterov and self.momentum == 0.0:
            raise ValueError("nesterov is true with momentum 0: it needs a momentum above 0")

    @property
    def kernel(self) -> Kernel[..., None]:
        if self.momentum == 0.0:
            return sgd
        return nesterov if self.nesterov else heavy_ball

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the numbers kept per parameter."""
        return ("velocity",) if self.momentum else ()

    @property
    def label(self) -> str:
        if self.momentum == 0.0:
            return "SGD"
        return f"{'Nesterov' if self.nesterov else 'SGD momentum'} {self.momentum:g}"


@dataclass(frozen=True)
class Adam(_Settings):
    """Adam. Raises ValueError for a rate or epsilon that is not a finite number >= 0 (epsilon > 0: with 0,
    a gradient of exactly 0 gives 0/0), or a beta outside 0 <= beta < 1."""

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    name: ClassVar[str] = "adam"
    kernel: ClassVar[Kernel[..., None]] = adam
    slots: ClassVar[tuple[str, ...]] = ("m", "v")
    label: ClassVar[str] = "Adam"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("beta1", self.beta1, low=0.0, below=1.0)
        _check("beta2", self.beta2, low=0.0, below=1.0)
        _check("epsilon", self.epsilon, low=0.0)
        if self.epsilon == 0.0:
            raise ValueError("epsilon is 0: a gradient of exactly 0 would give 0/0; it takes a number above 0")


Optimizer: TypeAlias = SGD | Adam


def _check(name: str, value: float, low: float, below: float = math.inf) -> None:
    if not (math.isfinite(value) and low <= value < below):
        allowed = f"at least {low:g}" + (f" and below {below:g}" if math.isfinite(below) else "")
        raise ValueError(f"{name} is {value}: it takes a finite number of {allowed}")
