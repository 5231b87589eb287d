"""The bar over the whole run, from a scene."""

from __future__ import annotations

from nnsim.scenarios.text import number
from nnsim.tui.parts.edits import edits
from nnsim.tui.parts.forks import forks
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.timeline import TimelineBar, TimelineMark


def timeline_bar(scene: Scene, won: tuple[TimelineMark, ...] = ()) -> TimelineBar:
    """Where the run stands in all that it has been through, what lies ahead again after going back included; `won` has
    the challenges that were won on the way."""
    timeline, history = scene.timeline, scene.timeline.history
    marks = [TimelineMark(mark.update, "edit", mark.label) for mark in edits(timeline.changes)]
    best = history.best_until(timeline.latest)
    if best is not None and best.test is not None and best.update:
        marks.append(TimelineMark(best.update, "best", f"best test loss {number(best.test.loss)}"))
    if history.stopped is not None:
        marks.append(TimelineMark(timeline.latest, "stopped", f"{history.stopped.kind}: {history.stopped.reason}"))
    return TimelineBar(
        update=timeline.update,
        latest=timeline.latest,
        end=scene.experiment.end(timeline.run),
        marks=tuple(sorted([*marks, *won], key=lambda mark: mark.update)),
        forks=forks(timeline),
    )
