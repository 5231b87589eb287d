"""Runs with optimizers against PyTorch's and the NumPy twin's, and the settings that are refused."""

import re
from collections.abc import Callable
from dataclasses import replace
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
from nnsim.core.optimizers import (
    OPTIMIZERS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)
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
    adam, update = isinstance(rule, Adam), reference.adam if isinstance(rule, Adam) else reference.sgd
    names = ("beta1", "beta2", "epsilon") if adam else ("momentum", "nesterov")
    return partial(update, **{name: getattr(rule, name) for name in ("learning_rate", *names)})


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


# --- what is common to all optimizers ---

# Every hyperparameter away from its default, by name, in the order in which a kernel reads the numbers.
CHANGED: dict[type[Optimizer], dict[str, Any]] = {
    SGD: {"momentum": 0.5, "dampening": 0.25, "weight_decay": 0.125},
    Adagrad: {"lr_decay": 0.5, "epsilon": 0.25, "weight_decay": 0.125},
    RMSprop: {"alpha": 0.5, "epsilon": 0.25, "weight_decay": 0.125, "momentum": 0.75, "centered": True},
    Adadelta: {"rho": 0.5, "epsilon": 0.25, "weight_decay": 0.125},
    Adam: {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25, "weight_decay": 0.125, "amsgrad": True},
    AdamW: {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25, "weight_decay": 0.125, "amsgrad": True},
    Adamax: {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25, "weight_decay": 0.125},
    NAdam: {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25, "weight_decay": 0.125, "momentum_decay": 0.0625},
    RAdam: {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25, "weight_decay": 0.125},
    Rprop: {"eta_minus": 0.25, "eta_plus": 1.5, "step_minimum": 0.125, "step_maximum": 2.0},
    Lion: {"beta1": 0.5, "beta2": 0.75, "weight_decay": 0.125},
}
every_class = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)


def test_every_optimizer_has_its_name() -> None:
    assert {make.name: make for make in CHANGED} == OPTIMIZERS
    assert OPTIMIZERS["nadam"] is NAdam


@every_class
def test_the_kernel_reads_the_numbers_in_the_order_of_the_fields(make: type[Optimizer]) -> None:
    numbers = [value for value in CHANGED[make].values() if not isinstance(value, bool)]
    assert make(0.1, **CHANGED[make]).vector.tolist() == [0.1, *numbers]


@every_class
def test_one_changed_hyperparameter_is_one_changed_number(make: type[Optimizer]) -> None:
    usual = make(0.1).vector
    for place, (name, value) in enumerate(CHANGED[make].items(), 1):
        if name != "dampening" and not isinstance(value, bool):
            assert (make(0.1, **{name: value}).vector != usual).nonzero()[0].tolist() == [place]


@every_class
def test_a_flag_chooses_the_kernel_and_so_do_the_slots(make: type[Optimizer]) -> None:
    """A run keeps its state as long as the kernel is the same, so the state's rows must be, too."""
    slots: dict[int, set[tuple[str, ...]]] = {}
    for options in (
        {},
        CHANGED[make],
        *({name: value} for name, value in CHANGED[make].items() if name != "dampening"),
    ):
        rule = make(0.1, **options)
        slots.setdefault(id(rule.kernel), set()).add(rule.slots)
    assert all(len(each) == 1 for each in slots.values())


def test_defaults_are_pytorchs_and_lions_its_papers() -> None:
    defaults = {
        "Adagrad": [0.01, 0.0, 1e-10, 0.0],
        "RMSprop": [0.01, 0.99, 1e-8, 0.0, 0.0],
        "Adadelta": [1.0, 0.9, 1e-6, 0.0],
        "Adam": [1e-3, 0.9, 0.999, 1e-8, 0.0],
        "AdamW": [1e-3, 0.9, 0.999, 1e-8, 0.01],
        "Adamax": [2e-3, 0.9, 0.999, 1e-8, 0.0],
        "NAdam": [2e-3, 0.9, 0.999, 1e-8, 0.0, 4e-3],
        "RAdam": [1e-3, 0.9, 0.999, 1e-8, 0.0],
        "Rprop": [0.01, 0.5, 1.2, 1e-6, 50.0],
        "Lion": [1e-4, 0.9, 0.99, 0.0],
    }
    made = [make() for make in OPTIMIZERS.values() if make is not SGD]
    assert {rule.label: rule.vector.tolist() for rule in made} == defaults
    assert SGD(0.1).vector.tolist() == [0.1, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (SGD(0.1), "SGD"),
        (SGD(0.1, weight_decay=1e-4), "SGD weight decay 0.0001"),
        (SGD(0.1, momentum=0.9), "SGD momentum 0.9"),
        (SGD(0.1, momentum=0.9, dampening=0.5), "SGD momentum 0.9 dampening 0.5"),
        (SGD(0.1, momentum=0.9, nesterov=True), "Nesterov 0.9"),
        (SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1), "Nesterov 0.9 weight decay 0.1"),
        (RMSprop(centered=True), "RMSprop centered"),
        (RMSprop(alpha=0.9), "RMSprop alpha 0.9"),
        (Adam(3.0), "Adam"),
        (Adam(amsgrad=True), "Adam amsgrad"),
        (AdamW(), "AdamW"),
        (AdamW(weight_decay=0.0), "AdamW weight decay 0"),
    ],
)
def test_labels_tell_what_differs_from_the_defaults(rule: Optimizer, label: str) -> None:
    assert rule.label == label
    assert rule.with_rate(0.5).label == label


