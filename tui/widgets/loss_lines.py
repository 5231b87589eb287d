"""What a loss chart holds, as lines: which there are, what tells them apart, and where their points lie."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from nnsim.tui.plain import plain
from nnsim.tui.snapshot.chart import Chart, Series
from nnsim.tui.snapshot.race import Race
from nnsim.tui.widgets.racers import RACER_SIGNS, SHORTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nnsim.core.clock import Clock

    Floats: TypeAlias = NDArray[np.float64]
    Indices: TypeAlias = NDArray[np.int64]

Axis: TypeAlias = Literal["update", "epoch", "samples", "seconds"]
Style: TypeAlias = Literal["thick", "thin", "points", "signs"]

AXES: tuple[Axis, ...] = ("update", "epoch", "samples", "seconds")
SHORTEST: dict[Axis, float] = {"update": 10.0, "epoch": 1.0, "samples": 10.0, "seconds": 0.01}
STYLES: dict[str, Style] = {"train": "thick", "test": "thin", "batch": "points"}
SIGNS = {"train": "⠶⠶", "test": "⠒⠒", "batch": "⠢⠔", "rate": "╌╌"}
BRANCH_SIGNS = ("•", "◇", ":")
GHOST_SIGNS = RACER_SIGNS[1:]
LEGEND_ORDER = ("train", "test", "batch", "rate", "branch", "ghost")


@dataclass(frozen=True, eq=False)
class Line:
    """A line of the chart: its kind, the name of its colour, and the sign by which it is known without colours."""

    role: str
    ink: str
    sign: str
    name: str
    series: Series

    @property
    def style(self) -> Style:
        """How it is drawn: in dots, or as signs of a whole cell."""
        return STYLES.get(self.role, "signs")

    @property
    def is_own(self) -> bool:
        """Whether it belongs to the run that is shown, and not to another future or another run."""
        return self.role in STYLES

    @property
    def has_points(self) -> bool:
        return len(self.series.updates) > 0


def lines(chart: Chart, race: Race | None, of_metric: bool) -> list[Line]:
    """Return the lines in the order of drawing, in which the later lie above the earlier."""
    shown = chart.metrics if of_metric else chart.series
    own = {one.role: Line(one.role, one.role, SIGNS[one.role], one.role, one) for one in shown if one.role in STYLES}
    rates = [] if chart.rates is None else [Line("rate", "rate", SIGNS["rate"], "rate", chart.rates)]
    left = [(plain(one.label) or "left", one) for one in shown if one.role == "branch"]
    racers = () if race is None or of_metric else race.racers[1:]
    ghosts = [(plain(one.label) + (f", {one.stopped}" if one.stopped else ""), one.losses) for one in racers]
    below = [own[role] for role in ("batch",) if role in own]
    above = [own[role] for role in ("test", "train") if role in own]
    return [*rates, *below, *_of_signs("branch", BRANCH_SIGNS, left), *_of_signs("ghost", GHOST_SIGNS, ghosts), *above]


def _of_signs(role: str, signs: tuple[str, ...], named: list[tuple[str, Series]]) -> list[Line]:
    places = [(place % len(signs), name, series) for place, (name, series) in enumerate(named)]
    return [Line(role, f"{role}-{place + 1}", signs[place] * 2, name, series) for place, name, series in places]


def in_legend_order(found: list[Line]) -> list[Line]:
    """Return the lines as the legend names them."""
    return sorted(found, key=lambda line: LEGEND_ORDER.index(line.role))


def told_apart(found: list[Line]) -> list[Line]:
    """Return the lines with those of other runs named without the words that they begin with in common, such as
    "learning rate"; a single one with a shorter name."""
    names = [line.name.split(" ") for line in found if line.role == "ghost"]
    if len(names) < 2:
        return [replace(line, name=line.name.replace(*SHORTER)) if line.role == "ghost" else line for line in found]
    alike = [len(set(words)) == 1 for words in zip(*(words[:-1] for words in names), strict=False)]
    common = [*alike, False].index(False)
    return [
        replace(line, name=" ".join(line.name.split(" ")[common:])) if line.role == "ghost" else line for line in found
    ]


def value_at(series: Series, update: int) -> tuple[int, float] | None:
    """Return what the line is known to be at an update: the last update at which it was measured, and the number
    then. None before the first."""
    drawn = _last_until(series.updates, series.losses, update)
    known = None if series.known is None else _last_until(*series.known, update)
    return max((each for each in (known, drawn) if each is not None), key=lambda each: each[0], default=None)


def _last_until(updates: Floats | Indices, values: Floats, update: int) -> tuple[int, float] | None:
    last = int(np.searchsorted(updates, update, side="right")) - 1
    return None if last < 0 else (int(updates[last]), float(values[last]))


def axes_of(chart: Chart) -> tuple[Axis, ...]:
    """Return by what the chart can go: without samples an update, an epoch and a sample are the same."""
    if chart.clock is None:
        return ("update",)
    return AXES if chart.clock.samples > 1 else ("update", "seconds")


def along(axis: Axis, clock: Clock | None, updates: Floats) -> Floats:
    """Return where updates lie on an axis, in its unit; shape (n,)."""
    if axis == "update" or clock is None:
        return updates
    whole = updates.astype(np.int64)
    if axis == "samples":
        return clock.samples_at(whole).astype(np.float64)
    return clock.epochs_at(whole) if axis == "epoch" else clock.seconds_at(whole)


def update_near(axis: Axis, clock: Clock | None, place: float, last: int) -> int:
    """Return the update from 0 to `last` that lies nearest to a place on an axis."""

    def at(update: int) -> float:
        return float(along(axis, clock, np.array([float(update)]))[0])

    after = min(bisect_left(range(last + 1), place, key=at), last)
    before = max(after - 1, 0)
    return before if abs(place - at(before)) <= abs(place - at(after)) else after


def length(axis: Axis, chart: Chart, found: list[Line]) -> float:
    """Return how far the axis has to reach: as far as any run that is shown has ever come."""
    reached = {"update": float(chart.latest), "samples": chart.reach[0], "seconds": chart.reach[1]}
    samples = 1 if chart.clock is None else chart.clock.samples
    own = chart.reach[0] / samples if axis == "epoch" else reached[axis]
    ghosts = (line.series for line in found if line.role == "ghost" and line.has_points)
    ends = (along(axis, series.clock or chart.clock, series.updates[-1:]) for series in ghosts)
    return max([own, *(float(end[0]) for end in ends)])
