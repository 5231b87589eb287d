"""The gradient of one parameter by central differences: no chain rule, just the loss a little above and below."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.objective import Objective

EPSILON = sys.float_info.epsilon
STEP = EPSILON ** (1.0 / 3.0)
ROUNDING = 16.0  # roundings of the loss that a batch may add up to
KINK = 1e-3


@dataclass(frozen=True)
class CentralDifference:
    """The loss with its penalty at a parameter (`here`), and with the parameter at `low` and at `high`."""

    low: float
    high: float
    loss_low: float
    here: float
    loss_high: float

    @property
    def slope(self) -> float:
        """(L(high) - L(low)) / (high - low)."""
        return (self.loss_high - self.loss_low) / (self.high - self.low)

    @property
    def noise(self) -> float:
        """How far off the slope may be because the losses are rounded."""
        return ROUNDING * EPSILON * max(abs(self.loss_low), abs(self.loss_high)) / (self.high - self.low)

    def error(self, gradient: float) -> float:
        """How far a gradient is from the slope, relative to the larger of the two; 0 where both are 0."""
        largest = max(abs(gradient), abs(self.slope))
        return abs(gradient - self.slope) / largest if largest else 0.0

    @property
    def has_kink(self) -> bool:
        """Whether the loss is steeper on one side than on the other by more than curvature and rounding explain."""
        half = 0.5 * (self.high - self.low)
        below, above = (self.here - self.loss_low) / half, (self.loss_high - self.here) / half
        return abs(above - below) > KINK * max(abs(above), abs(below)) + 4.0 * self.noise


def central_difference(objective: Objective, parameters: Vector, batch: Indices, index: int) -> CentralDifference:
    """Look at the loss on the samples in `batch` on both sides of one parameter.

    The step is the cube root of the smallest relative difference of float64, which balances the error of the formula
    with the rounding of the loss (Press et al. 2007, section 5.7), times the parameter's size where that exceeds 1.
    """
    value = float(parameters[index])
    step = STEP * max(1.0, abs(value))
    space = objective.workspace(len(batch))
    inputs, targets = objective.train.inputs[batch], objective.train.targets[batch]

    def loss_at(x: float) -> float:
        point = parameters.copy()
        point[index] = x
        objective.forward(point, space.table, objective.constants, inputs, space.work, space.outputs)
        loss = objective.loss(space.outputs, targets, objective.loss_settings, space.delta)
        return loss + (objective.penalty_at(point)[0] if objective.penalty else 0.0)

    low, high = value - step, value + step
    with np.errstate(all="ignore"):
        return CentralDifference(low, high, loss_at(low), loss_at(value), loss_at(high))


def verdict(gradient: float, difference: CentralDifference) -> str:
    """How well a gradient and a central difference agree, in words."""
    if not math.isfinite(gradient) or not math.isfinite(difference.slope):
        return "they cannot be compared: the loss is not finite"
    if gradient == difference.slope:
        return "both are 0" if gradient == 0.0 else "they agree in every digit"
    digits = int(-math.log10(difference.error(gradient)))
    if digits >= 4:
        return f"they agree to {digits} digits"
    if abs(gradient - difference.slope) <= difference.noise:
        return "they agree as far as the rounding of the loss allows"
    if difference.has_kink:
        return "the loss has a kink here, so that its slope differs to either side"
    return f"they agree to {digits} digit{'s' * (digits != 1)}" if digits else "they disagree"
