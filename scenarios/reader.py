"""Reading a scenario file, strictly: what does not fit becomes one sentence: where, what, and what may stand there."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from nnsim.scenarios import library
from nnsim.scenarios.challenge import Step
from nnsim.scenarios.conversion import to_type
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.text import found, printable
from nnsim.scenarios.wording import describe

MOST_BYTES = 256 * 1024
# TOML allows keys of any depth, and the parser takes seconds for one of 20,000 parts. A key stands at the beginning of
# a line or behind a bracket, brace or comma; nothing is tried twice, so the time grows only as the text does.
KEY_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+"""
DEEP_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{KEY_PART}\.[ \t]*+){{16}}", re.MULTILINE)


class ScenarioError(Exception):
    """A scenario that cannot be used; the message is one sentence, on one line, for the person who wrote it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


def find(name: str) -> Path:
    """The file of a scenario that is named as in the course or by its path. Raises ScenarioError if there is none."""
    if name in library.COURSE:
        return library.FOLDER / f"{name}{library.SUFFIX}"
    path = Path(name)
    if path.suffix == ".toml" or os.path.exists(name):
        return path
    raise ScenarioError(
        f"{found(name)} is not a scenario: it can be {', '.join(library.COURSE)}, or the path of a .toml file."
    )


def read(path: Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """The scenario in a file, with some values replaced by dotted key. Raises ScenarioError, also for what the file's
    own variants and expectations set."""
    table = read_table(path)
    scenario = convert(table, str(path), overrides)
    if not overrides:
        check_set_ups(scenario, table, str(path))
    return scenario


def glance(path: Path) -> Scenario:
    """The scenario in a file that has been read before, or belongs to the course. Raises ScenarioError."""
    return convert(read_table(path), str(path))


def check_set_ups(scenario: Scenario, table: dict[str, Any], source: str) -> None:
    """Raise ScenarioError when a variant, an expectation or a solution sets something that the scenario cannot be."""
    parts = [(part.title, part.set) for part in (*scenario.variants, *scenario.expect)]
    parts += [(each.title, set_by(each.solution)) for each in scenario.challenges]
    parts += [("race", overrides) for overrides in scenario.race]
    for title, overrides in {repr(overrides): (title, overrides) for title, overrides in parts if overrides}.values():
        convert(table, f'{source}: set of "{title}"', overrides)


def set_by(solution: Iterable[Step]) -> dict[str, object]:
    """All that the steps of a solution set, by dotted key: the later of two that set the same counts."""
    return {key: value for step in solution for key, value in step.set.items()}


def convert(table: dict[str, Any], source: str, overrides: Mapping[str, object] | None = None) -> Scenario:
    """The scenario that a table of TOML values stands for; `source` names the file in errors. Raises ScenarioError."""
    try:
        for key, value in (overrides or {}).items():
            table = _replaced(table, key.split("."), value, source, key)
        _check_numbers(table, "", source)
        scenario: Scenario = to_type(table, Scenario)
        return scenario
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{source}: {_explain(str(error), table)}") from None
    except RecursionError:
        raise ScenarioError(f"{source} is not a scenario: its tables or lists are nested too deeply.") from None


def read_bytes(path: Path) -> bytes:
    """All that is in a scenario file. Raises ScenarioError when it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from None
    if len(content) > MOST_BYTES:
        raise ScenarioError(f"{path} is larger than {MOST_BYTES // 1024} kB: no scenario is.")
    return content


def read_table(path: Path) -> dict[str, Any]:
    """The TOML table in a file. Raises ScenarioError when there is no such file or it is not TOML."""
    content = read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
        if DEEP_KEY.search(text):
            raise ScenarioError(f"{path} has a key of more than 16 parts: no key of a scenario has more than 3.")
        return library.parse(text)
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path} is not UTF-8 text: byte {error.start} does not fit.") from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path} is not TOML: {str(error)[:1].lower()}{str(error)[1:]}.") from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        raise ScenarioError(f"{path} has a number of thousands of digits: it takes numbers of at most 18.") from None
    except RecursionError:
        raise ScenarioError(f"{path} is not a scenario: its tables or lists are nested too deeply.") from None


def _replaced(table: dict[str, Any], keys: list[str], value: object, source: str, name: str) -> dict[str, Any]:
    key, *rest = keys
    if not rest:
        return {**table, key: value}
    inner = table.get(key, {})
    if not isinstance(inner, dict):
        raise ScenarioError(f"{source}: {found(name)} cannot be set: {key} is {found(inner)}, which has no keys.")
    return {**table, key: _replaced(inner, rest, value, source, name)}


def _check_numbers(value: object, key: str, source: str) -> None:
    """TOML knows nan, inf and numbers too large for a float; a scenario does not."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_numbers(inner, f"{key}.{name}" if key else name, source)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _check_numbers(inner, f"{key}[{i}]", source)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ScenarioError(f"{source}: {key} is {found(value)}: it takes a finite number.")
    elif isinstance(value, int) and abs(value) >= 2**63:
        raise ScenarioError(f"{source}: {key} is {found(value)}: it takes a number of at most 18 digits.")


# --- from msgspec's errors to sentences ---

PLACE = re.compile(r"^(?P<what>.*) - at `(?P<path>\$.*)`$", re.DOTALL)
FIELD = re.compile(r"Object (?P<problem>contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def _explain(message: str, table: dict[str, Any]) -> str:
    match = PLACE.match(message)
    what, path = (match["what"], match["path"]) if match else (message, "$")
    steps = [name or int(index) for name, index in STEP.findall(path)]
    key = _dotted(steps)
    value, kind = _walk(table, steps)
    if field := FIELD.match(what):
        inner = f"{key}.{field['name']}" if key else field["name"]
        fields = _fields(kind, value)
        if field["problem"] == "missing required":
            wanted = fields.get(field["name"], inspect.LiteralType(tuple(_tags(kind))))
            return f"{inner} is missing: it takes {describe(wanted)}."
        return f"{found(inner)} is not a known key: {key or 'a scenario'} takes {', '.join(fields)}."
    if what.startswith(("Expected", "Invalid")) and kind is not None:
        return f"{key} is {found(value)}: it takes {describe(kind)}."
    return f"{key or 'the scenario'} {what}."


def _dotted(steps: list[str | int]) -> str:
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps]
    return "".join(parts).removeprefix(".")


def _walk(table: Any, steps: list[str | int]) -> tuple[Any, inspect.Type | None]:
    """The value at a place in the table, and the type that the schema has there."""
    value, kind = table, inspect.type_info(Scenario)
    for step in steps:
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
