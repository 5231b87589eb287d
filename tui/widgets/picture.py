"""A sample that is a picture, in shades: each pixel a block, in colour as smooth as a terminal can be."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import Floats, Integers
from nnsim.tui.widgets.palette import Colours, Palette

SHADES = " ░▒▓█"
SHADES_OF_GREY = 16
# A pixel of the picture is so many columns and rows large at scale 1.
PIXEL_WIDTH, PIXEL_HEIGHT = 2, 1
# How much weaker than a glyph the colour behind it is: pictures look smooth in colour, and keep their shades without.
BEHIND_GLYPH = 0.75


HALF = 0.5
"""A scale at which a cell has two pixels, one above the other."""


def size_of(picture: Floats | None, scale: float) -> tuple[int, int]:
    """Return the columns and rows of a picture, none where there is no picture."""
    rows, columns = (0, 0) if picture is None else picture.shape
    if scale == HALF:
        return columns, -(-rows // 2)
    return columns * PIXEL_WIDTH * int(scale), rows * PIXEL_HEIGHT * int(scale)


def draw_picture(grid: Grid, picture: Floats, scale: int) -> None:
    """Draw each pixel as a block of one shade, from blank for 0 to full for 1, in the upper left corner."""
    values = np.nan_to_num(np.clip(picture, 0, 1))
    values = values.repeat(PIXEL_HEIGHT * scale, axis=0).repeat(PIXEL_WIDTH * scale, axis=1)
    values = values[: grid.height, : grid.width]
    steps = np.rint(values * SHADES_OF_GREY).astype(np.int64)
    grid.blocks(SHADES, _shades(values), greys(grid.palette)[steps], greys(grid.palette, BEHIND_GLYPH)[steps])


def _shades(values: Floats) -> Integers:
    """Return the place in SHADES of each value from 0 to 1."""
    return np.minimum((values * len(SHADES)).astype(np.int64), len(SHADES) - 1)


@lru_cache(maxsize=16)
def greys(palette: Palette, brightness: float = 1.0) -> Colours:
    """Return the colours (SHADES_OF_GREY + 1,) from the ground towards the text, as far as `brightness`."""
    parts = np.linspace(0.0, brightness, SHADES_OF_GREY + 1).tolist()
    return np.array([palette.blend(palette.ground, palette.text, part) for part in parts], dtype=np.int32)


def draw_small(grid: Grid, picture: Floats, coloured: bool) -> None:
    """Draw two pixels to a cell, one above the other; without colours as one shade of both."""
    pairs = np.nan_to_num(np.clip(picture, 0, 1))
    pairs = np.pad(pairs, ((0, len(pairs) % 2), (0, 0)))
    if not coloured:
        for y, row in enumerate(_shades((pairs[::2] + pairs[1::2]) / 2).tolist()):
            grid.text(0, y, "".join(SHADES[shade] for shade in row), grid.palette.text)
        return
    grid.pixels(0, 0, greys(grid.palette)[np.rint(pairs * SHADES_OF_GREY).astype(np.int64)])
