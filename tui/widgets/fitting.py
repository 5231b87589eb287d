"""Words in as many rows as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


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
        self._form = Content()

    def show(self, forms: Sequence[Content]) -> None:
        """Show one of these forms from now on."""
        self._forms = forms
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Choose the form, by the room that there is."""
        if not width:
            return 0
        room = container.height - self._leave
        heights = [form.get_height({}, width) for form in self._forms]
        place = next((place for place, height in enumerate(heights) if height <= room), len(heights) - 1)
        self._form = self._forms[place]
        return heights[place]

    def render(self) -> Content:
        return self._form
