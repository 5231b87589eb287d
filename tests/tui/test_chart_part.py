"""The loss chart off a run: exact numbers, thinned lines that keep their extremes, the same again after going back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import as_latest, differences, experiment_of
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import CURVE, DOUBLE_WELL, LINE, XOR, ready

from nnsim.core import past
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.schedules import StepDecay
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.observer import Observer
from nnsim.tui.parts import digest as module
from nnsim.tui.parts.chart import Charts
from nnsim.tui.parts.digest import CHART_POINTS, BlockExtremes, Digest, Probes
from nnsim.tui.parts.edits import words
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.chart import Chart, Series


def with_rate(timeline: Timeline, rate: float) -> Settings:
    return replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(rate))


def chart_of(experiment: Experiment, timeline: Timeline) -> Chart:
    return Charts().chart(Scene(experiment, timeline))


def line(series: tuple[Series, ...], role: str) -> Series:
    (found,) = [one for one in series if one.role == role]
    return found


# --- thinning ---


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 9000), min_size=1, max_size=4))
def test_the_lows_and_highs_of_a_growing_row_are_kept_wherever_one_looks(seed: int, looks: list[int]) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(max(looks)) ** 3
    extremes, seen = BlockExtremes(), {}
    for count in (*looks, *reversed(looks)):
        kept = extremes.thinned(values[:count])
        assert (np.diff(kept) > 0).all()
        assert kept[-1] == count - 1
        assert len(kept) <= 2 * CHART_POINTS
        assert values[kept].min() == values[:count].min()
        assert values[kept].max() == values[:count].max()
        assert seen.setdefault(count, kept.tolist()) == kept.tolist()


def test_every_stretch_of_a_million_keeps_its_lowest_and_its_highest() -> None:
    values = np.random.default_rng(0).standard_normal(1_000_000)
    kept = BlockExtremes().thinned(values)
    assert len(kept) <= 2 * CHART_POINTS
    stretch = 4096
    for begin in range(0, 1_000_000 - stretch, 37 * stretch):
        inside = kept[(kept >= begin) & (kept < begin + stretch)]
        assert values[inside].min() == values[begin : begin + stretch].min()
        assert values[inside].max() == values[begin : begin + stretch].max()


def test_a_million_losses_are_gone_through_once() -> None:
    looked_at = 0

    class Counted(np.ndarray):  # type: ignore[type-arg]
        def reshape(self, *shape, **more):  # type: ignore[no-untyped-def]
            nonlocal looked_at
            looked_at += self.size
            return super().reshape(*shape, **more)

    values = np.random.default_rng(0).random(1_000_000).view(Counted)
    extremes = BlockExtremes()
    for count in range(900_000, 1_000_001, 1000):
        extremes.thinned(values[:count])
    assert looked_at <= 1_000_000


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8))
def test_a_number_along_a_path_is_taken_once_at_each_point(lengths: list[int]) -> None:
    taken: list[float] = []
    path = np.arange(400.0)[:, None]

    def measure(points: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        taken.extend(points[:, 0].tolist())
        result: np.ndarray = points[:, 0] ** 2  # type: ignore[type-arg]
        return result

    probes = Probes(measure, 16)
    for length in lengths:
        updates, values = probes.along(np.arange(length), path[:length])
        assert values.tolist() == [float(update) ** 2 for update in updates]
        assert (updates[0], updates[-1]) == (0, length - 1)
        assert len(updates) <= 18
        assert (np.diff(updates) > 0).all()
    growing, fresh = Probes(measure, 16), Probes(measure, 16)
    taken.clear()
    for length in range(1, 401):
        last = growing.along(np.arange(length), path[:length])
    assert len(taken) <= 400 + 16 * 6
    assert [part.tolist() for part in last] == [part.tolist() for part in fresh.along(np.arange(400), path)]


# --- what stands in a chart ---


def test_every_number_is_the_cores(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(41)
    chart = chart_of(experiment, timeline)
    batch = line(chart.series, "batch")
    assert batch.known is not None
    updates, losses = batch.known
    assert updates.tolist() == [*range(41)]
    assert losses.tobytes() == timeline.losses.tobytes()
    tested = [(each.update, each.train, each.test) for each in timeline.records if each.test is not None]
    for series, metrics, side in (("train", "train", 1), ("test", "test", 2)):
        assert line(chart.series, series).updates.tolist() == [each[0] for each in tested]
        assert line(chart.series, series).losses.tolist() == [each[side].loss for each in tested]
        assert line(chart.metrics, metrics).losses.tolist() == [each[side].metric * 100.0 for each in tested]
    assert (chart.metric, chart.unit) == ("RMSE", "metres")
    best = min(tested, key=lambda each: each[2].loss)
    assert chart.best == best[0]


def test_accuracy_is_charted_in_percent(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR)
    timeline = experiment.timeline()
    timeline.advance(30)
    chart = chart_of(experiment, timeline)
    assert (chart.metric, chart.unit) == ("accuracy", "%")
    metric = timeline.objective.evaluate(timeline.run.parameters, timeline.objective.train).metric
    assert metric is not None
    assert line(chart.metrics, "train").losses[-1] == 100.0 * metric


def test_a_network_that_is_not_measured_by_epoch_has_its_metric_along_its_path(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE)
    timeline = experiment.timeline()
    timeline.advance(300)
    assert len(timeline.records) == 1
    metric = line(chart_of(experiment, timeline).metrics, "train")
    assert len(metric.updates) <= module.METRIC_POINTS + 2
    assert timeline.path is not None
    for update, value in zip(metric.updates.astype(int).tolist(), metric.losses.tolist(), strict=True):
        assert value == timeline.objective.evaluate(timeline.path[update].copy(), timeline.objective.train).metric


@pytest.mark.parametrize("scenario", ["two-minima", "crowd", "bowl"])
def test_a_chart_that_has_grown_is_that_of_a_fresh_look(scenario: str) -> None:
    experiment = experiment_of(scenario)
    timeline = experiment.timeline()
    charts = Charts()
    scene = Scene(experiment, timeline)
    far = 300 if scenario == "crowd" else 3000
    for step, update in enumerate((1, far, far // 2, 7, far, 11, far + 5)):
        if update > timeline.latest:
            timeline.seek(timeline.latest)
            timeline.advance(update - timeline.latest)
        timeline.seek(update)
        if step in (2, 5):
            timeline.change(with_rate(timeline, 0.0001 * (step + 1)))
            timeline.advance(40)
        if step == 4:
            timeline.switch(timeline.branches[0])
            timeline.advance(far // 3)
        assert differences(charts.chart(scene), chart_of(experiment, timeline)) == []


def test_going_back_shows_the_same_chart_again_however_far_the_run_has_come() -> None:
    experiment = experiment_of("two-minima")
    timeline = experiment.timeline()
    timeline.change(replace(timeline.run.settings, batch_size=4))
    observer = Observer(experiment, timeline)
    seen = {}
    for updates in (1, 30, 2000, 100, 6000, 30_000):
        timeline.advance(updates)
        seen[timeline.update] = observer.snapshot(playing=False, speed=None)
    for update in (2031, 38_131, 1, 8131, 31):
        timeline.seek(update)
        now = observer.snapshot(playing=False, speed=None)
        assert differences(as_latest(now), as_latest(seen[update])) == []


@pytest.mark.parametrize("scenario", [DOUBLE_WELL, LINE, XOR])
def test_a_chart_of_a_thinned_past_has_every_spike_at_its_update(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ready(tmp_path, scenario)
    whole = experiment.timeline()
    whole.advance(12_000)
    monkeypatch.setattr(past, "PAST_BYTES", 80_000)
    timeline, charts = experiment.timeline(), Charts()
    for update in (2000, 3500, 6000, 12_000, 9000, 2500, 12_000):
        timeline.advance(max(update - timeline.latest, 0))
        timeline.seek(update)
        chart = charts.chart(Scene(experiment, timeline))
        for series in chart.series:
            assert (np.diff(series.updates) > 0).all()
            if series.known is not None:
                assert update - 32 < series.updates[-1] <= update
                at = series.updates.astype(int)
                at, values = at[at < update], series.losses[at < update]
                assert values.tolist() == whole.losses[at].tolist()
                ends = 32  # of the last stretch before a moment in the past some updates are not known
                assert values.max() >= whole.losses[: update - ends].max()
                assert values.min() <= whole.losses[: update - ends].min()
    assert timeline.history.past.thinnings


def test_futures_that_were_left_are_told_apart_by_what_they_were_trained_with() -> None:
    experiment = experiment_of("bowl")
    timeline = experiment.timeline()
    timeline.advance(20)
    timeline.seek(5)
    timeline.change(with_rate(timeline, 0.3))
    timeline.advance(10)
    timeline.seek(9)
    timeline.change(with_rate(timeline, 2.5))
    timeline.advance(200)
    assert timeline.stopped is not None
    timeline.seek(3)
    timeline.change(replace(timeline.run.settings, optimizer=Adam(0.1)))
    timeline.advance(4)
    left = [one for one in chart_of(experiment, timeline).series if one.role == "branch"]
    assert [one.label for one in left] == ["left: SGD", "left: rate 0.3, SGD", "left: rate 2.5, SGD, diverged"]
    assert [one.updates[0] for one in left] == [3, 3, 3]


def test_a_future_that_was_gone_back_to_and_left_again_is_as_long_as_it_became() -> None:
    experiment = experiment_of("bowl")
    timeline = experiment.timeline()
    charts, scene = Charts(), Scene(experiment, timeline)
    timeline.advance(20)
    timeline.seek(5)
    timeline.change(with_rate(timeline, 0.3))
    assert line(charts.chart(scene).series, "branch").updates[-1] == 20
    timeline.switch(timeline.branches[0])
    timeline.seek(timeline.latest)
    timeline.advance(30)
    timeline.seek(5)
    timeline.change(with_rate(timeline, 0.4))
    timeline.advance(1)
    ends = [one.updates[-1] for one in charts.chart(scene).series if one.role == "branch"]
    assert max(ends) == timeline.branches[0].latest > 20


def test_a_divergence_is_known_where_the_run_stopped_and_only_there() -> None:
    experiment = experiment_of("squared-error")
    timeline = experiment.timeline()
    timeline.change(with_rate(timeline, 1.5))
    timeline.advance(1000)
    assert chart_of(experiment, timeline).stopped
    timeline.seek(timeline.update - 1)
    assert not chart_of(experiment, timeline).stopped


def test_the_axis_keeps_its_length_in_every_unit_when_going_back(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(30)
    there = chart_of(experiment, timeline)
    timeline.seek(4)
    here = chart_of(experiment, timeline)
    assert (here.latest, here.reach) == (there.latest, there.reach)
    assert there.reach[0] == 15 * 3


# --- the words for a change ---


def test_a_change_is_told_in_few_words() -> None:
    before = Settings(SGD(0.1, momentum=0.9), 4)
    cases = {
        "rate 0.2": Settings(SGD(0.2, momentum=0.9), 4),
        "rate 0.3, Adam": Settings(Adam(0.3), 4),
        "SGD": Settings(SGD(0.1), 4),
        "batch 8": Settings(SGD(0.1, momentum=0.9), 8),
        "order with replacement": Settings(SGD(0.1, momentum=0.9), 4, order="with_replacement"),
        "times 0.5 every 3 epochs": Settings(SGD(0.1, momentum=0.9), 4, schedule=StepDecay(3, 0.5)),
        "SGD momentum 0.9 weight decay 0.01": Settings(SGD(0.1, momentum=0.9, weight_decay=0.01), 4),
        "": before,
    }
    assert [words(before, after) for after in cases.values()] == list(cases)
    assert words(cases["times 0.5 every 3 epochs"], before) == "no schedule"


def test_measurements_stand_up_to_where_one_looks() -> None:
    experiment = experiment_of("crowd")
    timeline = experiment.timeline()
    timeline.advance(200)
    digest = Digest(timeline.objective, timeline.history)
    first = digest.recorded("test loss", 200)
    assert first.updates.tolist() == [each.update for each in timeline.records]
    assert digest.recorded("test loss", 100).updates.tolist() == [0, 63]
