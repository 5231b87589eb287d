"""Some hundred random keys in every scenario: the screen shows what the core computes, and the app can quit."""

from __future__ import annotations

import random

import pytest
from driving import COURSE, Driven, lab
from twin import OPTIMIZERS, Twin

from nnsim.tui.screens.gallery import GalleryScreen

MOVES = ("right", "right", "right", "left", "left", "e", "E", "home", "end", "+", "-", "r", "R")
VIEWS = (
    "y",
    "tab",
    "shift+tab",
    "[",
    "]",
    "f1 escape",
    "ctrl+p escape",
    "l escape",
    "o escape",
    "b escape",
    "up",
    "down",
)
RATES = ("0", "0.05", "0.3", "1e-300", "1e308", "7")
ROUNDS = 4
WILD = (
    *("space", "right", "left", "e", "E", "home", "end", "+", "-", "l", "o", "b", "r", "R", "y", "[", "]"),
    *("tab", "shift+tab", "?", "f1", "escape", "enter", "up", "down", "pagedown", "n", "p", "1", ".", "x", "ctrl+z"),
)


@pytest.mark.parametrize("scenario", COURSE)
async def test_random_keys_end_where_the_core_ends(scenario: str) -> None:
    chance = random.Random(f"{scenario} 1")
    twin = Twin(scenario)
    async with lab(scenario, size=(80, 24)) as driven:
        for _ in range(ROUNDS):
            moves = chance.choices(MOVES, k=6)
            await driven.press(*moves)
            for move in moves:
                twin.press(move)
            await driven.press(*chance.choice(VIEWS).split())
            await chance.choice((play, type_rate, choose_optimizer, choose_batch_size))(driven, twin, chance)
            twin.agrees_with(driven)
        await driven.press("q")
        assert driven.app.return_code == 0


async def play(driven: Driven, twin: Twin, chance: random.Random) -> None:
    """Let it run for some updates, then pause by a step back."""
    await driven.press(*["]"] * chance.randrange(6), "space")
    begin = driven.snapshot.status.update
    await driven.until(lambda: driven.snapshot.status.update > begin or not driven.snapshot.status.playing)
    await driven.press("left")
    twin.follow(driven.snapshot.status.update, driven.snapshot.status.latest)


async def type_rate(driven: Driven, twin: Twin, chance: random.Random) -> None:
    rate = chance.choice(RATES)
    await driven.press("l")
    await driven.press(*rate, "enter")
    twin.change(optimizer=twin.settings.optimizer.with_rate(float(rate)))


async def choose_optimizer(driven: Driven, twin: Twin, chance: random.Random) -> None:
    place = chance.randrange(len(OPTIMIZERS))
    await driven.press("o")
    await driven.press("home", *["down"] * place, "enter")
    twin.choose(list(OPTIMIZERS)[place])


async def choose_batch_size(driven: Driven, twin: Twin, chance: random.Random) -> None:
    samples = driven.snapshot.status.samples
    sizes = [2**power for power in range(17) if 2**power < samples] + [samples]
    place = chance.randrange(len(sizes))
    await driven.press("b")
    await driven.press("home", *["down"] * place, "enter")
    twin.change(batch_size=sizes[place])


@pytest.mark.parametrize("size", [(80, 24), (30, 8)])
async def test_wild_keys_never_end_the_app(size: tuple[int, int]) -> None:
    chance = random.Random(2)
    async with lab("two-minima", size=size) as driven:
        for _ in range(12):
            driven.type(*chance.choices(WILD, k=10))
            await driven.settle()
            assert driven.app.return_code is None
        while not isinstance(driven.app.screen, GalleryScreen):
            await driven.press("escape")
        await driven.press("q")
        assert driven.app.return_code == 0
