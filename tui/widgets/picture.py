"""A sample that is a picture, in shades: each pixel a block, in colour as smooth as a terminal can be."""

from __future__ import annotations

import numpy as np

from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import Floats

SHADES = " ░▒▓█"
SHADES_OF_GREY = 16
_GREYS = range(SHADES_OF_GREY + 1)
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
    """Draw each pixel as a block of one shade, from blank for 0 to full for 1."""
    palette = grid.palette
    values = np.nan_to_num(np.clip(picture, 0, 1))
    for y, row in enumerate(values.tolist()):
        for x, value in enumerate(row):
            shade = SHADES[min(int(value * len(SHADES)), len(SHADES) - 1)]
            grey = round(value * SHADES_OF_GREY) / SHADES_OF_GREY
            front = palette.blend(palette.ground, palette.text, grey)
            behind = palette.blend(palette.ground, palette.text, grey * BEHIND_GLYPH)
            column = x * PIXEL_WIDTH * scale
            for line in range(y * PIXEL_HEIGHT * scale, (y + 1) * PIXEL_HEIGHT * scale):
                grid.text(column, line, shade * PIXEL_WIDTH * scale, front)
                grid.fill(column, line, PIXEL_WIDTH * scale, behind)


def draw_small(grid: Grid, picture: Floats, coloured: bool) -> None:
    """Draw two pixels to a cell, one above the other; without colours as one shade of both."""
    pairs = np.nan_to_num(np.clip(picture, 0, 1))
    pairs = np.pad(pairs, ((0, len(pairs) % 2), (0, 0)))
    if not coloured:
        for y, row in enumerate(((pairs[::2] + pairs[1::2]) / 2).tolist()):
            shades = [SHADES[min(int(value * len(SHADES)), len(SHADES) - 1)] for value in row]
            grid.text(0, y, "".join(shades), grid.palette.text)
        return
    greys = [grid.palette.blend(grid.palette.ground, grid.palette.text, k / SHADES_OF_GREY) for k in _GREYS]
    grid.pixels(0, 0, np.array(greys, dtype=np.int32)[np.rint(pairs * SHADES_OF_GREY).astype(np.int64)])
