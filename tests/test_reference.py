"""The NumPy twin itself, against PyTorch's paths and gradients and against losses computed with 60 digits."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import reference
from measures import deviation, golden, relative_error

GRADIENTS = golden("gradients")
TRAJECTORIES = golden("trajectories")
LOSSES = golden("losses")
NETWORK = TRAJECTORIES["network"]
NO_SAMPLES = np.empty(0, dtype=np.intp)


def update_rule(optimizer: dict[str, Any]) -> reference.Update:
    """The twin's rule with the settings of a golden trajectory."""
    options = {name: value for name, value in optimizer.items() if name != "rule"}
    return partial(getattr(reference, optimizer["rule"]), **options)


@pytest.mark.parametrize("run", TRAJECTORIES["bowl"]["runs"])
def test_path_on_a_bowl_is_pytorchs(run: dict[str, Any]) -> None:
    hessian, minimum = np.array(TRAJECTORIES["bowl"]["hessian"]), np.array(TRAJECTORIES["bowl"]["minimum"])
    expected = np.array(run["path"])
    found = reference.train(
        lambda w, _: reference.bowl(w, hessian, minimum),
        expected[0],
        update_rule(run["optimizer"]),
        [NO_SAMPLES] * (len(expected) - 1),
    )
    assert deviation(found, expected) <= 1e-12


@pytest.mark.parametrize("run", TRAJECTORIES["double_well"]["runs"])
def test_path_on_the_double_well_is_pytorchs(run: dict[str, Any]) -> None:
    expected = np.array(run["path"])
    found = reference.train(
        lambda w, _: reference.double_well(w),
        expected[0],
        update_rule(run["optimizer"]),
        [NO_SAMPLES] * (len(expected) - 1),
    )
    assert deviation(found, expected) <= 1e-12


@pytest.mark.parametrize("run", NETWORK["runs"])
def test_training_of_a_network_is_pytorchs(run: dict[str, Any]) -> None:
    inputs, targets = np.array(NETWORK["inputs"]), np.array(NETWORK["targets"][run["loss"]])
    expected, every = np.array(run["parameters"]), NETWORK["keep_every"]
    batches = [np.array(batch) for batch in NETWORK["batches"]]

    def objective(parameters: reference.Array, batch: reference.Batch) -> tuple[float, reference.Array]:
        return reference.loss_and_gradient(
            NETWORK["sizes"], NETWORK["activations"], run["loss"], parameters, inputs[batch], targets[batch]
        )

    updates = every * (len(expected) - 1)
    schedule = [batches[update % len(batches)] for update in range(updates)]
    path = reference.train(objective, expected[0], update_rule(run["optimizer"]), schedule)
    assert deviation(path[::every], expected) <= 1e-12


@pytest.mark.parametrize(
    ("network", "case"), [(each, case) for each in GRADIENTS["networks"] for case in each["cases"]]
)
def test_gradient_is_pytorchs_and_that_of_differences_with_50_digits(
    network: dict[str, Any], case: dict[str, Any]
) -> None:
    value, gradient = reference.loss_and_gradient(
        network["sizes"],
        [case["activation"]] * (len(network["sizes"]) - 1),
        case["loss"],
        np.array(network["parameters"]),
        np.array(GRADIENTS["inputs"]),
        np.array(GRADIENTS["targets"][case["loss"]]),
    )
    assert value == pytest.approx(case["value"], rel=1e-14)
    assert relative_error(gradient, case["pytorch"]) <= 1e-13
    assert relative_error(gradient, case["mpmath"]) <= 1e-13


@pytest.mark.parametrize("case", LOSSES["binary_cross_entropy"])
def test_binary_cross_entropy_of_an_extreme_logit(case: dict[str, Any]) -> None:
    with np.errstate(all="raise", under="ignore"):
        loss, gradient = reference.binary_cross_entropy(np.array([[case["logit"]]]), np.array([[case["target"]]]))
    assert deviation(loss, [case["loss"]]) <= 1e-15
    assert deviation(gradient, [[case["gradient"]]]) <= 1e-15


@pytest.mark.parametrize("case", LOSSES["cross_entropy"])
def test_cross_entropy_of_extreme_logits(case: dict[str, Any]) -> None:
    with np.errstate(all="raise", under="ignore"):
        loss, gradient = reference.cross_entropy(np.array([case["logits"]]), np.array([case["targets"]]))
    assert deviation(loss, [case["loss"]]) <= 1e-15
    assert deviation(gradient, [case["gradient"]]) <= 1e-15
