"""What a scenario file becomes: objective, settings and start; a user's own file can do all that the course can."""

import dataclasses
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from own_scenarios import BINARY_XOR, BOWL, CROWD, CURVE, DOUBLE_WELL, FORMULA, HEAD, LINE, XOR, changed, ready, told
from reference import bowl, double_well, loss_and_gradient

from nnsim.core.activations import NAMES
from nnsim.core.losses import LOSSES
from nnsim.core.objective import Objective
from nnsim.core.optimizers import OPTIMIZERS, SGD, Adam, AdamW, NAdam, Optimizer, RMSprop, Rprop
from nnsim.core.training import Settings
from nnsim.scenarios import networks, schema
from nnsim.scenarios.data import crowd
from nnsim.scenarios.experiment import TAKEN, build
from nnsim.scenarios.quantities import known
from nnsim.scenarios.reader import ScenarioError, find, read
from nnsim.scenarios.runner import history_columns, run

SQUARED_ERROR = f"""{HEAD}start = [350.0]
surface = {{ kind = "squared_error", target = 500.0, unit = "people" }}
optimizer = {{ kind = "sgd", learning_rate = 0.5 }}
run = {{ updates = 1 }}
"""

HINGE_XOR = changed(BINARY_XOR, '"binary_cross_entropy"', '"hinge"').replace(
    "[[0.0], [1.0], [1.0], [0.0]]", "[[-1.0], [1.0], [1.0], [-1.0]]"
)


def loss_at(objective: Objective, *point: float) -> float:
    return float(objective.losses(np.array([point]))[0])


# --- surfaces ---


def test_a_bowl_has_the_hessian_and_minimum_of_the_file(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, surface__hessian=[[2.0, 0.5], [0.5, 3.0]], surface__minimum=[1.0, -1.0])
    expected, gradient = bowl(np.array([0.5, 2.0]), np.array([[2.0, 0.5], [0.5, 3.0]]), np.array([1.0, -1.0]))
    assert loss_at(experiment.objective, 0.5, 2.0) == pytest.approx(expected, rel=1e-14)
    assert experiment.objective.loss_and_gradient(np.array([0.5, 2.0]))[1] == pytest.approx(gradient, rel=1e-14)
    assert experiment.objective.names == ("w1", "w2")


def test_a_squared_error_has_the_target_and_unit_of_the_file(tmp_path: Path) -> None:
    experiment = ready(tmp_path, SQUARED_ERROR)
    assert loss_at(experiment.objective, 350.0) == 22500.0
    assert experiment.unit == "people"
    assert run(experiment).run.parameters == pytest.approx([500.0])


def test_a_double_well_has_its_tilts(tmp_path: Path) -> None:
    objective = ready(tmp_path, DOUBLE_WELL).objective
    tilts = objective.train.inputs
    assert tilts.shape == (16, 1)
    assert tilts.mean() == pytest.approx(0.0, abs=1e-13)
    assert np.sqrt(np.mean(tilts**2)) == pytest.approx(20.0, rel=1e-13)
    assert loss_at(objective, 4.0) == pytest.approx(double_well(np.array([4.0]))[0], rel=1e-13)
    one = np.array([5])
    assert objective.loss_and_gradient(np.array([4.0]), one)[1] == pytest.approx(18.0 + tilts[5])


def test_every_parameter_has_tilts_of_its_own_and_another_seed_other_ones(tmp_path: Path) -> None:
    first, same, other = (
        ready(tmp_path, BOWL, tilts={"count": 5, "deviation": 2.0, "seed": seed}).objective.train.inputs
        for seed in (0, 0, 1)
    )
    assert first.shape == (5, 2)
    assert np.abs(first.mean(axis=0)).max() < 1e-13
    assert np.sqrt(np.mean(first**2, axis=0)) == pytest.approx([2.0, 2.0], rel=1e-13)
    assert not np.allclose(first[:, 0], first[:, 1])
    assert first.tobytes() == same.tobytes()
    assert not np.allclose(first, other)


