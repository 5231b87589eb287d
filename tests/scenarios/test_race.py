"""Ghosts and rivals: each is, bit for bit, the run that it would be alone, and goes back with the run on the screen."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import BOWL, CURVE, DOUBLE_WELL, FORMULA, HEAD, changed, ready, toml

from nnsim.core.optimizers import SGD, Adam
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios import loss_line
from nnsim.scenarios.differences import apart, setup, traits
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.ladder import nearest_rung, on_ladder
from nnsim.scenarios.race import (
    MOST_RIVALS,
    RACES,
    Rivals,
    batch_sizes,
    learning_rates,
    levels,
    of_scenario,
    other_optimizers,
    place_of_leader,
)
from nnsim.scenarios.reader import ScenarioError
from nnsim.scenarios.runner import run


def with_rate(settings: Settings, rate: float) -> Settings:
    return replace(settings, optimizer=settings.optimizer.with_rate(rate))


def alone(experiment: Experiment, settings: Settings, updates: int) -> Timeline:
    """The same run, by itself."""
    return run(replace(experiment, settings=settings), updates=updates)


@pytest.mark.parametrize("text", [BOWL, DOUBLE_WELL, CURVE], ids=["bowl", "double well", "network"])
@pytest.mark.parametrize("kind", ["learning rates", "optimizers", "batch sizes"])
def test_a_rival_is_the_run_that_it_would_be_alone(tmp_path: Path, text: str, kind: str) -> None:
    experiment = ready(tmp_path, text)
    samples = len(experiment.objective.train)
    if kind == "batch sizes" and samples == 1:
        with pytest.raises(ValueError, match="only one sample"):
            batch_sizes(experiment.settings, samples)
        return
    settings = RACES[kind](experiment.settings, samples)
    rivals, timeline = Rivals(), experiment.timeline()
    timeline.advance(7)
    rivals.enter(timeline, settings)
    for step in (1, 3, 20, 9):
        timeline.advance(step)
        rivals.keep_step(timeline.update)
    assert len(settings) == len(rivals) > 1
    for rival, own in zip(rivals, settings, strict=True):
        expected = alone(experiment, own, timeline.update)
        assert rival.live is not None
        assert rival.seed == timeline.run.seed
        assert rival.live.run.parameters.tobytes() == expected.run.parameters.tobytes()
        assert rival.history.past.losses[:-1].tobytes() == expected.losses.tobytes()
        updates, losses = rival.line.upto(timeline.update)
        measured = [record.train.loss for record in expected.records]
        wanted = measured if expected.path is None else experiment.objective.losses(expected.path).tolist()
        assert losses.tolist() == wanted
        assert updates[0] == 0


def test_a_level_is_reached_where_a_search_finds_it(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL, start=[0.9])
    timeline, rivals = experiment.timeline(), Rivals()
    timeline.advance(200)
    assert timeline.path is not None
    losses = experiment.objective.losses(timeline.path)
    line = rivals.own_line(timeline)
    for level in (16.0, 12.0, 5.0, 1.0, 0.1, -1.0, math.inf, float(losses.min()), float(losses[0])):
        for update in (0, 1, 50, 200):
            below = np.flatnonzero(losses[: update + 1] <= level)
            assert line.reached(level, update) == (int(below[0]) if below.size else None)


def test_the_line_of_a_very_long_run_keeps_lows_and_highs_and_what_was_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_line, "MOST_POINTS", 200)
    experiment = ready(tmp_path, DOUBLE_WELL, start=[0.9])
    timeline = experiment.timeline()
    line = loss_line.LossLine(timeline.objective, timeline.history)
    timeline.advance(5000)
    assert timeline.path is not None
    losses = experiment.objective.losses(timeline.path)
    again, half = experiment.timeline(), float((losses[0] + losses.min()) / 2)
    line = loss_line.LossLine(again.objective, again.history)
    for _ in range(50):
        again.advance(100)
        assert line.reached(half, again.update) == int((losses <= half).argmax())
        updates, known = line.upto(again.update)
        assert len(updates) <= 201
        assert (updates[0], updates[-1]) == (0, again.update)
        assert known.tolist() == losses[updates.astype(int)].tolist()
        assert (known.min(), known.max()) == (losses[: again.update + 1].min(), losses[: again.update + 1].max())


def test_the_line_of_the_run_grows_with_it_and_follows_it_onto_another_branch(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    timeline, rivals = experiment.timeline(), Rivals()
    assert rivals.own_line(timeline).upto(0)[1].tolist() == [12.5]
    timeline.advance(4)
    line = rivals.own_line(timeline)
    assert line.upto(4)[1] == pytest.approx([12.5 * 0.25**k for k in range(5)])
    timeline.seek(2)
    assert rivals.own_line(timeline) is line
    assert len(line.upto(2)[1]) == 3
    timeline.change(with_rate(experiment.settings, 1.0))
    timeline.advance(1)
    assert rivals.own_line(timeline).upto(3)[1] == pytest.approx([12.5, 3.125, 0.78125, 0.0])


def test_a_ghost_is_kept_as_it_was(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    timeline, rivals = experiment.timeline(), Rivals()
    timeline.advance(5)
    timeline.seek(3)
    rivals.keep(timeline)
    (ghost,) = rivals
    timeline.seek(5)
    timeline.advance(2)
    timeline.seek(3)
    timeline.change(with_rate(experiment.settings, 0.1))
    timeline.advance(20)
    rivals.keep_step(timeline.update)
    expected = alone(experiment, experiment.settings, 5)
    assert expected.path is not None
    assert ghost.history.path is not None
    assert ghost.history.path.tobytes() == expected.path.tobytes()
    assert [ghost.at(update) for update in (0, 4, 5, 23)] == [0, 4, 5, 5]
    assert ghost.history.changes == [(0, experiment.settings)]


def test_the_same_run_is_kept_once_and_the_oldest_goes_first(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    rivals, rates = Rivals(), []
    for rate in (0.1, 0.2, 0.1, 0.3):
        timeline = replace(experiment, settings=with_rate(experiment.settings, rate)).timeline()
        timeline.advance(3)
        rivals.keep(timeline)
        rates.append([rival.history.changes[0].settings.optimizer.learning_rate for rival in rivals])
    assert rates == [[0.1], [0.1, 0.2], [0.2, 0.1], [0.2, 0.1, 0.3]]
    timeline.advance(3)
    rivals.keep(timeline)
    assert [rival.history.latest for rival in rivals] == [3, 3, 6]
    rivals.keep(experiment.timeline(seed=9))
    assert [rival.seed for rival in rivals] == [0, 0, 9]
    assert len(rivals) == MOST_RIVALS
    rivals.clear()
    assert not len(rivals)


def test_a_rival_that_diverges_stays_where_it_stopped(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    timeline, rivals = experiment.timeline(), Rivals()
    rivals.enter(timeline, [with_rate(experiment.settings, 50.0)])
    (rival,) = rivals
    for _ in range(40):
        timeline.advance(1)
        rivals.keep_step(timeline.update)
    expected = alone(experiment, with_rate(experiment.settings, 50.0), 40)
    assert rival.history.stopped == expected.stopped
    assert expected.stopped is not None
    stop = expected.stopped.update
    assert rival.at(40) == expected.latest < 40
    rivals.clear()
    rivals.keep(expected)
    for each in (rival, *rivals):
        assert [each.stopped(update) is not None for update in (0, stop - 1, stop, 40)] == [False, False, True, True]


def test_rivals_stay_only_with_their_own_problem(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    rivals = Rivals()
    rivals.keep(experiment.timeline())
    rivals.stay_with(ready(tmp_path, DOUBLE_WELL, batches__size=1, start=[5.0]).objective)
    assert len(rivals) == 1
    rivals.stay_with(ready(tmp_path, DOUBLE_WELL, tilts__seed=4).objective)
    assert len(rivals) == 0


def test_the_runs_of_a_race_differ_in_one_setting() -> None:
    settings = Settings(SGD(0.1), 32)
    assert learning_rates(settings, 9) == [with_rate(settings, rate) for rate in (0.05, 0.2, 0.5)]
    assert [each.optimizer.label for each in other_optimizers(settings, 9)] == ["SGD momentum 0.9", "Adam", "RMSprop"]
    adam = replace(settings, optimizer=Adam(0.1))
    assert [each.optimizer.label for each in other_optimizers(adam, 9)] == ["SGD", "SGD momentum 0.9", "RMSprop"]
    assert {each.optimizer.learning_rate for each in other_optimizers(adam, 9)} == {0.1}
    sizes = {n: [each.batch_size for each in batch_sizes(settings, n)] for n in (32, 100, 2000)}
    assert sizes == {32: [1, 2, 8], 100: [2, 8, 100], 2000: [2, 8, 128]}
    assert [each.batch_size for each in batch_sizes(replace(settings, batch_size=256), 256)] == [4, 16, 64]
    assert [each.batch_size for each in batch_sizes(replace(settings, batch_size=4), 256)] == [1, 16, 64]


def test_a_scenario_enters_runs_by_what_its_file_says_and_no_more(tmp_path: Path) -> None:
    """An optimizer of another kind has the learning rate that stands in the file, and defaults of its own."""
    race = [{"optimizer.kind": "adam"}, {"optimizer.momentum": 0.9}, {"optimizer": {"kind": "adam"}}]
    experiment = ready(tmp_path, changed(BOWL, HEAD, f"{HEAD}race = {toml(race)}\n"))
    assert [each.optimizer for each in of_scenario(experiment)] == [Adam(0.5), SGD(0.5, momentum=0.9), Adam()]


def test_a_run_that_cannot_be_entered_in_a_set_up_is_told_with_its_place(tmp_path: Path) -> None:
    text = changed(CURVE, HEAD, HEAD + 'race = [{ "optimizer.beta1" = 0.8 }, { "batches.size" = 3 }]\n')
    of_scenario(ready(tmp_path, text))
    one = {"data__inputs": [[1.0]], "data__targets": [[1.0]], "batches__size": 1}
    with pytest.raises(ScenarioError, match=r"toml, line 4: race\[2\]: batches.size is 3: it takes up to 1, "):
        of_scenario(ready(tmp_path, text, **one))
    with pytest.raises(ScenarioError, match=r'toml, line 4: race\[1\]: "optimizer.beta1" is not a known key: '):
        of_scenario(ready(tmp_path, text, optimizer={"kind": "sgd", "learning_rate": 0.1}))


@given(st.integers(1, 5000), st.data())
def test_any_batch_size_has_other_ones_beside_it(samples: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, samples))
    settings = Settings(SGD(0.1), size)
    if samples == 1:
        return
    others = [each.batch_size for each in batch_sizes(settings, samples)]
    assert 1 <= len(others) <= MOST_RIVALS
    assert others == sorted(set(others))
    assert size not in others
    assert all(1 <= other <= samples for other in others)


def test_levels_are_round_and_count_from_the_lowest_minimum(tmp_path: Path) -> None:
    assert levels(ready(tmp_path, BOWL).objective, 12.5) == (1.0, 0.1, 0.01)
    assert levels(ready(tmp_path, CURVE).objective, 0.69) == (0.5, 0.05, 0.005)
    assert levels(ready(tmp_path, BOWL).objective, math.inf) == ()
    assert levels(ready(tmp_path, BOWL).objective, 0.0) == ()
    text = changed(FORMULA, '(1-x)^2 + 100*(y-x^2)^2"', 'x^2 + y^2 - 3"\nminima = [{ label = "A", at = [0.0, 0.0] }]')
    assert levels(ready(tmp_path, text).objective, 7.0) == (-2.0, -2.9, -2.99)


@given(st.floats(1e-290, 1e290))
def test_the_nearest_rung_is_one_and_near(value: float) -> None:
    rung = nearest_rung(value)
    assert f"{rung:e}"[0] in "125"
    assert float(f"{rung:.0e}") == rung
    assert max(rung / value, value / rung) <= math.sqrt(2.5) * (1 + 1e-12)


def test_the_ladder_goes_up_and_down() -> None:
    assert [on_ladder(0.1, step) for step in (1, -1)] == [0.2, 0.05]
    assert [on_ladder(1 / 9, step) for step in (1, -1)] == [0.2, 0.1]


def test_who_is_ahead() -> None:
    assert place_of_leader([0.1, 0.2, 0.05]) == 2
    assert place_of_leader([1.0, 2.0, 1.0]) is None
    assert place_of_leader([math.nan, 3.0, math.inf]) == 1


def words(one: Timeline, other: Timeline, update: int, random_start: bool = False) -> list[str]:
    told = [traits(each.history, each.run.seed, update) for each in (one, other)]
    return apart(told[0], told[1:], random_start)


def test_what_sets_a_run_apart_is_named(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    own, settings = experiment.timeline(), experiment.settings

    def other(seed: int | None = None, **changes: object) -> Timeline:
        return replace(experiment, settings=replace(settings, **changes)).timeline(seed)  # type: ignore[arg-type]

    assert words(own, own, 0) == []
    assert words(other(optimizer=SGD(0.2)), own, 0) == ["learning rate 0.2"]
    assert words(other(optimizer=Adam(0.01)), own, 0) == ["Adam"]
    assert words(other(optimizer=Adam(0.2), batch_size=16), own, 0) == ["Adam", "learning rate 0.2", "batch 16"]
    assert words(other(order="fixed"), own, 0) == ["in fixed order"]
    assert words(other(seed=3), own, 0) == ["seed 3"]
    moved = ready(tmp_path, DOUBLE_WELL, start=[0.9]).timeline()
    assert words(moved, own, 0) == ["start at 0.9"]


def test_a_random_start_follows_from_the_seed(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    assert words(experiment.timeline(3), experiment.timeline(), 0, random_start=True) == ["seed 3"]


def test_a_later_change_is_named_from_its_update_on(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    own, other = experiment.timeline(), experiment.timeline()
    other.advance(4)
    other.change(with_rate(experiment.settings, 0.1))
    assert words(other, own, 3) == []
    assert words(other, own, 4) == ["learning rate 0.5, 0.1 from update 4"]
    assert words(own, other, 4) == ["learning rate 0.5"]


def test_a_set_up_in_a_few_words(tmp_path: Path) -> None:
    assert setup(Settings(SGD(0.01), 4)) == "SGD, learning rate 0.01, batch 4"
    assert setup(Settings(Adam(0.01), 4, "fixed")) == "Adam, learning rate 0.01, batch 4, in fixed order"
