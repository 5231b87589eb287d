"""Right answers: what an output says, and the share of a batch that says what its targets say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Matrix
from nnsim.core.jit import inline

ROUNDING = 1e-9


def says_yes(outputs: Matrix) -> NDArray[np.bool_]:
    """Which outputs of a loss for two classes answer yes: those above 0 by more than rounding, so that a network which
    has learned nothing at all (every output is 0 but for rounding) does not seem to tell its samples apart."""
    return np.asarray(outputs > ROUNDING)


def accuracy(outputs: Matrix, targets: Matrix, one_of_many: bool) -> float:
    """The share of right answers: of samples whose largest output belongs to their class, or, where every output
    answers a question of its own, of outputs."""
    if one_of_many:
        return float(np.mean(outputs.argmax(axis=1) == targets.argmax(axis=1)))
    return float(np.mean(says_yes(outputs) == (targets > 0.5)))


@inline
def accuracy_inside(outputs: Matrix, targets: Matrix, one_of_many: int) -> float:
    """`accuracy`, for kernels."""
    right = 0
    for i in range(outputs.shape[0]):
        said, is_so = 0, 0
        for j in range(outputs.shape[1]):
            said = j if outputs[i, j] > outputs[i, said] else said
            is_so = j if targets[i, j] > targets[i, is_so] else is_so
            if not one_of_many:
                right += (outputs[i, j] > ROUNDING) == (targets[i, j] > 0.5)
        if one_of_many:
            right += said == is_so
    return right / (outputs.shape[0] * (1 if one_of_many else outputs.shape[1]))
