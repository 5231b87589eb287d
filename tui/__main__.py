"""`python -m nnsim.tui`, and the command `nnsim`."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line. Ctrl+C is heard from the first moment on, while the modules are still being loaded."""
    try:
        if len(sys.argv) == 1:  # the gallery: nothing to parse, so nothing to wait for
            from nnsim.tui.opening import open_app

            open_app()
        from nnsim.tui.cli import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write("nnsim: interrupted.\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
