"""The numbers of a run that expectations and the history name: "loss", "test_rmse", "w1", "gradient.w1", ..."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsim.core import gradient_noise
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.batches import Batches
from nnsim.core.curvature import critical_rate, felt_sharpness, sharpness
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS, Run
from nnsim.core.units import can_die, dead_units
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.suggestions import meant
from nnsim.scenarios.text import found

OF_A_BATCH = ("batch_loss", "batch_accuracy")
OF_UPDATES = (*OF_A_BATCH, "learning_rate")
OF_SAMPLES = ("gradient_spread", "noise_scale")
OF_BATCHES = ("noise_ratio", "gradient_cosine")
OF_THE_GRADIENT = ("gradient_norm", *OF_SAMPLES, *OF_BATCHES)
OF_A_LAYER = "weight_gradient."
OF_THE_CURVATURE = ("sharpness", "critical_rate", "preconditioned_sharpness")
AT_THE_END = ("penalty", "dead_share", "unit_range", *OF_THE_CURVATURE, *OF_THE_GRADIENT)


class Column(NamedTuple):
    """A quantity along a run: its values after the given updates; shapes (values,)."""

    updates: Indices
    values: Vector

    def upto(self, update: float) -> Column:
        """What there is up to an update."""
        count = int(np.searchsorted(self.updates, update, side="right"))
        return Column(self.updates[:count], self.values[:count])


class Course(NamedTuple):
    """What a run has been through: updates from 0 on, shape (known,), the loss of the batch after each of them but the
    last, its accuracy where the objective has one, shape (known - 1, 1), else (known - 1, 0), the learning rate of the
    next update, and, for up to 16 parameters, the parameters after each, shape (known, size)."""

    updates: Indices
    losses: Vector
    accuracies: Matrix
    rates: Vector
    path: Matrix | None

    def tail(self, updates: int) -> Course:
        """Only the last so many updates, and what was before them."""
        path = None if self.path is None else self.path[-updates - 1 :]
        losses, accuracies, rates = self.losses[-updates:], self.accuracies[-updates:], self.rates[-updates:]
        return Course(self.updates[-updates - 1 :], losses, accuracies, rates, path)


def known(experiment: Experiment) -> list[str]:
    """The quantities that runs of this experiment have."""
    objective = experiment.objective
    names = ["loss", "batch_loss", "learning_rate"]
    if objective.penalty:
        names.append("penalty")
    if objective.metric:
        names.append(objective.metric)
    if objective.metric == "accuracy":
        names.append("batch_accuracy")
    if objective.test:
        names += ["test_loss", f"test_{objective.metric}"]
    names += baselines(experiment)
    names += [f"estimate.{experiment.scenario.view.sample}"] if objective.metric == "rmse" else []
    names += ["sharpness", "critical_rate"]
    names += ["preconditioned_sharpness"] * experiment.settings.optimizer.divides
    names += ["gradient_norm"]
    names += _of_layers(experiment)
    names += OF_SAMPLES if len(objective.train) > 1 else ()
    names += () if _sees_all(experiment) else OF_BATCHES
    if objective.size <= PATH_PARAMETERS:
        names += [*objective.names, *(f"gradient.{name}" for name in objective.names)]
    return names


def column(experiment: Experiment, timeline: Timeline, quantity: str) -> Column:
    """A quantity along a run so far. Raises ValueError for one that the run does not have."""
    check_known(experiment, quantity)
    if known_along(experiment, quantity):
        return along(experiment, _course(timeline), quantity)
    if known_here(experiment, quantity):
        return Column(np.array([timeline.update]), np.array([_costly(experiment, timeline.run, quantity)]))
    return _measured(experiment, timeline, quantity)


def known_along(experiment: Experiment, quantity: str) -> bool:
    """Whether a quantity is known after every update of a run, from its course alone."""
    objective = experiment.objective
    if quantity in OF_UPDATES:
        return True
    of_path = quantity in ("loss", objective.metric, *objective.names) or quantity.startswith("gradient.")
    return of_path and objective.size <= PATH_PARAMETERS


def known_here(experiment: Experiment, quantity: str) -> bool:
    """Whether a quantity is told only of where a run stands: most of them take long."""
    return quantity in AT_THE_END or quantity in baselines(experiment) or quantity.startswith(("estimate.", OF_A_LAYER))


def along(experiment: Experiment, course: Course, quantity: str) -> Column:
    """A quantity along the course of a run; one that is `known_along`."""
    objective, (updates, losses, accuracies, rates, path) = experiment.objective, course
    if quantity in OF_UPDATES:
        values = {"batch_loss": losses, "learning_rate": rates}
        return Column(updates[: len(losses)] + 1, values[quantity] if quantity in values else accuracies[:, 0])
    assert path is not None
    if quantity == "loss":
        return Column(updates, objective.losses(path))
    if quantity == objective.metric:
        evaluations = [objective.evaluate(point, objective.train) for point in path]
        return Column(updates, np.array([experiment.value_of(quantity, evaluation) for evaluation in evaluations]))
    if quantity.startswith("gradient."):
        place = objective.names.index(quantity.removeprefix("gradient."))
        return Column(updates, np.array([objective.loss_and_gradient(point)[1][place] for point in path]))
    return Column(updates, path[:, objective.names.index(quantity)])


def ending(experiment: Experiment, run: Run, quantity: str) -> float | None:
    """A quantity where a run stands, which takes nothing of its past; None for what only updates have, before the
    first one. Raises ValueError for one that the run does not have."""
    objective, parameters = run.objective, run.parameters
    check_known(experiment, quantity)
    of_updates = {"batch_loss": run.last_loss, "batch_accuracy": run.last_accuracy, "learning_rate": run.learning_rate}
    if quantity in of_updates:
        return of_updates[quantity] if run.update else None
    if quantity in objective.names:
        return float(parameters[objective.names.index(quantity)])
    if quantity.startswith("gradient."):
        place = objective.names.index(quantity.removeprefix("gradient."))
        return float(objective.loss_and_gradient(parameters)[1][place])
    if quantity == "loss" and objective.size <= PATH_PARAMETERS:
        return float(objective.losses(parameters[None])[0])
    if quantity in ("loss", objective.metric):
        return experiment.value_of(quantity, objective.evaluate(parameters, objective.train))
    if quantity in ("test_loss", f"test_{objective.metric}") and objective.test is not None:
        return experiment.value_of(quantity, objective.evaluate(parameters, objective.test))
    return _costly(experiment, run, quantity)


def check_known(experiment: Experiment, quantity: str) -> None:
    """Raise ValueError for a quantity that runs of this experiment do not have."""
    if quantity not in known(experiment):
        question = meant(quantity, known(experiment))
        raise ValueError(
            f"{found(quantity)} is not a quantity of this scenario: it can be {_few(experiment)}{question}"
        )


def _course(timeline: Timeline) -> Course:
    """What is known of every update of a timeline."""
    changes = timeline.rates
    updates = timeline.updates[: len(timeline.losses)] + 1
    rates = changes[np.searchsorted(changes[:, 0], updates, side="right") - 1, 1]
    return Course(timeline.updates, timeline.losses, timeline.accuracies, rates, timeline.path)


def _measured(experiment: Experiment, timeline: Timeline, quantity: str) -> Column:
    """A quantity measured on the whole training or test set: at the start, after every epoch, and now."""
    records = timeline.records
    if records[-1].update < timeline.update:
        records = [*records, timeline.measure()]
    on_test = quantity.startswith("test_")
    values = [experiment.value_of(quantity, record.test if on_test else record.train) for record in records]
    return Column(np.array([record.update for record in records]), np.array(values))


def _costly(experiment: Experiment, run: Run, quantity: str) -> float:
    """A quantity that takes too long to be computed anywhere but where a run stands."""
    objective = run.objective
    if quantity.startswith("estimate."):
        sample = experiment.scenario.view.sample
        return float(objective.outputs(run.parameters, objective.train.inputs[sample : sample + 1])[0, 0]) * (
            experiment.scale
        )
    if quantity in baselines(experiment):
        return baselines(experiment)[quantity]
    if quantity == "penalty":
        return objective.penalty_at(run.parameters)[0]
    if quantity in OF_THE_GRADIENT:
        return _of_the_gradient(run, quantity)
    if quantity.startswith(OF_A_LAYER):
        return _of_a_layer(run, int(quantity.removeprefix(OF_A_LAYER)))
    if quantity == "dead_share":
        layers = dead_units(objective, run.parameters)
        return sum(layer.dead for layer in layers) / sum(layer.units for layer in layers)
    if quantity == "unit_range":
        return _unit_range(run)
    return _of_the_curvature(run, quantity)


def _of_the_curvature(run: Run, quantity: str) -> float:
    """What the Hessian's largest eigenvalue tells; before the first update of an optimizer that divides its steps
    there is nothing that it divides by."""
    objective, optimizer = run.objective, run.settings.optimizer
    if quantity == "sharpness":
        return sharpness(objective, run.parameters)
    felt = felt_sharpness(objective, run.parameters, optimizer, run.state, run.step)
    if quantity == "preconditioned_sharpness":
        return felt
    rate = critical_rate(felt, optimizer)
    return float("nan") if rate is None else rate


def _of_the_gradient(run: Run, quantity: str) -> float:
    """What the gradient of the whole training set is, and how far that of a batch of the present size is from it."""
    objective = run.objective
    length = float(np.linalg.norm(objective.loss_and_gradient(run.parameters)[1]))
    if quantity == "gradient_norm":
        return length
    if quantity == "gradient_cosine":
        return gradient_noise.measured(objective, run.parameters, run.batches).cosine
    spread = gradient_noise.spread(objective, run.parameters)
    if quantity == "gradient_spread":
        return spread
    if quantity == "noise_scale":
        return spread / length**2 if length else float("nan")
    expected = gradient_noise.expected(spread, run.batches, run.batches.size)
    measured = gradient_noise.measured(objective, run.parameters, run.batches).squared
    return measured / expected if expected else float("nan")


def _of_a_layer(run: Run, number: int) -> float:
    """The Euclidean norm of the gradient of the weights of a layer, from 1, on the whole training set."""
    objective = run.objective
    assert objective.network is not None
    layer = objective.network.layers[number - 1]
    gradient = objective.loss_and_gradient(run.parameters)[1]
    return float(np.linalg.norm(gradient[layer.weights : layer.biases]))


def _unit_range(run: Run) -> float:
    """By how much the units of the first layer differ at most, in any of their weights or in their biases: 0 where
    all are copies of each other."""
    network, parameters = run.objective.network, run.parameters
    assert network is not None
    layer = network.layers[0]
    incoming = parameters[layer.weights : layer.end].reshape(-1, layer.n_out)
    return float(np.ptp(incoming, axis=1).max())


def _of_layers(experiment: Experiment) -> list[str]:
    """The quantities that belong to the layers of a network."""
    network = experiment.objective.network
    if network is None:
        return []
    names = [f"{OF_A_LAYER}{number}" for number in range(1, len(network.layers) + 1)]
    names += ["unit_range"] * (network.layers[0].n_out > 1)
    return names + ["dead_share"] * any(map(can_die, network.activations))


def _sees_all(experiment: Experiment) -> bool:
    """Whether every batch is the whole training set, so that no gradient has noise."""
    settings = experiment.settings
    return Batches(len(experiment.objective.train), settings.batch_size, settings.order, 0).full


def baselines(experiment: Experiment) -> dict[str, float]:
    """What simple predictors get, by the names of the quantities: an RMSE is in the scenario's unit."""
    guess, metric = experiment.blind_guess, experiment.objective.metric
    found = {} if guess is None else {"blind_guess_loss": guess.loss}
    return found | {f"{name.replace(' ', '_')}_{metric}": value for name, value in experiment.baselines.items()}


def _few(experiment: Experiment) -> str:
    names = known(experiment)
    return ", ".join(names[:24]) + (", ..." if len(names) > 24 else "")
