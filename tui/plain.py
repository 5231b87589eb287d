"""Text from users made safe for a terminal."""

from nnsim.scenarios.wording import printable as plain

__all__ = ["plain"]
