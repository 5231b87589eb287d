"""The surfaces that a scenario file may descend, and the tilts that give them samples."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from nnsim.scenarios.fields import Positive, Rows, Seed, Strict, Tagged, Text, Values


class SquaredError(Tagged, tag="squared_error", frozen=True):
    """L(y) = (y - target)^2, one parameter y."""

    target: float
    unit: str = ""


class Bowl(Tagged, tag="bowl", frozen=True):
    """L(w) = 1/2 (w - minimum)^T hessian (w - minimum)."""

    hessian: Rows
    minimum: Values

    def __post_init__(self) -> None:
        rows, n = self.hessian, len(self.minimum)
        square = len(rows) == n and all(len(row) == n for row in rows)
        if not square or any(rows[i][j] != rows[j][i] for i in range(n) for j in range(i)):
            raise ValueError(f"has a hessian that is not a symmetric {n} x {n} matrix: its minimum has {n} numbers")


class DoubleWell(Tagged, tag="double_well", frozen=True):
    """The quartic with a global minimum A at -2 and a local one, B, at 3."""


SurfaceName: TypeAlias = Literal[
    "booth",
    "beale",
    "himmelblau",
    "rosenbrock",
    "rastrigin",
    "ackley",
    "styblinski_tang",
    "six_hump_camel",
    "matyas",
    "easom",
    "saddle",
    "monkey_saddle",
    "plateau",
    "ravine",
    "goldstein_price",
]
SCALABLE = ("rosenbrock", "rastrigin", "ackley", "styblinski_tang")


class Named(Tagged, tag="named", frozen=True):
    """One of the surfaces in core/named_surfaces; those that are scalable have 2 parameters or as many as asked for."""

    name: SurfaceName
    dimensions: Annotated[int, Meta(ge=1, le=16)] | None = None

    def __post_init__(self) -> None:
        if self.dimensions is not None and self.name not in SCALABLE:
            raise ValueError(f"has dimensions, but {self.name} has always two: they go with {', '.join(SCALABLE)}")
        if self.name == "rosenbrock" and self.dimensions == 1:
            raise ValueError("has dimensions = 1: rosenbrock takes a whole number of at least 2 and at most 16")


class Minimum(Strict, frozen=True):
    """A known minimum: the letter or word that marks it, and where it lies."""

    label: Annotated[str, Meta(min_length=1, max_length=20)]
    at: Values


class Formula(Tagged, tag="formula", frozen=True):
    """The loss as text, such as "(1-x)^2 + 100*(y-x^2)^2"; its variables are `names`, or those of the text in order."""

    text: Text
    names: list[str] | None = None
    minima: list[Minimum] = field(default_factory=list)


Surface: TypeAlias = SquaredError | Bowl | DoubleWell | Named | Formula


class Tilts(Strict, frozen=True):
    """Samples of a surface: `count` random tilts with mean 0 and root mean square `deviation`."""

    count: Annotated[int, Meta(ge=2, le=1_000_000)]
    deviation: Positive
    seed: Seed = 0
