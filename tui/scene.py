"""One moment of a run, from which every part of a snapshot is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nnsim.core.arrays import Vector
from nnsim.core.phases import REST, Phase
from nnsim.core.timeline import Timeline
from nnsim.core.trace import Trace, trace
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.snapshot.attention import NOTHING_IN_SIGHT, Attention


@dataclass(frozen=True, eq=False)
class Scene:
    """A run where it stands, the phase of its next update that is shown, and what is looked at. Changes nothing.

    While it plays, a part that is costly to make may be a little older than the rest."""

    experiment: Experiment
    timeline: Timeline
    attention: Attention = NOTHING_IN_SIGHT
    phase: Phase = REST
    playing: bool = False

    @cached_property
    def trace(self) -> Trace:
        """The next batch at the present parameters."""
        run = self.timeline.run
        return trace(self.timeline.objective, run.parameters, run.next_batch())

    @property
    def gradient(self) -> Vector:
        """The gradient that the next update will use, before clipping; shape (size,)."""
        return self.trace.gradient
