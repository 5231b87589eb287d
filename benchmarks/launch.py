"""From launch to the first frame, beside a bare Textual app, and on to the first compiled update."""

from __future__ import annotations

import sys
import tempfile
import time
from statistics import median

from tests.end_to_end.terminal import Terminal

ROUNDS = 7
NNSIM = [sys.executable, "-m", "nnsim.tui"]
BARE = """
from textual.app import App
from textual.widgets import Footer, Static

class Bare(App):
    def compose(self):
        yield Static("first frame")
        yield Footer()

Bare().run()
"""
STALL = """
import asyncio, time
from pathlib import Path
from nnsim.scenarios.reader import find
from nnsim.tui import app, terminal
from nnsim.tui.app import NnsimApp

class Watched(NnsimApp):
    CSS_PATH = None
    CSS = (Path(app.__file__).parent / "app.tcss").read_text()
    longest = 0.0
    def run(self):
        super().run()
        print(f"longest stall {self.longest * 1000:.0f} ms", flush=True)
    def on_mount(self):
        self.call_after_refresh(lambda: setattr(self, "watch", asyncio.ensure_future(self.beat())))
    async def beat(self):
        then = time.perf_counter()
        while True:
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            if self._exit:
                return
            self.longest = max(self.longest, now - then)
            then = now
app.NnsimApp = Watched
terminal.run_app([find("crowd")], ascii_only=False)
"""


def report() -> list[str]:
    """The figures, a line each."""
    frames: dict[str, list[float]] = {"nnsim": [], "bare": []}
    for _ in range(ROUNDS):
        frames["nnsim"].append(_first_frame(NNSIM, "Which scenario?"))
        frames["bare"].append(_first_frame([sys.executable, "-c", BARE], "first frame"))
    ours, theirs = median(frames["nnsim"]), median(frames["bare"])
    warm = [_first_update({}) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        cold = _first_update({"XDG_CACHE_HOME": folder})
        stall_cold = _longest_stall({"XDG_CACHE_HOME": folder + "/other"})
    stall_warm = _longest_stall({})
    ms = 1000.0
    return [
        f"first frame: nnsim {ours * ms:.0f} ms, bare Textual app {theirs * ms:.0f} ms, ratio {ours / theirs:.2f}",
        f"first frame to first compiled update: warm {median(warm) * ms:.0f} ms, first launch ever {cold * ms:.0f} ms",
        f"the event loop stood still for at most: warm {stall_warm}, first launch ever {stall_cold}",
    ]


def _first_frame(command: list[str], text: str) -> float:
    with Terminal(command) as terminal:
        # In the bytes, not on a screen drawn from them: drawing a full screen would count against the fuller one.
        seen = terminal.wait_until(lambda: text.encode() in terminal.output)
        terminal.press("q", "\x11")
        return seen - terminal.started


def _first_update(env: dict[str, str]) -> float:
    """Press the key for one update as soon as there is a frame; it is answered when the kernels are there."""
    with Terminal([*NNSIM, "bowl"], env=env) as terminal:
        frame = terminal.wait_until(lambda: "space Play" in terminal.text)
        terminal.press("right")
        return terminal.wait_for("w1 went from 0 to 0.4", 60) - frame


def _longest_stall(env: dict[str, str]) -> str:
    with Terminal([sys.executable, "-c", STALL], env=env) as terminal:
        terminal.wait_for("estimate", 60)
        time.sleep(0.5)
        terminal.press("q")
        terminal.wait()
        words = terminal.output.decode(errors="replace").rsplit("longest stall ", 1)
        return words[-1].strip()
