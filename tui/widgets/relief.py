"""A loss surface as a relief: heights between 0 and 1 for every pixel, and where the contour lines run."""

from __future__ import annotations

import numpy as np

from nnsim.tui.widgets.dots import Floats, Integers, Mask

BANDS = 8
LEAST_EXPONENT = 0.12


def heights(losses: Floats, xs: Floats, ys: Floats, columns: int, rows: int) -> Floats:
    """Return the height (rows, columns) of every pixel, the largest y in the first row.

    A power of the loss, chosen so that half of the window lies in the lower half of the scale: a narrow valley stays
    visible beside steep walls.
    """
    sampled = resampled(losses, xs, ys, columns, rows)
    low, high = sampled.min(), sampled.max()
    shares = (sampled - low) / (high - low if high > low else 1.0)
    middle = min(max(float(np.median(shares)), 1e-9), 0.5)
    powers: Floats = shares ** max(np.log(0.5) / np.log(middle), LEAST_EXPONENT)
    return powers


def resampled(values: Floats, xs: Floats, ys: Floats, columns: int, rows: int) -> Floats:
    """Return the values (rows, columns) of a table over xs and ys in the middle of every pixel, the largest y in the
    first row."""
    x = np.interp(_centres(xs, columns), xs, np.arange(xs.size))
    y = np.interp(_centres(ys, rows)[::-1], ys, np.arange(ys.size))
    return _between(_between(values, y).T, x).T


def contour(heights: Floats) -> Mask:
    """Return which pixels (rows, columns) lie on a contour line: the pixel to the right or below is in another band."""
    bands = levels(heights, BANDS)
    lines = np.zeros(bands.shape, dtype=np.bool_)
    lines[:, :-1] |= bands[:, :-1] != bands[:, 1:]
    lines[:-1] |= bands[:-1] != bands[1:]
    return lines


def levels(heights: Floats, count: int) -> Integers:
    """Return the level of each height, 0 to count - 1."""
    return np.minimum((heights * count).astype(np.int64), count - 1)


def _centres(ends: Floats, count: int) -> Floats:
    """Return the middle of each of `count` even parts of the range."""
    middles: Floats = ends[0] + (ends[-1] - ends[0]) * (np.arange(count) + 0.5) / count
    return middles


def _between(table: Floats, places: Floats) -> Floats:
    """Return rows of a table at fractional places, by linear interpolation."""
    below = np.minimum(places.astype(np.int64), table.shape[0] - 2)
    part = (places - below)[:, np.newaxis]
    rows: Floats = table[below] * (1 - part) + table[below + 1] * part
    return rows
