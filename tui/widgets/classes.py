"""How classes look: a colour, a glyph and a texture for each, so that any one of them is enough."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from textual.color import Color

from nnsim.tui.widgets.palette import Colours, Palette, colour_number

# The ends of a scale from one class to the other, and a colour for each of many (Okabe and Ito, 2008): both are told
# apart by colour-blind eyes.
TWO = ("#9970ab", "#35a06b")
MANY = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#999999")
LEVELS = 10
# How much of the colour is seen where the network is sure, and where it is not.
SURE, UNSURE = 0.45, 0.06
TEXTURES = " ░▒▓"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAIR = "○●"
WRONG = "×"
# Where no class leads: the ground, a sample there, and the word.
HATCH, UNDECIDED, TIE = "╱", "=", "tie"


def glyph(label: int, classes: int, right: bool) -> str:
    """How a sample with an answer is drawn: of two classes as a hollow or a filled dot, or a cross where it lies on the
    wrong side; of more as the letter of its class, a capital where the network gives it another."""
    if classes == 2:
        return PAIR[label] if right else WRONG
    letter = LETTERS[label % len(LETTERS)]
    return letter if right else letter.upper()


@lru_cache(maxsize=16)
def grounds(palette: Palette, classes: int) -> Colours:
    """What lies behind: for two classes LEVELS colours from a sure first to a sure second; else one for each class."""
    if classes == 2:
        places = np.linspace(-1.0, 1.0, LEVELS).tolist()
        return _blended(palette, [(TWO[int(at > 0)], UNSURE + (SURE - UNSURE) * abs(at)) for at in places])
    return _blended(palette, [(MANY[k % len(MANY)], SURE) for k in range(classes)])


@lru_cache(maxsize=16)
def strong(palette: Palette, classes: int) -> Colours:
    """A colour for the line of each class."""
    colours = TWO if classes == 2 else MANY
    return _blended(palette, [(colours[k % len(colours)], 0.9) for k in range(classes)])


def _blended(palette: Palette, colours: list[tuple[str, float]]) -> Colours:
    numbers = [palette.blend(colour_number(Color.parse(name)), palette.ground, 1.0 - part) for name, part in colours]
    return np.array(numbers, dtype=np.int32)
