"""The drawing ground of the stage: a grid of characters and colours, turned into the strips that Textual shows.

The views draw Unicode; where the terminal has none, the grid puts ASCII in its place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from nnsim.tui.ascii import in_ascii
from nnsim.tui.widgets.dots import ACROSS, BITS, BRAILLE, DOWN, Integers, ascii_characters
from nnsim.tui.widgets.palette import Colours, Palette, colour_of, palette_of

Drawn = TypeVar("Drawn")

BLANK, UPPER_HALF = ord(" "), ord("▀")
UNKNOWN = "?"
ASCII_DOTS = ascii_characters()


class Grid:
    """A ground of `width` x `height` cells, each with a character, the colour of it and the colour behind it.

    Everything that is drawn outside of the ground is left out.
    """

    def __init__(self, width: int, height: int, palette: Palette, ascii_only: bool = False) -> None:
        self.width, self.height = width, height
        self.palette = palette
        self.ascii_only = ascii_only
        shape = (height, width)
        self._characters = np.full(shape, BLANK, dtype=np.uint32)
        self._dots = np.zeros(shape, dtype=np.uint8)
        self._front = np.full(shape, palette.text, dtype=np.int32)
        self._back = np.full(shape, palette.ground, dtype=np.int32)
        self._bold = np.zeros(shape, dtype=np.bool_)

    def text(self, x: int, y: int, text: str, colour: int, bold: bool = False) -> None:
        """Write text from a cell to the right; what lay there goes."""
        if not 0 <= y < self.height or x >= self.width:
            return
        text = one_cell_each(text, self.ascii_only)[max(-x, 0) : self.width - x]
        x = max(x, 0)
        cells = (y, slice(x, x + len(text)))
        self._characters[cells] = [ord(character) for character in text]
        self._dots[cells] = 0
        self._front[cells] = colour
        self._bold[cells] = bold

    def put(self, columns: Integers, rows: Integers, sign: str, colour: int, bold: bool = False) -> None:
        """Write one character into cells (n,) of the ground; what lay there goes."""
        cells = (rows, columns)
        self._characters[cells] = ord(one_cell_each(sign, self.ascii_only))
        self._dots[cells] = 0
        self._front[cells] = colour
        self._bold[cells] = bold

    def plot(self, columns: Integers, rows: Integers, colours: int | Colours) -> None:
        """Set braille dots, given by their columns and rows inside the ground; a cell takes the last colour."""
        cells = (rows // DOWN, columns // ACROSS)
        np.bitwise_or.at(self._dots, cells, BITS[rows % DOWN, columns % ACROSS])
        self._front[cells] = colours
        self._characters[cells] = BLANK

    def pixels(self, x: int, y: int, colours: Colours) -> None:
        """Fill a rectangle of cells with pixels (2 * rows, columns), two to a cell; in ASCII the lower one stands."""
        rows, columns = colours.shape[0] // 2, colours.shape[1]
        cells = (slice(y, y + rows), slice(x, x + columns))
        self._back[cells] = colours[1::2]
        if not self.ascii_only:
            self._front[cells] = colours[::2]
            self._characters[cells] = UPPER_HALF

    def fill(self, x: int, y: int, width: int, colour: int) -> None:
        """Put a colour behind the cells of a row."""
        self._back[y, x : x + width] = colour

    def is_free(self, x: int, y: int, width: int) -> bool:
        """Tell whether cells of a row lie on the ground and hold nothing, or nothing but pixels."""
        if not (0 <= y < self.height and x >= 0 and x + width <= self.width):
            return False
        cells = (y, slice(x, x + width))
        characters = self._characters[cells]
        return not self._dots[cells].any() and bool(((characters == BLANK) | (characters == UPPER_HALF)).all())

    def strips(self, known: dict[bytes, Strip]) -> list[Strip]:
        """Return the rows from the top; one that is known by its content is not made again.

        Textual keeps with a strip what it has made of it, so that rows which stay the same cost next to nothing.
        The dictionary holds the rows of this grid afterwards, and no others.
        """
        braille = ASCII_DOTS[self._dots] if self.ascii_only else self._dots + np.uint32(BRAILLE)
        characters = np.where(self._dots > 0, braille, self._characters).astype("<u4")
        looks = (self._front.astype(np.int64) << 32) | (self._back.astype(np.int64) << 1) | self._bold
        contents = [text.tobytes() + look.tobytes() for text, look in zip(characters, looks, strict=True)]
        strips = [known.get(content) or self._strip(characters[y], looks[y]) for y, content in enumerate(contents)]
        known.clear()
        known.update(zip(contents, strips, strict=True))
        return strips

    def _strip(self, characters: NDArray[np.uint32], looks: Integers) -> Strip:
        """Return a row in as few segments as its colours allow, each with a style."""
        text = characters.tobytes().decode("utf-32-le")
        starts = [0, *(np.flatnonzero(looks[1:] != looks[:-1]) + 1).tolist()]
        ends = [*starts[1:], self.width]
        segments = [
            Segment(text[start:end], cell_style(look))
            for start, end, look in zip(starts, ends, looks[starts].tolist(), strict=True)
        ]
        return Strip(segments, self.width)


class Look(NamedTuple):
    """What a picture depends on beside the value that it shows."""

    size: Size
    palette: Palette
    ascii_only: bool


class Canvas(Widget, Generic[Drawn]):
    """A widget that draws one value on a grid: a subclass has `paint`."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Canvas { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: Drawn | None = None
        self._strips: list[Strip] = []
        self._known: dict[bytes, Strip] = {}
        self._painted: Look | None = None  # the look of the strips

    def show(self, drawn: Drawn) -> None:
        """Draw this from now on."""
        self._drawn = drawn
        self.redraw()

    def redraw(self) -> None:
        """Paint again, and have the terminal draw the rows that come out otherwise; where the size or the theme has
        changed, all of them as soon as they are asked for."""
        if self._painted is None or self._painted != self._look:
            self.refresh()
            return
        before = self._strips
        self._paint()
        changed = [y for y, (old, new) in enumerate(zip(before, self._strips, strict=True)) if old is not new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def paint(self, grid: Grid, drawn: Drawn) -> None:
        """Draw the value on the empty grid, which has at least one cell."""
        raise NotImplementedError

    @property
    def coloured(self) -> bool:
        """Whether colours can tell anything: not where the user has asked for none, nor where there are only 16, in
        which a scale of colours is all one tone."""
        few = self.app.console.color_system in ("standard", "windows") and not self.app.is_headless
        return not (self.app.no_color or few)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows of the picture, painted anew if the size or the theme has changed."""
        if self._painted != self._look:
            self._paint()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one row of the picture."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, Style())

    @property
    def _look(self) -> Look:
        return Look(self.size, palette_of(self), bool(getattr(self.app, "ascii", False)))

    def _paint(self) -> None:
        self._painted = self._look
        (width, height), palette, ascii_only = self._painted
        self._strips = []
        if width >= 1 and height >= 1:
            grid = Grid(width, height, palette, ascii_only)
            if self._drawn is not None:
                self.paint(grid, self._drawn)
            self._strips = grid.strips(self._known)


@lru_cache(maxsize=4096)
def cell_style(look: int) -> Style:
    """Return the style of cells by the colour numbers and the boldness that are packed in `look`."""
    front, back, bold = look >> 32, (look >> 1) & 0x7FFFFFFF, look & 1
    return Style(color=colour_of(front).rich_color, bgcolor=colour_of(back).rich_color, bold=bool(bold))


@lru_cache(maxsize=4096)
def one_cell_each(text: str, ascii_only: bool) -> str:
    """Return the text with every character one cell wide, so that a name from a file cannot break the picture."""
    shown = in_ascii(text) if ascii_only else text
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(character if _is_plain(character, ascii_only) else UNKNOWN for character in shown)


def _is_plain(character: str, ascii_only: bool) -> bool:
    known = character.isascii() or not ascii_only
    return known and character.isprintable() and get_character_cell_size(character) == 1
