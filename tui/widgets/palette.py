"""The colours of the stage: the theme's own, what is made of them, and the scale of the heat map.

A colour goes by a number here, so that a picture is an array of integers and each style is made only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from textual.color import Color
from textual.widget import Widget

from nnsim.tui.theme import legible

Colours: TypeAlias = NDArray[np.int32]

LEVELS = 32
AGES = 6
MUTED, FAINT, OLDEST = 0.35, 0.72, 0.65
# Blended so far towards the ground, the scale stays behind the two accents, which stand out from the ground.
HEAT_BEHIND, CONTOUR_DARKER = 0.5, 0.2
# Viridis at nine even places (van der Walt and Smith, 2015): even steps of lightness, also to colour-blind eyes.
VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")

_numbers: dict[Color, int] = {}
_colours: list[Color] = []


def colour_number(colour: Color) -> int:
    """Return the number that stands for the colour."""
    number = _numbers.get(colour)
    if number is None:
        number = _numbers[colour] = len(_colours)
        _colours.append(colour)
    return number


def colour_of(number: int) -> Color:
    """Return the colour that a number stands for."""
    return _colours[number]


def ages(count: int) -> NDArray[np.int64]:
    """Return the age (count,) of each of so many things in a row, 0 to AGES - 1, from the oldest to the youngest."""
    places = np.arange(count, dtype=np.int64)[::-1]
    result: NDArray[np.int64] = places * AGES // max(count, AGES)
    return result


@dataclass(frozen=True)
class Palette:
    """The numbers of the colours in use: `moves` is for what moves now, `coming` for what is about to happen."""

    ground: int
    text: int
    muted: int
    faint: int
    moves: int
    coming: int
    alarm: int

    def blend(self, colour: int, other: int, part: float) -> int:
        """Return the colour, `part` of the way to another; unchanged where a terminal's own colours cannot mix."""
        first, second = colour_of(colour), colour_of(other)
        if first.ansi is not None or second.ansi is not None:
            return colour
        return colour_number(first.blend(second, part))

    def fading(self, colour: int, ground: int) -> Colours:
        """Return the colour (AGES,) as it fades into a ground, the youngest first."""
        parts = np.linspace(0, OLDEST, AGES)
        return np.array([self.blend(colour, ground, part) for part in parts], dtype=np.int32)


@lru_cache(maxsize=16)
def heat(palette: Palette) -> Colours:
    """Return the scale of the heat map: (2, LEVELS), from the lowest to the highest; the second row for contours."""
    stops = [Color.parse(stop) for stop in VIRIDIS]
    black = colour_number(Color(0, 0, 0))
    scale = []
    for place in np.linspace(0, len(stops) - 1, LEVELS).tolist():
        below = min(int(place), len(stops) - 2)
        colour = colour_number(stops[below].blend(stops[below + 1], place - below))
        scale.append(palette.blend(colour, palette.ground, HEAT_BEHIND))
    darker = [palette.blend(colour, black, CONTOUR_DARKER) for colour in scale]
    return np.array([scale, darker], dtype=np.int32)


@lru_cache(maxsize=64)
def fading_on_heat(palette: Palette, colour: int) -> Colours:
    """Return a colour as it fades with age on each level of the heat map, (AGES, LEVELS)."""
    return np.array([palette.fading(colour, ground) for ground in heat(palette)[0].tolist()]).T


def palette_of(widget: Widget) -> Palette:
    """Return the palette of the app's theme on the background of the widget."""
    variables = widget.app.theme_variables
    names = ("foreground", "primary", "secondary", "error")
    return _palette(widget.background_colors[1], *(variables[name] for name in names))


@lru_cache(maxsize=32)
def _palette(ground: Color, foreground: str, primary: str, secondary: str, error: str) -> Palette:
    background = Color.parse("ansi_default") if ground.a == 0 else ground
    text = Color.parse(foreground)
    moves, coming, alarm = (legible(Color.parse(name), background, text) for name in (primary, secondary, error))
    mixed = [
        text if text.ansi is not None or background.ansi is not None else text.blend(background, part)
        for part in (MUTED, FAINT)
    ]
    return Palette(*(colour_number(colour) for colour in (background, text, *mixed, moves, coming, alarm)))
