"""Screens that are left once, however many keys and clicks ask for it."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Result = TypeVar("Result")


class LeftOnce(Screen[Result]):
    """A screen that can be dismissed while it is on top.

    A second escape or click may already be on its way to a screen that is being left; Textual would take away the
    screen below it, and end the app when there is none.
    """

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless this screen has been left."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
