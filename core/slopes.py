"""The two derivatives that begin a chain rule, by themselves: of an activation, and of the loss of a single sample."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.network import Network, backward
from nnsim.core.objective import Objective


def activation_slopes(activation: str, z: Vector, a: Vector) -> Vector:
    """d activation / dz at each z, with a = activation(z); all of shape (n,).

    These are training's own numbers: the kernel goes back through a layer whose outputs all have dL/da = 1.
    """
    layer, n = Network((1, z.size), (activation,)), z.size
    work = np.concatenate([z, a, np.zeros(n)])
    nothing, ones = np.zeros(0), np.ones((1, n))
    backward(np.zeros(layer.size), layer.table(1), nothing, np.zeros((1, 1)), work, a[None], ones, np.zeros(layer.size))
    return work[2 * n :]


def loss_slopes(objective: Objective, outputs: Vector, targets: Vector) -> Vector:
    """dL/da of one sample's own loss at its outputs; all of shape (outputs,)."""
    slopes = np.zeros((1, outputs.size))
    objective.loss(outputs[None], targets[None], objective.loss_settings, slopes)
    return slopes[0]
