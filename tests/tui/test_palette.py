"""The command palette: the lab's keys, the scenario's variants, every scenario; in any size."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import Driven, gallery, lab
from textual.command import CommandPalette

from nnsim.scenarios.reader import find, read


async def choose(driven: Driven, words: str) -> None:
    """Search the palette for words and take the first command."""
    await driven.press("ctrl+p")
    await driven.press(*(character if character != " " else "space" for character in words.lower()))
    await driven.until(lambda: any(words.lower() in line for line in hits(driven)))
    await driven.press("down")
    await driven.press("enter")
    await driven.until(lambda: not isinstance(driven.app.screen, CommandPalette))
    await driven.settle()


def hits(driven: Driven) -> list[str]:
    """The lines of the screen in small letters, without that of the query and what stands above it."""
    lines = driven.text.lower().splitlines()
    query = next((number for number, line in enumerate(lines) if "🔎" in line), len(lines))
    return [line for line in lines[query + 1 :] if line.startswith("  ")]


async def test_the_lab_s_actions_are_commands() -> None:
    async with lab("bowl") as driven:
        await choose(driven, "One epoch forward")
        assert driven.snapshot.status.update == 1
        await choose(driven, "Go to the start")
        assert driven.snapshot.status.update == 0


@pytest.mark.parametrize(
    ("words", "first"),
    [("or", "try: or: yes"), ("xor", "open: exclusive or"), ("lrgr rat", "larger learning rate")],
)
async def test_words_are_looked_for_before_letters(words: str, first: str) -> None:
    async with lab("neuron") as driven:
        await driven.press("ctrl+p")
        await driven.press(*words)
        await driven.until(lambda: any(first in line for line in hits(driven)))
        assert first in next(line for line in hits(driven) if line.strip())


async def test_a_future_that_was_left_can_be_gone_back_to() -> None:
    async with lab("bowl") as driven:
        await driven.press(*["right"] * 6, *["left"] * 4, "+", "right")
        await choose(driven, "Go back to the future that was")
        status = driven.snapshot.status
        assert (status.update, status.latest, status.learning_rate) == (6, 6, 0.1)
        assert driven.snapshot.branches == ("left at update 2, came to 3: SGD, learning rate 0.2",)


async def test_variants_start_again_with_their_set_up() -> None:
    async with lab("too-large-step") as driven:
        await driven.press("right", "space")
        await choose(driven, "Learning rate 0.25: diverging")
        status = driven.snapshot.status
        assert (status.update, status.latest, status.learning_rate, status.playing) == (0, 0, 0.25, False)
        variants = read(find("too-large-step")).variants
        assert len(variants) == 5


async def test_another_scenario_takes_the_place_of_the_open_one_and_plays() -> None:
    async with lab("crowd") as driven:
        await driven.press("space")
        for name in ("bowl", "two-minima", "bowl"):
            await choose(driven, read(find(name)).title)
            await driven.until(lambda name=name: driven.lab.file == find(name))
            await driven.ready()
            assert driven.snapshot.status.title == read(find(name)).title
            await driven.press("space")
            await driven.until(lambda: driven.snapshot.status.update > 0)
        await driven.press("escape")
        assert "Which scenario?" in driven.text


@pytest.mark.parametrize("size", [(40, 10), (20, 6), (10, 2)])
async def test_it_survives_every_size(size: tuple[int, int]) -> None:
    async with gallery(size=size) as driven:
        await driven.press("ctrl+p", "down", "pagedown", "up", "a", "escape", "escape")
        await driven.pilot.resize_terminal(120, 36)
        await driven.settle()
        await driven.press("ctrl+p")
        assert isinstance(driven.app.screen, CommandPalette)
        await driven.pilot.resize_terminal(*size)
        await driven.settle()
        await driven.press("down", "pagedown", "up", "escape")
        assert driven.app.return_code is None


@pytest.mark.parametrize("words", ["", "hostile"])
async def test_a_title_that_looks_like_markup_is_only_text(tmp_path: Path, words: str) -> None:
    own = find("bowl").read_text().replace('title = "Two weights in a bowl"', 'title = "[/] hostile [b"')
    own = own.replace('title = "Learning rate 0.5"', 'title = "[/]hostile variant ["')
    path = tmp_path / "own.toml"
    path.write_text(own)
    async with lab(path) as driven:
        await driven.press("ctrl+p", *words)
        await driven.until(lambda: any("hostile variant [" in line for line in hits(driven)))
