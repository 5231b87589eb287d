"""Losses, each beside its gradient: the mean over the samples of a batch, summed over a sample's outputs.

Every loss has the signature `(outputs, targets, settings, delta) -> loss`. `outputs` and `targets` have the shape
(samples, outputs); the gradient of the loss with respect to the outputs is written to `delta`, same shape;
`settings` has the constants of a loss that needs some: the threshold of the Huber loss, nothing for the others.
Cross-entropies take logits, so that neither a large nor a small logit loses a digit or overflows.
"""

from __future__ import annotations

import math

from nnsim.core.activations import relu, sigmoid
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, inline, kernel, matrix, scalar, types, vector
from nnsim.core.signs import sign

SIGNATURE = scalar(matrix, matrix, vector, matrix)


@inline
def clip(x: float, limit: float) -> float:
    """x, kept between -limit and limit; a NaN stays a NaN."""
    if x > limit:
        return limit
    return -limit if x < -limit else x


@inline
def log_sigmoid(z: float) -> float:
    """log(sigmoid(z)) = -log(1 + e^-z), by the branch whose exponential cannot overflow."""
    return -math.log1p(math.exp(-z)) if z > 0.0 else z - math.log1p(math.exp(z))


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
def absolute_error(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = |y - t|, so dL/dy is the sign of y - t: 0 at a tie, as PyTorch does."""
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            total += abs(error)
            delta[i, j] = sign(error) / samples
    return total / samples


@kernel(SIGNATURE)
def huber(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = e^2 / 2 for an error e = y - t of at most d = `settings[0]`, beyond it d (|e| - d / 2) (Huber 1964).

    So dL/dy = g is the error clipped to +-d, and L = g (e - g / 2).
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            slope = clip(error, settings[0])
            total += slope * (error - 0.5 * slope)
            delta[i, j] = slope / samples
    return total / samples


@kernel(SIGNATURE)
def log_cosh(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = log(cosh(e)) of the error e = y - t, so dL/dy = tanh(e) (Green 1990).

    A small error goes by cosh(e) = 1 + 2 sinh(e / 2)^2, which keeps its digits, and a large one by
    cosh(e) = e^|e| (1 + e^-2|e|) / 2, which does not overflow.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            size = abs(error)
            if size < 1.0:
                s = math.sinh(0.5 * size)
                total += math.log1p(2.0 * s * s)
            else:
                total += size - math.log(2.0) + math.log1p(math.exp(-2.0 * size))
            delta[i, j] = math.tanh(error) / samples
    return total / samples


@kernel(SIGNATURE)
def hinge(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = max(0, 1 - t y) for a target t of -1 or 1, so dL/dy = -t where t y < 1 (Cortes and Vapnik 1995).

    At the kink t y = 1 the gradient is 0, that of relu(1 - t y) in PyTorch and TensorFlow.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            cost = relu(1.0 - targets[i, j] * outputs[i, j])
            total += cost
            delta[i, j] = -targets[i, j] * sign(cost) / samples
    return total / samples


@kernel(SIGNATURE)
def binary_cross_entropy(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = max(z, 0) - t z + log(1 + e^-|z|) on a logit z, so dL/dz = sigmoid(z) - t.

    The gradient is taken as (1 - t) sigmoid(z) - t sigmoid(-z), so that a right answer keeps its digits.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            z, t = outputs[i, j], targets[i, j]
            e = math.exp(-abs(z))
            total += max(z, 0.0) - t * z + math.log1p(e)
            slope = (1.0 - t) - t * e if z >= 0.0 else (1.0 - t) * e - t
            delta[i, j] = slope / (1.0 + e) / samples
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
def cross_entropy_of_sigmoids(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = -sum_k t_k log p_k for p_k = s_k / sum_j s_j, the sigmoids s = sigmoid(z) divided by their sum.

    So dL/dz = (p - t) (1 - s), for one-hot targets t. This is what Keras makes of a last layer of sigmoids under
    `categorical_crossentropy`, which divides every output by the sum of all before it takes the logarithm. The p are
    the softmax of log s, whose largest is taken out of the sum first.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        top = log_sigmoid(outputs[i, 0])
        for j in range(1, width):
            top = max(top, log_sigmoid(outputs[i, j]))
        normalizer = 0.0
        for j in range(width):
            delta[i, j] = math.exp(log_sigmoid(outputs[i, j]) - top)
            normalizer += delta[i, j]
        log_normalizer = math.log(normalizer)
        for j in range(width):
            total += targets[i, j] * (log_normalizer - (log_sigmoid(outputs[i, j]) - top))
            delta[i, j] = (delta[i, j] / normalizer - targets[i, j]) * sigmoid(-outputs[i, j]) / samples
    return total / samples


@kernel(SIGNATURE)
def log_loss_of_sigmoids(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = -sum_k t_k log s_k for s = sigmoid(z), so dL/dz = -t (1 - s): nothing ever pushes a wrong output down.

    It is what comes out when the sigmoids of several classes are taken for probabilities, though they need not sum
    to 1.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            total -= targets[i, j] * log_sigmoid(outputs[i, j])
            delta[i, j] = -targets[i, j] * sigmoid(-outputs[i, j]) / samples
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
    loss.plain.__name__: loss
    for loss in (
        squared_error,
        half_squared_error,
        absolute_error,
        huber,
        log_cosh,
        hinge,
        binary_cross_entropy,
        cross_entropy,
        cross_entropy_of_sigmoids,
        log_loss_of_sigmoids,
    )
}

ONE_OF_MANY = (cross_entropy, cross_entropy_of_sigmoids, log_loss_of_sigmoids)
"""The losses of a classifier with an output for every class, of which the largest is its answer."""


@kernel(types.void(types.FunctionType(SIGNATURE), matrix, matrix, vector, matrix, vector))
def loss_of_each(  # type: ignore[no-untyped-def]
    loss, outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix, result: Vector
) -> None:
    """The loss of every sample by itself goes to `result` (samples,); `delta` (1, outputs) is room for a gradient."""
    for i in range(outputs.shape[0]):
        result[i] = loss(outputs[i : i + 1], targets[i : i + 1], settings, delta)
