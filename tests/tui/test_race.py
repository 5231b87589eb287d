"""The race on the screen: the numbers of runs made alone, the same again after going back, the signs alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import differences, experiment_of, lab
from own_scenarios import BOWL, save
from panels import PanelApp, lines_of
from pictures import bowl, squared_error
from rich.cells import cell_len
from textual.widget import Widget

from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.race import RACES, Rivals
from nnsim.scenarios.reader import ScenarioError, read
from nnsim.scenarios.runner import run
from nnsim.tui.parts.race import race, with_rivals
from nnsim.tui.parts.stage import Stages
from nnsim.tui.parts.thinning import MOST_POINTS, thinned
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.chart import Series
from nnsim.tui.snapshot.race import Race, Racer
from nnsim.tui.snapshot.stages import CurveStage, EstimateStage, Rival, SurfaceStage
from nnsim.tui.widgets.curve import CurveView
from nnsim.tui.widgets.heatmap import SurfaceView
from nnsim.tui.widgets.race import RaceView
from nnsim.tui.widgets.racers import RACER_SIGNS

Show = Callable[..., Awaitable[list[str]]]


def racing(scenario: str, kind: str, updates: int) -> tuple[Scene, Rivals]:
    experiment = experiment_of(scenario)
    timeline, rivals = experiment.timeline(), Rivals()
    rivals.enter(timeline, RACES[kind](timeline.run.settings, len(experiment.objective.train)))
    timeline.advance(updates)
    rivals.keep_step(timeline.update)
    return Scene(experiment, timeline), rivals


def seen(scene: Scene, rivals: Rivals) -> Race:
    found = race(scene, rivals)
    assert found is not None
    return found


def alone(experiment: Experiment, rate: float, updates: int) -> Timeline:
    settings = experiment.settings
    return run(replace(experiment, settings=replace(settings, optimizer=settings.optimizer.with_rate(rate))), updates)


def test_without_rivals_there_is_no_race() -> None:
    scene, rivals = racing("bowl", "learning rates", 3)
    rivals.clear()
    assert race(scene, rivals) is None
    stage = Stages().stage(scene)
    assert with_rivals(stage, scene, rivals, None) is stage


def test_the_table_has_the_numbers_of_runs_made_alone() -> None:
    scene, rivals = racing("bowl", "learning rates", 60)
    found = seen(scene, rivals)
    assert found.thresholds == (1.0, 0.1, 0.01)
    labels = ["this run: learning rate 0.1", "learning rate 0.05", "learning rate 0.2", "learning rate 0.5"]
    assert [racer.label for racer in found.racers] == labels
    for racer, rate in zip(found.racers, (0.1, 0.05, 0.2, 0.5), strict=True):
        timeline = alone(scene.experiment, rate, 60)
        assert timeline.path is not None
        losses = timeline.objective.losses(timeline.path)
        assert racer.losses.losses.tobytes() == losses.tobytes()
        assert (racer.loss, racer.update, racer.updates_per_epoch) == (losses[-1], 60, 1)
        first = [np.flatnonzero(losses <= level) for level in found.thresholds]
        assert racer.reached == tuple(int(below[0]) if below.size else None for below in first)
    # Exactly 12.5 (1 - rate)^(2 k): at or below 1, 0.1 and 0.01.
    assert [racer.reached for racer in found.racers] == [(12, 23, 34), (25, 48, None), (6, 11, 16), (2, 4, 6)]
    assert (found.leader, found.measured) == (3, "after every update")


@pytest.mark.parametrize("scenario", ["too-large-step", "two-minima", "crowd"])
@pytest.mark.parametrize("kind", ["learning rates", "optimizers"])
def test_going_back_shows_the_same_again(scenario: str, kind: str) -> None:
    scene, rivals = racing(scenario, kind, 0)
    shown = []
    for update in range(0, 140, 7):
        scene.timeline.advance(update - scene.timeline.update)
        rivals.keep_step(scene.timeline.update)
        now = Scene(scene.experiment, scene.timeline)
        shown.append((seen(now, rivals), with_rivals(Stages().stage(now), now, rivals, None)))
    for update in (133, 63, 70, 0, 56):
        scene.timeline.seek(update)
        now = Scene(scene.experiment, scene.timeline)
        assert not differences(shown[update // 7][0], seen(now, rivals))
        assert not differences(shown[update // 7][1], with_rivals(Stages().stage(now), now, rivals, None))


def test_a_network_is_measured_after_every_epoch() -> None:
    scene, rivals = racing("crowd", "batch sizes", 130)
    found = seen(scene, rivals)
    assert found.measured == "after every epoch"
    own = found.racers[0]
    assert own.losses.updates.tolist() == [0, 63, 126]
    assert own.losses.losses.tolist() == [record.train.loss for record in scene.timeline.records]
    assert [racer.updates_per_epoch for racer in found.racers] == [63, 1000, 250, 16]
    assert [len(racer.losses.updates) for racer in found.racers] == [3, 1, 1, 9]
    stage = Stages().stage(scene)
    assert isinstance(stage, EstimateStage)
    assert with_rivals(stage, scene, rivals, None) is stage


def test_a_rival_that_diverges_is_told_from_its_update_on() -> None:
    scene, rivals = racing("bowl", "learning rates", 0)
    timeline = scene.timeline
    settings = timeline.run.settings
    rivals.enter(timeline, [replace(settings, optimizer=settings.optimizer.with_rate(50.0))])
    timeline.advance(30)
    rivals.keep_step(30)
    gone = seen(scene, rivals).racers[3]
    stop = alone(scene.experiment, 50.0, 30).stopped
    assert stop is not None
    assert (gone.ended, gone.stopped, gone.update) == (f"diverged at {stop.update}", "diverged", stop.update - 1)
    timeline.seek(stop.update - 1)
    assert not seen(scene, rivals).racers[3].stopped
    assert seen(scene, rivals).leader != 3


def test_a_ghost_goes_as_far_as_it_has_come() -> None:
    experiment = experiment_of("bowl")
    timeline, rivals = experiment.timeline(), Rivals()
    timeline.advance(5)
    rivals.keep(timeline)
    assert [racer.label for racer in seen(Scene(experiment, timeline), rivals).racers] == [
        "this run",
        "the same so far",
    ]
    nearly = seen(Scene(experiment, alone(experiment, 0.1 + 1e-9, 5)), rivals)
    assert [racer.label for racer in nearly.racers] == ["this run", "the same to 6 digits"]
    again = alone(experiment, 0.2, 8)
    scene = Scene(experiment, again)
    own, ghost = seen(scene, rivals).racers
    assert (own.label, ghost.label) == ("this run: learning rate 0.2", "learning rate 0.1")
    assert (ghost.update, ghost.ended, ghost.stopped) == (5, "kept to update 5", "")
    again.seek(5)
    assert seen(scene, rivals).racers[1].ended == ""


def test_rivals_stand_on_the_stage_where_they_are() -> None:
    scene, rivals = racing("bowl", "learning rates", 6)
    stage = with_rivals(Stages().stage(scene), scene, rivals, None)
    assert isinstance(stage, SurfaceStage)
    assert [rival.place for rival in stage.rivals] == [1, 2, 3]
    for rival, rate in zip(stage.rivals, (0.05, 0.2, 0.5), strict=True):
        timeline = alone(scene.experiment, rate, 6)
        assert timeline.path is not None
        assert rival.path.tobytes() == timeline.path.tobytes()
        assert rival.losses.tobytes() == timeline.objective.losses(timeline.path).tobytes()
    curve, on_curve = racing("two-minima", "batch sizes", 300)
    stage = with_rivals(Stages().stage(curve), curve, on_curve, None)
    assert isinstance(stage, CurveStage)
    assert [rival.path.shape for rival in stage.rivals] == [(201, 1)] * 3


@pytest.mark.parametrize("view", ["slice", "sharpest directions"])
def test_on_a_slice_rivals_stand_where_they_are_seen_at_right_angles_to_it(view: str) -> None:
    scene, rivals = racing("hot-dog", "learning rates", 12)
    scene = replace(scene, attention=Attention(view=view, pair=(1, 4)))
    stages = Stages()
    stage = with_rivals(stages.stage(scene), scene, rivals, stages.slices.plane)
    assert isinstance(stage, SurfaceStage)
    plane = stages.slices.plane
    assert plane is not None
    assert len(stage.rivals) == 3
    for rival in stage.rivals:
        rate = float(rival.label.removeprefix("learning rate "))
        there = alone(scene.experiment, rate, 12).run.parameters
        seen_from_above = plane.directions @ (there - plane.origin)
        assert rival.path[-1] == pytest.approx(seen_from_above, rel=1e-12, abs=1e-12)
        if view == "slice":
            assert rival.path[-1] == pytest.approx(there[[1, 4]], rel=1e-12)


def test_rivals_of_a_large_network_stand_on_a_slice_at_every_update_and_ghosts_of_it_do_not() -> None:
    scene, rivals = racing("crowd", "learning rates", 700)
    timeline = scene.timeline
    rivals.keep(timeline)  # it takes the place of the oldest
    scene = replace(scene, attention=Attention(view="slice", pair=(1, 4)))
    for update in (700, 650, 3, 699, 700):
        timeline.seek(update)
        scene, stages = replace(scene), Stages()
        stage = with_rivals(stages.stage(scene), scene, rivals, stages.slices.plane)
        assert isinstance(stage, SurfaceStage)
        assert [rival.place for rival in stage.rivals] == [1, 2]
        for rival in stage.rivals:
            rate = float(rival.label.removeprefix("learning rate "))
            run = alone(scene.experiment, rate, update).run
            expected = [run.previous[[1, 4]], run.parameters[[1, 4]]]
            assert rival.path == pytest.approx(np.array(expected), rel=1e-12)


def test_a_rival_with_a_change_is_made_again_with_it() -> None:
    scene, rivals = racing("crowd", "learning rates", 0)
    timeline = scene.experiment.timeline()
    timeline.advance(40)
    timeline.change(replace(timeline.run.settings, batch_size=8))
    timeline.advance(30)
    rivals.clear()
    rivals.join(timeline)
    (rival,) = rivals
    there = scene.experiment.timeline()
    there.advance(40)
    at_the_change = there.run.parameters.copy()
    there.change(replace(there.run.settings, batch_size=8))
    there.advance(10)
    for update, parameters in ((50, there.run.parameters), (40, at_the_change)):
        points = rival.last_points(update)
        assert points is not None
        assert points[1].tobytes() == parameters.tobytes()


def test_thinning_keeps_both_ends_and_every_spike() -> None:
    losses = np.ones(100_001)
    losses[[777, 50_000]] = 9.0, -9.0
    losses[0] = np.nan
    series = thinned("racer", np.arange(100_001.0), losses)
    assert len(series.updates) <= MOST_POINTS + 200
    assert {777.0, 50_000.0, 100_000.0} <= set(series.updates.tolist())
    assert np.isfinite(series.losses).all()
    short = thinned("racer", np.arange(3.0), np.array([3.0, np.inf, 1.0]))
    assert short.updates.tolist() == [0.0, 2.0]


# --- on the screen ---


def racer(label: str, loss: float, reached: tuple[int | None, ...], ended: str = "", stopped: str = "") -> Racer:
    series = Series("racer", np.array([0.0, 60.0]), np.array([12.5, loss]))
    return Racer(label, series, 60, loss, 1, reached, ended, stopped)


RACE = Race(
    (1.0, 0.1, 0.01),
    (
        racer("this run: learning rate 0.1", 4.0367e-5, (12, 23, 34)),
        racer("learning rate 0.05", 0.0265303, (25, 48, None)),
        racer("learning rate 0.5", 0.0, (2, 4, 6)),
        racer("learning rate 5", 8e30, (None, None, None), "diverged at 12", "diverged"),
    ),
    2,
    "after every update",
)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def shown(widget: Widget, part: Any, size: tuple[int, int], ascii_only: bool = False) -> list[str]:
        app = PanelApp(widget)
        app.ascii = ascii_only  # type: ignore[attr-defined]
        async with app.run_test(size=size) as pilot:
            widget.show(part)  # type: ignore[attr-defined]
            await pilot.pause()
            lines = lines_of(widget)
        assert {cell_len(line) for line in lines} <= {size[0], size[0] - 2}
        return lines

    return shown


@pytest.mark.parametrize("size", [(38, 11), (70, 14), (100, 30)])
async def test_the_race_as_a_table(show: Show, size: tuple[int, int]) -> None:
    lines = await show(RaceView(), RACE, size)
    signs = RACER_SIGNS[: len(RACE.racers)]
    rows = [next(line for line in lines if f" {sign} " in line) for sign in signs]
    for row, each in zip(rows, RACE.racers, strict=True):
        assert each.label in row or each.label.replace("learning ", "") in row
    assert [row.startswith("▸") for row in rows] == [False, False, True, False]
    assert "diverged at 12" in rows[3]
    text = "\n".join(lines)
    for words in ("≤ 1", "≤ 0.1", "≤ 0.01", "0.0265", "8.00e+30"):
        assert words in text
    numbers = [line.split()[-4:] for line in lines if line.rstrip().endswith(("34", "–", "6")) and "≤" not in line]
    assert numbers[0] == ["4.04e-05", "12", "23", "34"]
    assert numbers[2] == ["0.0000", "2", "4", "6"]


async def test_before_a_race_the_keys_are_told(show: Show) -> None:
    assert "G starts a race." in "\n".join(await show(RaceView(), None, (38, 11)))


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (4, 4), (12, 5), (37, 6), (38, 9), (200, 60)])
async def test_any_size_is_filled(show: Show, size: tuple[int, int]) -> None:
    await show(RaceView(), RACE, size)


async def test_ascii_is_enough_and_the_signs_stay_apart(show: Show) -> None:
    text = "\n".join(await show(RaceView(), RACE, (70, 14), ascii_only=True))
    assert text.isascii()
    assert "?" not in text
    assert all(f" {sign} " in text for sign in "O&^#")


async def test_a_long_name_ends_in_dots(show: Show) -> None:
    long = replace(RACE, racers=(replace(RACE.racers[0], label="[/]漢" * 30), *RACE.racers[1:]))
    assert "…" in "\n".join(await show(RaceView(), long, (70, 14)))


async def test_rivals_are_drawn_with_their_signs(show: Show) -> None:
    path = np.array([[0.0, 0.0], [2.0, 4.0], [3.0, 6.0]])
    rivals = (Rival(1, "a", path, np.ones(3)), Rival(3, "b", np.array([[0.0, 0.0], [99.0, 2.0]]), np.ones(2)))
    lines = await show(SurfaceView(), bowl(rivals=rivals), (60, 24))
    text = "\n".join(lines)
    assert "◆" in text
    assert "■→" in text
    values = np.array([[100.0], [420.0]])
    on_curve = (Rival(1, "a", values, (values[:, 0] - 500) ** 2), Rival(2, "b", values * np.nan, values[:, 0]))
    text = "\n".join(await show(CurveView(), squared_error(rivals=on_curve), (60, 24)))
    assert "◆" in text
    assert "▲" not in text


async def test_the_race_of_a_scenario_is_on_from_the_start_and_comes_back_when_it_is_asked_for() -> None:
    rates = [0.1, 0.0001, 0.001, 0.01, 0.5, 1.0, 1.1]
    async with lab("learning-rate-ladder") as driven:
        assert "Who gets there first?" in driven.text
        await driven.press("right", "right", "right")
        found = driven.snapshot.race
        assert found is not None
        # (y - 500)^2 from 350: every update multiplies the loss by (1 - 2 rate)^2
        losses = [racer.loss for racer in found.racers]
        np.testing.assert_allclose(losses, [22500.0 * (1.0 - 2.0 * rate) ** 6 for rate in rates], atol=1e-9)
        assert found.leader == 4
        signs = [line for line in driven.text.splitlines() if any(f" {sign} " in line for sign in RACER_SIGNS[1:7])]
        assert len(signs) >= 6
        driven.lab.controller.order(lambda session: session.end_race())
        await driven.settle()
        assert driven.snapshot.race is None
        await driven.press("G", "enter")
        assert driven.snapshot.race is not None
        assert len(driven.snapshot.race.racers) == len(rates)


async def test_every_run_of_the_course_has_room_at_80_by_24() -> None:
    async with lab("learning-rate-ladder", size=(80, 24)) as driven:
        await driven.press("right", "9")
        rows = [" ".join(line.split()) for line in lines_of(driven.lab.query_one(RaceView))]
        assert rows[0].endswith("≤ 2000 ≤ 200")
        for rate in ("0.0001", "0.001", "0.01", "0.1", "0.5", "1", "1.1"):
            assert any(f"rate {rate} " in row for row in rows), rate
        await driven.press("m")
        assert lines_of(driven.lab.query_one(RaceView))[0].endswith("≤ 200    ≤ 20")


async def test_a_race_in_another_problem_begins_anew() -> None:
    async with lab("learning-rate-ladder") as driven:
        await driven.press("right")
        variant = driven.lab.scenario.variants[0]
        driven.lab.controller.set_up(variant.set)
        await driven.settle()
        found = driven.snapshot.race
        assert found is not None
        assert [racer.update for racer in found.racers] == [0] * 7
        assert {racer.loss for racer in found.racers} == {0.0225}


def test_a_race_differs_in_how_it_is_trained_alone(tmp_path: Path) -> None:
    path = save(tmp_path, "race = [{ start = [1.0, 1.0] }]\n" + BOWL)
    with pytest.raises(ScenarioError, match="has a race that sets start: its runs differ in optimizer, schedule,"):
        read(path)
    path.write_text("race = [{ 'optimizer.lr' = 1.0 }]\n" + BOWL)
    with pytest.raises(ScenarioError, match=r'race\[1\]: "optimizer\.lr" is not a known key'):
        read(path)
