"""Bars that compare numbers: one number with its limit, or some numbers with each other over many powers of ten."""

from __future__ import annotations

import math
from collections.abc import Sequence

DECADES_AROUND = 3.0
DECADES_A_STEP = 3
FILLED, EMPTY, LIMIT, LIMIT_PASSED = "━", "─", "│", "┃"
BLOCK, HALF_BLOCK = "█", "▌"


def gauge(value: float, limit: float, width: int, logarithmic: bool) -> str:
    """Return a bar of `width` characters that is filled as far as the value goes, with its limit in the middle: from 0
    to twice the limit, or from a thousandth of it to a thousand times as much."""
    middle = width // 2
    filled = round(_share(value, limit, logarithmic) * width)
    cells = [FILLED if place < filled else EMPTY for place in range(width)]
    cells[middle] = LIMIT_PASSED if filled > middle else LIMIT
    return "".join(cells)


def part(value: float, whole: float, width: int) -> str:
    """Return a bar of `width` characters that is filled as the value fills the whole; by one at least, if by any."""
    share = min(max(value / whole, 0.0), 1.0) if math.isfinite(value) else 1.0
    filled = max(round(share * width), int(share > 0.0))
    return FILLED * filled + EMPTY * (width - filled)


def decades(values: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten between which the positive numbers lie, in steps of three, so that they keep still."""
    powers = [math.log10(value) for value in values if 0.0 < value < math.inf]
    low = math.floor(min(powers, default=0.0) / DECADES_A_STEP) * DECADES_A_STEP
    high = math.ceil(max(powers, default=0.0) / DECADES_A_STEP) * DECADES_A_STEP
    return low, max(high, low + DECADES_A_STEP)


def bar(value: float, scale: tuple[int, int], width: int) -> str:
    """Return a bar of up to `width` characters, to half a character, on a scale of powers of ten; none for 0."""
    if not value > 0.0:
        return ""
    low, high = scale
    share = (math.log10(min(value, 10.0**high)) - low) / (high - low)
    halves = min(max(1, round(2 * width * share)), 2 * width)
    return BLOCK * (halves // 2) + HALF_BLOCK * (halves % 2)


def _share(value: float, limit: float, logarithmic: bool) -> float:
    """Return how much of a gauge is filled, 0 to 1; all of it where the value is not a number."""
    ratio = abs(value / limit)
    if not math.isfinite(ratio):
        return 1.0
    if not logarithmic:
        return min(ratio / 2.0, 1.0)
    if ratio == 0.0:
        return 0.0
    return min(max(0.5 + math.log10(ratio) / (2.0 * DECADES_AROUND), 0.0), 1.0)
