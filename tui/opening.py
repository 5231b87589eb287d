"""Opening the app from the command line."""

from __future__ import annotations

import sys
from typing import NoReturn

from nnsim.scenarios import library
from nnsim.tui import terminal

WRONG_USE = 2


def open_app(scenarios: tuple[str, ...] = (), ascii_only: bool = False) -> NoReturn:
    """Open the gallery, or the lab when there is one scenario. Raises ScenarioError; exits 2 without a terminal."""
    files = []
    if scenarios:
        from nnsim.scenarios.reader import find, read

        files = [find(name) for name in scenarios]
        for file in files:
            if file not in library.files():
                read(file)
    if reason := terminal.unusable():
        sys.stderr.write(f"nnsim: {reason}; without a screen, use `nnsim run SCENARIO` or `nnsim check --all`.\n")
        sys.exit(WRONG_USE)
    terminal.run_app(files, ascii_only=ascii_only or not terminal.speaks_unicode())
