"""What has become of the challenges of a scenario in a run so far, which thresholds of its remarks it has reached, and
at which update.

A win is read off the run's own past, up to where it stands: so the same run wins the same again, and one that goes
back has not won yet. What has been looked at is not looked at again, which makes this cheap enough for every frame.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.history import Change, Record
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS
from nnsim.scenarios.challenge import AnyChallenge, Bounce, Diverge, Escape, Reach, Stay
from nnsim.scenarios.lines import spelled
from nnsim.scenarios.reader import set_by
from nnsim.scenarios.remark import Remark
from nnsim.scenarios.suggestions import meant
from nnsim.scenarios.text import found

if TYPE_CHECKING:
    from nnsim.scenarios.experiment import Experiment

BACK = 1e-3  # of the step: a run that comes this close to where it was two updates ago is back there
MOVED = 1e-6  # of the largest parameter, or of 1 where none is larger

PROBLEM = ("data", "network", "surface", "tilts", "start")
"""The keys of a scenario that say what is to be solved, and from where; all others say how."""

Holding: TypeAlias = NDArray[np.bool_]


class Standing(NamedTuple):
    """What has become of a challenge: whether it counts in this set-up, the update that has won it, the one with which
    its limit has passed unwon, and a learning rate of this run at which it does not count."""

    counts: bool
    won: int | None = None
    missed: int | None = None
    rate: float | None = None


class Seen(NamedTuple):
    """What is new on a run: some updates, and whether what a challenge asks for holds after each; shapes (n,)."""

    updates: Indices
    holds: Holding


Look = Callable[[Timeline, int], Seen]


def judged(experiment: Experiment) -> list[str]:
    """The quantities that a challenge may name: those that a run keeps as it goes."""
    objective = experiment.objective
    with_path = objective.size <= PATH_PARAMETERS
    names = ["loss", "batch_loss", *(objective.names if with_path else [])]
    if objective.metric and not with_path:
        names.append(objective.metric)
    return names + (["test_loss", f"test_{objective.metric}"] if objective.test else [])


def check(experiment: Experiment) -> None:
    """Raise ValueError when a challenge or a remark asks for something that a run of this experiment does not have."""
    for i, remark in enumerate(experiment.scenario.narration):
        if remark.quantity is not None:
            _check_quantity(experiment, spelled(("narration", i, "quantity")), remark.quantity)
    for i, challenge in enumerate(experiment.scenario.challenges):
        kind = spelled(("challenges", i, "kind"))
        match challenge:
            case Reach() | Stay():
                _check_quantity(experiment, spelled(("challenges", i, "quantity")), challenge.quantity)
            case Escape() if not experiment.tops:
                raise ValueError(f'{kind} is "escape": it takes a surface of one parameter with two minima or more')
            case Bounce() if experiment.objective.size > PATH_PARAMETERS:
                raise ValueError(f'{kind} is "bounce": it takes up to {PATH_PARAMETERS} parameters')


def _check_quantity(experiment: Experiment, place: str, quantity: str) -> None:
    names = judged(experiment)
    if quantity not in names:
        raise ValueError(f"{place} is {found(quantity)}: it takes {', '.join(names)}{meant(quantity, names)}")


def standings(experiment: Experiment, timeline: Timeline) -> tuple[Standing, ...]:
    """What has become of every challenge of the scenario, up to where the run stands."""
    judges = _judges_of(experiment, timeline).challenges
    pairs = zip(experiment.scenario.challenges, judges, strict=True)
    return tuple(_standing(experiment, timeline, challenge, judge) for challenge, judge in pairs)


def counts(experiment: Experiment, challenge: AnyChallenge) -> bool:
    """Whether a challenge can be won in this set-up: not in one that has made another problem of the scenario's, unless
    the challenge's own solution sets the same keys."""
    sets = set_by(challenge.solution)
    changed = (key for key in experiment.overridden if key.partition(".")[0] in PROBLEM)
    return all(any(f"{key}.".startswith(f"{each}.") for each in sets) for key in changed)


def reached(experiment: Experiment, timeline: Timeline) -> list[Remark]:
    """The remarks on a threshold that the run has reached just now, for the first time."""
    seen = [(remark, judge.look(timeline)) for remark, judge in _judges_of(experiment, timeline).remarks]
    return [remark for remark, outcome in seen if outcome.won == timeline.update]


