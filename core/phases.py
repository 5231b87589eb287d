"""The phases of one update, in the order in which they happen: what the learner steps through."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from nnsim.core.objective import Objective

Kind: TypeAlias = Literal["rest", "sample", "forward", "loss", "backward"]


class Phase(NamedTuple):
    """A phase: what has just been computed. `layer` counts from 1 and is 0 where a phase is of no layer."""

    kind: Kind
    layer: int = 0


REST = Phase("rest")


def phases(objective: Objective) -> tuple[Phase, ...]:
    """The phases between two updates, from `REST` to the last one before the parameters move.

    A network: sample in, forward layer by layer, loss, backward from the last layer to the first. A surface: the sample
    where there are several, then the loss, then its gradient.
    """
    network = objective.network
    if network is None:
        sample = (Phase("sample"),) if len(objective.train) > 1 else ()
        return (REST, *sample, Phase("loss"), Phase("backward"))
    layers = range(1, len(network.layers) + 1)
    forward = (Phase("forward", layer) for layer in layers)
    backward = (Phase("backward", layer) for layer in reversed(layers))
    return (REST, Phase("sample"), *forward, Phase("loss"), *backward)
