"""Where a scenario comes from, and the errors that name it: the file, the line, and who has set a key otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nnsim.scenarios.lines import Keys, line_of
from nnsim.scenarios.text import printable, short, whole


class ScenarioError(Exception):
    """A scenario that cannot be used; the message is on one line, for the person who wrote it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


@dataclass(frozen=True)
class Source:
    """Where a scenario comes from: a file, and what sets some of its keys otherwise.

    `by` names that in errors, and `sets` has for each dotted key that it sets the place in the file where it does so;
    None where that is not in the file, but on the command line or in the lab.
    """

    file: str
    by: str = ""
    sets: Mapping[str, Keys | None] = field(default_factory=dict)

    @classmethod
    def outside(cls, file: str, by: str, keys: Iterable[str]) -> Source:
        """A scenario whose keys were set otherwise from outside of its file."""
        return cls(file, by, dict.fromkeys(keys))

    @classmethod
    def inside(cls, file: str, by: str, tables: Mapping[Keys, Iterable[str]]) -> Source:
        """A scenario whose keys are set otherwise by tables of its own file, given with their places."""
        return cls(file, by, {key: (*place, key) for place, keys in tables.items() for key in keys})

    def error(self, keys: Keys, words: str) -> ScenarioError:
        """The error about what stands at a place of the scenario; `words` are its sentence without a full stop."""
        key = self._setter(keys)
        if key is None:
            return self.at_line(self._line(keys), words)
        place = self.sets[key]
        if place is None:
            return self.at_line(None, f"{self.by} {short(key)}: {words}")
        return self.at_line(self._line((*place, *keys[len(_steps(key)) :])), f"{self.by}: {words}")

    def at_line(self, line: int | None, words: str) -> ScenarioError:
        """The error about a line of the file, or about no line in particular."""
        where = "" if line is None else f", line {line}"
        return ScenarioError(whole(f"{self.file}{where}: {words}"))

    def _setter(self, keys: Keys) -> str | None:
        """The key that has been set otherwise and is to blame for what stands at a place; None where none is."""
        for key in self.sets:
            # Which other keys a table takes is up to its kind.
            steps = _steps(key.removesuffix(".kind"))
            if all(one == other for one, other in zip(steps, keys, strict=False)):
                return key
        return next((key for key, place in self.sets.items() if place is not None), None)

    def _line(self, keys: Keys) -> int | None:
        """The line of a place in the file; None where there is no such file to be looked at again, as of a pipe."""
        try:
            file = Path(self.file)
            return line_of(file.read_text(encoding="utf-8-sig"), keys) if file.is_file() else None
        except (OSError, ValueError):
            return None


def _steps(key: str) -> Keys:
    return tuple(key.split("."))
