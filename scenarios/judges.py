"""The judges of challenges: each follows one line of a run's past, and finds the update that wins, or the one after
which nothing can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from nnsim.core.arrays import Indices
from nnsim.core.timeline import Timeline
from nnsim.scenarios.cycles import Holding
from nnsim.scenarios.looks import Look

Why: TypeAlias = Literal["", "limit", "length", "stop"]
"""Why a challenge can no longer be won: its limit has passed, too few updates are left of the run's length, or the run
has broken off."""


class Outcome(NamedTuple):
    """What a judge has found on its line, wherever the run stands now: the update that won, or the one that lost it,
    and why; neither while it is open."""

    won: int | None = None
    missed: int | None = None
    why: Why = ""


OPEN = Outcome()


class Limit(NamedTuple):
    """Until when a challenge has to be won: up to an update, or until the end of an epoch; for ever with neither.
    `samples` is the least that an update sees."""

    updates: int | None = None
    epochs: int | None = None
    samples: int = 1

    def left(self, timeline: Timeline, updates: Indices) -> Indices:
        """The most updates that may still come after each of some updates; below 0 after the end. Shape (n,)."""
        if self.updates is not None:
            return self.updates - updates
        if self.epochs is None:
            return np.full(len(updates), np.iinfo(np.int64).max)
        return (self.epochs * len(timeline.objective.train) - timeline.clock.samples_at(updates)) // self.samples

    def last(self, timeline: Timeline) -> int | None:
        """The last update that counts, where the run has come to it."""
        if self.left(timeline, np.array([timeline.update]))[0] > 0:
            return None
        return timeline.start_of_epoch(self.epochs or 0) if self.updates is None else self.updates


FOR_EVER = Limit()


def never(timeline: Timeline, updates: Indices) -> Holding:
    """Not at any of some updates; shape (n,)."""
    return np.zeros(len(updates), dtype=bool)


@dataclass
class Streaks:
    """Waits until something has held for `needed` updates on end, within a limit. Where the run is `astray`, nothing is
    won."""

    seen: Look
    needed: int
    limit: Limit = FOR_EVER
    why: Why = "limit"
    astray: Callable[[Timeline, Indices], Holding] = never
    seen_until: int = -1
    since: int | None = None
    outcome: Outcome = OPEN

    def look(self, timeline: Timeline) -> Outcome:
        """What has come of it; once that is known, nothing is looked at any more."""
        if self.outcome == OPEN:
            updates, holds = self.seen(timeline, self.seen_until)
            if len(updates):
                self.seen_until = int(updates[-1])
                self._judge(timeline, updates, holds)
            last = self.limit.last(timeline)
            if self.outcome == OPEN and last is not None:
                self.outcome = Outcome(missed=last, why=self.why)
        return self.outcome

    @property
    def holding(self) -> bool:
        return self.since is not None

    def _judge(self, timeline: Timeline, updates: Indices, holds: Holding) -> None:
        places = np.arange(len(updates))
        broken = np.maximum.accumulate(np.where(holds, -1, places))
        before = updates[0] if self.since is None else self.since
        begins = np.where(broken < 0, before, updates[np.minimum(broken + 1, places)])
        lasted = np.where(holds, updates - begins + 1, 0)
        left = self.limit.left(timeline, updates)
        winners = updates[(lasted >= self.needed) & (left >= 0)]
        if len(winners):
            winners = winners[~self.astray(timeline, winners)]
        losers = updates[self.needed - lasted > left]
        if len(winners):
            self.outcome = Outcome(won=int(winners[0]))
        elif len(losers):
            self.outcome = Outcome(missed=int(losers[0]), why=self.why)
        self.since = int(begins[-1]) if holds[-1] else None


@dataclass
class AnyOf:
    """Waits for the first of several judges to find a win."""

    judges: Sequence[Streaks]

    def look(self, timeline: Timeline) -> Outcome:
        """The first win of them; none is possible any more when that is so of all."""
        outcomes = [judge.look(timeline) for judge in self.judges]
        wins = [outcome for outcome in outcomes if outcome.won is not None]
        if wins:
            return min(wins, key=lambda outcome: outcome.won or 0)
        return OPEN if OPEN in outcomes else max(outcomes, key=lambda outcome: outcome.missed or 0)

    @property
    def holding(self) -> bool:
        return any(judge.holding for judge in self.judges)


@dataclass
class Divergence:
    """Waits for the run to diverge: one that is undefined where it came to has not."""

    by_update: int
    holding = False

    def look(self, timeline: Timeline) -> Outcome:
        """Won where the run stands, if it has stopped early enough."""
        stop = timeline.stopped
        if stop is not None and stop.kind == "diverged" and stop.update <= self.by_update:
            return Outcome(won=timeline.update)
        return Outcome(missed=self.by_update, why="limit")


Judge: TypeAlias = Streaks | AnyOf | Divergence
