"""The futures that were left, from a timeline."""

from __future__ import annotations

from nnsim.core.timeline import History, Timeline
from nnsim.scenarios.text import number
from nnsim.tui.snapshot.timeline import Fork


def forks(timeline: Timeline) -> tuple[Fork, ...]:
    """Every future that was left and is kept, the oldest first."""
    return tuple(Fork(timeline.fork(branch), branch.latest, _words(timeline, branch)) for branch in timeline.branches)


def _words(timeline: Timeline, branch: History) -> str:
    """Where a future was left, how far it had come, and what it was trained with."""
    settings = branch.settings_at(branch.latest)
    optimizer = settings.optimizer
    return (
        f"left at update {timeline.fork(branch):,}, came to {branch.latest:,}: {optimizer.label}, "
        f"learning rate {number(optimizer.learning_rate)}"
        + (f", batch {settings.batch_size}" if len(timeline.objective.train) > 1 else "")
    )
