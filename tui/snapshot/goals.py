"""What a scenario asks, and what there is to be won in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnsim.scenarios.challenges import Standing


@dataclass(frozen=True)
class Goal:
    """A challenge in this run, and what has become of it. `limit` says how long it may take, in words, or "" where it
    may take the whole run."""

    title: str
    standing: Standing
    limit: str


@dataclass(frozen=True)
class Goals:
    """The question and the goal of the scenario, and its challenges in order."""

    question: str
    goal: str
    challenges: tuple[Goal, ...]
