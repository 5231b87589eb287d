"""The optimizers that a scenario file may name: the keys are those of `nnsim.core.optimizers`, with the same defaults.

Only types and simple bounds live here, so that a scenario can be read without loading NumPy.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from nnsim.scenarios.fields import Fraction, NotNegative, Positive, Tagged

Shrinking: TypeAlias = Annotated[float, Meta(gt=0, lt=1)]
Growing: TypeAlias = Annotated[float, Meta(gt=1)]


class SGD(Tagged, tag="sgd", frozen=True):
    learning_rate: NotNegative
    momentum: Fraction = 0.0
    nesterov: bool = False
    dampening: Fraction = 0.0
    weight_decay: NotNegative = 0.0

    def __post_init__(self) -> None:
        if self.nesterov and self.momentum == 0.0:
            raise ValueError("has nesterov = true with momentum 0: it takes a momentum above 0")
        if self.dampening and self.momentum == 0.0:
            raise ValueError(f"has dampening {self.dampening} with momentum 0: it takes a momentum above 0")
        if self.nesterov and self.dampening:
            raise ValueError(f"has nesterov = true with dampening {self.dampening}: it takes a dampening of 0")


class Adagrad(Tagged, tag="adagrad", frozen=True):
    learning_rate: NotNegative = 0.01
    lr_decay: NotNegative = 0.0
    epsilon: Positive = 1e-10
    weight_decay: NotNegative = 0.0


class RMSprop(Tagged, tag="rmsprop", frozen=True):
    learning_rate: NotNegative = 0.01
    alpha: Fraction = 0.99
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.0
    momentum: Fraction = 0.0
    centered: bool = False


class Adadelta(Tagged, tag="adadelta", frozen=True):
    learning_rate: NotNegative = 1.0
    rho: Fraction = 0.9
    epsilon: Positive = 1e-6
    weight_decay: NotNegative = 0.0


class Adam(Tagged, tag="adam", frozen=True):
    learning_rate: NotNegative = 1e-3
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.0
    amsgrad: bool = False


class AdamW(Tagged, tag="adamw", frozen=True):
    learning_rate: NotNegative = 1e-3
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.01
    amsgrad: bool = False


class Adamax(Tagged, tag="adamax", frozen=True):
    learning_rate: NotNegative = 2e-3
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.0


class NAdam(Tagged, tag="nadam", frozen=True):
    learning_rate: NotNegative = 2e-3
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.0
    momentum_decay: NotNegative = 4e-3


class RAdam(Tagged, tag="radam", frozen=True):
    learning_rate: NotNegative = 1e-3
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = 0.0


class Rprop(Tagged, tag="rprop", frozen=True):
    learning_rate: NotNegative = 0.01
    eta_minus: Shrinking = 0.5
    eta_plus: Growing = 1.2
    step_minimum: Positive = 1e-6
    step_maximum: Positive = 50.0

    def __post_init__(self) -> None:
        if self.step_minimum > self.step_maximum:
            raise ValueError(
                f"has step_minimum {self.step_minimum} with step_maximum {self.step_maximum}: it takes up to that"
            )


class Lion(Tagged, tag="lion", frozen=True):
    learning_rate: NotNegative = 1e-4
    beta1: Fraction = 0.9
    beta2: Fraction = 0.99
    weight_decay: NotNegative = 0.0


Optimizer: TypeAlias = SGD | Adagrad | RMSprop | Adadelta | Adam | AdamW | Adamax | NAdam | RAdam | Rprop | Lion
