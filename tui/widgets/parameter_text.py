"""A table of parameters as text: at full precision, and what its headings say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from nnsim.tui.plain import plain
from nnsim.tui.snapshot.table import ParameterTable
from nnsim.tui.widgets.parameter_rows import gradients_known_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

NAME, VALUE, GRADIENT, LAST_UPDATE = "name", "value", "gradient", "last update"


class ParameterText:
    """The columns of a table, and each of its numbers in full."""

    def __init__(self, table: ParameterTable) -> None:
        self._table = table
        self._known_from = gradients_known_from(table)

    @cached_property
    def columns(self) -> Mapping[str, Floats]:
        """The numbers of all parameters by the headings of their columns."""
        table = self._table
        state = {plain(slot): numbers for slot, numbers in table.state}
        return {VALUE: table.values, GRADIENT: table.gradients, LAST_UPDATE: table.steps} | state

    def knows(self, heading: str, parameter: int) -> bool:
        """Tell whether a number is known in the phase that is shown."""
        return heading != GRADIENT or parameter >= self._known_from

    def name(self, parameter: int) -> str:
        return plain(self._table.names[parameter])

    def number(self, heading: str, parameter: int) -> str:
        """Return a number so that it can be read back bit for bit; nothing where it is not known."""
        return repr(float(self.columns[heading][parameter])) if self.knows(heading, parameter) else ""

    def row(self, parameter: int) -> str:
        """Return the name and the numbers of a parameter, parted by tabs."""
        return "\t".join((self.name(parameter), *(self.number(heading, parameter) for heading in self.columns)))

    def whole(self) -> str:
        """Return the headings and all rows, a line each."""
        rows = (self.row(parameter) for parameter in range(len(self._table.values)))
        return "\n".join(("\t".join((NAME, *self.columns)), *rows))

    def sentences(self, parameter: int) -> list[str]:
        """Return the value and the gradient of a parameter in words, the fullest text first."""
        value, gradient = self.number(VALUE, parameter), self.number(GRADIENT, parameter)
        shown = f"{self.name(parameter)} = {value}"
        more = [f"{shown} · gradient {gradient}", f"{shown} · ∇ {gradient}"] if gradient else []
        return [*more, shown, value]


def title_of_layer(table: ParameterTable, layer: int) -> str:
    """Say which layer it is, from 0; one more than the last stands for all of them."""
    layers = len(table.layers)
    if layer == layers:
        return f"all {layers} layers {_count(len(table.values))}"
    name, start, stop = table.layers[layer]
    return f"layer {layer + 1} of {layers}: {plain(name)} {_count(stop - start)}"


def title_of_neuron(neuron: tuple[int, int], parameters: int) -> str:
    """Say which neuron it is (layer, neuron), both from 0, where layer 0 has the inputs."""
    layer, place = neuron
    if layer == 0:
        return f"input {place + 1}: its weights into layer 1 {_count(parameters)}"
    return f"neuron {place + 1} of layer {layer}: its weights and bias {_count(parameters)}"


def phase_in_words(table: ParameterTable) -> str:
    """Say what has just been computed, if that was in a layer."""
    if not table.phase_layer:
        return ""
    return {"forward": "forward through layer", "backward": "gradients of layer"}[table.phase] + f" {table.phase_layer}"


def _count(parameters: int) -> str:
    return f"({parameters:,} parameters)"
