"""The command palette, made to survive a small terminal and fast fingers."""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.worker import Worker

from nnsim.tui.screens.leaving import LeftOnce


class Palette(CommandPalette, LeftOnce[None]):
    """Textual's command palette, whose keys raise KeyError while no row of its list is laid out, and which goes on
    looking for what was typed last when it has been left already."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)

    def dismiss(self, result: None = None) -> AwaitComplete:
        self._stop_no_matches_countdown()
        return super().dismiss(result)

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override]
        return super()._gather_commands(search_value) if self.app.screen is self else None

    def _start_no_matches_countdown(self, search_value: str) -> None:
        if self.app.screen is self:
            super()._start_no_matches_countdown(search_value)

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()
