"""What has become of the challenges of a scenario in a run so far, which thresholds of its remarks it has reached, and
at which update.

A win is read off the run's own past, up to where it stands: so the same run wins the same again, and one that goes
back has not won yet. What has been looked at is not looked at again, which makes this cheap enough for every frame.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from nnsim.core.arrays import Indices
from nnsim.core.history import Change
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS
from nnsim.scenarios.challenge import AnyChallenge, Bounce, Diverge, Escape, Reach, Stay
from nnsim.scenarios.cycles import LENGTHS, Holding, is_at_rest
from nnsim.scenarios.judges import AnyOf, Divergence, Judge, Limit, Streaks, Why, never
from nnsim.scenarios.lines import spelled
from nnsim.scenarios.looks import back_after, elsewhere, running_away, threshold
from nnsim.scenarios.reachable import set_by
from nnsim.scenarios.remark import Remark
from nnsim.scenarios.suggestions import meant
from nnsim.scenarios.text import found

if TYPE_CHECKING:
    from nnsim.scenarios.experiment import Experiment

PROBLEM = ("data", "network", "surface", "tilts", "start")
"""The keys of a scenario that say what is to be solved, and from where; all others say how."""


class Standing(NamedTuple):
    """What has become of a challenge: whether it counts in this set-up, the update that has won it, the one with which
    it could no longer be won in this run, and why. Where a learning rate is why it does not count, that is `rate`,
    which was chosen after `since` updates. It `rests` while nothing moves and what it asks for does not hold."""

    counts: bool
    won: int | None = None
    missed: int | None = None
    why: Why = ""
    rate: float | None = None
    since: int | None = None
    rests: bool = False


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


class _Judges(NamedTuple):
    """The judges of one line of a run's past, which is known by its list of changes: a fork has another one."""

    line: list[Change]
    challenges: list[Judge]
    remarks: list[tuple[Remark, Streaks]]


_JUDGES: WeakKeyDictionary[Timeline, _Judges] = WeakKeyDictionary()


def _judges_of(experiment: Experiment, timeline: Timeline) -> _Judges:
    known = _JUDGES.get(timeline)
    if known is None or known.line is not timeline.changes:
        scenario = experiment.scenario
        challenges = [_judge(experiment, challenge) for challenge in scenario.challenges]
        waiting = [remark for remark in scenario.narration if remark.when == "reached"]
        remarks = [(remark, Streaks(threshold(experiment, remark), 1)) for remark in waiting]
        known = _JUDGES[timeline] = _Judges(timeline.changes, challenges, remarks)
    return known


def _standing(experiment: Experiment, timeline: Timeline, challenge: AnyChallenge, judge: Judge) -> Standing:
    if not counts(experiment, challenge):
        return Standing(counts=False)
    outcome, now = judge.look(timeline), timeline.update
    won = outcome.won if outcome.won is not None and outcome.won <= now else None
    bad = _change_out_of_bounds(timeline, challenge, now + 1 if won is None else won)
    if bad is not None:
        return Standing(counts=False, rate=bad.settings.optimizer.learning_rate, since=bad.update)
    if won is not None:
        return Standing(True, won)
    if outcome.missed is not None and outcome.missed <= now:
        return Standing(True, missed=outcome.missed, why=outcome.why)
    if timeline.stopped is not None:
        return Standing(True, missed=now, why="stop")
    return Standing(True, rests=outcome.won is None and not judge.holding and is_at_rest(timeline))


def _change_out_of_bounds(timeline: Timeline, challenge: AnyChallenge, until: int) -> Change | None:
    """The first choice of a learning rate, of those before this update, at which the challenge does not count."""
    largest = np.inf if challenge.largest_rate is None else challenge.largest_rate
    chosen = (change for change in timeline.changes if change.update < until)
    return next(
        (each for each in chosen if not challenge.least_rate <= each.settings.optimizer.learning_rate <= largest), None
    )


def _judge(experiment: Experiment, challenge: AnyChallenge) -> Judge:
    length = experiment.scenario.run
    whole_run = Limit(length.updates, length.epochs)
    match challenge:
        case Reach():
            limit = Limit(challenge.by_update, challenge.by_epoch)
            return Streaks(threshold(experiment, challenge), 1, limit, astray=_astray(challenge))
        case Stay():
            look = threshold(experiment, challenge)
            return Streaks(look, challenge.updates, whole_run, "length", _astray(challenge))
        case Bounce():
            limit = whole_run._replace(samples=len(experiment.objective.train))
            judges = [Streaks(back_after(p), max(challenge.updates, 2 * p), limit, "length") for p in LENGTHS]
            return AnyOf(judges)
        case Escape():
            return Streaks(elsewhere(experiment), challenge.updates, whole_run, "length", _astray(challenge))
        case Diverge():
            return Divergence(challenge.by_update)


def _astray(challenge: Reach | Stay | Escape) -> Callable[[Timeline, Indices], Holding]:
    """Where a challenge is not won though what it asks for holds: where the run runs away, unless it asks for a loss,
    which says itself how far that may go."""
    quantity = None if isinstance(challenge, Escape) else challenge.quantity
    return never if quantity is not None and quantity.endswith("loss") else partial(running_away, quantity)
