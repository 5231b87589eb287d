"""Loss and gradient of networks and surfaces, metrics, and what is refused."""

from math import log
from typing import Any

import numpy as np
import pytest
import reference
from measures import deviation, golden, relative_error
from problems import bowl_at_4_3, random_network

from nnsim.core.activations import NAMES
from nnsim.core.arrays import Vector
from nnsim.core.losses import LOSSES
from nnsim.core.network import Network
from nnsim.core.objective import EVALUATION_ROWS, Metric, Objective, Samples, of_network

GRADIENTS = golden("gradients")

Names = tuple[str, ...]
HIDDEN: list[Names] = [(), *((name,) * layers for layers in (1, 2, 3) for name in NAMES)]
CASES = [(network, case) for network in GRADIENTS["networks"] for case in network["cases"]]

# Central differences of a step h err by h^2 times the third derivative, and by the loss's last digit over h. With
# h = 6e-6, the cube root of the last digit, both are near 1e-10 of the gradient, and larger where it is small.
STEP = 6e-6
REACH_OF_DIFFERENCES = 1e-7


def central_differences(objective: Objective, parameters: Vector) -> Vector:
    """The gradient from losses alone."""
    units = np.eye(objective.size) * STEP
    ahead, behind = objective.losses(parameters + units), objective.losses(parameters - units)
    return (ahead - behind) / (2 * STEP)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("output", ["linear", "sigmoid", "silu"])
@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda hidden: "-".join(hidden) or "none")
def test_gradient_is_the_twins_and_that_of_central_differences(hidden: Names, output: str, loss: str) -> None:
    sizes, activations = (3, *(4, 5, 3)[: len(hidden)], 2), (*hidden, output)
    objective = random_network(sizes, activations, loss, 7)
    # From this start no relu is dead on all samples, and no activation or loss is within a step of its kink.
    parameters = np.random.default_rng(56).uniform(-1, 1, objective.size)
    value, gradient = objective.loss_and_gradient(parameters)

    inputs, targets = objective.train.inputs, objective.train.targets
    twin_value, twin_gradient = reference.loss_and_gradient(sizes, activations, loss, parameters, inputs, targets)
    assert value == pytest.approx(twin_value, rel=1e-12)
    assert relative_error(gradient, twin_gradient) <= 1e-12
    assert relative_error(gradient, central_differences(objective, parameters)) <= REACH_OF_DIFFERENCES


@pytest.mark.parametrize(("network", "case"), CASES)
def test_gradient_is_pytorchs_and_that_of_differences_with_50_digits(
    network: dict[str, Any], case: dict[str, Any]
) -> None:
    sizes, samples = (
        network["sizes"],
        Samples(np.array(GRADIENTS["inputs"]), np.array(GRADIENTS["targets"][case["loss"]])),
    )
    objective = of_network(Network(sizes, [case["activation"]] * (len(sizes) - 1)), case["loss"], samples)
    value, gradient = objective.loss_and_gradient(np.array(network["parameters"]))
    assert value == pytest.approx(case["value"], rel=1e-14)
    assert relative_error(gradient, case["pytorch"]) <= 1e-13
    assert relative_error(gradient, case["mpmath"]) <= 1e-13


def test_the_golden_gradients_are_of_every_activation_under_every_loss_in_up_to_four_layers() -> None:
    assert [len(network["sizes"]) - 1 for network in GRADIENTS["networks"]] == [1, 2, 3, 4]
    every = {(activation, loss) for activation in NAMES for loss in LOSSES}
    for network in GRADIENTS["networks"]:
        assert {(case["activation"], case["loss"]) for case in network["cases"]} == every


