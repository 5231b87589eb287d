"""A list to choose from."""

from __future__ import annotations

from contextlib import suppress

from textual.widgets import OptionList


class Choices(OptionList):
    """Textual's option list, whose page keys raise KeyError where the terminal is too small to show a row of it, and
    which loses the highlighted row from sight where it gets smaller."""

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def action_page_up(self) -> None:
        """Go up by the rows in sight."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go down by the rows in sight."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]
