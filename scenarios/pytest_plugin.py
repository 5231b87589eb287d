"""A pytest plugin: every expectation of a `*.scenario.toml` file is one test, and so is every solution of a challenge.
`--nnsim-full` runs those that take long as well."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nnsim.scenarios.expectations import Case, Checker


FULL = "--nnsim-full"
LEFT_OUT = f"takes long: {FULL} runs it"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(FULL, action="store_true", help="run the expectations of scenarios that take long as well")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name.endswith(".scenario.toml"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file; one checker serves all its cases, so that runs are shared. One that cannot be used, or expects
    nothing, is one test of whether it builds: it keeps no other file from being tested."""

    def collect(self) -> Iterable[pytest.Item]:
        from nnsim.scenarios.checking import EXPECTS_NOTHING
        from nnsim.scenarios.expectations import Checker
        from nnsim.scenarios.reader import ScenarioError
        from nnsim.scenarios.text import printable

        try:
            checker = Checker(self.path)
            checker.build()
        except ScenarioError as error:
            yield BuildItem.from_parent(self, name="builds", error=error)
            return
        if not checker.scenario.expect:
            yield BuildItem.from_parent(self, name=EXPECTS_NOTHING)
        for case in checker.cases:
            yield CaseItem.from_parent(self, name=printable(case.title), checker=checker, case=case)


class ScenarioItem(pytest.Item):
    """A test of a scenario; where it fails, a sentence says why."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        from nnsim.scenarios.reader import ScenarioError

        if isinstance(excinfo.value, AssertionError | ScenarioError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        from nnsim.scenarios.library import name_of

        return self.path, None, f"{name_of(self.path)}: {self.name}"


class BuildItem(ScenarioItem):
    """Whether a scenario, and all that it leads to, can be built."""

    def __init__(self, *, error: Exception | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.error = error

    def runtest(self) -> None:
        if self.error is not None:
            raise self.error


class CaseItem(ScenarioItem):
    """One expectation of a scenario, or one solution."""

    def __init__(self, *, checker: Checker, case: Case, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.checker = checker
        self.case = case

    def runtest(self) -> None:
        if self.case.full and not self.config.getoption(FULL):
            pytest.skip(LEFT_OUT)
        verdict = self.checker.judge(self.case)
        if not verdict.passed:
            raise AssertionError(f"expected {verdict.expected}; got {verdict.got}")
