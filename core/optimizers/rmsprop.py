"""RMSprop: gradients divided by the root of their recent mean square, or, when centered, by their deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, inline, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized
from nnsim.core.written import larger, root, written


@inline
def scaled(g: float, state: Matrix, settings: Vector, i: int) -> float:
    """v <- a v + (1 - a) g^2; g / (sqrt(v) + eps) (Tieleman and Hinton 2012)."""
    alpha, epsilon = settings[1], settings[2]
    v = alpha * state[0, i] + (1.0 - alpha) * g * g
    state[0, i] = v
    return g / (math.sqrt(v) + epsilon)


@inline
def scaled_centered(g: float, state: Matrix, settings: Vector, i: int) -> float:
    """And c <- a c + (1 - a) g; g / (sqrt(v - c^2) + eps) (Graves 2013). Where the gradient hardly changes, rounding
    would make v - c^2 negative and its root NaN, so it counts as 0."""
    alpha, epsilon = settings[1], settings[2]
    v = alpha * state[0, i] + (1.0 - alpha) * g * g
    mean = state[1, i] + (1.0 - alpha) * (g - state[1, i])
    state[0, i] = v
    state[1, i] = mean
    return g / (math.sqrt(max(v - mean * mean, 0.0)) + epsilon)


@kernel(SIGNATURE)
def rmsprop(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """p <- p - lr s, where s is the scaled gradient."""
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], settings[3])
        parameters[i] -= settings[0] * scaled(g, state, settings, i)


@kernel(SIGNATURE)
def rmsprop_momentum(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + s; p <- p - lr b."""
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], settings[3])
        velocity = settings[4] * state[1, i] + scaled(g, state, settings, i)
        state[1, i] = velocity
        parameters[i] -= settings[0] * velocity


@kernel(SIGNATURE)
def centered(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """p <- p - lr s, where s is the gradient scaled by its deviation."""
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], settings[3])
        parameters[i] -= settings[0] * scaled_centered(g, state, settings, i)


@kernel(SIGNATURE)
def centered_momentum(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + s; p <- p - lr b."""
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], settings[3])
        velocity = settings[4] * state[2, i] + scaled_centered(g, state, settings, i)
        state[2, i] = velocity
        parameters[i] -= settings[0] * velocity


@dataclass(frozen=True)
class RMSprop(Rule):
    """RMSprop. Alpha and momentum lie in 0 <= x < 1, and epsilon is above 0."""

    learning_rate: float = 0.01
    alpha: float = 0.99
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    momentum: float = 0.0
    centered: bool = False

    name: ClassVar[str] = "rmsprop"
    divides: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "alpha", "momentum", below=1.0)
        check(self, "weight_decay")
        check_epsilon(self)

    @property
    def kernel(self) -> Kernel[..., None]:
        if self.momentum == 0.0:
            return centered if self.centered else rmsprop
        return centered_momentum if self.centered else rmsprop_momentum

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the numbers kept per parameter."""
        return ("v", *(("mean",) if self.centered else ()), *(("velocity",) if self.momentum else ()))

    @property
    def reach(self) -> float:
        """2, or, with momentum, the heavy ball's 2 (1 + mu)."""
        return 2.0 * (1.0 + self.momentum)

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """P = sqrt(v) + eps or, centered, sqrt(v - c^2) + eps."""
        squares = np.maximum(state[0] - state[1] ** 2, 0.0) if self.centered else state[0]
        found: Vector = np.sqrt(squares) + self.epsilon
        return found

    def write(self, book: Book) -> None:
        alpha = book.number["alpha"]
        g = book.penalized()
        v = book.keep("v", alpha * book.kept["v"] + (1.0 - alpha) * g * g)
        if self.centered:
            mean = book.keep("mean", book.kept["mean"] + (1.0 - alpha) * (g - book.kept["mean"]))
            v = book.enter("variance", larger(v - mean * mean, written("0", 0.0)))
        step = book.enter("s", g / (root(v) + book.number["epsilon"]))
        if self.momentum:
            step = book.keep("velocity", book.number["momentum"] * book.kept["velocity"] + step)
        book.move(book.p - book.rate * step)
