"""Predictions: what is offered where, and verdicts against numbers worked out by hand or by the plain twin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import BINARY_XOR, BOWL, CURVE, DOUBLE_WELL, FORMULA, HEAD, ready

from nnsim.core.optimizers import Adam
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.prediction import Question, Verdict, View, judge, look, offer
from nnsim.scenarios.reader import find, read

HIMMELBLAU = f"""{HEAD}start = [0.0, 0.0]
[surface]
kind = "named"
name = "himmelblau"
[optimizer]
kind = "sgd"
learning_rate = 0.01
[run]
updates = 200
"""
# Two minima by their own words, in an order that is not from left to right.
TWO_WELLS = f"""{HEAD}start = [0.5]
[surface]
kind = "formula"
text = "(x^2 - 1)^2"
minima = [{{ label = "right", at = [1.0] }}, {{ label = "left", at = [-1.0] }}]
[optimizer]
kind = "sgd"
learning_rate = 0.05
[run]
updates = 50
"""


def of_course(name: str, **overrides: Any) -> Experiment:
    file = find(name)
    return build(
        read(file, {key.replace("__", "."): value for key, value in overrides.items()}), str(file), name_of(file)
    )


def asked(experiment: Experiment, timeline: Timeline, kind: str) -> Question:
    return next(question for question in offer(experiment, timeline) if question.kind == kind)


def verdicts(experiment: Experiment, timeline: Timeline, kind: str) -> list[Verdict]:
    """Jump, and what would be said of every choice."""
    question = asked(experiment, timeline, kind)
    before = look(experiment, timeline)
    timeline.advance(question.jump)
    after = look(experiment, timeline)
    return [judge(question, choice, before, after) for choice in range(len(question.choices))]


def the_right_one(experiment: Experiment, timeline: Timeline, kind: str) -> tuple[str, str]:
    """The choice that comes true, and its sentence; every other one is wrong."""
    question = asked(experiment, timeline, kind)
    said = verdicts(experiment, timeline, kind)
    right = [choice for choice, verdict in enumerate(said) if verdict.right]
    assert len(right) == 1
    assert said[right[0]].sentence.startswith("Right: ")
    assert all(verdict.sentence.startswith("No: ") for verdict in said if not verdict.right)
    return question.choices[right[0]], said[right[0]].sentence


def test_the_loss_falls_from_22500_to_14400() -> None:
    # (350 - 500)^2 = 22500; y = 350 + 0.1 * 300 = 380; (380 - 500)^2 = 14400.
    experiment = of_course("squared-error")
    said = the_right_one(experiment, experiment.timeline(), "loss")
    assert said == ("down", "Right: the loss fell from 22500 to 14400.")


def test_the_loss_rises_and_stays() -> None:
    # At rate 1 the guess jumps from 350 to 650, as far on the other side; at 1.1 further: 680, 180^2.
    experiment = of_course("squared-error", optimizer__learning_rate=1.1)
    assert the_right_one(experiment, experiment.timeline(), "loss") == (
        "up",
        "Right: the loss rose from 22500 to 32400.",
    )
    experiment = of_course("squared-error", optimizer__learning_rate=1.0)
    choice, sentence = the_right_one(experiment, experiment.timeline(), "loss")
    assert choice.startswith("nowhere")
    assert sentence == "Right: the loss stayed at 22500."


def test_a_step_that_fails_counts_as_up(tmp_path: Path) -> None:
    experiment = ready(tmp_path, FORMULA, optimizer__learning_rate=0.9)
    timeline = experiment.timeline()
    while timeline.advance(1):
        pass
    timeline.seek(timeline.latest)
    assert offer(experiment, timeline) == ()
    timeline.seek(timeline.latest - 1)
    choice, sentence = the_right_one(experiment, timeline, "loss")
    assert choice == "up"
    assert timeline.ended is not None
    assert timeline.ended.reason in sentence or "rose from" in sentence


def test_the_parameter_with_the_steepest_slope_moves_most(tmp_path: Path) -> None:
    # The slope at (0, 0) is (-4, -27): by 0.1 of it w2 goes to 2.7.
    experiment = of_course("bowl", surface__hessian=[[1.0, 0.0], [0.0, 9.0]])
    timeline = experiment.timeline()
    question = asked(experiment, timeline, "mover")
    assert sorted(question.choices) == ["w1", "w2"]
    said = verdicts(experiment, timeline, "mover")
    assert said[question.choices.index("w2")] == Verdict(True, "Right: w2 moved most, from 0 to 2.7.")
    assert said[question.choices.index("w1")] == Verdict(False, "No: w2 moved most, from 0 to 2.7; w1 moved by 0.4.")


def test_where_all_move_equally_far_every_answer_is_right(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL)
    experiment = replace(experiment, settings=replace(experiment.settings, optimizer=Adam(0.5)))
    for verdict in verdicts(experiment, experiment.timeline(), "mover"):
        assert verdict.right
        assert verdict.sentence.endswith("1 other moved as far.")


def test_the_four_steepest_are_offered_and_another_one(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(7)
    question = asked(experiment, timeline, "mover")
    _, gradient = timeline.objective.loss_and_gradient(timeline.run.parameters, timeline.run.next_batch())
    assert set(question.candidates) == set(np.argsort(-np.abs(gradient))[:4].tolist())
    assert [timeline.objective.names[place] for place in question.candidates] == list(question.choices[:4])
    assert question.choices[4:] == ("another one",)
    assert question == asked(experiment, timeline, "mover")
    before = look(experiment, timeline)
    # Only a parameter that was not offered moves.
    others = [place for place in range(len(gradient)) if place not in question.candidates]
    parameters = before.parameters.copy()
    parameters[others[0]] += 1.0
    after = replace(before, parameters=parameters)
    assert [judge(question, choice, before, after).right for choice in range(5)] == [False] * 4 + [True]


def test_the_order_gives_nothing_away(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    places = set()
    for _ in range(20):
        question = asked(experiment, timeline, "mover")
        _, gradient = timeline.objective.loss_and_gradient(timeline.run.parameters, timeline.run.next_batch())
        places.add(question.candidates.index(int(np.abs(gradient).argmax())))
        timeline.advance(1)
    assert places == {0, 1, 2, 3}


def test_a_run_that_moves_nothing(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=0.0)
    for verdict in verdicts(experiment, experiment.timeline(), "mover"):
        assert verdict == Verdict(False, "No: nothing moved.")
    at_rest = ready(tmp_path, BOWL, start=[4.0, 3.0])
    assert [question.kind for question in offer(at_rest, at_rest.timeline())] == ["loss", "later"]


@pytest.mark.parametrize(
    ("start", "choice", "sentence"),
    [
        ([4.0], "B, at 3", "it stands by B, at 3"),
        ([0.9], "A, at -2", "it stands by A, at -1.999"),
    ],
)
def test_the_basins_of_two_minima(start: list[float], choice: str, sentence: str) -> None:
    experiment = of_course("two-minima", start=start)
    timeline = experiment.timeline()
    assert asked(experiment, timeline, "basin").choices == ("A, at -2", "B, at 3", "by none: the run cannot go on")
    said = the_right_one(experiment, timeline, "basin")
    assert said[0] == choice
    assert said[1] == f"Right: after update 100 {sentence}."


@pytest.mark.parametrize(("start", "label"), [([0.5], "right, at 1"), ([-0.5], "left, at -1"), ([30.0], None)])
def test_the_basins_of_a_formula_go_by_their_own_labels(tmp_path: Path, start: list[float], label: str | None) -> None:
    experiment = ready(tmp_path, TWO_WELLS, start=start)
    choice, sentence = the_right_one(experiment, experiment.timeline(), "basin")
    assert choice == (label or "by none: the run cannot go on")
    assert ("the run diverged at update" in sentence) == (label is None)


# By plain gradient descent in NumPy at rate 0.01 for 200 updates; the minima are Himmelblau's (1972).
@pytest.mark.parametrize("start", [(0.0, 0.0), (-3.0, 1.0), (-1.0, -3.0), (3.0, -3.0)])
def test_the_basins_of_himmelblau(tmp_path: Path, start: tuple[float, float]) -> None:
    x, y = start
    for _ in range(200):
        dx = 4 * x * (x * x + y - 11) + 2 * (x + y * y - 7)
        dy = 2 * (x * x + y - 11) + 4 * y * (x + y * y - 7)
        x, y = x - 0.01 * dx, y - 0.01 * dy
    minima = np.array([[3, 2], [-2.805118, 3.131312], [-3.77931, -3.283186], [3.584428, -1.848126]])
    nearest = minima[np.linalg.norm(minima - [x, y], axis=1).argmin()]
    experiment = ready(tmp_path, HIMMELBLAU, start=list(start))
    choice, _ = the_right_one(experiment, experiment.timeline(), "basin")
    assert choice.endswith(f"({nearest[0]:.4g}, {nearest[1]:.4g})")


def test_the_test_loss_later(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    question = asked(experiment, timeline, "later")
    assert (question.text, question.jump) == ("In 60 updates: what will the test loss be?", 60)
    test = experiment.objective.test
    assert test is not None

    def loss() -> float:
        """Half the mean squared error of the test set, by NumPy."""
        p = timeline.run.parameters
        hidden = np.tanh(test.inputs @ p[:8].reshape(1, 8) + p[8:16])
        return float(0.5 * np.mean((hidden @ p[16:24] + p[24] - test.targets[:, 0]) ** 2))

    before = loss()
    choice, sentence = the_right_one(experiment, timeline, "later")
    after = loss()
    assert choice == ("lower than now" if after < before else "higher than now")
    assert sentence.startswith(f"Right: the test loss {'fell' if after < before else 'rose'} from {before:.6g} to ")
    assert f" to {after:.6g} after update 60" in sentence


def test_beyond_its_length_a_run_jumps_100_updates(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(59)
    assert asked(experiment, timeline, "later").text.startswith("In 1 update:")
    timeline.advance(10)
    assert asked(experiment, timeline, "later").text.startswith("In 100 updates:")


def test_a_run_that_diverges_later(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=3.0, run__updates=500)
    choice, sentence = the_right_one(experiment, experiment.timeline(), "later")
    assert choice == "none: the run cannot go on"
    assert "the run diverged at update" in sentence


def test_a_run_that_lies_still_later(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, start=[4.0, 3.0])
    choice, sentence = the_right_one(experiment, experiment.timeline(), "later")
    assert choice == "the same, to six digits"
    assert sentence == "Right: the training loss stayed at 0 after update 5."


@given(updates=st.integers(0, 40), text=st.sampled_from([DOUBLE_WELL, CURVE, FORMULA, BINARY_XOR, TWO_WELLS]))
def test_every_question_has_an_answer_and_looking_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, updates: int, text: str
) -> None:
    experiment = ready(tmp_path_factory.mktemp("own"), text)
    timeline = experiment.timeline()
    timeline.advance(updates)
    place, bits = timeline.update, timeline.run.parameters.tobytes()
    for question in offer(experiment, timeline):
        before = look(experiment, timeline)
        assert (timeline.update, timeline.run.parameters.tobytes()) == (place, bits)
        timeline.advance(question.jump)
        after: View = look(experiment, timeline)
        said = [judge(question, choice, before, after) for choice in range(len(question.choices))]
        assert any(verdict.right for verdict in said) or "nothing moved" in said[0].sentence
        assert all(verdict.sentence.isprintable() for verdict in said)
        timeline.seek(place)


def test_rounding_moves_no_parameter_and_no_loss() -> None:
    path = Path(__file__).parents[1] / "faults" / "dead-at-birth.toml"
    experiment = build(read(path), str(path))
    timeline = experiment.timeline()
    timeline.advance(2)
    questions, before = offer(experiment, timeline), look(experiment, timeline)
    timeline.advance(1)
    after = look(experiment, timeline)
    assert (before.parameters != after.parameters).any()
    of_loss, of_mover = (next(each for each in questions if each.kind == kind) for kind in ("loss", "mover"))
    assert judge(of_loss, 2, before, after).right
    assert judge(of_mover, 0, before, after) == Verdict(False, "No: nothing moved.")
