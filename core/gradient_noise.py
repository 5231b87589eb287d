"""How far the gradient of a batch lies from that of the whole training set, and how far it has to lie.

With g_i the gradient of sample i, g their mean over all N, and tr(S) the mean of |g_i - g|^2, the gradient g_B of a
batch of B samples drawn without replacement is off by

    E|g_B - g|^2 = tr(S)/B (N - B)/(N - 1)

(Cochran 1977, Sampling Techniques, theorem 2.2; tr(S)/|g|^2 is the simple noise scale of McCandlish et al. 2018, "An
Empirical Model of Large-Batch Training"). With replacement the second factor is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.batches import Batches
from nnsim.core.jit import kernel, matrix, scalar, vector
from nnsim.core.objective import EVALUATION_ROWS, NO_PENALTY, Objective
from nnsim.core.randomness import Purpose, generator
from nnsim.core.trace import trace

DRAWS = 1000
MOST_SAMPLES = 400_000
"""How many batches `measured` draws, and how many samples they hold together at most."""


class Noise(NamedTuple):
    """Means over many batches: of |g_B - g|^2, and of the cosine between g_B and g."""

    squared: float
    cosine: float


def spread(objective: Objective, parameters: Vector) -> float:
    """tr(S), the mean squared distance of the gradients of single samples from their mean, exact up to rounding. The
    penalty is the same for all samples and cancels."""
    if objective.surface is not None:
        return float(objective.train.inputs.var(axis=0).sum())  # samples differ in their tilt alone
    assert objective.network is not None
    network, mean, total = objective.network, _gradient(objective, parameters, objective.train.all), 0.0
    for block in _blocks(objective):
        for k, layer in enumerate(trace(objective, parameters, block).layers):
            own = layer.delta * len(block)  # of the sample, not of the mean over the block
            total += squared_distances(layer.inputs, own, network.weights(mean, k), network.biases(mean, k))
    return total / len(objective.train)


@kernel(scalar(matrix, matrix, matrix, vector))
def squared_distances(inputs: Matrix, delta: Matrix, weights: Matrix, biases: Vector) -> float:
    """The sum over samples of |g_i - g|^2 in one layer, where dL/dW = a_before delta^T and dL/db = delta for sample i,
    and g is `weights` and `biases`. The difference of their squares would lose the digits of a small distance."""
    total = 0.0
    for i in range(inputs.shape[0]):
        own = 0.0
        for j in range(weights.shape[0]):
            for k in range(weights.shape[1]):
                distance = inputs[i, j] * delta[i, k] - weights[j, k]
                own += distance * distance
        for k in range(biases.size):
            distance = delta[i, k] - biases[k]
            own += distance * distance
        total += own
    return total


def expected(spread: float, batches: Batches, size: int) -> float:
    """E|g_B - g|^2 for a batch of so many samples, which may be the short last one."""
    samples = batches.samples
    if batches.order == "with_replacement" or samples == 1:
        return spread / size
    return spread / size * (samples - size) / (samples - 1)


def measured(objective: Objective, parameters: Vector, batches: Batches) -> Noise:
    """What batches of this size and order do: means over 1000 of them, or over as many as hold 400,000 samples."""
    whole = _gradient(objective, parameters, objective.train.all)
    squared, cosines = [], []
    for batch in _draws(batches):
        gradient = _gradient(objective, parameters, batch)
        squared.append(float(((gradient - whole) ** 2).sum()))
        lengths = float(np.linalg.norm(gradient) * np.linalg.norm(whole))
        cosines.append(float(gradient @ whole) / lengths if lengths else 0.0)
    return Noise(float(np.mean(squared)), float(np.mean(cosines)))


def _draws(batches: Batches) -> Iterator[Indices]:
    """Whole batches out of one epoch after the other, the same ones at every call."""
    rng, samples, size = generator(Purpose.NOISE, 0), batches.samples, batches.size
    left = max(min(DRAWS, MOST_SAMPLES // size), 1)
    while left > 0:
        with_replacement = batches.order == "with_replacement"
        order = rng.integers(0, samples, samples) if with_replacement else rng.permutation(samples)
        for begin in range(0, samples - size + 1, size)[:left]:
            yield order[begin : begin + size]
        left -= samples // size


def _blocks(objective: Objective) -> Iterator[Indices]:
    every = objective.train.all
    for begin in range(0, len(every), EVALUATION_ROWS):
        yield every[begin : begin + EVALUATION_ROWS]


def _gradient(objective: Objective, parameters: Vector, batch: Indices) -> Vector:
    """The gradient of the loss alone; shape (size,)."""
    return replace(objective, penalty=NO_PENALTY).loss_and_gradient(parameters, batch)[1]
