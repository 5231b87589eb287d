"""Losses, called as the training loop calls them."""

from math import cosh, log, nan, tanh
from typing import Any

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from measures import deviation, golden
from problems import targets_for

from nnsim.core.arrays import Matrix
from nnsim.core.losses import LOSSES, ONE_OF_MANY, mean_output

EXTREME = golden("losses")
SMALLEST = float(np.finfo(np.float64).tiny)  # that is not denormal


def loss_and_delta(
    name: str, outputs: list[list[float]], targets: list[list[float]], huber_delta: float = 1.0
) -> tuple[float, Matrix]:
    """The loss of some samples and its gradient with respect to the outputs."""
    y, t = np.array(outputs), np.array(targets)
    delta = np.full_like(y, nan)
    settings = np.array([huber_delta] if name == "huber" else [])
    return LOSSES[name](y, t, settings, delta), delta


@pytest.mark.parametrize("case", EXTREME["binary_cross_entropy"])
def test_binary_cross_entropy_of_an_extreme_logit(case: dict[str, Any]) -> None:
    loss, delta = loss_and_delta("binary_cross_entropy", [[case["logit"]]], [[case["target"]]])
    # A tiny one has its digits too.
    assert (loss, delta[0, 0]) == pytest.approx((case["loss"], case["gradient"]), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids"])
def test_losses_of_classes_keep_every_digit_at_extreme_logits(name: str) -> None:
    for case in EXTREME[name]:
        loss, delta = loss_and_delta(name, [case["logits"]], [case["targets"]])
        # Far out the last digits are those of an exponent; what is denormal has fewer and fewer.
        assert loss == pytest.approx(case["loss"], rel=1e-12, abs=SMALLEST), case
        assert delta[0] == pytest.approx(case["gradient"], rel=1e-12, abs=SMALLEST), case


@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids"])
@given(
    logits=st.lists(st.floats(-50.0, 50.0), min_size=2, max_size=6),
    weight=st.floats(0.5, 2.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_gradient_is_that_of_the_loss_whatever_the_targets_sum_to(
    name: str, logits: list[float], weight: float, seed: int
) -> None:
    targets = np.random.default_rng(seed).dirichlet(np.ones(len(logits)))
    loss, delta = loss_and_delta(name, [logits], [targets.tolist()])
    heavier, steeper = loss_and_delta(name, [logits], [(weight * targets).tolist()])
    assert heavier == pytest.approx(weight * loss, rel=1e-14)
    assert steeper == pytest.approx(weight * delta, rel=1e-12, abs=1e-15)
    if name == "cross_entropy":  # the same for logits that are all larger, so the slopes sum to 0
        assert abs(delta.sum()) <= 1e-15


def test_targets_of_thirds_written_as_decimals_have_their_minimum_at_equal_logits() -> None:
    for name in ("cross_entropy", "cross_entropy_of_sigmoids"):
        loss, delta = loss_and_delta(name, [[0.5, 0.5, 0.5]], [[0.333333, 0.333333, 0.333333]])
        assert loss == pytest.approx(0.999999 * log(3.0), rel=1e-15)
        assert delta.tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("logit", [-37.0, -100.0, -700.0])
def test_a_tiny_binary_cross_entropy_keeps_its_digits(logit: float) -> None:
    loss, delta = loss_and_delta("binary_cross_entropy", [[logit]], [[0.0]])
    assert (loss, delta[0, 0]) == pytest.approx((np.exp(logit), np.exp(logit)), rel=1e-15, abs=0.0)


@pytest.mark.parametrize(
    ("name", "y", "t", "loss", "gradient"),
    [
        ("absolute_error", 5.0, 2.0, 3.0, 1.0),
        ("absolute_error", 2.0, 5.0, 3.0, -1.0),
        ("absolute_error", 5.0, 5.0, 0.0, 0.0),
        ("huber", 2.5, 2.0, 0.125, 0.5),
        ("huber", 1.0, 2.0, 0.5, -1.0),
        ("huber", 5.0, 2.0, 2.5, 1.0),
        ("huber", 2.0, 5.0, 2.5, -1.0),
        ("log_cosh", 2.5, 2.0, log(cosh(0.5)), tanh(0.5)),
        ("log_cosh", 2.0, 5.0, log(cosh(3.0)), -tanh(3.0)),
        ("log_cosh", 1e-9, 0.0, 5e-19, 1e-9),
        ("hinge", 0.25, 1.0, 0.75, -1.0),
        ("hinge", 0.25, -1.0, 1.25, 1.0),
        ("hinge", 3.0, 1.0, 0.0, 0.0),
        ("hinge", -3.0, -1.0, 0.0, 0.0),
        # At the kink, where the answer is just right enough.
        ("hinge", 1.0, 1.0, 0.0, 0.0),
        ("hinge", -1.0, -1.0, 0.0, 0.0),
    ],
)
def test_loss_and_gradient_of_one_answer(name: str, y: float, t: float, loss: float, gradient: float) -> None:
    found_loss, delta = loss_and_delta(name, [[y]], [[t]])
    assert found_loss == pytest.approx(loss, rel=1e-15, abs=0.0)
    assert delta[0, 0] == pytest.approx(gradient, rel=1e-15, abs=0.0)


@pytest.mark.parametrize(("error", "loss", "gradient"), [(1.5, 1.125, 1.5), (-3.0, 2.0 * 2.0, -2.0)])
def test_the_huber_loss_turns_straight_at_its_threshold(error: float, loss: float, gradient: float) -> None:
    found, delta = loss_and_delta("huber", [[error]], [[0.0]], huber_delta=2.0)
    assert (found, delta[0, 0]) == (loss, gradient)


# Loss and gradient at the output z beside the target 1, and for losses of many classes at the logits [z, 0].
FAR_OUT = {
    "squared_error": lambda z: ((z - 1.0) ** 2, 2.0 * (z - 1.0)),
    "half_squared_error": lambda z: ((z - 1.0) ** 2 / 2.0, z - 1.0),
    "absolute_error": lambda z: (abs(z - 1.0), np.sign(z)),
    "huber": lambda z: (abs(z - 1.0) - 0.5, np.sign(z)),
    "log_cosh": lambda z: (abs(z - 1.0) - log(2.0), np.sign(z)),
    "hinge": lambda z: (max(0.0, 1.0 - z), -1.0 if z < 0.0 else 0.0),
    "binary_cross_entropy": lambda z: (max(0.0, -z), -1.0 if z < 0.0 else 0.0),
    "cross_entropy": lambda z: (max(0.0, -z), -1.0 if z < 0.0 else 0.0),
    "cross_entropy_of_sigmoids": lambda z: (-z - log(2.0), -1.0) if z < 0.0 else (log(1.5), 0.0),
    "log_loss_of_sigmoids": lambda z: (max(0.0, -z), -1.0 if z < 0.0 else 0.0),
}
# Its other output, at the logit 0 and for the target 0: (p - 0) (1 - 1/2), and nothing.
OTHER = {"cross_entropy_of_sigmoids": lambda z: 0.5 if z < 0.0 else 1.0 / 6.0, "log_loss_of_sigmoids": lambda z: 0.0}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("z", [-1e20, -1e3, 1e3, 1e20])
def test_extreme_outputs_have_finite_losses_and_gradients(name: str, z: float) -> None:
    classes = LOSSES[name] in ONE_OF_MANY
    loss, delta = loss_and_delta(name, [[z, 0.0] if classes else [z]], [[1.0, 0.0] if classes else [1.0]])
    assert (loss, delta[0, 0]) == pytest.approx(FAR_OUT[name](z), rel=1e-15, abs=0.0)
    if classes:
        assert delta[0, 1] == pytest.approx(OTHER[name](z) if name in OTHER else -delta[0, 0], rel=1e-15, abs=0.0)


@pytest.mark.parametrize("name", LOSSES)
@given(seed=st.integers(0, 2**32 - 1), reach=st.sampled_from([0.1, 1.0, 10.0, 100.0]))
def test_loss_and_gradient_are_the_twins(name: str, seed: int, reach: float) -> None:
    rng = np.random.default_rng(seed)
    outputs, targets = reach * rng.standard_normal((4, 3)), targets_for(name, (4, 3), rng)
    loss, delta = loss_and_delta(name, outputs.tolist(), targets.tolist())
    losses, gradient = reference.LOSSES[name](outputs, targets)
    assert deviation(loss, losses.mean()) <= 1e-14
    assert deviation(delta, gradient / 4) <= 1e-14


@pytest.mark.parametrize("name", LOSSES)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_gradient_is_that_of_central_differences(name: str, seed: int) -> None:
    rng, h = np.random.default_rng(seed), 1e-5
    outputs, targets = 2.0 * rng.standard_normal((2, 3)), targets_for(name, (2, 3), rng)
    distance = targets * outputs if name == "hinge" else np.abs(outputs - targets)
    kink = {"absolute_error": 0.0, "huber": 1.0, "hinge": 1.0}.get(name)
    if kink is not None and np.abs(distance - kink).min() < 2 * h:
        return
    _, delta = loss_and_delta(name, outputs.tolist(), targets.tolist())
    for place in np.ndindex(2, 3):
        step = np.zeros((2, 3))
        step[place] = h
        ahead, behind = (loss_and_delta(name, (outputs + s).tolist(), targets.tolist())[0] for s in (step, -step))
        assert delta[place] == pytest.approx((ahead - behind) / (2 * h), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "loss", "delta"),
    [
        # One sample is off by 3 and -1, the other by 2 and 0.
        ("squared_error", (9 + 1 + 4 + 0) / 2, [[3.0, -1.0], [2.0, 0.0]]),
        ("half_squared_error", (9 + 1 + 4 + 0) / 4, [[1.5, -0.5], [1.0, 0.0]]),
        ("absolute_error", (3 + 1 + 2 + 0) / 2, [[0.5, -0.5], [0.5, 0.0]]),
        ("huber", (2.5 + 0.5 + 1.5 + 0) / 2, [[0.5, -0.5], [0.5, 0.0]]),
    ],
)
def test_losses_of_errors_sum_over_outputs_and_average_over_samples(
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


def test_sigmoids_are_divided_by_their_sum_or_taken_as_they_are() -> None:
    logits = [[log(3.0), 0.0]]  # sigmoids of 3/4 and 1/2, so 3/5 and 2/5
    found = loss_and_delta("cross_entropy_of_sigmoids", logits, [[1.0, 0.0]])
    assert found[0] == pytest.approx(log(5 / 3), rel=1e-15)
    assert found[1][0] == pytest.approx([-0.4 * 0.25, 0.4 * 0.5], rel=1e-15)
    found = loss_and_delta("log_loss_of_sigmoids", logits, [[1.0, 0.0]])
    assert found[0] == pytest.approx(log(4 / 3), rel=1e-15)
    assert found[1][0] == pytest.approx([-0.25, 0.0], rel=1e-15)


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
