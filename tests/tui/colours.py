"""The screen as text that a person can review: what stands in every cell, and in which colours."""

from __future__ import annotations

from string import ascii_letters, digits

from rich.style import Style
from textual.app import App
from textual.geometry import Region

LETTERS = "." + digits + ascii_letters
MORE = 0x100  # where there are more looks than letters: Latin Extended-A and what follows


def picture(app: App[object], region: Region | None = None) -> str:
    """The rows of a region of the screen, below them the look of every cell as a letter, below that what the letters
    mean: colour, ground, boldness."""
    area = region or app.screen.region
    rows, looks, known = [], [], {}
    for strip in app.screen._compositor.render_strips()[area.y : area.bottom]:
        part = strip.crop(area.x, area.right)
        rows.append(part.text.rstrip())
        line = []
        for text, style, _ in part:
            line += [known.setdefault(_look(style), len(known))] * len(text)
        looks.append("".join(map(_letter, line)).rstrip("."))
    meanings = [f"{_letter(number)} {look}" for look, number in known.items()]
    return "\n".join(["", *rows, "", *looks, "", *meanings])


def _letter(number: int) -> str:
    return LETTERS[number] if number < len(LETTERS) else chr(MORE + number - len(LETTERS))


def _look(style: Style | None) -> str:
    if style is None:
        return "none"
    words = [colour.name if colour else "default" for colour in (style.color, style.bgcolor)]
    return " on ".join(words) + (" bold" if style.bold else "")
