"""What the engines are given to do: the same data, the same start and the same batches for all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

BETA1, BETA2 = 0.9, 0.999
# Far below any gradient: scikit-learn adds it before the bias correction, the others after it.
EPSILON = 1e-17


@dataclass(frozen=True)
class Training:
    """Training of a ReLU network with linear outputs by Adam, in batches that follow the order of the samples.

    `cross_entropy` is that of the softmax of the outputs, `squared_error` that of one output without a 1/2.
    """

    sizes: tuple[int, ...]
    loss: Literal["cross_entropy", "squared_error"]
    batch: int
    samples: int
    epochs: int
    learning_rate: float

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))}, {self.loss.replace('_', ' ')}, batch {self.batch}"

    @property
    def updates(self) -> int:
        return self.samples // self.batch * self.epochs

    @property
    def part(self) -> Training:
        """As much of it as is checked."""
        return replace(self, epochs=1)

    @property
    def layers(self) -> list[tuple[int, int]]:
        """The inputs and outputs of each layer."""
        return list(zip(self.sizes, self.sizes[1:], strict=False))

    @property
    def flops(self) -> int:
        """The multiplications and additions in the matrix products of an update: one forward, two backward, of which
        the first layer needs only that for its weights."""
        products = [n_in * n_out for n_in, n_out in self.layers]
        return 2 * self.batch * (3 * sum(products) - products[0])

    @cached_property
    def inputs(self) -> Array:
        """Shape (samples, n_in)."""
        return np.random.default_rng(0).standard_normal((self.samples, self.sizes[0]))

    @cached_property
    def targets(self) -> Array:
        """Shape (samples, n_out): a linear function of the inputs, or the one-hot class in which it is largest."""
        weights = np.random.default_rng(1).standard_normal((self.sizes[0], self.sizes[-1]))
        scores = self.inputs @ weights / np.sqrt(self.sizes[0])
        return np.eye(self.sizes[-1])[scores.argmax(axis=1)] if self.loss == "cross_entropy" else scores

    @cached_property
    def start(self) -> list[tuple[Array, Array]]:
        """Weights (n_in, n_out), drawn as by Glorot and Bengio 2010, and biases (n_out,) of each layer, at 0."""
        rng = np.random.default_rng(2)
        limits = [(layer, np.sqrt(6.0 / sum(layer))) for layer in self.layers]
        return [(rng.uniform(-limit, limit, layer), np.zeros(layer[1])) for layer, limit in limits]


@dataclass(frozen=True)
class Descent:
    """Updates of many points on Himmelblau's surface, L(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2 (Himmelblau 1972).

    Every point has an optimizer of its own, but they all make the same number of updates.
    """

    optimizer: Literal["SGD", "Adam"]
    learning_rate: float
    points: int = 10_000
    updates: int = 1000

    def __str__(self) -> str:
        return f"{self.points} starts on Himmelblau, {self.updates} updates of each by {self.optimizer}"

    @property
    def part(self) -> Descent:
        """As much of it as is checked: near a minimum Adam makes large steps of the last digits of the gradient."""
        return replace(self, updates=100)

    @cached_property
    def starts(self) -> Array:
        """Shape (points, 2)."""
        return np.random.default_rng(3).uniform(-6.0, 6.0, (self.points, 2))


Work: TypeAlias = Training | Descent


def flat(layers: list[tuple[Array, Array]]) -> Array:
    """Weights and biases, layer by layer, in one vector."""
    return np.concatenate([numbers.ravel() for layer in layers for numbers in layer])