@every_class
def test_the_same_rule_at_another_rate(make: type[Optimizer]) -> None:
    rule = make(0.1, **CHANGED[make])
    faster = rule.with_rate(0.5)
    assert type(faster) is make
    assert faster.learning_rate == faster.vector[0] == 0.5
    assert faster.vector[1:].tolist() == rule.vector[1:].tolist()
    assert faster.kernel is rule.kernel
    assert faster.with_rate(0.1) == rule
    with pytest.raises(ValueError, match="learning_rate is nan"):
        rule.with_rate(nan)


@every_class
def test_a_run_begins_with_fresh_state_and_keeps_it_over_a_new_rate(make: type[Optimizer]) -> None:
    objective = of_surface(bowl(np.diag([2.0, 3.0]), np.zeros(2)))
    rule = make(0.01, **CHANGED[make])
    run = Run(objective, Settings(rule, 1), np.array([1.0, -1.0]))
    assert run.state.tolist() == [[0.0, 0.0]] * len(rule.slots)
    run.advance(3)
    state = run.state.copy()
    run.change(Settings(rule.with_rate(0.02), 1))
    assert run.state.tobytes() == state.tobytes()
    assert run.step == 3


# --- what is refused ---

FRACTIONS = {"momentum", "dampening", "alpha", "rho", "beta1", "beta2"}
FROM_0 = {"learning_rate", "weight_decay", "lr_decay", "momentum_decay"}
EPSILON_0 = "epsilon is 0: a gradient of exactly 0 would give 0/0; it takes a number of at least 1e-300"


def refused(make: type[Optimizer], name: str) -> list[tuple[float, str]]:
    """Values that a hyperparameter cannot take, and what may stand there."""
    if name in FRACTIONS:
        return [(value, "of at least 0 and below 1") for value in (nan, inf, -inf, -0.1, 1.0)]
    if name in FROM_0:
        return [(value, "of at least 0") for value in (nan, inf, -inf, -0.1)]
    if name == "epsilon":
        return [(value, "of at least 0") for value in (nan, inf, -1e-8)]
    if name == "eta_minus":
        return [(value, "above 0 and below 1") for value in (nan, inf, -0.1, 0.0, 1.0)]
    low = {"eta_plus": 1.0, "step_minimum": 0.0, "step_maximum": 0.0}[name]
    return [(value, f"above {low:g}") for value in (nan, inf, -inf, low)]


@pytest.mark.parametrize(
    ("make", "name", "value", "allowed"),
    [
        (make, name, value, allowed)
        for make, changed in CHANGED.items()
        for name in ("learning_rate", *changed)
        if not isinstance(changed.get(name), bool)
        for value, allowed in refused(make, name)
    ],
)
def test_a_number_out_of_range_is_refused(make: type[Optimizer], name: str, value: float, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is ") as caught:
        replace(make(0.1, **CHANGED[make]), **{name: value})
    assert str(caught.value) == f"{name} is {value}: it takes a finite number {allowed}"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (partial(SGD, 0.1, nesterov=True), "nesterov is true with momentum 0: it needs a momentum above 0"),
        (partial(SGD, 0.1, dampening=0.5), "dampening is 0.5 with momentum 0: it needs a momentum above 0"),
        (
            partial(SGD, 0.1, momentum=0.9, nesterov=True, dampening=0.5),
            "nesterov is true with dampening 0.5: it needs a dampening of 0",
        ),
        (
            partial(Rprop, step_minimum=2.0, step_maximum=1.0),
            "step_minimum is 2.0 with step_maximum 1.0: it takes up to that",
        ),
        *((partial(make, epsilon=0.0), EPSILON_0) for make in (Adagrad, RMSprop, Adam, AdamW, Adamax, NAdam, RAdam)),
        (
            partial(Adadelta, epsilon=0.0),
            "epsilon is 0: steps grow out of it, so nothing would ever move; it takes a number of at least 1e-300",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(make: Callable[[], Optimizer], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        make()


def test_settings_on_the_edge_are_allowed() -> None:
    assert SGD(0.0).learning_rate == 0.0
    assert SGD(1e308, momentum=0.0).slots == ()
    assert Adam(beta1=0.0, beta2=0.0, epsilon=1e-300).beta1 == 0.0
    assert Rprop(step_minimum=1.0, step_maximum=1.0).step_minimum == 1.0
