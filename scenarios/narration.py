"""What is happening, in words: about this very update, with its numbers.

The events are read off the run itself, so the same words appear whenever the same thing happens, going back
included. A scenario's `narration` says what its author wants said about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from nnsim.core.activations import ACTIVATIONS
from nnsim.core.optimizers import SGD, Rprop
from nnsim.core.timeline import Timeline
from nnsim.scenarios import symptoms
from nnsim.scenarios.challenges import reached, standings
from nnsim.scenarios.critical import critical_rate_here, curvature_here
from nnsim.scenarios.cycles import told
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.moment import SAME, Moment
from nnsim.scenarios.remark import Event
from nnsim.scenarios.run_words import default_words
from nnsim.scenarios.text import apart, either, number

CLIPPED = 1e-6

# Where a scenario has no remark on an event, its remark on the first of these serves that it has one on.
NEXT_BEST: dict[Event, tuple[Event, ...]] = {
    "done": ("epoch",),
    "noisy": ("approaching",),
    "crossed": ("approaching",),
    "turned": ("epoch",),
    "stuck": ("epoch",),
    "rose": ("epoch",),
    "died": ("epoch", "approaching"),
    "flipped": ("epoch", "approaching"),
    "climbed": ("approaching",),
    "flat": ("approaching",),
}
WITH_OWN_HINT: tuple[Event, ...] = ("start", "runaway", "undefined")
ALARMS: dict[Event, str] = {"runaway": "Diverged", "undefined": "Undefined"}


class Story(NamedTuple):
    """What to tell about the present moment: some lines, what to try next, and a word for it where the run
    cannot go on, else ""."""

    event: Event
    lines: tuple[str, ...]
    hint: str
    alarm: str


def tell(experiment: Experiment, timeline: Timeline) -> Story:
    """The story of the update that led to where the run stands now."""
    moment = Moment(experiment, timeline)
    event = moment.event
    numbers = numbers_of(moment)
    text, hint = _remarks(moment, event, numbers)
    firsts = reached(experiment, timeline) if event != "start" else []  # what holds from the start was not reached
    hint = next((filled for remark in reversed(firsts) if (filled := _filled(remark.hint, numbers))), hint)
    if event == "start":
        lines = [text or f"The run starts here; the loss is {number(moment.loss)}.", dead(moment), seed(moment)]
        lines += default_words(moment).last
    elif event in ALARMS:
        lines = [failure(moment), text, *verdicts(moment)]
    else:
        first, last = default_words(moment)
        moved = "" if text else cycle(moment) or movement(moment)
        lines = [text, *first, moved, outcome(moment), clipping(moment), penalty(moment), hopping(moment)]
        lines += [dead(moment), *last]
        lines += [*(_filled(remark.text, numbers) for remark in firsts), *verdicts(moment)]
    return Story(event, tuple(line for line in lines if line), hint, ALARMS.get(event, ""))


def _remarks(moment: Moment, event: Event, numbers: dict[str, str | None]) -> tuple[str, str]:
    """What the scenario's author says about an event, and proposes; either may be empty.

    Of several remarks on an event, the first speaks whose numbers this moment has."""
    remarks = moment.experiment.scenario.narration
    known = {remark.when for remark in remarks}
    if moment.timeline.run.place.sample:  # what is said of an epoch would be that of the last one
        known.discard("epoch")
    about = next((each for each in (event, *NEXT_BEST.get(event, ())) if each in known), event)
    text = _first(numbers, [remark.text for remark in remarks if remark.when == about])
    hint = _first(numbers, [remark.hint for remark in remarks if remark.when == about])
    if not hint and event not in WITH_OWN_HINT:
        hint = _first(numbers, [remark.hint for remark in remarks if remark.when == "approaching"])
    return text, hint


def _first(numbers: dict[str, str | None], texts: list[str | None]) -> str:
    """The first of some texts that can be said with these numbers, or nothing."""
    return next((filled for text in texts if (filled := _filled(text, numbers))), "")


def remark_on_phase(moment: Moment, kind: Event) -> str:
    """What the scenario's author says about a phase of the next update; empty where that is nothing."""
    return _remarks(moment, kind, numbers_of(moment))[0]


