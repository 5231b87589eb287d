"""Losses, each beside its gradient: the mean over the samples of a batch, summed over a sample's outputs.

Every loss has the signature `(outputs, targets, settings, delta) -> loss`. `outputs` and `targets` have the shape
(samples, outputs); the gradient of the loss with respect to the outputs is written to `delta`, same shape;
`settings` has the constants of a loss that needs some: the threshold of the Huber loss, nothing for the others.
Cross-entropies take logits, so that neither a large nor a small logit loses a digit or overflows; where a loss or a
slope is a difference of nearly equal numbers, such as 1 - p of a sure answer, it is a sum of what remains instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nnsim.core.activations import relu, sigmoid
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.jit import Kernel, inline, kernel, matrix, scalar, types, vector
from nnsim.core.signs import sign

SIGNATURE = scalar(matrix, matrix, vector, matrix)
NEAR = 0.5


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


@inline
def surplus(t: float, z: float, power: float, t_other: float, z_other: float, power_other: float) -> float:
    """t e^z_other - t_other e^z, given both powers (or the same multiple of both); by expm1 where they are nearly
    equal, as their difference may then be all that counts."""
    distance = z_other - z
    if abs(distance) < NEAR:
        return power * (t * math.expm1(distance) + (t - t_other))
    return t * power_other - t_other * power


@inline
def softmax_loss(z: Matrix, t: Matrix, i: int, powers: Vector, delta: Matrix) -> float:
    """L = sum_k t_k (log(sum_j e^z_j) - z_k) of sample i, with dL/dz to its row of `delta`; `powers` is room for e^z.

    With z_m the largest, log(sum_j e^z_j) = z_m + log1p(sum over j != m of e^(z_j - z_m)): no exponential overflows,
    and the 1 that is e^(z_m - z_m) takes no digits from the others. For the same reason dL/dz_j = p_j sum_k t_k - t_j,
    where p = softmax(z), is taken as the sum over k != j of t_k p_j - t_j p_k: what each two outputs owe each other.
    """
    width = powers.size
    top = 0
    for j in range(1, width):
        if z[i, j] > z[i, top]:
            top = j
    others = 0.0
    for j in range(width):
        powers[j] = math.exp(z[i, j] - z[i, top])
        others += powers[j] if j != top else 0.0
        delta[i, j] = 0.0
    loss, excess = 0.0, math.log1p(others)
    for j in range(width):
        loss += t[i, j] * ((z[i, top] - z[i, j]) + excess)
        if t[i, j] == 0.0:
            continue
        for k in range(width):
            if t[i, k] == 0.0:
                owed = t[i, j] * powers[k]
            elif k > j:
                owed = surplus(t[i, j], z[i, j], powers[j], t[i, k], z[i, k], powers[k])
            else:
                continue
            delta[i, j] -= owed
            delta[i, k] += owed
    for j in range(width):
        delta[i, j] /= 1.0 + others
    return loss


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
    """L = -t log s - (1 - t) log(1 - s) for s = sigmoid(z) of a logit z, so dL/dz = s - t.

    That is (1 - t) max(z, 0) + t max(-z, 0) + log(1 + e^-|z|), and the gradient (1 - t) sigmoid(z) - t sigmoid(-z): so
    a right answer keeps its digits.
    """
    samples, width = outputs.shape
    total = 0.0
    for i in range(samples):
        for j in range(width):
            z, t = outputs[i, j], targets[i, j]
            e = math.exp(-abs(z))
            total += ((1.0 - t) * z if z >= 0.0 else -t * z) + math.log1p(e)
            slope = (1.0 - t) - t * e if z >= 0.0 else (1.0 - t) * e - t
            delta[i, j] = slope / (1.0 + e) / samples
    return total / samples


@kernel(SIGNATURE)
def cross_entropy(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = -sum_k t_k log p_k for p = softmax(z) of logits z, so dL/dz = p sum_k t_k - t: p - t where the targets sum
    to 1."""
    samples, width = outputs.shape
    powers = np.empty(width)
    total = 0.0
    for i in range(samples):
        total += softmax_loss(outputs, targets, i, powers, delta)
        for j in range(width):
            delta[i, j] /= samples
    return total / samples


@kernel(SIGNATURE)
def cross_entropy_of_sigmoids(outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix) -> float:
    """L = -sum_k t_k log p_k for p_k = s_k / sum_j s_j, the sigmoids s = sigmoid(z) divided by their sum.

    So dL/dz = (p sum_k t_k - t) (1 - s). This is what Keras makes of a last layer of sigmoids under
    `categorical_crossentropy`, which divides every output by the sum of all before it takes the logarithm. The p are
    the softmax of log s.
    """
    samples, width = outputs.shape
    powers, logs = np.empty(width), np.empty(outputs.shape)
    total = 0.0
    for i in range(samples):
        for j in range(width):
            logs[i, j] = log_sigmoid(outputs[i, j])
        total += softmax_loss(logs, targets, i, powers, delta)
        for j in range(width):
            delta[i, j] *= sigmoid(-outputs[i, j]) / samples
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

KINKS: dict[Kernel[..., float], Callable[[Matrix, Matrix], NDArray[np.bool_]]] = {
    absolute_error: lambda outputs, targets: outputs == targets,
    hinge: lambda outputs, targets: outputs * targets == 1.0,
}
"""At which outputs, beside their targets, the slope of a loss jumps; it never does in a loss that is not here."""

ONE_OF_MANY = (cross_entropy, cross_entropy_of_sigmoids, log_loss_of_sigmoids)
"""The losses of a classifier with an output for every class, of which the largest is its answer."""


@kernel(types.void(types.FunctionType(SIGNATURE), matrix, matrix, vector, matrix, vector))
def loss_of_each(  # type: ignore[no-untyped-def]
    loss, outputs: Matrix, targets: Matrix, settings: Vector, delta: Matrix, result: Vector
) -> None:
    """The loss of every sample by itself goes to `result` (samples,); `delta` (1, outputs) is room for a gradient."""
    for i in range(outputs.shape[0]):
        result[i] = loss(outputs[i : i + 1], targets[i : i + 1], settings, delta)
