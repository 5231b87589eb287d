"""Goals: what there is to be won in a scenario, what has become of it, and what comes when all is won."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import Driven, gallery, lab
from own_scenarios import BOWL, HEAD, changed, save, table

from nnsim.scenarios import library
from nnsim.scenarios.challenges import Standing
from nnsim.scenarios.reader import find, read
from nnsim.tui.journal import Journal
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.goals import GoalsDialog
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.snapshot.goals import Goal, Goals

OR, RATE = {"data.targets": [[1.0], [1.0], [1.0], [0.0]]}, "optimizer.learning_rate"
ONE_STEP = table(
    "challenges",
    kind="reach",
    title="In [b]one[/] step",
    quantity="loss",
    below=1e-6,
    by_update=1,
    solution=[{"set": {RATE: 1.0}}],
)
IN_DOUBLE = changed(HEAD, "A scenario of one's own", "Two at [once]")


def said(driven: Driven) -> str:
    """What stands in the dialog, in single spaces."""
    assert isinstance(driven.app.screen, GoalsDialog)
    box = driven.app.screen.query_one(".dialog").content_region
    rows = driven.text.splitlines()[box.y : box.bottom]
    return " ".join(" ".join(row[box.x : box.right] for row in rows).split())


def titles(name: str) -> list[str]:
    return [challenge.title for challenge in read(find(name)).challenges]


async def use_rate(driven: Driven, rate: str) -> None:
    """Begin the run again with this learning rate."""
    await driven.press("l")
    await driven.press(*rate, "enter")
    await driven.press("r")


async def win_all(driven: Driven) -> None:
    """Win the three challenges of squared-error."""
    for rate, updates in (("0.5", 1), ("1", 11), ("2", 12)):
        await use_rate(driven, rate)
        await driven.press(*["right"] * updates)


# --- the dialog ---


async def test_the_dialog_says_what_is_asked_and_what_has_become_of_each_challenge() -> None:
    scenario, (first, second, third) = read(find("squared-error")), titles("squared-error")
    Journal().win(find("squared-error"), [second])
    async with lab("squared-error") as driven:
        await driven.press("i")
        shown = said(driven)
        for words in (scenario.question, scenario.goal, f"☆ {first} open", f"★ {second} won before, on 20"):
            assert words in shown
        await driven.press("escape")
        await driven.press("right", "i")
        missed = f"☆ {first} lost at update 1: the limit of 1 update has passed; r begins again ★ {second} won"
        await driven.until(lambda: missed in said(driven))
        await driven.press("i")
        await use_rate(driven, "0.5")
        await driven.press("right", "right", "i")
        await driven.until(lambda: f"★ {first} won at update 1 ★" in said(driven))
        await driven.press("i")
        await driven.press("home", "i")
        await driven.until(lambda: f"★ {first} won before, on 20" in said(driven))
        assert f"☆ {third} open Next: {read(find('slope')).title} (enter goes there)" in said(driven)


async def test_the_dialog_tells_what_a_run_wins_that_plays_behind_it() -> None:
    first, second, _ = titles("squared-error")
    async with lab("squared-error") as driven:
        await use_rate(driven, "1")
        await driven.press("]", "]", "]", "space", "i")
        await driven.until(lambda: f"★ {second} won at update 11" in said(driven))
        assert f"☆ {first} lost at update 1: the limit of 1 update has passed" in said(driven)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(True), "open"),
        (Standing(True, won=1234), "won at update 1,234"),
        (
            Standing(True, missed=40, why="limit"),
            "lost at update 40: the limit of 40 updates has passed; r begins again",
        ),
        (Standing(True, missed=1, why="length"), "lost at update 1: too few updates are left; r begins again"),
        (Standing(True, missed=57, why="stop"), "lost at update 57: the run broke off; r begins again"),
        (Standing(True, rests=True), "nothing moves any more: it takes another set-up"),
        (Standing(False, rate=0.5, since=0), "does not count at a learning rate of 0.5; r begins again"),
        (
            Standing(False, rate=0.5, since=12),
            "does not count since update 12, at a learning rate of 0.5; r begins again",
        ),
    ],
)
async def test_the_dialog_says_since_when_and_why_something_is_not_to_be_won(standing: Standing, words: str) -> None:
    async with gallery(size=(80, 24)) as driven:
        driven.app.push_screen(GoalsDialog("A", Goals("Q?", "G.", (Goal("T.", standing, "40 updates"),)), {}, None))
        await driven.settle()
        assert said(driven).endswith(f"T. {words}")


async def test_enter_opens_the_next_scenario() -> None:
    async with lab("bowl") as driven:
        left = driven.lab
        await driven.press("i", "enter")
        await driven.until(lambda: driven.lab is not left)
        await driven.ready()
        assert driven.lab.file == library.files()[library.COURSE.index("bowl") + 1]


@pytest.mark.parametrize("last", [True, False])
async def test_where_nothing_comes_next_nothing_is_offered(tmp_path: Path, last: bool) -> None:
    async with lab(library.COURSE[-1] if last else save(tmp_path, BOWL + ONE_STEP)) as driven:
        await driven.press("i", "enter")
        assert "Next:" not in said(driven)
        await driven.press("escape")
        assert not [command for command in driven.lab.commands() if command.title.startswith("Next:")]


async def test_every_scenario_of_the_course_is_whole_at_80_by_24_with_its_longest_words() -> None:
    async with gallery(size=(80, 24)) as driven:
        for name in library.COURSE:
            scenario = read(find(name))
            each = tuple(Goal(challenge.title, Standing(counts=False), "") for challenge in scenario.challenges)
            asked = Goals(scenario.question, scenario.goal, each)
            driven.app.push_screen(GoalsDialog(scenario.title, asked, {}, find("learning-rate-ladder")))
            await driven.settle()
            shown = said(driven)
            for words in (scenario.question, scenario.goal, *titles(name), "begins anew", "(enter goes there)"):
                assert words in shown, name
            await driven.press("escape")


async def test_the_palette_offers_the_next_scenario_first_and_finds_it() -> None:
    title = read(find("slope")).title
    async with lab("squared-error") as driven:
        for words in ("", "next"):
            await driven.press("ctrl+p", *words)
            await driven.until(lambda: "the next scenario of the course" in driven.text)
            lines = [line.strip() for line in driven.text.splitlines()]
            query = next(number for number, line in enumerate(lines) if "🔎" in line)
            await driven.until(lambda: "Next: " in driven.text)
            assert next(filter(None, lines[query + 1 :])) == f"Next: {title}"
            await driven.press("escape")


# --- another problem ---


async def test_a_variant_that_changes_the_problem_wins_nothing_also_after_coming_back() -> None:
    first = titles("neuron")[0]
    async with lab("neuron") as driven:
        driven.lab.controller.set_up({**OR, RATE: 15.0})
        await driven.settle()
        for _ in range(2):
            await driven.press(*["e"] * 25, "i")
            await driven.until(lambda: f"☆ {first} does not count with this set-up; n in the" in said(driven))
            await driven.press("escape")
            assert not [mark for mark in driven.snapshot.timeline.marks if mark.kind == "won"]
            await driven.press("escape")
            await driven.until(lambda: isinstance(driven.app.screen, GalleryScreen))
            await driven.settle()
            await driven.press("enter")
            await driven.ready()
        assert Journal().entry(find("neuron")).won == {}


# --- the last one ---


async def test_the_last_win_names_the_next_scenario_and_the_gallery_goes_on_to_it() -> None:
    async with lab("squared-error") as driven:
        await win_all(driven)
        told = [note for note in driven.notes if note.startswith("Challenge won")]
        first, second, third = titles("squared-error")
        assert told[:2] == [f"Challenge won: {first}", f"Challenge won: {second}"]
        onward = f"All are won. Next: {read(find('slope')).title} (i, then enter)."
        assert told[2:] == [f"Challenge won: {third} {onward}"]
        await driven.press("escape")
        assert driven.app.gallery._highlighted.file == find("slope")
        await driven.press("up", "enter")
        await driven.ready()
        await driven.press("escape")  # nothing more was won this time
        assert driven.app.gallery._highlighted.file == find("squared-error")


async def test_one_that_is_won_when_others_are_open_does_not_lead_on() -> None:
    async with lab("squared-error") as driven:
        await use_rate(driven, "0.5")
        await driven.press("right", "escape")
        assert isinstance(driven.app.screen, GalleryScreen)
        assert driven.app.gallery._highlighted.file == find("squared-error")


async def test_the_last_win_of_a_file_of_ones_own_leads_nowhere_and_markup_is_only_text(tmp_path: Path) -> None:
    text = changed(BOWL, HEAD, IN_DOUBLE) + ONE_STEP
    async with lab(save(tmp_path, text)) as driven:
        await use_rate(driven, "1")
        await driven.press("right")
        assert driven.notes == ["Challenge won: In [b]one[/] step"]
        await driven.press("i")
        await driven.until(lambda: "★ In [b]one[/] step won at update 1" in said(driven))
        assert "Goals: Two at [once]" in driven.text
        await driven.press("escape")
        assert isinstance(driven.app.screen, LabScreen)
