"""From a run to a snapshot: reads everything that the lab shows off a timeline. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from nnsim.core.phases import REST, Phase
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.narration import tell
from nnsim.tui.parts.chart import chart
from nnsim.tui.parts.forks import forks
from nnsim.tui.parts.stage import Stages
from nnsim.tui.parts.status import status
from nnsim.tui.parts.table import table
from nnsim.tui.parts.timeline import timeline_bar
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import NOTHING_IN_SIGHT, Attention, Narration, Snapshot


@dataclass
class Observer:
    """Looks at one run."""

    experiment: Experiment
    timeline: Timeline
    stages: Stages = field(default_factory=Stages)

    def snapshot(
        self, playing: bool, speed: float | None, attention: Attention = NOTHING_IN_SIGHT, phase: Phase = REST
    ) -> Snapshot:
        """What the lab shows now; `playing` and `speed` belong to whoever drives the run."""
        scene = Scene(self.experiment, self.timeline, attention, phase)
        story = tell(self.experiment, self.timeline)
        return Snapshot(
            status=status(scene, playing, speed),
            stage=self.stages.stage(scene),
            chart=chart(self.timeline),
            table=table(scene),
            narration=Narration(story.lines, story.hint, story.alarm),
            timeline=timeline_bar(scene),
            branches=tuple(fork.label for fork in forks(self.timeline)),
            views=self.stages.views(scene),
            view=self.stages.view(scene),
        )
