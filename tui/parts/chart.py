"""From a run to its loss chart: the lines, thinned to what can be drawn, and the marks of changed settings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.timeline import Change, History, Timeline
from nnsim.scenarios.text import number
from nnsim.tui.snapshot import Chart, Mark, Series

CHART_POINTS = 2048
BRANCHES = 3


def chart(timeline: Timeline) -> Chart:
    """The loss chart of a run so far, and of the futures that were left."""
    series = [_train_series(timeline)]
    if timeline.objective.surface is None and not timeline.run.batches.full:
        series.insert(0, _series("batch", np.arange(timeline.update), timeline.losses))
    tested = [record for record in timeline.records if record.test is not None]
    if tested:
        losses = [record.test.loss for record in tested if record.test is not None]
        series.append(_series("test", np.array([record.update for record in tested]), np.array(losses)))
    series += [_branch(timeline, branch) for branch in timeline.branches[-BRANCHES:]]
    latest = max([timeline.latest, *(branch.latest for branch in timeline.branches[-BRANCHES:])])
    return Chart(tuple(series), _marks(timeline), timeline.update, latest, _rates(timeline))


def _rates(timeline: Timeline) -> Series | None:
    """The learning rates so far, at the corners of their steps, where a schedule moves them."""
    if timeline.update == 0 or all(change.settings.schedule is None for change in _changes(timeline)):
        return None
    updates, rates = timeline.rates.T
    corners = np.column_stack([updates, np.append(updates[1:], [timeline.update + 1])]) - 1.0
    return _series("rate", corners.ravel(), np.repeat(rates, 2))


def _branch(timeline: Timeline, branch: History) -> Series:
    """The losses of a future that was left, from where it leaves this one."""
    fork = timeline.fork(branch)
    if branch.path is not None:
        updates = np.unique(np.linspace(fork, branch.latest, CHART_POINTS).astype(np.int64))
        return _series("branch", updates, timeline.objective.losses(branch.path.all[updates]))
    records = [record for record in branch.records if record.update >= fork]
    losses = [record.train.loss for record in records]
    return _series("branch", np.array([record.update for record in records], dtype=np.int64), np.array(losses))


def _train_series(timeline: Timeline) -> Series:
    path = timeline.path
    if path is None:
        records = timeline.records
        updates = np.array([record.update for record in records])
        return _series("train", updates, np.array([record.train.loss for record in records]))
    if timeline.run.batches.full and len(_changes(timeline)) == 1 and not timeline.objective.penalty:
        here = timeline.objective.losses(path[-1:])
        return _series("train", np.arange(len(path)), np.append(timeline.losses, here))
    updates = np.unique(np.linspace(0, len(path) - 1, CHART_POINTS).astype(np.int64))
    return _series("train", updates, timeline.objective.losses(path[updates]))


def _changes(timeline: Timeline) -> list[Change]:
    """The changes of settings so far: what comes later must not show, or going back would not look the same."""
    return [change for change in timeline.changes if change.update <= timeline.update]


def _marks(timeline: Timeline) -> tuple[Mark, ...]:
    marks = []
    for before, after in pairwise(_changes(timeline)):
        words = []
        if before.settings.optimizer.learning_rate != after.settings.optimizer.learning_rate:
            words.append(f"rate {number(after.settings.optimizer.learning_rate)}")
        if before.settings.optimizer.label != after.settings.optimizer.label:
            words.append(after.settings.optimizer.label)
        if before.settings.batch_size != after.settings.batch_size:
            words.append(f"batch {after.settings.batch_size}")
        if words:
            marks.append(Mark(after.update, ", ".join(words)))
    return tuple(marks)


def _series(role: str, updates: Vector | Indices, losses: Vector) -> Series:
    """A line of the chart, thinned so that the lows and highs of every stretch survive."""
    if len(losses) > CHART_POINTS:
        block = len(losses) // (CHART_POINTS // 2)
        blocks = losses[: len(losses) // block * block].reshape(-1, block)
        starts = np.arange(len(blocks)) * block
        extremes = [starts + blocks.argmin(axis=1), starts + blocks.argmax(axis=1)]
        kept = np.unique(np.concatenate([*extremes, np.arange(blocks.size, len(losses)), [len(losses) - 1]]))
        updates, losses = updates[kept], losses[kept]
    finite = np.isfinite(losses)
    return Series(role, updates[finite].astype(np.float64), losses[finite])
