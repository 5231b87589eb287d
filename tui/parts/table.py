"""The table of parameters, from a scene."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Indices
from nnsim.core.network import Network
from nnsim.core.objective import Objective
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.table import NeuronParameters, ParameterPast, ParameterTable


def table(scene: Scene) -> ParameterTable:
    """Every parameter with its value, its gradient on the next batch, its last update, the optimizer's state, and how
    it came to be what it is."""
    timeline, objective, run = scene.timeline, scene.timeline.objective, scene.timeline.run
    slots = run.settings.optimizer.slots
    return ParameterTable(
        names=objective.names,
        values=run.parameters.copy(),
        gradients=scene.gradient,
        steps=run.parameters - run.previous,
        state=tuple((slot, row.copy()) for slot, row in zip(slots, run.state, strict=True)),
        layers=_layers(objective),
        update=timeline.update,
        past=ParameterPast(*timeline.outline()),
        neuron=_neuron(objective.network, scene.attention.neuron),
        phase=scene.phase.kind,
        phase_layer=scene.phase.layer,
    )


def _layers(objective: Objective) -> tuple[tuple[str, int, int], ...]:
    if objective.network is None:
        return (("parameters", 0, objective.size),)
    return tuple(
        (f"W{k}, b{k}" if layer.n_biases else f"W{k}", layer.weights, layer.end)
        for k, layer in enumerate(objective.network.layers, 1)
    )


def _neuron(network: Network | None, neuron: tuple[int, int] | None) -> NeuronParameters | None:
    """The parameters of a neuron; None where there is no such neuron."""
    if network is None or neuron is None:
        return None
    k, j = neuron
    if not (0 <= k < len(network.sizes) and 0 <= j < network.sizes[k]):
        return None
    return NeuronParameters(neuron, _outgoing(network, j) if k == 0 else _incoming(network, k - 1, j))


def _incoming(network: Network, k: int, j: int) -> Indices:
    """The places of W[:, j] and, where there are biases, b[j] of layer k (from 0)."""
    layer = network.layers[k]
    weights = layer.weights + layer.n_out * np.arange(layer.n_in) + j
    return np.append(weights, layer.biases + j) if layer.n_biases else weights


def _outgoing(network: Network, i: int) -> Indices:
    """The places of W[i, :] of the first layer."""
    layer = network.layers[0]
    return layer.weights + layer.n_out * i + np.arange(layer.n_out)
