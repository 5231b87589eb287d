"""What the update rules share: a kernel's signature, and hyperparameters that are checked and handed to it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import inline, matrix, scalar, types, vector
from nnsim.core.optimizers.account import Account, Book
from nnsim.core.written import written

LEAST_EPSILON = 1e-300
SIGNATURE = types.void(vector, vector, matrix, vector, scalar)


@inline
def penalized(gradient: float, parameter: float, weight_decay: float) -> float:
    """g + wd p: the gradient of the loss and its L2 penalty wd/2 p^2 (Krogh and Hertz 1992); g itself when wd is 0."""
    return gradient + weight_decay * parameter if weight_decay != 0.0 else gradient


@dataclass(frozen=True)
class Rule(ABC):
    """The hyperparameters of an update rule. A number goes to the kernel, a flag chooses the kernel.

    Raises ValueError, in a sentence that begins with the hyperparameter's name, for one that the rule cannot take.
    """

    learning_rate: float

    divides: ClassVar[bool] = False
    """Whether the step of every parameter is divided by a number of its own: see `preconditioner`."""

    def __post_init__(self) -> None:
        check(self, "learning_rate")

    @property
    @abstractmethod
    def slots(self) -> tuple[str, ...]:
        """The names of the numbers kept per parameter."""

    @abstractmethod
    def write(self, book: Book) -> None:
        """Write the update of one parameter down: what the kernel does to it, operation by operation, in its order."""

    def account(
        self, gradient: float, parameter: float, state: tuple[float, ...], learning_rate: float, t: int
    ) -> Account:
        """The kernel's update of one parameter, step by step; state and parameter equal the kernel's bit for bit.

        `state` has a number for every slot, and `t` counts the updates from 1, this one included.
        """
        book = Book(
            p=written("p", parameter),
            g=written("g", gradient),
            rate=written("lr", learning_rate),
            t=written("t", float(t)),
            kept={slot: written(slot, number) for slot, number in zip(self.slots, state, strict=True)},
            number={field.name: written(field.name, float(getattr(self, field.name))) for field in fields(self)},
        )
        self.write(book)
        return book.account

    @property
    def reach(self) -> float | None:
        """The product of learning rate and curvature from which on steps along that curvature grow on a quadratic:
        for a rule that divides by P, the curvature of P^-1/2 H P^-1/2 with P as it is. None where no such product is
        known, or steps do not grow with the slope at all."""
        return None

    @property
    def stiffness(self) -> float:
        """What weight decay adds to the curvature that counts beside `reach`; where the rule divides by P, and the
        decay with it, it is a part of the preconditioned curvature already, and 0 here."""
        return 0.0

    def preconditioner(self, state: Matrix, t: int) -> Vector:
        """What the steps are divided by after t updates, at least 1, with `state`; shape (size,)."""
        return np.ones(state.shape[1])

    @property
    def vector(self) -> Vector:
        """The numbers as the kernel reads them, in the order of the fields, the learning rate first."""
        values = (getattr(self, field.name) for field in fields(self))
        return np.array([float(value) for value in values if not isinstance(value, bool)])

    @property
    def label(self) -> str:
        """The name of the rule, and what differs from its defaults."""
        return " ".join([type(self).__name__, *self.differences()])

    def differences(self, *known: str) -> list[str]:
        """What differs from the defaults in words, but for the learning rate and the hyperparameters `known`."""
        different = [
            (field.name.replace("_", " "), getattr(self, field.name))
            for field in fields(self)
            if field.name not in ("learning_rate", *known) and getattr(self, field.name) != field.default
        ]
        return [name if value is True else f"{name} {value:g}" for name, value in different]

    def with_rate(self, learning_rate: float) -> Self:
        """The same rule at another learning rate."""
        return replace(self, learning_rate=learning_rate)


def check(rule: Rule, *names: str, above: float | None = None, below: float = math.inf) -> None:
    """Raise ValueError unless these hyperparameters are finite numbers, at least 0 or `above`, and `below`."""
    for name in names:
        value = getattr(rule, name)
        if not (math.isfinite(value) and value < below and (value >= 0.0 if above is None else value > above)):
            allowed = "of at least 0" if above is None else f"above {above:g}"
            allowed += f" and below {below:g}" if math.isfinite(below) else ""
            raise ValueError(f"{name} is {value}: it takes a finite number {allowed}")


def check_epsilon(rule: Rule, breaks: str = "a gradient of exactly 0 would give 0/0") -> None:
    """Raise ValueError unless epsilon is a finite number of at least 1e-300; `breaks` says what 0, or a number that
    vanishes beside another one, would do."""
    check(rule, "epsilon")
    epsilon = vars(rule)["epsilon"]
    if epsilon < LEAST_EPSILON:
        raise ValueError(f"epsilon is {epsilon:g}: {breaks}; it takes a number of at least {LEAST_EPSILON:g}")


def reach_of_mean(beta: float) -> float:
    """The `reach` of steps along an exponential mean of gradients, m <- b m + (1 - b) g: 2 (1 + b) / (1 - b), which is
    38 for 0.9 (Cohen et al. 2022, arXiv:2207.14484): the heavy ball's 2 (1 + b) at a rate that is 1 - b as large."""
    return 2.0 * (1.0 + beta) / (1.0 - beta)
