"""Where a formula has no number: the operation to blame for a loss that is not finite."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.operations import DIVIDE, FIXED_POWER, LOG, POWER
from nnsim.core.program import written
from nnsim.core.surfaces import Surface


class Failure(NamedTuple):
    """An operation on finite numbers whose result is none, such as log(-3.5); `undefined` is False where it has only
    grown too large, such as exp(800)."""

    operation: str
    result: float
    undefined: bool

    @property
    def verdict(self) -> str:
        return "not a number" if math.isnan(self.result) else "infinite"


def failure(surface: Surface, point: Vector) -> Failure | None:
    """Why the loss at a point, shape (size,), is not finite: found from the loss back along what is not finite, as
    exp(800) in exp(x) / (1 + exp(x)). None where the loss is finite, where the point itself is not, and for surfaces
    that are no formulas."""
    if not surface.is_formula:
        return None
    program = surface.program
    points, work = point.reshape(-1, 1).copy(), np.zeros(surface.work_per_point)
    surface.kernels.at_points(points, program, surface.constants, work, np.zeros(1), np.zeros(points.shape))
    first = surface.size + surface.constants.size
    values = work[: first + len(program)].tolist()  # where the kernel has left the result of every operation
    place = len(values) - 1
    if math.isfinite(values[place]):
        return None
    while place >= first:
        code, *operands = program[place - first].tolist()
        broken = [operand for operand in operands if not math.isfinite(values[operand])]
        if not broken:
            return _failure(code, [values[operand] for operand in operands], values[place])
        place = next((operand for operand in broken if math.isnan(values[operand])), broken[0])
    return None


def _failure(code: int, operands: list[float], result: float) -> Failure:
    singular = code == LOG or (operands[1 if code == DIVIDE else 0] == 0.0 and code in (DIVIDE, FIXED_POWER, POWER))
    return Failure(written(code, operands), result, math.isnan(result) or singular)
