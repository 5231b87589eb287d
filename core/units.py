"""What the units of a network do on some samples, and which of them do nothing any more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.network import A
from nnsim.core.objective import Objective

SPREAD = 512


class DeadUnits(NamedTuple):
    """How many of the units of a relu layer (from 1) are dead."""

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


def spread(samples: int) -> Indices:
    """Up to 512 samples, evenly spread over so many; always the same ones."""
    return np.unique(np.linspace(0, samples - 1, min(samples, SPREAD)).astype(np.int64))


def dead_units(objective: Objective, parameters: Vector) -> tuple[DeadUnits, ...]:
    """The dead units of every relu layer: those that are 0 for every one of up to 512 training samples, so that no
    gradient reaches them (Lu, Shin, Su and Karniadakis 2019, "Dying ReLU and Initialization")."""
    if objective.network is None:
        return ()
    answers = activations(objective, parameters, objective.train.inputs[spread(len(objective.train))])
    return tuple(
        DeadUnits(k, int((~(a != 0.0).any(axis=0)).sum()), layer.n_out)
        for k, (layer, a) in enumerate(zip(objective.network.layers, answers, strict=True), 1)
        if layer.activation == "relu"
    )
