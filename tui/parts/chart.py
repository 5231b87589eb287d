"""The loss chart, from a scene: the lines of the run and of the futures that were left, and the changes of settings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nnsim.core.clock import Clock
from nnsim.core.history import History
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.parts.digest import Digest, Points
from nnsim.tui.parts.edits import edits, words
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.chart import Chart, Series

BRANCHES = 3
METRICS = {"accuracy": "accuracy", "rmse": "RMSE"}


@dataclass
class Charts:
    """Makes the loss chart, and keeps for every branch what would be costly to go through again."""

    _digests: list[Digest] = field(default_factory=list)

    def chart(self, scene: Scene) -> Chart:
        """The loss chart of a run so far, and of the futures that were left."""
        timeline, objective, update = scene.timeline, scene.timeline.objective, scene.timeline.update
        own, *left = self._of(timeline, timeline.branches[-BRANCHES:])
        unit, scale = _unit(scene.experiment)
        branches = [_branch(timeline, digest, scale) for digest in left]
        best = timeline.history.best_until(update)
        return Chart(
            series=(*_losses(own, update), *(loss for loss, _ in branches)),
            marks=edits([change for change in timeline.changes if change.update <= update]),
            update=update,
            latest=max(digest.history.latest for digest in (own, *left)),
            rates=_rates(timeline),
            metrics=(*_metrics(own, update, scale), *(metric for _, metric in branches if metric is not None)),
            metric=METRICS.get(objective.metric or "", ""),
            unit=unit,
            best=None if best is None else best.update,
            stopped="" if timeline.stopped is None else timeline.stopped.kind,
            clock=timeline.clock,
            reach=_reach([own, *left]),
        )

    def _of(self, timeline: Timeline, branches: list[History]) -> list[Digest]:
        """The digests of the present branch and of those that were left; others are forgotten."""
        known = {id(digest.history): digest for digest in self._digests if digest.objective is timeline.objective}
        wanted = [timeline.history, *branches]
        self._digests = [known.get(id(each)) or Digest(timeline.objective, each) for each in wanted]
        return self._digests


def _losses(digest: Digest, update: int) -> list[Series]:
    objective = digest.objective
    batches = digest.batches(update)
    full = digest.only_full_batches(update)
    exact = batches if full and digest.history.path is not None and not objective.penalty else None
    series = [_series("train", digest.train(update), known=exact)]
    if objective.surface is None and not full:
        series.insert(0, _series("batch", digest.batch(update), known=batches))
    if objective.test is not None:
        series.append(_series("test", digest.recorded("test loss", update)))
    return series


def _metrics(digest: Digest, update: int, scale: float) -> list[Series]:
    objective = digest.objective
    if objective.metric is None:
        return []
    series = [_series("train", digest.metric(update), scale)]
    if objective.test is not None:
        series.append(_series("test", digest.recorded("test metric", update), scale))
    return series


def _branch(timeline: Timeline, digest: Digest, scale: float) -> tuple[Series, Series | None]:
    """The loss and the metric of a future that was left, from where it leaves this one."""
    fork, label = timeline.fork(digest.history), _name(timeline, digest.history)
    losses, metric = digest.since(fork)
    clock = _whole_clock(digest)
    shown = None if metric is None else _series("branch", metric, scale, label, clock)
    return _series("branch", losses, label=label, clock=clock), shown


def _series(
    role: str,
    points: Points,
    scale: float = 1.0,
    label: str = "",
    clock: Clock | None = None,
    known: Points | None = None,
) -> Series:
    values = points.values if scale == 1.0 else points.values * scale
    return Series(role, points.updates.astype(np.float64), values, label, known, clock)


def _unit(experiment: Experiment) -> tuple[str, float]:
    """The unit of the metric, and by what the core's numbers are multiplied to be in it."""
    return ("%", 100.0) if experiment.objective.metric == "accuracy" else (experiment.unit, experiment.scale)


def _name(timeline: Timeline, branch: History) -> str:
    """What sets a future that was left apart from the run as it goes on, in a few words."""
    fork = timeline.fork(branch)
    different = words(timeline.history.settings_at(timeline.latest), branch.settings_at(branch.latest))
    label = f"left: {different}" if different else f"left at {fork:,}"
    return f"{label}, {branch.stopped.kind}" if branch.stopped else label


def _whole_clock(digest: Digest) -> Clock:
    return digest.history.clock_until(digest.history.latest, len(digest.objective.train))


def _reach(digests: list[Digest]) -> tuple[float, float]:
    """The most samples and seconds that any branch has come to."""
    ends = [(_whole_clock(digest), np.array([digest.history.latest])) for digest in digests]
    samples = max(float(clock.samples_at(end)[0]) for clock, end in ends)
    return samples, max(float(clock.seconds_at(end)[0]) for clock, end in ends)


def _rates(timeline: Timeline) -> Series | None:
    """The learning rates so far, at the corners of their steps, where a schedule moves them."""
    changes = (change for change in timeline.changes if change.update <= timeline.update)
    if timeline.update == 0 or all(change.settings.schedule is None for change in changes):
        return None
    updates, rates = timeline.rates.T
    corners = np.column_stack([updates, np.append(updates[1:], [timeline.update + 1])]) - 1.0
    return Series("rate", corners.ravel(), np.repeat(rates, 2))
