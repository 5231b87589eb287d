"""Adadelta: steps in the parameters' own units, as large as recent steps were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized
from nnsim.core.written import root


@kernel(SIGNATURE)
def adadelta(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """v <- rho v + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(v + eps) * g; u <- rho u + (1 - rho) d^2;
    p <- p - lr d (Zeiler 2012, where lr is 1)."""
    learning_rate, rho, epsilon, weight_decay = settings[0], settings[1], settings[2], settings[3]
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        v = rho * state[0, i] + (1.0 - rho) * g * g
        d = math.sqrt(state[1, i] + epsilon) / math.sqrt(v + epsilon) * g
        state[0, i] = v
        state[1, i] = rho * state[1, i] + (1.0 - rho) * d * d
        parameters[i] -= learning_rate * d


@dataclass(frozen=True)
class Adadelta(Rule):
    """Adadelta. Rho lies in 0 <= rho < 1, and epsilon is above 0."""

    learning_rate: float = 1.0
    rho: float = 0.9
    epsilon: float = 1e-6
    weight_decay: float = 0.0

    name: ClassVar[str] = "adadelta"
    kernel: ClassVar[Kernel[..., None]] = adadelta
    slots: ClassVar[tuple[str, ...]] = ("v", "u")

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "rho", below=1.0)
        check(self, "weight_decay")
        check_epsilon(self, "steps grow out of it, so nothing would ever move")

    def write(self, book: Book) -> None:
        rho, epsilon, u = book.number["rho"], book.number["epsilon"], book.kept["u"]
        g = book.penalized()
        v = book.keep("v", rho * book.kept["v"] + (1.0 - rho) * g * g)
        d = book.enter("d", root(u + epsilon) / root(v + epsilon) * g)
        book.keep("u", rho * u + (1.0 - rho) * d * d)
        book.move(book.p - book.rate * d)
