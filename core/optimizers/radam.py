"""RAdam: Adam that waits with its second moment until that is known well enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized, reach_of_mean
from nnsim.core.written import power, root

TRUSTED = 5.0  # the length of the average v from which it is used; the paper has 4, PyTorch 5


@kernel(SIGNATURE)
def radam(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """With m and v as in Adam, R = 2 / (1 - b2) - 1 and r = R - 2 t b2^t / (1 - b2^t):
    p <- p - lr m / (1 - b1^t), and where r > 5, that step times
    sqrt((r - 4)(r - 2) R / ((R - 4)(R - 2) r)) sqrt(1 - b2^t) / (sqrt(v) + eps) (Liu et al. 2020)."""
    learning_rate, beta1, beta2, epsilon, weight_decay = settings[0], settings[1], settings[2], settings[3], settings[4]
    step = learning_rate / (1.0 - beta1**t)
    power = beta2**t
    limit = 2.0 / (1.0 - beta2) - 1.0
    length = limit - 2.0 * t * power / (1.0 - power)
    rectified = length > TRUSTED
    if rectified:
        ratio = (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length)
        step *= math.sqrt(ratio) * math.sqrt(1.0 - power)
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        v = beta2 * state[1, i] + (1.0 - beta2) * g * g
        state[0, i] = m
        state[1, i] = v
        parameters[i] -= step * m / (math.sqrt(v) + epsilon) if rectified else step * m


@dataclass(frozen=True)
class RAdam(Rule):
    """RAdam. Betas lie in 0 <= beta < 1, and epsilon is above 0."""

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    name: ClassVar[str] = "radam"
    divides: ClassVar[bool] = True
    kernel: ClassVar[Kernel[..., None]] = radam
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "beta1", "beta2", below=1.0)
        check(self, "weight_decay")
        check_epsilon(self)

    @property
    def reach(self) -> float:
        return reach_of_mean(self.beta1)

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """P = 1 - b1^t, and where r > 5, that times (sqrt(v) + eps) over the factors of the step."""
        corrected, faded = 1.0 - self.beta1**t, self.beta2**t
        limit = 2.0 / (1.0 - self.beta2) - 1.0
        length = limit - 2.0 * t * faded / (1.0 - faded)
        if length <= TRUSTED:
            return np.full(state.shape[1], corrected)
        ratio = (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length)
        found: Vector = corrected * (np.sqrt(state[1]) + self.epsilon) / math.sqrt(ratio * (1.0 - faded))
        return found

    def write(self, book: Book) -> None:
        beta1, beta2 = book.number["beta1"], book.number["beta2"]
        step = book.enter("step", book.rate / (1.0 - power(beta1, book.t)))
        faded = book.enter("power", power(beta2, book.t))
        limit = book.enter("R", 2.0 / (1.0 - beta2) - 1.0)
        r = book.enter("r", limit - 2.0 * book.t * faded / (1.0 - faded))
        rectified = r.value > TRUSTED
        if rectified:
            ratio = book.enter("ratio", (r - 4.0) * (r - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * r))
            step = book.enter("step", step * (root(ratio) * root(1.0 - faded)))
        g = book.penalized()
        m = book.keep("m", book.kept["m"] + (1.0 - beta1) * (g - book.kept["m"]))
        v = book.keep("v", beta2 * book.kept["v"] + (1.0 - beta2) * g * g)
        book.move(book.p - (step * m / (root(v) + book.number["epsilon"]) if rectified else step * m))
