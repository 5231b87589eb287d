"""A published table on the stage: the numbers in it, how it is drawn, and how many runs come beside it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest
from driving import experiment_of, lab
from own_scenarios import save
from pictures import Bench, Picture

from nnsim.scenarios.experiment import build
from nnsim.scenarios.many_runs import ManyRuns
from nnsim.scenarios.published import of_timeline
from nnsim.scenarios.reader import ScenarioError, find, read
from nnsim.tui.parts.published import PublishedTable
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.stages import PUBLISHED, PublishedStage
from nnsim.tui.widgets.stage import StageView

RUNS = 20


def table(epochs: int = 3, own: int = 1, done: int = 400) -> PublishedStage:
    """Losses of 0.5, 0.4, ... between the ends 0.45 and 0.55, and accuracies of 0.9 between 0.85 and 0.95."""
    published = np.array([0.5 - 0.1 * np.arange(epochs), np.full(epochs, 0.9)])
    mine = np.full((2, epochs), np.nan)
    mine[:, :own] = [[0.4321], [0.8765]]
    low, high = np.array([[0.45], [0.85]]) + 0 * published, np.array([[0.55], [0.95]]) + 0 * published
    if not done:
        low, high = np.full((2, epochs), np.nan), np.full((2, epochs), np.nan)
    return PublishedStage("a [b]tutorial", published, mine, low, high, "Adam", done, 400)


async def drawn(stage: PublishedStage, width: int, height: int) -> Picture:
    app = Bench()
    async with app.run_test(size=(width, height)) as pilot:
        app.query_one(StageView).show(stage)
        await pilot.pause()
        return Picture(app)


async def test_every_epoch_has_its_numbers_and_a_sign_where_the_band_leaves_out_what_was_printed() -> None:
    rows = (await drawn(table(), 62, 12)).rows
    assert [row.split() for row in rows[:2]] == [
        ["loss", "accuracy"],
        ["epoch", *["here", "printed", "middle", "95", "%"] * 2],
    ]
    assert rows[2].split() == ["1", "0.4321", "0.5000", "0.450–0.550", "0.8765", "0.9000", "0.850–0.950"]
    assert rows[3].split() == ["2", "·", "0.4000▼", "0.450–0.550", "·", "0.9000", "0.850–0.950"]
    assert "4 of 6 printed numbers lie within the middle 95 % of 400 runs" in rows[6]
    assert "printed by a [b]tutorial · runs of Adam" in rows[7]


async def test_before_there_are_runs_it_says_how_to_make_them() -> None:
    rows = (await drawn(table(done=0), 62, 12)).rows
    assert rows[2].split() == ["1", "0.4321", "0.5000", "·", "0.8765", "0.9000", "·"]
    assert "M makes 400 such runs" in rows[6]


async def test_where_rows_are_few_the_present_epoch_is_among_them() -> None:
    for own in (0, 1, 10, 20):
        rows = (await drawn(table(20, own), 40, 9)).rows
        assert [int(row.split()[0]) for row in rows[2:7]].count(max(own, 1)) == 1
        assert "accuracy" not in rows[0]  # there is no room for it


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (80, 2), (61, 5)])
async def test_any_size_is_filled(size: tuple[int, int]) -> None:
    assert [len(row) for row in (await drawn(table(), *size)).rows] == [size[0]] * size[1]


def test_the_band_holds_the_middle_of_the_runs_that_are_in() -> None:
    experiment = experiment_of("side-effects")
    runs, timeline = ManyRuns(), experiment.timeline()
    scene, parts = Scene(experiment, timeline, Attention(view=PUBLISHED)), PublishedTable()
    assert np.isnan(parts.stage(scene, runs).low).all()
    runs.start(experiment, experiment.settings, RUNS, lambda: None)
    end = time.monotonic() + 60.0
    while len(runs.outcomes) < RUNS and time.monotonic() < end:
        time.sleep(0.01)
    timeline.advance(500)
    stage = parts.stage(Scene(experiment, timeline, Attention(view=PUBLISHED)), runs)
    printed = np.array([outcome.printed for outcome in runs.outcomes])
    assert np.array_equal(stage.low, np.percentile(printed, 2.5, axis=0))
    assert np.array_equal(stage.high, np.percentile(printed, 97.5, axis=0))
    assert np.array_equal(stage.own[:, :2], of_timeline(timeline, 20))
    assert np.isnan(stage.own[:, 2:]).all()
    assert (stage.done, stage.count) == (RUNS, RUNS)


async def test_m_fills_the_band_beside_the_table(tmp_path: Path) -> None:
    text = find("side-effects").read_text(encoding="utf-8")
    file = save(tmp_path, text.replace("[published]\n", f"[published]\nruns = {RUNS}\n"))
    async with lab(file) as driven:
        assert driven.snapshot.view == PUBLISHED
        await driven.press("e", "v", "M")
        await driven.until(lambda: f"printed numbers lie within the middle 95 % of {RUNS} runs" in driven.text)
        stage = driven.snapshot.stage
        assert isinstance(stage, PublishedStage)
        assert np.isfinite(stage.own).sum() == 2
        assert f"{stage.own[0, 0]:.4f}" in driven.text


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"run.epochs": 61}, "published with a run that is not of 1 to 60 epochs: it takes such a run."),
        ({"published.losses": [0.5]}, "published has 1 losses and 20 accuracies: it takes as many of"),
        ({"network.sizes": [1, 2, 2, 2]}, "published goes with a classifier of more than 16 parameters"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(overrides: dict[str, object], sentence: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(sentence)):
        build(read(find("side-effects"), overrides), "side-effects")
