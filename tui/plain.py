"""Text from users made safe for a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return the text on one line, with every character that does not print replaced.

    White space becomes a space. Control characters (escape sequences begin with one), marks that turn the direction of
    writing, and halves of surrogate pairs become `?`.
    """
    return "".join(_printable(character) for character in text)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"
