"""From a run to a snapshot: reads everything that the lab shows off a timeline. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np

from nnsim.core.phases import REST, Phase, phases
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.phase_words import tell_phase
from nnsim.scenarios.race import Rivals
from nnsim.tui import panels
from nnsim.tui.parts.batch import batch
from nnsim.tui.parts.chart import Charts
from nnsim.tui.parts.diagram import diagram
from nnsim.tui.parts.forks import forks
from nnsim.tui.parts.goals import goals
from nnsim.tui.parts.race import race, with_rivals
from nnsim.tui.parts.readings import Readings
from nnsim.tui.parts.receipt import receipt
from nnsim.tui.parts.stage import Stages
from nnsim.tui.parts.status import status
from nnsim.tui.parts.table import table
from nnsim.tui.parts.timeline import timeline_bar
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.attention import NOTHING_IN_SIGHT, Attention
from nnsim.tui.snapshot.goals import Goals
from nnsim.tui.snapshot.status import Narration
from nnsim.tui.snapshot.timeline import TimelineMark

Part = TypeVar("Part")
NAMES = {"sample": "sample in", "forward": "forward", "loss": "loss", "backward": "backward"}
ON_SURFACES = NAMES | {"backward": "gradient"}


@dataclass
class Observer:
    """Looks at one run and those beside it, and keeps what would be costly to work out anew for every frame."""

    experiment: Experiment
    timeline: Timeline
    rivals: Rivals = field(default_factory=Rivals)
    stages: Stages = field(default_factory=Stages)
    charts: Charts = field(default_factory=Charts)
    readings: Readings = field(default_factory=Readings)
    _made: dict[str, tuple[float, Any]] = field(default_factory=dict)

    @np.errstate(over="ignore", invalid="ignore")  # the numbers of a run that diverges: its panels say so
    def snapshot(
        self,
        playing: bool,
        speed: float | None,
        attention: Attention = NOTHING_IN_SIGHT,
        phase: Phase = REST,
        anew: bool = True,
    ) -> Snapshot:
        """What the lab shows now; `playing` and `speed` belong to whoever drives the run. Where not everything is to be
        made anew, slow parts of a playing run are as old as its panels show them."""
        scene = Scene(self.experiment, self.timeline, attention, phase, playing)
        if anew:
            self._made.clear()
        reached = goals(scene)
        return Snapshot(
            status=status(scene, playing, speed),
            stage=with_rivals(self.stages.stage(scene), scene, self.rivals, self.stages.slices.plane),
            chart=self._now_and_then("chart", lambda: self.charts.chart(scene)),
            table=self._now_and_then("parameters", lambda: table(scene)),
            narration=self._now_and_then("narration", lambda: _narration(scene)),
            timeline=timeline_bar(scene, _won(reached)),
            goals=reached,
            branches=tuple(fork.label for fork in forks(self.timeline)),
            views=self.stages.views(scene),
            view=self.stages.view(scene),
            has_network=self.timeline.objective.network is not None,
            diagram=self._in_sight("diagram", scene, lambda: diagram(scene)),
            batch=self._in_sight("batch", scene, lambda: batch(scene)),
            readings=self._in_sight("readings", scene, lambda: self.readings.readings(scene, playing)) or (),
            race=self._now_and_then("race", lambda: race(scene, self.rivals)),
            receipt=self._in_sight("receipt", scene, lambda: receipt(scene)),
        )

    def _in_sight(self, panel: str, scene: Scene, make: Callable[[], Part]) -> Part | None:
        """A part that only its panel needs."""
        if panel not in scene.attention.panels:
            return None
        return self._now_and_then(panel, make)

    def _now_and_then(self, panel: str, make: Callable[[], Part]) -> Part:
        """A part that is made no more often than its panel is drawn, unless everything is made anew."""
        now = time.monotonic()
        then, part = self._made.get(panel, (-np.inf, None))
        if now - then >= panels.ALL[panel].seconds:
            part = make()
            self._made[panel] = now, part
        return cast(Part, part)


def _narration(scene: Scene) -> Narration:
    story = tell_phase(scene.experiment, scene.timeline, scene.trace, scene.phase, scene.attention.sample)
    order = phases(scene.timeline.objective)
    place = order.index(scene.phase)
    names = NAMES if scene.timeline.objective.network is not None else ON_SURFACES
    phase = f"phase {place} of {len(order) - 1}: {names[scene.phase.kind]}" if place else ""
    return Narration(story.lines, story.hint, story.alarm, phase)


def _won(reached: Goals) -> tuple[TimelineMark, ...]:
    """The challenges won so far."""
    wins = ((goal.standing.won, goal.title) for goal in reached.challenges)
    return tuple(TimelineMark(won, "won", title) for won, title in wins if won is not None)
