"""Which parameters a table shows, and in which order: those of a layer, of one neuron, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nnsim.tui.snapshot.table import ParameterTable
from nnsim.tui.widgets.ranking import UNKNOWN, rank, ranked, sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

ORDERS = ("place", "value", "gradient", "last update")


def gradients_known_from(table: ParameterTable) -> int:
    """Return the first parameter whose gradient is known in the phase that is shown: backpropagation goes from the
    last layer to the first, and before it none is known."""
    if table.phase == "rest":
        return 0
    if table.phase != "backward":
        return len(table.values)
    return table.layers[table.phase_layer - 1][1] if table.phase_layer else 0


def lit(table: ParameterTable) -> range:
    """Return the parameters that the phase passes through."""
    if table.phase not in ("forward", "backward"):
        return range(0)
    if table.phase_layer == 0:
        return range(len(table.values))
    _, start, stop = table.layers[table.phase_layer - 1]
    return range(start, stop)


@dataclass(frozen=True, eq=False)
class ParameterRows:
    """The rows of a table: some of its parameters, by their place or, `order` being a column, the largest first."""

    table: ParameterTable
    parameters: range | Integers
    order: str = ORDERS[0]

    def __len__(self) -> int:
        return len(self.parameters)

    def __contains__(self, parameter: int) -> bool:
        return self._place_of(parameter) is not None

    def between(self, first: int, last: int) -> Integers:
        """Return the parameters in the rows from `first` up to, but not with, `last`."""
        first, last = (max(0, min(row, len(self))) for row in (first, last))
        if self.order == ORDERS[0]:
            return np.asarray(self.parameters[first:last], dtype=np.int64)
        return np.asarray(self._all[ranked(self._keys, first, last)], dtype=np.int64)

    def row_of(self, parameter: int) -> int | None:
        """Return the row in which a parameter stands, or None if it is not shown."""
        place = self._place_of(parameter)
        return place if place is None or self.order == ORDERS[0] else rank(self._keys, place)

    def of(self, numbers: Floats) -> Floats:
        """Return the numbers of these parameters by place, without a copy where they lie side by side."""
        shown = self.parameters
        return numbers[shown.start : shown.stop] if isinstance(shown, range) else numbers[shown]

    @property
    def moved_most(self) -> int | None:
        """The parameter whose last update was the largest, or is not a number; None if none has moved."""
        steps = np.abs(self.of(self.table.steps))
        if not len(steps) or steps.max() == 0:
            return None
        return int(self.parameters[int(steps.argmax())])

    def _place_of(self, parameter: int) -> int | None:
        shown = self.parameters
        if isinstance(shown, range):
            return parameter - shown.start if parameter in shown else None
        found = np.flatnonzero(shown == parameter)
        return int(found[0]) if len(found) else None

    @property
    def _all(self) -> Integers:
        shown = self.parameters
        return np.arange(shown.start, shown.stop) if isinstance(shown, range) else shown

    @cached_property
    def _keys(self) -> Floats:
        """What the rows are ordered by, the largest first; gradients that are not yet known come last."""
        table = self.table
        if self.order != "gradient":
            return sizes(self.of(table.values if self.order == "value" else table.steps))
        keys = sizes(self.of(table.gradients))
        known = gradients_known_from(table)
        if known > 0:
            keys[self._all < known] = UNKNOWN
        return keys
