"""Long lines, thinned to what a chart can draw."""

from __future__ import annotations

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.tui.snapshot.chart import Series

MOST_POINTS = 2048


def thinned(role: str, updates: Vector, losses: Vector) -> Series:
    """A line of a chart, thinned so that the lows and highs of every stretch and both ends survive, without the losses
    that are not finite."""
    if len(losses) > MOST_POINTS:
        block = -(-len(losses) // (MOST_POINTS // 2))
        whole = len(losses) // block * block
        blocks = losses[:whole].reshape(-1, block)
        starts = np.arange(len(blocks)) * block
        extremes = [starts + blocks.argmin(axis=1), starts + blocks.argmax(axis=1)]
        kept = np.unique(np.concatenate([[0], *extremes, np.arange(whole, len(losses)), [len(losses) - 1]]))
        updates, losses = updates[kept], losses[kept]
    finite = np.isfinite(losses)
    return Series(role, updates[finite], losses[finite])
