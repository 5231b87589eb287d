"""Many runs as a stage, from a scene and the runs as far as they are done."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.scenarios.differences import setup
from nnsim.scenarios.many_runs import ManyRuns, Outcome, Plan
from nnsim.tui.parts.landscape import minima
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import ManyRunsStage

PERCENTILES = (5, 25, 50, 75, 95)


@dataclass
class Ensemble:
    """Makes the stage of many runs, and keeps what was made of the same outcomes."""

    _seen: tuple[Plan, int] | None = None
    _summary: tuple[tuple[tuple[str, int], ...], Matrix] = ((), np.zeros((len(PERCENTILES), 0)))

    def stage(self, scene: Scene, runs: ManyRuns) -> ManyRunsStage:
        """The runs that are done, with the run on the screen beside them. It depends on which are done, not on when
        each was."""
        plan, outcomes, timeline = runs.plan, runs.outcomes, scene.timeline
        if self._seen != (plan, len(outcomes)):
            self._seen = plan, len(outcomes)
            self._summary = _groups(plan, outcomes), _bands(plan, outcomes)
        groups, bands = self._summary
        quantity, unit = plan.quantity
        same = timeline.objective is plan.experiment.objective
        one_parameter = timeline.objective.surface is not None and timeline.objective.size == 1
        return ManyRunsStage(
            settings=setup(plan.settings),
            done=len(outcomes),
            count=runs.count,
            updates=plan.updates,
            quantity=quantity,
            unit=unit,
            ends=np.array([outcome.end for outcome in outcomes]),
            own=plan.end(timeline.run.parameters) if same else math.nan,
            minima=minima(plan.experiment.objective) if one_parameter else (),
            groups=groups,
            at=plan.marks.astype(np.float64),
            bands=bands,
            own_losses=plan.losses_of(timeline) if same else np.full(len(plan.marks), math.nan),
        )


def _groups(plan: Plan, outcomes: Sequence[Outcome]) -> tuple[tuple[str, int], ...]:
    """How many runs ended where; groups that nobody is in are left out, but for the valleys of a curve."""
    valleys = Counter(outcome.valley for outcome in outcomes if outcome.valley is not None)
    tops = bool(plan.experiment.tops)
    where = "ended in the valley of" if tops else "ended nearest to"
    letters = [label for label, _ in plan.minima] if len(plan.minima) > 1 else []
    groups = [(f"{where} {label}", valleys[index]) for index, label in enumerate(letters)]
    groups = groups if tops else [(words, count) for words, count in groups if count]
    if tops:
        escapes = sorted(outcome.escaped for outcome in outcomes if outcome.escaped is not None)
        when = f", half by update {escapes[(len(escapes) - 1) // 2]:,}" if escapes else ""
        groups.append((f"escaped{when}", len(escapes)))
    if plan.quantity[1] == "%":
        groups.append(("got every answer right", sum(outcome.end == 100.0 for outcome in outcomes)))
    stopped = Counter(outcome.stopped for outcome in outcomes if outcome.stopped)
    return (*groups, *sorted(stopped.items()))


def _bands(plan: Plan, outcomes: Sequence[Outcome]) -> Matrix:
    """Percentiles of the losses at each mark; each is the loss of one of the runs, so that infinite ones do no harm."""
    if not outcomes:
        return np.full((len(PERCENTILES), len(plan.marks)), math.nan)
    losses = np.array([outcome.losses for outcome in outcomes])
    bands: Matrix = np.percentile(losses, PERCENTILES, axis=0, method="inverted_cdf")
    return bands
