"""Update rules against PyTorch's paths and the NumPy twin, and the settings that are refused."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import reference
from measures import deviation, golden
from problems import random_network

from nnsim.core.arrays import Indices, Vector
from nnsim.core.batches import Batches, Place
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.surfaces import bowl, double_well
from nnsim.core.training import Run, Settings

TRAJECTORIES = golden("trajectories")
NETWORK = TRAJECTORIES["network"]

RULES: list[Optimizer] = [SGD(0.05), SGD(0.02, momentum=0.9), SGD(0.02, momentum=0.9, nesterov=True), Adam(0.01)]


def optimizer(options: dict[str, Any]) -> Optimizer:
    """The optimizer that a golden trajectory was made with."""
    settings = {name: value for name, value in options.items() if name != "rule"}
    return SGD(**settings) if options["rule"] == "sgd" else Adam(**settings)


def surface_path(objective: Objective, golden_run: dict[str, Any]) -> tuple[Vector, Vector]:
    """The path that a run takes, and the golden one."""
    expected = np.array(golden_run["path"])
    run = Run(objective, Settings(optimizer(golden_run["optimizer"]), 1), expected[0])
    return run.advance(len(expected) - 1).path, expected[1:]


@pytest.mark.parametrize("golden_run", TRAJECTORIES["bowl"]["runs"])
def test_path_on_a_rotated_bowl_is_pytorchs(golden_run: dict[str, Any]) -> None:
    surface = bowl(np.array(TRAJECTORIES["bowl"]["hessian"]), np.array(TRAJECTORIES["bowl"]["minimum"]))
    assert deviation(*surface_path(of_surface(surface), golden_run)) <= 1e-12


@pytest.mark.parametrize("golden_run", TRAJECTORIES["double_well"]["runs"])
def test_path_on_the_double_well_is_pytorchs(golden_run: dict[str, Any]) -> None:
    assert deviation(*surface_path(of_surface(double_well()), golden_run)) <= 1e-12


@pytest.mark.parametrize("golden_run", NETWORK["runs"])
def test_training_of_a_network_is_pytorchs(golden_run: dict[str, Any]) -> None:
    samples = Samples(np.array(NETWORK["inputs"]), np.array(NETWORK["targets"][golden_run["loss"]]))
    objective = of_network(Network(NETWORK["sizes"], NETWORK["activations"]), golden_run["loss"], samples)
    expected = np.array(golden_run["parameters"])
    settings = Settings(optimizer(golden_run["optimizer"]), len(NETWORK["batches"][0]), "fixed")
    run = Run(objective, settings, expected[0])
    found = [run.parameters.copy()]
    for _ in expected[1:]:
        run.advance(NETWORK["keep_every"])
        found.append(run.parameters.copy())
    assert deviation(found, expected) <= 1e-12


def twin_rule(rule: Optimizer) -> reference.Update:
    """The twin's update rule with the same settings."""
    options = {field.name: getattr(rule, field.name) for field in fields(rule)}
    return partial(reference.adam if isinstance(rule, Adam) else reference.sgd, **options)


