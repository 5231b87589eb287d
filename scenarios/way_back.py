"""The way back to where a run was left: the run, its futures and those beside it, made again update by update."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import msgspec
import numpy as np

from nnsim.core.clipping import Clipping
from nnsim.core.optimizers import OPTIMIZERS
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios import schema
from nnsim.scenarios.bookmark import Bookmark, Change, Way, Words
from nnsim.scenarios.conversion import to_type
from nnsim.scenarios.experiment import Experiment, make_schedule
from nnsim.scenarios.optimizers import Optimizer
from nnsim.scenarios.race import Rivals
from nnsim.scenarios.schedules import Schedule

DAMAGED = "the bookmark is damaged: its updates do not follow each other"
GoOn: TypeAlias = Callable[[int, int], bool]
"""Called between slices of about a tenth of a second with the updates done and wanted; where it returns False, the way
ends."""


def resume(experiment: Experiment, bookmark: Bookmark, go_on: GoOn = lambda done, wanted: True) -> Timeline:
    """The run as it was left, with its futures; its parameters are the same bit for bit.

    `experiment` is the scenario with the bookmark's `set`. Raises ValueError with a sentence for a bookmark that does
    not fit.
    """
    if not 0 <= bookmark.update <= bookmark.latest:
        raise ValueError(DAMAGED)
    timeline = _again(experiment, bookmark, go_on)
    timeline.seek(min(bookmark.update, timeline.latest))
    for way in bookmark.left:
        timeline.add_branch(_again(experiment, way, go_on).history)
    return timeline


def resume_beside(experiment: Experiment, bookmark: Bookmark, go_on: GoOn = lambda done, wanted: True) -> Rivals | None:
    """The runs beside it as they were, None where nothing is known of them. Raises ValueError as `resume` does."""
    if bookmark.beside is None:
        return None
    rivals = Rivals.room_for(experiment)
    for way in bookmark.beside:
        timeline = _again(experiment, way, go_on)
        if way.live:
            rivals.join(timeline)
        else:
            rivals.keep(timeline)
    return rivals


def _again(experiment: Experiment, way: Way, go_on: GoOn) -> Timeline:
    """A run, as far as it had come."""
    start = experiment.start(way.seed) if way.start is None else np.array(way.start)
    first, *later = _checked(way)
    timeline = Timeline(experiment.objective, _from_words(first.settings), start, way.seed)
    for change in later:
        if not _reach(timeline, change.update, way.latest, go_on):
            return timeline
        timeline.change(_from_words(change.settings))
    if _reach(timeline, way.latest, way.latest, go_on) and way.stopped:
        timeline.advance(1)  # finds out again why there is no further update
    return timeline


def _reach(timeline: Timeline, update: int, wanted: int, go_on: GoOn) -> bool:
    """Go forward to an update; return whether the run came there."""
    while timeline.update < update:
        if not go_on(timeline.update, wanted) or not timeline.advance(
            min(timeline.run.chunk, update - timeline.update)
        ):
            return False
    return True


def _checked(way: Way) -> list[Change]:
    """The changes of a run, which lie one after the other from 0 to its latest update."""
    places = [change.update for change in way.changes]
    increasing = all(one < other for one, other in pairwise(places))
    if places[:1] != [0] or not increasing or places[-1] > way.latest:
        raise ValueError(DAMAGED)
    return way.changes


def _from_words(words: Words) -> Settings:
    """Settings from the words of a scenario file. Raises ValueError for words that a file could not have."""
    try:
        optimizer = to_type(words.get("optimizer"), Optimizer)
        schedule = to_type(words.get("schedule"), Schedule | None)
        clipping = to_type(words.get("clipping"), schema.Clipping)
        batches = to_type({"size": words.get("batch_size"), "order": words.get("order")}, schema.Batches)
    except msgspec.ValidationError as error:
        raise ValueError(f"the bookmark is damaged: {error}") from None
    return Settings(
        optimizer=OPTIMIZERS[str(optimizer.__struct_config__.tag)](**msgspec.structs.asdict(optimizer)),
        batch_size=batches.size,
        order=batches.order,
        schedule=None if schedule is None else make_schedule(schedule),
        clipping=Clipping(clipping.norm, clipping.value),
    )
