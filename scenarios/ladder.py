"""The ladder of round numbers, ..., 0.1, 0.2, 0.5, 1, 2, 5, ...: learning rates to try, and levels of a loss."""

from __future__ import annotations

import math

LADDER = (1.0, 2.0, 5.0)
LOWEST, HIGHEST = -12, 8  # powers of ten of the learning rates


def on_ladder(rate: float, steps: int) -> float:
    """The next rung above (+1) or below (-1) a learning rate; the rate itself where the ladder ends."""
    rungs = [float(f"{digit:g}e{power}") for power in range(LOWEST, HIGHEST + 1) for digit in LADDER]
    if steps > 0:
        return next((rung for rung in rungs if rung > rate * (1 + 1e-9)), rate)
    return next((rung for rung in reversed(rungs) if rung < rate * (1 - 1e-9)), rate)


def nearest_rung(value: float) -> float:
    """The rung nearest to a positive finite number, by their ratio."""
    power = math.floor(math.log10(value))
    rungs = [float(f"{digit:g}e{power + up}") for up in (0, 1) for digit in LADDER]
    return min((rung for rung in rungs if rung), key=lambda rung: abs(math.log(rung / value)), default=value)
