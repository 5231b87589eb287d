"""Words in the border of a panel: its question, which keeps the number that brings the panel up, and a note below."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class Bordered(Widget):
    """A panel with words in its border that change; the same ones again draw nothing anew. `number` is the panel's on
    the keyboard, 0 for one that has none.

    It stands last among the bases of a panel: Textual takes the styles of the first."""

    number = 0
    _title = ""
    _note = ""

    def entitle(self, title: str) -> None:
        """Put a question into the border."""
        if title != self._title:
            self._title = title
            self.border_title = f"{self.number} {title}" if self.number else title

    def note(self, note: str) -> None:
        """Put a note into the border, at the foot of the panel; an empty one takes it away."""
        if note != self._note:
            self._note = note
            self.border_subtitle = Content(note) if note else None
