"""The ground on which the panels of the lab stand, each where the arrangement puts it."""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.widget import Widget

from nnsim.tui.arrangement import Wishes, arrange

NOTHING = Wishes(frozenset())


class PanelGround(Widget):
    """Holds a widget for each panel, under the panel's id, and shows those for which there is a place."""

    DEFAULT_CSS = """
    PanelGround { width: 1fr; height: 1fr; }
    """

    class Arranged(Message):
        """Other panels are in sight than before."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id)
        self._wishes = NOTHING
        self._arranger = _Arranger()
        self._in_sight: frozenset[str] = frozenset()

    @property
    def layout(self) -> Layout:
        return self._arranger

    def render(self) -> str:
        return ""

    @property
    def wishes(self) -> Wishes:
        return self._wishes

    def wish(self, **changes: object) -> None:
        """Arrange the panels otherwise."""
        wishes: Wishes = replace(self._wishes, **changes)  # type: ignore[arg-type]
        if wishes != self._wishes:
            self._wishes = wishes
            self._show_those_with_a_place()
            self.refresh(layout=True)

    @property
    def in_sight(self) -> frozenset[str]:
        """The panels that stand somewhere."""
        return self._in_sight

    def on_resize(self, event: events.Resize) -> None:
        self._show_those_with_a_place()

    def _show_those_with_a_place(self) -> None:
        placed = frozenset(arrange(*self.size, self._wishes))
        for panel in self.children:
            panel.display = panel.id in placed
        if placed != self._in_sight:
            self._in_sight = placed
            self.post_message(self.Arranged())


class _Arranger(Layout):
    """Puts every panel where the pure function `arrange` says."""

    name = "panels"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        assert isinstance(parent, PanelGround)
        regions = arrange(*size, parent.wishes)
        return [
            WidgetPlacement(regions[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in regions
        ]
