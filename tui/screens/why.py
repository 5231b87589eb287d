"""Why: the formula behind a scenario, and where it comes from, as a page of its own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from nnsim.tui.plain import plain
from nnsim.tui.screens.leaving import LeftOnce

NO_PAGE = "This scenario has no page that says why."


class WhyScreen(ModalScreen[None], LeftOnce[None]):
    """Shows what a scenario's `why` says, line by line as it is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,w", "dismiss(None)", "Close", key_display="esc", id="close")
    ]

    def __init__(self, title: str, why: str) -> None:
        super().__init__()
        self._title = title
        self._lines = [plain(line) for line in why.strip("\n").splitlines()]

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog why") as box:
            box.border_title = Content(f"Why? {plain(self._title)}")
            box.border_subtitle = "esc closes"
            yield Static("\n".join(self._lines), markup=False)
