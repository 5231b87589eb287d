"""How one parameter changes: its next update written out, with every number at full precision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap
from typing import ClassVar, Literal, TypeAlias

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnsim.tui.plain import plain, shortened
from nnsim.tui.snapshot.receipt import Receipt, ReceiptLine
from nnsim.tui.widgets.canvas import NOTHING, Grid, Rows
from nnsim.tui.widgets.palette import Palette, palette_of

Role: TypeAlias = Literal["name", "quiet", "leader", "result", "new"]

MARGIN = 1
INDENT, DEEPER = 1, 3
GAP = "  "
LEADER, RULE = "·", "─"
LEADER_EVERY = 2  # the dots of all rows stand below each other
LEAST_LEADER = 3
STOPPED = "The run has stopped here: there is no next update to write out."
BREAK = re.compile(r"(?<! [-+*/]) ")  # an operator stays with what follows it
TIMES = "×"


@dataclass(frozen=True)
class Piece:
    """Some text in a row, from a column on."""

    x: int
    text: str
    role: Role


Row: TypeAlias = tuple[Piece, ...]


class ReceiptView(ScrollView, inherit_bindings=False):
    """The receipt of a parameter: the old and the new value, which stay at the top, and below them the arithmetic that
    leads from one to the other, which scrolls."""

    BORDER_TITLE = "How does this parameter change?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "scroll up", show=False),
        Binding("down", "scroll_down", "scroll down", show=False),
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
    ]
    DEFAULT_CSS = """
    ReceiptView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
        &:focus { border: round $border; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._receipt: Receipt | None = None
        self._rows = NOTHING
        self._painted: object = None

    def show(self, receipt: Receipt | None) -> None:
        """Draw this receipt; None says that there is no next update. Another parameter's begins at its top."""
        other = receipt is None or self._receipt is None or receipt.parameter != self._receipt.parameter
        self._receipt = receipt
        if self.is_attached:
            self._measure()
            if other:
                self.scroll_to(y=0, animate=False)
            self.refresh()

    def on_mount(self) -> None:
        self._measure()

    def on_resize(self) -> None:
        self._measure()

    def action_page_up(self) -> None:
        self.scroll_relative(y=-self._page, animate=False)

    def action_page_down(self) -> None:
        self.scroll_relative(y=self._page, animate=False)

    @property
    def _width(self) -> int:
        """The columns beside the scrollbar, but for a margin."""
        return self.scrollable_content_region.width - MARGIN

    @property
    def _page(self) -> int:
        return max(1, self.size.height - len(self._head) - 1)

    @property
    def _head(self) -> list[Row]:
        return head(self._receipt, self._width)

    @property
    def _body(self) -> list[Row]:
        return body(self._receipt, self._width)

    def _measure(self) -> None:
        self.virtual_size = Size(0, len(self._head) + len(self._body))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows of the picture, drawn anew if the receipt, the place, the size or the theme has changed."""
        ascii_only = bool(getattr(self.app, "ascii", False))
        now = (self._receipt, self.scroll_offset.y, self.size, palette_of(self), ascii_only)
        if now != self._painted:
            self._painted = now
            self._rows = self._paint(palette_of(self), ascii_only)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one row of the picture."""
        return self._rows.row(y, self.size.width)

    def _paint(self, palette: Palette, ascii_only: bool) -> Rows:
        width, height = self.size
        if width < 1 or height < 1:
            return NOTHING
        grid, top = Grid(width, height, palette, ascii_only), self._head
        for y, row in enumerate([*top, *self._body[self.scroll_offset.y :]][:height]):
            for piece in row:
                colour, bold = _look(palette, piece.role)
                text = piece.text if ascii_only else piece.text.replace("*", TIMES)
                grid.text(piece.x, y, text, colour, bold)
        return grid.rows(self._rows)


def _look(palette: Palette, role: Role) -> tuple[int, bool]:
    """The colour of a piece of text, and whether it is bold."""
    match role:
        case "quiet":
            return palette.muted, False
        case "leader":
            return palette.faint, False
        case "result":
            return palette.text, True
        case "new":
            return palette.moves, True
        case _:
            return palette.text, False


@lru_cache(maxsize=4)
def head(receipt: Receipt | None, width: int) -> list[Row]:
    """The rows that stay: the parameter before and after its next update."""
    if receipt is None:
        return []
    name, old, new = _safe(receipt.parameter), repr(receipt.old), repr(receipt.new)
    before = _fitting((f"{name} now", name), old, width)
    after = _fitting((f"after update {receipt.update}", "after it"), new, width)
    return [
        *_settled([(INDENT, before, "name")], old, "result", width),
        *_settled([(INDENT, after, "name")], new, "new", width),
        (),
    ]


def _fitting(labels: tuple[str, ...], result: str, width: int) -> str:
    """The first label that leaves room for the result in its row, or else the last."""
    room = width - len(result) - LEAST_LEADER - INDENT
    return next((label for label in labels if len(label) <= room), labels[-1])


@lru_cache(maxsize=4)
def body(receipt: Receipt | None, width: int) -> list[Row]:
    """The rows that scroll: the sections, and at the end how well the check agrees."""
    if receipt is None:
        return [(Piece(INDENT, text, "quiet"),) for text in _wrapped(STOPPED, width - INDENT)]
    rows: list[Row] = []
    for number, (title, lines) in enumerate(receipt.sections):
        rows += [_heading(_safe(title), width)] if number == 0 else [(), _heading(_safe(title), width)]
        role: Role = "new" if number == len(receipt.sections) - 2 else "result"
        for line in lines:
            rows += _line(line, role, width)
    rows += [(Piece(INDENT, text, "result"),) for text in _wrapped(receipt.verdict, width - INDENT)]
    return rows


def _heading(title: str, width: int) -> Row:
    """A title in quiet letters, with a line to the right edge."""
    room = width - INDENT
    title = shortened(title, room)
    begin = INDENT + len(title) + 1
    return Piece(INDENT, title, "quiet"), Piece(begin, RULE * max(width - begin, 0), "leader")


def _line(line: ReceiptLine, role: Role, width: int) -> Iterator[Row]:
    """A line of the receipt: name and formula, below them the working, and the result at the right edge."""
    name, formula, working = _safe(line.name), _printed(line.formula), _printed(line.working)
    rows: list[list[tuple[int, str, Role]]] = [[(INDENT, name, "name")] if name else []]
    begin = INDENT + len(name) + len(GAP) * bool(name)
    if formula and len(formula) <= width - begin:
        rows[-1].append((begin, formula, "quiet"))
    elif formula:
        rows += [[(DEEPER, text, "quiet")] for text in _wrapped(formula, width - DEEPER)]
    if working and not formula and len(working) + len("= ") <= width - begin:
        rows[-1].append((begin, f"= {working}", "name"))
    elif working:
        rows += [[(DEEPER, text, "name")] for text in _wrapped(f"= {working}", width - DEEPER)]
    for pieces in rows[:-1]:
        yield tuple(Piece(*piece) for piece in pieces)
    yield from _settled(rows[-1], line.result, role, width)


def _settled(pieces: list[tuple[int, str, Role]], result: str, role: Role, width: int) -> Iterator[Row]:
    """A row with its result at the right edge and dots that lead to it; a row more where it does not fit."""
    row = [Piece(*piece) for piece in pieces]
    if not result:
        yield tuple(row)
        return
    end = max((piece.x + len(piece.text) for piece in row), default=INDENT)
    begin = max(width - len(result), 0)
    if end + LEAST_LEADER > begin:
        yield tuple(row)
        row, end = [], DEEPER
    first = end + 1 + (end + 1) % LEADER_EVERY
    dots = (LEADER + " ") * ((begin - first) // LEADER_EVERY)
    yield (*row, Piece(first, dots, "leader"), Piece(begin, result, role))


def _safe(text: str) -> str:
    """Text from a file as a terminal may have it; most of it is that already, and long."""
    return text if text.isprintable() else plain(text)


def _printed(text: str) -> str:
    """A Python expression as one writes it."""
    return _safe(text).replace("**", "^")


def _wrapped(text: str, width: int) -> list[str]:
    """The text in rows, each of which after the first begins with an operator where it can."""
    rows: list[str] = []
    for part in BREAK.split(text):
        if rows and len(rows[-1]) + 1 + len(part) <= width:
            rows[-1] += f" {part}"
        else:
            rows += [part] if len(part) <= width else wrap(part, max(width, 1), break_on_hyphens=False)
    return rows or [""]
