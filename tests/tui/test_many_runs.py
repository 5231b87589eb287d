"""Many runs as a stage: the same whatever the order in which they were done; every run is in the picture."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from driving import differences, experiment_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from panels import PanelApp, lines_of

from nnsim.scenarios.many_runs import ManyRuns
from nnsim.tui.parts.many_runs import Ensemble
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import ManyRunsStage, Minimum
from nnsim.tui.widgets.many_runs import ManyRunsView, histogram

Show = Callable[..., Awaitable[list[str]]]


def made(batch_size: int, count: int, updates: int) -> tuple[Scene, ManyRuns]:
    """So many runs of the two minima, and one on the screen."""
    experiment = experiment_of("two-minima")
    experiment = replace(experiment, settings=replace(experiment.settings, batch_size=batch_size))
    runs, timeline = ManyRuns(), experiment.timeline()
    runs.start(experiment, experiment.settings, count, lambda: None)
    timeline.advance(updates)
    end = time.monotonic() + 60.0
    while len(runs.outcomes) < count:
        assert time.monotonic() < end
        time.sleep(0.002)
    return Scene(experiment, timeline), runs


def test_the_stage_has_every_run_and_the_percentiles_are_losses_of_runs() -> None:
    scene, runs = made(4, 20, 3000)
    stage = Ensemble().stage(scene, runs)
    outcomes = runs.outcomes
    assert (stage.done, stage.count, stage.updates, stage.quantity) == (20, 20, 6400, "w")
    assert stage.settings == "SGD, learning rate 0.01, batch 4"
    assert stage.ends.tolist() == [outcome.end for outcome in outcomes]
    assert stage.own == scene.timeline.run.parameters[0]
    losses = np.sort([outcome.losses for outcome in outcomes], axis=0)
    assert stage.bands.tobytes() == losses[[0, 4, 9, 14, 18]].tobytes()
    been = stage.at <= 3000
    assert scene.timeline.path is not None
    own = scene.timeline.objective.losses(scene.timeline.path[stage.at[been].astype(np.int64)])
    assert stage.own_losses[been].tobytes() == own.tobytes()
    assert np.isnan(stage.own_losses[~been]).all()
    escapes = sorted(outcome.escaped or 0 for outcome in outcomes)
    a = sum(outcome.end < 1.0 for outcome in outcomes)
    assert stage.groups == (
        ("ended in the valley of A", a),
        ("ended in the valley of B", 20 - a),
        (f"escaped, half by update {escapes[9]:,}", 20),
    )


def test_the_same_outcomes_make_the_same_stage_and_going_back_too() -> None:
    scene, runs = made(1, 8, 900)
    ensemble = Ensemble()
    first = ensemble.stage(scene, runs)
    scene.timeline.advance(5000)
    assert differences(first, ensemble.stage(scene, runs))
    scene.timeline.seek(900)
    assert not differences(first, ensemble.stage(scene, runs))
    assert not differences(first, Ensemble().stage(*made(1, 8, 900)))


def test_a_run_of_another_problem_is_not_beside_them() -> None:
    _, runs = made(1, 2, 0)
    experiment = experiment_of("bowl")
    stage = Ensemble().stage(Scene(experiment, experiment.timeline()), runs)
    assert math.isnan(stage.own)
    assert np.isnan(stage.own_losses).all()


ENDS = arrays.arrays(
    np.float64, st.integers(0, 300), elements=st.floats(-1e300, 1e300) | st.sampled_from([3.0, np.nan])
)


@given(ENDS, st.integers(1, 90))
def test_every_end_is_in_the_histogram_or_beside_it(ends: np.ndarray, most: int) -> None:
    with np.errstate(over="ignore"):
        found = histogram(ends, most)
    assert found.counts.sum() + found.below + found.above == np.isfinite(ends).sum()
    assert 1 <= len(found.counts) <= most
    assert found.low < found.high


def test_the_range_of_accuracies_stays_however_many_runs_are_in() -> None:
    few, many = (histogram(np.array(ends), 60, (0.0, 100.0)) for ends in ([75.0] * 9, [0.0, 50.0, 75.0, 100.0] * 50))
    assert (few.low, few.high) == (many.low, many.high) == (0.0, 100.0)
    assert (few.counts.sum(), many.counts.sum()) == (9, 200)


# --- on the screen ---


def many(**changes: object) -> ManyRunsStage:
    rng = np.random.default_rng(4)
    at = np.linspace(0.0, 6400.0, 61)
    middle = 0.3 + 18.0 * np.exp(-at / 900.0)
    own = np.where(at < 3000.0, middle * 1.3, np.nan)
    stage = ManyRunsStage(
        settings="SGD, learning rate 0.01, batch 4",
        done=200,
        count=200,
        updates=6400,
        quantity="w",
        unit="",
        ends=np.concatenate([rng.normal(-2.0, 0.3, 160), rng.normal(3.0, 0.3, 40)]),
        own=-1.2,
        minima=(Minimum("A", (-2.0,), 0.0), Minimum("B", (3.0,), 10.4)),
        groups=(("ended in the valley of A", 160), ("ended in the valley of B", 40)),
        at=at,
        bands=middle * np.array([[0.2], [0.6], [1.0], [1.5], [3.0]]),
        own_losses=own,
    )
    return replace(stage, **changes)  # type: ignore[arg-type]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def shown(stage: ManyRunsStage, size: tuple[int, int], ascii_only: bool = False) -> list[str]:
        view = ManyRunsView()
        app = PanelApp(view)
        app.ascii = ascii_only  # type: ignore[attr-defined]
        async with app.run_test(size=size) as pilot:
            view.show(stage)
            await pilot.pause()
            return lines_of(view)

    return shown


@pytest.mark.parametrize("size", [(40, 13), (64, 20), (100, 45)])
async def test_histogram_and_bands(show: Show, size: tuple[int, int]) -> None:
    lines = await show(many(), size)
    text = "\n".join(lines)
    assert len(lines) == size[1]
    for words in (
        "done 200 of 200",
        "160 ended in the valley of A",
        " 40 ended in",
        "median",
        "this run",
        "update",
        "runs",
    ):
        assert words in text
    axis = next(line for line in lines if "└" in line)
    assert axis.index("A") < axis.index("●") < axis.index("B")
    top = lines[lines.index(axis) - 1]
    assert top[axis.index("A")] in "▁▂▃▄▅▆▇█"
    assert top[axis.index("●") + 3] == " "


async def test_progress_is_a_number_and_a_bar(show: Show) -> None:
    text = "\n".join(await show(many(done=60), (64, 20)))
    assert "done 60 of 200 ━━━╌╌╌╌╌╌╌" in text
    waiting = many(done=0, count=0, ends=np.zeros(0), groups=(), bands=np.full((5, 61), np.nan))
    assert "the first run is under way" in "\n".join(await show(waiting, (64, 20)))


async def test_without_colour_the_bands_are_shades(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    view = ManyRunsView()
    async with PanelApp(view).run_test(size=(64, 20)) as pilot:
        view.show(many())
        await pilot.pause()
        text = "\n".join(lines_of(view))
    assert "░" in text
    assert "▒" in text


async def test_ascii_is_enough(show: Show) -> None:
    text = "\n".join(await show(many(done=60), (64, 20), ascii_only=True))
    assert text.isascii()
    assert "?" not in text


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (23, 30), (24, 12), (30, 12), (200, 60)])
async def test_any_size_is_filled(show: Show, size: tuple[int, int]) -> None:
    lines = await show(many(), size)
    assert [len(line) for line in lines] == [size[0]] * size[1]


@pytest.mark.parametrize("extreme", [math.inf, -math.inf, math.nan, 1.7e308, -1.7e308, 5e-324, 0.0])
async def test_any_number_is_shown(show: Show, extreme: float) -> None:
    bands = many().bands.copy()
    bands[3:, 40:] = extreme
    own = np.full(61, extreme)
    ends = np.array([extreme, 1.0, 2.0])
    with np.errstate(all="ignore"):
        await show(many(bands=bands, own_losses=own, own=extreme, ends=ends), (64, 20))
        await show(many(bands=np.full((5, 61), extreme), own_losses=own, own=extreme, ends=ends[:1]), (64, 20))


async def test_accuracies_have_an_axis_from_0_to_100(show: Show) -> None:
    accuracies = many(quantity="accuracy", unit="%", ends=np.full(40, 75.0), own=50.0, minima=())
    lines = await show(accuracies, (64, 20))
    axis = next(place for place, line in enumerate(lines) if "└" in line)
    assert lines[axis + 1].split()[0] == "0"
    row = lines[axis]
    assert abs((row.index("●") - row.index("└")) / (len(row.rstrip()) - row.index("└")) - 0.5) < 0.05


async def test_a_run_outside_of_the_histogram_stands_at_its_edge(show: Show) -> None:
    assert "●→" in "\n".join(await show(many(own=9.0), (64, 20)))
    assert "←●" in "\n".join(await show(many(own=-9.0), (64, 20)))
