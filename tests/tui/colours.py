"""The screen as text that a person can review: what stands in every cell, and in which colours."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_letters, digits
from typing import NamedTuple

from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.geometry import Region

LETTERS = digits + ascii_letters
MORE = 0x100  # where there are more looks than letters: Latin Extended-A and what follows
ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")
PARTS = ("ink", "ground", "letters")


class Picture(NamedTuple):
    """A part of the screen: its rows, the ink of every cell and its ground as letters, and what the letters mean. Of
    the half blocks of a heat map the ink is the upper pixel, the ground the lower one."""

    rows: str
    inks: str
    grounds: str
    meanings: str

    def beside(self, other: Picture) -> str:
        """What is different from another picture."""
        named = zip(("rows", *PARTS), self, other, strict=True)
        return "\n".join(f"{name}: as above" if mine == its else f"{name}:\n{mine}" for name, mine, its in named)

    def __str__(self) -> str:
        named = zip(PARTS, self[1:], strict=True)
        return "\n".join([self.rows, *(f"{name}:\n{part}" for name, part in named)])


def picture(app: App[int], region: Region | None = None) -> Picture:
    """What stands in a region of the screen."""
    area = region or app.screen.region
    rows, inks, grounds = [], [], []
    known: dict[str, str] = {}
    for strip in app.screen._compositor.render_strips()[area.y : area.bottom]:
        part = strip.crop(area.x, area.right)
        rows.append(part.text.rstrip())
        styled = [(len(text), _looks(style or Style())) for text, style, _ in part]
        inks.append("".join(_letter(known, ink) * length for length, (ink, _) in styled))
        grounds.append("".join(_letter(known, ground) * length for length, (_, ground) in styled))
    # The commonest letter of all says nothing: spaces are easier to read.
    texts = ["\n".join(rows)]
    for lines in (inks, grounds):
        text = "\n".join(lines)
        commonest = max(known.values(), key=text.count)
        blank = "\n".join(line.replace(commonest, " ").rstrip() for line in lines).rstrip()
        texts.append(f"{blank}\nelse {commonest}".strip("\n"))
    return Picture(*texts, "\n".join(f"{letter} {look}" for look, letter in known.items()))


def _letter(known: dict[str, str], look: str) -> str:
    """The letter of a look; a new one gets the next."""
    number = len(known)
    return known.setdefault(look, LETTERS[number] if number < len(LETTERS) else chr(MORE + number - len(LETTERS)))


@lru_cache(maxsize=4096)
def _looks(style: Style) -> tuple[str, str]:
    """The ink of a style, and its ground."""
    ink = " ".join([_name(style.color), *(name for name in ATTRIBUTES if getattr(style, name))])
    return ink, _name(style.bgcolor)


def _name(colour: Color | None) -> str:
    return colour.name if colour else "default"
