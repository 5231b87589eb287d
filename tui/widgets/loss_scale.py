"""The scale of a loss chart: it covers what a run has been through, but a loss that runs away does not squash it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nnsim.tui.widgets.loss_lines import Line
from nnsim.tui.widgets.scale import LARGEST, Scale, linear_scale, logarithmic_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Mask: TypeAlias = NDArray[np.bool_]

ROWS_A_TICK = 3
# How many times the usual size of the losses a scale reaches at most: far enough for any spike of a run that goes on.
FARTHEST = {False: 100.0, True: 1e9}


def drawable(losses: Floats, log_scale: bool) -> Mask:
    """Tell which losses have a place on the scale, inside it or above."""
    return losses > 0 if log_scale else ~np.isnan(losses)


def loss_scale(lines: Iterable[Line], rows: int, log_scale: bool, with_zero: bool = False) -> Scale | None:
    """Return a scale for the lines on so many rows; None when there is nothing to draw.

    It covers every finite loss of the run itself, but not beyond 100 times (on a logarithmic scale 1e9 times) the usual
    size of its losses: the largest of the first and the median one of its lines, each without its sign. Other futures
    and other runs widen it downwards as far as that, and upwards to where the run began. A linear scale `with_zero` has
    0 on it, so that it keeps still while a loss falls towards it.
    """
    found = [(line.is_own, _finite(line.series.losses, log_scale)) for line in lines if line.role != "rate"]
    own = [losses for is_own, losses in found if is_own and losses.size]
    others = [losses for is_own, losses in found if not is_own and losses.size]
    shown = own or others
    if not shown:
        return None
    firsts = max(abs(float(losses[0])) for losses in shown)
    usual = max(firsts, *(abs(_median(losses)) for losses in shown))
    farthest = min(FARTHEST[log_scale] * usual, LARGEST) or LARGEST
    low = min(float(losses.min()) for losses in shown)
    high = max(float(losses.max()) for losses in shown)
    for losses in others if own else ():
        low, high = min(low, float(losses.min())), max(high, min(float(losses.max()), firsts))
    low, high = max(low, -farthest), min(high, farthest)
    if with_zero and not log_scale:
        low, high = min(low, 0.0), max(high, 0.0)
    intervals = max(1, rows // ROWS_A_TICK)
    return logarithmic_scale(low, high, intervals) if log_scale else linear_scale(low, high, intervals)


def _finite(losses: Floats, log_scale: bool) -> Floats:
    kept: Floats = losses[np.isfinite(losses) & drawable(losses, log_scale)]
    return kept


def _median(losses: Floats) -> float:
    """Return the upper median, which costs a fifth of NumPy's."""
    middle = losses.size // 2
    return float(np.partition(losses, middle)[middle])
