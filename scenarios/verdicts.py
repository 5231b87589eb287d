"""A verdict on an expectation, and how each kind of them is judged by what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.timeline import Timeline
from nnsim.scenarios import expect
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import Column
from nnsim.scenarios.statistics import crossed
from nnsim.scenarios.text import number


@dataclass(frozen=True)
class Verdict:
    """Whether an expectation holds, or a solution wins, what was expected, and what came out, in words."""

    scenario: str
    title: str
    passed: bool
    expected: str
    got: str
    kind: Literal["expectation", "solution"] = "expectation"


def within(expectation: Any, got: float) -> bool:
    low = -np.inf if expectation.low is None else expectation.low
    high = np.inf if expectation.high is None else expectation.high
    return bool(low <= got <= high)


def wanted_value(expectation: Any) -> str:
    """What an expectation of a value asks for, in words."""
    if isinstance(expectation, expect.Value):
        return f"{expectation.quantity} = {expectation.equals!r} +- {number(expectation.tolerance)}"
    name = str(expectation.quantity)
    if isinstance(expectation, expect.Statistics):
        side = "below" if expectation.below is not None else "above"
        bound = expectation.below if expectation.below is not None else expectation.above
        name = expectation.statistic.replace("_", " ") + f" of {name}"
        name += "" if bound is None else f" {side} {number(bound)}"
        name += "" if expectation.back is None else f" and back at {number(expectation.back)}"
        name += "" if expectation.every is None else f" every {expectation.every} updates"
    low = "" if expectation.low is None else f"{number(expectation.low)} <= "
    high = "" if expectation.high is None else f" <= {number(expectation.high)}"
    return low + name + high


def _threshold(expectation: Any) -> str:
    if expectation.below is not None:
        return f"{expectation.quantity} below {number(expectation.below)}"
    return f"{expectation.quantity} above {number(expectation.above)}"


def sequence(verdict: Verdict, wanted: expect.Sequence, got: Column) -> Verdict:
    values = got.values[wanted.first : wanted.first + len(wanted.equals)]
    expected = f"{wanted.quantity} = {', '.join(map(number, wanted.equals))} +- {number(wanted.tolerance)}"
    passed = len(values) == len(wanted.equals) and bool(
        np.all(np.abs(values - np.array(wanted.equals)) <= wanted.tolerance)
    )
    return replace(verdict, passed=passed, expected=expected, got=", ".join(map(number, values)) or "nothing")


def reaches(verdict: Verdict, wanted: expect.Reaches, got: Column, experiment: Experiment) -> Verdict:
    reached = got.updates[crossed(wanted, got.values)]
    first = int(reached[0]) if len(reached) else None
    if wanted.at_update is not None:
        passed, when = first == wanted.at_update, f"first at update {wanted.at_update}"
    elif wanted.by_update is not None:
        passed, when = first is not None and first <= wanted.by_update, f"by update {wanted.by_update}"
    else:
        last = (wanted.by_epoch or 0) * experiment.updates_per_epoch
        passed, when = first is not None and first <= last, f"by epoch {wanted.by_epoch}"
    got_text = "never" if first is None else f"first at update {first}"
    if first is not None and wanted.by_epoch is not None:
        got_text = f"first after {first / experiment.updates_per_epoch:g} epochs"
    return replace(verdict, passed=passed, expected=f"{_threshold(wanted)} {when}", got=got_text)


def never(verdict: Verdict, wanted: expect.Never, got: Column) -> Verdict:
    lost = np.isnan(got.values)
    reached = np.flatnonzero(crossed(wanted, got.values) | lost)
    got_text = "never"
    if len(reached):
        got_text = f"{'no number ' if lost[reached[0]] else ''}at update {got.updates[reached[0]]}"
    return replace(verdict, passed=not len(reached), expected=f"{_threshold(wanted)} never", got=got_text)


def diverges(verdict: Verdict, wanted: expect.Diverges, timeline: Timeline) -> Verdict:
    stop = timeline.stopped
    expected = f"diverges by update {wanted.by_update}"
    if wanted.parameter is not None:
        expected += f" in {wanted.parameter}"
    if stop is None:
        return replace(verdict, expected=expected, got=f"{timeline.update} updates without divergence")
    passed = stop.kind == "diverged" and stop.update <= wanted.by_update and wanted.parameter in (None, stop.parameter)
    return replace(verdict, passed=passed, expected=expected, got=f"update {stop.update}: {stop.reason}")


def inside(verdict: Verdict, got: Sequence[float] | Vector, low: Vector, high: Vector) -> Verdict:
    """Whether a value of each epoch lies within its bounds."""
    outside = [
        f"{number(value)} in epoch {epoch}, not within {number(least)} .. {number(most)}"
        for epoch, (value, least, most) in enumerate(zip(got, low, high, strict=True), 1)
        if not least <= value <= most
    ]
    inside = f"all within {number(low[0])} .. {number(high[0])} to {number(low[-1])} .. {number(high[-1])}"
    return replace(verdict, passed=not outside, got="; ".join(outside) or inside)