def twin_path(objective: Objective, rule: Optimizer, start: Vector, batches: Batches, updates: int) -> Vector:
    """The twin's path on a network, start included, shape (updates + 1, size)."""
    network, samples = objective.network, objective.train
    assert network is not None

    def loss_and_gradient(parameters: Vector, batch: Indices) -> tuple[float, Vector]:
        inputs, targets = samples.inputs[batch], samples.targets[batch]
        return reference.loss_and_gradient(
            network.sizes, network.activations, "cross_entropy", parameters, inputs, targets
        )

    order, starts = batches.plan(Place(0, 0), updates)
    return reference.train(loss_and_gradient, start, twin_rule(rule), np.split(order, starts[1:-1]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_1000_updates_are_the_twins(rule: Optimizer) -> None:
    objective = random_network((3, 8, 5, 2), ("relu", "tanh", "linear"), "cross_entropy", 23)
    start = np.random.default_rng(1).uniform(-0.5, 0.5, objective.size)
    run = Run(objective, Settings(rule, 5), start, seed=4)
    expected = twin_path(objective, rule, start, Batches(23, 5, "shuffled", seed=4), 1000)
    found = [run.parameters.copy()]
    for _ in range(10):
        run.advance(100)
        found.append(run.parameters.copy())
    assert deviation(found, expected[::100]) <= 1e-12
    assert np.abs(expected[-1] - start).max() > 0.1


def test_the_velocity_holds_gradients_so_that_a_new_rate_applies_to_all_of_it() -> None:
    # Keras keeps the learning rate inside the velocity; the two agree only until the rate changes.
    objective = of_surface(bowl(np.eye(1), np.zeros(1)))
    run = Run(objective, Settings(SGD(0.1, momentum=0.5), 1), np.array([1.0]))
    run.advance(1)
    assert run.state.tolist() == [[1.0]]
    run.change(Settings(SGD(0.01, momentum=0.5), 1))
    run.advance(1)
    assert run.parameters[0] == pytest.approx(0.9 - 0.01 * (0.5 * 1.0 + 0.9), rel=1e-15)


def test_adams_first_update_moves_every_parameter_by_the_rate() -> None:
    objective = of_surface(bowl(np.diag([1.0, 1e4]), np.zeros(2)))
    run = Run(objective, Settings(Adam(0.01), 1), np.array([1.0, -1.0]))
    run.advance(1)
    assert run.parameters == pytest.approx([0.99, -0.99], rel=1e-9)


def test_slots_name_the_rows_of_the_state() -> None:
    assert [rule.slots for rule in RULES] == [(), ("velocity",), ("velocity",), ("m", "v")]
    objective = of_surface(bowl(np.diag([2.0, 3.0]), np.zeros(2)))
    run = Run(objective, Settings(Adam(0.01, beta1=0.5, beta2=0.75), 1), np.array([1.0, 1.0]))
    run.advance(1)
    m, v = run.state
    assert m.tolist() == [1.0, 1.5]
    assert v.tolist() == [1.0, 2.25]


def test_labels_tell_the_rules_apart() -> None:
    assert [rule.label for rule in RULES] == ["SGD", "SGD momentum 0.9", "Nesterov 0.9", "Adam"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_the_same_rule_at_another_rate(rule: Optimizer) -> None:
    faster = rule.with_rate(0.5)
    assert type(faster) is type(rule)
    assert faster.learning_rate == faster.vector[0] == 0.5
    assert faster.with_rate(rule.learning_rate) == rule
    with pytest.raises(ValueError, match="learning_rate is nan"):
        rule.with_rate(nan)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((partial(SGD, value), f"learning_rate is {value}") for value in (nan, inf, -inf, -0.1)),
        *((partial(Adam, value), f"learning_rate is {value}") for value in (nan, inf, -inf, -0.1)),
        *((partial(SGD, 0.1, momentum=value), f"momentum is {value}") for value in (nan, inf, -0.1, 1.0)),
        (partial(SGD, 0.1, nesterov=True), "nesterov is true with momentum 0"),
        *((partial(Adam, beta1=value), f"beta1 is {value}") for value in (nan, inf, -0.1, 1.0)),
        *((partial(Adam, beta2=value), f"beta2 is {value}") for value in (nan, inf, -0.1, 1.0)),
        *((partial(Adam, epsilon=value), f"epsilon is {value}") for value in (nan, inf, -1e-8)),
        (partial(Adam, epsilon=0.0), "epsilon is 0"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(make: Callable[[], Optimizer], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}"):
        make()


def test_settings_on_the_edge_are_allowed() -> None:
    assert SGD(0.0).learning_rate == 0.0
    assert SGD(1e308, momentum=0.0).slots == ()
    assert Adam(beta1=0.0, beta2=0.0, epsilon=5e-324).beta1 == 0.0
