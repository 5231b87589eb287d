"""The plain twin: gradient descent in NumPy, written to be read. The tests hold every kernel against it.

A network's parameters are one flat vector: for each layer W (n_in, n_out) row by row, then b (n_out).
A layer computes z = a @ W + b and passes on its activation of z. The loss of a batch is the mean over its
samples; over the outputs of one sample it is a sum. All numbers are float64.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr  # the share of the standard normal distribution below z

Array = NDArray[np.float64]
Batch = NDArray[np.intp]
Objective = Callable[[Array, Batch], tuple[float, Array]]
Update = Callable[[Array, Array, Array, int], Array]


# Activations: z -> (value, derivative), both shaped like z.


def linear(z: Array) -> tuple[Array, Array]:
    return z, np.ones_like(z)


def relu(z: Array) -> tuple[Array, Array]:
    return np.maximum(z, 0.0), np.where(z > 0, 1.0, 0.0)


def leaky_relu(z: Array) -> tuple[Array, Array]:
    slope = np.where(z > 0, 1.0, 0.01)
    return slope * z, slope


def tanh(z: Array) -> tuple[Array, Array]:
    value = np.tanh(z)
    return value, 1 - value**2


def sigmoid(z: Array) -> tuple[Array, Array]:
    decay = np.exp(-np.abs(z))  # never overflows, unlike exp(-z)
    value = np.where(z >= 0, 1.0, decay) / (1 + decay)
    return value, decay / (1 + decay) ** 2


def elu(z: Array) -> tuple[Array, Array]:
    below = np.minimum(z, 0.0)  # never overflows
    return np.where(z > 0, z, np.expm1(below)), np.where(z > 0, 1.0, np.exp(below))


def selu(z: Array) -> tuple[Array, Array]:
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    value, slope = elu(z)
    return scale * np.where(z > 0, value, alpha * value), scale * np.where(z > 0, slope, alpha * slope)


def gelu(z: Array) -> tuple[Array, Array]:
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return z * ndtr(z), ndtr(z) + z * density


def gelu_tanh(z: Array) -> tuple[Array, Array]:
    u = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
    u_slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    share, share_slope = sigmoid(2 * u)  # (1 + tanh(u)) / 2
    return z * share, share + z * share_slope * 2 * u_slope


def silu(z: Array) -> tuple[Array, Array]:
    share, share_slope = sigmoid(z)
    return z * share, share + z * share_slope


def softplus(z: Array) -> tuple[Array, Array]:
    return np.logaddexp(0.0, z), sigmoid(z)[0]


def mish(z: Array) -> tuple[Array, Array]:
    value, slope = softplus(z)
    share = np.tanh(value)
    return z * share, share + z * slope * (1 - share**2)


def hard_tanh(z: Array) -> tuple[Array, Array]:
    return np.clip(z, -1.0, 1.0), np.where(np.abs(z) < 1, 1.0, 0.0)


def sine(z: Array) -> tuple[Array, Array]:
    return np.sin(z), np.cos(z)


ACTIVATIONS = {
    "linear": linear,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "softplus": softplus,
    "mish": mish,
    "hard_tanh": hard_tanh,
    "sine": sine,
}


# Losses: outputs y or logits z, and targets t, (samples, outputs) -> (loss of each sample, gradient like y).


def squared_error(y: Array, t: Array) -> tuple[Array, Array]:
    return ((y - t) ** 2).sum(axis=1), 2 * (y - t)


def half_squared_error(y: Array, t: Array) -> tuple[Array, Array]:
    return ((y - t) ** 2).sum(axis=1) / 2, y - t


def absolute_error(y: Array, t: Array) -> tuple[Array, Array]:
    return np.abs(y - t).sum(axis=1), np.sign(y - t)


def huber(y: Array, t: Array, delta: float = 1.0) -> tuple[Array, Array]:
    error = np.abs(y - t)
    loss = np.where(error <= delta, error**2 / 2, delta * (error - delta / 2))
    return loss.sum(axis=1), np.clip(y - t, -delta, delta)


def log_cosh(y: Array, t: Array) -> tuple[Array, Array]:
    loss = np.logaddexp(y - t, t - y) - np.log(2)  # log((e^error + e^-error) / 2)
    return loss.sum(axis=1), np.tanh(y - t)


def hinge(y: Array, t: Array) -> tuple[Array, Array]:
    return np.maximum(1 - t * y, 0.0).sum(axis=1), np.where(t * y < 1, -t, 0.0)


def binary_cross_entropy(z: Array, t: Array) -> tuple[Array, Array]:
    loss = np.maximum(z, 0.0) - t * z + np.log1p(np.exp(-np.abs(z)))
    return loss.sum(axis=1), sigmoid(z)[0] - t


def cross_entropy(z: Array, t: Array) -> tuple[Array, Array]:
    shifted = z - z.max(axis=1, keepdims=True)  # the largest becomes 0, so exp cannot overflow
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.log(total[:, 0]) - (t * shifted).sum(axis=1)
    return loss, np.exp(shifted) / total - t


def cross_entropy_of_sigmoids(z: Array, t: Array) -> tuple[Array, Array]:
    loss, slope = cross_entropy(-np.logaddexp(0.0, -z), t)  # a softmax of log s
    return loss, slope * sigmoid(-z)[0]


def log_loss_of_sigmoids(z: Array, t: Array) -> tuple[Array, Array]:
    return (t * np.logaddexp(0.0, -z)).sum(axis=1), -t * sigmoid(-z)[0]


LOSSES = {
    "squared_error": squared_error,
    "half_squared_error": half_squared_error,
    "absolute_error": absolute_error,
    "huber": huber,
    "log_cosh": log_cosh,
    "hinge": hinge,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "cross_entropy_of_sigmoids": cross_entropy_of_sigmoids,
    "log_loss_of_sigmoids": log_loss_of_sigmoids,
}


# A fully connected network.


def layers(sizes: Sequence[int], parameters: Array) -> Iterator[tuple[Array, Array]]:
    """Yield W (n_in, n_out) and b (n_out,) of each layer: views into `parameters`."""
    start = 0
    for n_in, n_out in pairwise(sizes):
        middle = start + n_in * n_out
        end = middle + n_out
        yield parameters[start:middle].reshape(n_in, n_out), parameters[middle:end]
        start = end


def predict(sizes: Sequence[int], activations: Sequence[str], parameters: Array, inputs: Array) -> Array:
    """Return the outputs (samples, sizes[-1]) for inputs (samples, sizes[0])."""
    a = inputs
    for (weights, bias), name in zip(layers(sizes, parameters), activations, strict=True):
        a, _ = ACTIVATIONS[name](a @ weights + bias)
    return a


def loss_and_gradient(
    sizes: Sequence[int],
    activations: Sequence[str],
    loss: str,
    parameters: Array,
    inputs: Array,
    targets: Array,
) -> tuple[float, Array]:
    """Return the mean loss over the samples and its gradient, a flat vector like `parameters`.

    `activations` names one activation per layer; inputs (samples, sizes[0]), targets (samples, sizes[-1]).
    """
    a = inputs
    passed = []
    for (weights, bias), name in zip(layers(sizes, parameters), activations, strict=True):
        value, slope = ACTIVATIONS[name](a @ weights + bias)
        passed.append((weights, a, slope))
        a = value

    sample_losses, d_a = LOSSES[loss](a, targets)
    d_a = d_a / len(inputs)
    pieces: list[Array] = []
    for weights, a_before, slope in reversed(passed):
        d_z = d_a * slope
        pieces = [(a_before.T @ d_z).ravel(), d_z.sum(axis=0), *pieces]
        d_a = d_z @ weights.T
    return float(sample_losses.mean()), np.concatenate(pieces)


# Surfaces: a loss with no data, w (n,) -> (value, gradient (n,)).


def bowl(w: Array, hessian: Array, minimum: Array) -> tuple[float, Array]:
    """1/2 (w - minimum)^T H (w - minimum) for a symmetric H (n, n)."""
    gradient = hessian @ (w - minimum)
    return float((w - minimum) @ gradient / 2), gradient


def double_well(w: Array) -> tuple[float, Array]:
    """One weight, two minima: L' = (w + 2)(w - 1)(w - 3), with L(-2) = 0 and L(3) = 125/12."""
    x = w[0]
    value = x**4 / 4 - 2 * x**3 / 3 - 5 * x**2 / 2 + 6 * x + 38 / 3
    return float(value), np.array([(x + 2) * (x - 1) * (x - 3)])


