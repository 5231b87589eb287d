"""The samples that the data of a scenario stand for: the training set, and a test set where there is one."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

from nnsim.core.arrays import Matrix
from nnsim.core.objective import Samples
from nnsim.scenarios import schema
from nnsim.scenarios.data import crowd, noisy_sine, side_effects


def samples(spec: schema.Data) -> tuple[Samples, Samples | None]:
    """The training and the test set. Raises ValueError when rows that a file holds have different lengths."""
    match spec:
        case schema.CrowdPictures():
            return _crowd(spec)
        case schema.SideEffects():
            return _side_effects(), None
        case schema.NoisySine():
            return _noisy_sine(spec)
        case schema.Chebyshev():
            return _chebyshev(spec), None
        case _:
            return _inline(spec)


def matrix(rows: list[list[float]], key: str) -> Matrix:
    """Rows of a file as a matrix. Raises ValueError, naming the key, when their lengths differ."""
    if len({len(row) for row in rows}) != 1:
        raise ValueError(f"{key} has rows of different lengths: they must be equal")
    return np.array(rows, dtype=np.float64)


def _crowd(spec: schema.CrowdPictures) -> tuple[Samples, Samples]:
    data = crowd.load()
    return (
        Samples(data.train_images, data.train_counts[:, None] / spec.target_scale),
        Samples(data.test_images, data.test_counts[:, None] / spec.target_scale),
    )


def _side_effects() -> Samples:
    people = side_effects.load()
    return Samples(side_effects.scaled(people.ages)[:, None], np.eye(2)[people.had_side_effects])


def _noisy_sine(spec: schema.NoisySine) -> tuple[Samples, Samples]:
    data = noisy_sine.load()
    inputs, targets = data.inputs[spec.draw, : spec.train], data.targets[spec.draw, : spec.train]
    test_inputs, test_targets = data.test_inputs[: spec.test], data.test_targets[: spec.test]
    return Samples(inputs[:, None], targets[:, None]), Samples(test_inputs[:, None], test_targets[:, None])


def _chebyshev(spec: schema.Chebyshev) -> Samples:
    inputs = np.linspace(-1.0, 1.0, spec.points)
    coefficients = np.zeros(spec.degree + 1)
    coefficients[-1] = 1.0
    targets = np.asarray(chebyshev.chebval(inputs, coefficients), dtype=np.float64)
    return Samples(inputs[:, None], targets[:, None])


def _inline(spec: schema.InlineData) -> tuple[Samples, Samples | None]:
    scale = spec.target_scale
    train = Samples(matrix(spec.inputs, "data.inputs"), matrix(spec.targets, "data.targets") / scale)
    if spec.test_inputs is None or spec.test_targets is None:
        return train, None
    test_targets = matrix(spec.test_targets, "data.test_targets") / scale
    return train, Samples(matrix(spec.test_inputs, "data.test_inputs"), test_targets)
