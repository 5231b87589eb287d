"""Scales between round numbers, linear or logarithmic, that keep still while the numbers run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

LARGEST = 1e307
SMALLEST = 1e-300
SAME = 1e-12
ROUNDING = 1e-9
ROUND = (1.0, 2.0, 5.0, 10.0, 20.0)
LENGTHS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
SHORTEST = 10.0
IN_FULL = (1e-4, 1e6)


@dataclass(frozen=True)
class Scale:
    """Where numbers lie between `low` and `high` (their logarithms if `logarithmic`), and the numbers written there."""

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def fractions(self, values: Floats) -> Floats:
        """Return where the values lie: 0 at the low end, 1 at the high one. On a logarithmic scale all are positive."""
        scaled = np.log10(_within(values)) if self.logarithmic else np.clip(values, -LARGEST, LARGEST)
        return np.asarray((scaled - self.low) / (self.high - self.low))

    @property
    def labels(self) -> tuple[str, ...]:
        """The ticks in as few digits as are true to them and tell them apart."""
        return _labels(self.ticks)


def linear_scale(low: float, high: float, intervals: int) -> Scale:
    """Return a scale that shows `low` to `high` between round numbers, with about `intervals` intervals.

    It starts at zero where that costs less than half of its length.
    """
    low, high = _apart(*np.clip((low, high), -LARGEST, LARGEST).tolist())
    if 0 < low < high / 2:
        low = 0.0
    ticks = _round_numbers(low, high, intervals)
    return Scale(ticks[0], ticks[-1], ticks)


def logarithmic_scale(low: float, high: float, intervals: int) -> Scale:
    """Return a logarithmic scale that shows the positive numbers `low` to `high`, with about `intervals` intervals.

    It runs between numbers that are 1, 2 or 5 times a power of ten. Where it is too short for three of them, its ticks
    are any round numbers.
    """
    low, high = _within(np.array((low, high))).tolist()
    if high - low < SAME * high:
        low, high = low / 2, high * 2
    ladder = _ladder(low, high)
    ticks = _thinned(ladder, intervals)
    if len(ladder) < 3:
        ticks = tuple(tick for tick in _round_numbers(low, high, intervals) if tick > 0)
        ladder = (min(low, ticks[0]), max(high, ticks[-1]))
    return Scale(math.log10(ladder[0]), math.log10(ladder[-1]), ticks, logarithmic=True)


def axis_length(latest: float, shortest: float = SHORTEST) -> float:
    """Return the length of an axis that begins at 0: a little more than `latest`, so that it changes seldom."""
    longest = max(latest, shortest)
    magnitude = 10.0 ** math.floor(math.log10(longest))
    return next(step * magnitude for step in LENGTHS if step * magnitude >= longest)


def _within(values: Floats) -> Floats:
    """Return positive values without those so extreme that a power of ten near them is no longer a number."""
    return np.clip(values, SMALLEST, LARGEST)


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return two limits with room between them, also around a constant."""
    size = max(abs(low), abs(high))
    if high - low > max(SAME * size, SMALLEST):
        return low, high
    room = size / 2 if size > SMALLEST else 1.0
    return low - room, high + room


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below `least`."""
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(step * magnitude for step in ROUND if step * magnitude >= least * (1 - ROUNDING))


def _round_numbers(low: float, high: float, intervals: int) -> tuple[float, ...]:
    """Return round numbers at equal distances, the first at or below `low` and the last at or above `high`."""
    step = _round_step((high - low) / intervals)
    first, last = math.floor(low / step + ROUNDING), math.ceil(high / step - ROUNDING)
    return tuple(step * index for index in range(first, last + 1))


def _ladder(low: float, high: float) -> tuple[float, ...]:
    """Return 1, 2 and 5 times powers of ten, from the last at or below `low` to the first at or above `high`."""
    exponents = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 2)
    rungs = [float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5)]
    start = max(index for index, rung in enumerate(rungs) if rung <= low)
    stop = min(index for index, rung in enumerate(rungs) if rung >= high)
    return tuple(rungs[start : stop + 1])


def _thinned(ladder: tuple[float, ...], intervals: int) -> tuple[float, ...]:
    """Return as many of the ladder's numbers as there is room for, rather powers of ten than others."""
    if len(ladder) - 1 <= intervals:
        return ladder
    powers = tuple(rung for rung in ladder if f"{rung:e}".startswith("1."))
    chosen = powers if len(powers) > 1 else ladder
    return chosen[:: math.ceil((len(chosen) - 1) / intervals)]


@lru_cache(maxsize=64)
def _labels(ticks: tuple[float, ...]) -> tuple[str, ...]:
    for digits in range(1, 17):
        labels = tuple(_label(tick, digits) for tick in ticks)
        true = np.allclose([float(label) for label in labels], ticks, rtol=1e-3, atol=0)
        if true and len(set(labels)) == len(labels):
            return labels
    return tuple(repr(tick) for tick in ticks)


def _label(value: float, digits: int) -> str:
    """Return the number with so many significant digits, and an exponent only where it is very large or small."""
    text = f"{value:.{digits}g}"
    if value == 0 or IN_FULL[0] <= abs(value) < IN_FULL[1]:
        return np.format_float_positional(float(text), trim="-")
    return text.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
