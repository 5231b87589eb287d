"""What is rounding: how far a parameter must go to have moved, and which losses are 0 but for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Vector
from nnsim.core.objective import Objective
from nnsim.core.operations import ADD, MULTIPLY, NEGATE, SUBTRACT
from nnsim.core.surfaces import Surface

UNITS = 8.0
EPSILON = float(np.finfo(np.float64).eps)
PROBES = 17
NEVER_ROUNDED = 1e-9


def tolerance(*points: Vector) -> float:
    """How far a parameter can go by rounding alone: 8 units in the last place of the largest finite number that it or
    any other had at these points, such as the start of a run and where it stands. A gradient that is 0 but for rounding
    is rounding of terms of that size, however small the parameter itself is."""
    sizes = np.abs(np.concatenate(points))
    return UNITS * EPSILON * float(sizes[np.isfinite(sizes)].max(initial=0.0))


def gradient_terms(objective: Objective) -> float:
    """The size of the terms that add up to the gradient of a network: the errors of single samples, which are as large
    as the targets or, as those of probabilities, 1. Where they cancel, rounding of them is left, also where the
    parameters are all 0. The gradient of a surface has no such sum."""
    return 0.0 if objective.network is None else max(1.0, float(np.abs(objective.train.targets).max()))


def moved(before: Vector, after: Vector, tolerance: float) -> NDArray[np.bool_]:
    """Which parameters went somewhere, further than rounding; shape (size,). One that is not finite did."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(~(np.abs(after - before) <= tolerance))


def without_rounding(objective: Objective, parameters: Vector, loss: float) -> float:
    """The loss at a point, and 0 where it is nothing but rounding: where some units in the last place of the parameters
    change it by as much as it is, or the tilts of a surface's samples, which cancel in their mean, leave as much, or
    the terms of the sum that a formula is, such as e^x - x - 1. The loss of a network is a sum of terms that are not
    below 0, so only a tiny one is looked at."""
    if not loss or not np.isfinite(loss) or (objective.network is not None and abs(loss) > NEVER_ROUNDED):
        return loss
    if objective.surface is not None and abs(loss) <= tolerance(objective.train.inputs @ parameters):
        return 0.0
    if abs(loss) <= EPSILON * float(np.abs(terms(objective, parameters)).sum()):
        return 0.0
    steps = np.linspace(-1.0, 1.0, PROBES)[:, None] * tolerance(parameters)
    ways = np.array([np.ones(objective.size), np.where(np.arange(objective.size) % 2, 1.0, -1.0)])
    nearby = parameters + np.concatenate([steps * way for way in ways[: objective.size]])
    return 0.0 if float(np.abs(objective.losses(nearby) - loss).max()) >= abs(loss) else loss


def terms(objective: Objective, parameters: Vector) -> Vector:
    """What is added up in a formula that is a sum, at a point; shape (terms,), and (0,) for any other loss."""
    surface = objective.surface
    if surface is None or not surface.is_formula:
        return np.zeros(0)
    leaves = np.concatenate([parameters, surface.constants])
    summed = [leaves.size + len(surface.program) - 1]
    found: list[float] = []
    for place in summed:  # which grows meanwhile
        row = place - leaves.size
        code, left, right = surface.program[row].tolist() if row >= 0 else (MULTIPLY, 0, 0)
        if code in (ADD, SUBTRACT, NEGATE):
            summed += [each for each in (left, right) if each not in summed]
        else:
            found.append(float(leaves[place]) if row < 0 else _value(surface, parameters, row))
    return np.array(found) if len(found) > 1 else np.zeros(0)


def _value(surface: Surface, parameters: Vector, row: int) -> float:
    """What a row of a formula's program comes to."""
    program, losses = surface.program[: row + 1], np.zeros(1)
    work = np.zeros(surface.work_per_point)
    surface.kernels.at_points(
        parameters[:, None].copy(), program, surface.constants, work, losses, np.zeros((parameters.size, 1))
    )
    return float(losses[0])
