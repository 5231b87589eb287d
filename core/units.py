"""What the units of a network do on some samples, and which of them no sample moves any more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsim.core.activations import ACTIVATIONS
from nnsim.core.arrays import Matrix, Vector
from nnsim.core.network import A
from nnsim.core.objective import EVALUATION_ROWS, Objective

SATURATED = 0.1
"""The share of the largest slope of an activation below which a unit counts as saturated: it answers within 1/40 of its
range from an end. The word is Glorot and Bengio's (2010, "Understanding the difficulty of training deep feedforward
neural networks"), who give no number; this one is ours."""
LEARNED = 0.05


class DeadUnits(NamedTuple):
    """How many of the units of a layer (from 1) are dead."""

    layer: int
    dead: int
    units: int


class SaturatedUnits(NamedTuple):
    """How many of the units of a layer (from 1) with an activation that flattens at both ends are saturated."""

    layer: int
    saturated: int
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


def can_saturate(activation: str) -> bool:
    """Whether a unit of that activation can be where its slope is next to 0, on either side."""
    return ACTIVATIONS[activation].saturates


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


def slopes(activation: str, a: Matrix) -> Matrix:
    """The slope f'(z) of an activation that flattens at both ends, from its answers a = f(z), as a share of the
    largest, f'(0)."""
    return 4.0 * a * (1.0 - a) if activation == "sigmoid" else 1.0 - a * a


def saturated_units(objective: Objective, parameters: Vector) -> tuple[SaturatedUnits, ...]:
    """The saturated units of every layer of sigmoid or tanh: those whose slope is below 1/10 of the largest one for
    every training sample, so that next to no gradient comes through them. An output that is flat because it has come to
    its targets, within 1/20, has learned, and does not count."""
    network, samples = objective.network, objective.train
    if network is None:
        return ()
    answers = activations(objective, parameters, samples.inputs)
    flat = [
        (slopes(layer.activation, a) < SATURATED).all(axis=0)
        for layer, a in zip(network.layers, answers, strict=True)
        if can_saturate(layer.activation)
    ]
    if can_saturate(network.activations[-1]):
        flat[-1] &= (np.abs(answers[-1] - samples.targets) > LEARNED).any(axis=0)
    places = [k for k, layer in enumerate(network.layers, 1) if can_saturate(layer.activation)]
    return tuple(SaturatedUnits(k, int(units.sum()), units.size) for k, units in zip(places, flat, strict=True))


def is_cut_off(objective: Objective, parameters: Vector) -> bool:
    """Whether all units of some layer are dead, or all are saturated: next to no gradient gets to what is before it."""
    dead, flat = dead_units(objective, parameters), saturated_units(objective, parameters)
    return any(layer.dead == layer.units for layer in dead) or any(layer.saturated == layer.units for layer in flat)
