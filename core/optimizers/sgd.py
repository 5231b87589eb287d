"""Gradient descent, alone and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, penalized


@kernel(SIGNATURE)
def sgd(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """p <- p - lr g: gradient descent (Cauchy 1847), stochastic when g comes from a batch."""
    learning_rate, weight_decay = settings[0], settings[3]
    for i in range(parameters.size):
        parameters[i] -= learning_rate * penalized(gradient[i], parameters[i], weight_decay)


@kernel(SIGNATURE)
def heavy_ball(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + (1 - dampening) g, but b <- g at first; p <- p - lr b (Polyak 1964)."""
    learning_rate, momentum, weight_decay = settings[0], settings[1], settings[3]
    share = 1.0 if t == 1.0 else 1.0 - settings[2]
    for i in range(parameters.size):
        velocity = momentum * state[0, i] + share * penalized(gradient[i], parameters[i], weight_decay)
        state[0, i] = velocity
        parameters[i] -= learning_rate * velocity


@kernel(SIGNATURE)
def nesterov(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """b <- mu b + g; p <- p - lr (g + mu b) (Nesterov 1983, in the form of Sutskever et al. 2013)."""
    learning_rate, momentum, weight_decay = settings[0], settings[1], settings[3]
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        velocity = momentum * state[0, i] + g
        state[0, i] = velocity
        parameters[i] -= learning_rate * (g + momentum * velocity)


@dataclass(frozen=True)
class SGD(Rule):
    """Gradient descent, with momentum (the heavy ball) and, if asked for, Nesterov's look ahead.

    Momentum and dampening lie in 0 <= x < 1. Dampening and Nesterov need momentum, and exclude each other.
    """

    momentum: float = 0.0
    nesterov: bool = False
    dampening: float = 0.0
    weight_decay: float = 0.0

    name: ClassVar[str] = "sgd"

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "momentum", "dampening", below=1.0)
        check(self, "weight_decay")
        if self.nesterov and self.momentum == 0.0:
            raise ValueError("nesterov is true with momentum 0: it needs a momentum above 0")
        if self.dampening and self.momentum == 0.0:
            raise ValueError(f"dampening is {self.dampening} with momentum 0: it needs a momentum above 0")
        if self.nesterov and self.dampening:
            raise ValueError(f"nesterov is true with dampening {self.dampening}: it needs a dampening of 0")

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
        if not self.nesterov:
            return super().label
        return " ".join([f"Nesterov {self.momentum:g}", *self.differences("momentum", "nesterov")])

    @property
    def reach(self) -> float:
        """Gradient descent: 2. Heavy ball: 2 (1 + mu). Nesterov: 2 (1 + mu) / (1 + 2 mu) (Cohen et al. 2021, section
        2). Dampening d makes gradients 1 - d as large."""
        reach = 2.0 * (1.0 + self.momentum) / (1.0 - self.dampening)
        return reach / (1.0 + 2.0 * self.momentum) if self.nesterov else reach

    @property
    def stiffness(self) -> float:
        return self.weight_decay

    def write(self, book: Book) -> None:
        g = book.penalized()
        if self.momentum == 0.0:
            book.move(book.p - book.rate * g)
            return
        mu, velocity = book.number["momentum"], book.kept["velocity"]
        if self.nesterov:
            velocity = book.keep("velocity", mu * velocity + g)
            book.move(book.p - book.rate * (g + mu * velocity))
            return
        share = 1.0 if book.t.value == 1.0 else 1.0 - book.number["dampening"]
        velocity = book.keep("velocity", mu * velocity + (share * g if self.dampening else g))
        book.move(book.p - book.rate * velocity)
