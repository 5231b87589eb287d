"""Reading a scenario file, strictly: what does not fit becomes a sentence: where, what, and what may stand there."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nnsim.scenarios import library
from nnsim.scenarios.conversion import to_type
from nnsim.scenarios.lines import Keys, line_of_depth, spelled
from nnsim.scenarios.reachable import set_ups
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.sentences import explain
from nnsim.scenarios.source import ScenarioError, Source
from nnsim.scenarios.suggestions import meant
from nnsim.scenarios.text import found

__all__ = [
    "MOST_BYTES",
    "ScenarioError",
    "Source",
    "check_set_ups",
    "convert",
    "find",
    "glance",
    "read",
    "read_bytes",
    "read_table",
    "source_of",
]

MOST_BYTES = 256 * 1024
# TOML allows keys of any depth, and the parser takes seconds for one of 20,000 parts. A key stands at the beginning of
# a line or behind a bracket, brace or comma; nothing is tried twice, so the time grows only as the text does.
KEY_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+"""
TOO_DEEP = "tables or lists are nested too deeply for a scenario"
DEEP_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{KEY_PART}\.[ \t]*+){{16}}", re.MULTILINE)


def find(name: str, others: Iterable[str] = ()) -> Path:
    """The file of a scenario that is named as in the course or by its path. Raises ScenarioError if there is none;
    `others` are words that may have been meant as well."""
    if name in library.COURSE:
        return library.FOLDER / f"{name}{library.SUFFIX}"
    path = Path(name)
    if path.suffix == ".toml" or os.path.exists(name):
        return path
    question = meant(name, (*library.COURSE, *others)) or _beside(path) or "."
    raise ScenarioError(
        f"{found(name)} is not a scenario: it can be {', '.join(library.COURSE)}, or the path of a .toml file{question}"
    )


def read(path: Path, overrides: Mapping[str, object] | None = None, source: Source | None = None) -> Scenario:
    """The scenario in a file, with some values replaced by dotted key. Raises ScenarioError, also for what the file's
    own variants and expectations set. `source` says who replaces values, where that is not the command line."""
    table = read_table(path)
    scenario = convert(table, source or str(path), overrides)
    if not overrides:
        check_set_ups(scenario, table, str(path))
    return scenario


def glance(path: Path) -> Scenario:
    """The scenario in a file that has been read before, or belongs to the course. Raises ScenarioError."""
    return convert(read_table(path), str(path))


def check_set_ups(scenario: Scenario, table: dict[str, Any], source: str) -> None:
    """Raise ScenarioError when one of a scenario's own set-ups sets something that it cannot be."""
    for set_up in set_ups(scenario)[1:]:
        convert(table, set_up.source(source), set_up.set)


def source_of(path: Path, overrides: Mapping[str, object]) -> Source:
    """Where a scenario comes from whose keys were set otherwise in the lab, as a variant of the file has them or by
    hand. Raises ScenarioError."""
    places = set_ups(glance(path)) if overrides else ()
    own = next((each for each in places if each.set == overrides), None)
    return Source.outside(str(path), "with", overrides) if own is None else own.source(str(path))


def convert(table: dict[str, Any], source: Source | str, overrides: Mapping[str, object] | None = None) -> Scenario:
    """The scenario that a table of TOML values stands for. `source` is its file, with some values replaced on the
    command line, or says who else has replaced them. Raises ScenarioError."""
    source = Source.outside(source, "--set", overrides or ()) if isinstance(source, str) else source
    try:
        for key, value in (overrides or {}).items():
            table = _replaced(table, key.split("."), value, source, key)
        _check_numbers(table, (), source)
        scenario: Scenario = to_type(table, Scenario)
        return scenario
    except msgspec.ValidationError as error:
        keys, words = explain(str(error), table)
        raise source.error(keys, words + _in_quotes(keys, overrides or {})) from None
    except RecursionError:
        raise source.error((), TOO_DEEP) from None


