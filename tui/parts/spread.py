"""As many of many things as a picture has room for, and the range that shows them all."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Indices, Vector


def evenly(count: int, most: int) -> Indices:
    """The places of at most `most` of `count` things in a row, evenly spread from the first to the last."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)


def spread(values: Vector, margin: float) -> tuple[float, float]:
    """The range of some finite values and this part of it more at either end; one of length 2 where they are equal."""
    low, high = float(values.min()), float(values.max())
    wider = margin * (high - low) or 1.0
    return low - wider, high + wider
