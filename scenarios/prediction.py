"""Predictions: what a learner may bet on at a moment of a run, and whether it came true.

`offer` asks, `look` notes what is needed before and after the jump, `judge` says what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.randomness import Purpose, generator
from nnsim.core.rounding import moved, without_rounding
from nnsim.core.timeline import Timeline
from nnsim.core.trace import trace
from nnsim.core.training import Stop
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.moment import Moment
from nnsim.scenarios.text import number

MOST_PARAMETERS, MOST_BASINS = 4, 6
JUMP = 100
ANOTHER = "another one"
DIRECTIONS = ("down", "up", "nowhere: it stays the same, to six digits")
OUTCOMES = ("lower than now", "higher than now", "the same, to six digits", "none: the run cannot go on")
NONE = 3
NO_DIRECTION = -1


@dataclass(frozen=True)
class Question:
    """Something to bet on. `kind` is "loss", "mover", "basin" or "later"; the answers are `choices`.

    It is settled `jump` updates later, or where the run stops before. `candidates` are the parameters or the minima
    that the choices name, in their order.
    """

    kind: str
    text: str
    choices: tuple[str, ...]
    jump: int
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class View:
    """What of a run predictions are judged by: losses on the whole training and test sets, the parameters with their
    names, the minimum in whose basin it stands (None where no minimum is known, or after a stop), why it has stopped,
    and how far its parameters can go by rounding alone."""

    update: int
    loss: float
    test_loss: float | None
    parameters: Vector
    names: tuple[str, ...]
    basin: int | None
    basins: tuple[str, ...]
    stopped: Stop | None
    tolerance: float


@dataclass(frozen=True)
class Verdict:
    """Whether a bet was right, and a sentence with the numbers."""

    right: bool
    sentence: str


def offer(experiment: Experiment, timeline: Timeline) -> tuple[Question, ...]:
    """What can be predicted here; nothing where the run cannot go on. The same moment offers the same."""
    if timeline.stopped is not None:
        return ()
    questions = [Question("loss", "The next update: where does the training loss go?", DIRECTIONS, 1)]
    questions += _movers(timeline)
    jump = experiment.end(timeline.run) - timeline.update or JUMP
    after = f"In {jump:,} update{'s' if jump > 1 else ''}"
    if len(_minima(experiment)) > 1:
        questions.append(_basins(experiment, timeline, jump, after))
    of = "training" if experiment.objective.test is None else "test"
    questions.append(Question("later", f"{after}: what will the {of} loss be?", OUTCOMES, jump))
    return tuple(questions)


def look(experiment: Experiment, timeline: Timeline) -> View:
    """What a prediction is judged by, here and now. Measures the whole training and test sets."""
    objective, parameters, stop = timeline.objective, timeline.run.parameters, timeline.stopped
    basins = tuple(label for label, _ in _minima(experiment))
    train, test = objective.train, objective.test
    if objective.surface is not None:  # the loss at the mean tilt, which is the one that is drawn
        loss = float(objective.losses(parameters[None])[0])
    else:
        loss = objective.evaluate(parameters, train).loss
    return View(
        update=timeline.update,
        loss=without_rounding(objective, parameters, loss),
        test_loss=None if test is None else objective.evaluate(parameters, test).loss,
        parameters=parameters.copy(),
        names=objective.names,
        basin=_basin(experiment, timeline) if basins and stop is None else None,
        basins=basins,
        stopped=stop,
        tolerance=timeline.tolerance,
    )


def judge(question: Question, choice: int, before: View, after: View) -> Verdict:
    """Whether a choice (from 0) came true between two views of the run, and the numbers."""
    right, numbers = JUDGES[question.kind](question, choice, before, after)
    return Verdict(right, f"{'Right' if right else 'No'}: {numbers}.")


# --- the next update: the loss ---


def _judge_loss(question: Question, choice: int, before: View, after: View) -> tuple[bool, str]:
    outcome, words = _went(before.loss, after.loss, after.stopped)
    return choice == outcome, f"the loss {words}"


def _went(before: float, after: float, stopped: Stop | None) -> tuple[int, str]:
    """Which of DIRECTIONS the loss took, as far as six digits tell, if any, and in words."""
    if stopped is not None and stopped.kind == "undefined":
        return NO_DIRECTION, f"is undefined: {stopped.reason}"
    if stopped is not None or not np.isfinite(after):
        return 1, f"grew beyond all bounds: {stopped.reason if stopped else 'it is not finite'}"
    if number(before) == number(after):
        return 2, f"stayed at {number(after)}"
    fell = after < before
    return int(not fell), f"{'fell' if fell else 'rose'} from {number(before)} to {number(after)}"


# --- the next update: who moves most ---


def _movers(timeline: Timeline) -> list[Question]:
    """Which parameter moves most, among those with the largest gradients, in an order that gives nothing away."""
    run, names = timeline.run, timeline.objective.names
    if len(names) < 2:
        return []
    gradient = np.abs(trace(timeline.objective, run.parameters, run.next_batch()).gradient)
    if not (np.isfinite(gradient).all() and gradient.any()):
        return []
    likeliest = np.argsort(-gradient, kind="stable")[:MOST_PARAMETERS]
    order = generator(Purpose.QUESTION, run.seed, timeline.update).permutation(len(likeliest))
    candidates = tuple(int(place) for place in likeliest[order])
    choices = [names[place] for place in candidates] + ([ANOTHER] if len(names) > MOST_PARAMETERS else [])
    return [Question("mover", "The next update: which parameter moves most?", tuple(choices), 1, candidates)]


def _judge_mover(question: Question, choice: int, before: View, after: View) -> tuple[bool, str]:
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.nan_to_num(np.abs(after.parameters - before.parameters), nan=np.inf)
    if not moved(before.parameters, after.parameters, before.tolerance).any():
        return False, "nothing moved" if after.stopped is None else f"nothing moved: {after.stopped.reason}"
    most = number(float(steps.max()))
    # Adam, for one, moves many parameters equally far: each of them is a right answer.
    movers = [place for place, step in enumerate(steps.tolist()) if number(step) == most]
    chosen = question.candidates[choice] if choice < len(question.candidates) else None
    right = chosen in movers if chosen is not None else not set(movers) <= set(question.candidates)
    first = chosen if right and chosen is not None else movers[0]
    old, new = before.parameters[first], after.parameters[first]
    words = f"{after.names[first]} moved most, from {number(old)} to {number(new)}"
    if len(movers) > 1:
        words += f"; {len(movers) - 1:,} other{'s' if len(movers) > 2 else ''} moved as far"
    elif chosen is not None and not right:
        words += f"; {after.names[chosen]} moved by {number(float(steps[chosen]))}"
    return right, words


# --- a jump: the basin ---


def _minima(experiment: Experiment) -> tuple[tuple[str, tuple[float, ...]], ...]:
    surface = experiment.objective.surface
    return () if surface is None else surface.minima


def _basins(experiment: Experiment, timeline: Timeline, jump: int, after: str) -> Question:
    """By which minimum the run will stand: the nearest ones, in the order of their labels."""
    minima = _minima(experiment)
    with np.errstate(over="ignore"):
        away = [float(np.linalg.norm(timeline.run.parameters - position)) for _, position in minima]
    nearest = sorted(sorted(range(len(minima)), key=lambda place: away[place])[:MOST_BASINS])
    choices = [f"{minima[place][0]}, at {_point(minima[place][1])}" for place in nearest]
    last = "by another one, or the run cannot go on" if len(nearest) < len(minima) else "by none: the run cannot go on"
    return Question("basin", f"{after}: by which minimum will the run stand?", (*choices, last), jump, tuple(nearest))


def _basin(experiment: Experiment, timeline: Timeline) -> int | None:
    """The minimum in whose valley the run stands; with several parameters, the nearest one."""
    parameters = timeline.run.parameters
    if not np.isfinite(parameters).all():
        return None
    if experiment.objective.size == 1:
        return int(Moment(experiment, timeline).valleys(parameters[None])[0])
    with np.errstate(over="ignore"):
        return int(np.argmin([np.linalg.norm(parameters - position) for _, position in _minima(experiment)]))


def _judge_basin(question: Question, choice: int, before: View, after: View) -> tuple[bool, str]:
    chosen = question.candidates[choice] if choice < len(question.candidates) else None
    if after.basin is None:
        return chosen is None, _broken_off(after)
    right = after.basin == chosen if chosen is not None else after.basin not in question.candidates
    return (
        right,
        f"after update {after.update:,} it stands by {after.basins[after.basin]}, at {_point(after.parameters)}",
    )


def _broken_off(after: View) -> str:
    """Why the run did not come to where a prediction would be judged."""
    if after.stopped is None:
        return f"the run diverged at update {after.update:,}: it is not finite"
    return after.stopped.sentence


def _point(values: Vector | tuple[float, ...]) -> str:
    words = [f"{float(value) + 0.0:.4g}" for value in values]
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


# --- a jump: the loss ---


def _judge_later(question: Question, choice: int, before: View, after: View) -> tuple[bool, str]:
    tested = before.test_loss is not None and after.test_loss is not None
    old, new = (before.test_loss, after.test_loss) if tested else (before.loss, after.loss)
    assert old is not None
    assert new is not None
    of = "test" if tested else "training"
    if after.stopped is not None or not np.isfinite(new):
        return choice == NONE, _broken_off(after)
    outcome, words = _went(old, new, None)
    return choice == outcome, f"the {of} loss {words} after update {after.update:,}"


JUDGES: dict[str, Callable[[Question, int, View, View], tuple[bool, str]]] = {
    "loss": _judge_loss,
    "mover": _judge_mover,
    "basin": _judge_basin,
    "later": _judge_later,
}
