"""Penalties on the weights of a network: what is added to the loss to keep them small, beside its gradient.

Biases are not penalised. The penalty counts in the loss that the optimizer descends, not in the loss that is
measured on the training and test sets, so that these stay comparable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.jit import inline, kernel, scalar, vector


@dataclass(frozen=True)
class Penalty:
    """L1 (Tibshirani 1996) and L2 (Hoerl and Kennard 1970) coefficients: l1 * sum |w| + l2 * sum w^2, no 1/2.

    Raises ValueError for a coefficient that is not a finite number >= 0.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"{name} is {value}: it takes a finite number of at least 0")

    def __bool__(self) -> bool:
        return self.l1 > 0.0 or self.l2 > 0.0

    @property
    def vector(self) -> Vector:
        """The coefficients as the kernel reads them; none where there is no penalty."""
        return np.array([self.l1, self.l2] if self else [])


def _add_penalty(parameters: Vector, weights: Vector, coefficients: Vector, gradient: Vector) -> float:
    """Add d/dw (l1 |w| + l2 w^2) = l1 sign(w) + 2 l2 w to the gradient of the parameters where `weights` is 1, and
    return l1 sum |w| + l2 sum w^2. At w = 0 the gradient of |w| is taken as 0."""
    l1, l2 = coefficients[0], coefficients[1]
    total = 0.0
    for i in range(parameters.size):
        w = weights[i] * parameters[i]
        total += l1 * abs(w) + l2 * w * w
        gradient[i] += 2.0 * l2 * w
        if w > 0.0:
            gradient[i] += l1
        elif w < 0.0:
            gradient[i] -= l1
    return total


add_penalty = kernel(scalar(vector, vector, vector, vector))(_add_penalty)
add_penalty_inside = inline(_add_penalty)
"""`add_penalty` as a part of another kernel."""
