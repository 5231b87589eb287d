"""Text from users made safe for a terminal."""

from nnsim.scenarios.text import printable as plain

__all__ = ["plain"]
