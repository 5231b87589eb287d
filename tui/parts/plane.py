"""A plane through the space of parameters, and how much of it is worth showing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.curvature import sharpest_directions
from nnsim.core.objective import Objective
from nnsim.tui.numbers import short
from nnsim.tui.parts.landscape import HIGHEST

Window: TypeAlias = tuple[float, float]

LADDER = (1.0, 2.0, 5.0, 10.0)
# What a window must show lies within this part of its width, since its middle is a round number.
FILLED = 0.65
# Half the width of a window along a weight, or where the loss has no size of its own.
REACH = 1.0
# How far a window reaches, in units of the way on which a parabola of the curvature doubles the loss.
DOUBLINGS = 1.5
# How many times as far as along the sharper direction it reaches at most.
GROOVE = 4.0


@dataclass(frozen=True, eq=False)
class Plane:
    """Coordinates (a, b) stand for origin + a * first + b * second direction; the directions (2, size) have length 1
    and are at right angles. `curvatures` are those of the loss along them, if they are its sharpest directions."""

    origin: Vector
    directions: Matrix
    names: tuple[str, str]
    curvatures: tuple[float, float] | None = None

    @property
    def titles(self) -> tuple[str, str] | None:
        """What the directions are, where they are no parameters."""
        if self.curvatures is None:
            return None
        first, second = map(short, self.curvatures)
        return f"1st direction (curvature {first})", f"2nd direction (curvature {second})"

    def points(self, coordinates: Matrix) -> Matrix:
        """The points (n, size) that coordinates (n, 2) stand for."""
        points: Matrix = self.origin + coordinates @ self.directions
        return points

    def coordinates(self, points: Matrix) -> Matrix:
        """Where points (n, size) lie, seen at right angles to the plane; shape (n, 2)."""
        with np.errstate(invalid="ignore", over="ignore"):  # a run that diverges is nowhere
            found: Matrix = (points - self.origin) @ self.directions.T
        return found


def along(objective: Objective, here: Vector, pair: tuple[int, int]) -> Plane:
    """The plane of two parameters through a point; its coordinates are their values."""
    origin, directions = here.copy(), np.zeros((2, objective.size))
    origin[list(pair)] = 0.0
    directions[[0, 1], pair] = 1.0
    return Plane(origin, directions, (objective.names[pair[0]], objective.names[pair[1]]))


def sharpest(objective: Objective, here: Vector) -> Plane:
    """The plane of the two top eigenvectors of the Hessian; its coordinates count from the point."""
    values, directions = sharpest_directions(objective, here)
    return Plane(here.copy(), directions, ("1st", "2nd"), (float(values[0]), float(values[1])))


def windows(objective: Objective, plane: Plane, trail: Matrix) -> tuple[Window, Window]:
    """What to show of both directions: the trail, given in coordinates (n, 2), and enough around it. Both ranges have
    round ends and follow from the arguments alone.

    Along sharpest directions that is a valley around the point itself, as far one way as the other, so that it looks
    as narrow as it is. Of a network's parameters it is as much as weights are large; of a surface's it has the known
    minima, or 0, in it.
    """
    if plane.curvatures is not None:
        first = second = _around(trail, _valley(float(objective.losses(plane.origin[None])[0]), plane.curvatures))
    elif objective.surface is None:
        first, second = (_over(trail[:, axis], REACH) for axis in (0, 1))
    else:
        known = [position for _, position in objective.surface.minima] or [(0.0,) * objective.size]
        spots = np.concatenate([trail, plane.coordinates(np.array(known))])
        first, second = (_over(spots[:, axis], 0.0) for axis in (0, 1))
    return first, second


def _valley(loss: float, curvatures: tuple[float, float]) -> float:
    """How far the window reaches along two directions of falling curvature: as far as the flatter one takes to double
    the loss, but not so far that the sharper one becomes a mere groove."""
    first, second = (
        DOUBLINGS * math.sqrt(2.0 * loss / each) if each > 0.0 and 0.0 < loss < math.inf else 0.0 for each in curvatures
    )
    return min(max(first, second), GROOVE * first) or REACH


def _around(values: Matrix, least: float) -> Window:
    """A range around 0 that has all values well inside."""
    half = _rung(max(least, float(np.abs(_finite(values)).max(initial=0.0)) / FILLED))
    return -half, half


def _over(values: Vector, least: float) -> Window:
    """A range around a round number that has all values well inside, and moves seldom as they do."""
    finite = _finite(values)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    middle = low / 2.0 + high / 2.0
    half = _rung(max(least, (high / 2.0 - low / 2.0) / FILLED, 1e-6 * abs(middle)) or REACH)
    step = half / 2.0
    middle = round(middle / step) * step
    return middle - half, middle + half


def _finite(values: Vector | Matrix) -> Vector:
    return np.clip(values[np.isfinite(values)], -HIGHEST, HIGHEST)


def _rung(size: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below a positive size."""
    power = 10.0 ** math.floor(math.log10(size))
    return next((digit * power for digit in LADDER if digit * power >= size), 10.0 * power)
