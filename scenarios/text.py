"""Numbers and text from files, put into words that may stand on a screen."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 4
"""So many numbers are told one by one."""


def number(value: float) -> str:
    """A number for prose: six significant digits, no trailing zeros, and 0 rather than -0."""
    return f"{value + 0.0:.6g}"


def counted(count: int, what: str) -> str:
    """How many of something there are: 1 number, 2 numbers."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def whole(words: str) -> str:
    """A sentence with its full stop, unless it ends with a question."""
    return words if words.endswith("?") else f"{words}."


def listed(names: Sequence[str], values: Sequence[float]) -> str:
    """Numbers under their names: a = 1, b = 2 and c = 3."""
    *texts, last = (f"{name} = {number(value)}" for name, value in zip(names, values, strict=True))
    return f"{', '.join(texts)} and {last}" if texts else last


def either(values: Sequence[float]) -> str:
    """Numbers of which any will do: -1 or 1."""
    return " or ".join(map(number, values))


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers for prose, with as many significant digits as it takes to tell them apart, but at least six."""
    pairs = ((f"{one + 0.0:.{digits}g}", f"{other + 0.0:.{digits}g}") for digits in range(6, 18))
    return next((pair for pair in pairs if pair[0] != pair[1]), (number(one), number(other)))


def all_apart(values: Sequence[float]) -> list[str]:
    """Numbers for prose that are all different, with as many significant digits as it takes to tell them apart, but at
    least three."""
    texts = ([f"{value + 0.0:.{digits}g}" for value in values] for digits in range(3, 18))
    return next((each for each in texts if len(set(each)) == len(values)), [number(value) for value in values])


def printable(text: str) -> str:
    """The text on one line, with every character that does not print replaced.

    White space becomes a space. Control characters (escape sequences begin with one), marks that turn the direction of
    writing, and halves of surrogate pairs become `?`.
    """
    return text if text.isprintable() else "".join(_printable(character) for character in text)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"


def found(value: object) -> str:
    """A value out of a file, shortened, in its TOML spelling where that is short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, int) and abs(value) >= 10**38:
        return "a number of more than 38 digits"  # Python refuses to write out thousands of them
    return short(f'"{value}"' if isinstance(value, str) else str(value))


def short(text: str) -> str:
    """A text on one line, of at most 40 characters."""
    text = printable(text)
    return text if len(text) <= 40 else text[:37] + "..."
