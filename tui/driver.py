"""Textual's terminal driver, made to survive what terminals really send."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size


class SturdyDriver(LinuxDriver):
    """Drops input that cannot be read, and does not start again in a terminal that is gone."""

    def run_input_thread(self) -> None:
        """Read keys until the app ends. A mouse report in an old encoding, which is no UTF-8, is no reason to."""
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except (ValueError, OverflowError):
                continue
            except OSError:
                return  # the terminal is gone; SIGHUP ends the app

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal: COLUMNS and LINES, which some shells export, do not follow when it is resized."""
        try:
            size = os.get_terminal_size(self.fileno)
        except OSError:
            return super()._get_terminal_size()
        return size.columns, size.lines

    def start_application_mode(self) -> None:
        """Take over the terminal, and hear of its new sizes one after the other: a signal handler may be interrupted by
        itself between asking for the size and passing it on, and an older size would come last."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self._resized)

    def _resized(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.send_message(Resize(size, size))

    def _sigcont_application(self, *_: Any) -> None:
        """Go on after Ctrl+Z only: a terminal that closes sends SIGCONT as well, and must not be set up again."""
        if self._must_signal_resume:
            super()._sigcont_application()
