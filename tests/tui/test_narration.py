"""The narration: lines, hint and alarm, as plain text."""

from __future__ import annotations

import asyncio

import pytest
from panels import PanelApp, colors_of, has_control_characters, lines_of, screen_of, theme_color

from nnsim.tui.snapshot.status import Narration
from nnsim.tui.widgets.narration import NarrationView

CALM = Narration(("w2 jumped from 6.00 to 0.00.", "The step was twice too long."), "press - for a smaller rate.", "")


async def drawn(narration: Narration, size: tuple[int, int] = (50, 10)) -> list[str]:
    panel = NarrationView()
    async with PanelApp(panel).run_test(size=size) as pilot:
        panel.show(narration)
        await pilot.pause()
        return [line.strip() for line in lines_of(panel)]


async def test_lines_and_then_the_hint() -> None:
    assert (await drawn(CALM))[:4] == [*CALM.lines, "", "Try: press - for a smaller rate."]


async def test_without_a_hint_nothing_is_tried() -> None:
    assert "Try" not in " ".join(await drawn(Narration(CALM.lines, "", "")))


async def test_the_hint_is_quieter_than_the_lines() -> None:
    panel = NarrationView()
    async with PanelApp(panel).run_test(size=(50, 10)) as pilot:
        panel.show(CALM)
        await pilot.pause()
        assert colors_of(panel, "Try: ") == {theme_color(panel, "foreground-muted")}
        assert colors_of(panel, "w2 jumped") == {theme_color(panel, "foreground")}


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (("The loss is inf.", "It was 3."), "Diverged: The loss is inf."),
        (("The run diverged at update 7.",), "The run diverged at update 7."),
        ((), "Diverged"),
    ],
)
async def test_an_alarm_is_told_by_colour_and_by_word(lines: tuple[str, ...], first: str) -> None:
    panel = NarrationView()
    async with PanelApp(panel).run_test(size=(50, 10)) as pilot:
        panel.show(Narration(lines, "go back.", "Diverged"))
        await pilot.pause()
        assert lines_of(panel)[0].strip() == first
        assert colors_of(panel, first) == {theme_color(panel, "error")}
        assert theme_color(panel, "error") not in colors_of(panel, "It was 3.")


async def test_a_new_narration_replaces_the_old_one() -> None:
    panel = NarrationView()
    async with PanelApp(panel).run_test(size=(50, 10)) as pilot:
        panel.show(Narration(("one",), "", ""))
        panel.show(Narration(("two",), "", ""))
        await pilot.pause()
        text = " ".join(lines_of(panel))
        assert "two" in text
        assert "one" not in text


@pytest.mark.parametrize("text", ["[/]", "[bold]x[/bold]", "[@click=app.quit]x[/]"])
async def test_text_from_users_is_not_markup(text: str) -> None:
    lines = await drawn(Narration((text,), text, ""))
    assert lines[0] == text
    assert f"Try: {text}" in lines


async def test_no_control_character_reaches_the_terminal() -> None:
    lines = await drawn(Narration(("a\x1b[31mb\x07\u202e",), "c\x1b]0;d\x07", ""))
    assert not any(has_control_characters(line) for line in lines)
    assert lines[0] == "a?[31mb??"


async def test_what_does_not_fit_can_be_scrolled_to_and_arrows_to_the_side_stay_free() -> None:
    panel = NarrationView()
    async with PanelApp(panel).run_test(size=(30, 5)) as pilot:
        panel.show(Narration(tuple(f"line {number}" for number in range(20)), "", ""))
        panel.focus()
        await pilot.pause()
        assert "line 19" not in screen_of(pilot.app)
        async with asyncio.timeout(20):  # scrolling takes a few pictures, and a key on the way starts from there
            while "line 19" not in screen_of(pilot.app):
                await pilot.press("pagedown")
        taken = panel._bindings.key_to_bindings.keys()
        assert not {"left", "right", "home", "end"} & set(taken)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (10, 3)])
async def test_tiny_terminals(size: tuple[int, int]) -> None:
    await drawn(CALM, size)
