"""A network with one sample on its way through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DiagramLayer:
    """A row of neurons: the inputs, or a layer. `values` (n,) are what comes in or the activations of the sample shown,
    `sums` (n,) its z before the activation, `deltas` (n,) dL/dz of this sample times the size of the batch; None for
    the inputs. `weights`, shape (neurons of the row before, n), and `biases` (n,) are those that lead here,
    `weight_gradients` those on the batch; None for the inputs."""

    title: str
    values: Floats
    sums: Floats | None = None
    deltas: Floats | None = None
    weights: Floats | None = None
    biases: Floats | None = None
    weight_gradients: Floats | None = None


@dataclass(frozen=True, eq=False)
class Diagram:
    """A network, and one sample of the next batch in it. `layers` begins with the inputs. `targets` (outputs,) and
    `loss` are those of the sample, `answers` (outputs,) the probabilities that the loss takes the outputs for, None
    where it takes them as they are. `phase` and `phase_layer` say what is lit (see `core.phases`): values of layers
    that this phase has not reached are not yet known to the learner. `selected` is a neuron (layer, neuron), both from
    0, or None."""

    layers: tuple[DiagramLayer, ...]
    sample: str
    targets: Floats
    loss: float
    phase: str
    phase_layer: int
    selected: tuple[int, int] | None
    answers: Floats | None = None
