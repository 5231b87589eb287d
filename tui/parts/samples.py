"""The stage of a classifier, sample by sample, and the table of what it takes for what; from a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnsim.core.answers import NONE
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.objective import Samples
from nnsim.core.probabilities import probabilities
from nnsim.tui.browsing import Leaf
from nnsim.tui.parts import classes
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import ConfusionStage, SampleStage

MOST_NUMBERS = 1 << 24
"""Samples times parameters that go through the network for a picture: some ten milliseconds."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A set of samples, or as many of its first ones as there is time for, with the classes and the answers (n,)."""

    samples: Samples
    truths: Indices
    answers: Indices


def sample(scene: Scene) -> SampleStage:
    """One sample of the test set, or of the training set, and what the network says of it."""
    experiment, objective, run = scene.experiment, scene.timeline.objective, scene.timeline.run
    answered, leaf = _browsed(scene)
    one = Samples(
        *(each[leaf.sample : leaf.sample + 1] for each in (answered.samples.inputs, answered.samples.targets))
    )
    inputs = one.inputs[0]
    low, high = classes.ends(objective)
    return SampleStage(
        leaf=leaf,
        picture=None if experiment.pictures is None else experiment.pictures.of(inputs),
        names=experiment.inputs or tuple(f"x{k}" for k in range(1, len(inputs) + 1)),
        values=inputs,
        classes=classes.class_names(experiment),
        scores=_scores(scene, one.inputs),
        low=low,
        high=high,
        truth=int(answered.truths[leaf.sample]),
        answer=int(answered.answers[leaf.sample]),
        loss=objective.evaluate(run.parameters, one).loss,
        right=int(np.count_nonzero(answered.truths == answered.answers)),
        ties=int(np.count_nonzero(answered.answers == NONE)),
        samples=len(answered.samples),
        whole=len(set_of(scene, leaf.training)),
    )


def confusion(scene: Scene) -> ConfusionStage:
    """How many samples of each class are taken for which, or for none."""
    answered, leaf = _browsed(scene)
    names = classes.class_names(scene.experiment)
    counts = np.zeros((len(names), len(names) + 1), dtype=np.int64)
    np.add.at(counts, (answered.truths, answered.answers), 1)  # NONE is the last column
    return ConfusionStage(leaf, names, counts, len(answered.samples), len(set_of(scene, leaf.training)))


def estimated(scene: Scene) -> Leaf:
    """The sample of a regression network that is asked for, or the one in the scenario's own view."""
    asked = scene.attention.browse
    training = asked.training is not False or scene.timeline.objective.test is None
    samples = set_of(scene, training)
    number = scene.experiment.scenario.view.sample if asked.sample is None else asked.sample
    return Leaf(min(number, len(samples) - 1), training, False, samples.all, scene.timeline.objective.test is not None)


def set_of(scene: Scene, training: bool) -> Samples:
    """The training set, or the test set where there is one."""
    objective = scene.timeline.objective
    return objective.train if training or objective.test is None else objective.test


def _browsed(scene: Scene) -> tuple[Answered, Leaf]:
    """The set that is asked for with its answers, and the sample in it."""
    asked, objective = scene.attention.browse, scene.timeline.objective
    training = objective.test is None or bool(asked.training)
    whole = set_of(scene, training)
    count = max(min(len(whole), MOST_NUMBERS // objective.size), 1)
    some = Samples(whole.inputs[:count], whole.targets[:count])
    answers = classes.chosen(objective, objective.outputs(scene.timeline.run.parameters, some.inputs))
    answered = Answered(some, classes.labels(objective, some.targets), answers)
    others = np.flatnonzero(answered.truths != answers) if asked.wrong_only else some.all
    number = min(scene.experiment.scenario.view.sample if asked.sample is None else asked.sample, count - 1)
    if asked.wrong_only and len(others):
        number = int(others[others.searchsorted(number) % len(others)])
    return answered, Leaf(number, training, asked.wrong_only, others, objective.test is not None)


def _scores(scene: Scene, inputs: Matrix) -> Vector:
    """What the network says for each class of one sample, shape (classes,)."""
    objective = scene.timeline.objective
    outputs = objective.outputs(scene.timeline.run.parameters, inputs)
    said: Vector = probabilities(objective, outputs)[0]
    if len(said) > 1:
        return said
    low, high = classes.ends(objective)
    return np.array([low + high - said[0], said[0]])
