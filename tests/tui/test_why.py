"""The page that says why: from the lab, from the gallery and from the palette, and whole in the smallest terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import gallery, lab
from own_scenarios import BOWL, changed, save

from nnsim.scenarios import library
from nnsim.scenarios.reader import find, read
from nnsim.scenarios.schema import MOST_COLUMNS, MOST_LINES
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.screens.why import NO_PAGE, WhyScreen


@pytest.mark.parametrize("key", ["w", "escape"])
async def test_a_key_of_the_lab_shows_it_and_puts_it_away(key: str) -> None:
    async with lab("squared-error") as driven:
        await driven.press("right", "w")
        assert isinstance(driven.app.screen, WhyScreen)
        assert "Source" in driven.text
        await driven.press(key)
        assert isinstance(driven.app.screen, LabScreen)
        assert driven.snapshot.status.update == 1


async def test_the_gallery_names_the_key_and_shows_the_page_of_the_scenario_under_the_cursor() -> None:
    async with gallery() as driven:
        await driven.press("down")
        assert "w: why" in driven.text
        title = read(library.files()[1]).title
        await driven.press("w")
        assert f"Why? {title}" in driven.text
        await driven.press("escape")
        assert isinstance(driven.app.screen, GalleryScreen)


async def test_the_palette_shows_it() -> None:
    async with lab("squared-error") as driven:
        await driven.press("ctrl+p", *"Why: the formula")
        await driven.until(lambda: "behind this scenario" in driven.text)
        await driven.press("down", "enter")
        await driven.until(lambda: isinstance(driven.app.screen, WhyScreen))


async def test_a_scenario_without_a_page_says_so(tmp_path: Path) -> None:
    async with lab(save(tmp_path, BOWL)) as driven:
        await driven.press("w")
        assert NO_PAGE in driven.notes
        await driven.press("escape", "w")
        assert isinstance(driven.app.screen, GalleryScreen)


async def test_every_page_of_the_course_is_whole_at_80_by_24() -> None:
    async with gallery(size=(80, 24)) as driven:
        for name in library.COURSE:
            scenario = read(find(name))
            assert scenario.why is not None
            driven.app.explain(scenario.title, scenario.why)
            await driven.settle()
            shown = driven.text
            assert [line for line in scenario.why.splitlines() if line not in shown] == [], name
            await driven.press("escape")


async def test_the_largest_page_is_whole_at_80_by_24_and_markup_is_only_text(tmp_path: Path) -> None:
    lines = [f"{k:02} [b]".ljust(MOST_COLUMNS, "x") for k in range(MOST_LINES)]
    text = changed(BOWL, "start =", f'why = """\n{chr(10).join(lines)}"""\nstart =')
    async with lab(save(tmp_path, text), size=(80, 24)) as driven:
        await driven.press("w")
        shown = driven.text.splitlines()
        assert [row for row in range(24) if lines[0] in shown[row]] == [1]
        assert all(line in row for line, row in zip(lines, shown[1:], strict=False))
