"""Plain values made into the types of a scenario file."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

_ONE_AT_A_TIME = threading.Lock()


def to_type(value: object, kind: Any) -> Any:
    """`value` as `kind`. Raises msgspec.ValidationError.

    msgspec finds out what a type holds when it is used first; a second thread that comes upon one half found out
    crashes the program (seen with msgspec 0.22). Here it waits.
    """
    with _ONE_AT_A_TIME:
        return msgspec.convert(value, kind)
