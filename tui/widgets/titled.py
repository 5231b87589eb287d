"""A panel whose question depends on what it shows: its title keeps the number that brings the panel up."""

from __future__ import annotations

from textual.widget import Widget


class Titled(Widget):
    """A widget with a title that changes. `number` is its panel's on the keyboard, 0 for one that has none."""

    number = 0
    _title = ""

    def entitle(self, title: str) -> None:
        """Put a question into the border; the same one again draws nothing anew."""
        if title != self._title:
            self._title = title
            self.border_title = f"{self.number} {title}" if self.number else title
