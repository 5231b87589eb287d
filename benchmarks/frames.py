"""Frames and keys while a run plays as fast as it can, in a real pseudo-terminal of 120 x 36."""

from __future__ import annotations

import os
import select
import sys
import time

import numpy as np

from tests.end_to_end.terminal import Terminal

SECONDS = 5.0
PRESSES = 60
SYNC_QUERY, SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
FRAME_ENDS = b"\x1b[?2026l"
# The speed at which a scenario plays, as steps down from full speed, and what the screen says at it and one step below.
SPEEDS = {
    "crowd": (0, b"at full speed", b"playing 10000/s"),
    "two-minima": (3, b"playing 2000/s", b"playing 1000/s"),
    "bowl": (3, b"playing 2000/s", b"playing 1000/s"),
}


class FastTerminal(Terminal):
    """A terminal that takes output in as fast as it comes: it looks for frames and words, and draws no screen.

    Like many terminals it offers synchronised output (mode 2026), by which the app marks where a frame ends.
    """

    drawing = True

    def read(self, seconds: float) -> None:
        if self.drawing:
            super().read(seconds)
        elif select.select([self._master], [], [], seconds)[0]:
            self.output += os.read(self._master, 1 << 16)
        if SYNC_QUERY in self.output:
            self.output = self.output.replace(SYNC_QUERY, b"")
            self.send(SYNC_ANSWER)


def report() -> list[str]:
    """The figures, a line each scenario."""
    return [_measure(scenario) for scenario in SPEEDS]


def _measure(scenario: str) -> str:
    steps_down, speed, slower = SPEEDS[scenario]
    with FastTerminal([sys.executable, "-m", "nnsim.tui", scenario]) as terminal:
        terminal.wait_for("paused", 60)
        terminal.press(*("]" * 14), *("[" * steps_down), "space")
        terminal.wait_until(lambda: "paused" in terminal.text and "update    0" not in terminal.text, 120)
        # Beyond the scenario's own length a run goes on for as long as one likes.
        terminal.press("space")
        terminal.drawing = False
        frames = _frames(terminal)
        words = [slower, speed] * (PRESSES // 2)
        delays = [_delay(terminal, key, word) for key, word in zip("[]" * (PRESSES // 2), words, strict=True)]
        asked = time.perf_counter()
        terminal.press("q")
        terminal.wait()
        quit_after = time.perf_counter() - asked
    gaps, rate = np.diff(frames) * 1000, len(frames) / SECONDS
    return (
        f"{scenario:<10} {speed.decode()}: {rate:.0f} frames a second, gap p50 {np.median(gaps):.0f} ms, "
        f"p99 {np.percentile(gaps, 99):.0f} ms; key to frame p50 {np.median(delays) * 1000:.0f} ms, "
        f"p99 {np.percentile(delays, 99) * 1000:.0f} ms; quit after {quit_after * 1000:.0f} ms"
    )


def _frames(terminal: FastTerminal) -> list[float]:
    """When each frame ended."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while (now := time.perf_counter()) < end:
        terminal.output = b""
        terminal.read(0.05)
        times += [now] * terminal.output.count(FRAME_ENDS)
    return times


def _delay(terminal: FastTerminal, key: str, word: bytes) -> float:
    """From pressing a key that changes the speed to the end of the frame that says so."""
    terminal.output = b""
    pressed = time.perf_counter()
    terminal.press(key)
    said = terminal.wait_until(lambda: FRAME_ENDS in terminal.output.partition(word)[2], 5)
    # A person does not press keys as fast as this can: let the app go on playing in between.
    time.sleep(0.05)
    return said - pressed
