"""What the stage shows of a network: the views of each kind, and their numbers against the plain twin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import reference
from driving import differences, lab
from own_scenarios import BINARY_XOR, BOWL, CROWD, CURVE, LINE, XOR, changed, ready, toml

from nnsim.core.arrays import Vector
from nnsim.core.curvature import hessian, sharpness
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.parts.stage import Stages
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.stages import (
    AnswerStage,
    CurveStage,
    FitStage,
    ProbabilityStage,
    RegionStage,
    Stage,
    SurfaceStage,
)

Kind = TypeVar("Kind", bound=Stage)

EVERYWHERE = ("answers", "slice", "sharpest directions")
CLASSES = ("sample", "confusion", *EVERYWHERE)
AGES = changed(
    changed(XOR, "sizes = [2, 8, 2]", "sizes = [1, 6, 2]"),
    "inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]",
    "inputs = [[13.0], [40.0], [40.0], [90.0]]",
)
THREE = changed(
    changed(XOR, "sizes = [2, 8, 2]", "sizes = [2, 8, 3]"),
    "targets = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]",
    "targets = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]",
)
HINGE = changed(
    changed(BINARY_XOR, '"binary_cross_entropy"', '"hinge"'), "[[0.0], [1.0], [1.0], [0.0]]", "[[-1], [1], [1], [-1]]"
)
QUESTIONS = changed(XOR, '"cross_entropy"', '"binary_cross_entropy"')
CUBE = changed(
    changed(changed(BOWL, "start = [0.0, 0.0]", "start = [0.0, 0.0, 0.0]"), "[4.0, 3.0]", "[4.0, 3.0, 2.0]"),
    "[[1.0, 0.0], [0.0, 1.0]]",
    "[[1, 0, 0], [0, 9, 0], [0, 0, 4]]",
)


def started(folder: Path, text: str, updates: int = 0, **overrides: Any) -> tuple[Experiment, Timeline]:
    experiment = ready(folder, text, **overrides)
    timeline = experiment.timeline()
    timeline.advance(updates)
    return experiment, timeline


def seen(experiment: Experiment, timeline: Timeline, kind: type[Kind], **attention: Any) -> Kind:
    """The stage of a fresh look at a run."""
    stage = Stages().stage(Scene(experiment, timeline, Attention(**attention)))
    assert isinstance(stage, kind)
    return stage


def twin_outputs(experiment: Experiment, parameters: Vector, inputs: Any) -> Any:
    network = experiment.objective.network
    assert network is not None
    return reference.predict(network.sizes, network.activations, parameters, np.asarray(inputs))


@pytest.mark.parametrize(
    ("text", "views"),
    [
        (CURVE, ("fit", "estimates", *EVERYWHERE)),
        (LINE, ("fit", "estimates", *EVERYWHERE)),
        (CROWD, ("estimates", *EVERYWHERE)),
        (XOR, ("regions", *CLASSES)),
        (BINARY_XOR, ("regions", *CLASSES)),
        (HINGE, ("regions", *CLASSES)),
        (THREE, ("regions", *CLASSES)),
        (AGES, ("probability", *CLASSES)),
        (QUESTIONS, EVERYWHERE),
        (CUBE, EVERYWHERE),
        (BOWL, ("surface",)),
    ],
    ids=["curve", "line", "crowd", "xor", "binary", "hinge", "three", "ages", "questions", "cube", "bowl"],
)
def test_each_problem_has_the_views_that_fit_it_and_the_most_telling_first(
    tmp_path: Path, text: str, views: tuple[str, ...]
) -> None:
    experiment, timeline = started(tmp_path, text, 3)
    stages, scene = Stages(), Scene(experiment, timeline)
    assert stages.views(scene) == views
    assert stages.view(scene) == views[0]
    assert stages.view(replace(scene, attention=Attention(view="no such view"))) == views[0]
    for view in views:
        stages.stage(replace(scene, attention=Attention(view=view)))
    assert differences(stages.stage(scene), Stages().stage(replace(scene, attention=Attention(view=views[0])))) == []


# --- pictures of what a network does ---


def test_the_fit_has_the_outputs_of_the_network_and_the_next_batch(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, CURVE, 21)
    stage, parameters = seen(experiment, timeline, FitStage), timeline.run.parameters
    outputs = twin_outputs(experiment, parameters, stage.xs[:, None])[:, 0]
    assert stage.outputs == pytest.approx(100 * outputs, rel=1e-12)
    assert (stage.xs[0], stage.xs[-1]) == pytest.approx((-1.1, 1.1))
    assert [part.tolist() for part in stage.train] == [[-1.0, 0.0, 1.0], [100.0, 0.0, 100.0]]
    assert stage.test is not None
    assert [part.tolist() for part in stage.test] == [[-0.5, 0.5], [25.0, 25.0]]
    batch = timeline.run.next_batch()
    assert stage.batch[0].tolist() == timeline.objective.train.inputs[batch, 0].tolist()
    assert (stage.low, stage.high, stage.unit, stage.counts) == (0.0, 100.0, "metres", (3, 2))
    errors = 100 * twin_outputs(experiment, parameters, [[-0.5], [0.5]])[:, 0] - 25.0
    assert stage.test_rmse == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-12)
    errors = 100 * twin_outputs(experiment, parameters, [[-1.0], [0.0], [1.0]])[:, 0] - [100.0, 0.0, 100.0]
    assert stage.rmse == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-12)


def test_a_batch_of_the_whole_training_set_is_not_lit(tmp_path: Path) -> None:
    stage = seen(*started(tmp_path, LINE), FitStage)
    assert stage.batch[0].size == 0
    assert (stage.test, stage.test_rmse) == (None, None)


def test_many_test_samples_are_thinned_along_the_input(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.uniform(-1, 1, (2000, 1)).tolist()
    text = changed(CURVE, "test_inputs = [[-0.5], [0.5]]", f"test_inputs = {toml(inputs)}")
    stage = seen(*started(tmp_path, changed(text, "[[25.0], [25.0]]", toml(inputs))), FitStage)
    assert stage.test is not None
    assert stage.test[0].size <= 250
    assert stage.counts == (3, 2000)
    assert np.abs(np.diff(stage.test[0])).max() < 0.02
    assert stage.test[0] == pytest.approx(stage.test[1], rel=1e-15)
    assert (stage.test[0][0], stage.test[0][-1]) == (min(inputs)[0], max(inputs)[0])


@pytest.mark.parametrize("text", [XOR, BINARY_XOR, HINGE, THREE], ids=["xor", "binary", "hinge", "three"])
def test_regions_have_the_answer_of_the_network_everywhere(tmp_path: Path, text: str) -> None:
    experiment, timeline = started(tmp_path, text, 30)
    stage, parameters = seen(experiment, timeline, RegionStage), timeline.run.parameters
    everywhere = np.array([[x, y] for y in stage.ys for x in stage.xs])
    z = twin_outputs(experiment, parameters, everywhere)
    powers = np.exp(z)
    expected = {
        XOR: powers[:, 1:] / powers.sum(axis=1, keepdims=True),
        BINARY_XOR: 1.0 / (1.0 + np.exp(-z)),
        HINGE: z,
        THREE: None,
    }[text]
    scores = z[:, 1:] - z[:, :1] if text == XOR else z
    assert pytest.approx(scores, rel=1e-9, abs=1e-14) == stage.scores.reshape(len(stage.scores), -1).T
    assert (stage.sureness is None) == (expected is None)
    if expected is not None:
        assert pytest.approx(expected[:, 0], rel=1e-9, abs=1e-14) == stage.sureness.ravel()
    assert (stage.low, stage.high) == ((-1.0, 1.0) if text == HINGE else (0.0, 1.0))
    assert (stage.xs[0], stage.xs[-1], stage.ys[0], stage.ys[-1]) == pytest.approx((-0.2, 1.2, -0.2, 1.2))
    assert stage.labels.tolist() == ([0, 1, 2, 0] if text == THREE else [0, 1, 1, 0])
    corners = twin_outputs(experiment, parameters, [[0, 0], [0, 1], [1, 0], [1, 1]])
    answers = corners.argmax(axis=1) if corners.shape[1] > 1 else corners[:, 0] > 0
    assert stage.answers.tolist() == answers.tolist()
    assert stage.accuracy == np.mean(stage.labels == stage.answers)


@pytest.mark.parametrize("text", [XOR, BINARY_XOR, HINGE, THREE], ids=["xor", "binary", "hinge", "three"])
def test_a_network_that_has_learned_nothing_answers_nothing(tmp_path: Path, text: str) -> None:
    zeros = '[network]\nweights = { kind = "zeros" }\nbiases = { kind = "zeros" }'
    experiment, timeline = started(tmp_path, changed(text, "[network]", zeros))
    stage = seen(experiment, timeline, RegionStage)
    assert not stage.scores.any()
    assert (stage.answers.tolist(), stage.accuracy, stage.wrong, stage.ties) == ([-1] * 4, 0.0, 0, 4)
    listed = seen(experiment, timeline, AnswerStage, view="answers")
    assert listed.right is not None
    assert not listed.right.any()


def test_classes_and_inputs_have_their_names_or_numbers(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, BINARY_XOR)
    stage = seen(experiment, timeline, RegionStage)
    assert (stage.names, stage.classes) == (("x1", "x2"), ("class 0", "class 1"))
    named = replace(experiment, inputs=("width", "height"), classes=("cat", "dog"))
    stage = seen(named, timeline, RegionStage)
    assert (stage.names, stage.classes) == (("width", "height"), ("cat", "dog"))
    assert seen(named, timeline, AnswerStage, view="answers").classes == ("dog",)
    assert seen(*started(tmp_path, THREE), RegionStage).classes == ("class 1", "class 2", "class 3")
    assert seen(*started(tmp_path, HINGE), RegionStage).classes == ("class -1", "class 1")


def test_probabilities_stand_beside_the_shares_of_the_data(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, AGES, 30)
    stage = seen(experiment, timeline, ProbabilityStage)
    z = twin_outputs(experiment, timeline.run.parameters, stage.xs[:, None])
    assert stage.curves[0] == pytest.approx(1.0 / (1.0 + np.exp(z[:, 0] - z[:, 1])), rel=1e-9)
    assert stage.centres.tolist() == [13.0, 40.0, 90.0]
    assert stage.shares.tolist() == [[0.0, 1.0, 0.0]]
    assert (stage.samples, stage.test_accuracy) == (4, None)
    assert stage.accuracy == timeline.objective.evaluate(timeline.run.parameters, timeline.objective.train).metric


def test_shares_of_many_different_inputs_are_taken_bin_by_bin(tmp_path: Path) -> None:
    x = np.sort(np.random.default_rng(0).uniform(0, 16, 300))
    x[0], x[-1] = 0.0, 16.0
    k = (x > 8).astype(int)
    text = changed(AGES, "[[13.0], [40.0], [40.0], [90.0]]", toml(x[:, None].tolist()))
    text = changed(text, "[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]", toml(np.eye(2)[k].tolist()))
    stage = seen(*started(tmp_path, text), ProbabilityStage)
    assert stage.centres.tolist() == [b + 0.5 for b in range(16)]
    assert stage.shares.tolist() == [[0.0] * 8 + [1.0] * 8]


def test_answers_say_which_samples_are_right(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, XOR, 5)
    stage = seen(experiment, timeline, AnswerStage, view="answers")
    assert stage.right is not None
    right = stage.outputs.argmax(axis=1) == [0, 1, 1, 0]
    assert stage.right.tolist() == right.tolist()
    assert stage.accuracy == right.mean()
    assert seen(*started(tmp_path, QUESTIONS), AnswerStage).right is None


# --- slices ---


def twin_loss(experiment: Experiment, parameters: Vector, some: Any = slice(None)) -> float:
    network, train = experiment.objective.network, experiment.objective.train
    assert network is not None
    assert experiment.scenario.network is not None
    loss, _ = reference.loss_and_gradient(
        network.sizes,
        network.activations,
        experiment.scenario.network.loss,
        parameters,
        train.inputs[some],
        train.targets[some],
    )
    return loss


@pytest.mark.parametrize("text", [XOR, CURVE, LINE, BINARY_XOR], ids=["xor", "curve", "line", "binary"])
def test_a_slice_has_the_loss_with_two_parameters_changed(tmp_path: Path, text: str) -> None:
    experiment, timeline = started(tmp_path, text, 12)
    objective, run = timeline.objective, timeline.run
    stage = seen(experiment, timeline, SurfaceStage, view="slice", pair=(1, 0))
    assert stage.names == (objective.names[1], objective.names[0])
    for row, column in ((0, 0), (3, 7), (12, 30)):
        point = run.parameters.copy()
        point[1], point[0] = stage.xs[column], stage.ys[row]
        assert stage.losses[row, column] == objective.losses(point[None])[0]
        assert stage.losses[row, column] == pytest.approx(twin_loss(experiment, point), rel=1e-12)
    assert stage.point == (run.parameters[1], run.parameters[0])
    assert stage.loss == objective.losses(run.parameters[None])[0]
    _, gradient = objective.loss_and_gradient(run.parameters, run.next_batch())
    assert stage.gradient == (gradient[1], gradient[0])
    proposal = run.proposal(gradient)
    assert stage.next_point == (proposal[1], proposal[0])
    assert not stage.whole
    assert stage.formula == f"loss on {len(objective.train)} samples around the present parameters"


def test_the_trail_of_a_slice_is_the_path_where_it_is_known_else_the_last_update(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, BINARY_XOR, 12)
    stage = seen(experiment, timeline, SurfaceStage, view="slice", pair=(2, 5))
    assert timeline.path is not None
    assert stage.trail.tolist() == timeline.path[:, [2, 5]].tolist()
    assert stage.xs[0] < stage.trail[:, 0].min() <= stage.trail[:, 0].max() < stage.xs[-1]
    experiment, timeline = started(tmp_path, XOR, 12)
    stage = seen(experiment, timeline, SurfaceStage, view="slice", pair=(2, 5))
    run = timeline.run
    assert stage.trail.tolist() == [run.previous[[2, 5]].tolist(), run.parameters[[2, 5]].tolist()]


def test_a_slice_goes_through_the_selected_parameter_and_the_one_steepest_at_the_start(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, XOR)
    names = timeline.objective.names
    steep = np.argsort(-np.abs(timeline.objective.loss_and_gradient(timeline.run.parameters)[1])).tolist()
    for updates in (0, 1, 40):
        timeline.advance(updates)
        for selected, second in ((3, steep[0]), (steep[0], steep[1]), (steep[1], steep[0])):
            stage = seen(experiment, timeline, SurfaceStage, view="slice", parameter=selected)
            assert stage.names == (names[selected], names[second])
    for unfit in ((1, 1), (0, 1000), (-1, 0)):
        stage = seen(experiment, timeline, SurfaceStage, view="slice", parameter=3, pair=unfit)
        assert stage.names == (names[3], names[steep[0]])
    assert seen(experiment, timeline, SurfaceStage, view="slice", parameter=9999).names[0] == names[-1]


def test_a_large_training_set_is_thinned_evenly_and_that_is_said(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, CROWD, 3)
    stage = seen(experiment, timeline, SurfaceStage, view="slice", pair=(10, 20))
    assert stage.formula.startswith("loss on 256 of 2000 samples")
    some = np.linspace(0, 1999, 256).round().astype(int)
    assert (some[0], some[-1]) == (0, 1999)
    assert stage.loss == pytest.approx(twin_loss(experiment, timeline.run.parameters, some), rel=1e-12)
    point = timeline.run.parameters.copy()
    point[[10, 20]] = stage.xs[2], stage.ys[5]
    assert stage.losses[5, 2] == pytest.approx(twin_loss(experiment, point, some), rel=1e-12)


def test_the_sharpest_directions_are_those_of_the_hessian(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, CURVE, 20)
    objective, run = timeline.objective, timeline.run
    stage = seen(experiment, timeline, SurfaceStage, view="sharpest directions")
    values, vectors = np.linalg.eigh(hessian(objective, run.parameters))
    assert stage.titles is not None
    assert f"(curvature {values[-1]:.4g})" in stage.titles[0]
    assert f"(curvature {values[-2]:.4g})" in stage.titles[1]
    assert stage.point == (0.0, 0.0)
    assert stage.trail[-1].tolist() == [0.0, 0.0]
    gradient = objective.loss_and_gradient(run.parameters, run.next_batch())[1]
    assert np.abs(stage.gradient) == pytest.approx(np.abs(vectors[:, :-3:-1].T @ gradient), rel=1e-6)
    assert np.abs(stage.trail[0]) == pytest.approx(
        np.abs(vectors[:, :-3:-1].T @ (run.previous - run.parameters)), rel=1e-6
    )
    # Right at the point, the losses bend as the curvatures say.
    signs = np.sign(np.array(stage.gradient) * (vectors[:, :-3:-1].T @ gradient))
    for row, column in ((0, 0), (10, 31)):
        away = signs * (stage.xs[column], stage.ys[row])
        point = run.parameters + vectors[:, :-3:-1] @ away
        assert stage.losses[row, column] == pytest.approx(objective.losses(point[None])[0], rel=1e-6)


def test_a_surface_of_many_parameters_is_sliced_with_its_minimum_in_sight(tmp_path: Path) -> None:
    experiment, timeline = started(tmp_path, CUBE, 1)
    stage = seen(experiment, timeline, SurfaceStage, view="slice", pair=(0, 2))
    assert stage.names == ("w1", "w3")
    assert stage.xs[0] < 0.0 < 4.0 < stage.xs[-1]
    assert stage.ys[0] < 0.0 < 2.0 < stage.ys[-1]
    stage = seen(experiment, timeline, SurfaceStage, view="sharpest directions")
    assert stage.titles == ("1st direction (curvature 9)", "2nd direction (curvature 4)")
    assert sharpness(timeline.objective, timeline.run.parameters) == pytest.approx(9.0)


@pytest.mark.parametrize("view", ["slice", "sharpest directions", "regions", "answers"])
def test_going_back_shows_the_same_view_again(tmp_path: Path, view: str) -> None:
    experiment, timeline = started(tmp_path, XOR, 7)
    stages, attention = Stages(), Attention(view=view, parameter=4)
    first = stages.stage(Scene(experiment, timeline, attention))
    for _ in range(30):
        timeline.advance(1)
        stages.stage(Scene(experiment, timeline, attention, playing=True))
    timeline.seek(7)
    assert differences(stages.stage(Scene(experiment, timeline, attention)), first) == []
    assert differences(Stages().stage(Scene(experiment, timeline, attention)), first) == []


@pytest.mark.parametrize("view", ["slice", "sharpest directions"])
def test_the_ground_stays_while_a_run_plays_and_is_exact_when_it_pauses(tmp_path: Path, view: str) -> None:
    experiment, timeline = started(tmp_path, XOR, 50)
    stages, attention = Stages(), Attention(view=view)
    grounds = []
    for _ in range(5):
        timeline.advance(1)
        stage = stages.stage(Scene(experiment, timeline, attention, playing=True))
        assert isinstance(stage, SurfaceStage)
        grounds.append(stage.losses)
        assert stage.loss == timeline.objective.losses(timeline.run.parameters[None])[0]
    assert all(ground is grounds[0] for ground in grounds)
    paused = stages.stage(Scene(experiment, timeline, attention))
    assert isinstance(paused, SurfaceStage)
    assert paused.losses is not grounds[0]
    assert differences(paused, Stages().stage(Scene(experiment, timeline, attention))) == []
    again = stages.stage(Scene(experiment, timeline, attention))
    assert isinstance(again, SurfaceStage)
    assert again.losses is paused.losses


@pytest.mark.parametrize("text", [XOR, CURVE, AGES, HINGE, CUBE], ids=["xor", "curve", "ages", "hinge", "cube"])
@pytest.mark.parametrize("rate", [1e30, 1e160, 1e308])
@pytest.mark.filterwarnings("error")
def test_after_a_divergence_every_view_still_has_something_to_show(tmp_path: Path, text: str, rate: float) -> None:
    experiment, timeline = started(tmp_path, text, 5, optimizer={"kind": "sgd", "learning_rate": rate})
    assert timeline.stopped is not None
    for view in Stages().views(Scene(experiment, timeline)):
        stage = Stages().stage(Scene(experiment, timeline, Attention(view=view)))
        if isinstance(stage, SurfaceStage):
            assert stage.next_point is None
            for array in (stage.xs, stage.ys, stage.losses):
                assert np.isfinite(array).all()
            assert stage.xs[0] < stage.xs[-1]


async def test_a_neuron_of_one_weight_is_on_a_curve_and_nothing_speaks_of_biases() -> None:
    async with lab("sine-neuron", size=(200, 60)) as driven:
        stage = driven.snapshot.stage
        assert isinstance(stage, CurveStage)
        session = driven.lab.controller._session
        assert session is not None
        objective = session.timeline.objective
        assert np.array_equal(stage.losses, objective.losses(stage.xs[:, None]))
        assert (stage.value, stage.minima) == (4.5, ())
        assert driven.snapshot.views == ("curve", "fit", "estimates", "answers")
        assert driven.snapshot.table.layers == (("W1", 0, 1),)
        await driven.press(".", ".")
        assert "z = x W1, and then a = sine(z)" in " ".join(driven.text.split())
        await driven.press("x")
        assert "b1" not in driven.text
        assert "bias" not in driven.text


def test_rounding_is_no_next_step(tmp_path: Path) -> None:
    """The ball has come to the minimum of x^2 - 0.2 x + 0.01, but for rounding in the slope and in the loss."""
    surface = {"kind": "formula", "text": "x^2 - 0.2*x + 0.01"}
    experiment = ready(tmp_path, BOWL, start=[0.1 + 2e-16], surface=surface, optimizer__learning_rate=0.1)
    timeline = experiment.timeline()
    beside = timeline.run.parameters
    assert timeline.run.proposal(experiment.objective.loss_and_gradient(beside)[1])[0] != beside[0]
    stage = seen(experiment, timeline, CurveStage)
    assert stage.next_value == stage.value
    assert stage.loss == 0.0