def test_a_formula_has_the_text_names_and_minima_of_the_file(tmp_path: Path) -> None:
    objective = ready(tmp_path, FORMULA).objective
    assert objective.names == ("x", "y")
    assert loss_at(objective, -1.2, 1.0) == pytest.approx(24.2, rel=1e-14)
    assert objective.loss_and_gradient(np.array([-1.2, 1.0]))[1] == pytest.approx([-215.6, -88.0], rel=1e-14)
    minima = [{"label": "A", "at": [1.0, 1.0]}]
    surface = ready(tmp_path, FORMULA, surface__names=["y", "x"], surface__minima=minima).objective.surface
    assert surface is not None
    assert surface.names == ("y", "x")
    assert surface.minima == (("A", (1.0, 1.0)),)


def test_a_bowl_as_a_formula_runs_as_the_bowl(tmp_path: Path) -> None:
    spec = {"kind": "formula", "text": "1/2*((w1-4)^2 + (w2-3)^2)"}
    formula, kernel = run(ready(tmp_path, BOWL, surface=spec)), run(ready(tmp_path, BOWL))
    assert formula.path is not None
    assert kernel.path is not None
    assert np.abs(formula.path - kernel.path).max() <= 1e-12
    assert run(ready(tmp_path, BOWL, surface=spec, tilts={"count": 5, "deviation": 2.0}), 60).path is not None


@pytest.mark.parametrize("name", TAKEN)
def test_a_variable_may_not_hide_what_a_run_measures(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScenarioError, match=f"surface.text has a variable {name}, but a run has a {name} of its own"):
        ready(tmp_path, changed(FORMULA, "(y-x^2)", f"({name}-x^2)"))


def test_the_names_taken_are_all_that_a_run_of_a_surface_has(tmp_path: Path) -> None:
    experiment = ready(tmp_path, FORMULA)
    own = {*experiment.objective.names, *(f"gradient.{name}" for name in experiment.objective.names)}
    assert {*known(experiment), *history_columns(experiment, experiment.timeline())} - own <= set(TAKEN)


def test_the_tops_part_the_valleys(tmp_path: Path) -> None:
    assert ready(tmp_path, DOUBLE_WELL).tops == pytest.approx([1.0], abs=1e-3)
    assert ready(tmp_path, SQUARED_ERROR).tops == []
    assert ready(tmp_path, BOWL).tops == []
    assert ready(tmp_path, FORMULA).tops == []
    wells = {
        "kind": "formula",
        "text": "(x^2-1)^2",
        "minima": [{"label": k, "at": [x]} for k, x in (("B", 1), ("A", -1))],
    }
    assert ready(tmp_path, DOUBLE_WELL, surface=wells).tops == pytest.approx([0.0], abs=1e-3)


# --- networks and their data ---


