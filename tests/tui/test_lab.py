"""The lab with the real run behind it: every key, in every scenario of the course."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import COURSE, Driven, as_latest, differences, gallery, lab
from own_scenarios import FORMULA, changed, save, toml
from panels import lines_of
from twin import Twin

from nnsim.scenarios.reader import find
from nnsim.tui.screens.lab import LabScreen

MOVES = [
    *("right", "right left right", "e", "right e left", "E", "E", "end", "E home", "left", "right end e"),
    *("+", "right right", "-", "right left", "left left right", "E", "home e", "end left left", "- - right"),
    *("r", "right e", "R", "right right e", "E home end", "+ + e", "r right"),
]
FAR = "too-large-step"


@pytest.mark.parametrize("scenario", COURSE)
async def test_keys_that_move_and_change_show_what_the_core_computes(scenario: str) -> None:
    twin = Twin(scenario)
    async with lab(scenario, size=(120, 36) if scenario in ("bowl", "crowd") else (80, 24)) as driven:
        twin.agrees_with(driven)
        for keys in MOVES:
            await driven.press(*keys.split())
            for key in keys.split():
                twin.press(key)
            twin.agrees_with(driven)


@pytest.mark.parametrize("scenario", COURSE)
async def test_going_back_shows_everything_as_it_was(scenario: str) -> None:
    async with lab(scenario, size=(80, 24)) as driven:
        seen = {0: driven.snapshot}
        for keys in ("right", "e right", "+", "right", "e", "- -", "e", "right", "right"):
            await driven.press(*keys.split())
            seen[driven.snapshot.status.update] = driven.snapshot
        last = max(seen)
        for update in sorted(seen, reverse=True)[1:]:
            await driven.press(*["left"] * (driven.snapshot.status.update - update))
            assert differences(as_latest(driven.snapshot), as_latest(seen[update])) == []
        for update in sorted(seen)[1:]:
            await driven.press(*["right"] * (update - driven.snapshot.status.update))
            assert differences(as_latest(driven.snapshot), as_latest(seen[update])) == []
        assert driven.snapshot.status.update == last


@pytest.mark.parametrize("scenario", ["two-minima", "crowd"])
async def test_changes_act_on_the_next_update_stand_on_the_chart_and_go_when_going_back(scenario: str) -> None:
    twin = Twin(scenario)
    async with lab(scenario) as driven:
        await driven.press("right", "right")
        before = driven.snapshot
        twin.press("right")
        twin.press("right")
        await change_everything(driven, twin, label="Nesterov 0.9", size=16)
        twin.agrees_with(driven)
        (mark,) = driven.snapshot.chart.marks
        rate = "0.02" if scenario == "two-minima" else "0.002"
        assert (mark.update, mark.label) == (2, f"rate {rate}, Nesterov 0.9, batch 16")
        assert f"rate {rate}" in driven.text
        assert driven.snapshot.table.values.tobytes() == before.table.values.tobytes()
        await driven.press("right", "right", "left", "right")
        twin.press("right")
        twin.press("right")
        twin.agrees_with(driven)
        await driven.press("left", "left", "left")
        assert driven.snapshot.chart.marks == ()
        status = driven.snapshot.status
        assert (status.optimizer, status.learning_rate) == (before.status.optimizer, before.status.learning_rate)
        assert status.batch_size == before.status.batch_size
        assert not any(f"rate {rate}" in line for line in lines_of(driven.lab.query_one("#chart")))


async def change_everything(driven: Driven, twin: Twin, label: str, size: int) -> None:
    """Another rate, optimizer and batch size, through their dialogs."""
    await driven.press("+")
    twin.press("+")
    await driven.press("o")
    await driven.press("home", "down", "down", "enter")
    assert driven.snapshot.status.optimizer == label
    twin.choose(label)
    await driven.press("b")
    await driven.press("home", "down", "down", "down", "down", "enter")
    assert driven.snapshot.status.batch_size == size
    twin.change(batch_size=size)


async def test_a_change_after_going_back_forgets_what_came_later() -> None:
    async with lab("bowl") as driven:
        await driven.press(*["right"] * 5, "left", "left", "+")
        status = driven.snapshot.status
        assert (status.update, status.latest, status.learning_rate) == (3, 3, 0.2)
        await driven.press("end")
        assert driven.snapshot.status.update == 3


# --- playing ---


async def test_playing_goes_on_by_itself_and_stops_at_the_end_of_the_scenario() -> None:
    twin = Twin("too-large-step")
    async with lab("too-large-step") as driven:
        await driven.press("space")
        assert driven.snapshot.status.playing
        assert "playing 5/s" in driven.text
        await driven.press("]")
        assert "playing 10/s" in driven.text
        await driven.press("[", "[", "[", "[", "[")
        assert "playing 1/s" in driven.text
        await driven.press(*["]"] * 20)
        await driven.until(lambda: not driven.snapshot.status.playing)
        await driven.settle()
        assert driven.snapshot.status.update == 60
        assert "planned end: space goes on" in driven.text
        twin.timeline.advance(60)
        twin.agrees_with(driven)


async def test_space_at_the_end_of_the_scenario_goes_on_beyond_it() -> None:
    async with lab("bowl") as driven:
        await driven.press(*["]"] * 5)
        await driven.press(*["right"] * 40, "space")
        await driven.until(lambda: driven.snapshot.status.update > 42)
        await driven.press("space")
        assert not driven.snapshot.status.playing


async def test_space_pauses_and_every_move_pauses() -> None:
    async with lab("two-minima") as driven:
        for key in ("space", "right", "left", "e", "E", "home", "end", "r"):
            await driven.press("space")
            await driven.until(lambda: driven.snapshot.status.playing)
            await driven.press(key)
            assert not driven.snapshot.status.playing, key


async def test_a_change_while_it_plays_is_marked_where_it_was_made() -> None:
    async with lab("crowd") as driven:
        await driven.press(*["["] * 20, *["]"] * 3, "space")
        await driven.until(lambda: driven.snapshot.status.update > 1)
        await driven.press("+")
        assert driven.snapshot.status.playing
        changed = driven.snapshot.chart.marks[0].update
        await driven.until(lambda: driven.snapshot.status.update > changed)
        await driven.press("space")
        twin = Twin("crowd")
        twin.timeline.advance(changed)
        twin.press("+")
        twin.follow(driven.snapshot.status.update, driven.snapshot.status.latest)
        twin.agrees_with(driven)


# --- before the kernels are there ---


async def test_keys_pressed_before_the_kernels_are_ready_are_answered_then() -> None:
    async with gallery(find("bowl")) as driven:
        driven.type("right", "right", "e", "left", "+", "y")
        assert driven.lab.snapshot is None
        await driven.ready()
        status = driven.snapshot.status
        assert (status.update, status.latest, status.learning_rate) == (2, 2, 0.2)
        assert "log scale" in driven.text


async def test_a_dialog_asked_for_before_the_kernels_are_ready_opens_then() -> None:
    async with gallery(find("bowl")) as driven:
        driven.type("l")
        await driven.until(lambda: "Which learning rate?" in driven.text)
        await driven.press("0", ".", "5", "enter")
        assert driven.snapshot.status.learning_rate == 0.5


async def test_quitting_and_leaving_before_the_kernels_are_ready() -> None:
    async with gallery(find("crowd")) as driven:
        driven.type("right", "escape")
        await driven.settle()
        assert "Which scenario?" in driven.text
        driven.type("q")
        await driven.until(lambda: driven.app.return_code == 0)


# --- divergence ---


async def test_after_a_divergence_the_lab_explains_and_can_go_back() -> None:
    async with lab(FAR) as driven:
        await driven.press("right", "right")
        finite = driven.snapshot
        await driven.press("l")
        await driven.press(*"1e308", "enter")
        await driven.press("right", "right", "right")
        assert driven.snapshot.status.stopped
        assert driven.snapshot.narration.alarm
        assert "diverged" in driven.text
        assert "w1 became inf" in driven.snapshot.narration.lines[0]
        await driven.press("space", "right", "e", "+", "y", "tab")
        await driven.press("home", "right", "right", "left")
        assert not driven.snapshot.status.stopped
        assert not driven.snapshot.narration.alarm
        await driven.press("right", "-")
        assert driven.snapshot.table.values.tobytes() == finite.table.values.tobytes()


async def test_a_run_that_grows_stops_by_itself_while_playing() -> None:
    async with lab("squared-error") as driven:
        await driven.press("l")
        await driven.press(*"1000", "enter")
        await driven.press(*["]"] * 20, "space")
        await driven.until(lambda: driven.snapshot.status.stopped)
        await driven.settle()
        assert not driven.snapshot.status.playing
        first = driven.snapshot.narration.lines[0]
        assert "update 3" in first
        assert "the loss ran away to" in first
        await driven.press("left", "left")
        assert not driven.snapshot.status.stopped


# --- panels and screens ---


async def test_tab_goes_through_the_panels_and_y_switches_the_scale() -> None:
    async with lab("bowl") as driven:
        seen = []
        for _ in range(5):
            await driven.press("tab")
            assert driven.lab.focused is not None
            seen.append(driven.lab.focused.id)
        assert seen == ["stage", "chart", "parameters", "narration", "stage"]
        await driven.press("shift+tab")
        assert driven.lab.focused is not None
        assert driven.lab.focused.id == "narration"
        await driven.press("right", "y")
        assert "log scale" in driven.text
        await driven.press("y")
        assert "linear scale" in driven.text


async def test_escape_leaves_to_the_gallery_once_however_often_it_is_pressed() -> None:
    async with lab("bowl") as driven:
        await driven.press("tab")
        driven.type("escape", "escape", "escape")
        await driven.settle()
        assert "Which scenario?" in driven.text
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.app.screen, LabScreen))


async def test_q_ends_the_app_with_code_0_even_at_full_speed() -> None:
    async with lab("crowd") as driven:
        await driven.press(*["]"] * 20, "space")
        await driven.until(lambda: driven.snapshot.status.update > 0)
        driven.type("q")
        await driven.until(lambda: driven.app.return_code == 0)


# --- sizes ---


async def test_the_lab_folds_and_says_so_when_there_is_too_little_room() -> None:
    async with lab("bowl", size=(200, 60)) as driven:
        await driven.press("right")
        for size in ((200, 60), (120, 36), (80, 24)):
            await driven.pilot.resize_terminal(*size)
            await driven.settle()
            assert "Where on the loss are we?" in driven.text
            assert "What is happening?" in driven.text
            assert ("Which parameters move" in driven.text) == (size != (80, 24))
        for _ in range(3):
            await driven.press("tab")
        assert "Which parameters" in driven.text
        assert "How does the loss" not in driven.text
        assert "+0.4000" in "".join(lines_of(driven.lab.query_one("#parameters")))
        await driven.pilot.resize_terminal(40, 10)
        await driven.settle()
        assert "The lab needs 80 x 24 cells; this terminal has 40 x 10." in " ".join(driven.text.split())


@pytest.mark.parametrize("size", [(40, 10), (10, 3), (1, 1)])
async def test_every_key_works_in_a_terminal_that_is_too_small(size: tuple[int, int]) -> None:
    async with lab("bowl", size=size) as driven:
        await driven.press(
            "right", "e", "left", "+", "y", "tab", "[", "]", "r", "R", "end", "home", "E", "space", "space"
        )
        for key in ("l", "o", "b", "?", "ctrl+p"):
            await driven.press(key)
            assert driven.app.screen is not driven.lab or key == "ctrl+p"
            if driven.app.screen is not driven.lab:
                await driven.press("down", "pagedown", "escape")
            assert driven.app.screen is driven.lab
        await driven.press("right")
        assert driven.snapshot.status.update == 1
        await driven.pilot.resize_terminal(120, 36)
        await driven.settle()
        assert "update    1" in driven.text


async def test_resizing_while_it_plays() -> None:
    twin = Twin("crowd")
    async with lab("crowd") as driven:
        await driven.press("space")
        for size in ((80, 24), (10, 3), (200, 60), (1, 1), (120, 36)):
            await driven.pilot.resize_terminal(*size)
            before = driven.snapshot.status.update
            await driven.until(lambda before=before: driven.snapshot.status.update > before)
        await driven.press("space")
        twin.follow(driven.snapshot.status.update, driven.snapshot.status.latest)
        twin.agrees_with(driven)


# --- terminals without colours, and without Unicode ---


async def test_without_colours_everything_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for scenario in ("bowl", "crowd"):
        async with lab(scenario) as driven:
            await driven.press("right", "tab", "tab", "tab", "y")
            assert "update    1" in driven.text
            await driven.press("l")
            assert "Which learning rate?" in driven.text


@pytest.mark.parametrize("scenario", ["squared-error", "crowd"])
async def test_with_ascii_only_no_other_character_reaches_the_screen(scenario: str) -> None:
    async with lab(scenario, ascii_only=True) as driven:
        for keys in (
            "right",
            "e + right",
            "left left",
            "l",
            "escape",
            "o",
            "escape",
            "b",
            "escape",
            "?",
            "escape",
            "escape",
        ):
            await driven.press(*keys.split())
            assert driven.text.isascii(), keys


# Each row: a formula without known minima, its start, and what the lab shows of it after some updates.
FORMULAS = [
    ("x^2/4 + y^2", [3.0, -2.0], "L(x, y) = x^2/4 + y^2"),
    ("log(x) + x", [0.5], "log(x) + x"),
    ("-x^2", [1.0], "L(x) = -x^2"),
    ("a^2+b^2+c^2", [1.0, 2.0, 3.0], "unknown"),
    ("+".join(f"v{k}^2" for k in range(16)), [1.0] * 16, "v0"),
    ("+".join(["sin(x*y)^2"] * 150), [1.0, 1.0], "slope"),
]


@pytest.mark.parametrize(
    ("text", "start", "why"),
    [
        ("sqrt(-1-x^2-y^2)", [0.0, 0.0], "sqrt(-1) at the start, which is not a number"),
        ("exp(x^2)", [400.0], "exp(160000) at the start, which is infinite"),
    ],
)
async def test_a_formula_without_a_number_at_its_start_is_refused_in_the_lab(
    tmp_path: Path, text: str, start: list[float], why: str
) -> None:
    scenario = changed(FORMULA, "(1-x)^2 + 100*(y-x^2)^2", text).replace("[-1.2, 1.0]", toml(start))
    async with gallery(find(str(save(tmp_path, scenario)))) as driven:
        await driven.until(lambda: why in " ".join(driven.text.split()))
        await driven.press("right", "r", "space")
        assert why in " ".join(driven.text.split())


@pytest.mark.parametrize(("text", "start", "shown"), FORMULAS, ids=[text[:20] for text, _, _ in FORMULAS])
async def test_a_formula_without_known_minima_is_at_home_in_the_lab(
    tmp_path: Path, text: str, start: list[float], shown: str
) -> None:
    scenario = changed(FORMULA, "(1-x)^2 + 100*(y-x^2)^2", text).replace("[-1.2, 1.0]", toml(start))
    async with lab(save(tmp_path, scenario)) as driven:
        await driven.press("right", "right", "left", "e", "y", "l", "escape")
        assert shown in driven.text
        await driven.press("+", "end", "home", "E")
        assert driven.snapshot.status.update == 0
