"""The screen in ASCII, for terminals that have nothing else: every other character becomes the nearest one."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

LOOKALIKES = {
    "─┄┅┈┉▔⎺⎻⎼⎽—–−▃": "-",
    "╌╍": "~",
    "━═▄": "=",
    "│┃╎╏┆┇┊┋║▏▎▍▌▐▕": "|",
    "╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬": "+",
    "←◀◂‹«": "<",
    "→▶▸›»": ">",
    "↑▲▴": "^",
    "↓▼▾": "v",
    "↗↙╱": "/",
    "↘↖": "\\",
    "·∙⋅░▂": ".",
    "▁": "_",
    "•★": "*",
    "●": "O",
    "○□◇": "o",
    "▒▅": "+",
    "▆": "*",
    "▓▇": "%",
    "█■▀": "#",
    "◆": "&",
    "≤": "<",
    "×✕✖✗": "x",
    "✓": "v",
    "⋮": ":",
    "☆": "-",
    "…": ".",
    "◐": "c",
    "◢": "d",
    "∇": "g",
    "“”": '"',
    "‘’": "'",
}
TABLE = {ord(character): stand_in for characters, stand_in in LOOKALIKES.items() for character in characters}
DENSITY = " ..--##@@"  # for a braille character, by the number of its dots
FIRST_BRAILLE, LAST_BRAILLE = 0x2800, 0x28FF


class AsciiFilter(LineFilter):
    """Translates every line on its way to the terminal; each character keeps its width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


@lru_cache(maxsize=8192)
def in_ascii(text: str) -> str:
    """Text in ASCII that takes as many cells."""
    if text.isascii():
        return text
    return "".join(_stand_in(character) for character in text)


def _stand_in(character: str) -> str:
    code = ord(character)
    if code < 128:
        return character
    if FIRST_BRAILLE <= code <= LAST_BRAILLE:
        return DENSITY[(code - FIRST_BRAILLE).bit_count()]
    return TABLE.get(code, "?") * cell_len(character)