def test_inline_data_comes_in_rows_and_targets_are_scaled(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    train, test = experiment.objective.train, experiment.objective.test
    assert test is not None
    assert train.inputs.tolist() == [[-1.0], [0.0], [1.0]]
    assert train.targets.tolist() == [[1.0], [0.0], [1.0]]
    assert test.inputs.tolist() == [[-0.5], [0.5]]
    assert test.targets.tolist() == [[0.25], [0.25]]
    assert (experiment.unit, experiment.scale, experiment.pictures) == ("metres", 100.0, None)


def test_without_a_test_set_baselines_are_measured_on_the_training_set(tmp_path: Path) -> None:
    experiment = ready(tmp_path, LINE)
    assert experiment.objective.test is None
    # The targets are 3, 5 and 7: the line is exact, and the mean is off by 2, 0 and 2.
    assert experiment.baselines == {"mean predictor": pytest.approx(math.sqrt(8.0 / 3.0)), "least squares": 0.0}


def test_a_network_computes_what_the_file_says(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR)
    objective, start = experiment.objective, experiment.start(5)
    loss, gradient = loss_and_gradient(
        (2, 8, 2), ("tanh", "linear"), "cross_entropy", start, objective.train.inputs, objective.train.targets
    )
    found_loss, found_gradient = objective.loss_and_gradient(start)
    assert found_loss == pytest.approx(loss, rel=1e-13)
    assert found_gradient == pytest.approx(gradient, rel=1e-11, abs=1e-15)


def test_a_file_may_name_every_activation_and_loss_of_the_core() -> None:
    assert get_args(networks.Activation) == NAMES
    assert get_args(networks.Loss) == tuple(LOSSES)


@pytest.mark.parametrize(("overrides", "loss"), [({}, 1.5), ({"network__huber_delta": 0.5}, 0.875)])
def test_the_huber_loss_turns_straight_where_the_file_says(
    tmp_path: Path, overrides: dict[str, Any], loss: float
) -> None:
    text = changed(
        changed(LINE, '"squared_error"', '"huber"'),
        "targets = [[3.0], [5.0], [7.0]]",
        "targets = [[2.0], [2.0], [2.0]]",
    )
    assert loss_at(ready(tmp_path, text, **overrides).objective, 0.0, 0.0) == loss


def test_targets_of_the_test_set_name_a_class_too(tmp_path: Path) -> None:
    text = changed(
        changed(CURVE, '"half_squared_error"', '"binary_cross_entropy"'), "[[25.0], [25.0]]", "[[25.0], [125.0]]"
    )
    sentence = r"data\.test_targets row 2 is \[125\], \[1\.25\] when divided by target_scale: .* numbers from 0 to 1\.$"
    with pytest.raises(ScenarioError, match=sentence):
        ready(tmp_path, text)


CLASS_NUMBERS = changed(XOR, "[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]", "[[0], [1.0], [1.0], [0.0]]")
TESTED = "test_inputs = [[0.5, 0.5]]\n"
OF_CLASSES = ("cross_entropy", "cross_entropy_of_sigmoids", "log_loss_of_sigmoids")


@pytest.mark.parametrize("loss", OF_CLASSES)
def test_class_numbers_are_the_targets_of_one_output_each(tmp_path: Path, loss: str) -> None:
    numbers, one_hot = (ready(tmp_path, text, network__loss=loss) for text in (CLASS_NUMBERS, XOR))
    assert numbers.objective.train.targets.tolist() == one_hot.objective.train.targets.tolist()
    assert run(numbers).run.parameters.tobytes() == run(one_hot).run.parameters.tobytes()
    assert (numbers.classes, one_hot.classes) == (("class 0", "class 1"), ())


def test_class_numbers_of_a_test_set_stand_for_the_same_outputs(tmp_path: Path) -> None:
    text = changed(CLASS_NUMBERS, "targets =", f"{TESTED}test_targets = [[2]]\ntargets =")
    objective = ready(tmp_path, changed(text, "[2, 8, 2]", "[2, 8, 3]")).objective
    assert objective.train.targets.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert objective.test is not None
    assert objective.test.targets.tolist() == [[0, 0, 1]]


def test_bundled_data_of_two_classes_go_with_two_outputs_as_well(tmp_path: Path) -> None:
    pictures = ready(tmp_path, XOR, data={"kind": "hot_dog", "train": 5}, network__sizes=[144, 2, 2])
    assert pictures.classes == ("other", "hot dog")
    objective = ready(tmp_path, XOR, data={"kind": "moons"}).objective
    assert objective.train.targets[[0, -1]].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_other_losses_keep_numbers_as_they_are(tmp_path: Path) -> None:
    for text in (BINARY_XOR, HINGE_XOR, changed(BINARY_XOR, "binary_cross_entropy", "squared_error")):
        targets = ready(tmp_path, text).objective.train.targets
        assert targets[:, 0].tolist() == ([-1, 1, 1, -1] if text == HINGE_XOR else [0, 1, 1, 0])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "[1.0], [0.0]]",
            "[2], [0]]",
            'data.targets row 3 is [2]: the loss "cross_entropy" takes a class number, whole and from 0 to 1, or a '
            "number for each of the 2 outputs.",
        ),
        ("[1.0], [0.0]]", "[-1], [0]]", "data.targets row 3 is [-1]: the loss"),
        ("[1.0], [0.0]]", "[0.5], [0]]", "data.targets row 3 is [0.5]: the loss"),
        ("targets", f"{TESTED}test_targets = [[9]]\ntargets", "data.test_targets row 1 is [9]: the loss"),
        ("targets", "target_scale = 2\ntargets", "data.target_scale is 2 with class numbers as targets: it takes 1."),
        (
            "[2, 8, 2]",
            "[2, 8, 1]",
            'network.sizes ends with 1: the loss "cross_entropy" takes an output for each class, for the share of a '
            "single one is always 1.",
        ),
        ('"cross_entropy"', '"log_cosh"', "network.sizes ends with 2: the rows of data.targets have 1 number."),
        ("[2, 8, 2]", "[3, 8, 2]", "network.sizes begins with 3: the rows of data.inputs have 2 numbers."),
        (
            "targets",
            "test_inputs = [[0]]\ntest_targets = [[1]]\ntargets",
            "data.test_inputs has rows of 1 number: the network takes 2.",
        ),
    ],
)
def test_targets_that_are_no_class_numbers_are_told_with_their_row(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        ready(tmp_path, changed(CLASS_NUMBERS, old, new))
    line, found = told(caught.value, tmp_path / "own.scenario.toml")
    assert found.startswith(sentence)
    assert (
        (tmp_path / "own.scenario.toml")
        .read_text()
        .splitlines()[(line or 0) - 1]
        .startswith(sentence.split()[0].split(".")[1].rstrip(":"))
    )


def test_bundled_targets_that_a_loss_does_not_take_are_told(tmp_path: Path) -> None:
    sentence = r"network.loss is \"hinge\" and a target of the training set is \[0\]: it takes -1 or 1\.$"
    with pytest.raises(ScenarioError, match=sentence):
        ready(tmp_path, BINARY_XOR, data={"kind": "moons"}, network__loss="hinge")
    with pytest.raises(ScenarioError, match=r"network.sizes ends with 2: the targets of these data have 3 numbers\.$"):
        ready(tmp_path, XOR, data={"kind": "iris"}, network__sizes=[4, 8, 2])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("[[1.0], [2.0], [3.0, 4.0]]", "data.inputs row 3 has 2 numbers: the others have 1."),
        ("[[1.0, 2.0], [2.0], [3.0, 4.0]]", "data.inputs row 2 has 1 number: the others have 2."),
        ("[[1.0, 2.0], [2.0], [3.0, 4.0, 5.0]]", "data.inputs row 2 has 1 number: row 1 has 2."),
        ("[[1.0], [2.0], 3.0]", "data.inputs row 3 is 3.0: it takes a list of 1 or more numbers."),
        ("[[1.0], [2.0], []]", "data.inputs row 3 is an empty list: it takes a list of 1 or more numbers."),
        ('[[1.0], [2.0], ["3"]]', 'data.inputs row 3, number 1 is "3": it takes a number.'),
        ("[[1.0], [2.0], [inf]]", "data.inputs row 3, number 1 is inf: it takes a finite number."),
    ],
)
def test_a_row_that_does_not_fit_is_told_with_its_number_and_line(tmp_path: Path, rows: str, sentence: str) -> None:
    spread = rows.replace("[[", "[\n[").replace("], ", "],\n")
    with pytest.raises(ScenarioError) as caught:
        ready(tmp_path, changed(LINE, "[[1.0], [2.0], [3.0]]", spread))
    line, found = told(caught.value, tmp_path / "own.scenario.toml")
    assert found == sentence
    row = int(sentence.split("row ")[1][0])
    assert line == LINE[: LINE.index("inputs =")].count("\n") + 1 + row


