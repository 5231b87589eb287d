"""Starting the app in a terminal, and leaving the terminal as it was, whatever ends the app."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

PATIENCE = 0.4
"""Seconds for what the worker still has to write down."""
REFRESHES = 250
"""How often a second Textual looks whether something is to be drawn; at its own 60 a frame waits up to 17 ms for it."""
SWITCH_INTERVAL = 0.00005
"""Seconds that the training may hold up a key, or the drawing the training: a hundredth of Python's own."""


def unusable() -> str | None:
    """Why the app cannot be shown here, or None if it can. The screen is drawn on stderr and keys come from stdin."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "the app needs a terminal"
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        return "this terminal (TERM=dumb) cannot place the cursor, which the app needs"
    return None


def speaks_unicode() -> bool:
    """Whether the terminal's stream takes the characters that the drawings are made of."""
    try:
        "∇●⣿▀".encode(sys.stderr.encoding)
    except UnicodeEncodeError:
        return False
    return True


def run_app(files: list[Path], ascii_only: bool) -> NoReturn:
    """Run the app, and end the process with its exit code once the terminal is as it was before."""
    os.environ.setdefault("TEXTUAL_FPS", str(REFRESHES))  # it is read when Textual is imported
    from nnsim.tui.app import NnsimApp
    from nnsim.tui.driver import SturdyDriver

    app = NnsimApp(files, ascii_only=ascii_only, driver_class=SturdyDriver)
    app.end_on(signal.SIGTERM, signal.SIGHUP)
    # The collector stops every thread while it goes through what the numeric libraries load, a tenth of a second each
    # time: it starts when they are loaded, and leaves out what is there by then.
    gc.disable()
    app.worker.settled = _collect_from_now_on
    sys.setswitchinterval(SWITCH_INTERVAL)
    app.run()
    app.worker.join(PATIENCE)
    # The module may be missing, or half imported, when the app is left at once.
    remove_stopgap = getattr(sys.modules.get("nnsim.core.jit"), "remove_stopgap", None)
    if remove_stopgap is not None:
        remove_stopgap()
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.flush()
        sys.stderr.flush()
    # Taking the interpreter apart in order takes half a second when the numeric libraries are loaded.
    os._exit(app.return_code or 0)


def _collect_from_now_on() -> None:
    gc.freeze()
    gc.enable()
