"""What a scenario file may say, as typed structs: the file's keys are the fields below, and no others.

Only types and simple bounds live here, so that the gallery can list the course without loading NumPy. What needs
arrays (do the shapes fit?) is checked by `experiment.build`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from nnsim.scenarios.challenge import LIVE, AnyChallenge
from nnsim.scenarios.data_sets import Data
from nnsim.scenarios.expect import Expect
from nnsim.scenarios.fields import (
    Count,
    Line,
    Overrides,
    Positive,
    Seed,
    Strict,
    Text,
    Values,
    exactly_one,
)
from nnsim.scenarios.networks import Network
from nnsim.scenarios.optimizers import Optimizer
from nnsim.scenarios.remark import Remark
from nnsim.scenarios.schedules import Schedule
from nnsim.scenarios.surfaces import Surface, Tilts

MOST_LINES, MOST_COLUMNS = 22, 72
MOST_PRINTED = 60  # epochs of a published table

# --- how it is trained ---


class Batches(Strict, frozen=True):
    """`size` is a number of samples, or "full" for the whole training set."""

    size: Count | Literal["full"] = "full"
    order: Literal["shuffled", "fixed", "with_replacement"] = "shuffled"


class Clipping(Strict, frozen=True):
    """Limits on the gradient before an update: on its norm, and on each of its numbers."""

    norm: Positive | None = None
    value: Positive | None = None


class Length(Strict, frozen=True):
    """How long a run is, in updates or in epochs, and its seed."""

    updates: Count | None = None
    epochs: Count | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        exactly_one(updates=self.updates, epochs=self.epochs)


# --- what the learner reads ---

Coordinate: TypeAlias = Annotated[float, Meta(ge=-1e100, le=1e100)]  # the stage computes with their squares


class View(Strict, frozen=True):
    """What the stage shows: the range of each parameter, or the sample in the picture. `secants` are distances at which
    a second point on a curve makes a secant of the tangent, in the order in which they are shown."""

    x: Annotated[list[Coordinate], Meta(min_length=2, max_length=2)] | None = None
    y: Annotated[list[Coordinate], Meta(min_length=2, max_length=2)] | None = None
    sample: Annotated[int, Meta(ge=0)] = 0
    secants: Annotated[list[Coordinate], Meta(max_length=12)] = field(default_factory=list)

    def __post_init__(self) -> None:
        for span in (self.x, self.y):
            if span is not None and not span[0] < span[1]:
                raise ValueError(f"has the range {span[0]} to {span[1]}: it takes one from low to high")
        if 0.0 in self.secants or len(set(self.secants)) < len(self.secants):
            raise ValueError("has secants with a 0 or with the same distance twice: each takes one of its own")


class Variant(Strict, frozen=True):
    """A change of set-up worth trying, by dotted keys: `set = {"optimizer.learning_rate" = 0.5}`."""

    title: Line
    set: Overrides


class Published(Strict, frozen=True):
    """What `source` has printed for each epoch of such a run, from the first on, and how many `runs` of the recipe the
    lab makes to compare with."""

    source: Line
    losses: Annotated[list[float], Meta(min_length=1, max_length=MOST_PRINTED)]
    accuracies: Annotated[list[float], Meta(min_length=1, max_length=MOST_PRINTED)]
    runs: Annotated[int, Meta(ge=20, le=1000)] = 400

    def __post_init__(self) -> None:
        if len(self.losses) != len(self.accuracies):
            raise ValueError(
                f"has {len(self.losses)} losses and {len(self.accuracies)} accuracies: it takes as many of each"
            )


class Scenario(Strict, frozen=True):
    """A scenario file. It has either a `surface` (with `start`) or a `network` (with `data`).

    `why` is a page of its own: the formula behind what one sees, and where it comes from.
    """

    title: Line
    question: Line
    goal: Text
    run: Length
    optimizer: Optimizer
    surface: Surface | None = None
    tilts: Tilts | None = None
    network: Network | None = None
    data: Data | None = None
    start: Values | None = None
    why: Text | None = None
    schedule: Schedule | None = None
    clipping: Clipping = Clipping()
    batches: Batches = Batches()
    view: View = View()
    narration: list[Remark] = field(default_factory=list)
    published: Published | None = None
    chapter: Line = "Your own"
    variants: list[Variant] = field(default_factory=list)
    race: Annotated[list[Overrides], Meta(max_length=7)] = field(default_factory=list)
    challenges: Annotated[list[AnyChallenge], Meta(max_length=3)] = field(default_factory=list)
    expect: list[Expect] = field(default_factory=list)

    def __post_init__(self) -> None:
        exactly_one(surface=self.surface, network=self.network)
        if self.surface is not None and self.start is None:
            raise ValueError("has a surface without a start: it takes one, such as start = [0.0]")
        if self.surface is not None and self.data is not None:
            raise ValueError("has data beside a surface: data goes with a network, tilts with a surface")
        if self.network is not None and self.data is None:
            raise ValueError('has a network without data: it takes some, such as data = {kind = "crowd"}')
        if self.network is not None and self.tilts is not None:
            raise ValueError("has tilts beside a network: tilts go with a surface, data with a network")
        for overrides in self.race:
            for key in overrides:
                if key.partition(".")[0] not in LIVE:
                    raise ValueError(f"has a race that sets {key}: its runs differ in {', '.join(LIVE)} alone")
        if self.published is not None and not 0 < (self.run.epochs or 0) <= MOST_PRINTED:
            raise ValueError(f"has published with a run that is not of 1 to {MOST_PRINTED} epochs: it takes such a run")
        _check_page(self.why or "")


def _check_page(why: str) -> None:
    """Raise ValueError unless a page fits into the smallest terminal that the app takes."""
    lines = why.splitlines()
    if len(lines) > MOST_LINES:
        raise ValueError(f"has a why of {len(lines)} lines: it takes up to {MOST_LINES}")
    for place, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS:
            raise ValueError(f"has a why whose line {place} has {len(line)} characters: it takes up to {MOST_COLUMNS}")
        if not line.isprintable():
            raise ValueError(f"has a why whose line {place} has a character that does not print: it takes plain text")
