"""The parameters in digits: value, gradient, last update and the optimizer's state, and how each came to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from nnsim.tui.snapshot.table import ParameterTable
from nnsim.tui.widgets.parameter_drawing import ParameterDrawing
from nnsim.tui.widgets.parameter_rows import ORDERS
from nnsim.tui.widgets.parameter_text import (
    VALUE,
    ParameterText,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]


class ParameterView(ParameterDrawing, inherit_bindings=False):
    """The table of parameters under a person's hand: one parameter is selected, and stays so wherever the order puts
    it."""

    class Selected(Message):
        """The person has selected another parameter: `parameter` is its place in the table."""

        def __init__(self, parameter: int) -> None:
            super().__init__()
            self.parameter = parameter

    BORDER_TITLE = "Which parameters move, and how far?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "previous row", show=False),
        Binding("down", "move(1)", "next row", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("n", "change_layer(1)", "next layer", show=False),
        Binding("N", "change_layer(-1)", "previous layer", show=False),
        Binding("s", "sort", "order", show=False),
        Binding("f", "full", "full precision", show=False),
        Binding("c", "copy_value", "copy the value", show=False),
        Binding("C", "copy_row", "copy the row", show=False),
        Binding("escape", "leave_neuron", "leave the neuron", show=False),
    ]

    # --- what is shown ---

    def show(self, table: ParameterTable) -> None:
        """Draw the parameters; the layer, the order and the selected parameter stay as they are."""
        before = self._table, self._neuron
        self._table = table
        self._text = ParameterText(table)
        if table.neuron is None or table.neuron.neuron != self._left_neuron:
            self._left_neuron = None
        if (table.phase, table.phase_layer) != (before[0].phase, before[0].phase_layer):
            self._follow_phase()
        if self.is_attached:
            self._update()
            if self._neuron != before[1]:
                self.scroll_to(y=0, animate=False, force=True)
            if (len(table.layers), self._neuron) != (len(before[0].layers), before[1]):
                self.refresh_bindings()

    def _follow_phase(self) -> None:
        """Bring the layer that a phase passes through into sight; after the last phase, the layer that was shown before
        the first comes back."""
        table = self._table
        if table.phase == "rest" and self._own_layer is not None:
            self.set_reactive(ParameterView.shown_layer, self._own_layer)
            self._own_layer = None
            self.call_after_refresh(self._come_into_sight)
        elif table.phase_layer and self._neuron is None and len(table.layers) > 1:
            self._own_layer = self.shown_layer if self._own_layer is None else self._own_layer
            if self._own_layer < len(table.layers):
                self.set_reactive(ParameterView.shown_layer, table.phase_layer - 1)
                self.scroll_to(y=0, animate=False, force=True)
            elif self.order == ORDERS[0]:  # all layers are shown
                self.scroll_to(y=table.layers[table.phase_layer - 1][1], animate=False, force=True)

    def select(self, parameter: int) -> None:
        """Select a parameter by its place in the table, and bring it into sight; one that is not shown by its layer."""
        parameter = max(0, min(parameter, len(self._table.values) - 1))
        if parameter not in self._rows:
            self._leave_neuron()
            self.shown_layer = self._layer_of(parameter)
        self._choose(parameter)

    def as_text(self) -> str:
        """Return the whole table, all layers, at full precision: a line each, the columns parted by tabs."""
        return self._text.whole()

    def _layer_of(self, parameter: int) -> int:
        starts = [start for _, start, _ in self._table.layers]
        return max(0, int(np.searchsorted(starts, parameter, side="right")) - 1)

    def watch_shown_layer(self) -> None:
        self._update()
        self._come_into_sight()
        self.post_message(self.Selected(self._selected))

    def watch_order(self) -> None:
        self._update()
        if self.order == ORDERS[0]:
            self._come_into_sight()
        else:
            self.scroll_to(y=0, animate=False, force=True)

    # --- what the person does ---

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.y >= self._heading_rows:
            self._go_to(self.scroll_offset.y + offset.y - self._heading_rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "leave_neuron":
            return self._neuron is not None
        return action != "change_layer" or len(self._table.layers) > 1 or self._neuron is not None

    def action_move(self, rows: int) -> None:
        self._go_to((self._rows.row_of(self._selected) or 0) + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self._room - 1))

    def action_change_layer(self, layers: int) -> None:
        self._leave_neuron()
        self._own_layer = None
        self.shown_layer += layers

    def action_leave_neuron(self) -> None:
        self._leave_neuron()

    def action_sort(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]

    def action_full(self) -> None:
        self.full = not self.full

    def action_copy_value(self) -> None:
        if len(self._rows):
            value = self._text.number(VALUE, self._selected)
            self._copy(value, f"The value of {self._text.name(self._selected)}, {value}, is in the clipboard.")

    def action_copy_row(self) -> None:
        if len(self._rows):
            self._copy(
                self._text.row(self._selected), f"The row of {self._text.name(self._selected)} is in the clipboard."
            )

    def _copy(self, text: str, sentence: str) -> None:
        self.app.copy_to_clipboard(text)
        self.app.notify(sentence, markup=False)

    def _go_to(self, row: int) -> None:
        """Select the parameter in a row, or in the nearest there is."""
        row = max(0, min(row, len(self._rows) - 1))
        for parameter in self._rows.between(row, row + 1).tolist():
            self._choose(parameter)

    def _choose(self, parameter: int) -> None:
        changes = parameter != self._selected
        self._selected, self._own_layer = parameter, None
        self._come_into_sight()
        self._redraw()
        if changes:
            self.post_message(self.Selected(parameter))

    def _come_into_sight(self) -> None:
        # Forced, for the scrollbar of rows that have just come in is not there yet.
        row = self._rows.row_of(self._selected)
        if row is not None:
            top = min(self.scroll_offset.y, row)
            self.scroll_to(y=max(top, row - self._room + 1), animate=False, force=True)

    def _leave_neuron(self) -> None:
        """Show the layer of the neuron instead of the neuron."""
        if self._neuron is None:
            return
        layer = max(0, self._neuron[0] - 1)
        self._left_neuron = self._neuron
        self.set_reactive(ParameterView.shown_layer, layer)
        self._update()
        self._come_into_sight()
        self.refresh_bindings()
