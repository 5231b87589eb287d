"""Central differences: what they say of a right and of a wrong gradient, and where the loss has a kink."""

from dataclasses import replace

import numpy as np
import pytest
from problems import random_network

from nnsim.core.central_difference import CentralDifference, central_difference, verdict
from nnsim.core.formula import formula_surface
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.penalties import Penalty


def along(objective: Objective, start: list[float], index: int = 0) -> tuple[CentralDifference, float]:
    """The central difference along a parameter, and the gradient."""
    here = np.array(start)
    gradient = objective.loss_and_gradient(here)[1]
    return central_difference(objective, here, objective.train.all, index), float(gradient[index])


def formula(text: str) -> Objective:
    return of_surface(formula_surface(text))


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x^2", 0.0),
        ("1e6*x^2", 0.0),
        ("1e6*x^2", 1e-9),
        ("1e6*(x-1)^2", 1.0),
        ("(x-500)^2", 500.0),
        ("x^3", 0.0),
        ("1e9*x^3", 0.0),
        ("x^4", 0.0),
        ("x*abs(x)", 0.0),
        ("cos(x)", 0.0),
        ("exp(x)", 0.0),
        ("log(1+exp(1e4*x))", 0.0),
        ("1e-12*x^2+1", 0.0),
        ("sin(1e6*x)", 0.3),
        ("1/x", 1e-5),
        ("abs(x)", 1e-4),
    ],
)
def test_a_smooth_loss_has_no_kink_and_its_gradient_agrees(text: str, x: float) -> None:
    difference, gradient = along(formula(text), [x])
    assert not difference.has_kink
    assert "agree" in verdict(gradient, difference).replace("disagree", "") or gradient == difference.slope == 0.0


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("abs(x)", 0.0),
        ("abs(x)+x", 1e-6),
        ("abs(x)+x", 2e-6),
        ("abs(x)+x", 4e-6),
        ("abs(x)+x", 5.9e-6),
        ("abs(x)+x", -3e-6),
        ("abs(x-500)", 500.001),
        ("abs(x)+1e3*x^2", 2e-6),
        ("1e-4*abs(x)+x^2", 0.0),
        ("max(x,0.1)", 0.1),
        ("min(x,x^2)", 1.0),
        ("max(x-1e-6,2*x)", -1e-6),
        ("1e-9*abs(x)", 1e-6),
    ],
)
def test_a_kink_is_found_wherever_in_the_step_it_lies(text: str, x: float) -> None:
    difference, gradient = along(formula(text), [x])
    assert difference.has_kink
    if abs(gradient - difference.slope) > 1e-3 * abs(gradient):
        assert "kink" in verdict(gradient, difference)


@pytest.mark.parametrize("text", ["abs(x)", "abs(x)+1e6", "1e-3*abs(x)+x^2", "1e-5*abs(x)+x"])
def test_a_kink_whose_sides_cancel_is_named_too(text: str) -> None:
    difference, gradient = along(formula(text), [0.0])
    assert gradient == difference.slope
    assert "kink" in verdict(gradient, difference)


TWO = Samples(np.array([[1.0], [-1.0]]), np.array([[0.5], [0.5]]))


@pytest.mark.parametrize("distance", [0.0, 1e-6, -4e-6])
@pytest.mark.parametrize(
    ("activation", "kink"),
    [("relu", 0.0), ("leaky_relu", 0.0), ("selu", 0.0), ("hard_tanh", 1.0), ("hard_tanh", -1.0)],
)
def test_the_kinks_of_activations(activation: str, kink: float, distance: float) -> None:
    objective = of_network(Network((1, 1), (activation,)), "half_squared_error", TWO)
    difference, gradient = along(objective, [kink + 0.3 + distance, -0.3], 1)
    assert difference.has_kink
    assert "kink" in verdict(gradient, difference)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "elu", "gelu", "softplus", "mish", "silu", "sine", "linear"])
def test_smooth_activations_have_none(activation: str) -> None:
    objective = of_network(Network((1, 1), (activation,)), "half_squared_error", TWO)
    for z in (0.0, 1e-6, 1.0, -1.0):
        difference, gradient = along(objective, [z + 0.3, -0.3], 1)
        assert not difference.has_kink
        assert "agree" in verdict(gradient, difference)


@pytest.mark.parametrize(("loss", "y"), [("absolute_error", 1.0), ("hinge", 1.0), ("hinge", -1.0)])
def test_the_kinks_of_losses(loss: str, y: float) -> None:
    targets = Samples(np.array([[1.0], [1.0]]), np.array([[y], [-y]]))
    objective = of_network(Network((1, 1), ("linear",)), loss, targets)
    assert along(objective, [0.0, y], 1)[0].has_kink
    assert not along(objective, [0.0, 0.25 * y], 1)[0].has_kink


def test_the_kink_of_an_l1_penalty() -> None:
    plain = of_network(Network((1, 1), ("linear",)), "half_squared_error", TWO)
    objective = replace(plain, penalty=Penalty(l1=0.1))
    assert along(objective, [0.0, 0.2])[0].has_kink
    difference, gradient = along(objective, [2e-6, 1.0])
    assert difference.has_kink
    assert "kink" in verdict(gradient, difference)
    assert not along(plain, [0.0, 1.0])[0].has_kink


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids"])
@pytest.mark.parametrize("targets", [[1.0, 0.0], [0.5, 0.5], [0.499999, 0.499999]])
@pytest.mark.parametrize("logits", [[40.0, 0.0], [0.0, 0.0], [300.0, -300.0], [40.0, 40.0], [-3.0, 2.0]])
def test_no_verdict_on_a_sure_or_an_even_answer_is_that_they_disagree(
    loss: str, targets: list[float], logits: list[float]
) -> None:
    objective = of_network(Network((1, 2), ("linear",)), loss, Samples(np.array([[1.0]]), np.array([targets])))
    for index in range(4):
        difference, gradient = along(objective, [*logits, 0.0, 0.0], index)
        assert not difference.has_kink
        assert verdict(gradient, difference) != "they disagree"


@pytest.mark.parametrize("factor", [-1.0, 0.5, 1.3, 2.0])
def test_a_wrong_gradient_is_called_wrong(factor: float) -> None:
    objective = random_network((2, 3, 2), ("tanh", "linear"), "cross_entropy", 9)
    start = np.random.default_rng(0).uniform(-0.9, 0.9, objective.size).tolist()
    for index in range(objective.size):
        difference, gradient = along(objective, start, index)
        assert verdict(factor * gradient, difference) == "they disagree"
        assert "agree to" in verdict(gradient, difference)
