"""How numbers and the types of the schema are put into words."""

from __future__ import annotations

import math
from typing import Any

from msgspec import inspect


def number(value: float) -> str:
    """A number for prose: six significant digits, no trailing zeros, and 0 rather than -0."""
    return f"{value + 0.0:.6g}"


def found(value: object) -> str:
    """A value out of a file, shortened, in its TOML spelling where that is short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= 40 else text[:37] + "..."


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
            return f"text of up to {kind.max_length} characters" if kind.max_length else "text"
        case inspect.LiteralType():
            return _choice([f'"{value}"' for value in kind.values])
        case inspect.ListType():
            return f"a list of {describe_many(kind.item_type)}"
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


def describe_many(kind: inspect.Type) -> str:
    text = describe(kind)
    for one, many in (("a number", "numbers"), ("a whole number", "whole numbers"), ("a list", "lists")):
        if text.startswith(one):
            return many + text[len(one) :]
    return text


def _choice(options: list[str]) -> str:
    return options[0] if len(options) == 1 else ", ".join(options[:-1]) + " or " + options[-1]


def _bounds(kind: Any) -> str:
    words = []
    for limit, word in ((kind.gt, "above"), (kind.ge, "at least"), (kind.lt, "below"), (kind.le, "at most")):
        if limit is not None:
            words.append(f"{word} {number(limit) if math.fabs(limit) < 1e6 else limit}")
    return " " + " and ".join(words) if words else ""
