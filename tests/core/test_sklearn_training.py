"""Whole trainings against scikit-learn's MLPRegressor and MLPClassifier: same start, same batches, 200 updates.

MLPRegressor minimises half the squared error, MLPClassifier the cross-entropy of a softmax: what is called `logistic`
there is a sigmoid here. A short last batch counts like any other in both.
"""

from typing import Any

import numpy as np
import pytest
from measures import deviation, golden

from nnsim.core.arrays import Matrix
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.training import Run, Settings

SKLEARN = golden("sklearn")
LOSSES = {"regressor": "half_squared_error", "classifier": "cross_entropy"}
RUNS = [(name, run) for name, problem in SKLEARN["problems"].items() for run in problem["runs"]]


def optimizer(options: dict[str, Any]) -> Optimizer:
    """The optimizer that a golden training was made with."""
    settings = {name: value for name, value in options.items() if name != "rule"}
    return SGD(**settings) if options["rule"] == "sgd" else Adam(**settings)


def target_rows(name: str, targets: list[Any]) -> Matrix:
    """Values as a column, classes one-hot."""
    return np.array(targets)[:, None] if name == "regressor" else np.eye(3)[targets]


def training(name: str, golden_run: dict[str, Any]) -> Run:
    """A run from scikit-learn's start, on its samples in its order."""
    problem = SKLEARN["problems"][name]
    hidden = "sigmoid" if golden_run["activation"] == "logistic" else golden_run["activation"]
    network = Network(problem["sizes"], [hidden] * (len(problem["sizes"]) - 2) + ["linear"])
    samples = Samples(np.array(problem["inputs"]), target_rows(name, problem["targets"]))
    settings = Settings(optimizer(golden_run["optimizer"]), SKLEARN["batch_size"], "fixed")
    return Run(of_network(network, LOSSES[name], samples), settings, np.array(golden_run["parameters"][0]))


def case_name(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value['activation']} {optimizer(value['optimizer']).label} {value['optimizer'].get('beta1', '')}".strip()


@pytest.mark.parametrize(("name", "golden_run"), RUNS, ids=case_name)
def test_a_whole_training_is_scikit_learns(name: str, golden_run: dict[str, Any]) -> None:
    run = training(name, golden_run)
    samples, size = len(run.objective.train), SKLEARN["batch_size"]
    shares = np.diff([*range(0, samples, size), samples]) / samples
    path, losses = [run.parameters.copy()], []
    for _ in golden_run["epoch_losses"]:
        losses.append(shares @ run.advance_epoch().losses)
        path.append(run.parameters.copy())
    assert run.update == 200
    assert deviation(losses, golden_run["epoch_losses"]) <= 1e-12
    assert deviation([path[epoch] for epoch in (0, *SKLEARN["epochs"])], golden_run["parameters"]) <= 1e-12
    assert np.abs(path[-1] - path[0]).max() > 0.05
