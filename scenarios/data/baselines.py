"""Simple predictors that a network should beat: what knows nothing of the inputs, and the best straight line."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import entr

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.losses import binary_cross_entropy, log_loss_of_sigmoids
from nnsim.core.objective import Objective, Samples

HALVINGS = 60
SAME = 1e-9
ROUNDING = 1e-13


class Guess(NamedTuple):
    """The lowest loss of answers that know nothing of the inputs, and how it is written where that tells more: ln 4."""

    loss: float
    written: str = ""


def baselines(objective: Objective, samples: Samples) -> dict[str, float]:
    """The metric on `samples` of predictors that were fitted to the training set: an RMSE in the units of the targets,
    or a share of right answers. Empty without a metric."""
    train = objective.train
    match objective.metric:
        case "rmse":
            mean = np.broadcast_to(train.targets.mean(axis=0), samples.targets.shape)
            line = straight_line(train, samples.inputs)
            return {"mean predictor": _rmse(mean, samples.targets), "least squares": _rmse(line, samples.targets)}
        case "accuracy":
            return {"largest class": _largest_class(objective, samples)}
        case _:
            return {}


def blind_guess(objective: Objective) -> Guess | None:
    """The best of all guesses that answer the same to every training sample.

    Under a cross-entropy it gives each class its share of the samples, and its loss is the entropy of the shares. The
    other losses are convex in the answer: halving finds where the slope of the mean loss changes its sign, at the mean,
    the median, ... Surfaces have none, nor has `log_loss_of_sigmoids`, whose loss falls to 0 when every class is sure.
    """
    targets = objective.train.targets
    if objective.metric is None or objective.loss is log_loss_of_sigmoids:
        return None
    shares = targets.mean(axis=0)
    if objective.one_of_many:
        return _entropy(shares)
    if objective.loss is binary_cross_entropy:
        guesses = [_entropy(np.array([1.0 - share, share])) for share in shares]
        return guesses[0] if len(guesses) == 1 else Guess(sum(guess.loss for guess in guesses))
    return Guess(_least_loss(objective, targets))


def line_loss(objective: Objective) -> float:
    """The loss on the training set of the straight line that fits it best by least squares."""
    train = objective.train
    return _loss(objective, straight_line(train, train.inputs), np.zeros_like(train.targets))


def straight_line(train: Samples, inputs: Matrix) -> Matrix:
    """What the linear function of the inputs, constant included, answers that fits the training set best."""
    coefficients, *_ = np.linalg.lstsq(_with_constant(train.inputs), train.targets, rcond=None)
    return np.asarray(_with_constant(inputs) @ coefficients)


def _entropy(shares: Vector) -> Guess:
    """-sum p ln p, which is ln k for k equal shares."""
    held = shares[shares > 0.0]
    equal = len(held) > 1 and np.ptp(held) <= SAME
    return Guess(float(entr(held).sum()), f"ln {len(held)}" if equal else "")


def _least_loss(objective: Objective, targets: Matrix) -> float:
    """The lowest mean loss of one answer for all samples, between the least and the largest target of each output."""
    low, high = targets.min(axis=0), targets.max(axis=0)
    slopes = np.zeros_like(targets)
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2.0
        _loss(objective, np.tile(middle, (len(targets), 1)), slopes)
        rises = slopes.sum(axis=0) > 0.0
        low, high = np.where(rises, low, middle), np.where(rises, middle, high)
    return _loss(objective, np.tile(low + (high - low) / 2.0, (len(targets), 1)), slopes)


def _loss(objective: Objective, answers: Matrix, slopes: Matrix) -> float:
    """The loss of some answers for the training set; its gradient goes to `slopes`."""
    answers = np.ascontiguousarray(answers, dtype=np.float64)
    return float(objective.loss(answers, objective.train.targets, objective.loss_settings, slopes))


def _largest_class(objective: Objective, samples: Samples) -> float:
    """The share of right answers where the class that most training samples have is always answered; where every
    output answers a question of its own, the more frequent answer to each."""
    if objective.one_of_many:
        largest = np.bincount(objective.train.targets.argmax(axis=1)).argmax()
        return float(np.mean(samples.targets.argmax(axis=1) == largest))
    usual = (objective.train.targets > 0.5).mean(axis=0) > 0.5
    return float(np.mean((samples.targets > 0.5) == usual))


def _with_constant(inputs: Matrix) -> Matrix:
    return np.hstack([inputs, np.ones((len(inputs), 1))])


def _rmse(answers: Matrix, targets: Matrix) -> float:
    """The root mean square of the errors; 0 where only rounding keeps it from that."""
    rmse, size = (math.sqrt(np.mean(values**2)) for values in (answers - targets, targets))
    return rmse if rmse > ROUNDING * size else 0.0
