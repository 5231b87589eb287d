"""The network as a picture: what every neuron makes of one sample, and what comes back to it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message

from nnsim.tui.snapshot.network import Diagram
from nnsim.tui.theme import series
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.network_drawing import Drawing
from nnsim.tui.widgets.network_layout import Layout, Neuron, layout
from nnsim.tui.widgets.palette import colour_number

NO_ROOM = "too many layers for this width"


class DiagramView(Canvas[Diagram], can_focus=True):
    """A network with one sample in it. Up and down select a neuron, `n` and `N` go to the next and the previous layer,
    a click selects as well, escape selects none."""

    BORDER_TITLE = "What does the network compute?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "neuron(-1)", "previous neuron", show=False),
        Binding("down", "neuron(1)", "next neuron", show=False),
        Binding("n", "layer(1)", "next layer", show=False),
        Binding("N", "layer(-1)", "previous layer", show=False),
        Binding("escape", "clear", "select no neuron", show=False),
    ]
    DEFAULT_CSS = """
    DiagramView {
        border: round $border-blurred;
        border-title-color: $foreground;
        padding: 0 1;
        &:focus { border: round $border; }
    }
    """

    class NeuronSelected(Message):
        """A neuron was selected: `neuron` is (layer, neuron), both from 0, the layer 0 being the inputs; or None."""

        def __init__(self, neuron: Neuron | None) -> None:
            super().__init__()
            self.neuron = neuron

    def paint(self, grid: Grid, drawn: Diagram) -> None:
        """Draw the network; where its layers have no room, say so."""
        places = self._layout(drawn)
        if places is None:
            grid.text(0, 0, NO_ROOM, grid.palette.muted)
            return
        variables = self.app.theme_variables
        positive, negative = (colour_number(Color.parse(series(variables, name))) for name in ("positive", "negative"))
        Drawing(grid, drawn, places, positive, negative).draw()

    def _layout(self, drawn: Diagram) -> Layout | None:
        return layout(*self.size, _counts(drawn), drawn.selected)

    def on_click(self, event: events.Click) -> None:
        """Select the neuron under the mouse."""
        offset = event.get_content_offset(self)
        places = None if self._drawn is None else self._layout(self._drawn)
        if offset is not None and places is not None:
            neuron = places.neuron_at(*offset)
            if neuron is not None:
                self._select(neuron)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to others while nothing is selected."""
        return action != "clear" or (self._drawn is not None and self._drawn.selected is not None)

    def action_neuron(self, step: int) -> None:
        """Select the next neuron of the layer; the first one of the first layer if none is selected."""
        if self._drawn is None:
            return
        counts = _counts(self._drawn)
        layer, neuron = self._drawn.selected or (1, -step if step > 0 else 1)
        self._select((layer, min(max(neuron + step, 0), counts[layer] - 1)))

    def action_layer(self, step: int) -> None:
        """Select the neuron of another layer that stands at about the same height."""
        if self._drawn is None:
            return
        counts = _counts(self._drawn)
        layer, neuron = self._drawn.selected or (0 if step > 0 else len(counts), 0)
        goal = min(max(layer + step, 0), len(counts) - 1)
        part = neuron / max(counts[layer] - 1, 1) if layer < len(counts) else 0.0
        self._select((goal, neuron if goal == layer else round(part * (counts[goal] - 1))))

    def action_clear(self) -> None:
        """Select no neuron."""
        self._select(None)

    def _select(self, neuron: Neuron | None) -> None:
        """Show the selection at once, and tell of it."""
        if self._drawn is not None and self._drawn.selected != neuron:
            self.show(replace(self._drawn, selected=neuron))
            self.post_message(self.NeuronSelected(neuron))


def _counts(drawn: Diagram) -> tuple[int, ...]:
    return tuple(len(layer.values) for layer in drawn.layers)