def read_bytes(path: Path) -> bytes:
    """All that is in a scenario file. Raises ScenarioError when it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        question = _beside(path) if isinstance(error, FileNotFoundError) else ""
        raise ScenarioError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}{question or '.'}"
        ) from None
    if len(content) > MOST_BYTES:
        raise ScenarioError(f"{path} is larger than {MOST_BYTES // 1024} kB: no scenario is.")
    return content


def _beside(path: Path) -> str:
    """The question about a file that is not there: whether another one in its folder is meant."""
    files = {library.name_of(file): str(file) for file in path.parent.glob("*.toml") if file.is_file()}
    return meant(library.name_of(path), files, files.__getitem__)


def read_table(path: Path) -> dict[str, Any]:
    """The TOML table in a file. Raises ScenarioError when there is no such file or it is not TOML."""
    content = read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
        if deep := DEEP_KEY.search(text):
            words = "a key has more than 16 parts: no key of a scenario has more than 3"
            raise Source(str(path)).at_line(text.count("\n", 0, deep.end()) + 1, words)
        return library.parse(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Source(str(path)).at_line(line, f"byte {error.start + 1} of the file is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(path), text, str(error)) from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        number = re.search(r"\d[\d_]{4300}", text)
        line = text.count("\n", 0, number.start() if number else 0) + 1
        raise Source(str(path)).at_line(
            line, "a number has thousands of digits: it takes numbers of at most 18"
        ) from None
    except RecursionError:
        raise Source(str(path)).at_line(line_of_depth(text), TOO_DEEP) from None


SYNTAX = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)

KEY_OF_PYTHON = re.compile(r"\('(.*)',?\)")


def _syntax(file: str, text: str, message: str) -> ScenarioError:
    """The error about a text that is not TOML, of which tomllib tells the place in its own words."""
    match = SYNTAX.fullmatch(message)
    what = KEY_OF_PYTHON.sub(lambda key: key[1].replace("', '", "."), match["what"] if match else message)
    if match is None or match["line"] is None:
        return Source(file).at_line(text.rstrip().count("\n") + 1, f"this is not TOML: {_lower(what)} at the end")
    line, column = int(match["line"]), int(match["column"])
    question = _unquoted(text.split("\n")[line - 1], column) if what == "Invalid value" else ""
    return Source(file).at_line(line, f"this is not TOML: {_lower(what)} at column {column}{question}")


def _unquoted(line: str, column: int) -> str:
    """The question about a value that is a bare word: text without quotes, or a boolean as Python writes it."""
    word = re.match(r"[^\W\d]\w*", line[column - 1 :])
    if word is None or "=" not in line[:column]:
        return ""
    return f". Did you mean {word[0].lower() if word[0] in ('True', 'False') else found(word[0])}?"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _replaced(table: dict[str, Any], keys: list[str], value: object, source: Source, name: str) -> dict[str, Any]:
    key, *rest = keys
    if not rest:
        return {**table, key: value}
    inner = table.get(key, {})
    if not isinstance(inner, dict):
        words = f"{found(name)} cannot be set: {key} is {found(inner)}, which has no keys"
        raise source.error(tuple(name.split(".")), words)
    return {**table, key: _replaced(inner, rest, value, source, name)}


def _in_quotes(keys: Keys, overrides: Mapping[str, object]) -> str:
    """The question about a key that is missing in a table which takes the place of the file's: whether a single key of
    it was meant, which TOML reads as a table where a dotted name has no quotes."""
    for table, value in overrides.items():
        inside = keys[:-1] == tuple(table.split("."))
        if inside and isinstance(value, dict) and value and keys[-1] not in value:
            return f". Did you mean {found(f'{table}.{next(iter(value))}')}, in quotes?"
    return ""


def _check_numbers(value: object, keys: Keys, source: Source) -> None:
    """TOML knows nan, inf and numbers too large for a float; a scenario does not."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _check_numbers(inner, (*keys, key), source)
    elif isinstance(value, float) and not math.isfinite(value):
        raise source.error(keys, f"{spelled(keys)} is {found(value)}: it takes a finite number")
    elif isinstance(value, int) and abs(value) >= 2**63:
        raise source.error(keys, f"{spelled(keys)} is {found(value)}: it takes a number of at most 18 digits")
