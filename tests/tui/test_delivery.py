"""When frames of a playing run are due, and which snapshots are shown, on a clock that the tests turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from nnsim.tui import delivery
from nnsim.tui.delivery import FRAME, Delivery

LOOK = 0.008
"""Seconds of training after which the worker looks whether a frame is due."""


class Screen:
    """Draws what it is handed in so many seconds of the clock, at once or when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, drawing: float = 0.0, at_once: bool = True) -> None:
        self.now = 100.0
        monkeypatch.setattr(delivery.time, "monotonic", lambda: self.now)
        self.drawing, self.at_once = drawing, at_once
        self.shown: list[object] = []
        self.times: list[float] = []
        self.finish: list[Callable[[], None]] = []
        self.delivery = Delivery(self._show, self.shown.append)

    def _show(self, snapshot: object, shown: Callable[[], None]) -> None:
        self.shown.append(snapshot)
        self.times.append(self.now)
        self.finish.append(shown)
        if self.at_once:
            self.now += self.drawing
            shown()

    async def play(self, seconds: float, making: float) -> None:
        """Train for so long; a snapshot takes `making` seconds to make."""
        end = self.now + seconds
        while self.now < end:
            self.now += LOOK
            if self.delivery.due:
                self.now += making
                self.delivery.publish(object())  # type: ignore[arg-type]
                await asyncio.sleep(0)


async def test_frames_come_at_even_times_however_late_each_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, drawing=0.004)
    await screen.play(10.0, making=0.005)
    assert 0.95 / FRAME < len(screen.times) / 10.0 <= 1.02 / FRAME


async def test_drawing_that_takes_long_leaves_time_for_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, drawing=0.1)
    await screen.play(20.0, making=0.0)
    gaps = [after - before for before, after in zip(screen.times, screen.times[1:], strict=False)][50:]
    assert min(gaps) > 0.105
    assert max(gaps) < 0.13


async def test_after_a_pause_the_next_frame_is_due_at_once_and_none_is_made_up_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen(monkeypatch)
    await screen.play(1.0, making=0.0)
    screen.now += 60.0
    assert screen.delivery.due
    seen = len(screen.times)
    await screen.play(1.0, making=0.0)
    assert len(screen.times) - seen <= 1.05 / FRAME


async def _publish(screen: Screen, *snapshots: str) -> None:
    for snapshot in snapshots:
        screen.delivery.publish(snapshot)  # type: ignore[arg-type]
        await asyncio.sleep(0)


async def test_while_one_is_drawn_the_latest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, at_once=False)
    await _publish(screen, "first", "second", "third")
    assert screen.shown == ["first"]
    screen.finish[0]()
    assert screen.delivery.under_way
    screen.now += 1.0  # the event loop goes by the same clock
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert screen.shown == ["first", "third"]
    screen.finish[1]()
    assert not screen.delivery.under_way


async def test_what_the_person_asks_for_comes_before_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch, at_once=False)
    await _publish(screen, "first", "of the playing run")
    screen.delivery.expect()
    screen.finish[0]()
    screen.delivery.expect()
    assert not screen.delivery.under_way
    await _publish(screen, "asked for")
    assert screen.shown == ["first", "asked for"]
