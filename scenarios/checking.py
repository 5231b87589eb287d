"""Checking several scenarios at once, on all cores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nnsim.core.ensemble import Check, Progress, gather
from nnsim.scenarios.expectations import Checker
from nnsim.scenarios.verdicts import Verdict


class LeftOut(NamedTuple):
    """An expectation that was not checked, because it takes long and was not asked for."""

    scenario: str
    title: str


class Checked(NamedTuple):
    """What came of checking scenarios: in their order, and in the order of their files."""

    verdicts: list[Verdict]
    left_out: list[LeftOut]


def check(checkers: Sequence[Checker], full: bool = False, progress: Progress = lambda done, of: None) -> Checked:
    """A verdict for every expectation; those that are `full` are left out unless `full` is asked for.

    Each scenario is checked in a thread of its own, and so are the seeds of its statistics: results are the same for
    any number of threads. Raises ScenarioError when an expectation does not make sense.
    """
    wanted = [[each for each in checker.scenario.expect if full or not each.full] for checker in checkers]
    total, done = sum(map(len, wanted)), [0] * len(checkers)

    def job(index: int, go_on: Check) -> list[Verdict]:
        verdicts = []
        for expectation in wanted[index]:
            verdicts.append(checkers[index].verify(expectation, go_on))
            done[index] += 1
            progress(sum(done), total)
        return verdicts

    left_out = [
        LeftOut(checker.name, each.title)
        for checker in checkers
        for each in checker.scenario.expect
        if not full and each.full
    ]
    return Checked([verdict for verdicts in gather(job, len(checkers)) for verdict in verdicts], left_out)