def _filled(text: str | None, numbers: dict[str, str | None]) -> str:
    """A text with its numbers, or nothing when it names one that this moment does not have."""
    if text is None or any(f"{{{name}}}" in text for name, value in numbers.items() if value is None):
        return ""
    return text.format(**numbers)


def numbers_of(moment: Moment) -> dict[str, str | None]:
    """What the texts of a scenario may name, in words; None for what this run does not have."""
    timeline, mover, minimum = moment.timeline, moment.mover, moment.minimum
    stands_still = timeline.update > 0 and not moment.moved.any()
    before, after = apart(float(moment.before[mover]), float(moment.after[mover]))
    measured = _measures(moment)
    accuracy, samples = measured["accuracy"], len(timeline.objective.train)
    return {
        "title": moment.experiment.scenario.title,
        "name": timeline.objective.names[mover],
        "before": None if stands_still else before,
        "after": None if stands_still else after,
        "where": moment.where,
        "growth": None if moment.growth is None else apart(moment.growth, 1.0)[0],
        "valley": None if minimum is None else minimum[0],
        "optimizer": moment.settings.optimizer.label,
        "dead": None
        if moment.dead is None
        else " and ".join(f"{layer.dead} of {layer.units}" for layer in moment.dead),
        "right": None if accuracy is None else f"{round(accuracy * samples)} of {samples}",
        **{key: None if value is None else number(value) for key, value in _exact(moment).items()},
        **{key: None if value is None else f"{value:.4g}" for key, value in measured.items()},
    }


def _exact(moment: Moment) -> dict[str, float | None]:
    """What is told as exactly as prose goes: the step, its settings, and where it led."""
    timeline, mover, minimum = moment.timeline, moment.mover, moment.minimum
    return {
        "step": moment.after[mover] - moment.before[mover],
        "gradient": moment.slopes[mover],
        "loss": moment.loss,
        "minimum": None if minimum is None else minimum[1],
        "learning_rate": moment.learning_rate,
        "batch": moment.batch_size,
        "update": timeline.update,
        "epoch": timeline.run.place.epoch,
        "crossed": moment.crossed,
        "slope": moment.slope if _speaks_of(moment, "slope") else None,
        "momentum": getattr(moment.settings.optimizer, "momentum", 0.0) or None,
        "samples": len(timeline.objective.train),
        "parameters": timeline.objective.size,
    }


def _speaks_of(moment: Moment, name: str) -> bool:
    """Whether a text of the scenario names this number: some take long to find, and most scenarios never do."""
    return any(f"{{{name}}}" in f"{each.text}{each.hint}" for each in moment.experiment.scenario.narration)


def _measures(moment: Moment) -> dict[str, float | None]:
    """The curvature here; the metrics, of now or of the end of the last epoch, and the baselines, in the scenario's
    unit."""
    experiment, record = moment.experiment, moment.record
    metric = experiment.objective.metric
    train, test = record.train.metric, None if record.test is None else record.test.metric
    best = moment.best
    return {
        "critical_rate": critical_rate_here(moment.timeline) if _speaks_of(moment, "critical_rate") else None,
        "curvature": curvature_here(moment.timeline) if _speaks_of(moment, "curvature") else None,
        "mean_predictor": experiment.baselines.get("mean predictor"),
        "least_squares": experiment.baselines.get("least squares"),
        "rmse": None if train is None or metric != "rmse" else train * experiment.scale,
        "test_rmse": None if test is None or metric != "rmse" else test * experiment.scale,
        "accuracy": train if metric == "accuracy" else None,
        "test_loss": None if record.test is None else record.test.loss,
        "best_test_loss": None if best is None or best.test is None else best.test.loss,
        "best_epoch": None if best is None else best.epoch,
    }


