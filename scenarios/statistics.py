"""Statistics over many seeds: what a single run has to say, and what all come to together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Vector
from nnsim.core.ensemble import Check
from nnsim.core.history import next_measured
from nnsim.core.training import Run
from nnsim.scenarios import expect
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import Column, Course, along, ending, known_here
from nnsim.scenarios.runner import go_on

Flags: TypeAlias = NDArray[np.bool_]
Said: TypeAlias = float | Vector
"""What a run has to say: a number, or one for each of its epochs."""

OF_MEANS = ("mean", "median", "least", "greatest")
OF_TAILS = (*OF_MEANS, "share_of_tail", "share_ending")


def tail(wanted: expect.Statistics, experiment: Experiment) -> int:
    """How many updates the tail of a run has."""
    return wanted.tail_epochs * experiment.updates_per_epoch


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


def of_places(wanted: Sequence[expect.Statistics], experiment: Experiment, seed: int, check: Check) -> list[Said]:
    """What the run with this seed has to say to each of these, from what is measured at places on its way."""
    run = Run(experiment.objective, experiment.settings, experiment.start(seed), seed)
    at = [places(each, experiment) for each in wanted]
    needed: dict[str, set[int]] = {each.quantity: set() for each in wanted}
    for each, updates in zip(wanted, at, strict=True):
        needed[each.quantity].update(updates.tolist())
    measured = _measured(experiment, run, needed, check)
    stop = None if run.stopped is None else run.stopped.update
    said: list[Said] = []
    for each, updates in zip(wanted, at, strict=True):
        last = last_update(each, experiment)
        own = measured[each.quantity].at(np.append(updates, run.update)).upto(last)
        said.append(_unless_stopped(each, own, tail(each, experiment), stop, last))
    return said


def places(wanted: expect.Statistics, experiment: Experiment) -> Indices:
    """The updates after which a run is measured: every so many, or, as a run with its past is, after epochs; of them
    those that have a say."""
    end = int(min(experiment.updates, last_update(wanted, experiment)))
    if wanted.every is not None:
        updates = np.arange(0, end + 1, wanted.every)
    elif known_here(experiment, wanted.quantity):
        updates = np.array([end])
    else:
        updates = np.array([*_ends_of_epochs(end, experiment.updates_per_epoch), end])
    if wanted.statistic == "share_ending":
        return updates[-1:]
    return updates[updates > updates[-1] - tail(wanted, experiment)] if wanted.statistic in OF_TAILS else updates


def _ends_of_epochs(end: int, per_epoch: int) -> Iterator[int]:
    """The updates before the last one, from 0 on, after which a run measures itself."""
    epoch = 0
    while epoch * per_epoch < end:
        yield epoch * per_epoch
        epoch = next_measured(epoch)


def _measured(experiment: Experiment, run: Run, needed: Mapping[str, set[int]], check: Check) -> dict[str, Column]:
    """Each quantity after the updates where it is needed, or where the run stops, which goes on to the last of them."""
    found: dict[str, dict[int, float]] = {quantity: {} for quantity in needed}
    for place in sorted(set().union(*needed.values())):
        for _ in go_on(run, place, check):
            pass
        for quantity, updates in needed.items():
            if place in updates or run.stopped is not None:
                value = ending(experiment, run, quantity)
                found[quantity][run.update] = np.nan if value is None else value
        if run.stopped is not None:
            break
    return {quantity: Column(np.array([*of]), np.array([*of.values()])) for quantity, of in found.items()}


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
