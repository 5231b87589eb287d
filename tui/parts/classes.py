"""What a classifier means by its outputs: which class it answers, and how sure it is."""

from __future__ import annotations

import numpy as np

from nnsim.core import answers
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.losses import hinge
from nnsim.core.objective import Objective, Samples
from nnsim.scenarios.experiment import Experiment


def tells_classes_apart(objective: Objective) -> bool:
    """Whether every sample belongs to one class: several outputs under a cross-entropy, or one under a loss for two
    classes. Several outputs under such a loss are answers to as many questions."""
    if objective.metric != "accuracy":
        return False
    outputs = objective.train.targets.shape[1]
    return bool(outputs > 1 if objective.one_of_many else outputs == 1)


def leanings(objective: Objective, values: Matrix) -> Matrix:
    """Answers or targets (samples, n_out) as one row for each curve that it takes to draw them, shape (k, samples): for
    two classes only the second, else one for each."""
    return values[:, 1:].T if objective.one_of_many and values.shape[1] == 2 else values.T


def scores(objective: Objective, outputs: Matrix) -> Matrix:
    """What the answers to outputs (samples, n_out), as the network gives them, hang on, shape (k, samples): of two
    classes by how much the second leads, else the output for each."""
    if objective.one_of_many and outputs.shape[1] == 2:
        return outputs[None, :, 1] - outputs[None, :, 0]
    return outputs.T


def ends(objective: Objective) -> tuple[float, float]:
    """The answers that stand for a sure no and a sure yes."""
    return (-1.0, 1.0) if objective.loss is hinge else (0.0, 1.0)


def labels(objective: Objective, targets: Matrix) -> Indices:
    """The class of each target (samples, n_out), counted from 0; shape (samples,)."""
    if objective.one_of_many:
        return np.asarray(targets.argmax(axis=1))
    return (targets[:, 0] > 0.5).astype(np.intp)


def chosen(objective: Objective, outputs: Matrix) -> Indices:
    """The class that each output (samples, n_out), as the network gives it, answers, NONE where it is a tie; shape
    (samples,)."""
    return answers.answers(outputs, objective.one_of_many).reshape(len(outputs), -1)[:, 0]


def class_names(experiment: Experiment) -> tuple[str, ...]:
    """The names of the classes, or their numbers where they have none: from 1 under a cross-entropy, else the targets
    themselves."""
    objective = experiment.objective
    if objective.one_of_many:
        count = objective.train.targets.shape[1]
        return experiment.classes or tuple(f"class {k}" for k in range(1, count + 1))
    return experiment.classes or tuple(f"class {end:g}" for end in (ends(objective)))


def accuracy(objective: Objective, parameters: Vector, samples: Samples | None) -> float | None:
    """The share of right answers, None without samples."""
    return None if samples is None else objective.evaluate(parameters, samples).metric
