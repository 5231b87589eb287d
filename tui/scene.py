"""One moment of a run, from which every part of a snapshot is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.phases import REST, Phase
from nnsim.core.rounding import without_rounding
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

    @cached_property
    def proposal(self) -> Vector:
        """Where the next update leads, shape (size,): each parameter stays exactly where rounding is all that would
        move it."""
        run = self.timeline.run
        proposal = run.proposal(self.gradient)
        return np.where(self.timeline.moved(run.parameters, proposal), proposal, run.parameters)

    @property
    def loss(self) -> float:
        """The loss on the whole training set where the run stands, 0 where it is nothing but rounding."""
        objective, here = self.timeline.objective, self.timeline.run.parameters
        return without_rounding(objective, here, float(objective.losses(here[None])[0]))
