"""The gallery: the course in order, the user's own files, a look at each, and files that turn bad meanwhile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import COURSE, Driven, gallery, lab
from twin import Twin

from nnsim.core.optimizers import OPTIMIZERS
from nnsim.scenarios import library
from nnsim.scenarios.reader import find, read
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
DIRTY = "[/] [red]x[/red] \\u001b[31m \\u0007 \\u202e tail"


def own_file(folder: Path, title: str = "My bowl", name: str = "mine.toml") -> Path:
    """A copy of the bowl under another title, which is TOML."""
    text = re.sub("^title = .*$", lambda _: f'title = "{title}"', find("bowl").read_text(), count=1, flags=re.MULTILINE)
    file = folder / name
    file.write_text(text)
    return file


async def is_previewed(driven: Driven, words: str) -> None:
    await driven.until(lambda: words in driven.text)


async def test_the_course_stands_in_order_with_a_question_and_a_look_at_each() -> None:
    stages = ("(y - 500)^2", "w1 = 0.4, w2 = 0.3", "9 (w2 - 3)^2", "L(w) = w^4/4", "picture 149")
    async with gallery(size=(120, 50)) as driven:
        for number, (name, stage) in enumerate(zip(COURSE, stages, strict=True), 1):
            scenario = read(find(name))
            assert f"{number}  {scenario.title}" in driven.text
            await is_previewed(driven, stage)
            assert scenario.goal[:30] in " ".join(driven.text.split())
            await driven.press("down")


async def test_keys_move_in_the_list_and_enter_opens_the_lab() -> None:
    async with gallery() as driven:
        for key in ("j", "j", "k", "down", "up", "enter"):
            await driven.press(key)
        await driven.ready()
        assert driven.snapshot.status.title == read(find("bowl")).title
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
        assert "own  My bowl" in driven.text
        assert "own  Exclusive or" in driven.text
        await driven.press("end")
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
        driven.lab.controller.open({"optimizer.learning_rate": 0.5})
        await driven.settle()
        assert "mine.toml" in driven.notes[0]
        assert driven.snapshot.status.update == 1