def parabola(w: Array, target: float) -> tuple[float, Array]:
    """The squared error (y - target)^2 of a guess y that is itself the only parameter."""
    error = w - target
    return float(error[0] ** 2), 2 * error


# Update rules: return the new parameters. `state` (2, n) starts as zeros and is changed in place;
# `step` counts from 1. The formulas are those of torch.optim.SGD and torch.optim.Adam.


def sgd(
    parameters: Array,
    gradient: Array,
    state: Array,
    step: int,
    *,
    learning_rate: float,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> Array:
    velocity: Array = state[0]
    velocity[:] = momentum * velocity + gradient
    direction: Array = gradient + momentum * velocity if nesterov else velocity
    return parameters - learning_rate * direction


def adam(
    parameters: Array,
    gradient: Array,
    state: Array,
    step: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> Array:
    m: Array = state[0]
    v: Array = state[1]
    m[:] = beta1 * m + (1 - beta1) * gradient
    v[:] = beta2 * v + (1 - beta2) * gradient**2
    m_hat = m / (1 - beta1**step)
    v_hat = v / (1 - beta2**step)
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)


# Training.


def train(objective: Objective, parameters: Array, update: Update, batches: Sequence[Batch]) -> Array:
    """Make one update per batch; return the path (updates + 1, n), which begins with `parameters`.

    A batch holds the indices of its samples; `objective(parameters, batch)` gives loss and gradient on it.
    A surface has no samples and ignores the batch. `update` is a rule with its options already filled in.
    """
    path = [parameters]
    state = np.zeros((2, len(parameters)))
    for step, batch in enumerate(batches, start=1):
        _, gradient = objective(path[-1], batch)
        path.append(update(path[-1], gradient, state, step))
    return np.array(path)
