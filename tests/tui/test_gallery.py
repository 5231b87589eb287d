"""The gallery: the course in order, the user's own files, a look at each, and files that turn bad meanwhile."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from driving import FULL_COURSE, PATIENCE, Driven, gallery, lab
from panels import lines_of
from textual.widgets import OptionList
from twin import Twin

from nnsim.core.optimizers import OPTIMIZERS
from nnsim.scenarios import library, reader
from nnsim.scenarios.bookmark import NUMBERS, Bookmark, Change, fingerprint
from nnsim.scenarios.reader import find, read
from nnsim.scenarios.schema import Scenario
from nnsim.tui import preview
from nnsim.tui.journal import NAME, Journal
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.lab import LabScreen

CLASSES = """
title = "Exclusive or"
question = "Can it tell the corners apart?"
goal = "All four right."
network = { sizes = [2, 4, 2], activations = ["tanh", "linear"], loss = "cross_entropy" }
data = { kind = "inline", inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[1, 0], [0, 1], [0, 1], [1, 0]] }
optimizer = { kind = "adam", learning_rate = 0.1 }
batches = { size = 3 }
run = { epochs = 50 }
"""
# What the picture of a scenario shows; of the others the name is enough.
STAGES = {
    "neuron": "probability of class 1",
    "squared-error": "(y - 500)^2",
    "bowl": "w1 = 0.4, w2 = 0.3",
    "too-large-step": "9 (w2 - 3)^2",
    "two-minima": "L(w) = w^4/4",
    "escape": "next batch says",
    "sine-neuron": "W1[1,1] = 4.5",
    "hot-dog": "class 1 ━",
    "xor": "probability of class 1",
    "side-effects": "printed by deeplizard",
    "crowd": "picture 149",
    "hot-dog-images": "truth other",
    "overfitting": "of 500 test",
    "iris": "truth setosa",
    "digits": "truth 2",
    "edge-of-stability": "of 20,000",
}
DIRTY = "[/] [red]x[/red] \\u001b[31m \\u0007 \\u202e tail"


def own_file(folder: Path, title: str = "My bowl", name: str = "mine.toml") -> Path:
    """A copy of the bowl under another title, which is TOML."""
    text = re.sub("^title = .*$", lambda _: f'title = "{title}"', find("bowl").read_text(), count=1, flags=re.MULTILINE)
    file = folder / name
    file.write_text(text)
    return file


def way_to(name: str) -> list[str]:
    """The keys that lead from the first scenario of the list to another one."""
    return ["down"] * FULL_COURSE.index(name)


def numbered(name: str) -> str:
    """A scenario as it stands in the list, without stars."""
    return f"{FULL_COURSE.index(name) + 1:>2}  {read(find(name)).title}"


async def is_previewed(driven: Driven, words: str) -> None:
    await driven.until(lambda: words in driven.text)


async def test_the_course_stands_in_order_with_a_question_and_a_look_at_each() -> None:
    async with gallery(size=(120, 50)) as driven:
        for name in FULL_COURSE:
            scenario = read(find(name))
            assert numbered(name) in driven.text
            await is_previewed(driven, STAGES.get(name, f"{name}: "))
            assert scenario.goal[:30] in " ".join(driven.text.split())
            await driven.press("down")


async def test_keys_move_in_the_list_and_enter_opens_the_lab() -> None:
    async with gallery() as driven:
        for key in ("j", "j", "k", "down", "up", "enter"):
            await driven.press(key)
        await driven.ready()
        assert driven.snapshot.status.title == read(library.files()[1]).title
        await driven.press("escape")
        assert "Which scenario?" in driven.text
        await driven.press("end")
        await driven.press("enter")
        await driven.ready()
        assert driven.lab.file == library.files()[-1]


async def test_enter_pressed_many_times_opens_one_lab_that_works() -> None:
    async with gallery() as driven:
        await driven.press("down")
        driven.type("enter", "enter", "enter")
        await driven.until(lambda: isinstance(driven.app.screen, LabScreen))
        await driven.ready()
        await driven.press("space")
        await driven.until(lambda: driven.snapshot.status.update > 0)


async def test_keys_typed_while_the_lab_opens_are_answered() -> None:
    async with gallery() as driven:
        driven.type("enter", "right", "right", "end", "space", "left")
        await driven.until(lambda: isinstance(driven.app.screen, LabScreen))
        await driven.ready()
        assert driven.snapshot.status.latest >= 2


@pytest.mark.parametrize("size", [(80, 3), (40, 5), (10, 3), (1, 1)])
async def test_every_key_in_every_size(size: tuple[int, int]) -> None:
    async with gallery(size=size) as driven:
        for key in ("down", "pagedown", "end", "pageup", "home", "tab", "?", "escape", "ctrl+p", "escape", "e", "["):
            await driven.press(key)
        assert driven.app.return_code is None
        await driven.press("q")
        assert driven.app.return_code == 0


async def test_files_from_the_command_line_come_last_and_open(tmp_path: Path) -> None:
    classes = tmp_path / "xor.toml"
    classes.write_text(CLASSES)
    async with gallery(own_file(tmp_path), classes) as driven:
        await driven.press("end")
        last = numbered(FULL_COURSE[-1])
        places = [driven.text.find(words) for words in (last, "Your own files", "own  My bowl", "own  Exclusive")]
        assert -1 < places[0] < places[1] < places[2] < places[3]
        await is_previewed(driven, "xor: network 2-4-2")
        await driven.press("enter")
        await driven.ready()
        assert "What does the network answer?" in driven.text
        twin = Twin(classes)
        for keys in ("right right e", "left left e e", "+ e E"):
            await driven.press(*keys.split())
            for key in keys.split():
                twin.press(key)
            twin.agrees_with(driven)


async def test_optimizers_go_by_their_names(tmp_path: Path) -> None:
    files = []
    for kind in OPTIMIZERS:
        files.append(tmp_path / f"{kind}.toml")
        files[-1].write_text(CLASSES.replace('"adam"', f'"{kind}"'))
    async with gallery(*files) as driven:
        await driven.press("end")
        for make in reversed(OPTIMIZERS.values()):
            await is_previewed(driven, f"{make.name}: network 2-4-2, {make.__name__}, learning rate 0.1")
            await driven.press("up")


@pytest.mark.parametrize("size", [(120, 36), (40, 10), (10, 3)])
async def test_a_title_with_markup_and_control_characters_is_plain_text_everywhere(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    file = own_file(tmp_path, DIRTY)
    async with gallery(file, find("bowl"), size=size) as driven:
        await driven.press("end")
        assert "[/] [red]x[/red] ?[31m" in driven.text or size != (120, 36)
        await driven.press("enter")
        await driven.ready()
        await driven.press("right", "?", "escape", "ctrl+p", "escape")
        assert all(character.isprintable() or character == "\n" for character in driven.text)


async def test_a_file_that_vanishes_while_the_gallery_is_open(tmp_path: Path) -> None:
    file = own_file(tmp_path)
    async with gallery(file, find("bowl")) as driven:
        file.unlink()
        await driven.press("end")
        await driven.press("enter")
        assert "mine.toml cannot be read" in driven.notes[0]
        assert "Which scenario?" in driven.text
        await driven.press("ctrl+p")
        await driven.press("escape")
        await driven.press("home")
        await driven.press("enter")
        await driven.ready()


async def test_a_file_that_vanishes_before_the_lab_reads_it(tmp_path: Path) -> None:
    file = own_file(tmp_path)
    async with gallery(file) as driven:
        file.unlink()
        await driven.until(lambda: "mine.toml cannot be read" in " ".join(driven.text.split()))
        assert "Preparing" not in driven.text
        await driven.press("right", "space", "l", "y", "escape")
        assert "Which scenario?" in driven.text


async def test_a_file_that_vanishes_just_after_the_lab_has_read_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = own_file(tmp_path)

    def read_once(*arguments: Any) -> Scenario:
        scenario = read(*arguments)
        file.unlink(missing_ok=True)
        return scenario

    monkeypatch.setattr(reader, "read", read_once)
    async with lab(file) as driven:
        assert not file.exists()
        await driven.press("right")
        assert driven.snapshot.status.update == 1
        await driven.press("escape")
        assert isinstance(driven.app.screen, GalleryScreen)


async def test_a_file_whose_shapes_do_not_fit_says_so_in_the_lab(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(find("bowl").read_text().replace("start = [0.0, 0.0]", "start = [0.0, 0.0, 0.0]"))
    async with gallery(file) as driven:
        await driven.until(lambda: "start has 3 numbers: this surface takes 2" in " ".join(driven.text.split()))


async def test_a_file_that_breaks_while_its_lab_is_open_leaves_the_run_alone(tmp_path: Path) -> None:
    file = own_file(tmp_path)
    async with lab(file) as driven:
        await driven.press("right")
        file.write_text("title = 3")
        driven.lab.controller.set_up({"optimizer.learning_rate": 0.5})
        await driven.settle()
        assert "mine.toml" in driven.notes[0]
        assert driven.snapshot.status.update == 1


# --- progress ---

DIRTY_CHALLENGE = """
[[challenges]]
kind = "reach"
title = "With [red]momentum[/]"
quantity = "loss"
below = 1e-6
by_update = 9
solution = [{ set = { "optimizer.learning_rate" = 1.0 } }]
"""


def mark(file: Path, update: int = 517) -> Bookmark:
    return Bookmark(
        scenario=fingerprint(file), numbers=NUMBERS, seed=0, changes=[Change(0, {})], latest=600, update=update
    )


def challenges(name: str) -> list[str]:
    return [challenge.title for challenge in read(find(name)).challenges]


async def test_chapters_are_headings_over_their_scenarios() -> None:
    chapters = [read(find(name)).chapter for name in FULL_COURSE]
    async with gallery(size=(120, 120)) as driven:
        rows = [row[2:40].strip() for row in driven.text.splitlines()]
        wanted: list[str] = []
        for number, (name, chapter) in enumerate(zip(FULL_COURSE, chapters, strict=True), 1):
            wanted += [] if chapter in wanted else [chapter]
            wanted.append(f"{number}  {read(find(name)).title}")
        starred = [re.sub(r"  ☆+$", "", row) for row in rows]
        assert [row for row in starred if row in wanted] == wanted
        assert len(wanted) > len(chapters) + 3
        for file in library.files():  # headings are passed over
            assert driven.app.gallery._highlighted.file == file
            await driven.press("down")
        assert driven.app.gallery._highlighted.file == library.files()[0]


async def test_what_has_been_won_is_shown_in_stars_and_in_words() -> None:
    journal, file = Journal(), find("too-large-step")
    first, second, third = challenges("too-large-step")
    journal.win(file, [first, third])
    for right in (True, False, True):
        journal.bet(file, right)
    async with gallery(size=(240, 50)) as driven:
        await driven.press(*way_to("too-large-step"))
        assert f"{numbered('too-large-step')}  ★☆★" in driven.text
        assert f"{numbered('two-minima')}  ☆☆☆" in driven.text
        for words in (
            "2 of 3 challenges won, 2 of 3 predictions right",
            f"★ {first} (won 20",
            f"☆ {second}",
            f"★ {third} (won 20",
        ):
            assert words in driven.text
        driven.app.journal.win(file, [second])
        await driven.press("?", "escape")  # as when one comes back from the lab
        assert f"{numbered('too-large-step')}  ★★★" in driven.text
    async with gallery(size=(120, 50), ascii_only=True) as driven:
        await driven.press(*way_to("too-large-step"))
        assert f"{numbered('too-large-step')}  ***" in driven.text
        assert f"{numbered('two-minima')}  ---" in driven.text


async def test_a_challenge_with_markup_in_its_title_is_plain_text(tmp_path: Path) -> None:
    file = own_file(tmp_path)
    file.write_text(file.read_text().partition("\n[[challenges]]")[0] + DIRTY_CHALLENGE)
    Journal().win(file, challenges(str(file)))
    async with gallery(file, find("bowl")) as driven:
        await driven.press("end")
        assert "own  My bowl  ★" in driven.text
        assert "★ With [red]momentum[/] (won 20" in driven.text


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_everything_of_a_scenario_has_room(size: tuple[int, int]) -> None:
    for file in library.files():
        Journal().leave(file, mark(file))
    async with gallery(size=size) as driven:
        about, tight = driven.app.gallery.query_one("#about"), size == (80, 24)
        for name in FULL_COURSE:
            scenario = read(find(name))
            titles = [challenge.title for challenge in scenario.challenges]
            assert scenario.title in driven.text
            rows = driven.text.splitlines()[about.region.y : about.region.bottom]
            beside = " ".join(" ".join(row[about.region.x : about.region.right] for row in rows).split())
            for words in (
                scenario.question,
                scenario.goal,
                "enter: continue at update 517 · n: " + ("anew" if tight else "start anew"),
                *([] if tight else [f"{name}: "]),
                *(f"☆ {title}" for title in ([] if tight else titles)),
            ):
                assert words in beside
            place = f"1 of {len(titles)}: " if len(titles) > 1 else ""
            assert all(f"☆ {title}" in beside for title in titles) or f"☆ {place}{titles[0]}" in beside
            assert driven.app.gallery.query_one("#look").size.height >= 7
            await driven.press("down")


async def test_a_scenario_that_has_changed_since_says_that_it_starts_anew(tmp_path: Path) -> None:
    file = own_file(tmp_path)
    Journal().leave(file, mark(file))
    async with gallery(file, find("bowl")) as driven:
        await driven.press("end")
        assert "enter: continue at update 517" in driven.text
    file.write_text(file.read_text() + "\n# changed\n")
    async with gallery(file, find("bowl")) as driven:
        await driven.press("end")
        assert "The scenario has changed since you left it at update 517" in driven.text


async def test_n_forgets_where_it_was_left_and_opens() -> None:
    bowl = find("bowl")
    Journal().leave(bowl, mark(bowl))
    async with gallery() as driven:
        await driven.press(*way_to("bowl"), "n")
        await driven.ready()
        assert driven.lab.file == bowl
        assert driven.app.journal.entry(bowl).bookmark is None
        driven.type("n")  # is the lab's now
        await driven.settle()
        assert isinstance(driven.app.screen, LabScreen)


async def test_a_damaged_journal_is_told_in_the_gallery(progress_of_its_own: Path) -> None:
    progress_of_its_own.mkdir()
    (progress_of_its_own / NAME).write_text("nonsense")
    async with gallery() as driven:
        await driven.settle()
        assert "is damaged: it is kept as journal-" in driven.notes[0]


# --- at play ---


def shown(driven: Driven) -> int:
    """The update that the preview stands at."""
    found = re.search(r"update +([\d,]+) of", driven.text)
    return int(found[1].replace(",", "")) if found else -1


async def test_the_scenario_under_the_cursor_plays_and_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATIENCE", "FASTEST", "SLOWEST", "REST"):
        monkeypatch.setattr(preview, name, 0.01)
    async with gallery() as driven:
        await driven.press(*way_to("bowl"))
        await driven.until(lambda: shown(driven) == 40)
        assert "w1 = 3.941" in driven.text  # 4 - 4 * 0.9^40, as in the lab
        await driven.until(lambda: shown(driven) < 40)
        await driven.press("home", *way_to("crowd"))
        await driven.until(lambda: "picture 149" in driven.text and shown(driven) > 300)


async def test_the_preview_stands_still_while_the_lab_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATIENCE", "FASTEST", "SLOWEST"):
        monkeypatch.setattr(preview, name, 0.01)
    async with gallery() as driven:
        await driven.press(*way_to("bowl"))
        await driven.until(lambda: shown(driven) > 0)
        await driven.press("enter")
        await driven.ready()
        assert driven.app.worker.pulse == driven.lab.controller._pulse
        actor = driven.app.gallery._preview._actor
        before = actor.frame().update
        await asyncio.sleep(0.1)
        assert actor.frame().update == before
        await driven.press("escape")
        await driven.until(lambda: 0 <= shown(driven) < before)
        await driven.until(lambda: shown(driven) > before)


async def test_the_scenario_under_the_cursor_stays_in_sight_in_a_smaller_terminal() -> None:
    title = read(find("digits")).title
    async with gallery(size=(120, 60)) as driven:
        await driven.press(*way_to("digits"))
        for size in ((120, 36), (100, 24), (80, 24), (200, 60), (80, 24)):
            driven.resize(*size)
            await driven.settle()
            await driven.until(lambda: title in "\n".join(lines_of(driven.app.gallery.query_one(OptionList))))


async def test_who_passes_by_does_not_start_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PATIENCE", 3600.0)  # however slow the machine is, nobody has stayed that long
    async with gallery() as driven:
        for _ in range(3):
            await driven.press("down", "down", "down", "down", "down")
        assert shown(driven) <= 0


async def test_keys_are_answered_while_the_preview_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATIENCE", "FASTEST", "SLOWEST"):
        monkeypatch.setattr(preview, name, 0.01)
    async with gallery() as driven:
        await driven.press("end")
        await driven.until(lambda: shown(driven) > 0)
        loop = asyncio.get_running_loop()
        for _ in range(20):
            answered = loop.create_future()
            driven.app.worker.submit(
                lambda answered=answered: loop.call_soon_threadsafe(answered.set_result, shown(driven))
            )
            await asyncio.wait_for(answered, PATIENCE)


async def test_a_picture_that_comes_when_the_app_closes_is_dropped() -> None:
    async with gallery() as driven:
        await driven.until(lambda: shown(driven) == 0)
        screen = driven.app.gallery
        frame = screen._starts[library.files()[0]]
        await screen.query_one(OptionList).remove()
        screen._show(frame)


async def test_a_file_that_cannot_be_run_shows_no_picture_of_another(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(find("bowl").read_text().replace("start = [0.0, 0.0]", "start = [0.0, 0.0, 0.0]"))
    async with gallery(file, find("bowl")) as driven:
        first = STAGES[FULL_COURSE[0]]
        await is_previewed(driven, first)
        await driven.press("end")
        assert first not in driven.text


async def test_a_lab_that_opens_at_once_is_not_disturbed_by_the_gallery_behind_it() -> None:
    async with lab("bowl") as driven:
        assert driven.app.worker.pulse == driven.lab.controller._pulse
        await driven.press("space")
        await driven.until(lambda: driven.snapshot.status.update > 1)