def test_gradient_of_a_batch_is_that_of_its_samples_alone() -> None:
    objective = random_network((3, 4, 2), ("tanh", "linear"), "cross_entropy", 9)
    parameters, batch = np.linspace(-1, 1, objective.size), np.array([7, 2, 2, 5])
    inputs, targets = objective.train.inputs[batch], objective.train.targets[batch]
    alone = of_network(Network((3, 4, 2), ("tanh", "linear")), "cross_entropy", Samples(inputs, targets))
    loss, gradient = objective.loss_and_gradient(parameters, batch)
    expected_loss, expected_gradient = alone.loss_and_gradient(parameters)
    assert loss == expected_loss
    assert gradient.tobytes() == expected_gradient.tobytes()


def test_evaluation_of_many_samples_is_that_of_all_at_once() -> None:
    count = 2 * EVALUATION_ROWS + 10
    objective = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 5, test=count)
    assert objective.test is not None
    parameters = np.linspace(-1, 1, objective.size)
    inputs, targets = objective.test.inputs, objective.test.targets
    answers = reference.predict((2, 3, 1), ("tanh", "linear"), parameters, inputs)
    assert objective.outputs(parameters, inputs).shape == (count, 1)
    assert deviation(objective.outputs(parameters, inputs), answers) <= 1e-14
    evaluation = objective.evaluate(parameters, objective.test)
    assert evaluation.loss == pytest.approx(np.mean((answers - targets) ** 2), rel=1e-13)
    assert evaluation.metric == pytest.approx(np.sqrt(np.mean((answers - targets) ** 2)), rel=1e-13)


def identity(loss: str, inputs: list[list[float]], targets: list[list[float]]) -> tuple[Objective, Vector]:
    """A network that answers its inputs, and its parameters."""
    width = len(inputs[0])
    objective = of_network(Network((width, width), ("linear",)), loss, Samples(np.array(inputs), np.array(targets)))
    return objective, np.concatenate([np.eye(width).ravel(), np.zeros(width)])


