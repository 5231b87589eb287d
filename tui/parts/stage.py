"""The stage, from a scene: the views that a problem has, and the one that is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnsim.core.objective import Objective
from nnsim.tui.parts.answers import answers, estimates
from nnsim.tui.parts.landscape import Landscape
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import Stage


@dataclass
class Stages:
    """Makes the stage, and keeps what is costly to draw while it stays the same."""

    landscape: Landscape = field(default_factory=Landscape)

    def views(self, scene: Scene) -> tuple[str, ...]:
        """The names of the views that this problem has, the first being the scenario's own."""
        return (_own(scene.timeline.objective),)

    def view(self, scene: Scene) -> str:
        """The name of the view that is shown: the one asked for, if there is one of that name."""
        views = self.views(scene)
        return scene.attention.view if scene.attention.view in views else views[0]

    def stage(self, scene: Scene) -> Stage:
        """What the stage shows."""
        match self.view(scene):
            case "curve":
                return self.landscape.curve(scene)
            case "surface":
                return self.landscape.surface(scene)
            case "estimates":
                return estimates(scene)
            case _:
                return answers(scene)


def _own(objective: Objective) -> str:
    if objective.surface is not None and objective.size <= 2:
        return ("curve", "surface")[objective.size - 1]
    if objective.metric == "rmse" and objective.train.targets.shape[1] == 1:
        return "estimates"
    return "answers"
