"""Frames and keys while a run plays as fast as it can, in a real pseudo-terminal of 120 x 36."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.end_to_end.terminal import Terminal

SECONDS = 3.0
ROUNDS = 4
PRESSES = 300
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
    return [line for scenario in SPEEDS for line in _measure(scenario)]


def _measure(scenario: str) -> list[str]:
    steps_down, speed, slower = SPEEDS[scenario]
    with FastTerminal([sys.executable, "-m", "nnsim.tui", scenario]) as terminal:
        terminal.wait_for("paused", 60)
        terminal.press(*("]" * 14), *("[" * steps_down), "space")
        # Beyond the scenario's own length a run goes on for as long as one likes.
        terminal.wait_for("planned end", 120)
        rounds = []
        for _ in range(ROUNDS):
            alone = _headless(scenario, _update(terminal)) if steps_down == 0 else None
            rounds.append(_play(terminal, alone))
        terminal.press("space")
        terminal.drawing = False
        words = [slower, speed] * (PRESSES // 2)
        delays = [_delay(terminal, key, word) for key, word in zip("[]" * (PRESSES // 2), words, strict=True)]
        asked = time.perf_counter()
        terminal.press("q")
        terminal.wait()
        quit_after = time.perf_counter() - asked
    gaps = np.concatenate([np.diff(played.frames) for played in rounds]) * 1000
    rate = sum(len(played.frames) for played in rounds) / ROUNDS / SECONDS
    drawing = sum(played.drawing for played in rounds) / ROUNDS / SECONDS
    lines = [
        f"{scenario:<10} {speed.decode()}: {rate:.0f} frames a second, gap p50 {np.median(gaps):.0f} ms, "
        f"p99 {np.percentile(gaps, 99):.0f} ms; key to frame p50 {np.median(delays) * 1000:.0f} ms, "
        f"p99 {np.percentile(delays, 99) * 1000:.0f} ms; quit after {quit_after * 1000:.0f} ms",
        f"{'':<10} drawing takes {drawing:.2f} of a core",
    ]
    kept = [played.speed / played.alone for played in rounds if played.alone]
    if kept:
        updates = np.mean([played.speed for played in rounds])
        lines[1] += (
            f"; training keeps {np.median(kept):.0%} ({min(kept):.0%} to {max(kept):.0%}) of its speed without a "
            f"screen ({updates:,.0f} updates a second)"
        )
    return lines


class Played(NamedTuple):
    """A run that has played for a while: when its frames ended, the seconds of drawing, the updates a second, and those
    of the same run without a screen just before."""

    frames: list[float]
    drawing: float
    speed: float
    alone: float | None


def _play(terminal: FastTerminal, alone: float | None) -> Played:
    """Let the run go on for some seconds."""
    begin, drawing, started = _update(terminal), _seconds_of_drawing(terminal), time.perf_counter()
    terminal.press("space")
    terminal.drawing = False
    frames = _frames(terminal)
    drawing = _seconds_of_drawing(terminal) - drawing
    terminal.press("space")
    elapsed = time.perf_counter() - started
    terminal.drawing = True
    return Played(frames, drawing, (_update(terminal) - begin) / elapsed, alone)


def _update(terminal: FastTerminal) -> int:
    """The update at which a run that does not play stands, read off the screen."""
    terminal.wait_until(lambda: "paused" in terminal.text or "planned end" in terminal.text)
    terminal.settle()
    found = re.search(r"update +(\d+)", terminal.text)
    assert found is not None
    return int(found[1])


def _seconds_of_drawing(terminal: FastTerminal) -> float:
    """What the app's main thread, which draws, has used of a core."""
    pid = terminal.process.pid
    fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _headless(scenario: str, begin: int) -> float:
    """Updates a second of the same run without a screen, from the same update on, measured in a process of its own."""
    code = (
        "import sys, time; from nnsim.scenarios.experiment import build; "
        "from nnsim.scenarios.reader import find, read; "
        "file = find(sys.argv[1]); timeline = build(read(file), str(file)).timeline(); "
        "timeline.advance(int(sys.argv[2])); begin, start = timeline.update, time.perf_counter(); "
        "exec('while time.perf_counter() - start < 2: timeline.advance(1000)'); "
        "print((timeline.update - begin) / (time.perf_counter() - start))"
    )
    command = [sys.executable, "-c", code, scenario, str(begin)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


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
