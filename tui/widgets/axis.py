"""Axes with round numbers, linear or logarithmic, that keep still while the numbers run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

LARGEST = 1e307
SMALLEST_SPAN = 1e-300
SAME = 1e-12
LADDER = (1.0, 2.0, 5.0)
LENGTHS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
SHORTEST = 10.0


@dataclass(frozen=True)
class Axis:
    """Where numbers lie between `low` and `high`, as logarithms if `logarithmic`; `ticks` are the numbers to write."""

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def fractions(self, values: Floats) -> Floats:
        """Return where the values lie: 0 at the low end, 1 at the high one. On a logarithmic axis all are positive."""
        scaled = np.log10(values) if self.logarithmic else np.clip(values, -LARGEST, LARGEST)
        return (scaled - self.low) / (self.high - self.low)

    @property
    def labels(self) -> tuple[str, ...]:
        """The ticks in as few digits as tell them apart."""
        for digits in range(1, 17):
            labels = tuple(_label(tick, digits) for tick in self.ticks)
            exact = all(math.isclose(float(label), tick, rel_tol=1e-3) for label, tick in zip(labels, self.ticks))
            if exact and len(set(labels)) == len(labels):
                return labels
        return tuple(repr(tick) for tick in self.ticks)


def linear_axis(low: float, high: float, intervals: int) -> Axis:
    """Return an axis that shows `low` to `high` between round numbers, about `intervals` of them.

    It starts at zero where that costs less than half of its length.
    """
    low, high = _apart(*np.clip((low, high), -LARGEST, LARGEST).tolist())
    if 0 < low < high / 2:
        low = 0.0
    ticks = _round_numbers(low, high, intervals)
    return Axis(ticks[0], ticks[-1], ticks)


def log_axis(low: float, high: float, intervals: int) -> Axis:
    """Return a logarithmic axis that shows the positive numbers `low` to `high`, with up to `intervals` intervals.

    Its ticks are 1, 2 and 5 times powers of ten, or powers of ten alone where there is less room, or any round numbers
    where it is shorter than that.
    """
    bottom, top = math.log10(low), math.log10(high)
    if top - bottom < SAME:
        bottom, top = bottom - 0.5, top + 0.5
    ladder = [step for step in _ladder(bottom, top) if _between(math.log10(step), bottom, top)]
    if len(ladder) < 3:
        rounds = _round_numbers(10.0**bottom, 10.0**top, intervals)
        ticks = tuple(tick for tick in rounds if tick > 0)
        bottom, top = min(bottom, math.log10(ticks[0])), max(top, math.log10(ticks[-1]))
        return Axis(bottom, top, ticks, logarithmic=True)
    return Axis(bottom, top, _thinned(ladder, intervals), logarithmic=True)


def update_axis(latest: int, intervals: int) -> Axis:
    """Return an axis for updates from 0, a little longer than `latest`, so that it changes its length seldom."""
    longest = max(float(latest), SHORTEST)
    magnitude = 10.0 ** math.floor(math.log10(longest))
    length = next(step * magnitude for step in LENGTHS if step * magnitude >= longest)
    step = max(1.0, _round_step(length / max(intervals, 1)))
    ticks = tuple(step * index for index in range(int(length / step + SAME) + 1))
    return Axis(0.0, length, ticks)
