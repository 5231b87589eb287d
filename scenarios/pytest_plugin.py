"""A pytest plugin: every expectation of a `*.scenario.toml` file is one test. `--nnsim-full` runs those that
take long as well."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nnsim.scenarios.expect import Expect
    from nnsim.scenarios.expectations import Checker


FULL = "--nnsim-full"
LEFT_OUT = f"takes long: {FULL} runs it"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(FULL, action="store_true", help="run the expectations of scenarios that take long as well")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name.endswith(".scenario.toml"):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A scenario file; one checker serves all its expectations, so that runs are shared."""

    def collect(self) -> Iterable[pytest.Item]:
        from nnsim.scenarios.expectations import Checker
        from nnsim.scenarios.reader import ScenarioError
        from nnsim.scenarios.text import printable

        try:
            checker = Checker(self.path)
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        for expectation in checker.scenario.expect:
            name = printable(expectation.title)
            yield ExpectationItem.from_parent(self, name=name, checker=checker, expectation=expectation)


class ExpectationItem(pytest.Item):
    """One expectation of a scenario."""

    def __init__(self, *, checker: Checker, expectation: Expect, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.checker = checker
        self.expectation = expectation

    def runtest(self) -> None:
        if self.expectation.full and not self.config.getoption(FULL):
            pytest.skip(LEFT_OUT)
        verdict = self.checker.verify(self.expectation)
        if not verdict.passed:
            raise AssertionError(f"expected {verdict.expected}; got {verdict.got}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        from nnsim.scenarios.reader import ScenarioError

        if isinstance(excinfo.value, AssertionError | ScenarioError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.checker.name}: {self.name}"
