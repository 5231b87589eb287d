"""Statistics over many seeds: what a single run has to say, and what all come to together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnsim.core.arrays import Indices, Vector
from nnsim.core.batches import Batches
from nnsim.core.ensemble import Check, pieces
from nnsim.core.epoch_mean import EpochMean
from nnsim.core.history import next_measured
from nnsim.core.training import Run
from nnsim.scenarios import expect
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import OF_A_BATCH, Column, Course, along, ending, known_here

Flags: TypeAlias = NDArray[np.bool_]
Said: TypeAlias = float | Vector
"""What a run has to say: a number, or one for each of its epochs."""

OF_TAILS = ("mean", "median", "least", "greatest", "share_of_tail", "share_ending")


def tail(wanted: expect.Statistics, experiment: Experiment) -> int:
    """How many updates the tail of a run has."""
    return wanted.tail_epochs * experiment.updates_per_epoch


def of_course(
    wanted: Sequence[expect.OfSeeds], experiment: Experiment, run: Run, course: Course, check: Check
) -> list[Said]:
    """What a run has to say to each of these, from its course alone."""
    known: dict[tuple[str, int | None], Column] = {}
    said: list[Said] = []
    for each in wanted:
        check()
        only = _only_tail(each, experiment)
        if (each.quantity, only) not in known:
            part = course if only is None else course.tail(only)
            known[each.quantity, only] = along(experiment, part, each.quantity)
        got = known[each.quantity, only]
        if isinstance(each, expect.Statistics):
            said.append(_unless_stopped(each, experiment, run, got))
        else:
            said.append(epoch_means(each.quantity, got, run.batches))
    return said


def _only_tail(wanted: expect.OfSeeds, experiment: Experiment) -> int | None:
    """How many of the last updates of a run say all that is asked, or None where that takes all of them."""
    if not isinstance(wanted, expect.Statistics) or wanted.statistic not in OF_TAILS or wanted.epoch is not None:
        return None
    return tail(wanted, experiment)


def epoch_means(quantity: str, got: Column, batches: Batches) -> Vector:
    """The mean of what a quantity has in each epoch that has all its updates; shape (epochs,)."""
    length = batches.per_epoch
    epochs = (slice(begin, begin + length) for begin in range(0, len(got.values) - length + 1, length))
    parts = (Column(got.updates[epoch], got.values[epoch]) for epoch in epochs)
    return np.array([_mean(quantity, part, batches) for part in parts])


def _mean(quantity: str, got: Column, batches: Batches) -> float:
    """The mean of what a quantity has, where it is itself a mean over a batch, over the samples of all batches."""
    if quantity in OF_A_BATCH:
        return EpochMean().after(got.values, batches.sizes(got.updates)).value
    return float(got.values.mean())


def of_places(wanted: Sequence[expect.Statistics], experiment: Experiment, seed: int, check: Check) -> list[Said]:
    """What the run with this seed has to say to each of these, from what is measured at places on its way."""
    end = int(min(experiment.updates, max(last_update(each, experiment) for each in wanted)))
    run, measured = _run_to(wanted, experiment, seed, end, check)
    if run.stopped is not None:  # where its tail begins is known only now
        _, measured = _run_to(wanted, experiment, seed, run.update, check)
    return [_unless_stopped(each, experiment, run, got) for each, got in zip(wanted, measured, strict=True)]


def places(wanted: expect.Statistics, experiment: Experiment, end: int) -> Indices:
    """The updates after which a run that ends there is measured: every so many, or, as a run with its past is, after
    epochs; of them those that have a say."""
    end = int(min(end, last_update(wanted, experiment)))
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


def _run_to(
    wanted: Sequence[expect.Statistics], experiment: Experiment, seed: int, end: int, check: Check
) -> tuple[Run, list[Column]]:
    """A run to its end there, and what each of these asks of it; nothing of one that stops before."""
    run = Run(experiment.objective, experiment.settings, experiment.start(seed), seed)
    at = [places(each, experiment, end) for each in wanted]
    needed: dict[str, set[int]] = {each.quantity: set() for each in wanted}
    for each, updates in zip(wanted, at, strict=True):
        needed[each.quantity].update(updates.tolist())
    values: dict[tuple[str, int], float] = {}
    for place in sorted({end}.union(*needed.values())):
        for _ in pieces(run, place, check):
            pass
        if run.update < place:
            return run, []
        for quantity in (quantity for quantity, updates in needed.items() if place in updates):
            check()
            value = ending(experiment, run, quantity)
            values[quantity, place] = np.nan if value is None else value
    columns = [
        Column(updates, np.array([values[each.quantity, update] for update in updates.tolist()]))
        for each, updates in zip(wanted, at, strict=True)
    ]
    return run, columns


def of_column(wanted: expect.Statistics, got: Column, tail: int, batches: Batches) -> float:
    """What a quantity along a run with these batches says, with a tail of so many updates; NaN if there is none of
    it."""
    values = got.values
    if not len(values):  # a run that broke before its first update
        return float("nan")
    match wanted.statistic:
        case "mean" | "median" | "least" | "greatest":
            return _mean(wanted.quantity, _tail(got, tail), batches)
        case "median_lowest":
            return float(values.min())
        case "mean_highest":
            return float(values.max())
        case "median_update_of_lowest":
            return float(got.updates[values.argmin()])
        case "median_end_over_lowest":
            return float(values[-1] / values.min())
        case "share_of_tail":
            return float(crossed(wanted, _tail(got, tail).values).mean())
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


def _unless_stopped(wanted: expect.Statistics, experiment: Experiment, run: Run, got: Column) -> float:
    last = last_update(wanted, experiment)
    if run.stopped is not None and run.stopped.update <= last and wanted.statistic in ("median", "greatest"):
        return float("inf" if run.stopped.kind == "diverged" else "nan")
    return of_column(wanted, got.upto(last), tail(wanted, experiment), run.batches)


def _tail(got: Column, updates: int) -> Column:
    last = got.updates > got.updates[-1] - updates
    return Column(got.updates[last], got.values[last])


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
