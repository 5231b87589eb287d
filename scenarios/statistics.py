"""What a single run has to say to a statistic over many seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Vector
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run
from nnsim.scenarios import expect
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import Column, Course, along, column, ending

Flags: TypeAlias = NDArray[np.bool_]

OF_TAILS = ("mean", "median", "share_of_tail", "share_ending")


def tail(wanted: expect.Statistics, experiment: Experiment) -> int:
    """How many updates the tail of a run has."""
    return wanted.tail_epochs * experiment.updates_per_epoch


def needs_only_ends(wanted: expect.Statistics, tail: int) -> bool:
    """Whether the last update of a run, whose tail has so many, says all that is asked."""
    of_last = wanted.statistic == "share_ending" or (wanted.statistic in ("mean", "median") and tail == 1)
    return of_last and wanted.epoch is None


def of_end(wanted: expect.Statistics, experiment: Experiment, run: Run) -> float:
    """What a run has to say at its end."""
    if wanted.statistic == "median" and run.stopped is not None:
        return float("inf")
    value = ending(experiment, run, wanted.quantity)
    values = np.array([] if value is None else [value])
    return of_column(wanted, Column(np.full(len(values), run.update), values), tail=1)


def of_course(wanted: Sequence[expect.Statistics], experiment: Experiment, run: Run, course: Course) -> list[float]:
    """What a run has to say to each of these, from its course alone."""
    stop = None if run.stopped is None else run.stopped.update
    return [_of_course(each, experiment, course, stop) for each in wanted]


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


def of_column(wanted: expect.Statistics, got: Column, tail: int) -> float:
    """What a quantity along a run says, with a tail of so many updates; NaN if there is none of it."""
    if not len(got.values):  # a run that broke before its first update
        return float("nan")
    if wanted.statistic in ("mean", "median"):
        return float(np.mean(_tail(got, tail)))
    if wanted.statistic == "median_lowest":
        return float(got.values.min())
    if wanted.statistic == "share_of_tail":
        return float(crossed(wanted, _tail(got, tail)).mean())
    there = crossed(wanted, got.values)
    if wanted.statistic == "share_reaching":
        return float(there.any())
    if wanted.statistic == "share_ending":
        return float(there[-1])
    if wanted.statistic == "median_update":
        return float(got.updates[there.argmax()]) if there.any() else float("inf")
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
    return float("inf") if wanted.statistic == "median" and diverged else of_column(wanted, got, tail)


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
