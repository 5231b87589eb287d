"""The line at the top: what is being trained, how far it has come, and whether it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from nnsim.tui.numbers import short
from nnsim.tui.plain import plain, shortened
from nnsim.tui.snapshot.status import Status
from nnsim.tui.widgets.canvas import cell_style
from nnsim.tui.widgets.palette import Palette, palette_of

SEPARATOR = " · "
GAP = 2
LEAST_UPDATE_DIGITS = 4
LEAST_EPOCH_DIGITS = 3
RATE_WIDTH = 9
RUNNING_RATE = 7
STATE_WIDTH = 15
TOLERANCE = 1e-6  # the critical rate is measured: at it is not above it
LEAST_TITLE = 16
ESSENTIAL = {"value": 4, "state": 4, "end": 6, "alarm": 6}
"""The weight from which on a piece is told rather than the whole of each kind of state."""
BOLD = ("title", "end", "alarm")

Kind: TypeAlias = Literal["title", "label", "value", "state", "end", "alarm"]


@dataclass(frozen=True)
class Words:
    """Some words of the line, and what they are."""

    text: str
    kind: Kind = "value"

    def cut(self, cells: int) -> Words:
        """As much of them as has room; what is cut ends in an ellipsis."""
        return Words(shortened(self.text, cells), self.kind)


@dataclass(frozen=True)
class Piece:
    """A part of the line: a word in a quiet tone, and what it says.

    The lower its weight, the sooner it is dropped. Its value keeps `width` cells free; it may be cut to `least` cells.
    """

    weight: int
    label: str
    value: str
    kind: Kind = "value"
    width: int = 0
    least: int | None = None

    @property
    def cells(self) -> int:
        """The cells without which the piece is dropped."""
        cells = cell_len(self.label) + max(cell_len(self.value), self.width)
        return cells if self.least is None else min(cells, self.least)

    def words(self, cells: int) -> list[Words]:
        """Return the piece in at most `cells` cells, and in at least those it keeps free."""
        label = Words(self.label, "label").cut(cells)
        value = Words(self.value, self.kind).cut(cells - cell_len(label.text))
        free = self.cells - cell_len(label.text) - cell_len(value.text)
        return [label, value, Words(" " * free)]


class StatusLine(Widget):
    """One line with as many pieces as have room, the least telling ones dropped first; only the title is ever cut.

    Numbers that run keep their width, so that nothing beside them moves.
    """

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        padding: 0 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._status: Status | None = None

    def show(self, status: Status) -> None:
        """Draw the status."""
        self._status = status
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line, which is drawn for every frame: made of segments it takes a tenth of the time of markup."""
        words = [] if self._status is None or y else _line(self._status, self.size.width)
        palette = palette_of(self)
        return Strip([Segment(each.text, _style(each.kind, palette)) for each in words if each.text])


def _style(kind: Kind, palette: Palette) -> Style:
    """The style of some words."""
    colours = {"label": palette.muted, "state": palette.moves, "end": palette.moves, "alarm": palette.alarm}
    return cell_style(colours.get(kind, palette.text), palette.ground, kind in BOLD)


def _line(status: Status, width: int) -> list[Words]:
    """Return the pieces that have room, and at the right end whether the run is playing."""
    pieces = _pieces(status)
    states = _states(status)
    essential = [piece for piece in pieces if piece.weight >= ESSENTIAL[states[0].kind]]
    essential = _fitting(essential, width - GAP - states[-1].cells)
    state = next((each for each in states if _cells(essential) + GAP + each.cells <= width), states[-1])
    room = width - GAP - state.cells
    pieces = _fitting(pieces, room)
    spare = room - _cells(pieces)
    left = [words for piece in pieces for words in (Words(SEPARATOR), *piece.words(piece.cells + spare))][1:]
    gap = width - state.cells - sum(cell_len(words.text) for words in left)
    return [*left, Words(" " * gap), *state.words(state.cells)]


def _fitting(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """Return the pieces without those that weigh least, so that they have room."""
    fitting = list(pieces)
    while fitting and _cells(fitting) > room:
        fitting.remove(min(fitting, key=lambda piece: piece.weight))
    return fitting


def _cells(pieces: Iterable[Piece]) -> int:
    """Return how many cells the pieces need side by side."""
    widths = [piece.cells for piece in pieces]
    return sum(widths) + len(SEPARATOR) * max(0, len(widths) - 1)


def _pieces(status: Status) -> list[Piece]:
    """Return the pieces in their order from the left."""
    pieces = [
        Piece(6, "", plain(status.title), "title", least=LEAST_TITLE),
        Piece(8, "update ", _update(status)),
        Piece(4, "", status.optimizer),
        Piece(7, "learning rate ", *_rate(status)),
        Piece(3, "", plain(status.schedule)),
        Piece(1, "", plain(status.clipping)),
    ]
    pieces = [piece for piece in pieces if piece.label or piece.value]
    several_batches = status.of_batches > 1
    if several_batches:
        digits = len(str(status.of_batches))
        done = f"{status.batch:>{digits}}/{status.of_batches}"
        pieces.insert(2, Piece(3, "batch ", f"{done} of {status.batch_size}"))
    if several_batches or status.epochs is not None:
        pieces.insert(1, Piece(5, "epoch ", _epoch(status)))
    if status.critical_rate is not None:
        pieces.append(_critical(status.critical_rate, status.rate_now if status.flies_apart else 0.0))
    return pieces


def _update(status: Status) -> str:
    digits = max(LEAST_UPDATE_DIGITS, len(str(status.latest)))
    update = f"{status.update:>{digits}}"
    return update if status.update >= status.latest else f"{update} of {status.latest}"


def _rate(status: Status) -> tuple[str, Kind, int]:
    """The learning rate, its kind and the cells it keeps; with a schedule, the rate of the next update comes first."""
    rate = f"{status.learning_rate:.6g}"
    if not status.schedule:
        return rate, "value", 0
    return f"{status.rate_now:.4g} of {rate}", "value", RATE_WIDTH + 4 + len(rate)


def _epoch(status: Status) -> str:
    if status.epochs is None or status.epoch > status.epochs:
        return f"{status.epoch:>{LEAST_EPOCH_DIGITS}}"
    return f"{status.epoch:>{len(str(status.epochs))}}/{status.epochs}"


def _critical(critical_rate: float, learning_rate: float) -> Piece:
    if learning_rate > critical_rate * (1.0 + TOLERANCE):
        return Piece(9, "", f"above critical {short(critical_rate)}", "alarm")
    return Piece(1, "critical rate ", short(critical_rate), width=RATE_WIDTH)


def _states(status: Status) -> list[Piece]:
    """Return the words for how the run goes, the fullest first."""
    if status.stopped:
        kind, _, _ = status.stopped.partition(":")
        return [Piece(10, "", plain(status.stopped), "alarm"), Piece(10, "", kind, "alarm")]
    if status.at_end and not status.playing:
        return [Piece(10, "", "planned end: space goes on", "end"), Piece(10, "", "planned end", "state")]
    if not status.playing:
        speed = "" if status.speed is None else f", {status.speed:g}/s"
        return [Piece(10, "", f"paused{speed}", width=STATE_WIDTH), Piece(10, "", "paused")]
    speed = "at full speed" if status.speed is None else f"playing {status.speed:g}/s"
    return [Piece(10, "", speed, "state", width=STATE_WIDTH), Piece(10, "", speed, "state")]
