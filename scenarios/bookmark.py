"""Where a run was left, in so few words that it can be kept in a file.

A run follows from its seed, its start and its changes of settings, so these are all that a bookmark has: making the
updates again gives the same bits (see `way_back`). Nothing here loads NumPy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from nnsim.scenarios.fields import Overrides, Strict
from nnsim.scenarios.reader import ScenarioError, read_bytes

if TYPE_CHECKING:
    from nnsim.core.history import History
    from nnsim.core.timeline import Timeline
    from nnsim.core.training import Settings
    from nnsim.scenarios.experiment import Experiment
    from nnsim.scenarios.race import Rival

Words: TypeAlias = dict[str, Any]

NUMBERS = 2
"""Which numbers a seed stands for: one more whenever a change of nnsim makes the same seed, start and settings lead to
other ones, even in the last bit."""


class Change(Strict, frozen=True):
    """Settings in the words of a scenario file, and the update from which on they are in force."""

    update: int
    settings: Words


class Way(Strict, frozen=True, kw_only=True):
    """A run of a scenario: it began with `seed`, and has come to update `latest` with these changes of settings, of
    which the first holds those of the start.

    `start` has the parameters there where they are not those of the scenario. `stopped` when the run cannot go on after
    `latest`. `live` when it keeps step with the run on the screen.
    """

    seed: int
    changes: list[Change]
    latest: int
    stopped: bool = False
    start: list[float] | None = None
    live: bool = False


class Bookmark(Way, frozen=True, kw_only=True):
    """A run of the scenario whose text has the fingerprint `scenario`, with the keys in `set` replaced; it stands at
    `update`. Its futures that were left are `left`, and the runs beside it `beside`, both with the oldest first;
    None where nothing is known of those beside it. `numbers` are those of the nnsim that made it."""

    scenario: str
    update: int
    numbers: int = 1
    set: Overrides = msgspec.field(default_factory=dict)
    left: list[Way] = msgspec.field(default_factory=list)
    beside: list[Way] | None = None


def fingerprint(file: Path) -> str:
    """A few letters that stand for the text of a scenario file. Raises ScenarioError."""
    return hashlib.sha256(read_bytes(file)).hexdigest()[:32]


def foreign(bookmark: Bookmark) -> bool:
    """Whether an nnsim with other numbers has made the run: it cannot be made again here."""
    return bookmark.numbers != NUMBERS


def misfit(bookmark: Bookmark, file: Path) -> str | None:
    """Why a run cannot be made again from its bookmark, as the beginning of a sentence; None where it can."""
    if foreign(bookmark):
        age = "An older" if bookmark.numbers < NUMBERS else "A newer"
        return f"{age} nnsim, with other random numbers, made the run that you left at update {bookmark.update:,}"
    try:
        same = bookmark.scenario == fingerprint(file)
    except ScenarioError:
        same = False
    return None if same else f"The scenario has changed since you left it at update {bookmark.update:,}"


def bookmark(
    experiment: Experiment,
    timeline: Timeline,
    scenario: str,
    overrides: Overrides | None = None,
    rivals: Iterable[Rival] = (),
) -> Bookmark | None:
    """The place of a run, or None for a run that stands at its beginning, has seen nothing else and has no ghost.

    `scenario` is the fingerprint of the file that the experiment was made from, `overrides` what replaced some of its
    keys, `rivals` the runs beside it.
    """
    own = _way(experiment, timeline.history, timeline.run.seed)
    beside = [_way(experiment, each.history, each.seed, live=each.live is not None) for each in rivals]
    untouched = [settings for _, settings in timeline.changes] == [experiment.settings] and own.start is None
    begins = timeline.latest == 0 and untouched and own.seed == experiment.scenario.run.seed and not overrides
    if begins and all(each.live for each in beside):
        return None
    return Bookmark(
        scenario=scenario,
        update=timeline.update,
        numbers=NUMBERS,
        set=dict(overrides or {}),
        left=[_way(experiment, branch, own.seed) for branch in timeline.branches],
        beside=beside,
        **msgspec.structs.asdict(own),
    )


def _way(experiment: Experiment, history: History, seed: int, live: bool = False) -> Way:
    start = history.keyframes[0].parameters
    moved = start.tobytes() != experiment.start(seed).tobytes()
    return Way(
        seed=seed,
        changes=[Change(update, _in_words(settings)) for update, settings in history.changes],
        latest=history.latest,
        stopped=history.stopped is not None,
        start=start.tolist() if moved else None,
        live=live,
    )


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
