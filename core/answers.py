"""What outputs answer: a class, yes or no, or nothing where rounding alone would decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Matrix

ROUNDING = 1e-9
"""By so much an answer has to lead, as a part of the largest output where that is beyond 1."""
NONE = -1
"""In place of a class: no answer. So a network that has learned nothing does not seem to tell its samples apart."""


def answers(outputs: Matrix, one_of_many: bool) -> Indices:
    """What outputs (samples, n_out) answer: the class of the largest, shape (samples,), or, where each answers a
    question of its own, 1 for yes and 0 for no, shape (samples, n_out); NONE where it is a tie."""
    return largest(outputs.T) if one_of_many else sides(outputs)


def largest(scores: NDArray[np.float64]) -> Indices:
    """The place along the first axis of the score that leads all others, NONE where none does; in the shape of the
    other axes. Where a score is not a number, none leads."""
    with np.errstate(invalid="ignore"):  # a run that diverges has infinite outputs
        top = scores.max(axis=0)
        behind = top - scores > ROUNDING * np.maximum(1.0, np.abs(top))
    return np.where(behind.sum(axis=0) == len(scores) - 1, scores.argmax(axis=0), NONE)


def sides(scores: NDArray[np.float64]) -> Indices:
    """1 for a score above 0, 0 for one below, and NONE where it is 0 but for rounding; in the same shape."""
    return np.where(scores > ROUNDING, 1, np.where(scores < -ROUNDING, 0, NONE))
