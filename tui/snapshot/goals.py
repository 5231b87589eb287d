"""What a scenario asks, and what there is to be won in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A challenge in this run. `counts` when it can be won in this set-up, `won` is the update that has won it, `limit`
    how long it may take, in words, or "" where it may take for ever, `missed` when that has passed. Where a learning
    rate is why it does not count, that is `rate`."""

    title: str
    counts: bool
    won: int | None
    limit: str
    missed: bool
    rate: float | None = None


@dataclass(frozen=True)
class Goals:
    """The question and the goal of the scenario, and its challenges in order."""

    question: str
    goal: str
    challenges: tuple[Goal, ...]
