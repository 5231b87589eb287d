"""The line at the top: what is being trained, how far it has come, and whether it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from nnsim.tui.numbers import short
from nnsim.tui.plain import plain
from nnsim.tui.snapshot.status import Status

SEPARATOR = " · "
GAP = 2
LEAST_UPDATE_DIGITS = 4
LEAST_EPOCH_DIGITS = 3
RATE_WIDTH = 9
RUNNING_RATE = 7
STATE_WIDTH = 15
TOLERANCE = 1e-6  # the critical rate is measured: at it is not above it
LEAST_TITLE = 16
ESSENTIAL = 5


@dataclass(frozen=True)
class Piece:
    """A part of the line: a word in a quiet tone, and what it says.

    The lower its weight, the sooner it is dropped. Its value keeps `width` cells free; it may be cut to `least` cells.
    """

    weight: int
    label: str
    value: str
    style: str = ""
    width: int = 0
    least: int | None = None

    @property
    def cells(self) -> int:
        """The cells without which the piece is dropped."""
        cells = cell_len(self.label) + max(cell_len(self.value), self.width)
        return cells if self.least is None else min(cells, self.least)

    def content(self, cells: int) -> Content:
        """Return the piece in at most `cells` cells, and in at least those it keeps free."""
        content = Content.assemble((self.label, "$foreground-muted"), (self.value, self.style))
        return content.truncate(cells, ellipsis=True).pad_right(max(0, self.cells - content.cell_length))


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

    def render(self) -> Content:
        return Content("") if self._status is None else _line(self._status, self.size.width)


def _line(status: Status, width: int) -> Content:
    """Return the pieces that have room, and at the right end whether the run is playing."""
    pieces = _pieces(status)
    needed = _cells(piece for piece in pieces if piece.weight >= ESSENTIAL)
    states = _states(status)
    state = next((each for each in states if needed + GAP + each.cells <= width), states[-1])
    room = width - GAP - state.cells
    while pieces and _cells(pieces) > room:
        pieces.remove(min(pieces, key=lambda piece: piece.weight))
    spare = room - _cells(pieces)
    left = Content(SEPARATOR).join(piece.content(piece.cells + spare) for piece in pieces)
    return Content.assemble(left, " " * (width - state.cells - left.cell_length), state.content(state.cells))


def _cells(pieces: Iterable[Piece]) -> int:
    """Return how many cells the pieces need side by side."""
    widths = [piece.cells for piece in pieces]
    return sum(widths) + len(SEPARATOR) * max(0, len(widths) - 1)


def _pieces(status: Status) -> list[Piece]:
    """Return the pieces in their order from the left."""
    pieces = [
        Piece(5, "", plain(status.title), "bold", least=LEAST_TITLE),
        Piece(7, "update ", _update(status)),
        Piece(2, "", status.optimizer),
        Piece(6, "learning rate ", *_rate(status)),
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
        pieces.insert(1, Piece(4, "epoch ", _epoch(status)))
    if status.critical_rate is not None:
        pieces.append(_critical(status.critical_rate, status.rate_now))
    return pieces


def _update(status: Status) -> str:
    digits = max(LEAST_UPDATE_DIGITS, len(str(status.latest)))
    update = f"{status.update:>{digits}}"
    return update if status.update >= status.latest else f"{update} of {status.latest}"


def _rate(status: Status) -> tuple[str, str, int]:
    """The learning rate, its style and the cells it keeps; with a schedule, the rate of the next update comes first."""
    if not status.schedule:
        return f"{status.learning_rate:.6g}", "", 0
    return (
        f"{status.rate_now:.4g} of {status.learning_rate:.6g}",
        "",
        RATE_WIDTH + 4 + len(f"{status.learning_rate:.6g}"),
    )


def _epoch(status: Status) -> str:
    if status.epochs is None or status.epoch > status.epochs:
        return f"{status.epoch:>{LEAST_EPOCH_DIGITS}}"
    return f"{status.epoch:>{len(str(status.epochs))}}/{status.epochs}"


def _critical(critical_rate: float, learning_rate: float) -> Piece:
    if learning_rate > critical_rate * (1.0 + TOLERANCE):
        return Piece(8, "", f"above critical {short(critical_rate)}", "bold $error")
    return Piece(1, "critical rate ", short(critical_rate), width=RATE_WIDTH)


def _states(status: Status) -> list[Piece]:
    """Return the words for how the run goes, the fullest first."""
    if status.stopped is not None:
        short_form = Piece(9, "", "diverged", "bold $error")
        return [Piece(9, "", f"diverged: {plain(status.stopped)}", "bold $error"), short_form]
    if status.at_end and not status.playing:
        return [Piece(9, "", "planned end: space goes on", "bold $primary"), Piece(9, "", "planned end", "$primary")]
    if not status.playing:
        speed = "" if status.speed is None else f", {status.speed:g}/s"
        return [Piece(9, "", f"paused{speed}", width=STATE_WIDTH), Piece(9, "", "paused")]
    speed = "at full speed" if status.speed is None else f"playing {status.speed:g}/s"
    return [Piece(9, "", speed, "$primary", width=STATE_WIDTH), Piece(9, "", speed, "$primary")]