# --- judges: one a challenge, on one line of a run's past ---


class _Outcome(NamedTuple):
    """What a judge has found on its line, wherever the run stands now: the update that won, or the last one that would
    have counted; neither while it is open."""

    won: int | None = None
    missed: int | None = None


_OPEN = _Outcome()


@dataclass
class _Streaks:
    """Waits until something has held for `needed` updates on end, up to `last` if there is such an update."""

    seen: Look
    needed: int
    last: Callable[[Timeline], float] = lambda timeline: np.inf
    seen_until: int = -1
    since: int | None = None
    outcome: _Outcome = _OPEN

    def look(self, timeline: Timeline) -> _Outcome:
        """What has come of it; once that is known, nothing is looked at any more."""
        if self.outcome == _OPEN:
            updates, holds = self.seen(timeline, self.seen_until)
            last = self.last(timeline)
            if len(updates):
                self.seen_until = int(updates[-1])
                self._judge(updates, holds, last)
            if self.outcome == _OPEN and last <= timeline.update:
                self.outcome = _Outcome(missed=int(last))
        return self.outcome

    def _judge(self, updates: Indices, holds: Holding, last: float) -> None:
        places = np.arange(len(updates))
        broken = np.maximum.accumulate(np.where(holds, -1, places))
        before = updates[0] if self.since is None else self.since
        begins = np.where(broken < 0, before, updates[np.minimum(broken + 1, places)])
        winners = updates[holds & (updates - begins + 1 >= self.needed)]
        if len(winners) and winners[0] <= last:
            self.outcome = _Outcome(won=int(winners[0]))
        self.since = int(begins[-1]) if holds[-1] else None


@dataclass
class _Divergence:
    """Waits for the run to stop by itself."""

    by_update: int

    def look(self, timeline: Timeline) -> _Outcome:
        """Won where the run stands, if it has stopped early enough."""
        stop = timeline.stopped
        if stop is not None and stop.update <= self.by_update:
            return _Outcome(won=timeline.update)
        return _Outcome(missed=self.by_update)


_Judge: TypeAlias = _Streaks | _Divergence


class _Judges(NamedTuple):
    """The judges of one line of a run's past, which is known by its list of changes: a fork has another one."""

    line: list[Change]
    challenges: list[_Judge]
    remarks: list[tuple[Remark, _Streaks]]


_JUDGES: WeakKeyDictionary[Timeline, _Judges] = WeakKeyDictionary()


def _judges_of(experiment: Experiment, timeline: Timeline) -> _Judges:
    known = _JUDGES.get(timeline)
    if known is None or known.line is not timeline.changes:
        scenario = experiment.scenario
        challenges = [_judge(experiment, challenge) for challenge in scenario.challenges]
        waiting = [remark for remark in scenario.narration if remark.when == "reached"]
        remarks = [(remark, _Streaks(_threshold(experiment, remark), 1)) for remark in waiting]
        known = _JUDGES[timeline] = _Judges(timeline.changes, challenges, remarks)
    return known


def _standing(experiment: Experiment, timeline: Timeline, challenge: AnyChallenge, judge: _Judge) -> Standing:
    if not counts(experiment, challenge):
        return Standing(counts=False)
    outcome = judge.look(timeline)
    won, missed = (update if update is not None and update <= timeline.update else None for update in outcome)
    rate = _rate_out_of_bounds(timeline, challenge, timeline.update + 1 if won is None else won)
    return Standing(True, won, missed) if rate is None else Standing(counts=False, rate=rate)


def _rate_out_of_bounds(timeline: Timeline, challenge: AnyChallenge, until: int) -> float | None:
    """The first learning rate, of those chosen before this update, at which the challenge does not count."""
    largest = np.inf if challenge.largest_rate is None else challenge.largest_rate
    rates = (change.settings.optimizer.learning_rate for change in timeline.changes if change.update < until)
    return next((rate for rate in rates if not challenge.least_rate <= rate <= largest), None)


def _judge(experiment: Experiment, challenge: AnyChallenge) -> _Judge:
    match challenge:
        case Reach():
            return _Streaks(_threshold(experiment, challenge), 1, lambda timeline: _last_update(challenge, timeline))
        case Stay():
            return _Streaks(_threshold(experiment, challenge), challenge.updates)
        case Bounce():
            return _Streaks(_bouncing, challenge.updates)
        case Escape():
            return _Streaks(_elsewhere(experiment), challenge.updates)
        case Diverge():
            return _Divergence(challenge.by_update)