def seed(moment: Moment) -> str:
    """A word on the seed, where it is not the scenario's own."""
    now = moment.timeline.run.seed
    if now == moment.experiment.scenario.run.seed:
        return ""
    if moment.noisy or moment.experiment.starts_at_random:
        return f"This is seed {now}: chance falls differently."
    return "Nothing is random here, so another seed changes nothing."


def failure(moment: Moment) -> str:
    """Why the run cannot go on."""
    stop = moment.timeline.stopped
    if stop is None:
        return "the numbers are no longer finite."
    if stop.update <= moment.timeline.update:
        return f"update {stop.update} broke the run, {stop.reason}."
    several = len(moment.after) > 1 and stop.kind == "diverged" and stop.reason.startswith("the loss")
    blame = f"; {stop.parameter} ran away first" if several else ""
    return f"update {stop.update} cannot be made, {stop.reason}{blame}."


def cycle(moment: Moment) -> str:
    """The cycle that the run is on: without a schedule it will not leave it."""
    return "" if moment.cycle is None else told(moment.cycle, for_ever=moment.settings.schedule is None)


def movement(moment: Moment) -> str:
    """Which parameters moved, from where to where, and the arithmetic of it."""
    before, after, mover = moment.before, moment.after, moment.mover
    rate = moment.learning_rate
    if not moment.moved.any():
        return (
            "Nothing moved: with learning rate 0 every step is 0." if rate == 0.0 else "Nothing moved: the step was 0."
        )
    names, few = moment.timeline.objective.names, len(after) <= 2
    movers = np.flatnonzero(moment.moved).tolist() if few else [mover]
    ways = ((names[i], *apart(float(before[i]), float(after[i]))) for i in movers)
    moves = " and ".join(f"{name} went from {begin} to {end}" for name, begin, end in ways)
    return f"{moves}{'' if few else ' furthest of all'}: {_arithmetic(moment)}."


def _arithmetic(moment: Moment) -> str:
    """How the update rule made its step out of the slope."""
    optimizer = moment.settings.optimizer
    mover, rate = moment.mover, number(moment.learning_rate)
    step, slope = float(moment.after[mover] - moment.before[mover]), float(moment.slopes[mover])
    if isinstance(optimizer, Rprop):
        return f"{optimizer.label} made a step of {number(step)} against the sign of slope {number(slope)}"
    if not isinstance(optimizer, SGD) or optimizer.weight_decay or optimizer.dampening:
        return f"{optimizer.label} with learning rate {rate} made a step of {number(step)} out of slope {number(slope)}"
    whose = f"for {moment.timeline.objective.names[mover]}, " if len(moment.after) == 2 else ""
    if not optimizer.momentum:
        slopes = " and ".join(number(value) for value in moment.slopes) if len(moment.slopes) <= 2 else number(slope)
        result = f" is a step of {number(step)}" if len(moment.slopes) != 2 else ""
        return f"minus learning rate {rate} times slope {slopes}{result}"
    if optimizer.nesterov:
        velocity = (-step / moment.learning_rate - slope) / optimizer.momentum
        ahead = f"{number(slope)} plus {number(optimizer.momentum)} times velocity {number(velocity)}"
        return f"{whose}minus learning rate {rate} times the sum of slope {ahead}"
    velocity = -step / moment.learning_rate
    origin = f"{number(optimizer.momentum)} times the velocity before plus slope {number(slope)}"
    return f"{whose}minus learning rate {rate} times velocity {number(velocity)}, which is {origin}"


def clipping(moment: Moment) -> str:
    """What clipping has done to the gradient of the last update."""
    run = moment.timeline.run
    if not moment.settings.clipping:
        return ""
    length = float(np.linalg.norm(run.gradient))
    if length >= run.unclipped_norm * (1.0 - CLIPPED):
        return ""
    return f"The gradient was {number(run.unclipped_norm)} long and was clipped to {number(length)}."


