"""The stage, from a scene: the views that a problem has, and the one that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from nnsim.core.objective import Objective
from nnsim.scenarios.many_runs import ManyRuns
from nnsim.tui.parts.answers import ANSWERS, answers, estimates
from nnsim.tui.parts.classes import tells_classes_apart
from nnsim.tui.parts.fit import fit
from nnsim.tui.parts.landscape import Landscape, secant_view
from nnsim.tui.parts.many_runs import Ensemble
from nnsim.tui.parts.probability import probability
from nnsim.tui.parts.published import PublishedTable
from nnsim.tui.parts.regions import regions
from nnsim.tui.parts.samples import confusion, sample
from nnsim.tui.parts.slice import Slices
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import MANY_RUNS, PUBLISHED, Stage


@dataclass
class Stages:
    """Makes the stage, and keeps what is costly to draw while it stays the same."""

    many: ManyRuns = field(default_factory=ManyRuns)
    landscape: Landscape = field(default_factory=Landscape)
    slices: Slices = field(default_factory=Slices)
    ensemble: Ensemble = field(default_factory=Ensemble)
    table: PublishedTable = field(default_factory=PublishedTable)

    def views(self, scene: Scene) -> tuple[str, ...]:
        """The names of the views that this problem has, the first being the scenario's own."""
        objective = scene.timeline.objective
        many = (MANY_RUNS,) if self.many else ()
        if objective.surface is not None and objective.size <= 2:
            return (("curve", "surface")[objective.size - 1], *_secants(scene), *many)
        if objective.size == 1:
            return ("curve", *_secants(scene), *_pictures(objective), *many)
        table = (PUBLISHED,) if scene.experiment.scenario.published is not None else ()
        return (*table, *_pictures(objective), "slice", "sharpest directions", *many)

    def view(self, scene: Scene) -> str:
        """The name of the view that is shown: the one asked for, if there is one of that name."""
        views = self.views(scene)
        return scene.attention.view if scene.attention.view in views else views[0]

    def stage(self, scene: Scene) -> Stage:
        """What the stage shows."""
        views: dict[str, Callable[[Scene], Stage]] = {
            "curve": self.landscape.curve,
            "surface": self.landscape.surface,
            "fit": fit,
            "estimates": estimates,
            "probability": probability,
            "regions": regions,
            "sample": sample,
            "confusion": confusion,
            "answers": answers,
            "slice": self.slices.parameters,
            "sharpest directions": self.slices.directions,
            MANY_RUNS: self._many_runs,
            PUBLISHED: self._published,
        }
        views |= {name: partial(self.landscape.secants, upto=name) for name in _secants(scene)}
        return views[self.view(scene)](scene)

    def _many_runs(self, scene: Scene) -> Stage:
        return self.ensemble.stage(scene, self.many)

    def _published(self, scene: Scene) -> Stage:
        return self.table.stage(scene, self.many)


def _secants(scene: Scene) -> tuple[str, ...]:
    """The views with a secant, of a curve."""
    distances = scene.experiment.scenario.view.secants if scene.timeline.objective.size == 1 else []
    return tuple(map(secant_view, distances))


def _pictures(objective: Objective) -> tuple[str, ...]:
    """The views of what a network of these inputs and outputs does, the most telling first."""
    inputs, outputs = (samples.shape[1] for samples in (objective.train.inputs, objective.train.targets))
    if objective.metric == "rmse" and outputs == 1:
        return ("fit", "estimates", "answers") if inputs == 1 and objective.network else ("estimates", "answers")
    if not tells_classes_apart(objective):
        return ("answers",)
    if inputs <= 2:
        return (("probability", "regions")[inputs - 1], "sample", "confusion", "answers")
    few = len(objective.test or objective.train) <= ANSWERS
    return ("answers", "sample", "confusion") if few else ("sample", "confusion", "answers")
