"""From what msgspec says about a table to a sentence for the person who wrote it: what, and what may stand there."""

from __future__ import annotations

import re
from typing import Any

from msgspec import inspect

from nnsim.scenarios.lines import Keys, spelled
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.suggestions import meant, nearest, same
from nnsim.scenarios.text import found
from nnsim.scenarios.wording import choices, describe

PLACE = re.compile(r"^(?P<what>.*) - at `(?P<path>\$.*)`$", re.DOTALL)
FIELD = re.compile(r"Object (?P<problem>contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def explain(message: str, table: dict[str, Any]) -> tuple[Keys, str]:
    """The place that an error of msgspec is about, and a sentence without its full stop, which begins with it."""
    match = PLACE.match(message)
    what, path = (match["what"], match["path"]) if match else (message, "$")
    keys: Keys = tuple(name or int(index) for name, index in STEP.findall(path))
    value, kind = _walk(table, keys)
    if field := FIELD.match(what):
        if field["problem"] == "missing required":
            return _missing(keys, field["name"], value, kind)
        return _unknown(keys, field["name"], value, kind, table)
    if what.startswith(("Expected", "Invalid")) and kind is not None:
        place = spelled(keys, row=isinstance(kind, inspect.ListType))
        names = choices(kind)
        return keys, f"{place} is {found(value)}: it takes {describe(kind)}{meant(value, names, names.__getitem__)}"
    named = next((word for word in re.findall(r"\w+", what) if isinstance(value, dict) and word in value), None)
    return keys if named is None else (*keys, named), f"{spelled(keys) or 'the scenario'} {what}"


def _missing(keys: Keys, name: str, value: object, kind: inspect.Type | None) -> tuple[Keys, str]:
    """A key is missing, perhaps because it is misspelled."""
    fields = _fields(kind, value)
    wanted = describe(fields.get(name, inspect.LiteralType(tuple(_tags(kind)))))
    others = [key for key in value if key not in fields] if isinstance(value, dict) else []
    stray = nearest(name, others)
    if not stray:
        return (*keys, name), f"{spelled((*keys, name))} is missing: it takes {wanted}"
    place, missing = (*keys, stray[0]), spelled((*keys, name))
    return place, f"{found(spelled(place))} is not a known key, and {missing} is missing: it takes {wanted}" + (
        f". Did you mean {name}?"
    )


def _unknown(
    keys: Keys, name: str, value: object, kind: inspect.Type | None, table: dict[str, Any]
) -> tuple[Keys, str]:
    """A key is not known in its table. It may belong into another one, or in front of all tables."""
    fields = _fields(kind, value)
    is_table = isinstance(value, dict) and isinstance(value.get(name), dict)
    elsewhere = [] if is_table else _elsewhere(table)
    question = meant(name, fields if keys else [*fields, *elsewhere])
    if not question and keys and name in Scenario.__struct_fields__:
        question = f". Did you mean {name} to stand in front of the first [table]?"
    elif not question and keys:
        question = meant(name, [key for key in elsewhere if same(name, [key])])
    words = f"{found(spelled((*keys, name)))} is not a known key: {spelled(keys) or 'a scenario'} takes "
    return (*keys, name), f"{words}{', '.join(fields)}{question}"


def _walk(table: Any, keys: Keys) -> tuple[Any, inspect.Type | None]:
    """The value at a place in the table, and the type that the schema has there."""
    value, kind = table, inspect.type_info(Scenario)
    for step in keys:
        fields = _fields(kind, value)
        if step == "kind" and step not in fields:
            return value.get("kind"), inspect.LiteralType(tuple(_tags(kind)))
        kind = fields[step] if isinstance(step, str) else _item(kind)
        value = value.get(step) if isinstance(value, dict) else value[step] if isinstance(step, int) else None
    return value, kind


def _members(kind: inspect.Type | None) -> list[inspect.Type | None]:
    kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    return list(kind.types) if isinstance(kind, inspect.UnionType) else [kind]


def _tags(kind: inspect.Type | None) -> list[str]:
    return [str(member.tag) for member in _members(kind) if isinstance(member, inspect.StructType) and member.tag]


def _item(kind: inspect.Type) -> inspect.Type:
    lists = [member for member in _members(kind) if isinstance(member, inspect.ListType)]
    return lists[0].item_type if lists else inspect.AnyType()


def _fields(kind: inspect.Type | None, value: object) -> dict[str, inspect.Type]:
    """The keys that a table takes; among several kinds of table, the one that its `kind` names."""
    for member in _members(kind):
        if isinstance(member, inspect.StructType):
            tag = value.get("kind") if isinstance(value, dict) else None
            if member.tag is None or member.tag == tag:
                kinds: dict[str, inspect.Type] = {"kind": inspect.LiteralType((tag,))} if member.tag else {}
                return kinds | {field.encode_name: field.type for field in member.fields}
    return {}


def _elsewhere(table: dict[str, Any]) -> list[str]:
    """The dotted keys of a scenario's own tables."""
    tables = _fields(inspect.type_info(Scenario), table).items()
    return [f"{name}.{key}" for name, kind in tables for key in _fields(kind, table.get(name)) if key != "kind"]
