"""The gradient of one parameter by central differences: no chain rule, just the loss a little above and below."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.objective import Objective

EPSILON = sys.float_info.epsilon
STEP = EPSILON ** (1.0 / 3.0)
ROUNDING = 16.0  # roundings of the loss that a batch may add up to
HALVINGS = 40
FEWEST, MOST = 4, 7  # lengths between which the change of the slope is compared: from an eighth to a 64th of another
SHARE = 0.25  # between that eighth, which a smooth slope leaves, and the half that is left of a jump
FINER = 64.0


@dataclass(frozen=True)
class CentralDifference:
    """The loss with its penalty at a parameter (`here`), and with the parameter at `low` and at `high`.

    `loss_at` is the loss with the parameter elsewhere, and `rounding` how far off each loss may be by rounding.
    """

    low: float
    high: float
    loss_low: float
    here: float
    loss_high: float
    rounding: float
    loss_at: Callable[[float], float] = field(repr=False, compare=False)

    @property
    def slope(self) -> float:
        """(L(high) - L(low)) / (high - low)."""
        return (self.loss_high - self.loss_low) / (self.high - self.low)

    @property
    def noise(self) -> float:
        """How far off the slope may be because the losses are rounded."""
        return self.rounding / (self.high - self.low)

    @property
    def bend(self) -> float:
        """How far off the slope is because the loss bends within the step, beyond rounding: how far from the slope of a
        step that is a 64th of it."""
        middle, step = 0.5 * (self.low + self.high), 0.5 * (self.high - self.low) / FINER
        low, high = middle - step, middle + step
        finer = (self.loss_at(high) - self.loss_at(low)) / (high - low)
        return max(0.0, abs(self.slope - finer) - (FINER + 1.0) * self.noise)

    def error(self, gradient: float) -> float:
        """How far a gradient is from the slope, relative to the larger of the two; 0 where both are 0."""
        largest = max(abs(gradient), abs(self.slope))
        return abs(gradient - self.slope) / largest if largest else 0.0

    @property
    def has_kink(self) -> bool:
        """Whether the slope jumps somewhere from `low` to `high`.

        The half of the interval over which it changes most is halved again and again, as far as rounding lets the
        change be seen. A smooth slope changes by half as much each time, a jump stays as high as it was, or is cut in
        two once.
        """
        points = [self.low, 0.5 * (self.low + self.high), self.high]
        losses = [self.loss_low, self.here, self.loss_high]
        changes: list[float] = []
        for _ in range(HALVINGS):
            rise = abs(losses[0] - 2.0 * losses[1] + losses[2])
            if not rise > 4.0 * self.rounding:
                break
            changes.append(rise / (points[1] - points[0]))
            points, losses = self._where_the_slope_changes(points, losses)
        last = changes[-MOST:]
        return len(last) >= FEWEST and last[-1] > SHARE * max(last)

    def _where_the_slope_changes(self, points: list[float], losses: list[float]) -> tuple[list[float], list[float]]:
        """Of three points of an interval, the three of the half of it (left, middle or right) in which the slope
        changes most."""
        left, middle, right = points
        between = [0.5 * (left + middle), 0.5 * (middle + right)]
        xs = [left, between[0], middle, between[1], right]
        ys = [losses[0], self.loss_at(between[0]), losses[1], self.loss_at(between[1]), losses[2]]
        start = max((1, 0, 2), key=lambda k: abs(ys[k] - 2.0 * ys[k + 1] + ys[k + 2]))
        return xs[start : start + 3], ys[start : start + 3]


def central_difference(objective: Objective, parameters: Vector, batch: Indices, index: int) -> CentralDifference:
    """Look at the loss on the samples in `batch` on both sides of one parameter.

    The step is the cube root of the smallest relative difference of float64, which balances the error of the formula
    with the rounding of the loss (Press et al. 2007, section 5.7), times the parameter's size where that exceeds 1.
    A loss is rounded as it is, and so are the outputs and the parameter that it comes from.
    """
    value = float(parameters[index])
    step = STEP * max(1.0, abs(value))
    space = objective.workspace(len(batch))
    inputs, targets = objective.train.inputs[batch], objective.train.targets[batch]

    def loss_at(x: float) -> float:
        point = parameters.copy()
        point[index] = x
        with np.errstate(all="ignore"):
            objective.forward(point, space.table, objective.constants, inputs, space.work, space.outputs)
            loss = objective.loss(space.outputs, targets, objective.loss_settings, space.delta)
            return loss + (objective.penalty_at(point)[0] if objective.penalty else 0.0)

    low, high = value - step, value + step
    losses, outputs = [], 0.0
    for x in (low, value, high):
        losses.append(loss_at(x))
        with np.errstate(all="ignore"):
            outputs = max(outputs, float(np.abs(space.delta * space.outputs).sum()))
    steepest = max(abs(losses[1] - losses[0]), abs(losses[2] - losses[1])) / step
    rounding = ROUNDING * EPSILON * (max(map(abs, losses)) + outputs + abs(value) * steepest)
    return CentralDifference(low, high, losses[0], losses[1], losses[2], rounding, loss_at)


def verdict(gradient: float, difference: CentralDifference) -> str:
    """How well a gradient and a central difference agree, in words. Where both are the slope between the two sides of a
    kink, as at the tip of |x|, the kink is what is told."""
    if not math.isfinite(gradient) or not math.isfinite(difference.slope):
        return "they cannot be compared: the loss is not finite"
    same = gradient == difference.slope
    if same and not difference.has_kink:
        return "both are 0" if gradient == 0.0 else "they agree in every digit"
    digits = 0 if same else int(-math.log10(difference.error(gradient)))
    if digits >= 4:
        return f"they agree to {digits} digits"
    if not same and abs(gradient - difference.slope) <= difference.noise:
        return "they agree as far as the rounding of the loss allows"
    if same or difference.has_kink:
        return "the loss has a kink here, so that its slope differs to either side"
    if digits:
        return f"they agree to {digits} digit{'s' * (digits != 1)}"
    if abs(gradient - difference.slope) <= 2.0 * difference.bend:
        return "they agree as far as the bending of the loss within this step allows"
    return "they disagree"
