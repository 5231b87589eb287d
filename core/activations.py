"""Activation functions, each beside its derivative. A network's table names them by their place in `NAMES`.

Softmax is not here: it belongs to the loss, which works on logits (losses.py).
"""

from __future__ import annotations

import math

from nnsim.core.jit import inline

NAMES = ("linear", "relu", "leaky_relu", "tanh", "sigmoid")
LINEAR, RELU, LEAKY_RELU, TANH, SIGMOID = range(len(NAMES))

LEAK = 0.01


@inline
def relu(z: float) -> float:
    """max(0, z), written so that a NaN stays a NaN (Nair and Hinton 2010)."""
    return z if z > 0.0 else 0.0 * z


@inline
def relu_derivative(z: float) -> float:
    """1 where z > 0, else 0: at the kink itself the derivative is taken as 0, as PyTorch does."""
    return 1.0 if z > 0.0 else 0.0


@inline
def leaky_relu(z: float) -> float:
    """z where z > 0, else 0.01 z (Maas, Hannun and Ng 2013)."""
    return z if z > 0.0 else LEAK * z


@inline
def leaky_relu_derivative(z: float) -> float:
    return 1.0 if z > 0.0 else LEAK


@inline
def tanh_derivative(a: float) -> float:
    """1 - a^2, from the activation a = tanh(z)."""
    return 1.0 - a * a


@inline
def sigmoid(z: float) -> float:
    """1 / (1 + e^-z), by the branch whose exponential cannot overflow."""
    if z >= 0.0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


@inline
def sigmoid_derivative(a: float) -> float:
    """a (1 - a), from the activation a = sigmoid(z)."""
    return a * (1.0 - a)
