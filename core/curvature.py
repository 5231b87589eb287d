"""Curvature of the loss, and the learning rate above which gradient descent on it diverges."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.objective import Objective
from nnsim.core.optimizers import SGD, Optimizer

STEP = 1e-5


def hessian(objective: Objective, parameters: Vector) -> Matrix:
    """The Hessian of the loss on the training set, shape (size, size), by central differences of the exact
    gradient: H e_i = (g(w + h e_i) - g(w - h e_i)) / 2h. For a quadratic that is exact up to rounding, which is why
    h grows with w."""
    with np.errstate(all="ignore"):  # far out, a run that diverges has no finite Hessian
        return _by_differences(objective, parameters)


def _by_differences(objective: Objective, parameters: Vector) -> Matrix:
    columns = []
    steps = STEP * np.maximum(1.0, np.abs(parameters))
    for step, unit in zip(steps, np.diag(steps), strict=True):
        _, ahead = objective.loss_and_gradient(parameters + unit)
        _, behind = objective.loss_and_gradient(parameters - unit)
        columns.append((ahead - behind) / (2.0 * step))
    matrix = np.array(columns)
    return (matrix + matrix.T) / 2.0


def sharpness(objective: Objective, parameters: Vector) -> float:
    """The largest eigenvalue of the Hessian, NaN where the Hessian is not finite."""
    matrix = hessian(objective, parameters)
    if not np.isfinite(matrix).all():
        return float("nan")
    return float(np.linalg.eigvalsh(matrix)[-1])


def critical_rate(sharpness: float, optimizer: Optimizer) -> float | None:
    """The learning rate above which `optimizer` diverges on a quadratic of that sharpness, or None where no such
    rate is known (Adam) or the sharpness is not positive.

    Gradient descent: 2 / s. Heavy ball: 2 (1 + mu) / s. Nesterov: 2 (1 + mu) / (s (1 + 2 mu))
    (Cohen et al. 2021, section 2).
    """
    if not isinstance(optimizer, SGD) or not sharpness > 0.0:
        return None
    limit = 2.0 * (1.0 + optimizer.momentum) / sharpness
    return limit / (1.0 + 2.0 * optimizer.momentum) if optimizer.nesterov else limit
