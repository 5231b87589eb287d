"""Losses, called as the training loop calls them."""

from math import log, nan
from typing import Any

import numpy as np
import pytest
from measures import deviation, golden

from nnsim.core.arrays import Matrix
from nnsim.core.losses import LOSSES, mean_output

EXTREME = golden("losses")


def loss_and_delta(name: str, outputs: list[list[float]], targets: list[list[float]]) -> tuple[float, Matrix]:
    """The loss of some samples and its gradient with respect to the outputs."""
    y, t = np.array(outputs), np.array(targets)
    delta = np.full_like(y, nan)
    return LOSSES[name](y, t, np.zeros(0), delta), delta


@pytest.mark.parametrize("case", EXTREME["binary_cross_entropy"])
def test_binary_cross_entropy_of_an_extreme_logit(case: dict[str, Any]) -> None:
    loss, delta = loss_and_delta("binary_cross_entropy", [[case["logit"]]], [[case["target"]]])
    assert deviation(loss, case["loss"]) <= 1e-15
    assert deviation(delta, [[case["gradient"]]]) <= 1e-15


@pytest.mark.parametrize("case", EXTREME["cross_entropy"])
def test_cross_entropy_of_extreme_logits(case: dict[str, Any]) -> None:
    loss, delta = loss_and_delta("cross_entropy", [case["logits"]], [list(np.eye(3)[case["target"]])])
    assert deviation(loss, case["loss"]) <= 1e-15
    assert deviation(delta, [case["gradient"]]) <= 1e-15


@pytest.mark.parametrize("logit", [-37.0, -100.0, -700.0])
def test_a_tiny_binary_cross_entropy_keeps_its_digits(logit: float) -> None:
    loss, delta = loss_and_delta("binary_cross_entropy", [[logit]], [[0.0]])
    assert (loss, delta[0, 0]) == pytest.approx((np.exp(logit), np.exp(logit)), rel=1e-15, abs=0.0)


@pytest.mark.parametrize(
    ("name", "loss", "delta"),
    [
        # One sample is off by 3 and -1, the other by 2 and 0.
        ("squared_error", (9 + 1 + 4 + 0) / 2, [[3.0, -1.0], [2.0, 0.0]]),
        ("half_squared_error", (9 + 1 + 4 + 0) / 4, [[1.5, -0.5], [1.0, 0.0]]),
    ],
)
def test_squared_errors_sum_over_outputs_and_average_over_samples(
    name: str, loss: float, delta: list[list[float]]
) -> None:
    found_loss, found_delta = loss_and_delta(name, [[5.0, 1.0], [0.0, 7.0]], [[2.0, 2.0], [-2.0, 7.0]])
    assert found_loss == loss
    assert found_delta.tolist() == delta


def test_cross_entropies_sum_over_outputs_and_average_over_samples() -> None:
    zeros = [[0.0, 0.0], [0.0, 0.0]]
    loss, delta = loss_and_delta("binary_cross_entropy", zeros, [[1.0, 0.0], [1.0, 1.0]])
    assert loss == pytest.approx(2 * log(2), rel=1e-15)
    assert delta.tolist() == [[-0.25, 0.25], [-0.25, -0.25]]
    loss, delta = loss_and_delta("cross_entropy", zeros, [[1.0, 0.0], [0.0, 1.0]])
    assert loss == pytest.approx(log(2), rel=1e-15)
    assert delta.tolist() == [[-0.25, 0.25], [0.25, -0.25]]


def test_an_answer_of_75_percent_cat_costs_what_it_should() -> None:
    logits = [[log(3.0), 0.0]]
    for target, cost, delta in [([1.0, 0.0], log(4 / 3), [-0.25, 0.25]), ([0.0, 1.0], log(4), [0.75, -0.75])]:
        found_loss, found_delta = loss_and_delta("cross_entropy", logits, [target])
        assert found_loss == pytest.approx(cost, rel=1e-15)
        assert found_delta[0] == pytest.approx(delta, rel=1e-15)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_nan_survives(name: str, place: int) -> None:
    outputs = [0.5, -0.5, 1.5]
    outputs[place] = nan
    loss, delta = loss_and_delta(name, [outputs], [[1.0, 0.0, 0.0]])
    assert np.isnan(loss)
    assert np.isnan(delta[0, place])


def test_the_loss_of_a_surface_is_its_mean_output() -> None:
    delta = np.zeros((4, 1))
    assert mean_output(np.array([[1.0], [2.0], [3.0], [6.0]]), np.zeros((4, 1)), np.zeros(0), delta) == 3.0
    assert delta.tolist() == [[0.25]] * 4
