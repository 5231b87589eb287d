"""Where a scenario comes from, and the errors that name it: the file, the line, and who has set a key otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnsim.scenarios.lines import Keys, keys_in, line_of, spelled
from nnsim.scenarios.text import printable, short, whole


class ScenarioError(Exception):
    """A scenario that cannot be used; the message is on one line, for the person who wrote it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


@dataclass(frozen=True)
class Source:
    """Where a scenario comes from: a file, and what sets some of its keys otherwise.

    `sets` has for each dotted key that is set otherwise the place of the table in the file that does so; None where
    that is not in the file, but on the command line or in the lab, which `by` names in errors.
    """

    file: str
    by: str = ""
    sets: Mapping[str, Keys | None] = field(default_factory=dict)

    @classmethod
    def outside(cls, file: str, by: str, keys: Iterable[str]) -> Source:
        """A scenario whose keys were set otherwise from outside of its file."""
        return cls(file, by, dict.fromkeys(keys))

    def also(self, place: Keys, keys: Iterable[str]) -> Source:
        """The same with keys that a table of the file, or a value at a place in it, sets otherwise in turn."""
        here = dict.fromkeys(keys, place)
        return replace(self, sets=here | {key: each for key, each in self.sets.items() if key not in here})

    def error(self, keys: Keys, words: str) -> ScenarioError:
        """The error about what stands at a place of the scenario; `words` are its sentence without a full stop."""
        key = self._setter(keys)
        if key is None:
            return self.at_line(self._line(keys), words)
        place = self.sets[key]
        if place is None:
            return self.at_line(None, f"{self.by} {short(key)}: {words}")
        line = self._line((*place, key, *keys[len(_steps(key)) :]))
        return self.at_line(line, f"{spelled(place)}{self._beside(place)}: {words}")

    def fault(self, error: ValueError) -> ScenarioError:
        """The error about what does not fit, in a sentence that begins with the key at fault."""
        return self.error(keys_in(str(error)), str(error))

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

    def _beside(self, place: Keys) -> str:
        """What else is set otherwise, besides what a table does and those in the same part of the file."""
        others = [(key, each) for key, each in self.sets.items() if each is None or each[:2] != place[:2]]
        names = dict.fromkeys(short(key) if each is None else spelled(each) for key, each in others)
        return f" with {' and '.join(names)}" if names else ""

    def _line(self, keys: Keys) -> int | None:
        """The line of a place in the file; None where there is no such file to be looked at again, as of a pipe."""
        try:
            file = Path(self.file)
            return line_of(file.read_text(encoding="utf-8-sig"), keys) if file.is_file() else None
        except (OSError, ValueError):
            return None


def _steps(key: str) -> Keys:
    return tuple(key.split("."))
