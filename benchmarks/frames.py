"""Frames and keys while a run plays as fast as it can, in a real pseudo-terminal of 120 x 36."""

from __future__ import annotations

import re
import sys
import time

import numpy as np

from tests.end_to_end.terminal import Terminal

SECONDS = 5.0
PRESSES = 60
SPEED = re.compile(r"playing +(\S+)")
UPDATE = re.compile(r"update +([\d,]+)")


def report() -> list[str]:
    """The figures, a line each scenario."""
    return [_measure(scenario) for scenario in ("crowd", "two-minima", "bowl")]


def _measure(scenario: str) -> str:
    with Terminal([sys.executable, "-m", "nnsim.tui", scenario]) as terminal:
        terminal.wait_for("paused", 60)
        terminal.press("]", "]", "space")
        terminal.wait_for("playing")
        frames = _frames(terminal)
        delays = [_delay(terminal, key) for key in ("[", "]") * (PRESSES // 2)]
        terminal.press("q")
        asked = time.perf_counter()
        terminal.wait()
        quit_after = time.perf_counter() - asked
    gaps = np.diff(frames) * 1000
    return (
        f"{scenario:<12} {len(frames) / SECONDS:5.1f} frames a second, gap p50 {np.median(gaps):.0f} ms, "
        f"p99 {np.percentile(gaps, 99):.0f} ms; key to frame p50 {np.median(delays) * 1000:.0f} ms, "
        f"p99 {np.percentile(delays, 99) * 1000:.0f} ms; quit after {quit_after * 1000:.0f} ms"
    )


def _frames(terminal: Terminal) -> list[float]:
    """When the update number on the screen changed."""
    times: list[float] = []
    shown = ""
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        terminal.read(0.05)
        match = UPDATE.search(terminal.screen.display[0])
        if match and match[1] != shown:
            shown = match[1]
            times.append(time.perf_counter())
    return times


def _delay(terminal: Terminal, key: str) -> float:
    """From pressing a key that changes the speed to the frame that shows the new speed."""

    def speed() -> str | None:
        match = SPEED.search(terminal.screen.display[0])
        return match[1] if match else None

    before, pressed = speed(), time.perf_counter()
    terminal.press(key)
    return terminal.wait_until(lambda: speed() not in (None, before), 5) - pressed
