"""The numbers to watch: each with its limit, a word on what it means, and a bar that compares the two."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from textual import events
from textual.binding import Binding, BindingType

from nnsim.tui.numbers import fixed, short
from nnsim.tui.snapshot.readings import Reading
from nnsim.tui.widgets.bordered import Bordered
from nnsim.tui.widgets.canvas import Canvas, Grid
from nnsim.tui.widgets.gauges import bar, decades, gauge, part
from nnsim.tui.widgets.palette import Palette

NAME_WIDTH, VALUE_WIDTH = 20, 10
NUMBERS_END = 2 + NAME_WIDTH + VALUE_WIDTH
LAYER_NAME = 12
GAUGE = 12
WIDE = 84
ALARM, UNKNOWN = "!", "–"


@dataclass(frozen=True)
class Piece:
    """Some text in a line, from a column on."""

    x: int
    text: str
    colour: int
    bold: bool = False


Line: TypeAlias = tuple[Piece, ...]


class ReadingsView(Canvas[tuple[Reading, ...]], Bordered, can_focus=True):
    """The readings from top to bottom; up and down scroll where there is too little room. Gradient norms of layers are
    drawn as bars on one scale of powers of ten, so that a gradient that vanishes on its way back is seen at once."""

    BORDER_TITLE = "Is the training healthy?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", "scroll up", show=False),
        Binding("down", "scroll(1)", "scroll down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
    ]
    DEFAULT_CSS = """
    ReadingsView {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        padding: 0 1;
        &:focus { border: round $border; }
    }
    """

    _first = 0

    def show(self, drawn: tuple[Reading, ...]) -> None:
        """Draw these readings; the line to which they were scrolled stays."""
        super().show(drawn)
        self._begin_with(self._first)

    def paint(self, grid: Grid, drawn: tuple[Reading, ...]) -> None:
        lines = list(lines_of(drawn, grid.width, grid.palette))
        for y, line in enumerate(lines[self._first : self._first + grid.height]):
            for piece in line:
                grid.text(piece.x, y, piece.text, piece.colour, piece.bold)

    def on_resize(self) -> None:
        self._begin_with(self._first)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._begin_with(self._first + 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._begin_with(self._first - 1)

    def action_scroll(self, lines: int) -> None:
        self._begin_with(self._first + lines)

    def action_page(self, pages: int) -> None:
        self._begin_with(self._first + pages * max(1, self.size.height - 1))

    def _begin_with(self, line: int) -> None:
        """Begin with this line, or with the last one that fills the panel, and say how many there are."""
        count, room = height_of(self._drawn or (), self.size.width), self.size.height
        first = max(0, min(line, count - room))
        if first != self._first:
            self._first = first
            self.redraw()
        self.note(f"lines {first + 1} to {min(count, first + room)} of {count}" if count > room else "")


def height_of(readings: tuple[Reading, ...], width: int) -> int:
    """Return how many lines the readings take in a panel of this width."""
    layers = sum(1 for reading in readings if reading.layer)
    others = [reading for reading in readings if not reading.layer]
    rows = len(others) if width >= WIDE else sum(2 + bool(reading.limit_name) for reading in others)
    return rows + layers + (layers > 0)


def lines_of(readings: tuple[Reading, ...], width: int, palette: Palette) -> Iterator[Line]:
    """Yield the lines from the top."""
    norms = [reading.value or 0.0 for reading in readings if reading.layer]
    scale = decades(norms)
    for place, reading in enumerate(readings):
        if not reading.layer:
            yield from _reading(reading, width, palette)
            continue
        yield _layer(reading, scale, width, palette)
        if place + 1 == len(readings) or not readings[place + 1].layer:
            yield _scale(scale, width, palette)


def _reading(reading: Reading, width: int, palette: Palette) -> Iterator[Line]:
    """Yield a reading in one line, or, in a narrow panel, in two or three."""
    numbers, limit = _numbers(reading, palette), _limit_in_words(reading)
    if width >= WIDE:
        words = " · ".join(text for text in (limit, reading.note) if text)
        x = NUMBERS_END + 2
        yield (*numbers, *_bar(reading, x, palette), *_note(words, x + GAUGE + 2, reading, palette))
        return
    yield numbers
    if limit:
        yield (*_bar(reading, 2, palette), *_note(limit, GAUGE + 3, reading, palette))
        yield _note(reading.note, 2, reading, palette)
    elif reading.whole is None or reading.value is None:
        yield _note(reading.note, 2, reading, palette)
    else:
        yield (*_bar(reading, 2, palette), *_note(reading.note, GAUGE + 3, reading, palette))


def _numbers(reading: Reading, palette: Palette) -> Line:
    """The name and the value, with a sign and bold where something is wrong; in red where it is no finite number."""
    broken = reading.value is not None and not math.isfinite(reading.value)
    colour = palette.alarm if broken else palette.text
    return (
        Piece(0, ALARM if reading.alarm else " ", colour, bold=True),
        Piece(2, reading.name[:NAME_WIDTH], palette.muted if reading.value is None else colour, reading.alarm),
        Piece(2 + NAME_WIDTH, _value(reading), palette.muted if reading.value is None else colour, reading.alarm),
    )


def _value(reading: Reading) -> str:
    """The value at its constant width."""
    if reading.value is None:
        return UNKNOWN.rjust(VALUE_WIDTH)
    if reading.whole is not None and reading.whole > 1.0:
        return f"{reading.value:.0f} of {reading.whole:.0f}".rjust(VALUE_WIDTH)
    return fixed(reading.value, VALUE_WIDTH)


def _limit_in_words(reading: Reading) -> str:
    return "" if reading.limit is None else f"{reading.limit_name} {short(reading.limit)}"


def _bar(reading: Reading, x: int, palette: Palette) -> Line:
    """The bar that compares the value with its limit, or with the whole of which it is a part."""
    if reading.value is None:
        return ()
    if reading.whole:
        text = part(reading.value, reading.whole, GAUGE)
    elif reading.limit:
        text = gauge(reading.value, reading.limit, GAUGE, reading.logarithmic)
    else:
        return ()
    return (Piece(x, text, palette.text if reading.alarm else palette.muted),)


def _note(words: str, x: int, reading: Reading, palette: Palette) -> Line:
    return (Piece(x, words, palette.text if reading.alarm else palette.muted),)


def _layer(reading: Reading, scale: tuple[int, int], width: int, palette: Palette) -> Line:
    """The gradient norm of a layer and its bar: beside the number where there is room, else before it."""
    x, length = _bar_place(width)
    name, value = _numbers(reading, palette)[1:]
    drawn = Piece(x, bar(reading.value or 0.0, scale, length), palette.coming)
    return (Piece(4, name.text, name.colour), value, drawn)


def _scale(scale: tuple[int, int], width: int, palette: Palette) -> Line:
    """The ends of the scale of the bars."""
    x, length = _bar_place(width)
    low, high = f"1e{scale[0]}", f"1e{scale[1]}"
    middle = "log" if len(low) + len(high) + 5 <= length else ""
    return (Piece(x, low + middle.center(length - len(low) - len(high)) + high, palette.muted),)


def _bar_place(width: int) -> tuple[int, int]:
    """Where the bars of the layers begin, and how long they can be."""
    if width >= WIDE:
        return NUMBERS_END + 2, min(40, width - NUMBERS_END - 2)
    return LAYER_NAME, 2 + NAME_WIDTH - LAYER_NAME
