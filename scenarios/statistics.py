"""Statistics over many seeds: what a single run has to say, and what all come to together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Vector
from nnsim.core.ensemble import Check
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run
from nnsim.scenarios import expect
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import Column, Course, along, column, ending

Flags: TypeAlias = NDArray[np.bool_]
Said: TypeAlias = float | Vector
"""What a run has to say: a number, or one for each of its epochs."""

OF_MEANS = ("mean", "median", "least", "greatest")
OF_TAILS = (*OF_MEANS, "share_of_tail", "share_ending")


def tail(wanted: expect.Statistics, experiment: Experiment) -> int:
    """How many updates the tail of a run has."""
    return wanted.tail_epochs * experiment.updates_per_epoch


def needs_only_ends(wanted: expect.Statistics, tail: int) -> bool:
    """Whether the last update of a run, whose tail has so many, says all that is asked."""
    of_last = wanted.statistic == "share_ending" or (wanted.statistic in OF_MEANS and tail == 1)
    return of_last and wanted.epoch is None


def of_end(wanted: expect.Statistics, experiment: Experiment, run: Run) -> float:
    """What a run has to say at its end."""
    if wanted.statistic in ("median", "greatest") and run.stopped is not None:
        return float("inf")
    value = ending(experiment, run, wanted.quantity)
    values = np.array([] if value is None else [value])
    return of_column(wanted, Column(np.full(len(values), run.update), values), tail=1)


def of_course(wanted: Sequence[expect.OfSeeds], experiment: Experiment, run: Run, course: Course) -> list[Said]:
    """What a run has to say to each of these, from its course alone."""
    stop = None if run.stopped is None else run.stopped.update
    return [
        _of_course(each, experiment, course, stop)
        if isinstance(each, expect.Statistics)
        else epoch_means(along(experiment, course, each.quantity), experiment.updates_per_epoch)
        for each in wanted
    ]


def epoch_means(got: Column, per_epoch: int) -> Vector:
    """The mean of what a quantity has in each epoch that has all its updates; shape (epochs,)."""
    epochs = len(got.values) // per_epoch
    means: Vector = got.values[: epochs * per_epoch].reshape(epochs, per_epoch).mean(axis=1)
    return means


def _of_course(wanted: expect.Statistics, experiment: Experiment, course: Course, stop: int | None) -> float:
    updates, last = tail(wanted, experiment), last_update(wanted, experiment)
    if wanted.statistic in OF_TAILS and wanted.epoch is None:
        course = course.tail(updates)
    return _unless_stopped(wanted, along(experiment, course, wanted.quantity).upto(last), updates, stop, last)


def of_past(wanted: expect.Statistics, experiment: Experiment, timeline: Timeline, tail: int) -> float:
    """What a run has to say of what was measured on its way."""
    last = last_update(wanted, experiment)
    stop = None if timeline.stopped is None else timeline.stopped.update
    return _unless_stopped(wanted, column(experiment, timeline, wanted.quantity).upto(last), tail, stop, last)


def of_samples(
    wanted: Sequence[expect.Statistics], every: int, experiment: Experiment, seed: int, check: Check
) -> list[Said]:
    """What the run with this seed has to say to each of these, from what is measured at the start and every so many
    updates."""
    run = Run(experiment.objective, experiment.settings, experiment.start(seed), seed)
    end = min(experiment.updates, max(last_update(each, experiment) for each in wanted))
    quantities = {each.quantity for each in wanted}
    updates, measured = [0], [_here(experiment, run, quantities)]
    while run.update + every <= end and run.stopped is None:
        check()
        run.advance(every)
        updates.append(run.update)
        measured.append(_here(experiment, run, quantities))
    stop = None if run.stopped is None else run.stopped.update
    said: list[Said] = []
    for each in wanted:
        last = last_update(each, experiment)
        got = Column(np.array(updates), np.array([here[each.quantity] for here in measured])).upto(last)
        said.append(_unless_stopped(each, got, tail(each, experiment), stop, last))
    return said


def _here(experiment: Experiment, run: Run, quantities: Iterable[str]) -> dict[str, float]:
    """These quantities where a run stands; NaN for what there is none of."""
    values = {quantity: ending(experiment, run, quantity) for quantity in quantities}
    return {quantity: np.nan if value is None else value for quantity, value in values.items()}


def of_column(wanted: expect.Statistics, got: Column, tail: int) -> float:
    """What a quantity along a run says, with a tail of so many updates; NaN if there is none of it."""
    values = got.values
    if not len(values):  # a run that broke before its first update
        return float("nan")
    match wanted.statistic:
        case "mean" | "median" | "least" | "greatest":
            return float(np.mean(_tail(got, tail)))
        case "median_lowest":
            return float(values.min())
        case "mean_highest":
            return float(values.max())
        case "median_update_of_lowest":
            return float(got.updates[values.argmin()])
        case "median_end_over_lowest":
            return float(values[-1] / values.min())
        case "share_of_tail":
            return float(crossed(wanted, _tail(got, tail)).mean())
        case _:
            return _of_crossings(wanted, got)


def together(wanted: expect.Statistics, said: Sequence[float]) -> float:
    """What all runs come to; NaN for those that reach something if there are none."""
    match wanted.statistic:
        case "least":
            return min(said)
        case "greatest":
            return max(said)
        case "median_update_of_reaching":
            reaching = [update for update in said if update < np.inf]
            return float(np.median(reaching)) if reaching else float("nan")
        case name:
            return float(np.median(said) if name.startswith("median") else np.mean(said))


def _of_crossings(wanted: expect.Statistics, got: Column) -> float:
    there = crossed(wanted, got.values)
    match wanted.statistic:
        case "share_reaching":
            return float(there.any())
        case "share_ending":
            return float(there[-1])
        case "median_update" | "median_update_of_reaching":
            return float(got.updates[there.argmax()]) if there.any() else float("inf")
        case _:
            returns = _returns(wanted, got.values)
            return float(returns > 0) if wanted.statistic == "share_returning" else float(returns)


def crossed(wanted: expect.Statistics | expect.Reaches | expect.Never, values: Vector) -> Flags:
    """Which values are below, or above, the one that is asked about."""
    return _beyond(values, wanted.below, wanted.above)


def last_update(wanted: expect.Statistics, experiment: Experiment) -> float:
    """The last update that counts."""
    return np.inf if wanted.epoch is None else wanted.epoch * experiment.updates_per_epoch


def _unless_stopped(wanted: expect.Statistics, got: Column, tail: int, stop: int | None, last: float) -> float:
    diverged = stop is not None and stop <= last
    infinite = diverged and wanted.statistic in ("median", "greatest")
    return float("inf") if infinite else of_column(wanted, got, tail)


def _tail(got: Column, updates: int) -> Vector:
    tail: Vector = got.values[got.updates > got.updates[-1] - updates]
    return tail


def _beyond(values: Vector, below: float | None, above: float | None) -> Flags:
    if below is not None:
        return values < below
    assert above is not None
    return values > above


def _returns(wanted: expect.Statistics, values: Vector) -> int:
    """How many times a value is back after one that was there, whatever lies between the two."""
    back = _beyond(values, None, wanted.back) if wanted.below is not None else _beyond(values, wanted.back, None)
    ways = np.where(crossed(wanted, values), 1, np.where(back, -1, 0))
    ways = ways[ways != 0]
    return int(np.sum((ways[:-1] == 1) & (ways[1:] == -1)))
