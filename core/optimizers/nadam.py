"""NAdam: Adam whose momentum looks ahead, as Nesterov's does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized, reach_of_mean
from nnsim.core.written import power, root, written


@kernel(SIGNATURE)
def nadam(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """With m and v as in Adam, mu_t = b1 (1 - 0.96^(t psi) / 2) and the product M_t = mu_1 ... mu_t:
    p <- p - lr ((1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m) / (sqrt(v / (1 - b2^t)) + eps) (Dozat 2016)."""
    learning_rate, beta1, beta2, epsilon = settings[0], settings[1], settings[2], settings[3]
    weight_decay, momentum_decay = settings[4], settings[5]
    mu = beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay))
    mu_next = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1.0) * momentum_decay))
    correction = 1.0 - beta2**t
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        v = beta2 * state[1, i] + (1.0 - beta2) * g * g
        product = mu if t == 1.0 else state[2, i] * mu
        state[0, i] = m
        state[1, i] = v
        state[2, i] = product
        ahead = (1.0 - mu) / (1.0 - product) * g + mu_next / (1.0 - product * mu_next) * m
        parameters[i] -= learning_rate * ahead / (math.sqrt(v / correction) + epsilon)


@dataclass(frozen=True)
class NAdam(Rule):
    """NAdam. Betas lie in 0 <= beta < 1, and epsilon is above 0; `momentum_decay` is psi."""

    learning_rate: float = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    momentum_decay: float = 4e-3

    name: ClassVar[str] = "nadam"
    divides: ClassVar[bool] = True
    kernel: ClassVar[Kernel[..., None]] = nadam
    slots: ClassVar[tuple[str, ...]] = ("m", "v", "mu product")

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "beta1", "beta2", below=1.0)
        check(self, "weight_decay", "momentum_decay")
        check_epsilon(self)

    @property
    def reach(self) -> float:
        """That of an exponential mean that looks ahead: 2 (1 + b1) / ((1 - b1) (1 + 2 b1))."""
        return reach_of_mean(self.beta1) / (1.0 + 2.0 * self.beta1)

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """The root of v, as Adam's, times a factor that is 1 once mu has come to b1: update t moves by lr (a g + c m)
        over that root, which on a quadratic diverges from lr s (a (1 + b1) + c (1 - b1)) = 2 (1 + b1) on."""
        mu, mu_next = (self.beta1 * (1.0 - 0.5 * 0.96 ** (k * self.momentum_decay)) for k in (t, t + 1))
        of_gradient, of_mean = (1.0 - mu) / (1.0 - state[2]), mu_next / (1.0 - state[2] * mu_next)
        ahead = of_gradient * (1.0 + self.beta1) + of_mean * (1.0 - self.beta1)
        settled = (1.0 - self.beta1) * (1.0 + 2.0 * self.beta1)
        found: Vector = (np.sqrt(state[1] / (1.0 - self.beta2**t)) + self.epsilon) * settled / ahead
        return found

    def write(self, book: Book) -> None:
        beta1, beta2, decay = book.number["beta1"], book.number["beta2"], book.number["momentum_decay"]
        shrinking = written("0.96", 0.96)
        mu = book.enter("mu", beta1 * (1.0 - 0.5 * power(shrinking, book.t * decay)))
        mu_next = book.enter("mu next", beta1 * (1.0 - 0.5 * power(shrinking, (book.t + 1.0) * decay)))
        correction = book.enter("correction", 1.0 - power(beta2, book.t))
        g = book.penalized()
        m = book.keep("m", book.kept["m"] + (1.0 - beta1) * (g - book.kept["m"]))
        v = book.keep("v", beta2 * book.kept["v"] + (1.0 - beta2) * g * g)
        product = book.keep("mu product", mu if book.t.value == 1.0 else book.kept["mu product"] * mu)
        ahead = book.enter("ahead", (1.0 - mu) / (1.0 - product) * g + mu_next / (1.0 - product * mu_next) * m)
        book.move(book.p - book.rate * ahead / (root(v / correction) + book.number["epsilon"]))