def test_the_crowd_pictures_come_with_the_program(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CROWD, data__target_scale=500.0)
    data = crowd.load()
    assert experiment.objective.test is not None
    assert experiment.objective.train.inputs.tobytes() == data.train_images.tobytes()
    assert (experiment.objective.test.targets[:, 0] * 500.0).tolist() == pytest.approx(data.test_counts.tolist())
    assert (experiment.unit, experiment.scale) == ("people", 500.0)
    assert experiment.pictures is not None
    assert experiment.pictures.shape == (8, 8)
    assert experiment.baselines["mean predictor"] == pytest.approx(287.2, abs=0.05)
    assert experiment.baselines["least squares"] == pytest.approx(87.5, abs=0.05)


def test_baselines_are_measured_on_the_test_set_in_the_unit_of_the_file(tmp_path: Path) -> None:
    baselines = ready(tmp_path, CURVE).baselines
    mean = 200.0 / 3.0
    assert baselines["mean predictor"] == pytest.approx(mean - 25.0)
    assert baselines["least squares"] == pytest.approx(mean - 25.0)  # the best line through the three points is level


# --- where a run starts ---


@pytest.mark.parametrize(
    ("spec", "spread"),
    [
        ({"kind": "zeros"}, (0.0, 0.0)),
        ({"kind": "constant", "value": 0.25}, (0.25, 0.25)),
        ({"kind": "uniform", "low": -3.0, "high": -2.0}, (-3.0, -2.0)),
        ({"kind": "normal", "deviation": 0.0, "mean": 7.0}, (7.0, 7.0)),
        ({"kind": "glorot_uniform"}, (-np.sqrt(6 / 62), np.sqrt(6 / 62))),
        ({"kind": "he_uniform"}, (-np.sqrt(6 / 2), np.sqrt(6 / 2))),
    ],
)
def test_initializers_with_bounds_stay_inside_of_them(
    tmp_path: Path, spec: dict[str, Any], spread: tuple[float, float]
) -> None:
    start = wide_start(tmp_path, spec)
    low, high = spread
    assert start.min() >= low
    assert start.max() <= high
    assert start.max() - start.min() >= 0.9 * (high - low)


