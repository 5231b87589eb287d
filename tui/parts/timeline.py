"""The bar over the whole run, from a scene."""

from __future__ import annotations

from nnsim.tui.parts.forks import forks
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import TimelineBar


def timeline_bar(scene: Scene) -> TimelineBar:
    """Where the run stands in all that it has been through."""
    timeline = scene.timeline
    return TimelineBar(
        update=timeline.update,
        latest=timeline.latest,
        end=scene.experiment.end(timeline.run),
        marks=(),
        forks=forks(timeline),
    )
