"""How the types of the schema are put into words."""

from __future__ import annotations

import math
from typing import Any

from msgspec import inspect

from nnsim.scenarios.text import number


def describe(kind: inspect.Type) -> str:
    """What may stand where the schema has this type."""
    match kind:
        case inspect.Metadata():
            return describe(kind.type)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _bounds(kind)
        case inspect.FloatType():
            return "a number" + _bounds(kind)
        case inspect.StrType():
            return f"text of {kind.min_length or 0} to {kind.max_length} characters" if kind.max_length else "text"
        case inspect.LiteralType():
            return _choice([f'"{value}"' for value in kind.values])
        case inspect.ListType():
            return f"a list of {_count(kind)}{describe_many(kind.item_type)}"
        case inspect.DictType():
            return "a table"
        case inspect.StructType() if kind.tag is not None:
            return f'a table with kind = "{kind.tag}"'
        case inspect.StructType():
            return f"a table with {', '.join(field.name for field in kind.fields)}"
        case inspect.UnionType():
            return describe_union(kind)
        case _:
            return "something else"


def describe_union(kind: inspect.UnionType) -> str:
    members = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
    tags = [f'"{member.tag}"' for member in members if isinstance(member, inspect.StructType) and member.tag]
    if len(tags) > 1:
        return f"a table whose kind is {_choice(tags)}"
    return _choice([describe(member) for member in members])


def choices(kind: inspect.Type) -> dict[str, str]:
    """The names that may stand where the schema has this type, or that a table there may go by, as they are written."""
    match kind:
        case inspect.Metadata():
            return choices(kind.type)
        case inspect.LiteralType():
            return {str(value): f'"{value}"' for value in kind.values}
        case inspect.StructType() if kind.tag is not None:
            return {str(kind.tag): f'{{ kind = "{kind.tag}" }}'}
        case inspect.UnionType():
            return {name: written for member in kind.types for name, written in choices(member).items()}
        case _:
            return {}


def describe_many(kind: inspect.Type) -> str:
    text = describe(kind)
    for one in ("number", "whole number", "list", "table"):
        if text.startswith(f"a {one}"):
            return f"{one}s" + text.removeprefix(f"a {one}")
    return text


def _choice(options: list[str]) -> str:
    return options[0] if len(options) == 1 else ", ".join(options[:-1]) + " or " + options[-1]


def _count(kind: inspect.ListType) -> str:
    low, high = kind.min_length, kind.max_length
    if high is not None:
        return f"{low} " if low == high else f"{low or 0} to {high} "
    return f"{low} or more " if low else ""


def _bounds(kind: Any) -> str:
    words = []
    for limit, word in ((kind.gt, "above"), (kind.ge, "of at least"), (kind.lt, "below"), (kind.le, "at most")):
        if limit is not None:
            words.append(f"{word} {number(limit) if math.fabs(limit) < 1e6 else limit}")
    return " " + " and ".join(words) if words else ""
