"""The networks that a scenario file may train, with their activations, losses and starts."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from nnsim.scenarios.fields import NotNegative, Positive, Strict, Tagged, Width

MOST_PARAMETERS = 10_000_000


class Zeros(Tagged, tag="zeros", frozen=True):
    pass


class Constant(Tagged, tag="constant", frozen=True):
    value: float


class Uniform(Tagged, tag="uniform", frozen=True):
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.high - self.low < math.inf:
            raise ValueError(f"has the range {self.low} to {self.high}: it takes a finite one, from low to high")


class Normal(Tagged, tag="normal", frozen=True):
    deviation: NotNegative
    mean: float = 0.0


class GlorotUniform(Tagged, tag="glorot_uniform", frozen=True):
    pass


class GlorotNormal(Tagged, tag="glorot_normal", frozen=True):
    pass


class HeNormal(Tagged, tag="he_normal", frozen=True):
    pass


class HeUniform(Tagged, tag="he_uniform", frozen=True):
    pass


Initializer: TypeAlias = Zeros | Constant | Uniform | Normal | GlorotUniform | GlorotNormal | HeNormal | HeUniform


Activation: TypeAlias = Literal[
    "linear",
    "relu",
    "leaky_relu",
    "tanh",
    "sigmoid",
    "elu",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "softplus",
    "mish",
    "hard_tanh",
    "sine",
]

Loss: TypeAlias = Literal[
    "squared_error",
    "half_squared_error",
    "absolute_error",
    "huber",
    "log_cosh",
    "hinge",
    "binary_cross_entropy",
    "cross_entropy",
    "cross_entropy_of_sigmoids",
    "log_loss_of_sigmoids",
]


class Network(Strict, frozen=True):
    """A fully connected network. `sizes` begins with the inputs; `activations` has one entry per layer after. `biased`
    tells whether its neurons have biases.
    `huber_delta` is the error at which the Huber loss turns from a parabola into a line. The optimizer descends the
    loss plus l1 * sum |w| + l2 * sum w^2 over the weights, biases not counted.
    """

    sizes: Annotated[list[Width], Meta(min_length=2, max_length=64)]
    activations: list[Activation]
    loss: Loss
    weights: Initializer = GlorotUniform()
    biases: Initializer = Zeros()
    biased: bool = True
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    huber_delta: Positive = 1.0

    def __post_init__(self) -> None:
        parameters = sum((n_in + self.biased) * n_out for n_in, n_out in pairwise(self.sizes))
        if parameters > MOST_PARAMETERS:
            raise ValueError(f"has {parameters} parameters: it takes at most {MOST_PARAMETERS}")
        layers = len(self.sizes) - 1
        if len(self.activations) != layers:
            raise ValueError(f"has {len(self.activations)} activations for {layers} layers: it takes one for each")
        if self.huber_delta != 1.0 and self.loss != "huber":
            raise ValueError(
                f'has huber_delta = {self.huber_delta:g} with the loss "{self.loss}": it goes with "huber"'
            )
