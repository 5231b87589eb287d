"""The run that plays by itself in the gallery, so that one sees what a scenario is about before opening it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nnsim.tui.worker import Worker

if TYPE_CHECKING:
    from nnsim.core.timeline import Timeline
    from nnsim.scenarios.experiment import Experiment
    from nnsim.tui.parts.stage import Stages
    from nnsim.tui.snapshot.stages import Stage

PATIENCE = 1.0
"""Seconds that the start is shown: who only passes by does not make the worker load kernels."""
PLAY_TIME = 12.0
FASTEST, SLOWEST = 0.2, 0.6
"""Seconds between two pictures."""
SLICE = 0.006
REST = 2.5
"""Seconds that the end is shown, before it begins again."""


class Frame(NamedTuple):
    """A moment of a preview: the scenario, its stage, where the run stands and how long it is."""

    file: Path
    stage: Stage
    update: int
    end: int


class Preview:
    """Plays one scenario after the other, slowly, in the worker's thread; `show` gets the pictures in the loop's.

    It never takes more than a few milliseconds at a time, so that a lab which is opened meanwhile does not wait for
    it; the lab then takes the worker's pulse.
    """

    def __init__(self, worker: Worker, show: Callable[[Frame], None]) -> None:
        self._worker = worker
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()  # what is shown looks up the app in it
        self._wanted: Path | None = None
        self._actor: _Actor | None = None
        self._due = 0.0
        self._delivering = False

    def play(self, file: Path) -> None:
        """Show a scenario from its start, and let it run soon."""
        self._wanted = file
        self._worker.submit(self._begin)

    def stop(self) -> None:
        """Stand still; what is under way ends within milliseconds."""
        self._wanted = None
        if self._worker.pulse == self._pulse:
            self._worker.pulse = None

    # --- in the worker's thread ---

    def _begin(self) -> None:
        file = self._wanted
        if file is None or (self._actor is not None and self._actor.file == file and self._worker.pulse == self._pulse):
            return  # a job for one that has been passed by already, or that plays
        self._actor = None
        self._actor = _Actor.enter(file)
        if self._actor is not None:
            self._deliver(self._actor)
            self._due = time.monotonic() + PATIENCE
            if self._wanted == file:
                self._worker.pulse = self._pulse

    def _pulse(self) -> float | None:
        actor = self._actor
        if actor is None or actor.file != self._wanted:
            return None
        now = time.monotonic()
        if now >= self._due:
            self._due = now + actor.play(now + SLICE)
            self._deliver(actor)
        return max(self._due - time.monotonic(), 0.001)

    def _deliver(self, actor: _Actor) -> None:
        if not self._delivering and not self._loop.is_closed():
            self._delivering = True
            self._loop.call_soon_threadsafe(self._arrive, actor.frame(), context=self._context)

    def _arrive(self, frame: Frame) -> None:
        self._delivering = False
        if frame.file == self._wanted:
            self._show(frame)


class _Actor:
    """A run of a scenario that plays until its end and then begins again."""

    def __init__(self, file: Path, experiment: Experiment, timeline: Timeline, stages: Stages) -> None:
        self.file = file
        self._experiment = experiment
        self._timeline = timeline
        self._stages = stages
        self._end = max(experiment.updates, 1)
        self._pause = min(max(PLAY_TIME / self._end, FASTEST), SLOWEST)
        self._stride = max(1, round(self._end * self._pause / PLAY_TIME))
        self._over = False

    @classmethod
    def enter(cls, file: Path) -> _Actor | None:
        """The scenario at its start, or None for one that cannot be run: the lab says why when it is opened."""
        from nnsim.scenarios.experiment import build
        from nnsim.scenarios.library import name_of
        from nnsim.scenarios.reader import ScenarioError, glance
        from nnsim.tui.parts.stage import Stages

        try:
            experiment = build(glance(file), str(file), name_of(file))
        except ScenarioError:
            return None
        return cls(file, experiment, experiment.timeline(), Stages())

    def play(self, until: float) -> float:
        """Go on for a picture's worth of updates, or until that time; return the seconds until the next picture."""
        timeline = self._timeline
        if self._over:
            timeline.seek(0)
            self._over = False
            return PATIENCE
        target = min(timeline.update + self._stride, self._end)
        while timeline.update < target and timeline.advance(1) and time.monotonic() < until:
            pass
        self._over = timeline.stopped is not None or timeline.update >= self._end
        return REST if self._over else self._pause

    def frame(self) -> Frame:
        from nnsim.tui.scene import Scene

        stage = self._stages.stage(Scene(self._experiment, self._timeline))
        return Frame(self.file, stage, self._timeline.update, self._end)
