"""What a person can come to from a scenario: its set-ups, and the places in its file that lead there.

Whatever has to hold for all of them goes through this list: reading a file, checking it, and its tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nnsim.scenarios.challenge import Step
from nnsim.scenarios.lines import Keys
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.source import Source


class SetUp(NamedTuple):
    """A scenario with some keys set otherwise, by tables of its own file, given with their places: of two that set the
    same key, the later counts. There are none for the scenario as it is. The lab opens an `opened` one, with the
    scenario's race beside it."""

    tables: Mapping[Keys, Mapping[str, object]]
    opened: bool = False

    @property
    def set(self) -> dict[str, object]:
        """All that is set otherwise, by dotted key."""
        return {key: value for table in self.tables.values() for key, value in table.items()}

    def source(self, file: str) -> Source:
        """Where the set-up comes from, for errors; `file` is that of the scenario."""
        source = Source(file)
        for place, table in self.tables.items():
            source = source.also(place, table)
        return source


def set_ups(scenario: Scenario) -> list[SetUp]:
    """Every set-up once, with the first place that leads to it. The scenario as it is comes first."""
    firsts: dict[str, SetUp] = {}
    for each in _set_ups(scenario):
        firsts.setdefault(same(each.set), each)
    return list(firsts.values())


def same(overrides: Mapping[str, object]) -> str:
    """What is the same for equal set-ups, and for no others."""
    return repr(sorted(overrides.items()))


def set_by(solution: Iterable[Step]) -> dict[str, object]:
    """All that the steps of a solution set, by dotted key: the later of two that set the same counts."""
    return {key: value for step in solution for key, value in step.set.items()}


def solved(challenge: int, steps: Sequence[Step]) -> SetUp:
    """The set-up after the first steps of a challenge's solution; challenges count from 0."""
    return SetUp({("challenges", challenge, "solution", k, "set"): step.set for k, step in enumerate(steps)})


def _set_ups(scenario: Scenario) -> Iterator[SetUp]:
    yield SetUp({}, opened=True)
    for i, variant in enumerate(scenario.variants):
        yield SetUp({("variants", i, "set"): variant.set}, opened=True)
    for i, overrides in enumerate(scenario.race):
        yield SetUp({("race", i): overrides})
    for i, challenge in enumerate(scenario.challenges):
        for k in range(1, len(challenge.solution) + 1):
            yield solved(i, challenge.solution[:k])
    for i, expectation in enumerate(scenario.expect):
        yield SetUp({("expect", i, "set"): expectation.set})
