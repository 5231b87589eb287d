"""Screens that end up at the size of the terminal."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.screen import Screen

Result = TypeVar("Result")


class SizedScreen(Screen[Result]):
    """A screen that is laid out once more when it finds itself at another size than the terminal's.

    When several resizes come at once, the message by which Textual tells a screen of its own layout can take the place
    of the last one in the queue, and an older size would win.
    """

    def on_resize(self, event: events.Resize) -> None:
        size = self.app.size
        if event.size != size:
            self.post_message(events.Resize(size, size))
