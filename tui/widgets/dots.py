"""Braille dots: two across and four down in every cell, the finest drawing that text allows.

A dot is named by its column and row, counted from the top left of the ground; each cell holds eight.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

ACROSS, DOWN = 2, 4
BRAILLE = 0x2800
# The bit of each dot in a braille character, by row and column: U+2800 of the Unicode standard.
BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
# Farther away than any screen reaches, yet near enough that differences of it are exact.
FAR = 1e6


def strokes(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, box: tuple[int, int, int, int]
) -> tuple[Integers, Integers, Integers]:
    """Return the dots of straight lines inside a box (left, top, right, bottom; the last two excluded).

    The four arrays (lines,) hold the ends in dots. The answer holds the column and the row of every dot, and the
    line that it belongs to, in the order of the lines. A line with an end that is not a number is left out.
    """
    x0, y0, x1, y1 = np.minimum(np.maximum([x0, y0, x1, y1], -FAR), FAR)
    begin, end = _inside(x0, y0, x1 - x0, y1 - y0, box)
    kept = np.flatnonzero(begin <= end)
    x0, y0, width, height = x0[kept], y0[kept], (x1 - x0)[kept], (y1 - y0)[kept]
    begin, end = begin[kept], end[kept]
    counts = np.ceil(np.maximum(np.abs(width), np.abs(height)) * (end - begin)).astype(np.int64) + 1
    line = np.repeat(np.arange(kept.size), counts)
    place = np.arange(line.size) - np.repeat(np.cumsum(counts) - counts, counts)
    along = begin[line] + (end - begin)[line] * place / np.maximum(counts[line] - 1, 1)
    columns = np.floor(x0[line] + width[line] * along).astype(np.int64)
    rows = np.floor(y0[line] + height[line] * along).astype(np.int64)
    left, top, right, bottom = box
    columns, rows = np.minimum(np.maximum(columns, left), right - 1), np.minimum(np.maximum(rows, top), bottom - 1)
    return columns, rows, kept[line]


def stroke(x0: float, y0: float, x1: float, y1: float, box: tuple[int, int, int, int]) -> tuple[Integers, Integers]:
    """Return the columns and the rows (n,) of the dots of one line; `strokes` tells the rest."""
    columns, rows, _ = strokes(np.array([x0]), np.array([y0]), np.array([x1]), np.array([y1]), box)
    return columns, rows


def ascii_characters() -> NDArray[np.uint32]:
    """Return the ASCII character (256,) nearest to each braille one, by the bits of its dots."""
    return np.array([ord(_nearest_ascii(bits)) for bits in range(256)], dtype=np.uint32)


def _inside(
    x0: Floats, y0: Floats, width: Floats, height: Floats, box: tuple[int, int, int, int]
) -> tuple[Floats, Floats]:
    """Return where each line enters and leaves the box, as fractions of it; it enters later than it leaves if outside.

    The clipping of Liang and Barsky, ACM Transactions on Graphics 3 (1984).
    """
    left, top, right, bottom = box
    begin, end = np.zeros(x0.size), np.ones(x0.size)
    for start, run, low, high in ((x0, width, left, right), (y0, height, top, bottom)):
        with np.errstate(divide="ignore", invalid="ignore"):
            first, last = (low - start) / run, (high - start) / run
        level = run == 0
        outside = level & ((start < low) | (start >= high))
        begin = np.maximum(begin, np.where(level, np.where(outside, 2.0, 0.0), np.minimum(first, last)))
        end = np.minimum(end, np.where(level, 1.0, np.maximum(first, last)))
    return begin, end


def _nearest_ascii(bits: int) -> str:
    rows, columns = np.nonzero(BITS & bits)
    if rows.size == 0:
        return " "
    if np.ptp(rows) < 2:
        return "'-."[int(rows.mean() / 1.4)]
    if np.ptp(columns) == 0:
        return "|"
    left, right = rows[columns == 0].mean(), rows[columns == 1].mean()
    return "|" if abs(left - right) < 1 else "/" if left > right else "\\"
