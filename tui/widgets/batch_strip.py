"""The samples of the next batch, a row each, and where they come in the order of this epoch and the last."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from nnsim.tui.snapshot.batch import BatchStrip
from nnsim.tui.widgets.batch_drawing import Sheet
from nnsim.tui.widgets.canvas import Canvas, Grid


class BatchStripView(Canvas[BatchStrip], can_focus=True):
    """The next batch. Up and down select a sample, page up and page down go further, a click selects as well."""

    BORDER_TITLE = "Which samples are in this batch?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "previous sample", show=False),
        Binding("down", "move(1)", "next sample", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
    ]
    DEFAULT_CSS = """
    BatchStripView {
        border: round $border-blurred;
        border-title-color: $foreground;
        padding: 0 1;
        &:focus { border: round $border; }
    }
    """

    class SampleSelected(Message):
        """A sample was selected: `place` is its place in the batch, from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def paint(self, grid: Grid, drawn: BatchStrip) -> None:
        """Draw as many samples as have room: the page with the selected one."""
        Sheet(grid.width, grid.height, drawn).draw(grid)

    def on_click(self, event: events.Click) -> None:
        """Select the sample under the mouse."""
        offset = event.get_content_offset(self)
        if offset is not None and self._drawn is not None:
            place = Sheet(*self.size, self._drawn).place_at(offset.y)
            if place is not None:
                self._select(place)

    def action_move(self, steps: int) -> None:
        """Select a sample further up or down."""
        if self._drawn is not None:
            self._select(min(max(self._drawn.selected + steps, 0), len(self._drawn.samples) - 1))

    def action_page(self, pages: int) -> None:
        """Select the sample a page further up or down."""
        if self._drawn is not None:
            self.action_move(pages * Sheet(*self.size, self._drawn).rows)

    def _select(self, place: int) -> None:
        """Show the selection at once, and tell of it."""
        if self._drawn is not None and place != self._drawn.selected:
            self.show(replace(self._drawn, selected=place))
            self.post_message(self.SampleSelected(place))
