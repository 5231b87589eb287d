"""Adagrad: every parameter's steps shrink with the gradients it has seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized
from nnsim.core.written import root


@kernel(SIGNATURE)
def adagrad(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """h <- h + g^2; p <- p - lr / (1 + (t - 1) lr_decay) * g / (sqrt(h) + eps) (Duchi et al. 2011)."""
    learning_rate, lr_decay, epsilon, weight_decay = settings[0], settings[1], settings[2], settings[3]
    rate = learning_rate / (1.0 + (t - 1.0) * lr_decay)
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        h = state[0, i] + g * g
        state[0, i] = h
        parameters[i] -= rate * g / (math.sqrt(h) + epsilon)


@dataclass(frozen=True)
class Adagrad(Rule):
    """Adagrad. Epsilon is above 0."""

    learning_rate: float = 0.01
    lr_decay: float = 0.0
    epsilon: float = 1e-10
    weight_decay: float = 0.0

    name: ClassVar[str] = "adagrad"
    divides: ClassVar[bool] = True
    kernel: ClassVar[Kernel[..., None]] = adagrad
    slots: ClassVar[tuple[str, ...]] = ("h",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "lr_decay", "weight_decay")
        check_epsilon(self)

    @property
    def reach(self) -> float:
        return 2.0

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """P = (1 + (t - 1) lr_decay) (sqrt(h) + eps)."""
        found: Vector = (1.0 + (t - 1.0) * self.lr_decay) * (np.sqrt(state[0]) + self.epsilon)
        return found

    def write(self, book: Book) -> None:
        rate = book.rate
        if self.lr_decay:
            rate = book.enter("rate", rate / (1.0 + (book.t - 1.0) * book.number["lr_decay"]))
        g = book.penalized()
        h = book.keep("h", book.kept["h"] + g * g)
        book.move(book.p - rate * g / (root(h) + book.number["epsilon"]))
