"""Runs beside the one on the screen: ghosts, which are kept as they were, and rivals, which keep step with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from nnsim.core import optimizers
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.history import History
from nnsim.core.objective import Objective
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings, Stop
from nnsim.scenarios.experiment import Experiment, settings_of
from nnsim.scenarios.ladder import nearest_rung, on_ladder
from nnsim.scenarios.loss_line import LossLine
from nnsim.scenarios.reader import convert

MOST_RIVALS = 3
SURFACE_SHARES, NETWORK_SHARES = (0.1, 0.01, 0.001), (0.5, 0.1, 0.01)
RATE_STEPS = (-1, 1, 2)
BATCH_FACTOR = 4


@dataclass(frozen=True, eq=False)
class Rival:
    """A run beside the one on the screen: what it has been through and, if it still runs, its timeline, which never
    goes back: where the rival was at an update is read off its history."""

    objective: Objective
    history: History
    seed: int
    live: Timeline | None = None

    @cached_property
    def line(self) -> LossLine:
        """Its training loss."""
        return LossLine(self.objective, self.history)

    def at(self, update: int) -> int:
        """Where it stands when the run on the screen stands at an update: there too, or where it has ended."""
        return min(update, self.history.latest)

    def stopped(self, update: int) -> Stop | None:
        """Why it cannot go on, where it has come to that by then."""
        stop = self.history.stopped
        return stop if stop is not None and update >= stop.update else None

    def last_points(self, update: int) -> Matrix | None:
        """Its last point and the one before it, shape (2, size), when the run on the screen stands at an update; None
        for a ghost, of which they are not kept."""
        if self.live is None:
            return None
        here, run = self.at(update), self.live.run
        if here < run.update:
            self._looking_back.seek(here)
            run = self._looking_back.run
        return np.array([run.previous, run.parameters])

    @cached_property
    def _looking_back(self) -> Timeline:
        """A second timeline on its history, which goes back where the live one never does."""
        first = self.history.changes[0].settings
        timeline = Timeline(self.objective, first, self.history.keyframes[0].parameters, self.seed)
        timeline.add_branch(self.history)
        timeline.switch(self.history)
        return timeline

    def is_like(self, other: Rival) -> bool:
        """Whether both are the same run, however far each has come."""
        mine, theirs = self.history, other.history
        same_start = mine.keyframes[0].parameters.tobytes() == theirs.keyframes[0].parameters.tobytes()
        return same_start and mine.changes == theirs.changes and self.seed == other.seed


class Rivals:
    """Up to three runs beside the one on the screen, or as many as a scenario enters; a further one takes the place of
    the oldest."""

    def __init__(self, most: int = MOST_RIVALS) -> None:
        self.most = most
        self._rivals: list[Rival] = []
        self._own: LossLine | None = None

    @classmethod
    def room_for(cls, experiment: Experiment) -> Rivals:
        """None yet, but room for those that a scenario enters."""
        return cls(max(MOST_RIVALS, len(experiment.scenario.race)))

    def __iter__(self) -> Iterator[Rival]:
        return iter(self._rivals)

    def __len__(self) -> int:
        return len(self._rivals)

    def keep(self, timeline: Timeline) -> None:
        """Keep a run as a ghost: as it is now, as far as it has come, whatever becomes of it."""
        history = timeline.history
        here = history.past.path[-1]
        kept = replace(history.before(history.latest, here), stopped=history.stopped, keyframes=history.keyframes[:1])
        self._add(Rival(timeline.objective, kept, timeline.run.seed))

    def join(self, timeline: Timeline) -> None:
        """Let a run that has come some way keep step from now on."""
        self._add(Rival(timeline.objective, timeline.history, timeline.run.seed, timeline))

    def enter(self, timeline: Timeline, settings: Sequence[Settings]) -> None:
        """Let runs with these settings race against one: each from its start, with its seed, and at once to where it
        stands. Raises ValueError when settings do not fit."""
        start, seed = timeline.history.keyframes[0].parameters, timeline.run.seed
        for each in settings[-self.most :]:
            self.join(Timeline(timeline.objective, each, start, seed))
        self.keep_step(timeline.update)

    def keep_step(self, update: int) -> None:
        """Advance every rival that still runs to an update, if it has not been there yet."""
        for rival in self._rivals:
            if rival.live is not None and rival.live.update < update:
                rival.live.advance(update - rival.live.update)

    def stay_with(self, objective: Objective) -> None:
        """Send away the rivals that solve another problem."""
        self._rivals = [rival for rival in self._rivals if _same_problem(rival.objective, objective)]

    def clear(self) -> None:
        """End the race, and forget the ghosts."""
        self._rivals.clear()
        self._own = None

    def cancel(self) -> None:
        """End a running `keep_step` or `enter` (in another thread) soon. The rivals are of no use afterwards."""
        for rival in self._rivals:
            if rival.live is not None:
                rival.live.cancel()

    def own_line(self, timeline: Timeline) -> LossLine:
        """The training loss of the run on the screen, kept while it stays on its branch."""
        if self._own is None or self._own.history is not timeline.history:
            self._own = LossLine(timeline.objective, timeline.history)
        return self._own

    def _add(self, rival: Rival) -> None:
        others = [each for each in self._rivals if not each.is_like(rival)]
        self._rivals = [*others, rival][-self.most :]


def of_scenario(experiment: Experiment) -> list[Settings]:
    """The settings of the runs that a scenario lets race against its own; empty where it has no race. Raises
    ScenarioError for one that does not fit this set-up."""
    table = msgspec.to_builtins(experiment.scenario)
    return [_entered(experiment, table, *each) for each in enumerate(experiment.scenario.race)]


def _entered(experiment: Experiment, table: dict[str, Any], place: int, overrides: dict[str, Any]) -> Settings:
    source = experiment.source.also(("race", place), overrides)
    scenario = convert(table, source, overrides)
    try:
        return settings_of(scenario, experiment.objective)
    except ValueError as error:
        raise source.fault(error) from None


def learning_rates(settings: Settings, samples: int) -> list[Settings]:
    """The same settings at the rung below, the one above, and the second above on the ladder of learning rates."""
    rate = settings.optimizer.learning_rate
    rungs = [on_ladder(on_ladder(rate, 1), 1) if step == 2 else on_ladder(rate, step) for step in RATE_STEPS]
    return [replace(settings, optimizer=settings.optimizer.with_rate(rung)) for rung in rungs if rung != rate]


def other_optimizers(settings: Settings, samples: int) -> list[Settings]:
    """The same settings with other optimizers at the same learning rate."""
    own = settings.optimizer
    rate = own.learning_rate
    rules: list[optimizers.Optimizer] = [
        optimizers.SGD(rate),
        optimizers.SGD(rate, momentum=0.9),
        optimizers.Adam(rate),
        optimizers.RMSprop(rate),
    ]
    others = [rule for rule in rules if rule.label != own.label]
    return [replace(settings, optimizer=rule) for rule in others[:MOST_RIVALS]]


def batch_sizes(settings: Settings, samples: int) -> list[Settings]:
    """The same settings with the nearest sizes that are 4, 16, ... times smaller or larger, from 1 to all samples.

    Raises ValueError when there is only one sample."""
    if samples == 1:
        raise ValueError("There is only one sample, so every batch has one")
    own = settings.batch_size
    smaller = [max(own // BATCH_FACTOR**k, 1) for k in (1, 2, 3)]
    sizes = {*smaller, *(min(own * BATCH_FACTOR**k, samples) for k in (1, 2, 3))} - {own}
    nearest = sorted(sizes, key=lambda size: (abs(math.log(size / own)), size))[:MOST_RIVALS]
    return [replace(settings, batch_size=size) for size in sorted(nearest)]


OWN_RACE = "as in this scenario"

RACES: dict[str, Callable[[Settings, int], list[Settings]]] = {
    "learning rates": learning_rates,
    "optimizers": other_optimizers,
    "batch sizes": batch_sizes,
}
"""The races, by what differs: each makes the rivals' settings from those of a run and the number of its samples."""


