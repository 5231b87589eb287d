"""`python -m nnsim.tui`: the same as the command `nnsim`."""

from nnsim.tui.cli import main

main()
