"""A classifier sample by sample, and the table of what it takes for what: the numbers, the pictures and the keys."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import experiment_of, lab
from own_scenarios import BINARY_XOR, CURVE, XOR, changed, ready
from pictures import Bench, Picture

from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.browsing import Browse, Leaf
from nnsim.tui.parts import samples as module
from nnsim.tui.parts.stage import Stages
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.stages import ConfusionStage, EstimateStage, SampleStage, Stage
from nnsim.tui.theme import DARK
from nnsim.tui.widgets.stage import StageView

HINGE = changed(
    changed(BINARY_XOR, '"binary_cross_entropy"', '"hinge"'), "[[0.0], [1.0], [1.0], [0.0]]", "[[-1], [1], [1], [-1]]"
)


def seen(experiment: Experiment, timeline: Timeline, view: str, **browse: Any) -> Any:
    attention = Attention(view=view, browse=Browse(**browse))
    return Stages().stage(Scene(experiment, timeline, attention))


@pytest.fixture(scope="module")
def digits() -> tuple[Experiment, Timeline]:
    experiment = experiment_of("digits")
    timeline = experiment.timeline()
    timeline.advance(86)
    return experiment, timeline


# --- numbers ---


def test_a_sample_has_its_picture_its_shares_and_its_own_loss(digits: tuple[Experiment, Timeline]) -> None:
    experiment, timeline = digits
    stage = seen(experiment, timeline, "sample", sample=7)
    test = experiment.objective.test
    assert test is not None
    assert isinstance(stage, SampleStage)
    assert (stage.leaf.sample, stage.leaf.training, stage.samples, stage.whole) == (7, False, 450, 450)
    assert stage.picture is not None
    assert stage.picture.ravel().tolist() == test.inputs[7].tolist()
    assert stage.scores.sum() == pytest.approx(1.0)
    assert (stage.answer, stage.truth) == (stage.scores.argmax(), test.targets[7].argmax())
    assert stage.loss == pytest.approx(-np.log(stage.scores[stage.truth]))
    accuracy = experiment.objective.evaluate(timeline.run.parameters, test).metric
    assert stage.right / 450 == pytest.approx(accuracy)


def test_the_table_counts_every_sample_once(digits: tuple[Experiment, Timeline]) -> None:
    experiment, timeline = digits
    for training, whole in ((False, experiment.objective.test), (True, experiment.objective.train)):
        assert whole is not None
        stage = seen(experiment, timeline, "confusion", training=training)
        assert isinstance(stage, ConfusionStage)
        assert stage.counts.sum() == stage.samples == len(whole)
        assert stage.counts.sum(axis=1).tolist() == whole.targets.sum(axis=0).tolist()
        accuracy = experiment.objective.evaluate(timeline.run.parameters, whole).metric
        assert stage.counts.trace() / len(whole) == pytest.approx(accuracy)


def test_only_wrong_answers_are_leafed_through_when_asked_for(digits: tuple[Experiment, Timeline]) -> None:
    experiment, timeline = digits
    stage = seen(experiment, timeline, "sample", sample=100, wrong_only=True)
    assert stage.answer != stage.truth
    assert stage.leaf.sample >= 100
    assert len(stage.leaf.others) == 450 - stage.right
    for number in stage.leaf.others[:5].tolist():
        other = seen(experiment, timeline, "sample", sample=number, wrong_only=True)
        assert (other.leaf.sample, other.answer == other.truth) == (number, False)


def test_a_large_set_is_seen_in_part(digits: tuple[Experiment, Timeline], monkeypatch: pytest.MonkeyPatch) -> None:
    experiment, timeline = digits
    monkeypatch.setattr(module, "MOST_NUMBERS", 100 * experiment.objective.size)
    stage = seen(experiment, timeline, "confusion", sample=449)
    assert (stage.samples, stage.whole, stage.counts.sum(), stage.leaf.sample) == (100, 450, 100, 99)


@pytest.mark.parametrize("text", [XOR, BINARY_XOR, HINGE], ids=["xor", "binary", "hinge"])
def test_two_classes_with_one_output_or_two(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, text)
    timeline = experiment.timeline()
    timeline.advance(3)
    stage, table = seen(experiment, timeline, "sample", sample=1), seen(experiment, timeline, "confusion")
    assert stage.leaf.training
    assert not stage.leaf.has_other_set
    assert stage.picture is None
    assert (stage.names, stage.values.tolist(), stage.truth) == (("x1", "x2"), [0.0, 1.0], 1)
    assert stage.scores.sum() == pytest.approx(0.0 if text is HINGE else 1.0)
    assert stage.answer == stage.scores.argmax()
    assert table.counts.sum(axis=1).tolist() == [2, 2]


def test_an_estimate_may_be_of_any_picture_of_either_set() -> None:
    experiment = experiment_of("crowd")
    stage = seen(experiment, experiment.timeline(), "estimates", sample=3, training=False)
    assert isinstance(stage, EstimateStage)
    assert experiment.objective.test is not None
    assert (stage.leaf.set_name, stage.truth) == ("test", experiment.objective.test.targets[3, 0] * 1000.0)
    own = seen(experiment, experiment.timeline(), "estimates")
    assert (own.leaf.sample, own.leaf.set_name, own.truth) == (149, "training", 500.0)


def test_a_set_that_is_not_there_is_the_training_set(tmp_path: Path) -> None:
    alone = ready(tmp_path, CURVE.replace("test_inputs = [[-0.5], [0.5]]\ntest_targets = [[25.0], [25.0]]\n", ""))
    assert seen(alone, alone.timeline(), "estimates", training=False).leaf.set_name == "training"


def test_leaves_are_turned_from_any_sample_and_around() -> None:
    leaf = Leaf(5, False, True, np.array([2, 5, 9]))
    assert [leaf.further(steps, 5) for steps in (1, -1, 2, 3)] == [9, 2, 2, 5]
    assert [leaf.further(steps, 6) for steps in (1, -1)] == [9, 5]
    assert [leaf.further(steps, 20) for steps in (1, -1)] == [2, 9]
    assert Leaf(5, False, True, np.array([], dtype=np.int64)).further(1, 5) == 5


@pytest.mark.parametrize("text", [XOR, BINARY_XOR, HINGE], ids=["xor", "binary", "hinge"])
def test_where_no_class_leads_a_sample_is_taken_for_none(tmp_path: Path, text: str) -> None:
    zeros = '[network]\nweights = { kind = "zeros" }\nbiases = { kind = "zeros" }'
    experiment = ready(tmp_path, changed(text, "[network]", zeros))
    timeline = experiment.timeline()
    stage, table = seen(experiment, timeline, "sample", wrong_only=True), seen(experiment, timeline, "confusion")
    assert (stage.answer, stage.right, stage.ties) == (-1, 0, 4)
    assert stage.leaf.others.tolist() == [0, 1, 2, 3]
    assert table.counts.tolist() == [[0, 0, 2], [0, 0, 2]]
    assert experiment.objective.evaluate(timeline.run.parameters, experiment.objective.train).metric == 0.0


# --- pictures ---


def sample_stage(**changes: Any) -> SampleStage:
    stage = SampleStage(
        leaf=Leaf(12, False, False, np.arange(40)),
        picture=np.linspace(0.0, 1.0, 144).reshape(12, 12),
        names=(),
        values=np.zeros(0),
        classes=("cat", "dog", "bird"),
        scores=np.array([0.2, 0.7, 0.1]),
        low=0.0,
        high=1.0,
        truth=0,
        answer=1,
        loss=1.6,
        right=30,
        ties=0,
        samples=40,
        whole=40,
    )
    return replace(stage, **changes)


def table_stage(count: int = 3, **changes: Any) -> ConfusionStage:
    counts = np.eye(count, count + 1, dtype=np.int64) * np.arange(10, 10 + count)[:, None]
    counts[0, 1] = 4
    names = tuple(f"kind {k}" for k in range(count)) if count > 3 else ("cat", "dog", "bird")
    whole = int(counts.sum())
    return replace(ConfusionStage(Leaf(0, False, False, np.arange(9)), names, counts, whole, whole), **changes)


Draw = Callable[..., Awaitable[Picture]]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    async def drawn(stage: Stage, size: tuple[int, int] = (64, 24), coloured: bool = True) -> Picture:
        if coloured:
            monkeypatch.delenv("NO_COLOR", raising=False)
        else:
            monkeypatch.setenv("NO_COLOR", "1")
        app = Bench()
        async with app.run_test(size=size) as pilot:
            app.theme = DARK.name
            app.query_one(StageView).show(stage)
            await pilot.pause()
            return Picture(app)

    return drawn


async def test_the_sample_the_answer_and_the_truth_are_told(draw: Draw) -> None:
    picture = await draw(sample_stage())
    for words in ("test picture 12", "truth cat", "10 of 40 wrong", "70.0 %", "s training set"):
        assert words in picture.text
    assert picture.is_in("says  dog ✗", "primary")
    bars = [picture.rows[picture.find(name, below=4)[1]].count("━") for name in ("cat ", "dog ", "bird ")]
    assert bars[1] > 3 * bars[0] > bars[2] > 0
    assert picture.find("› cat", below=4)
    hardly = (await draw(sample_stage(scores=np.array([0.004, 0.995, 0.001])))).rows
    assert [row.count("━") > 0 for row in hardly[5:8]] == [False, True, False]
    assert "says  cat ✓" in (await draw(sample_stage(answer=0))).text
    assert (await draw(sample_stage(loss=float("nan")))).is_in("not a finite number", "error")
    none = await draw(sample_stage(leaf=Leaf(12, True, True, np.array([], dtype=np.int64)), right=40))
    assert "none of 40 wrong" in none.text
    assert "f all · s test set" in none.text
    alone = (await draw(sample_stage(leaf=Leaf(12, True, False, np.arange(40), has_other_set=False)))).text
    assert "f wrong ones only" in alone
    assert "test set" not in alone


async def test_a_sample_that_is_no_picture_has_its_inputs(draw: Draw) -> None:
    inputs = {"picture": None, "names": ("length", "width"), "values": np.array([1.25, -0.5])}
    picture = await draw(sample_stage(**inputs))
    assert "test sample 12" in picture.text
    assert picture.rows[0].startswith("length   +1.250")
    many = {**inputs, "names": tuple(f"x{k}" for k in range(90)), "values": np.zeros(90)}
    assert "and 68 more" in (await draw(sample_stage(**many))).text


@pytest.mark.parametrize(("size", "coloured"), [((36, 11), True), ((36, 11), False), ((26, 9), True), ((12, 4), True)])
async def test_a_small_ground_has_a_small_picture_or_none(draw: Draw, size: tuple[int, int], coloured: bool) -> None:
    picture = await draw(sample_stage(), size=size, coloured=coloured)
    assert "truth cat"[: size[0]] in picture.text
    if size == (36, 11):
        assert picture.text.count("▀") == (72 if coloured else 0)
        assert ("█" in picture.text) == (not coloured)


async def test_of_many_classes_the_likeliest_and_the_true_one_have_room(draw: Draw) -> None:
    names, scores = tuple(f"kind {k:02}" for k in range(40)), np.full(40, 0.001)
    scores[[3, 33]] = 0.5, 0.4
    text = (await draw(sample_stage(classes=names, scores=scores, truth=20, answer=3), size=(60, 12))).text
    for name in ("kind 03", "› kind 20", "kind 33"):
        assert name in text
    assert "kind 39" not in text


async def test_the_table_has_right_answers_on_its_diagonal(draw: Draw) -> None:
    picture = await draw(table_stage())
    assert "test set: 33 of 37 right" in picture.rows[0]
    assert picture.rows[2].split() == ["cat", "dog", "bird"]
    assert picture.rows[3].split() == ["cat", "10", "4", "·", "71", "%"]
    assert picture.rows[5].split() == ["bird", "·", "·", "12", "100", "%"]
    assert picture.is_in("89.2 %", "primary")
    column, row = picture.find(" 4", below=2)
    assert picture.colour_at(column + 1, row) == picture.theme["primary"]
    right = picture.background_at(*picture.find("12", below=3))
    assert len({right, picture.background_at(column + 1, row), picture.background_at(0, 8)}) == 3


async def test_a_table_of_ten_classes_has_room_in_the_smallest_lab(draw: Draw) -> None:
    text = (await draw(table_stage(10, classes=tuple("0123456789")), size=(36, 11))).rows
    assert text[0].split() == ["test", *"0123456789"]
    assert text[10].split()[0] == "9"
    assert "no room for 7 of 12 classes" in (await draw(table_stage(12), size=(60, 7))).text


async def test_a_tie_is_told_as_none_of_the_classes(draw: Draw) -> None:
    picture = await draw(sample_stage(answer=-1, ties=3, right=30))
    assert "says  nothing: a tie" in picture.text
    assert "7 of 40 wrong, 3 tie" in picture.text
    only = Leaf(12, True, True, np.arange(10))
    assert "0 of 40 wrong, 10 tie" in (await draw(sample_stage(leaf=only, ties=10, right=30))).text


async def test_the_table_has_a_column_for_ties_where_there_are_some(draw: Draw) -> None:
    counts = table_stage().counts.copy()
    counts[0] = [9, 4, 0, 7]
    picture = await draw(table_stage(counts=counts, samples=43))
    assert "test set: 32 of 43 right" in picture.rows[0]
    assert picture.rows[2].split() == ["cat", "dog", "bird", "tie"]
    assert picture.rows[3].split() == ["cat", "9", "4", "·", "7", "45", "%"]
    assert picture.rows[5].split() == ["bird", "·", "·", "12", "·", "100", "%"]
    many = table_stage(10, classes=tuple("0123456789"))
    many.counts[3, -1] = 12
    narrow = (await draw(many, size=(40, 11))).rows
    assert narrow[0].split() == ["test", *"0123456789", "tie"]
    assert narrow[4].split()[-1] == "12"


@pytest.mark.parametrize("stage", [sample_stage(), table_stage(), table_stage(30)])
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (20, 6), (200, 60)])
async def test_any_size_of_ground_is_drawn(draw: Draw, stage: Stage, size: tuple[int, int]) -> None:
    assert len((await draw(stage, size=size)).rows) == size[1]


# --- keys ---


async def test_keys_of_the_stage_leaf_through_the_samples() -> None:
    async with lab("digits") as driven:
        await driven.press("1", "down", "down", "up", "down")
        assert "test picture 2" in driven.text
        await driven.press("pagedown", "up", "s")
        assert "training picture 11" in driven.text
        driven.type("down", "down", "down")
        await driven.settle()
        assert "training picture 14" in driven.text
        await driven.press("e", "f")
        stage = driven.snapshot.stage
        assert isinstance(stage, SampleStage)
        assert stage.answer != stage.truth
        await driven.press("down", "down")
        turned = driven.snapshot.stage
        assert isinstance(turned, SampleStage)
        assert turned.leaf.sample == stage.leaf.further(2, stage.leaf.sample)
        await driven.press("v", "s")
        assert "test set: " in driven.text
        assert driven.snapshot.status.update == 43


async def test_the_arrows_of_other_panels_turn_no_leaf() -> None:
    async with lab("digits") as driven:
        await driven.press("3", "down", "down")
        assert "test picture 0" in driven.text
        await driven.press("1", "v", "v", "down", "f", "s")
        assert not driven.notes


async def test_the_crowd_has_other_pictures_too() -> None:
    async with lab("crowd") as driven:
        await driven.press("1", "down")
        assert "training picture 150" in driven.text
        await driven.press("s")
        assert "test picture 150" in driven.text


async def test_classes_go_by_their_names_in_the_batch_too() -> None:
    async with lab("iris") as driven:
        await driven.press("6", "m")
        assert re.search(r"\d+ +(setosa|versicolor|virginica) +(setosa|versicolo|virginica) ", driven.text)
        assert "class" not in driven.text.partition("answer")[2].partition("this epoch")[0]