def levels(objective: Objective, first: float) -> tuple[float, ...]:
    """Three round loss levels for a run whose first training loss is `first`, the highest first: about a tenth, a
    hundredth and a thousandth of the way left down to the lowest known minimum, 0 if none is known; for a network,
    whose loss seldom falls so far, half, a tenth and a hundredth. None where the way is not a positive finite number.
    """
    surface = objective.surface
    bottom = 0.0
    if surface is not None and surface.minima:
        bottom = float(objective.losses(np.array([position for _, position in surface.minima])).min())
    way = first - bottom
    if not 0.0 < way < math.inf:
        return ()
    shares = NETWORK_SHARES if surface is None else SURFACE_SHARES
    rungs = [nearest_rung(way * share) for share in shares if way * share > 0.0]
    return tuple(bottom + rung for rung in dict.fromkeys(rungs) if rung < way)


def place_of_leader(losses: Sequence[float]) -> int | None:
    """Which run is ahead: the one with the lowest loss; None where two have it. A loss that is not finite loses."""
    ranks = [loss if math.isfinite(loss) else math.inf for loss in losses]
    lowest = min(ranks)
    return ranks.index(lowest) if ranks.count(lowest) == 1 else None


def _same_problem(one: Objective, other: Objective) -> bool:
    """Whether the loss of two objectives is the same at every point."""
    return (
        one.names == other.names
        and (one.forward, one.loss, one.penalty) == (other.forward, other.loss, other.penalty)
        and _same_numbers(_numbers(one), _numbers(other))
    )


def _numbers(objective: Objective) -> list[Vector | Indices]:
    """Everything in numbers that a loss depends on."""
    table, _ = objective.layout(1)
    return [table, objective.constants, objective.loss_settings, objective.train.inputs, objective.train.targets]


def _same_numbers(one: Sequence[Vector | Indices], other: Sequence[Vector | Indices]) -> bool:
    return all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))
