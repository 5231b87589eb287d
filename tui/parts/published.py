"""A published table of epochs as a stage, from a scene and the runs as far as they are done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.scenarios.differences import setup
from nnsim.scenarios.many_runs import ManyRuns, Outcome, Plan
from nnsim.scenarios.published import Printed, of_timeline
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import PublishedStage

PERCENTILES = (2.5, 97.5)


@dataclass
class PublishedTable:
    """Makes the stage of a published table, and keeps what was made of the same runs."""

    _seen: tuple[Plan, int] | None = None
    _band: tuple[Matrix, Matrix] = (np.zeros((2, 0)), np.zeros((2, 0)))

    def stage(self, scene: Scene, runs: ManyRuns) -> PublishedStage:
        """The printed numbers beside those of the run so far, and the band of the runs that are done."""
        published = scene.experiment.scenario.published
        assert published is not None
        epochs = len(published.losses)
        outcomes = runs.outcomes if runs else []
        seen = (runs.plan, len(outcomes)) if outcomes else None
        if seen != self._seen or self._band[0].shape[1] != epochs:
            self._seen, self._band = seen, _band(outcomes, epochs)
        low, high = self._band
        return PublishedStage(
            source=published.source,
            published=np.array([published.losses, published.accuracies]),
            own=_rows(of_timeline(scene.timeline, epochs), epochs),
            low=low,
            high=high,
            settings=setup(runs.plan.settings) if runs else "",
            done=len(outcomes),
            count=runs.count if runs else published.runs,
        )


def _rows(table: Printed, epochs: int) -> Matrix:
    """The losses and the accuracies of so many epochs, NaN where there are fewer; shape (2, epochs)."""
    rows = np.full((2, epochs), math.nan)
    for row, values in zip(rows, table, strict=True):
        row[: len(values)] = values[:epochs]
    return rows


def _band(outcomes: Sequence[Outcome], epochs: int) -> tuple[Matrix, Matrix]:
    """Two percentiles over the runs that came to their end, each (2, epochs)."""
    tables = [_rows(outcome.printed, epochs) for outcome in outcomes if outcome.printed is not None]
    if not tables:
        return np.full((2, epochs), math.nan), np.full((2, epochs), math.nan)
    low, high = np.percentile(tables, PERCENTILES, axis=0)
    return low, high