def penalty(moment: Moment) -> str:
    """The share that the penalty had in loss and gradient of the last update."""
    objective = moment.timeline.objective
    if not objective.penalty:
        return ""
    added, gradient = objective.penalty_at(moment.before)
    run = moment.timeline.run
    length = run.unclipped_norm if moment.settings.clipping else float(np.linalg.norm(run.gradient))
    words = f"{number(added)} of the {number(moment.timeline.batch_loss)} is the penalty on the weights"
    own = float(np.linalg.norm(gradient))
    times = number(float(f"{own / length:.2g}")) if 0.0 < length < np.inf else ""
    share = f"; its gradient is {times} times as long as the whole one" if times else ""
    return f"{words}, which train and test losses leave out{share}."


def hopping(moment: Moment) -> str:
    """Which weights the last update led across 0, where L1 holds them: it never comes to rest there."""
    objective, names = moment.timeline.objective, moment.timeline.objective.names
    hops = symptoms.hopping(moment.timeline)
    if not hops:
        return ""
    first, others = hops[0], len(hops) - 1
    begin, end = apart(float(moment.before[first]), float(moment.after[first]))
    more = f", as {others} other{'s' if others > 1 else ''} do{'' if others > 1 else 'es'}" if others else ""
    return (
        f"{names[first]} hops across 0, from {begin} to {end}{more}: without L1 its slope is less than l1 = "
        f"{number(objective.penalty.l1)}, so it belongs at 0, but a whole step leads past it. A smaller learning rate "
        "makes the hops smaller."
    )


def dead(moment: Moment) -> str:
    """How many neurons are dead, and what they answer to everything: at the start, after an epoch, and when one has
    died."""
    network = moment.timeline.objective.network
    if network is None or (moment.timeline.run.place.sample and moment.event != "died"):
        return ""
    counts: dict[str, list[str]] = {}
    for layer in moment.dead or ():
        if layer.dead:
            counts.setdefault(network.activations[layer.layer - 1], []).append(f"{layer.dead} of {layer.units}")
    if not counts:
        return ""
    told = [
        f"{' and '.join(some)} {'ReLU' if name == 'relu' else name} neurons answer {either(ACTIVATIONS[name].flat)}"
        for name, some in counts.items()
    ]
    return f"Dead: {', and '.join(told)} to every sample, so their weights have no gradient."


def verdicts(moment: Moment) -> Iterator[str]:
    """The challenges that this very update has won, and those that it has lost; nobody has tried yet to win one that
    the first update loses."""
    experiment, update = moment.experiment, moment.timeline.update
    titles = [challenge.title for challenge in experiment.scenario.challenges]
    found = list(zip(titles, standings(experiment, moment.timeline), strict=True))
    won = [title for title, standing in found if standing.won == update]
    missed = [title for title, standing in found if standing.missed == update and standing.why != "stop"]
    stopped = sum(standing.why == "stop" for _, standing in found)
    if won:
        yield f"Won at update {update}: {' '.join(won)}"
    if missed and update > 1:
        yield f"Not won in this run: {' '.join(missed)}"
    if stopped:  # by title they would crowd out what to do about it
        yield f"With the run {stopped} challenge{'s are' if stopped > 1 else ' is'} lost."


def outcome(moment: Moment) -> str:
    """What the update did to the loss, or, where a batch is not the whole, what it had to go by."""
    timeline = moment.timeline
    if timeline.objective.surface is None and not moment.seen_whole:
        return f"The loss on this batch of {moment.batch_size} was {number(timeline.batch_loss)}."
    if moment.noisy:
        full = timeline.objective.loss_and_gradient(moment.before)[1][moment.mover]
        said = number(moment.slopes[moment.mover])
        return f"The last batch of {moment.batch_size} said {said}, all samples together say {number(full)}."
    before, after = moment.losses
    if abs(after - before) <= SAME * abs(before):
        return f"The loss stayed at {number(after)}."
    if number(after) == number(before):
        return f"The loss hardly {'fell' if after < before else 'rose'}: it is {number(after)}."
    return f"The loss {'fell' if after < before else 'rose'} from {number(before)} to {number(after)}."
