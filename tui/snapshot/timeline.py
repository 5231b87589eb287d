"""The whole run on one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimelineMark:
    """Something on the timeline: `kind` is "edit", "best" (test loss), "stopped", "won" (a challenge)."""

    update: int
    kind: str
    label: str


@dataclass(frozen=True)
class Fork:
    """A future that was left: where it leaves this run, how far it came, and what it was, in words."""

    update: int
    latest: int
    label: str


@dataclass(frozen=True)
class TimelineBar:
    """The whole run: where it stands, how far it has come, the update at which it has the scenario's length."""

    update: int
    latest: int
    end: int
    marks: tuple[TimelineMark, ...]
    forks: tuple[Fork, ...]
