"""Gradient clipping: a gradient that is too large is made smaller before the optimizer sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.jit import inline, kernel, scalar, vector

NORM_GUARD = 1e-6
LARGEST_SQUARED = 1e150


@dataclass(frozen=True)
class Clipping:
    """Limits on the gradient: on its Euclidean norm (Pascanu, Mikolov and Bengio 2013), and on every number in it.

    Where both are given the norm comes first. Raises ValueError for a limit that is not a finite number > 0.
    """

    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        for name in ("norm", "value"):
            limit = getattr(self, name)
            if limit is not None and not (math.isfinite(limit) and limit > 0.0):
                raise ValueError(f"clipping.{name} is {limit}: it takes a finite number above 0")

    def __bool__(self) -> bool:
        return self.norm is not None or self.value is not None

    @property
    def label(self) -> str:
        """What it does, for a status line."""
        limits = [("norm", self.norm), ("value", self.value)]
        return ", ".join(f"clipped at {name} {limit:g}" for name, limit in limits if limit is not None)

    @property
    def vector(self) -> Vector:
        """The limits as the kernel reads them, infinite where there is none; empty where there are none at all."""
        return np.array([limit or math.inf for limit in (self.norm, self.value)] if self else [])


def _clip(gradient: Vector, limits: Vector) -> float:
    """g <- g min(1, norm / (|g| + 1e-6)), then g <- max(-value, min(value, g)), as PyTorch does. Returns |g| before."""
    squares, largest = 0.0, 0.0
    for i in range(gradient.size):
        squares += gradient[i] * gradient[i]
        largest = max(largest, abs(gradient[i]))
    length = math.sqrt(squares)
    if largest > LARGEST_SQUARED:  # squares would be infinite, and the clipped gradient 0
        squares = 0.0
        for i in range(gradient.size):
            squares += (gradient[i] / largest) ** 2.0
        length = largest * math.sqrt(squares)
    scale = limits[0] / (length + NORM_GUARD)
    if scale < 1.0:
        for i in range(gradient.size):
            gradient[i] *= scale
    if limits[1] < math.inf:
        for i in range(gradient.size):
            gradient[i] = max(-limits[1], min(limits[1], gradient[i]))
    return length


clip = kernel(scalar(vector, vector))(_clip)
clip_inside = inline(_clip)
"""`clip` as a part of another kernel."""