def _last_update(challenge: Reach, timeline: Timeline) -> float:
    """The last update that counts, or infinity while that is not yet known."""
    if challenge.by_update is not None:
        return challenge.by_update
    assert challenge.by_epoch is not None
    place = timeline.run.place
    return timeline.start_of_epoch(challenge.by_epoch) if place >= (challenge.by_epoch, 0) else np.inf


# --- what they look at ---


def _threshold(experiment: Experiment, wanted: Reach | Stay | Remark) -> Look:
    low = -np.inf if wanted.above is None else wanted.above
    high = np.inf if wanted.below is None else wanted.below
    quantity = wanted.quantity
    assert quantity is not None

    def look(timeline: Timeline, after: int) -> Seen:
        updates, values = _new_values(experiment, timeline, quantity, after)
        return Seen(updates, (low < values) & (values < high))

    return look


def _new_values(experiment: Experiment, timeline: Timeline, quantity: str, after: int) -> tuple[Indices, Vector]:
    """The values of a quantity after the updates that follow the given one, and these updates."""
    objective, path = timeline.objective, timeline.path
    if quantity == "batch_loss":
        losses = timeline.losses
        first = int(np.searchsorted(timeline.updates, after))
        return timeline.updates[first : len(losses)] + 1, losses[first:]
    if path is None or (quantity.startswith("test_") and quantity not in objective.names):
        records = timeline.records
        records = records[bisect_right(records, after, key=lambda record: record.update) :]
        measured = [_measured(experiment, record, quantity) for record in records]
        return np.array([record.update for record in records], dtype=np.int64), np.array(measured)
    first = _first_after(timeline, after)
    points = path[first:]
    values = _losses(timeline, points) if quantity == "loss" else points[:, objective.names.index(quantity)]
    return timeline.updates[first:], values


def _first_after(timeline: Timeline, update: int) -> int:
    """The first of the updates that a run knows after the given one."""
    return int(np.searchsorted(timeline.updates, update, side="right"))


def _losses(timeline: Timeline, points: Matrix) -> Vector:
    """The loss on the training set at the last points of the path. A network that has always seen the whole set has
    computed all but the last of them already, before the updates that followed."""
    objective, samples = timeline.objective, len(timeline.objective.train)
    known = objective.surface is None and not objective.penalty
    for change in timeline.changes:
        known = known and change.settings.batch_size == samples and change.settings.order != "with_replacement"
    if not known or not len(points):
        return objective.losses(points)
    last = len(timeline.updates) - 1
    return np.append(timeline.losses[last + 1 - len(points) : last], objective.losses(points[-1:]))


def _measured(experiment: Experiment, record: Record, quantity: str) -> float:
    evaluation = record.test if quantity.startswith("test_") else record.train
    assert evaluation is not None
    if quantity.endswith("loss"):
        return evaluation.loss
    assert evaluation.metric is not None
    return evaluation.metric * (experiment.scale if quantity.endswith("rmse") else 1.0)


def _bouncing(timeline: Timeline, after: int) -> Seen:
    """Whether the run moved, and came back to where it was two updates before."""
    assert timeline.path is not None
    first = _first_after(timeline, after)
    begin = max(first, 2) - 2
    path, updates = timeline.path[begin:], timeline.updates[begin:]
    here, last, before = path[2:], path[1:-1], path[:-2]
    moved, off = np.abs(here - last).max(axis=1), np.abs(here - before).max(axis=1)
    holds = (moved > MOVED * np.maximum(1.0, np.abs(here).max(axis=1))) & (off <= BACK * moved)
    holds &= updates[2:] - updates[:-2] == 2
    new = timeline.updates[first:]
    return Seen(new, np.append(np.zeros(len(new) - len(holds), dtype=bool), holds))


def _elsewhere(experiment: Experiment) -> Look:
    """Whether the run is in another valley than the one where it began."""

    def look(timeline: Timeline, after: int) -> Seen:
        assert timeline.path is not None
        first = _first_after(timeline, after)
        home = np.searchsorted(experiment.tops, timeline.path[:1, 0])
        valleys = np.searchsorted(experiment.tops, timeline.path[first:, 0])
        return Seen(timeline.updates[first:], valleys != home)

    return look
