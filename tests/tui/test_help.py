"""Help: it explains the panel with the focus, and names every key."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
from driving import Driven, gallery, lab
from panels import PanelApp
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from nnsim.tui.ascii import in_ascii
from nnsim.tui.screens.guide import OVERVIEW, PANELS, WORDS
from nnsim.tui.screens.help import GROUPS, HelpScreen

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
    "i": "Goals: what there is to win here, and what comes next",
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


LATER = ("diagram", "batch", "readings", "receipt", "race", "timeline")


def lines(driven: Driven) -> list[str]:
    """What the help says, each thing on a line, with single spaces."""
    assert isinstance(driven.app.screen, HelpScreen)
    return told_by(driven.app.screen)


def told_by(screen: HelpScreen) -> list[str]:
    (text,) = screen.query(Static)
    return [thing for section in str(text.content).split("\n\n") for thing in things(section)]


def things(section: str) -> list[str]:
    """The lines of a section; those of a table that go on below belong to the one before."""
    found: list[str] = []
    beside = 0  # the column in which the meanings of a table stand
    for line in section.split("\n"):
        if found and beside and not line[:beside].strip():
            found[-1] = one_line(found[-1], line)
        else:
            found.append(one_line(line))
            name = re.match(r" *\S.*?  ", line)
            beside = beside or (name.end() if name else 0)
    return found


def one_line(*texts: str) -> str:
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("key", ["?", "f1"])
async def test_help_names_every_key_of_the_lab(key: str) -> None:
    async with lab("bowl", size=(120, 60)) as driven:
        await driven.press(key)
        for name, meaning in KEYS.items():
            assert [line for line in lines(driven) if line.startswith(f"{name} {meaning}")], name
        await driven.press(key)
        assert driven.app.screen is driven.lab


async def test_keys_stand_in_groups_and_none_twice() -> None:
    async with lab("bowl") as driven:
        await driven.press("?")
        told = lines(driven)
        places = [told.index(heading) for heading in (*GROUPS, "And", "Words") if heading in told]
        assert places == sorted(places)
        assert told.index("Move through time") < told.index("space Play or pause") < told.index("Change the training")
        assert told.index("And") < told.index("q Quit") < told.index("Words")
        rows = told[places[0] : places[-1]]
        assert len(rows) == len(set(rows))


async def test_help_explains_the_panel_with_the_focus() -> None:
    async with lab("bowl") as driven:
        for panel in ("stage", "chart", "parameters", "narration"):
            await driven.press("tab")
            await driven.press("?")
            told = lines(driven)
            assert told[0] == PANELS[panel].about
            for sign, meaning in PANELS[panel].signs:
                assert one_line(sign, meaning) in told
            assert PANELS[panel].about[:40] in " ".join(driven.text.split())
            await driven.press("escape")
            assert driven.lab.focused is not None
            assert driven.lab.focused.id == panel


async def test_the_panels_own_keys_come_first() -> None:
    async with lab("crowd") as driven:
        await driven.press("3") if "3" in driven.lab._bindings.key_to_bindings else await driven.press(
            "tab", "tab", "tab"
        )
        await driven.press("?")
        told = lines(driven)
        assert told.index("Here") < told.index("n Next layer") < told.index("Move through time")
        assert "pgup Page up" in told


async def test_help_in_the_gallery() -> None:
    async with gallery() as driven:
        await driven.press("?")
        told = lines(driven)
        assert told[0] == PANELS["scenarios"].about
        for line in ("enter Open, where you left it", "n Open and start anew", "q Quit"):
            assert line in told
        assert "Here" not in told  # what Textual's list has of its own
        await driven.press("escape")
        assert "Which scenario?" in driven.text


async def test_without_a_panel_it_explains_the_colours() -> None:
    async with gallery() as driven:
        driven.app.screen.set_focus(None)
        await driven.press("?")
        assert lines(driven)[0] == OVERVIEW.about


class Inner(Widget, can_focus=True):
    pass


class Panel(Vertical):
    """A panel, with a widget in it that has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "sort", tooltip="Sort by size"), Binding("z", "silent")]

    def compose(self) -> ComposeResult:
        yield Inner()


@pytest.mark.parametrize("panel", [*PANELS])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_every_panel_is_explained_and_has_room(panel: str, size: tuple[int, int]) -> None:
    app = PanelApp(Panel(id=panel))
    app.CSS_PATH = None
    async with app.run_test(size=size) as pilot:
        app.screen.query_one(Inner).focus()
        await pilot.pause()
        screen = HelpScreen(app.screen)
        await app.push_screen(screen)
        await pilot.pause()
        told = told_by(screen)
        assert told[0] == PANELS[panel].about
        assert "s Sort by size" in told
        assert not [line for line in told if line.startswith("z ")]


def test_every_sign_is_one_cell_wide_and_has_a_lookalike() -> None:
    for panel in (OVERVIEW, *PANELS.values()):
        for sign, meaning in panel.signs:
            text = sign + meaning
            assert cell_len(text) == len(text)
            assert in_ascii(text).count("?") == text.count("?"), text
            assert len(sign) <= 14


def test_the_words_are_those_of_the_house() -> None:
    told = " ".join([*(panel.about for panel in PANELS.values()), *WORDS.values()])
    assert "iteration" not in told
    assert set(LATER) < set(PANELS)
