"""Lion: steps of one size, in the direction on which momentum and gradient agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check
from nnsim.core.signs import sign
from nnsim.core.written import sign as written_sign


@kernel(SIGNATURE)
def lion(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """c = b1 m + (1 - b1) g; p <- p - lr (sign(c) + wd p); m <- b2 m + (1 - b2) g (Chen et al. 2023, algorithm 2)."""
    learning_rate, beta1, beta2, weight_decay = settings[0], settings[1], settings[2], settings[3]
    for i in range(parameters.size):
        g, m = gradient[i], state[0, i]
        direction = sign(beta1 * m + (1.0 - beta1) * g)
        state[0, i] = beta2 * m + (1.0 - beta2) * g
        parameters[i] -= learning_rate * (direction + weight_decay * parameters[i])


@dataclass(frozen=True)
class Lion(Rule):
    """Lion. Betas lie in 0 <= beta < 1; weight decay is decoupled, as in AdamW."""

    learning_rate: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    name: ClassVar[str] = "lion"
    kernel: ClassVar[Kernel[..., None]] = lion
    slots: ClassVar[tuple[str, ...]] = ("m",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "beta1", "beta2", below=1.0)
        check(self, "weight_decay")

    def write(self, book: Book) -> None:
        beta1, beta2, m = book.number["beta1"], book.number["beta2"], book.kept["m"]
        direction = book.enter("direction", written_sign(beta1 * m + (1.0 - beta1) * book.g))
        book.keep("m", beta2 * m + (1.0 - beta2) * book.g)
        book.move(book.p - book.rate * (direction + book.number["weight_decay"] * book.p))
