"""The table of parameters, from a scene."""

from __future__ import annotations

from nnsim.core.objective import Objective
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import ParameterTable


def table(scene: Scene) -> ParameterTable:
    """Every parameter with its value, its gradient on the next batch, its last update and the optimizer's state."""
    objective, run = scene.timeline.objective, scene.timeline.run
    slots = run.settings.optimizer.slots
    return ParameterTable(
        names=objective.names,
        values=run.parameters.copy(),
        gradients=scene.gradient,
        steps=run.parameters - run.previous,
        state=tuple((slot, row.copy()) for slot, row in zip(slots, run.state, strict=True)),
        layers=_layers(objective),
    )


def _layers(objective: Objective) -> tuple[tuple[str, int, int], ...]:
    if objective.network is None:
        return (("parameters", 0, objective.size),)
    return tuple(
        (f"W{k}, b{k}", layer.weights, layer.biases + layer.n_out)
        for k, layer in enumerate(objective.network.layers, 1)
    )
