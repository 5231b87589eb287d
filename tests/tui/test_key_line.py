"""The line at the bottom of the real app: keys whole or not at all, the most needed ones at any width."""

from __future__ import annotations

import pytest
from driving import Driven, lab

from nnsim.tui.screens.help import HelpScreen
from nnsim.tui.widgets.key_line import KeyLine

WORDS = ("space Play", "←→ Update", ",. Phase", "Ee Epoch", "-+l Rate", "ob Setup", "rR Again", "x Receipt")
KEPT = ("? Help", "esc Back", "q Quit", "^p More")


def line_of(driven: Driven) -> str:
    return driven.text.splitlines()[driven.lab.query_one(KeyLine).region.y].rstrip()


@pytest.mark.parametrize("width", [80, 97, 120, 200])
async def test_every_key_is_shown_whole_or_not_at_all(width: int) -> None:
    async with lab("squared-error", size=(width, 30)) as driven:
        line = line_of(driven)
        shown = [word for word in WORDS if word in line]
        assert shown == list(WORDS[: len(shown)])
        assert all(word in line for word in KEPT)
        assert line.split("  ")[: len(shown)] == [" " + shown[0], *shown[1:]]
        if len(shown) < len(WORDS):
            assert len(line) + len("  ") + len(WORDS[len(shown)]) >= width


async def test_a_click_on_a_key_presses_it() -> None:
    async with lab("squared-error") as driven:
        line, row = line_of(driven), driven.lab.query_one(KeyLine).region.y
        await driven.pilot.click(offset=(line.index("→"), row))
        await driven.settle()
        assert driven.snapshot.status.update == 1
        await driven.pilot.click(offset=(line.index("←"), row))
        await driven.settle()
        assert driven.snapshot.status.update == 0
        await driven.pilot.click(offset=(line.index("Help"), row))
        await driven.settle()
        assert isinstance(driven.app.screen, HelpScreen)
