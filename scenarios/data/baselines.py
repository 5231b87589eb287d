"""Simple predictors that a network should beat, measured by their RMSE on a test set, in the targets' units."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.core.objective import Samples


def mean_predictor_rmse(train: Samples, test: Samples) -> float:
    """Always answer the mean of the training targets."""
    return _rmse(np.broadcast_to(train.targets.mean(axis=0), test.targets.shape), test.targets)


def least_squares_rmse(train: Samples, test: Samples) -> float:
    """Answer with the linear function of the inputs, constant included, that fits the training set best."""
    coefficients, *_ = np.linalg.lstsq(_with_constant(train.inputs), train.targets, rcond=None)
    return _rmse(_with_constant(test.inputs) @ coefficients, test.targets)


def _with_constant(inputs: Matrix) -> Matrix:
    return np.hstack([inputs, np.ones((len(inputs), 1))])


def _rmse(answers: Matrix, targets: Matrix) -> float:
    return float(np.sqrt(np.mean((answers - targets) ** 2)))
