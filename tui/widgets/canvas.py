"""The drawing ground of the stage: a grid of characters and colours, turned into the strips that Textual shows.

The views draw Unicode; where the terminal has none, the grid puts ASCII in its place.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
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


class Rows(NamedTuple):
    """What stands on a grid: characters and looks (height, width), and each row as a strip."""

    characters: NDArray[np.uint32]
    looks: Integers
    strips: list[Strip]

    def row(self, y: int, width: int) -> Strip:
        """Return a row, a blank one of this width below the last."""
        return self.strips[y] if y < len(self.strips) else Strip.blank(width, Style())


NOTHING = Rows(np.zeros((0, 0), dtype=np.uint32), np.zeros((0, 0), dtype=np.int64), [])


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
        written = codes(text, self.ascii_only)[max(-x, 0) : self.width - x]
        x = max(x, 0)
        cells = (y, slice(x, x + len(written)))
        self._characters[cells] = written
        self._dots[cells] = 0
        self._front[cells] = colour
        self._bold[cells] = bold

    def put(self, columns: Integers, rows: Integers, sign: str, colour: int, bold: bool = False) -> None:
        """Write one character into cells (n,) of the ground; what lay there goes."""
        cells = (rows, columns)
        self._characters[cells] = codes(sign, self.ascii_only)[0]
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

    def blocks(self, signs: str, which: Integers, fronts: Colours, backs: Colours) -> None:
        """Fill the upper left corner with signs, each given by its place among `signs`, and their colours; the three
        have the shape (rows, columns)."""
        cells = (slice(which.shape[0]), slice(which.shape[1]))
        self._characters[cells] = codes(signs, self.ascii_only)[which]
        self._front[cells] = fronts
        self._back[cells] = backs

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

    def rows(self, before: Rows = NOTHING) -> Rows:
        """Return what stands here; rows that are as they were before are taken from there.

        Textual keeps with a strip what it has made of it, so that rows which stay the same cost next to nothing.
        """
        braille = ASCII_DOTS[self._dots] if self.ascii_only else self._dots + np.uint32(BRAILLE)
        characters = np.where(self._dots > 0, braille, self._characters).astype("<u4")
        looks = (self._front.astype(np.int64) << 32) | (self._back.astype(np.int64) << 1) | self._bold
        strips: list[Strip | None] = [None] * self.height
        if before.looks.shape == looks.shape:
            same = ((characters == before.characters) & (looks == before.looks)).all(axis=1).tolist()
            strips = [strip if keep else None for strip, keep in zip(before.strips, same, strict=True)]
        anew = [y for y, strip in enumerate(strips) if strip is None]
        made = iter(_strips(characters[anew], looks[anew]))
        return Rows(characters, looks, [next(made) if strip is None else strip for strip in strips])


def _strips(characters: NDArray[np.uint32], looks: Integers) -> list[Strip]:
    """Return rows, each in as few segments as its colours allow; all of them are cut at once."""
    height, width = looks.shape
    text, flat = characters.tobytes().decode("utf-32-le"), looks.ravel()
    begins = np.ones(flat.size, dtype=np.bool_)
    begins[1:] = flat[1:] != flat[:-1]
    begins[::width] = True
    places = np.flatnonzero(begins)
    bounds = [*places.tolist(), flat.size]
    segments = [
        Segment(text[start:end], _style(look))
        for (start, end), look in zip(pairwise(bounds), flat[places].tolist(), strict=True)
    ]
    rows = np.searchsorted(places, np.arange(height + 1) * width).tolist()
    return [Strip(segments[first:last], width) for first, last in pairwise(rows)]


@lru_cache(maxsize=4096)
def _style(look: int) -> Style:
    """Return the style of cells by the colours and the boldness that are packed in `look`."""
    return cell_style(look >> 32, (look >> 1) & 0x7FFFFFFF, bool(look & 1))


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
        self._rows = NOTHING
        self._painted: Look | None = None  # the look of the picture; None where it shows what is no longer drawn

    def show(self, drawn: Drawn) -> None:
        """Draw this from now on."""
        self._drawn = drawn
        self.redraw()

    def redraw(self) -> None:
        """Paint again, and have the terminal draw the rows that come out otherwise; where the size or the theme has
        changed, all of them as soon as they are asked for. A hidden canvas has no size, and may come back with that of
        its last picture."""
        look = self._look
        if self._painted != look:
            self._painted = None
            self.refresh()
            return
        before = self._rows.strips
        self._paint(look)
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows.strips, strict=True)) if old is not new]
        if changed:
            self.refresh(*(Region(0, y, look.size.width, 1) for y in changed))

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
        look = self._look
        if self._painted != look:
            self._paint(look)
        return super().render_lines(crop) if self.gutter else self._bare_lines(crop)

    def _bare_lines(self, crop: Region) -> list[Strip]:
        """Return rows as they are: without border and padding there is nothing to look up in the styles of each."""
        strips, ground = [self.render_line(y) for y in crop.line_range], self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, ground) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Return one row of the picture."""
        return self._rows.row(y, self.size.width)

    @property
    def _look(self) -> Look:
        return Look(self.size, palette_of(self), bool(getattr(self.app, "ascii", False)))

    def _paint(self, look: Look) -> None:
        self._painted = look
        (width, height), palette, ascii_only = look
        if width < 1 or height < 1:
            self._rows = NOTHING
            return
        grid = Grid(width, height, palette, ascii_only)
        if self._drawn is not None:
            self.paint(grid, self._drawn)
        self._rows = grid.rows(self._rows)


@lru_cache(maxsize=4096)
def cell_style(front: int, back: int, bold: bool) -> Style:
    """Return the style of cells by the numbers of their two colours, and their boldness."""
    return Style(color=colour_of(front).rich_color, bgcolor=colour_of(back).rich_color, bold=bold)


@lru_cache(maxsize=4096)
def codes(text: str, ascii_only: bool) -> NDArray[np.uint32]:
    """Return the code points of a text made `one_cell_each`."""
    return np.frombuffer(one_cell_each(text, ascii_only).encode("utf-32-le"), dtype="<u4")


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
