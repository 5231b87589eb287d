"""nnsim, through what it offers to everybody."""

from __future__ import annotations

from benchmarks.works import BETA1, BETA2, EPSILON, Array, Descent, Training, flat
from nnsim.core import optimizers
from nnsim.core.ensemble import descend
from nnsim.core.named_surfaces import NAMED
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run, Settings


class OneRun:
    """`Run`: the loss of every update, and the gradient and parameters before the last one."""

    def __init__(self, work: Training) -> None:
        self.updates = work.updates
        self.training = Run(_objective(work), _settings(work), flat(work.start))

    def run(self) -> None:
        self.training.advance(self.updates)

    def result(self) -> Array:
        return self.training.parameters


class OneTimeline:
    """`Timeline`: besides, keyframes to go back to, and the loss on the whole training set after every epoch."""

    def __init__(self, work: Training) -> None:
        self.updates = work.updates
        self.timeline = Timeline(_objective(work), _settings(work), flat(work.start))

    def run(self) -> None:
        self.timeline.advance(self.updates)

    def result(self) -> Array:
        return self.timeline.run.parameters


class Ensemble:
    """`descend`: many points at once."""

    def __init__(self, work: Descent) -> None:
        self.work, self.surface = work, NAMED["himmelblau"]()
        kinds = {"SGD": optimizers.SGD, "Adam": optimizers.Adam}
        self.optimizer = kinds[work.optimizer](work.learning_rate)

    def run(self) -> None:
        self.points = descend(self.surface, self.optimizer, self.work.starts, self.work.updates).parameters

    def result(self) -> Array:
        return self.points


def _objective(work: Training) -> Objective:
    activations = ["relu"] * (len(work.layers) - 1) + ["linear"]
    return of_network(Network(work.sizes, activations), work.loss, Samples(work.inputs, work.targets))


def _settings(work: Training) -> Settings:
    return Settings(optimizers.Adam(work.learning_rate, BETA1, BETA2, EPSILON), work.batch, "fixed")


TRAININGS = {"nnsim Run": OneRun, "nnsim Timeline": OneTimeline}
DESCENTS = {"nnsim": Ensemble}
