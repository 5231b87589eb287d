"""Right answers: the share of a batch that says what its targets say. A tie says nothing, and so nothing right."""

from __future__ import annotations

import numpy as np

from nnsim.core.answers import NONE, ROUNDING, answers
from nnsim.core.arrays import Matrix
from nnsim.core.jit import inline


def accuracy(outputs: Matrix, targets: Matrix, one_of_many: bool) -> float:
    """The share of right answers: of samples whose largest output belongs to their class, or, where every output
    answers a question of its own, of outputs."""
    wanted = targets.argmax(axis=1) if one_of_many else targets > 0.5
    return float(np.mean(answers(outputs, one_of_many) == wanted))


@inline
def largest_inside(outputs: Matrix, row: int) -> int:
    """`answers.largest` of one sample, for kernels."""
    top, behind = 0, 0
    for j in range(outputs.shape[1]):
        top = j if outputs[row, j] > outputs[row, top] else top
    least = ROUNDING * max(1.0, abs(outputs[row, top]))
    for j in range(outputs.shape[1]):
        behind += outputs[row, top] - outputs[row, j] > least
    return top if behind == outputs.shape[1] - 1 else NONE


@inline
def accuracy_inside(outputs: Matrix, targets: Matrix, one_of_many: int) -> float:
    """`accuracy`, for kernels."""
    right = 0
    for i in range(outputs.shape[0]):
        is_so = 0
        for j in range(outputs.shape[1]):
            is_so = j if targets[i, j] > targets[i, is_so] else is_so
            if not one_of_many:
                right += (outputs[i, j] if targets[i, j] > 0.5 else -outputs[i, j]) > ROUNDING
        if one_of_many:
            right += largest_inside(outputs, i) == is_so
    return right / (outputs.shape[0] * (1 if one_of_many else outputs.shape[1]))