@pytest.mark.parametrize(
    ("spec", "mean", "deviation"),
    [
        ({"kind": "normal", "deviation": 0.5, "mean": 2.0}, 2.0, 0.5),
        ({"kind": "glorot_normal"}, 0.0, np.sqrt(2 / 62)),
        ({"kind": "he_normal"}, 0.0, np.sqrt(2 / 2)),
    ],
)
def test_normal_initializers_have_their_spread(
    tmp_path: Path, spec: dict[str, Any], mean: float, deviation: float
) -> None:
    start = wide_start(tmp_path, spec)
    assert start.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(start.size))
    assert start.std() == pytest.approx(deviation, rel=4 / np.sqrt(2 * start.size))


def wide_start(folder: Path, spec: dict[str, Any]) -> Any:
    """The first layer's weights, 2 x 60, of a network that begins like this."""
    text = changed(XOR, "[2, 8, 2]", "[2, 60, 2]")
    experiment = ready(folder, text, network__weights=spec)
    network = experiment.objective.network
    assert network is not None
    return network.weights(experiment.start(0), 0)


def test_biases_have_an_initializer_of_their_own(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR, network__biases={"kind": "constant", "value": 0.5})
    network, start = experiment.objective.network, experiment.start(0)
    assert network is not None
    assert (network.biases(start, 0) == 0.5).all()
    assert (network.weights(start, 0) != 0.5).all()


def test_a_start_of_given_values_holds_for_every_seed(tmp_path: Path) -> None:
    line = ready(tmp_path, LINE, start=[2.0, 1.0])
    assert line.start(0).tolist() == line.start(1).tolist() == [2.0, 1.0]
    assert ready(tmp_path, BOWL).start(7).tolist() == [0.0, 0.0]


def test_a_random_start_follows_the_seed_of_the_run(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR, run__seed=3)
    assert experiment.timeline().run.parameters.tolist() == experiment.start(3).tolist()
    assert experiment.timeline(4).run.parameters.tolist() == experiment.start(4).tolist()
    assert experiment.start(3).tolist() != experiment.start(4).tolist()


# --- how it is trained ---


@pytest.mark.parametrize(
    ("spec", "optimizer"),
    [
        ({"kind": "sgd", "learning_rate": 0.3}, SGD(0.3)),
        ({"kind": "sgd", "learning_rate": 0.3, "momentum": 0.9, "nesterov": True}, SGD(0.3, 0.9, True)),
        ({"kind": "adam"}, Adam(1e-3, 0.9, 0.999, 1e-8)),
        (
            {"kind": "adam", "learning_rate": 0.1, "beta1": 0.5, "beta2": 0.8, "epsilon": 0.1},
            Adam(0.1, 0.5, 0.8, 0.1),
        ),
        (
            {"kind": "sgd", "learning_rate": 0.3, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1},
            SGD(0.3, momentum=0.9, dampening=0.5, weight_decay=0.1),
        ),
        ({"kind": "adam", "amsgrad": True}, Adam(amsgrad=True)),
        ({"kind": "adamw", "weight_decay": 0.1}, AdamW(weight_decay=0.1)),
        (
            {"kind": "rmsprop", "alpha": 0.9, "momentum": 0.5, "centered": True},
            RMSprop(alpha=0.9, momentum=0.5, centered=True),
        ),
        ({"kind": "nadam", "momentum_decay": 0.1}, NAdam(momentum_decay=0.1)),
        (
            {"kind": "rprop", "eta_minus": 0.6, "eta_plus": 1.3, "step_minimum": 0.1, "step_maximum": 1},
            Rprop(eta_minus=0.6, eta_plus=1.3, step_minimum=0.1, step_maximum=1.0),
        ),
    ],
)
def test_the_optimizer_is_the_one_of_the_file(tmp_path: Path, spec: dict[str, Any], optimizer: Optimizer) -> None:
    assert ready(tmp_path, BOWL, optimizer=spec).settings.optimizer == optimizer


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_has_the_keys_and_defaults_of_the_core(tmp_path: Path, kind: str) -> None:
    optimizer = ready(tmp_path, BOWL, optimizer={"kind": kind, "learning_rate": 0.25}).settings.optimizer
    assert optimizer == OPTIMIZERS[kind](0.25)
    (struct,) = (each for each in get_args(schema.Optimizer) if each.__struct_config__.tag == kind)
    assert struct.__struct_fields__ == tuple(field.name for field in dataclasses.fields(optimizer))


