"""Rprop: only the sign of the gradient counts, and every parameter has a step size of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check
from nnsim.core.signs import sign
from nnsim.core.written import larger, smaller, written
from nnsim.core.written import sign as written_sign


@kernel(SIGNATURE)
def rprop(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """s <- eta+ s where g has the sign it had before, s <- eta- s and g <- 0 where it has the other one, with s kept
    between its bounds; p <- p - sign(g) s (Riedmiller and Braun 1993, without going back).

    The learning rate is where s begins; afterwards, only 0 has a meaning: nothing moves.
    """
    learning_rate, eta_minus, eta_plus, low, high = settings[0], settings[1], settings[2], settings[3], settings[4]
    if learning_rate == 0.0:
        return
    for i in range(parameters.size):
        g = gradient[i]
        s = state[1, i] if state[1, i] != 0.0 else learning_rate
        agreement = g * state[0, i]
        if agreement > 0.0:
            s *= eta_plus
        elif agreement < 0.0:
            s *= eta_minus
            g = 0.0
        s = min(max(s, low), high)
        state[0, i] = g
        state[1, i] = s
        parameters[i] -= sign(g) * s


@dataclass(frozen=True)
class Rprop(Rule):
    """Rprop, for full batches. 0 < eta_minus < 1 < eta_plus, and 0 < step_minimum <= step_maximum."""

    learning_rate: float = 0.01
    eta_minus: float = 0.5
    eta_plus: float = 1.2
    step_minimum: float = 1e-6
    step_maximum: float = 50.0

    name: ClassVar[str] = "rprop"
    kernel: ClassVar[Kernel[..., None]] = rprop
    slots: ClassVar[tuple[str, ...]] = ("gradient before", "step size")

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "eta_minus", above=0.0, below=1.0)
        check(self, "eta_plus", above=1.0)
        check(self, "step_minimum", "step_maximum", above=0.0)
        if self.step_minimum > self.step_maximum:
            raise ValueError(
                f"step_minimum is {self.step_minimum} with step_maximum {self.step_maximum}: it takes up to that"
            )

    def write(self, book: Book) -> None:
        if book.rate.value == 0.0:
            book.move(book.p)
            return
        g, known = book.g, book.kept["step size"]
        s = known if known.value != 0.0 else book.rate
        agreement = book.enter("agreement", g * book.kept["gradient before"])
        if agreement.value > 0.0:
            s = s * book.number["eta_plus"]
        elif agreement.value < 0.0:
            s, g = s * book.number["eta_minus"], written("0", 0.0)
        s = smaller(larger(s, book.number["step_minimum"]), book.number["step_maximum"])
        book.keep("gradient before", g)
        s = book.keep("step size", s)
        book.move(book.p - written_sign(g) * s)