@pytest.mark.parametrize(
    ("loss", "answers", "targets", "metric", "value"),
    [
        ("squared_error", [[3.0], [5.0]], [[0.0], [1.0]], "rmse", np.sqrt((9 + 16) / 2)),
        ("half_squared_error", [[3.0], [5.0]], [[0.0], [1.0]], "rmse", np.sqrt((9 + 16) / 2)),
        ("absolute_error", [[3.0], [5.0]], [[0.0], [1.0]], "rmse", np.sqrt((9 + 16) / 2)),
        ("huber", [[3.0], [5.0]], [[0.0], [1.0]], "rmse", np.sqrt((9 + 16) / 2)),
        ("log_cosh", [[3.0], [5.0]], [[0.0], [1.0]], "rmse", np.sqrt((9 + 16) / 2)),
        ("hinge", [[0.1], [-0.1], [3.0], [-3.0]], [[1.0], [-1.0], [-1.0], [-1.0]], "accuracy", 0.75),
        # With several outputs each is an answer of its own.
        ("hinge", [[2.0, 1.0], [-1.0, 2.0]], [[1.0, 1.0], [-1.0, -1.0]], "accuracy", 0.75),
        ("binary_cross_entropy", [[0.1], [-0.1], [3.0], [-3.0]], [[1.0], [0.0], [0.0], [0.0]], "accuracy", 0.75),
        ("cross_entropy", [[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "accuracy", 0.5),
    ],
)
def test_metric_is_rmse_or_the_share_of_right_answers(
    loss: str, answers: list[list[float]], targets: list[list[float]], metric: Metric, value: float
) -> None:
    objective, parameters = identity(loss, answers, targets)
    assert objective.metric == metric
    assert objective.evaluate(parameters, objective.train).metric == pytest.approx(value, rel=1e-15)


def test_an_objective_on_some_samples_is_that_of_a_training_set_with_only_these() -> None:
    objective = random_network((3, 4, 2), ("tanh", "linear"), "cross_entropy", 9, test=4)
    parameters, some = np.linspace(-1, 1, objective.size), np.array([7, 2, 5])
    fewer = objective.on(some)
    assert (len(fewer.train), len(objective.train), fewer.test) == (3, 9, objective.test)
    loss, gradient = objective.loss_and_gradient(parameters, some)
    assert fewer.loss_and_gradient(parameters)[1].tobytes() == gradient.tobytes()
    assert fewer.losses(parameters[None])[0] == loss


def test_losses_at_many_points() -> None:
    objective = bowl_at_4_3(1, 9)
    assert objective.losses(np.array([[0.0, 0.0], [4.0, 3.0], [5.0, 3.0]])).tolist() == [48.5, 0.0, 0.5]


def test_undecided_answers_cost_log_2() -> None:
    objective = random_network((2, 3, 1), ("relu", "linear"), "binary_cross_entropy", 8)
    assert objective.evaluate(np.zeros(objective.size), objective.train).loss == pytest.approx(log(2), rel=1e-15)


def test_samples_of_any_layout_and_type_become_contiguous_floats() -> None:
    samples = Samples(np.arange(12).reshape(3, 4).T, np.zeros((4, 1), dtype=np.float32))  # type: ignore[arg-type]
    assert len(samples) == 4
    assert samples.all.tolist() == [0, 1, 2, 3]
    assert samples.inputs.tolist() == [[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, 11]]
    for array in (samples.inputs, samples.targets):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous


@pytest.mark.parametrize(("inputs", "targets"), [(3, 4), (0, 0)])
def test_samples_without_partner_or_none_at_all_are_refused(inputs: int, targets: int) -> None:
    with pytest.raises(ValueError, match=f"{inputs} inputs for {targets} targets"):
        Samples(np.zeros((inputs, 2)), np.zeros((targets, 1)))


def test_an_unknown_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="loss 'poisson': it can be squared_error, half_squared_error"):
        random_network((2, 1), ("linear",), "poisson", 3)


@pytest.mark.parametrize("delta", [0.0, -1.0, np.inf, np.nan])
def test_a_huber_loss_without_a_threshold_is_refused(delta: float) -> None:
    samples = Samples(np.zeros((2, 1)), np.zeros((2, 1)))
    with pytest.raises(ValueError, match=f"huber_delta is {delta}: it takes a finite number above 0"):
        of_network(Network((1, 1), ("linear",)), "huber", samples, huber_delta=delta)


def test_the_huber_loss_has_its_own_threshold() -> None:
    samples = Samples(np.array([[5.0]]), np.array([[0.0]]))
    objective = of_network(Network((1, 1), ("linear",)), "huber", samples, huber_delta=2.0)
    parameters = np.array([1.0, 0.0])
    assert objective.evaluate(parameters, samples).loss == 2.0 * (5.0 - 1.0)
    assert objective.losses(parameters[None]).tolist() == [8.0]
    assert objective.loss_and_gradient(parameters)[1].tolist() == [10.0, 2.0]


@pytest.mark.parametrize("wrong", ["train", "test"])
def test_samples_that_do_not_fit_the_network_are_refused(wrong: str) -> None:
    fits, other = Samples(np.zeros((2, 3)), np.zeros((2, 1))), Samples(np.zeros((2, 4)), np.zeros((2, 1)))
    train, test = (other, fits) if wrong == "train" else (fits, other)
    with pytest.raises(ValueError, match="takes 3 inputs and gives 1 outputs, but the samples have 4 and 1"):
        of_network(Network((3, 1), ("linear",)), "squared_error", train, test)


def test_answers_of_several_yes_or_no_questions_are_judged_one_by_one() -> None:
    samples = Samples(np.array([[1.0], [1.0]]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    network = Network((1, 2), ("linear",))
    objective = of_network(network, "binary_cross_entropy", samples)
    # The logits of both samples are 5 and 6: three of the four answers are right.
    assert objective.evaluate(np.array([5.0, 6.0, 0.0, 0.0]), samples).metric == 0.75
