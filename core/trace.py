"""One batch on its way through an objective, in full: what every neuron computed, and what came back.

The kernels are those that training uses, called one by one, so that every number is the one that the update will use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.losses import loss_of_each
from nnsim.core.network import DELTA, A, Z
from nnsim.core.objective import Objective


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer: what came in, shape (samples, n_in), and z, a = activation(z) and delta = dL/dz, shape (samples,
    n_out). L is the mean loss of the batch, so that dL/dW = inputs^T delta."""

    inputs: Matrix
    z: Matrix
    a: Matrix
    delta: Matrix


@dataclass(frozen=True, eq=False)
class Trace:
    """A batch at given parameters. `batch` has the indices of its samples, `layers` is empty for a surface.

    `loss` is the mean over the batch, without the penalty; `gradient` that of loss and penalty together, shape (size,),
    before clipping.
    """

    objective: Objective
    parameters: Vector
    batch: Indices
    inputs: Matrix
    targets: Matrix
    outputs: Matrix
    output_delta: Matrix
    layers: tuple[LayerTrace, ...]
    loss: float
    penalty: float
    gradient: Vector

    @cached_property
    def sample_losses(self) -> Vector:
        """The loss of every sample by itself, shape (samples,)."""
        losses, delta = np.zeros(len(self.outputs)), np.zeros_like(self.outputs[:1])
        settings = self.objective.loss_settings
        loss_of_each(self.objective.loss.compiled, self.outputs, self.targets, settings, delta, losses)
        return losses


def trace(objective: Objective, parameters: Vector, batch: Indices) -> Trace:
    """Pass the training samples in `batch` forward and back at `parameters`."""
    space = objective.workspace(len(batch))
    inputs, targets = objective.train.inputs[batch], objective.train.targets[batch]
    gradient = np.zeros(objective.size)
    here = parameters.copy()
    objective.forward(here, space.table, objective.constants, inputs, space.work, space.outputs)
    loss = objective.loss(space.outputs, targets, objective.loss_settings, space.delta)
    objective.backward(here, space.table, objective.constants, inputs, space.work, space.outputs, space.delta, gradient)
    layers: list[LayerTrace] = []
    for k, layer in enumerate(objective.network.layers if objective.network else ()):
        count = len(batch) * layer.n_out
        z, a, delta = (
            space.work[place : place + count].reshape(-1, layer.n_out) for place in space.table[k, [Z, A, DELTA]]
        )
        layers.append(LayerTrace(layers[-1].a if layers else inputs, z, a, delta))
    penalty = objective.penalize(here, gradient)
    return Trace(
        objective, here, batch, inputs, targets, space.outputs, space.delta, tuple(layers), loss, penalty, gradient
    )
