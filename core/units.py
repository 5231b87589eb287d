"""What the units of a network do on some samples, and which of them no sample moves any more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.core.activations import ACTIVATIONS
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.network import A
from nnsim.core.objective import EVALUATION_ROWS, Objective


class DeadUnits(NamedTuple):
    """How many of the units of a layer (from 1) are dead."""

    layer: int
    dead: int
    units: int


def activations(objective: Objective, parameters: Vector, inputs: Matrix) -> tuple[Matrix, ...]:
    """What every layer of a network answers, shapes (samples, n_out): the forward pass that training uses."""
    space = objective.workspace(len(inputs))
    objective.forward(parameters, space.table, objective.constants, inputs, space.work, space.outputs)
    layers = objective.network.layers if objective.network else ()
    places = space.table[: len(layers), A]
    return tuple(
        space.work[place : place + len(inputs) * layer.n_out].reshape(-1, layer.n_out)
        for place, layer in zip(places, layers, strict=True)
    )


def can_die(activation: str) -> bool:
    """Whether a unit of that activation can be where its slope is exactly 0, and stay there."""
    return bool(ACTIVATIONS[activation].flat)


def dead_units(objective: Objective, parameters: Vector) -> tuple[DeadUnits, ...]:
    """The dead units of every layer whose units can die: those whose slope is 0 for every training sample, so that no
    gradient reaches their weights (Lu, Shin, Su and Karniadakis 2019, "Dying ReLU and Initialization"). A relu is 0
    then, and a hard_tanh -1 or 1. It takes a forward pass of the training set, or of as much of it as it needs to find
    every unit alive."""
    network = objective.network
    if network is None or not any(map(can_die, network.activations)):
        return ()
    off = [np.full(layer.n_out, can_die(layer.activation)) for layer in network.layers]
    for start in range(0, len(objective.train), EVALUATION_ROWS):
        rows = objective.train.inputs[start : start + EVALUATION_ROWS]
        for layer, a, still in zip(network.layers, activations(objective, parameters, rows), off, strict=True):
            still &= is_flat(layer.activation, a).all(axis=0)
        if not any(map(np.any, off)):
            break
    return tuple(
        DeadUnits(k, int(still.sum()), layer.n_out)
        for k, (layer, still) in enumerate(zip(network.layers, off, strict=True), 1)
        if can_die(layer.activation)
    )


def is_flat(activation: str, a: Matrix) -> NDArray[np.bool_]:
    """Where units answer what their activation answers over a whole stretch, so that nothing comes back through them;
    shaped like `a`."""
    return np.isin(a, ACTIVATIONS[activation].flat)
