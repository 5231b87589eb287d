"""Opening the app from the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from nnsim.scenarios import library
from nnsim.tui import terminal

WRONG_USE = 2


def open_app(files: Sequence[Path] = (), ascii_only: bool = False) -> NoReturn:
    """Open the gallery, or the lab when there is one file. Raises ScenarioError; exits 2 without a terminal."""
    for file in files:
        if file not in library.files():
            from nnsim.scenarios.reader import read

            read(file)
    if reason := terminal.unusable():
        sys.stderr.write(f"nnsim: {reason}; without a screen, use `nnsim run SCENARIO` or `nnsim check --all`.\n")
        sys.exit(WRONG_USE)
    terminal.run_app(list(files), ascii_only=ascii_only or not terminal.speaks_unicode())
