"""Losses, each beside its gradient: the mean over the samples of a batch, summed over a sample's outputs.

Every loss has the signature `(outputs, targets, settings, delta) -> loss`. `outputs` and `targets` have the shape
(samples, outputs); the gradient of the loss with respect to the outputs is written to `delta`, same shape;
`settings` has the constants of losses that need some.
The two cross-entropies take logits, so that neither a large nor a small logit loses a digit or overflows.
"""

from __future__ import annotations

import math

from nnsim.core.activations import sigmoid
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, kernel, matrix, scalar, vector

SIGNATURE = scalar(matrix, matrix, vector, matrix)


@kernel(SIGNATURE)
def squared_error(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = (y - t)^2 with no 1/2, so dL/dy = 2 (y - t)."""
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            total += error * error
            delta[i, j] = 2.0 * error / samples
    return total / samples


@kernel(SIGNATURE)
def half_squared_error(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = (y - t)^2 / 2, so dL/dy = y - t."""
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            total += 0.5 * error * error
            delta[i, j] = error / samples
    return total / samples


@kernel(SIGNATURE)
def binary_cross_entropy(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = max(z, 0) - t z + log(1 + e^-|z|) on a logit z, so dL/dz = sigmoid(z) - t."""
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            z, t = outputs[i, j], targets[i, j]
            total += max(z, 0.0) - t * z + math.log1p(math.exp(-abs(z)))
            delta[i, j] = (sigmoid(z) - t) / samples
    return total / samples


@kernel(SIGNATURE)
def cross_entropy(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = log(sum_k e^z_k) - sum_k t_k z_k on logits z with one-hot targets t, so dL/dz = softmax(z) - t.

    The largest logit is taken out of the sum first, so no exponential overflows.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        top = outputs[i, 0]
        for j in range(1, width):
            top = max(top, outputs[i, j])
        normalizer = 0.0
        for j in range(width):
            delta[i, j] = math.exp(outputs[i, j] - top)
            normalizer += delta[i, j]
        log_normalizer = math.log(normalizer)
        for j in range(width):
            total += targets[i, j] * (log_normalizer - (outputs[i, j] - top))
            delta[i, j] = (delta[i, j] / normalizer - targets[i, j]) / samples
    return total / samples


@kernel(SIGNATURE)
def mean_output(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = y: for a surface, whose output is itself the loss."""
    samples = outputs.shape[0]
    total = 0.0
    for i in range(samples):
        total += outputs[i, 0]
        delta[i, 0] = 1.0 / samples
    return total / samples


LOSSES: dict[str, Kernel[..., float]] = {
    loss.plain.__name__: loss for loss in (squared_error, half_squared_error, binary_cross_entropy, cross_entropy)
}
