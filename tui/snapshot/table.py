"""The table of all parameters, and where they have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ParameterPast:
    """All parameters from the start until now, in few moments. `updates` (moments,) is ascending; `lows` and `highs`
    hold, for each moment, the least and the greatest value of every parameter (n,) since the moment before, or twice
    its value at the moment where nothing between the moments is known. Snapshots share these arrays."""

    updates: Integers
    lows: Sequence[Floats]
    highs: Sequence[Floats]


@dataclass(frozen=True, eq=False)
class NeuronParameters:
    """The parameters of one neuron, (layer, neuron) from 0, where layer 0 has the inputs: their places in the table,
    those of its incoming weights and its bias, or, for an input, those of its outgoing weights."""

    neuron: tuple[int, int]
    places: Integers


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """All parameters: names, and arrays of shape (n,): values, gradients at these values on the next batch, the last
    update of each, and the optimizer's state by slot name. `layers` has (title, start, stop) for every layer, one
    for a surface.

    `update` is the present one, and `past` the way here. `neuron` has the parameters of the neuron selected in the
    diagram. `phase` and `phase_layer` say what is lit (see `core.phases`): the gradients of layers that this phase has
    not reached are not yet known to the learner.
    """

    names: tuple[str, ...]
    values: Floats
    gradients: Floats
    steps: Floats
    state: tuple[tuple[str, Floats], ...]
    layers: tuple[tuple[str, int, int], ...]
    update: int = 0
    past: ParameterPast | None = None
    neuron: NeuronParameters | None = None
    phase: str = "rest"
    phase_layer: int = 0
