"""Help: it explains the panel with the focus, and names every key."""

from __future__ import annotations

import pytest
from driving import gallery, lab
from textual.widgets import Static

from nnsim.tui.screens.help import PANELS, HelpScreen

KEYS = {
    "space": "Play or pause",
    "←": "One update back",
    "→": "One update forward",
    "E": "One epoch back",
    "e": "One epoch forward",
    "home": "Go to the start",
    "end": "Go to the latest update",
    "+": "Larger learning rate",
    "-": "Smaller learning rate",
    "l": "Type a learning rate",
    "o": "Choose the optimizer",
    "b": "Choose the batch size",
    "r": "Start again with the present settings",
    "R": "Start again with a new seed",
    "y": "Switch the chart between linear and log scale",
    "[": "Play slower",
    "]": "Play faster",
    "tab": "Next panel",
    "? F1": "Help",
    "ctrl+p": "Command palette",
    "esc": "Back to the gallery",
    "q": "Quit",
}


@pytest.mark.parametrize("key", ["?", "f1"])
async def test_help_names_every_key_of_the_lab(key: str) -> None:
    async with lab("bowl", size=(120, 60)) as driven:
        await driven.press(key)
        assert isinstance(driven.app.screen, HelpScreen)
        lines = [str(static.content) for static in driven.app.screen.query(Static)]
        for name, meaning in KEYS.items():
            assert any(line.strip().startswith(f"{name}  {meaning}") for line in lines), name
        await driven.press(key)
        assert driven.app.screen is driven.lab


async def test_help_explains_the_panel_with_the_focus() -> None:
    async with lab("bowl") as driven:
        for panel in ("stage", "chart", "parameters", "narration"):
            await driven.press("tab")
            await driven.press("?")
            assert PANELS[panel][:40] in " ".join(driven.text.split())
            await driven.press("escape")
            assert driven.lab.focused is not None
            assert driven.lab.focused.id == panel


async def test_help_in_the_gallery() -> None:
    async with gallery() as driven:
        await driven.press("?")
        assert PANELS["scenarios"][:40] in " ".join(driven.text.split())
        await driven.press("escape")
        assert "Which scenario?" in driven.text
