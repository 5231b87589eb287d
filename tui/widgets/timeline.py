"""The timeline: a bar over the whole run, one line high, with what happened on the way, to go anywhere in time."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from nnsim.tui.plain import plain, shortened
from nnsim.tui.snapshot.timeline import TimelineBar
from nnsim.tui.widgets.canvas import Canvas, Grid

BEEN, AHEAD, TO_COME = "━", "─", "·"
POSITION, FORK = "●", "┬"
# In the order of drawing: where two things share a cell, the later is seen.
GLYPHS = {"edit": "┊", "best": "◆", "won": "★", "stopped": "✕"}
LEAST_LEGEND, MOST_LEGEND, LEAST_BAR, GAP = 16, 48, 20, 2
PAGE = 10


class TimelineView(Canvas[TimelineBar], can_focus=True):
    """Where the run stands between its start and its end, the changes of settings, the best test loss, challenges that
    were won, a divergence, and the futures that were left. Keys and mouse scrub."""

    DEFAULT_CSS = """
    TimelineView { height: 1; &:focus { background: $surface; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cells(-1)", id="timeline-left", tooltip="A cell of the timeline back", show=False),
        Binding("right", "cells(1)", id="timeline-right", tooltip="A cell of the timeline forward", show=False),
        Binding("shift+left", f"cells({-PAGE})", id="timeline-far-left", tooltip="Ten cells back", show=False),
        Binding("shift+right", f"cells({PAGE})", id="timeline-far-right", tooltip="Ten cells forward", show=False),
        Binding("home", "to_start", id="timeline-start", tooltip="Go to the start", show=False),
        Binding("end", "to_latest", id="timeline-latest", tooltip="Go to the latest update", show=False),
        Binding("left_curly_bracket", "mark(-1)", id="timeline-mark-before", tooltip="Go to the last mark", show=False),
        Binding("right_curly_bracket", "mark(1)", id="timeline-mark-after", tooltip="Go to the next mark", show=False),
        Binding("enter", "fork", id="timeline-fork", tooltip="Go to the future that was left here", show=False),
    ]

    class Scrubbed(Message):
        """Somebody wants to go to an update, from 0 to the latest."""

        def __init__(self, update: int) -> None:
            super().__init__()
            self.update = update

    class ForkChosen(Message):
        """Somebody wants the future that was left: its place among the forks of the bar."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = "timeline", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._wanted: int | None = None
        self._dragging = False

    def show(self, drawn: TimelineBar) -> None:
        """Draw the bar from now on."""
        self._wanted = None
        super().show(drawn)

    # --- going somewhere ---

    def mark_before(self) -> int | None:
        """The update of the last mark or fork before the position, if there is one."""
        return max((update for update in self._marks() if update < self._position), default=None)

    def mark_after(self) -> int | None:
        """The update of the first mark or fork after the position, if there is one."""
        return min((update for update in self._marks() if update > self._position), default=None)

    def action_mark(self, step: int) -> None:
        update = self.mark_before() if step < 0 else self.mark_after()
        if update is not None:
            self._scrub(update)

    def action_cells(self, cells: int) -> None:
        """Move by cells of the bar, but at least by one update."""
        bar = self._drawn
        if bar is None:
            return
        place = Places(bar, self.size.width)
        update = self._in_cell(place, place.column(self._position) + cells)
        if update == self._position:
            update += 1 if cells > 0 else -1
        self._scrub(update)

    def action_to_start(self) -> None:
        self._scrub(0)

    def action_to_latest(self) -> None:
        if self._drawn is not None:
            self._scrub(self._drawn.latest)

    def action_fork(self) -> None:
        """Choose the future that was left nearest to the position, among those in its cell."""
        bar = self._drawn
        if bar is None:
            return
        place = Places(bar, self.size.width)
        here = place.column(self._position)
        near = [number for number, fork in enumerate(bar.forks) if place.column(fork.update) == here]
        if near:
            chosen = min(near, key=lambda number: (abs(bar.forks[number].update - self._position), -number))
            self.post_message(self.ForkChosen(chosen))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragging = True
        self.capture_mouse()
        self._scrub_to(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._scrub_to(event)

    def on_mouse_up(self) -> None:
        self._dragging = False
        self.release_mouse()

    def _scrub_to(self, event: events.MouseEvent) -> None:
        if self._drawn is not None:
            place = Places(self._drawn, self.size.width)
            self._scrub(self._in_cell(place, int(event.x) - self.content_region.x + self.region.x))

    def _in_cell(self, place: Places, column: int) -> int:
        """The update that a cell stands for: that of a mark in it, or else the one at its middle."""
        marked = (update for update in self._marks() if place.column(update) == column)
        return next(marked, place.update(column))

    def _scrub(self, update: int) -> None:
        bar = self._drawn
        if bar is not None:
            update = min(max(update, 0), bar.latest)
            if update != self._position:
                self._wanted = update
                self.post_message(self.Scrubbed(update))

    @property
    def _position(self) -> int:
        """Where the run stands, or will when it has gone where it was asked to go."""
        if self._wanted is not None:
            return self._wanted
        return 0 if self._drawn is None else self._drawn.update

    def _marks(self) -> list[int]:
        bar = self._drawn
        return [] if bar is None else [*(mark.update for mark in bar.marks), *(fork.update for fork in bar.forks)]

    # --- drawing ---

    def paint(self, grid: Grid, drawn: TimelineBar) -> None:
        """Draw the numbers, the bar, and what is under the position."""
        palette = grid.palette
        place = Places(drawn, grid.width)
        here = place.column(drawn.update)
        grid.text(0, 0, f"{drawn.update:,}".rjust(place.first - 1), palette.moves, bold=True)
        for sign, begin, end, colour in (
            (TO_COME, place.column(drawn.latest), place.last, palette.faint),
            (AHEAD, here, place.column(drawn.latest), palette.muted),
            (BEEN, place.first, here, palette.moves),
        ):
            grid.text(begin, 0, sign * (end - begin + 1), colour)
        for fork in drawn.forks:
            grid.text(place.column(fork.update), 0, FORK, palette.coming, bold=True)
        for kind, sign in GLYPHS.items():
            colour = palette.alarm if kind == "stopped" else palette.text
            for mark in drawn.marks:
                if mark.kind == kind:
                    grid.text(place.column(mark.update), 0, sign, colour, bold=True)
        grid.text(here, 0, POSITION, palette.moves, bold=True)
        grid.text(place.last + 2, 0, f"{place.whole:,}", palette.muted)
        if place.legend:
            self._draw_legend(grid, drawn, place)

    def _draw_legend(self, grid: Grid, bar: TimelineBar, place: Places) -> None:
        """Write what the nearest mark is, with all that lie at its update, and where that is if not here."""
        named = [(one.update, GLYPHS[one.kind], one.label) for one in bar.marks]
        named += [(one.update, FORK, one.label) for one in bar.forks]
        if named:
            nearest = min((update for update, _, _ in named), key=lambda update: abs(update - bar.update))
            words = "; ".join(f"{sign} {plain(label)}" for update, sign, label in named if update == nearest)
            where = "" if nearest == bar.update else f" at {nearest:,}"
            room = place.legend - len(where)
            words = shortened(words, room)
            grid.text(grid.width - place.legend, 0, words + where, grid.palette.muted)


class Places:
    """Where the updates lie in a line of so many cells: first the number of the present update, then the bar from the
    column `first` to `last`, the number of its end, and, where there is room, `legend` cells for words."""

    def __init__(self, bar: TimelineBar, width: int) -> None:
        self.latest = bar.latest
        self.whole = max(bar.latest, bar.end, 1)
        number = len(f"{self.whole:,}")
        self.first = number + 1
        spare = width - 2 * (number + 1) - GAP - LEAST_BAR
        legend = min(spare // 2, MOST_LEGEND)
        self.legend = legend if legend >= LEAST_LEGEND else 0
        end = width - (self.legend + GAP if self.legend else 0)
        self.last = max(end - number - 2, self.first)

    def column(self, update: int) -> int:
        """Return the column of an update."""
        return self.first + round(min(update / self.whole, 1.0) * (self.last - self.first))

    def update(self, column: int) -> int:
        """Return the update nearest to a column, of those that have been."""
        share = (column - self.first) / max(self.last - self.first, 1)
        return min(round(min(max(share, 0.0), 1.0) * self.whole), self.latest)
