"""The kinds of value that a scenario file may hold, and the two kinds of table."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

Positive: TypeAlias = Annotated[float, Meta(gt=0)]
NotNegative: TypeAlias = Annotated[float, Meta(ge=0)]
Fraction: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]
ProperFraction: TypeAlias = Annotated[float, Meta(gt=0, lt=1)]
Count: TypeAlias = Annotated[int, Meta(ge=1, le=100_000_000)]
Width: TypeAlias = Annotated[int, Meta(ge=1, le=4096)]
Seed: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000)]
Line: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Values: TypeAlias = Annotated[list[float], Meta(min_length=1)]
Rows: TypeAlias = Annotated[list[Values], Meta(min_length=1)]
Overrides: TypeAlias = dict[str, Any]


def exactly_one(**keys: object) -> None:
    if sum(value is not None for value in keys.values()) != 1:
        raise ValueError(f"has {_given(keys)}: it takes exactly one of {', '.join(keys)}")


def at_most_one(**keys: object) -> None:
    if sum(value is not None for value in keys.values()) > 1:
        raise ValueError(f"has {_given(keys)}: it takes at most one of {', '.join(keys)}")


def at_least_one(**keys: object) -> None:
    if all(value is None for value in keys.values()):
        raise ValueError(f"has {_given(keys)}: it takes at least one of {', '.join(keys)}")


def _given(keys: dict[str, object]) -> str:
    given = [name for name, value in keys.items() if value is not None]
    return " and ".join(given) or f"no {' and no '.join(keys)}"


class Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A table that takes no other keys than its own; as plain values it has those that are not at their default."""


class Tagged(Strict, tag_field="kind", frozen=True):
    """A table whose `kind` says which other keys it takes."""
