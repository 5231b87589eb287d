"""Where a run was left, in so few words that it can be kept in a file, and the way back there.

A run follows from its seed, its start and its changes of settings, so these are all that a bookmark has: making the
updates again gives the same bits. It is light to read; NumPy is loaded only when a bookmark is made or followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from nnsim.scenarios.conversion import to_type
from nnsim.scenarios.fields import Overrides, Strict

if TYPE_CHECKING:
    from nnsim.core.timeline import Timeline
    from nnsim.core.training import Settings
    from nnsim.scenarios.experiment import Experiment

Words: TypeAlias = dict[str, Any]


class Change(Strict, frozen=True):
    """Settings in the words of a scenario file, and the update from which on they are in force."""

    update: int
    settings: Words


class Bookmark(Strict, frozen=True):
    """A run of the scenario whose text has the fingerprint `scenario`, with the keys in `set` replaced.

    The run has come to update `latest` and stands at `update`. Its first change holds the settings of the start;
    `start` has the parameters there where they are not those of the scenario. `stopped` when the run cannot go on
    after `latest`.
    """

    scenario: str
    seed: int
    changes: list[Change]
    latest: int
    update: int
    stopped: bool = False
    start: list[float] | None = None
    set: Overrides = msgspec.field(default_factory=dict)


def fingerprint(file: Path) -> str:
    """A few letters that stand for the text of a scenario file. Raises OSError."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:32]


def fits(bookmark: Bookmark, file: Path) -> bool:
    """Whether the scenario is still the one in which the bookmark was made."""
    try:
        return bookmark.scenario == fingerprint(file)
    except OSError:
        return False


def bookmark(
    experiment: Experiment, timeline: Timeline, scenario: str, overrides: Overrides | None = None
) -> Bookmark | None:
    """The place of a run, or None for a run that stands at its beginning and has seen nothing else.

    `scenario` is the fingerprint of the file that the experiment was made from, `overrides` what replaced some of its
    keys. Futures that were left are not kept.
    """
    seed, path = timeline.run.seed, timeline.path
    start = experiment.start(seed)
    moved = path is not None and path[0].tobytes() != start.tobytes()
    untouched = [settings for _, settings in timeline.changes] == [experiment.settings] and not moved
    if timeline.latest == 0 and untouched and seed == experiment.scenario.run.seed and not overrides:
        return None
    return Bookmark(
        scenario=scenario,
        seed=seed,
        changes=[Change(update, _in_words(settings)) for update, settings in timeline.changes],
        latest=timeline.latest,
        update=timeline.update,
        stopped=timeline.ended is not None,
        start=[float(value) for value in path[0]] if moved and path is not None else None,
        set=dict(overrides or {}),
    )


def resume(
    experiment: Experiment, bookmark: Bookmark, go_on: Callable[[int, int], bool] = lambda done, wanted: True
) -> Timeline:
    """The run as it was left, made again update by update; its parameters are the same bit for bit.

    `experiment` is the scenario with the bookmark's `set`. Between slices of about a tenth of a second `go_on` is
    called with the updates done and wanted; when it returns False the run stays where it has come to. Raises ValueError
    with a sentence for a bookmark that does not fit.
    """
    import numpy as np

    from nnsim.core.timeline import Timeline

    start = experiment.start(bookmark.seed) if bookmark.start is None else np.array(bookmark.start)
    first, *later = _checked(bookmark)
    timeline = Timeline(experiment.objective, _from_words(first.settings), start, bookmark.seed)
    for change in later:
        if not _reach(timeline, change.update, bookmark.latest, go_on):
            return timeline
        timeline.change(_from_words(change.settings))
    if _reach(timeline, bookmark.latest, bookmark.latest, go_on):
        if bookmark.stopped:
            timeline.advance(1)  # finds out again why there is no further update
        timeline.seek(min(bookmark.update, timeline.latest))
    return timeline


def _reach(timeline: Timeline, update: int, wanted: int, go_on: Callable[[int, int], bool]) -> bool:
    """Go forward to an update; return whether the run came there."""
    while timeline.update < update:
        if not go_on(timeline.update, wanted) or not timeline.advance(
            min(timeline.run.chunk, update - timeline.update)
        ):
            return False
    return True


def _checked(bookmark: Bookmark) -> list[Change]:
    """The changes of a bookmark, which lie one after the other from 0 to its latest update."""
    places = [change.update for change in bookmark.changes]
    increasing = all(one < other for one, other in pairwise(places))
    if places[:1] != [0] or not increasing or max(places[-1], bookmark.update) > bookmark.latest or bookmark.update < 0:
        raise ValueError("the bookmark is damaged: its updates do not follow each other")
    return bookmark.changes


def _in_words(settings: Settings) -> Words:
    """Settings as a scenario file would say them."""
    words: Words = {
        "optimizer": _tagged(settings.optimizer),
        "batch_size": settings.batch_size,
        "order": settings.order,
        "clipping": {"norm": settings.clipping.norm, "value": settings.clipping.value},
    }
    if settings.schedule is not None:
        words["schedule"] = _tagged(settings.schedule)
    return words


def _tagged(rule: Any) -> Words:
    """The fields of an optimizer or a schedule, beside its name."""
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(rule).items()}
    return {"kind": rule.name, **fields}


def _from_words(words: Words) -> Settings:
    """Settings from the words of a scenario file. Raises ValueError for words that a file could not have."""
    from nnsim.core.clipping import Clipping
    from nnsim.core.optimizers import OPTIMIZERS
    from nnsim.core.training import Settings
    from nnsim.scenarios import schema
    from nnsim.scenarios.experiment import make_schedule
    from nnsim.scenarios.optimizers import Optimizer
    from nnsim.scenarios.schedules import Schedule

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
