"""What a scenario says of its own formula must be true of it: it has a number at the start, and minima where they are
given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.curvature import hessian
from nnsim.core.objective import Objective, of_surface
from nnsim.core.randomness import Purpose, generator
from nnsim.core.surfaces import Surface
from nnsim.core.undefined import failure
from nnsim.scenarios.surfaces import Minimum
from nnsim.scenarios.text import number

NEARBY = 1e-3  # how far around a minimum the loss is looked at, as a share of each coordinate or, if larger, of 1
ROUNDED = 5e-3  # how far from a minimum the place given for it may lie: three digits of it
NEWTON_STEPS = 10
DIRECTIONS = 32
ROUNDING = 1e-12


def check_start(surface: Surface, start: Vector) -> None:
    """Raise ValueError where the loss of a formula is not a finite number at the start."""
    lost = failure(surface, start)
    if lost is not None:
        raise ValueError(f"surface.text gives {lost.operation} at the start, which is {lost.verdict}")


def check_minima(surface: Surface, minima: Sequence[Minimum]) -> None:
    """Raise ValueError for the first of the minima given that is none: neither there, nor at a stationary point so near
    that it may have been rounded, is the loss nowhere lower nearby."""
    objective = of_surface(surface)
    for place, minimum in enumerate(minima, 1):
        point, which = np.array(minimum.at), f"surface.minima[{place}], {minimum.label},"
        lost = failure(surface, point)
        if lost is not None:
            raise ValueError(f"{which} lies where the loss is no number: {lost.operation} is {lost.verdict}")
        lower = _lower(objective, point)
        stationary = None if lower is None else _stationary_point(objective, point)
        if lower is None or (stationary is not None and _lower(objective, stationary) is None):
            continue
        loss, slopes = objective.loss_and_gradient(point)
        raise ValueError(
            f"{which} is no minimum: at {_written(point)} the loss is {number(loss)} with the slope "
            f"{_written(slopes)}, and at {_written(lower)} it is lower"
        )


def _scale(point: Vector) -> Vector:
    return np.maximum(1.0, np.abs(point))


def _lower(objective: Objective, point: Vector) -> Vector | None:
    """The lowest of many points around this one that is lower than it, None where none is."""
    around = point + NEARBY * _scale(point) * _directions(objective, point)
    losses = objective.losses(np.vstack([point, around]))
    finite = losses[np.isfinite(losses)]
    lowest = int(np.nanargmin(losses))
    return None if losses[0] - losses[lowest] <= ROUNDING * np.abs(finite).max() else around[lowest - 1]


def _directions(objective: Objective, point: Vector) -> Matrix:
    """Unit vectors along the axes, along those in which the loss curves by itself (as far as it has a curvature), and
    every which way; shape (directions, size), for coordinates in units of their scale."""
    scale, axes = _scale(point), np.eye(objective.size)
    curvature = hessian(objective, point) * np.outer(scale, scale)
    own = np.linalg.eigh(curvature)[1].T if np.isfinite(curvature).all() else axes
    any_way = generator(Purpose.DIRECTION, 0).standard_normal((DIRECTIONS, objective.size))
    any_way /= np.linalg.norm(any_way, axis=1, keepdims=True)
    return np.vstack([axes, -axes, own, -own, any_way, -any_way])


def _stationary_point(objective: Objective, point: Vector) -> Vector | None:
    """Where Newton's method leads from a point, as far as rounding goes; None where that is farther away."""
    here = point.copy()
    for _ in range(NEWTON_STEPS):
        curvature, slopes = hessian(objective, here), objective.loss_and_gradient(here)[1]
        if not (np.isfinite(curvature).all() and np.isfinite(slopes).all()):
            return None
        here = here - np.linalg.lstsq(curvature, slopes, rcond=ROUNDING)[0]
        if np.abs((here - point) / _scale(point)).max() > ROUNDED:
            return None
    return here


def _written(point: Vector) -> str:
    numbers = [number(value) for value in point.tolist()]
    return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"
