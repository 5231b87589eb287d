"""A real pseudo-terminal with a program in it, and a screen on which its output can be read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

PATIENCE = 60.0  # on a busy machine; what is waited for takes a second at most
KEYS = {
    "left": "\x1b[D",
    "right": "\x1b[C",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "f1": "\x1bOP",
    "ctrl+p": "\x10",
}


class Terminal:
    """Runs a program in a pseudo-terminal of the given size (columns, rows).

    `env` changes the environment; a variable that is None is taken out of it.
    """

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (120, 36),
        env: Mapping[str, str | None] | None = None,
    ) -> None:
        self.size = size
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._master, slave = pty.openpty()
        self.resize(size, tell=False)
        self.attributes_before = termios.tcgetattr(slave)
        self._slave = slave
        self.started = time.perf_counter()
        environment = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={name: value for name, value in environment.items() if value is not None},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for handle in (self._master, self._slave):
            if handle >= 0:
                os.close(handle)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    @property
    def attributes(self) -> list[object]:
        """The terminal's settings now."""
        return termios.tcgetattr(self._slave)

    def read(self, seconds: float) -> None:
        """Take in what the program writes, for at most that long, or until it writes something."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if ready:
            chunk = os.read(self._master, 1 << 16)
            self.output += chunk
            self._stream.feed(chunk)

    def wait_until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> float:
        """Read until the condition holds; return when that was, by `time.perf_counter`."""
        end = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError(f"not within {seconds:g} s; the screen shows:\n{self.text}")
            self.read(0.05)
        return time.perf_counter()

    def wait_for(self, text: str, seconds: float = PATIENCE) -> float:
        """Read until the text stands on the screen."""
        return self.wait_until(lambda: text in self.text, seconds)

    def settle(self, seconds: float = 0.3) -> None:
        """Read until nothing has come for that long."""
        quiet = time.perf_counter() + seconds
        while time.perf_counter() < quiet:
            before = len(self.output)
            self.read(0.05)
            if len(self.output) > before:
                quiet = time.perf_counter() + seconds

    def press(self, *keys: str) -> None:
        """Press keys, by name or by character."""
        for key in keys:
            self.send(KEYS.get(key, key).encode())

    def send(self, data: bytes) -> None:
        """Type raw bytes."""
        os.write(self._master, data)

    def resize(self, size: tuple[int, int], tell: bool = True) -> None:
        """Make the terminal larger or smaller."""
        self.size = size
        self.screen.resize(size[1], size[0])
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._master)
        self._master = -1

    def wait(self, seconds: float = PATIENCE) -> int:
        """Read until the program has ended; return its exit code (negative for a signal)."""
        self.wait_until(lambda: self.process.poll() is not None, seconds)
        self.settle(0.1)
        return self.process.returncode


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
