"""The targets of samples in words: a number with its unit, or a class."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.losses import binary_cross_entropy, hinge
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.text import number
from nnsim.tui.plain import plain

MOST_NUMBERS = 3


def in_words(experiment: Experiment, target: Vector) -> str:
    """The target (outputs,) of a sample, as in "500 people", "0.5, 1.2", "class 2", or the name of the class where it
    has one. As everywhere on the screen, the classes of several outputs count from 1."""
    objective, names = experiment.objective, experiment.classes
    if objective.one_of_many and np.count_nonzero(target) == 1:
        return plain(names[target.argmax()]) if names else f"class {target.argmax() + 1}"
    if len(target) == 1 and objective.loss is hinge:
        return plain(names[int(target[0] > 0.0)]) if names else f"class {target[0]:+g}"
    if len(target) == 1 and objective.loss is binary_cross_entropy and target[0] in (0.0, 1.0):
        return plain(names[int(target[0])]) if names else f"class {target[0]:g}"
    numbers = [number(value) for value in (target * experiment.scale).tolist()]
    shown = [*numbers[:MOST_NUMBERS], "…"] if len(numbers) > MOST_NUMBERS + 1 else numbers
    return f"{', '.join(shown)} {plain(experiment.unit)}".rstrip()
