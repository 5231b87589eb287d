"""What outputs answer, and that a tie answers nothing: in NumPy, and in the training loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, sampled_from
from numpy import inf, nan

from nnsim.core.answers import NONE, answers, largest
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network
from nnsim.core.optimizers import SGD
from nnsim.core.training import Run, Settings

LEVELS = [0.0, 1.0, 1.0 + 5e-10, 1.0 + 5e-9, -2.0, 1e6, 1e6 + 1e-4, 1e6 + 0.1]


def saying(outputs: list[float], loss: str, target: list[float]) -> tuple[Objective, np.ndarray]:
    """A network whose outputs are its biases, on one sample, and its parameters."""
    layer = Network((1, len(outputs)), ("linear",))
    objective = of_network(layer, loss, Samples(np.zeros((1, 1)), np.array([target])))
    return objective, np.array([0.0] * len(outputs) + outputs)


def accuracies(outputs: list[float], loss: str, target: list[float]) -> list[float | None]:
    """That of the evaluation, and that of the batch in the training loop."""
    objective, here = saying(outputs, loss, target)
    run = Run(objective, Settings(SGD(0.0), 1), here)
    run.advance(1)
    return [objective.evaluate(here, objective.train).metric, run.last_accuracy]


@pytest.mark.parametrize(
    ("outputs", "answer"),
    [
        ([0.0, 0.0, 0.0], NONE),
        ([1 / 3] * 3, NONE),
        ([0.0, 1.0, 1.0], NONE),
        ([2.0, 1.0, 1.0], 0),
        ([1.0, 1.0 + 5e-10], NONE),
        ([1.0, 1.0 + 5e-9], 1),
        ([1e-12, 2e-12], NONE),
        ([-5.0, -5.0 - 1e-10, -5.0], NONE),
        ([1e6, 1e6 + 1e-4], NONE),
        ([1e6, 1e6 + 0.1], 1),
        ([-1e6, -1e6 - 0.1, -2e6], 0),
        ([0.0, 1e300], 1),
        ([nan, 1.0, 0.0], NONE),
        ([inf, inf, 0.0], NONE),
        ([0.5], 0),
    ],
)
def test_the_largest_output_answers_unless_another_comes_as_near_as_rounding(outputs: list[float], answer: int) -> None:
    assert answers(np.array([outputs]), one_of_many=True).tolist() == [answer]
    assert largest(np.array(outputs)[:, None, None] * np.ones((1, 2, 3))).tolist() == [[answer] * 3] * 2


def test_an_output_of_its_own_says_yes_no_or_nothing() -> None:
    outputs = np.array([[1e-8, -1e-8, 0.0], [5e-10, -5e-10, nan]])
    assert answers(outputs, one_of_many=False).tolist() == [[1, 0, NONE], [NONE, NONE, NONE]]


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids"])
@pytest.mark.parametrize("target", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
def test_a_tie_is_right_for_no_class(loss: str, target: list[float]) -> None:
    assert accuracies([0.3, 0.3, 0.3], loss, target) == [0.0, 0.0]


@pytest.mark.parametrize(("loss", "no"), [("binary_cross_entropy", 0.0), ("hinge", -1.0)])
def test_an_output_of_0_is_right_for_neither_class(loss: str, no: float) -> None:
    for target in (no, 1.0):
        assert accuracies([0.0], loss, [target]) == [0.0, 0.0]
    assert accuracies([-0.5, 0.0, 0.5, 0.5], loss, [no, no, 1.0, no]) == [0.5, 0.5]


@given(lists(sampled_from(LEVELS) | floats(-10, 10), min_size=1, max_size=5), integers(0, 4))
def test_the_training_loop_counts_as_the_evaluation_does(outputs: list[float], place: int) -> None:
    target = np.eye(len(outputs))[place % len(outputs)].tolist()
    for loss in ("cross_entropy", "binary_cross_entropy"):
        in_all, in_the_loop = accuracies(outputs, loss, target)
        assert in_all == in_the_loop
