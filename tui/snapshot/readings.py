"""Numbers to watch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A number to watch: what it is called, what it is now (None where it is not known), what it is compared with
    (`limit`, called `limit_name`; those of a `logarithmic` reading are compared by their ratio) or of what it is a part
    (`whole`), and a word on what that means. `alarm` when it tells of something wrong. `layer`, from 1, is that of a
    gradient norm of one layer."""

    name: str
    value: float | None
    note: str = ""
    limit: float | None = None
    limit_name: str = ""
    logarithmic: bool = False
    whole: float | None = None
    layer: int = 0
    alarm: bool = False
