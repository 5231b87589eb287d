"""What the observer reads off a run: the numbers of the core, the stage that fits, marks, windows; and no change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import COURSE, as_latest, differences, experiment_of
from own_scenarios import FORMULA, ready
from test_gallery import CLASSES

from nnsim.core.arrays import Matrix
from nnsim.core.formula import formula_surface
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import Adam
from nnsim.core.timeline import Timeline
from nnsim.scenarios.reader import find
from nnsim.tui.observer import Observer
from nnsim.tui.parts.digest import CHART_POINTS
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.stages import AnswerStage, CurveStage, EstimateStage, RegionStage, SurfaceStage

STAGES = dict(zip(COURSE, (CurveStage, SurfaceStage, SurfaceStage, CurveStage, EstimateStage), strict=True))


def observed(scenario: str | Path, updates: int = 0) -> tuple[Observer, Timeline]:
    experiment = experiment_of(scenario)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return Observer(experiment, timeline), timeline


def look(observer: Observer, view: str = "") -> Snapshot:
    return observer.snapshot(playing=False, speed=None, attention=Attention(view=view))


@pytest.mark.parametrize("scenario", COURSE)
def test_looking_changes_nothing_and_shows_the_same_twice(scenario: str) -> None:
    observer, timeline = observed(scenario, 70)
    checkpoint = timeline.run.checkpoint()
    first, second = look(observer), look(observer)
    assert differences(first, second) == []
    after = timeline.run.checkpoint()
    assert after.parameters.tobytes() == checkpoint.parameters.tobytes()
    assert after.state.tobytes() == checkpoint.state.tobytes()
    assert type(first.stage) is STAGES[scenario]


def test_the_proposed_update_is_the_one_that_follows() -> None:
    observer, timeline = observed("too-large-step", 3)
    timeline.change(replace(timeline.run.settings, optimizer=Adam(0.3)))
    timeline.advance(2)
    stage = look(observer).stage
    assert isinstance(stage, SurfaceStage)
    timeline.advance(1)
    assert stage.next_point == tuple(timeline.run.parameters)


def test_a_known_bowl_in_numbers() -> None:
    observer, _ = observed("bowl", 2)
    snapshot = look(observer)
    assert isinstance(snapshot.stage, SurfaceStage)
    assert np.allclose(snapshot.stage.point, (0.76, 0.57), rtol=0, atol=1e-12)
    assert np.allclose(snapshot.stage.gradient, (-3.24, -2.43), rtol=0, atol=1e-12)
    assert snapshot.stage.loss == pytest.approx(12.5 * 0.9**4)
    assert snapshot.stage.trail.shape == (3, 2)
    (train,) = snapshot.chart.series
    assert np.allclose(train.losses, [12.5, 10.125, 12.5 * 0.9**4])
    assert snapshot.status.critical_rate == pytest.approx(2.0)


def test_the_slope_of_a_batch_and_of_all_samples() -> None:
    observer, timeline = observed("two-minima")
    timeline.change(replace(timeline.run.settings, batch_size=4))
    timeline.advance(3)
    stage = look(observer).stage
    assert isinstance(stage, CurveStage)
    objective, run = timeline.objective, timeline.run
    assert stage.slope == objective.loss_and_gradient(run.parameters, run.next_batch())[1][0]
    assert stage.full_slope == objective.loss_and_gradient(run.parameters)[1][0]
    assert stage.slope != stage.full_slope


@pytest.mark.parametrize("scenario", COURSE)
def test_what_is_still_to_come_does_not_show(scenario: str) -> None:
    observer, timeline = observed(scenario, 5)
    before = look(observer)
    timeline.advance(3)
    rate = timeline.run.settings.optimizer.learning_rate
    timeline.change(replace(timeline.run.settings, optimizer=Adam(rate / 2)))
    timeline.advance(4)
    assert [mark.update for mark in look(observer).chart.marks] == [8]
    timeline.seek(5)
    assert differences(as_latest(look(observer)), as_latest(before)) == []


def test_a_long_chart_is_thinned_and_keeps_its_extremes() -> None:
    observer, timeline = observed("two-minima")
    timeline.change(replace(timeline.run.settings, batch_size=1))
    timeline.advance(20_000)
    for series in look(observer).chart.series:
        assert len(series.losses) <= 2 * CHART_POINTS
        assert (np.diff(series.updates) >= 0).all()
        if series.role == "batch":
            assert series.losses.max() == timeline.losses.max()
            assert series.losses.min() == timeline.losses.min()


def test_the_window_follows_a_run_that_leaves_it() -> None:
    observer, timeline = observed("too-large-step")
    timeline.change(replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(0.25)))
    timeline.advance(30)
    stage = look(observer).stage
    assert isinstance(stage, SurfaceStage)
    assert stage.ys[0] <= stage.trail[:, 1].min() <= stage.trail[:, 1].max() <= stage.ys[-1]
    assert np.isfinite(stage.losses).all()


@pytest.mark.parametrize("scenario", COURSE)
@pytest.mark.parametrize("rate", [1e308, 1e160, 1e30])
def test_after_a_divergence_there_is_still_something_to_look_at(scenario: str, rate: float) -> None:
    observer, timeline = observed(scenario, 1)
    timeline.change(replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(rate)))
    timeline.advance(50)
    snapshot = look(observer)
    assert timeline.stopped is not None
    assert snapshot.status.stopped == f"diverged: {timeline.stopped.reason}"
    assert snapshot.narration.alarm
    assert snapshot.chart.stopped


def test_a_classifier_shows_probabilities_and_its_accuracy(tmp_path: Path) -> None:
    file = tmp_path / "xor.toml"
    file.write_text(CLASSES)
    observer, timeline = observed(file, 100)
    assert isinstance(look(observer).stage, RegionStage)
    snapshot = look(observer, view="answers")
    assert isinstance(snapshot.stage, AnswerStage)
    assert np.allclose(snapshot.stage.outputs.sum(axis=1), 1.0)
    assert (
        snapshot.stage.accuracy == timeline.objective.evaluate(timeline.run.parameters, timeline.objective.train).metric
    )
    assert snapshot.table.layers == (("W1, b1", 0, 12), ("W2, b2", 12, 22))


@pytest.mark.parametrize(
    ("loss", "classes", "answers"),
    [
        (
            "cross_entropy",
            "[[1, 0], [0, 1], [0, 1], [1, 0]]",
            lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
        ),
        (
            "cross_entropy_of_sigmoids",
            "[[1, 0], [0, 1], [0, 1], [1, 0]]",
            lambda z: 1.0 / (1.0 + np.exp(-z)) / (1.0 / (1.0 + np.exp(-z))).sum(axis=1, keepdims=True),
        ),
        ("log_loss_of_sigmoids", "[[1, 0], [0, 1], [0, 1], [1, 0]]", lambda z: 1.0 / (1.0 + np.exp(-z))),
        ("binary_cross_entropy", "[[1, 0], [0, 1], [0, 1], [1, 0]]", lambda z: 1.0 / (1.0 + np.exp(-z))),
        ("hinge", "[[1, -1], [-1, 1], [-1, 1], [1, -1]]", lambda z: z),
    ],
)
def test_a_classifier_answers_on_the_scale_of_its_targets(
    tmp_path: Path, loss: str, classes: str, answers: Callable[[Matrix], Matrix]
) -> None:
    file = tmp_path / "xor.toml"
    file.write_text(
        CLASSES.replace('"cross_entropy"', f'"{loss}"').replace("[[1, 0], [0, 1], [0, 1], [1, 0]]", classes)
    )
    observer, timeline = observed(file, 5)
    stage = look(observer, view="answers").stage
    assert isinstance(stage, AnswerStage)
    outputs = timeline.objective.outputs(timeline.run.parameters, timeline.objective.train.inputs)
    assert np.allclose(stage.outputs, answers(outputs), rtol=1e-12, atol=0)


def test_a_surface_of_three_parameters_is_told_in_numbers(tmp_path: Path) -> None:
    file = tmp_path / "three.toml"
    text = find("bowl").read_text().split("[[narration]]")[0]
    for old, new in (
        ("start = [0.0, 0.0]", "start = [0.0, 0.0, 0.0]"),
        ("hessian = [[1.0, 0.0], [0.0, 1.0]]", "hessian = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]"),
        ("minimum = [4.0, 3.0]", "minimum = [4.0, 3.0, 2.0]"),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    observer, timeline = observed(file, 5)
    stage = look(observer).stage
    assert isinstance(stage, AnswerStage)
    assert stage.outputs.tolist() == [timeline.run.parameters.tolist()]
    assert stage.targets.tolist() == [[4.0, 3.0, 2.0]]


def test_the_learning_rates_of_a_schedule_are_drawn_and_said(tmp_path: Path) -> None:
    observer, timeline = observed(bowl_with(tmp_path, 'schedule = { kind = "step", every = 3, factor = 0.5 }'), 7)
    snapshot = look(observer)
    assert (snapshot.status.rate_now, snapshot.status.learning_rate) == (0.025, 0.1)
    assert snapshot.status.schedule == "times 0.5 every 3 epochs"
    rates = snapshot.chart.rates
    assert rates is not None
    assert rates.updates.tolist() == [0, 3, 3, 6, 6, 7]
    assert rates.losses.tolist() == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    timeline.seek(0)
    assert look(observer).status.rate_now == 0.1


def test_without_a_schedule_no_rates_are_drawn() -> None:
    snapshot = look(observed("bowl", 7)[0])
    assert (snapshot.chart.rates, snapshot.status.schedule, snapshot.status.clipping) == (None, "", "")


def test_a_limit_on_the_gradient_is_said(tmp_path: Path) -> None:
    observer, _ = observed(bowl_with(tmp_path, "clipping = { norm = 2.0 }"), 1)
    snapshot = look(observer)
    assert snapshot.status.clipping == "clipped at norm 2"
    assert "The gradient was 5 long and was clipped to 2." in snapshot.narration.lines


def test_a_future_that_was_left_stays_on_the_chart() -> None:
    observer, timeline = observed("bowl", 9)
    timeline.seek(4)
    timeline.change(replace(timeline.run.settings, optimizer=Adam(0.3)))
    timeline.advance(2)
    snapshot = look(observer)
    train, branch = snapshot.chart.series
    assert branch.role == "branch"
    assert branch.updates.tolist() == [4, 5, 6, 7, 8, 9]
    assert branch.losses == pytest.approx([12.5 * 0.81**k for k in range(4, 10)])
    assert (train.updates[-1], snapshot.chart.latest) == (6, 9)
    assert snapshot.branches == ("left at update 4, came to 9: SGD, learning rate 0.1",)


def bowl_with(folder: Path, line: str) -> Path:
    """A copy of the bowl of the course with one more line."""
    path = folder / "bowl.scenario.toml"
    path.write_text(f"{line}\n{find('bowl').read_text()}")
    return path


# --- formulas without known minima ---


def looked_at(folder: Path, updates: int, **overrides: object) -> Snapshot:
    """What the lab shows of a formula after some updates."""
    experiment = ready(folder, FORMULA, **overrides)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return look(Observer(experiment, timeline))


def formula(text: str) -> dict[str, str]:
    return {"kind": "formula", "text": text}


def test_the_window_lies_around_the_start_or_is_the_views(tmp_path: Path) -> None:
    stage = looked_at(tmp_path, 5).stage
    assert isinstance(stage, SurfaceStage)
    assert stage.formula == "L(x, y) = (1-x)^2 + 100*(y-x^2)^2"
    assert (stage.xs[0], stage.xs[-1]) == pytest.approx((-3.4, 1.0))
    assert (stage.ys[0], stage.ys[-1]) == pytest.approx((-1.0, 3.0))
    assert stage.minima == ()
    stage = looked_at(tmp_path, 5, view={"x": [-2.0, 2.0]}).stage
    assert isinstance(stage, SurfaceStage)
    assert (stage.xs[0], stage.xs[-1]) == (-2.0, 2.0)
    assert (stage.ys[0], stage.ys[-1]) == pytest.approx((-1.0, 3.0))


def test_the_window_stays_where_it_is_while_the_run_goes_on_in_it(tmp_path: Path) -> None:
    early, late = (looked_at(tmp_path, updates).stage for updates in (10, 1000))
    assert isinstance(early, SurfaceStage)
    assert isinstance(late, SurfaceStage)
    assert early.xs.tolist() == late.xs.tolist()
    assert early.ys.tolist() == late.ys.tolist()


def test_ground_without_a_loss_is_as_high_as_any(tmp_path: Path) -> None:
    stage = looked_at(tmp_path, 0, surface=formula("log(x)^2"), start=[0.5]).stage
    assert isinstance(stage, CurveStage)
    assert stage.losses[stage.xs > 0.0] == pytest.approx(np.log(stage.xs[stage.xs > 0.0]) ** 2)
    assert (stage.losses[stage.xs < 0.0] == stage.losses[stage.xs > 0.0].max()).all()


def begun_at(tmp_path: Path, text: str, start: float, updates: int) -> Snapshot:
    """A formula of x, seen from a start at which a file could not begin where the loss is no number there."""
    experiment = ready(tmp_path, FORMULA, surface=formula("x"), start=[0.5])
    experiment = replace(experiment, objective=of_surface(formula_surface(text)))
    timeline = Timeline(experiment.objective, experiment.settings, np.array([start]))
    timeline.advance(updates)
    return look(Observer(experiment, timeline))


def test_where_there_is_no_loss_at_all_the_ground_is_level(tmp_path: Path) -> None:
    nowhere = begun_at(tmp_path, "sqrt(-1-x^2)", 0.5, 0).stage
    assert isinstance(nowhere, CurveStage)
    assert (nowhere.losses == 0.0).all()


def test_three_variables_without_a_known_minimum_have_no_targets(tmp_path: Path) -> None:
    stage = looked_at(tmp_path, 2, surface=formula("x^2+y^2+z^2"), start=[1.0, 2.0, 3.0]).stage
    assert isinstance(stage, AnswerStage)
    assert np.isnan(stage.targets).all()
    assert stage.outputs == pytest.approx(np.array([[1.0, 2.0, 3.0]]) * 0.998**2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", ["-x^2", "exp(x)", "log(x)", "1/x", "x*1e300*1e8", "sqrt(x)-1e308*x^3"])
@pytest.mark.parametrize("start", [0.0, -1.0, 1e300, 1.7e308, -1.7e308])
def test_there_is_something_to_look_at_wherever_a_formula_begins(tmp_path: Path, text: str, start: float) -> None:
    for updates in (0, 3):
        snapshot = begun_at(tmp_path, text, start, updates)
        assert isinstance(snapshot.stage, CurveStage)
        assert np.isfinite(snapshot.stage.losses).all()
        assert np.isfinite(snapshot.stage.xs).all()
        assert snapshot.stage.xs[0] < snapshot.stage.xs[-1]
