"""On which line of a TOML text its values stand, which tomllib does not tell, and how a place in a table is spelled."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

Keys: TypeAlias = tuple[str | int, ...]
"""A place in a table: the keys and, counted from 0, the places in lists that lead there."""

TOKEN = re.compile(
    r'''[ \t\r]+ | \#[^\n]*
    | (?P<text> """(?:[^\\]|\\.)*?"""(?:"{0,2}) | \'\'\'.*?\'\'\'(?:'{0,2}) | "(?:[^"\\\n]|\\.)*" | '[^'\n]*' )
    | (?P<bare> [^\s\[\]{}=,."'\#]+ )
    | (?P<mark> . )''',
    re.VERBOSE | re.DOTALL,
)
SPELLED = re.compile(r"(?P<first>\w+)(?P<rest>(?:\.\w+|\[\d+\])*(?: row \d+(?:, number \d+)?)?)")
STEP = re.compile(r"\.(?P<key>\w+)|(?:\[|row |number )(?P<number>\d+)")


def spelled(keys: Keys, row: bool = False) -> str:
    """A place as a person writes it, who counts from 1: `variants[2].title`. A list in a list is a row: `data.inputs
    row 3, number 2`. `row` tells that such a row stands at this place."""
    text, before = "", None
    for key, after in zip_longest(keys, keys[1:]):
        if isinstance(key, str):
            text += f".{key}"
        elif isinstance(before, int):
            text += f", number {key + 1}"
        elif isinstance(after, int) or (row and after is None):
            text += f" row {key + 1}"
        else:
            text += f"[{key + 1}]"
        before = key
    return text.removeprefix(".")


def keys_in(words: str) -> Keys:
    """The place that a sentence begins with, as `spelled` has it."""
    match = SPELLED.match(words)
    if match is None:
        return ()
    steps = (step["key"] or int(step["number"]) - 1 for step in STEP.finditer(match["rest"]))
    return (match["first"], *steps)


def line_of(text: str, keys: Keys) -> int:
    """The line, from 1, of what stands at a place in a TOML text; where nothing does, of the table or list that lacks
    it."""
    known = lines(text)
    while keys not in known:
        keys = keys[:-1]
    return known[keys]


def line_of_depth(text: str, depth: int = 64) -> int:
    """The line on which lists and tables that lie in each other become deeper than this."""
    inside = 0
    for token in _tokens(text):
        inside += (token.text in ("[", "{")) - (token.text in ("]", "}"))
        if inside > depth:
            return token.line
    return 1


def lines(text: str) -> dict[Keys, int]:
    """The line of every key, table and list entry of a TOML text; of a text that is none, as far as it goes."""
    scan = _Scan(text)
    with suppress(RecursionError):  # what lies too deep has the line of what it lies in
        scan.document()
    return scan.lines


class _Token(NamedTuple):
    """A piece of a text: a string, a mark of one character, anything else as it stands, or "" for the end."""

    text: str
    line: int


class _Scan:
    """Reads a text from left to right. It takes for granted that the text is TOML, and never fails where it is not."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Keys, int] = {(): 1}
        self._counts: dict[Keys, int] = {}  # the tables so far of each [[list]]
        self._tokens = _tokens(text)
        self._place = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[min(self._place, len(self._tokens) - 1)]

    def _take(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def document(self) -> None:
        table: Keys = ()
        while self._next.text:
            if self._next.text == "\n":
                self._take()
            elif self._next.text == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Keys:
        """Read [a.b] or [[a.b]]: the place of the table that begins here."""
        line = self._take().line
        listed = self._next.text == "["
        *outer, name = self._key()
        place = self._inside((), outer, line)
        table = (*place, name)
        if listed:
            self.lines.setdefault(table, line)
            count = self._counts[table] = self._counts.get(table, 0) + 1
            table = (*table, count - 1)
        self.lines[table] = line
        while self._next.text not in ("\n", ""):
            self._take()
        return table

    def _pair(self, table: Keys) -> None:
        """Read key = value."""
        line = self._next.line
        *outer, name = self._key()
        place = (*self._inside(table, outer, line), name)
        self.lines.setdefault(place, line)
        self._take()
        self._value(place)

    def _inside(self, table: Keys, names: list[str], line: int) -> Keys:
        """The place of a table within another one; of a list of tables, the last."""
        for name in names:
            table = (*table, name)
            self.lines.setdefault(table, line)
            if table in self._counts:
                table = (*table, self._counts[table] - 1)
        return table

    def _key(self) -> list[str]:
        """The parts of a key, up to what follows it."""
        parts: list[str] = []
        while self._next.text not in ("=", "]", "\n", ""):
            token = self._take().text
            if token not in (".", "["):
                parts.append(_unquoted(token))
        return parts or [""]

    def _value(self, place: Keys) -> None:
        """Read a value, with all that it holds."""
        opening = self._next.text
        if opening not in ("[", "{"):
            while self._next.text not in (",", "]", "}", "\n", ""):
                self._take()
            return
        self._take()
        closing, count = "]" if opening == "[" else "}", 0
        while self._next.text not in (closing, ""):
            if self._next.text in (",", "\n"):
                self._take()
            elif opening == "{":
                self._pair(place)
            else:
                before = self._place
                self.lines[(*place, count)] = self._next.line
                self._value((*place, count))
                self._place += self._place == before  # a text that is no TOML
                count += 1
        self._take()


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        if match.lastgroup is not None:
            tokens.append(_Token(match[0], line))
        line += match[0].count("\n")
    return [*tokens, _Token("", line)]


def _unquoted(key: str) -> str:
    """What a key is that may stand in quotes."""
    if key[0] not in "\"'":
        return key
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        return key
