"""The changes of settings of a run, in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nnsim.core.history import Change
from nnsim.core.training import Settings
from nnsim.scenarios.text import number
from nnsim.tui.snapshot.chart import Mark


def edits(changes: Sequence[Change]) -> tuple[Mark, ...]:
    """Every change but the first, which is the start, with the words for it."""
    marks = ((after.update, words(before.settings, after.settings)) for before, after in pairwise(changes))
    return tuple(Mark(update, label) for update, label in marks if label)


def words(before: Settings, after: Settings) -> str:
    """What is different after a change of settings, such as "rate 0.2, Adam"; empty when nothing is."""
    old, new = before.optimizer, after.optimizer
    parts = []
    if old.learning_rate != new.learning_rate:
        parts.append(f"rate {number(new.learning_rate)}")
    if old.label != new.label:
        parts.append(new.label)
    if before.batch_size != after.batch_size:
        parts.append(f"batch {after.batch_size}")
    if before.order != after.order:
        parts.append(f"order {after.order.replace('_', ' ')}")
    if before.schedule != after.schedule:
        parts.append("no schedule" if after.schedule is None else f"{after.schedule.label} {after.schedule.unit}s")
    if before.clipping != after.clipping:
        parts.append(after.clipping.label or "no clipping")
    return ", ".join(parts)
