"""What a scenario file may challenge the learner to do: the kinds of challenge, each with a solution.

Only types and simple bounds live here, so that the gallery can list challenges without loading NumPy; `challenges`
judges them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, TypeAlias

from msgspec import Meta

from nnsim.scenarios.fields import Count, Line, Overrides, Strict, Tagged, at_least_one, exactly_one

LIVE = ("optimizer", "schedule", "batches", "clipping")


class Step(Strict, frozen=True):
    """A change of set-up by dotted keys before the first update, or of the training in front of a later one."""

    set: Overrides
    update: Annotated[int, Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        for key in self.set if self.update else ():
            if key.partition(".")[0] not in LIVE:
                raise ValueError(f"sets {key} at update {self.update}: a run under way takes {', '.join(LIVE)} alone")


Solution: TypeAlias = Annotated[list[Step], Meta(min_length=1)]


class Challenge(Tagged, frozen=True, kw_only=True):
    """What every challenge has: what to do, in words with its numbers, changes that do it, and the learning rates at
    which all of it has to be done."""

    title: Line
    solution: Solution
    least_rate: float = 0.0
    largest_rate: float | None = None

    def __post_init__(self) -> None:
        if any(later.update <= earlier.update for earlier, later in pairwise(self.solution)):
            raise ValueError("has a solution whose steps are out of order: it takes them at updates that increase")
        if self.largest_rate is not None and self.least_rate > self.largest_rate:
            raise ValueError(f"has a least_rate of {self.least_rate:g}: it takes up to its largest_rate")


class Reach(Challenge, tag="reach", frozen=True):
    """`quantity` gets below (or above) a value, by an update or within so many epochs."""

    quantity: Line
    below: float | None = None
    above: float | None = None
    by_update: Count | None = None
    by_epoch: Count | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        exactly_one(below=self.below, above=self.above)
        exactly_one(by_update=self.by_update, by_epoch=self.by_epoch)


class Stay(Challenge, tag="stay", frozen=True):
    """`quantity` stays below a value, above one, or between two, for so many updates on end."""

    quantity: Line
    updates: Count
    below: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(below=self.below, above=self.above)


class Bounce(Challenge, tag="bounce", frozen=True):
    """For so many updates on end a run of full batches is on a cycle: it moves, and is each time back, for good, where
    it was 2 to 16 updates ago."""

    updates: Count


class Escape(Challenge, tag="escape", frozen=True):
    """For so many updates on end the run is in another valley than the one where it began."""

    updates: Count = 1


class Diverge(Challenge, tag="diverge", frozen=True):
    """The run breaks off because its numbers run away, by an update at the latest."""

    by_update: Count


AnyChallenge: TypeAlias = Reach | Stay | Bounce | Escape | Diverge
