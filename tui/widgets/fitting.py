"""Words in as many rows, or in as wide a form, as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


def fullest(forms: Sequence[str], width: int) -> str:
    """Return the first form that has room, or else the last: give them from the fullest to the shortest."""
    return next((form for form in forms if len(form) <= width), forms[-1])


class FittingText(Widget):
    """Shows the first of several forms of a text that leaves `leave` rows of its container to others, or else the
    last: give them from the fullest to the shortest."""

    DEFAULT_CSS = """
    FittingText { height: auto; }
    """

    def __init__(self, leave: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._leave = leave
        self._forms: Sequence[Content] = (Content(),)
        self._room = 0

    def show(self, forms: Sequence[Content]) -> None:
        """Show one of these forms from now on."""
        self._forms = forms
        self._layout_updates += 1  # or Textual keeps the height of words that were laid out a moment before
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows of the form that is shown."""
        self._room = container.height - self._leave
        return self._fitting(width).get_height({}, width) if width else 0

    def render(self) -> Content:
        return self._fitting(self.size.width)

    def _fitting(self, width: int) -> Content:
        """The form to show, by the room that there was at the last layout."""
        return next((form for form in self._forms if form.get_height({}, width) <= self._room), self._forms[-1])
