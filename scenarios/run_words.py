"""What a run has come to, in default words: for files that say nothing of it themselves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

import numpy as np

from nnsim.core.answers import ROUNDING
from nnsim.core.losses import hinge
from nnsim.core.probabilities import probabilities
from nnsim.scenarios import symptoms
from nnsim.scenarios.baseline_words import baseline_beside, beside_blind, percent
from nnsim.scenarios.moment import Moment
from nnsim.scenarios.remark import Event
from nnsim.scenarios.set_up_words import last_layer, set_up_words

MOST = 2
ALIKE = 5e-3
"""Answers that differ by less than this part of what the targets do are told as the same."""
NO_LENGTH = 1e-12


class Finding(NamedTuple):
    """A sentence about a moment, or nothing where it does not hold. A remark of the file on one of these events takes
    its place. An aside comes after what the update did, other findings before."""

    instead: tuple[Event, ...]
    sentence: Callable[[Moment], str]
    aside: bool = False


class Words(NamedTuple):
    """What is to be said of a moment of which its file says nothing, before and after what the update did."""

    first: list[str]
    last: list[str]


def default_words(moment: Moment) -> Words:
    """The one or two most telling findings of an update; those of the set-up at the start."""
    told = {remark.when for remark in moment.experiment.scenario.narration}
    if moment.event == "start":
        return Words([], [] if "start" in told else _at_the_start(moment))
    findings = FINDINGS if moment.timeline.objective.surface is None else FINDINGS_ON_SURFACES
    spoken = ((each.aside, each.sentence(moment)) for each in findings if told.isdisjoint(each.instead))
    found = list(islice((each for each in spoken if each[1]), MOST))
    return Words(*([sentence for aside, sentence in found if aside is last] for last in (False, True)))


def _at_the_start(moment: Moment) -> list[str]:
    if moment.timeline.objective.surface is not None:
        return []
    answers = [tied(moment) or alike(moment)]
    return [*filter(None, answers), *set_up_words(moment.experiment, moment.settings)]


# --- networks ---


def turned(moment: Moment) -> str:
    """The test loss was lower before, and what that means for the answers."""
    record, best = moment.record, moment.best
    if best is None or not symptoms.has_turned(best, record):
        return ""
    assert record.test is not None
    assert best.test is not None
    words = (
        f"The test loss has turned up: it was lowest after epoch {best.epoch}, {best.test.loss:.4g}, "
        f"and {_now(moment)} {record.test.loss:.4g}, while the training loss went down from {best.train.loss:.4g} "
        f"to {record.train.loss:.4g}."
    )
    return f"{words} {_of_answers(best.test.metric, record.test.metric)}" if moment.classifies else words


def _of_answers(before: float | None, now: float | None) -> str:
    """What became of the share of right answers on the test set."""
    assert before is not None
    assert now is not None
    shares = f"Test accuracy was {percent(before)} then and is {percent(now)} now"
    return f"{shares}: it only counts the wrong answers, the loss also weighs how sure they are."


def stuck(moment: Moment) -> str:
    """The loss stands still though it could be lower."""
    if not moment.stuck:
        return ""
    experiment, record = moment.experiment, moment.record
    beside = beside_blind(experiment, moment.loss)
    train = moment.timeline.objective.train
    if beside:
        why = f", {beside}"
    elif moment.classifies:
        assert record.train.metric is not None
        why = f", though only {percent(record.train.metric)} of the answers are right"
    else:
        told = len(train) > train.inputs.shape[1] + 1  # through fewer points there is always a line
        why = f", though a straight line gets {experiment.line_loss:.4g}" if told else ""
    return f"The run is stuck: the loss stands at {moment.loss:.4g}{why}{_gradient(moment)}."


def _gradient(moment: Moment) -> str:
    """How short the gradient is where a run is stuck; nothing where a large loss makes it long all the same."""
    length = float(np.linalg.norm(moment.timeline.objective.loss_and_gradient(moment.after)[1]))
    if length > symptoms.FLAT:
        return ""
    return f", and the gradient is {f'only {length:.2g} long' if length > NO_LENGTH else '0'}"


def kept_there(moment: Moment) -> str:
    """What in the last layer keeps a stuck run where it is."""
    return last_layer(moment.experiment, moment.settings) if moment.stuck else ""


def tied(moment: Moment) -> str:
    """No class is likelier than another, for any sample."""
    outputs, objective = moment.outputs, moment.timeline.objective
    if outputs is None or not moment.classifies:
        return ""
    several = objective.one_of_many
    apart, size = (np.ptp(outputs, axis=1), np.abs(outputs.max(axis=1))) if several else (np.abs(outputs), 1.0)
    if not (apart <= ROUNDING * np.maximum(1.0, size)).all():
        return ""
    count = outputs.shape[1] if several else 2
    all_of_them = "Both" if count == 2 else f"All {count}"
    share = "" if objective.loss is hinge else f", {percent(1.0 / count)} each"
    return f"{all_of_them} classes are equally likely for every sample{share}: no class is any likelier."


def alike(moment: Moment) -> str:
    """Every sample gets the same answer, whatever its inputs."""
    outputs, objective = moment.outputs, moment.timeline.objective
    if outputs is None or tied(moment) or not _should_differ(moment):
        return ""
    answers, targets = probabilities(objective, outputs), objective.train.targets
    tolerance = ALIKE if moment.timeline.update else ROUNDING
    if not np.ptp(answers, axis=0).max() <= tolerance * np.ptp(targets, axis=0).max():
        return ""
    mean = float(answers.mean())
    mean = 0.0 if abs(mean) <= ROUNDING * np.abs(targets).max() else mean
    if answers.shape[1] > 1 or objective.loss is hinge:
        answer = ""
    elif moment.classifies:
        answer = f", {percent(mean)}"
    else:
        unit = f" {moment.experiment.unit}" if moment.experiment.unit else ""
        answer = f", {mean * moment.experiment.scale:.4g}{unit}"
    return (
        f"Every sample gets {'nearly ' if moment.timeline.update else ''}the same answer{answer}, whatever its inputs."
    )


def _should_differ(moment: Moment) -> bool:
    """Whether some samples differ in their inputs and in their targets."""
    train = moment.timeline.objective.train
    return bool(np.ptp(train.inputs, axis=0).any() and np.ptp(train.targets, axis=0).any())


def blind(moment: Moment) -> str:
    """The loss of a classifier is no lower than that of a guess that knows nothing of the inputs. Where the answers are
    numbers, the RMSE beside that of the mean tells it."""
    known = moment.classifies and not moment.stuck and moment.record.update > 0
    beside = beside_blind(moment.experiment, moment.loss) if known else ""
    return f"The loss {_now(moment)} {moment.loss:.4g}, {beside}." if beside else ""


def beside_baselines(moment: Moment) -> str:
    """The metric beside that of simple predictors, at the end of an epoch."""
    return "" if moment.timeline.run.place.sample else baseline_beside(moment.experiment, moment.record)


def _now(moment: Moment) -> str:
    """Whether the measurement is of now or of the end of the last epoch."""
    record = moment.record
    return "is" if record.update == moment.timeline.update else f"after epoch {record.epoch} is"


# --- surfaces ---


def caught(moment: Moment) -> str:
    """The run lies still in a minimum that is not the lowest."""
    if moment.event != "stuck" or moment.minimum is None:
        return ""
    return f"The run lies still at {moment.minimum[0]}, which is not the lowest minimum."


def flat(moment: Moment) -> str:
    """The slope is next to nothing though the loss is high."""
    if moment.event != "flat" or moment.minimum is None:
        return ""
    return f"It is flat here, though the loss is far above that at {moment.minimum[0]}."


FINDINGS = (
    Finding(("turned",), turned),
    Finding(("stuck",), stuck),
    Finding(("stuck",), kept_there),
    Finding(("epoch", "done"), tied),
    Finding(("epoch", "done"), alike),
    Finding(("epoch", "done"), blind, aside=True),
    Finding(("epoch", "done"), beside_baselines, aside=True),
)
FINDINGS_ON_SURFACES = (
    Finding(("stuck",), caught),
    Finding(("flat", "approaching"), flat),
)
"""The most telling first."""
