"""Checking several scenarios at once, on all cores. What is wrong with one file costs the others nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from nnsim.core.ensemble import Check, Progress, gather
from nnsim.scenarios.expectations import Case, Checker
from nnsim.scenarios.library import SUFFIX, name_of
from nnsim.scenarios.reader import ScenarioError, find
from nnsim.scenarios.text import printable
from nnsim.scenarios.verdicts import Verdict

EXPECTS_NOTHING = "builds, and has no expectations"


class Timed(NamedTuple):
    """A verdict, and the seconds that it took."""

    verdict: Verdict
    seconds: float


@dataclass(frozen=True)
class FileChecked:
    """What came of checking a file: a verdict on every expectation and solution, in its order, and the titles of those
    that were left out because they take long; or, in `error`, the sentence that says why it cannot be used."""

    file: str
    name: str
    seconds: float = 0.0
    expectations: int = 0
    verdicts: tuple[Timed, ...] = ()
    left_out: tuple[str, ...] = ()
    error: str | None = None

    @property
    def expects_nothing(self) -> bool:
        """Whether it can be used, and does not say what must come out."""
        return self.error is None and not self.expectations

    @property
    def failed(self) -> int:
        """How many of the verdicts say no."""
        return sum(not each.verdict.passed for each in self.verdicts)


def check(sources: Sequence[str], full: bool = False, progress: Progress = lambda done, of: None) -> list[FileChecked]:
    """Check scenarios, in the order of their sources: names of the course, files, or folders, which stand for the
    `*.scenario.toml` files below them. A file that is named twice is checked once; what is `full` is left out unless
    `full` is asked for.

    Each file is checked in a thread of its own, and so are the seeds of its statistics: verdicts are the same for any
    number of threads.
    """
    opened = _opened(sources)
    total = sum(1 + len(_wanted(each, full)) for each in opened if isinstance(each, Checker))
    done = [0] * len(opened)

    def job(index: int, go_on: Check) -> FileChecked:
        each = opened[index]

        def step() -> None:
            done[index] += 1
            progress(sum(done), total)

        return each if isinstance(each, FileChecked) else _checked(each, full, go_on, step)

    return gather(job, len(opened))


def _opened(sources: Sequence[str]) -> list[Checker | FileChecked]:
    """Each file that is meant, once: a checker for it, or what came of it where it cannot be read."""
    opened: dict[str, Checker | FileChecked] = {}
    for source in sources:
        try:
            files = _files(source)
        except ScenarioError as error:
            opened[source] = FileChecked(source, printable(source), error=str(error))
            continue
        for file in files:
            place = os.path.realpath(file)
            if place not in opened:
                opened[place] = _read(file)
    return list(opened.values())


def _read(file: Path) -> Checker | FileChecked:
    try:
        return Checker(file)
    except ScenarioError as error:
        return FileChecked(str(file), name_of(file), error=str(error))


def _files(source: str) -> list[Path]:
    """The files that a name or a path stands for. Raises ScenarioError when there are none."""
    path = find(source)
    return _below(path) if os.path.isdir(path) else [path]


def _below(folder: Path) -> list[Path]:
    """The scenario files in a folder and in those below it, sorted. Raises ScenarioError when there are none, or when
    one of the folders cannot be read."""

    def refuse(error: OSError) -> None:
        raise ScenarioError(f"{error.filename} cannot be read: {(error.strerror or str(error)).lower()}.")

    found = [Path(where, name) for where, _, names in os.walk(folder, onerror=refuse) for name in names]
    files = sorted(file for file in found if file.name.endswith(SUFFIX))
    if not files:
        raise ScenarioError(f"{folder} has no file named *{SUFFIX}, and neither has a folder below it.")
    return files


def _wanted(checker: Checker, full: bool) -> list[Case]:
    return [case for case in checker.cases if full or not case.full]


def _checked(checker: Checker, full: bool, go_on: Check, step: Callable[[], None]) -> FileChecked:
    """Build all that a file leads to, then get its verdicts; `step` is called after each of them."""
    begin = time.perf_counter()
    nothing = FileChecked(str(checker.path), checker.name, expectations=len(checker.scenario.expect))
    verdicts: list[Timed] = []
    try:
        checker.build()
        step()
        for case in _wanted(checker, full):
            start = time.perf_counter()
            verdict = checker.judge(case, go_on)
            verdicts.append(Timed(verdict, time.perf_counter() - start))
            step()
    except ScenarioError as error:
        return replace(nothing, error=str(error), seconds=time.perf_counter() - begin)
    left_out = tuple(case.title for case in checker.cases if case.full and not full)
    seconds = time.perf_counter() - begin
    return replace(nothing, verdicts=tuple(verdicts), left_out=left_out, seconds=seconds)
