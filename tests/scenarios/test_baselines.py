"""What simple predictors get, against closed forms."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_scenarios import BINARY_XOR, BOWL, CURVE, LINE, XOR, changed, ready

from nnsim.scenarios.data.baselines import Guess
from nnsim.scenarios.experiment import Experiment

TARGETS = [0.0, 1.0, 2.0, 10.0]


def guess(experiment: Experiment) -> Guess:
    assert experiment.blind_guess is not None
    return experiment.blind_guess


def numbers(folder: Path, loss: str, **overrides: Any) -> Experiment:
    """Four samples of one input, whose targets have the mean 3.25 and the median 1.5."""
    samples = {"kind": "inline", "inputs": [[1.0], [2.0], [3.0], [4.0]], "targets": [[target] for target in TARGETS]}
    return ready(folder, LINE, network__loss=loss, data=samples, **overrides)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("squared_error", np.var(TARGETS)),
        ("half_squared_error", np.var(TARGETS) / 2.0),
        ("absolute_error", (1.5 + 0.5 + 0.5 + 8.5) / 4.0),
        # At the answer 1.5 the slopes 1, 0.5, -0.5 and -1 of the four errors add up to 0.
        ("huber", (1.0 + 0.125 + 0.125 + 8.0) / 4.0),
    ],
)
def test_a_blind_guess_answers_the_mean_or_the_median(tmp_path: Path, loss: str, expected: float) -> None:
    found = guess(numbers(tmp_path, loss)).loss
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_blind_guess_of_log_cosh_has_no_slope(tmp_path: Path) -> None:
    """Between the targets -1 and 1 the slopes tanh(c + 1) + tanh(c - 1) are 0 at c = 0: the loss is log(cosh(1))."""
    data = {"kind": "inline", "inputs": [[1.0], [2.0]], "targets": [[-1.0], [1.0]]}
    found = guess(ready(tmp_path, LINE, network__loss="log_cosh", data=data))
    assert found.loss == pytest.approx(math.log(math.cosh(1.0)), rel=1e-12)


def test_several_outputs_are_summed_as_the_loss_sums_them(tmp_path: Path) -> None:
    data = {"kind": "inline", "inputs": [[1.0], [2.0]], "targets": [[0.0, 5.0], [2.0, 11.0]]}
    assert guess(ready(tmp_path, LINE, network__sizes=[1, 2], data=data)).loss == pytest.approx(1.0 + 9.0, rel=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_of_sigmoids"])
def test_a_blind_classifier_has_the_entropy_of_the_shares(tmp_path: Path, loss: str) -> None:
    assert guess(ready(tmp_path, XOR, network__loss=loss)) == (pytest.approx(math.log(2.0), rel=1e-14), "ln 2")
    targets = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    uneven = guess(ready(tmp_path, XOR, network__loss=loss, data__targets=targets))
    assert uneven == (pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75), rel=1e-14), "")


def test_a_blind_answer_to_one_question_has_its_entropy_and_to_several_the_sum(tmp_path: Path) -> None:
    assert guess(ready(tmp_path, BINARY_XOR)) == (pytest.approx(math.log(2.0), rel=1e-14), "ln 2")
    nine = {"kind": "inline", "inputs": [[float(i), 0.0] for i in range(10)], "targets": [[0.0]] * 9 + [[1.0]]}
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    experiment = ready(tmp_path, BINARY_XOR, data=nine)
    assert guess(experiment) == (pytest.approx(entropy, rel=1e-14), "")
    assert experiment.baselines == {"largest class": 0.9}
    both = [[0.0, 1.0], [1.0, 1.0], [1.0, 1.0], [0.0, 1.0]]
    two = ready(tmp_path, BINARY_XOR, network__sizes=[2, 3, 2], data__targets=both)
    assert guess(two).loss == pytest.approx(math.log(2.0), rel=1e-14)
    assert two.baselines == {"largest class": 0.75}


def test_a_blind_margin_is_right_for_the_larger_class(tmp_path: Path) -> None:
    """Of targets -1, -1, -1 and 1 the answer -1 is wrong once, by 2."""
    targets = [[-1.0], [-1.0], [-1.0], [1.0]]
    experiment = ready(tmp_path, BINARY_XOR, network__loss="hinge", data__targets=targets)
    assert guess(experiment).loss == pytest.approx(0.5, rel=1e-12)
    assert experiment.baselines == {"largest class": 0.75}


def test_neither_surfaces_nor_a_loss_without_a_lowest_guess_have_one(tmp_path: Path) -> None:
    assert ready(tmp_path, BOWL).blind_guess is None
    assert ready(tmp_path, BOWL).baselines == {}
    assert ready(tmp_path, XOR, network__loss="log_loss_of_sigmoids").blind_guess is None


def test_the_largest_class_is_that_of_the_training_set_wherever_it_is_measured(tmp_path: Path) -> None:
    three = changed(XOR, "[2, 8, 2]", "[2, 8, 3]")
    train = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert ready(tmp_path, three, data__targets=train).baselines == {"largest class": 0.5}
    tested = {"data__test_inputs": [[0.0, 0.0]] * 5, "data__test_targets": [train[0]] * 3 + [train[1], train[3]]}
    assert ready(tmp_path, three, data__targets=train, **tested).baselines == {"largest class": 0.2}


def test_least_squares_is_the_best_line_on_the_set_that_is_measured(tmp_path: Path) -> None:
    """Through (1, 0), (2, 1), (3, 2), (4, 10) goes 3.1 x - 4.5, with residuals 1.4, -0.7, -2.8 and 2.1."""
    experiment = numbers(tmp_path, "squared_error")
    squares = 1.4**2 + 0.7**2 + 2.8**2 + 2.1**2
    assert experiment.baselines["least squares"] == pytest.approx(math.sqrt(squares / 4.0), rel=1e-12)
    assert experiment.baselines["mean predictor"] == pytest.approx(np.std(TARGETS), rel=1e-12)
    assert experiment.line_loss == pytest.approx(squares / 4.0, rel=1e-12)
    scaled = ready(tmp_path, CURVE, data__test_inputs=None, data__test_targets=None)
    assert scaled.baselines["mean predictor"] == pytest.approx(100.0 * math.sqrt(2.0) / 3.0, rel=1e-12)