@pytest.mark.parametrize("kind", [kind for kind in OPTIMIZERS if kind != "sgd"])
def test_every_optimizer_but_gradient_descent_has_a_usual_learning_rate(tmp_path: Path, kind: str) -> None:
    assert ready(tmp_path, BOWL, optimizer={"kind": kind}).settings.optimizer == OPTIMIZERS[kind]()


@pytest.mark.parametrize(
    ("batches", "settings", "per_epoch"),
    [
        ({}, (16, "shuffled"), 1),
        ({"size": "full", "order": "fixed"}, (16, "fixed"), 1),
        ({"size": 5, "order": "with_replacement"}, (5, "with_replacement"), 4),
        ({"size": 1}, (1, "shuffled"), 16),
    ],
)
def test_batches_are_those_of_the_file(
    tmp_path: Path, batches: dict[str, Any], settings: tuple[int, Any], per_epoch: int
) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL, batches=batches)
    assert experiment.settings == Settings(SGD(0.01), *settings)
    assert experiment.updates_per_epoch == per_epoch
    assert experiment.updates == 10 * per_epoch


# --- a user's own file can do all that the course's files can ---


@pytest.mark.parametrize(
    ("text", "outputs"), [(XOR, 2), (BINARY_XOR, 1), (HINGE_XOR, 1)], ids=["cross_entropy", "binary", "hinge"]
)
def test_a_file_of_ones_own_teaches_a_network_xor(tmp_path: Path, text: str, outputs: int) -> None:
    experiment = ready(tmp_path, text)
    timeline = run(experiment)
    answers = experiment.objective.outputs(timeline.run.parameters, experiment.objective.train.inputs)
    assert answers.shape == (4, outputs)
    said = answers.argmax(axis=1) if outputs == 2 else answers[:, 0] > 0
    assert said.tolist() == [0, 1, 1, 0]
    assert experiment.objective.evaluate(timeline.run.parameters, experiment.objective.train).metric == 1.0


def test_a_file_of_ones_own_fits_a_line(tmp_path: Path) -> None:
    assert run(ready(tmp_path, LINE)).run.parameters == pytest.approx([2.0, 1.0], abs=0.02)


def test_a_file_of_ones_own_runs_a_bowl_a_double_well_and_the_crowd(tmp_path: Path) -> None:
    assert run(ready(tmp_path, BOWL), 60).run.parameters == pytest.approx([4.0, 3.0], abs=1e-9)
    well = run(ready(tmp_path, DOUBLE_WELL))
    assert (well.update, well.run.seed) == (40, 2)
    assert well.path is not None
    assert well.path[0, 0] == 4.0
    experiment = ready(tmp_path, CROWD)
    records = run(experiment).records
    assert [record.update for record in records] == [0, 20]
    assert records[1].train.loss < records[0].train.loss


def test_the_end_of_a_run_counted_in_epochs_follows_its_batches() -> None:
    path = find("two-minima")
    experiment = build(read(path), str(path))
    timeline = experiment.timeline()
    assert experiment.end(timeline.run) == 100
    timeline.advance(10)
    timeline.change(replace(timeline.run.settings, batch_size=4))
    assert experiment.end(timeline.run) == 10 + 90 * 64
    timeline.advance(1)
    assert experiment.end(timeline.run) == 10 + 90 * 64
    timeline.advance(90 * 64 + 5)
    assert experiment.end(timeline.run) == timeline.update
