"""Adamax: Adam with the largest recent gradient in place of the root of v."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized, reach_of_mean
from nnsim.core.written import larger, power, size


@kernel(SIGNATURE)
def adamax(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """m <- b1 m + (1 - b1) g; u <- max(b2 u, |g| + eps); p <- p - lr / (1 - b1^t) * m / u
    (Kingma and Ba 2015, algorithm 2, which has no eps)."""
    learning_rate, beta1, beta2, epsilon, weight_decay = settings[0], settings[1], settings[2], settings[3], settings[4]
    step = learning_rate / (1.0 - beta1**t)
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        u = max(beta2 * state[1, i], abs(g) + epsilon)
        state[0, i] = m
        state[1, i] = u
        parameters[i] -= step * m / u


@dataclass(frozen=True)
class Adamax(Rule):
    """Adamax. Betas lie in 0 <= beta < 1, and epsilon is above 0."""

    learning_rate: float = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    name: ClassVar[str] = "adamax"
    divides: ClassVar[bool] = True
    kernel: ClassVar[Kernel[..., None]] = adamax
    slots: ClassVar[tuple[str, ...]] = ("m", "u")

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "beta1", "beta2", below=1.0)
        check(self, "weight_decay")
        check_epsilon(self)

    @property
    def reach(self) -> float:
        return reach_of_mean(self.beta1)

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """P = (1 - b1^t) u, as Adam's."""
        found: Vector = (1.0 - self.beta1**t) * state[1]
        return found

    def write(self, book: Book) -> None:
        beta1, beta2 = book.number["beta1"], book.number["beta2"]
        step = book.enter("step", book.rate / (1.0 - power(beta1, book.t)))
        g = book.penalized()
        m = book.keep("m", book.kept["m"] + (1.0 - beta1) * (g - book.kept["m"]))
        u = book.keep("u", larger(beta2 * book.kept["u"], size(g) + book.number["epsilon"]))
        book.move(book.p - step * m / u)
