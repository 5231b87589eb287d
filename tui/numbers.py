"""Numbers as text: at a constant width for what runs, short for prose."""

from __future__ import annotations

import math
import re

LEAST_WHOLE_DIGITS = 3
MOST_DECIMALS = 4
SIGNIFICANT_DIGITS = 4
LARGEST_IN_FULL = 1e6
SMALLEST_IN_FULL = 1e-4


def fixed(value: float, width: int = 10) -> str:
    """Return the number with its sign in exactly `width` characters, its decimal point at the same place if it can be.

    A number too large or too small for that is written with an exponent; one that fits in no form becomes a row of
    `#`. Zero has no sign.
    """
    for text in _forms(value, width):
        if len(text) <= width:
            return text.rjust(width)
    return "#" * width


def tight(value: float, width: int) -> str:
    """Return the number with its sign in exactly `width` characters, at least 5, with as many digits as have room.

    Unlike `fixed` it lets the decimal point move, for places with room for few digits, as in +0.53, +12.4 or -3e-4.
    """
    if value == 0:
        return f"{0:.{width - 3}f}".rjust(width)
    if not math.isfinite(value):
        return ("nan" if math.isnan(value) else f"{value:+}").rjust(width)
    plain = [f"{value:+.{decimals}f}" for decimals in range(width - 3, -1, -1)]
    exponent = [re.sub(r"e([+-])0*", _short_exponent, f"{value:+.{decimals}e}") for decimals in (2, 1, 0)]
    too_small = float(plain[0]) == 0
    forms = exponent + plain if too_small else plain + exponent
    return next((form for form in forms if len(form) <= width), "#" * width).rjust(width)


def short(value: float) -> str:
    """Return the number as prose has it: four digits, but whole numbers in full, as in 0.0001, 22500 or 1.23e+08."""
    if value == 0:
        return "0"
    size = abs(value)
    if not SMALLEST_IN_FULL <= size < LARGEST_IN_FULL:
        return f"{value:.3g}"
    if size >= 10**SIGNIFICANT_DIGITS:
        return f"{value:.0f}"
    return f"{value:.{SIGNIFICANT_DIGITS}g}"


def signed(value: float) -> str:
    """Return `short` with a plus where the number is positive."""
    return f"+{short(value)}" if value > 0 else short(value)


def _forms(value: float, width: int) -> list[str]:
    """Return the ways to write a number, the best first."""
    if not math.isfinite(value):
        return ["nan" if math.isnan(value) else f"{value:+}"]
    decimals = max(0, min(MOST_DECIMALS, width - LEAST_WHOLE_DIGITS - 2))
    if value == 0:
        return [f"{0:.{decimals}f}", "0"]
    plain = [f"{value:+.{d}f}" for d in range(decimals, min(decimals, 1) - 1, -1)]
    exponent = [f"{value:+.{d}e}" for d in (2, 1, 0)]
    too_small = abs(value) < min(10.0 ** (1 - decimals), 0.1)
    return exponent + plain if too_small else plain + exponent


def _short_exponent(match: re.Match[str]) -> str:
    return "e-" if match[1] == "-" else "e"
