"""Snapshots on their way from the worker's thread to the screen, never more of them than the screen can draw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context

from nnsim.tui.snapshot import Snapshot

FRAME = 1.0 / 33.0
PATIENCE = 1.0  # a refresh may never come: Textual drops one that is due when the terminal is resized under a dialog
SHARE = 1.1  # of the time that a frame takes to draw, from one frame of a playing run to the next
AVERAGE = 0.2  # how much the last frame counts in the time that one takes to draw
LEAST = 0.5  # of the time between two frames, to catch up when the last one came late


class Delivery:
    """Hands snapshots over in the event loop's thread, in which it is made.

    `show` gets every snapshot, and a function to call when it is on the screen; `complain` gets sentences. While that
    thread is drawing, the latest snapshot waits and the others are left out; before it draws the next one it rests for
    a tenth of what one takes, so that it always has time for keys. The frames of a playing run come at even times.
    """

    def __init__(self, show: Callable[[Snapshot, Callable[[], None]], None], complain: Callable[[str], None]) -> None:
        self._show = show
        self._complain = complain
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()  # timers started by what is called back look up the app in it
        self._latest: Snapshot | None = None
        self._drawn: Snapshot | None = None
        self._late: asyncio.TimerHandle
        self._handed_over = self._published = self._next = self._drawing = 0.0
        self.closed = False
        self.under_way = False

    @property
    def due(self) -> bool:
        """Whether it is time to make the next frame of a playing run."""
        return time.monotonic() >= self._next

    @property
    def just_published(self) -> bool:
        """Whether the last snapshot is younger than a frame."""
        return time.monotonic() - self._published < FRAME

    def publish(self, snapshot: Snapshot) -> None:
        """Show this, at once or as soon as the screen is free."""
        self._latest, self._published = snapshot, time.monotonic()
        between = max(FRAME, SHARE * self._drawing)
        self._next = max(self._next + between, self._published + LEAST * between)
        if not self.under_way:
            self.under_way = True
            self.in_loop(self._deliver)

    def expect(self) -> None:
        """A snapshot that the person has asked for is coming: what has not been begun is not drawn before it."""
        if self._drawn is None:
            self.under_way = False

    def tell(self, sentence: str) -> None:
        """Say this to the person."""
        self.in_loop(lambda: self._complain(sentence))

    def in_loop(self, call: Callable[[], None]) -> None:
        """Call this in the event loop's thread, unless the lab has been left by then."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: None if self.closed else call(), context=self._context)

    def _deliver(self) -> None:
        drawn = self._latest
        if drawn is None or self._drawn is not None or not self.under_way or self.closed:
            return  # something else came first
        self._drawn, self._handed_over = drawn, time.monotonic()
        self._late = self._loop.call_later(PATIENCE, self._delivered, drawn, context=self._context)
        self._show(drawn, lambda: self._delivered(drawn))

    def _delivered(self, snapshot: Snapshot) -> None:
        """The snapshot is on the screen, or was waited for long enough; what was published meanwhile comes next."""
        if snapshot is not self._drawn:
            return  # it came after all, and another is being drawn
        self._drawn = None
        self._late.cancel()
        self._drawing += AVERAGE * (time.monotonic() - self._handed_over - self._drawing)
        self.under_way = False  # before looking what is the latest: a new one may come from the other thread right now
        if self._latest is not snapshot:
            self.under_way = True
            rest = (SHARE - 1.0) * self._drawing
            self._loop.call_later(rest, self._deliver, context=self._context)
