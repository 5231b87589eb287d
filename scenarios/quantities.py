"""The numbers of a run that expectations and the history name: "loss", "test_rmse", "w1", "gradient.w1", ..."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.curvature import critical_rate, sharpness
from nnsim.core.objective import Evaluation
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.reader import ScenarioError
from nnsim.scenarios.wording import found

MEASURED = ("loss", "test_loss", "rmse", "test_rmse", "accuracy", "test_accuracy")
AT_THE_END = ("sharpness", "critical_rate")


class Column(NamedTuple):
    """A quantity along a run: its values after the given updates."""

    updates: Indices
    values: Vector


def known(experiment: Experiment) -> list[str]:
    """The quantities that runs of this experiment have."""
    objective = experiment.objective
    names = ["loss", "batch_loss"]
    if objective.metric:
        names.append(objective.metric)
    if objective.test:
        names += ["test_loss", f"test_{objective.metric}"]
    names += _baselines(experiment)
    names += [f"estimate.{experiment.scenario.view.sample}"] if objective.metric == "rmse" else []
    if objective.size <= 16:
        names += [*AT_THE_END, *objective.names, *(f"gradient.{name}" for name in objective.names)]
    return names


def column(experiment: Experiment, timeline: Timeline, quantity: str) -> Column:
    """A quantity along a run so far. Raises ScenarioError for one that the run does not have."""
    objective, path = timeline.objective, timeline.path
    if quantity not in known(experiment):
        raise ScenarioError(f"{found(quantity)} is not a quantity of this scenario: it can be {_few(experiment)}.")
    if quantity in AT_THE_END or quantity in _baselines(experiment) or quantity.startswith("estimate."):
        return Column(np.array([timeline.update]), np.array([_at_the_end(experiment, timeline, quantity)]))
    if quantity == "batch_loss":
        return Column(np.arange(timeline.update), timeline.losses)
    if path is None or quantity in MEASURED[1:]:
        return _measured(experiment, timeline, quantity)
    updates = np.arange(len(path))
    if quantity == "loss":
        return Column(updates, objective.losses(path))
    if quantity.startswith("gradient."):
        place = objective.names.index(quantity.removeprefix("gradient."))
        return Column(updates, np.array([objective.loss_and_gradient(point)[1][place] for point in path]))
    return Column(updates, path[:, objective.names.index(quantity)])


def _measured(experiment: Experiment, timeline: Timeline, quantity: str) -> Column:
    """A quantity that was measured on the whole training or test set, at the start and after every epoch."""
    values = []
    for record in timeline.records:
        evaluation = record.test if quantity.startswith("test_") else record.train
        assert isinstance(evaluation, Evaluation)
        in_units = experiment.scale if quantity.endswith("rmse") else 1.0
        metric = evaluation.metric if evaluation.metric is not None else float("nan")
        values.append(evaluation.loss if quantity.endswith("loss") else metric * in_units)
    return Column(np.array([record.update for record in timeline.records]), np.array(values))


def _at_the_end(experiment: Experiment, timeline: Timeline, quantity: str) -> float:
    run, objective = timeline.run, timeline.objective
    if quantity.startswith("estimate."):
        sample = experiment.scenario.view.sample
        return float(objective.outputs(run.parameters, objective.train.inputs[sample : sample + 1])[0, 0]) * (
            experiment.scale
        )
    if quantity in _baselines(experiment):
        return _baselines(experiment)[quantity]
    curvature = sharpness(objective, run.parameters)
    if quantity == "sharpness":
        return curvature
    rate = critical_rate(curvature, run.settings.optimizer)
    return float("nan") if rate is None else rate


def _baselines(experiment: Experiment) -> dict[str, float]:
    return {f"{name.replace(' ', '_')}_rmse": rmse for name, rmse in experiment.baselines.items()}


def _few(experiment: Experiment) -> str:
    names = known(experiment)
    return ", ".join(names[:24]) + (", ..." if len(names) > 24 else "")
