"""Adam, its variant AMSGrad, and AdamW, which keeps weight decay apart from the moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, inline, kernel
from nnsim.core.optimizers.account import Book
from nnsim.core.optimizers.rule import SIGNATURE, Rule, check, check_epsilon, penalized, reach_of_mean
from nnsim.core.written import Written, larger, power, root


@inline
def adam_step(
    parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float, weight_decay: float
) -> None:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2;
    p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps) (Kingma and Ba 2015, algorithm 1).

    The fraction is expanded by sqrt(1 - b2^t), which leaves one division for each parameter.
    """
    beta1, beta2 = settings[1], settings[2]
    root = math.sqrt(1.0 - beta2**t)
    step, epsilon = settings[0] * root / (1.0 - beta1**t), settings[3] * root
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        v = beta2 * state[1, i] + (1.0 - beta2) * g * g
        state[0, i] = m
        state[1, i] = v
        parameters[i] -= step * m / (math.sqrt(v) + epsilon)


@inline
def amsgrad_step(
    parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float, weight_decay: float
) -> None:
    """Adam with the largest v so far in place of v (Reddi et al. 2018), its bias corrected as Adam's."""
    beta1, beta2 = settings[1], settings[2]
    root = math.sqrt(1.0 - beta2**t)
    step, epsilon = settings[0] * root / (1.0 - beta1**t), settings[3] * root
    for i in range(parameters.size):
        g = penalized(gradient[i], parameters[i], weight_decay)
        m = state[0, i] + (1.0 - beta1) * (g - state[0, i])
        v = beta2 * state[1, i] + (1.0 - beta2) * g * g
        largest = max(state[2, i], v)
        state[0, i] = m
        state[1, i] = v
        state[2, i] = largest
        parameters[i] -= step * m / (math.sqrt(largest) + epsilon)


@inline
def decay(parameters: Vector, settings: Vector) -> None:
    """p <- (1 - lr wd) p: weight decay that the moments do not see (Loshchilov and Hutter 2019)."""
    factor = 1.0 - settings[0] * settings[4]
    for i in range(parameters.size):
        parameters[i] *= factor


@kernel(SIGNATURE)
def adam(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """Adam, with weight decay in the gradient."""
    adam_step(parameters, gradient, state, settings, t, settings[4])


@kernel(SIGNATURE)
def amsgrad(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """AMSGrad, with weight decay in the gradient."""
    amsgrad_step(parameters, gradient, state, settings, t, settings[4])


@kernel(SIGNATURE)
def adamw(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """Weight decay, then Adam without it."""
    decay(parameters, settings)
    adam_step(parameters, gradient, state, settings, t, 0.0)


@kernel(SIGNATURE)
def amsgradw(parameters: Vector, gradient: Vector, state: Matrix, settings: Vector, t: float) -> None:
    """Weight decay, then AMSGrad without it."""
    decay(parameters, settings)
    amsgrad_step(parameters, gradient, state, settings, t, 0.0)


@dataclass(frozen=True)
class Adam(Rule):
    """Adam, and with `amsgrad` AMSGrad. Betas lie in 0 <= beta < 1, and epsilon is above 0."""

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    amsgrad: bool = False

    name: ClassVar[str] = "adam"
    divides: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, "beta1", "beta2", below=1.0)
        check(self, "weight_decay")
        check_epsilon(self)

    @property
    def kernel(self) -> Kernel[..., None]:
        return amsgrad if self.amsgrad else adam

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the numbers kept per parameter."""
        return ("m", "v", "largest v") if self.amsgrad else ("m", "v")

    @property
    def reach(self) -> float:
        return reach_of_mean(self.beta1)

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """What an update divides m by after t of them, at least 1, the bias of m corrected; shape (size,):
        P = (1 - b1^t) (sqrt(v / (1 - b2^t)) + eps) (Cohen et al. 2022, arXiv:2207.14484)."""
        squares = state[2] if self.amsgrad else state[1]
        found: Vector = (1.0 - self.beta1**t) * (np.sqrt(squares / (1.0 - self.beta2**t)) + self.epsilon)
        return found

    def write(self, book: Book) -> None:
        self._write_step(book, book.penalized())

    def _write_step(self, book: Book, g: Written) -> None:
        beta1, beta2 = book.number["beta1"], book.number["beta2"]
        correction = book.enter("root", root(1.0 - power(beta2, book.t)))
        step = book.enter("step", book.rate * correction / (1.0 - power(beta1, book.t)))
        epsilon = book.enter("eps", book.number["epsilon"] * correction)
        m = book.keep("m", book.kept["m"] + (1.0 - beta1) * (g - book.kept["m"]))
        v = book.keep("v", beta2 * book.kept["v"] + (1.0 - beta2) * g * g)
        if self.amsgrad:
            v = book.keep("largest v", larger(book.kept["largest v"], v))
        book.move(book.p - step * m / (root(v) + epsilon))


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: it shrinks every parameter alike, whatever its gradients were."""

    weight_decay: float = 0.01

    name: ClassVar[str] = "adamw"

    @property
    def kernel(self) -> Kernel[..., None]:
        return amsgradw if self.amsgrad else adamw

    @property
    def stiffness(self) -> float:
        """The decay, which nothing divides, makes steps grow from lr (s + wd (1 + b1) / (1 - b1)) = reach on."""
        return self.weight_decay * self.reach / 2.0

    def write(self, book: Book) -> None:
        book.move(book.p * (1.0 - book.rate * book.number["weight_decay"]))
        self._write_step(book, book.g)
