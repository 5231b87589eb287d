"""What must come out of a scenario: every expectation is run and gets a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

import numpy as np
from msgspec import structs

from nnsim.core.ensemble import Check, gather
from nnsim.core.timeline import Timeline
from nnsim.scenarios import expect, runner, statistics, verdicts
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.quantities import check_known, column, ending, known_along
from nnsim.scenarios.reader import ScenarioError, check_set_ups, convert, read_table
from nnsim.scenarios.statistics import Said
from nnsim.scenarios.text import number
from nnsim.scenarios.verdicts import Verdict

Made = TypeVar("Made")


class Checker:
    """Checks the expectations of one scenario file; runs with the same set-up are made once.

    Raises ScenarioError when the file, or an expectation in it, does not make sense.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = name_of(path)
        self.table = read_table(path)
        self.scenario = convert(self.table, str(path))
        check_set_ups(self.scenario, self.table, str(path))
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[str, Timeline] = {}
        self._ensemble: tuple[object, list[Any]] = (None, [])  # of the last statistics: others take too much memory
        self._said: dict[int, tuple[Said, ...]] = {}  # of the ways of runs, by the expectation that asks
        self._go_on: Check = _always

    def verify_all(self) -> Iterator[Verdict]:
        """A verdict for every expectation, in the order of the file."""
        return map(self.verify, self.scenario.expect)

    def verify(self, expectation: expect.Expect, go_on: Check | None = None) -> Verdict:
        """Run what an expectation needs and judge it. `go_on` is called now and then, and may raise to end it."""
        self._go_on = go_on or _always
        self._check_quantity(expectation)
        verdict = Verdict(self.name, expectation.title, False, "", "")
        if isinstance(expectation, expect.Statistics):
            return self._statistics(verdict, expectation)
        if isinstance(expectation, expect.Band | expect.Epochs):
            return self._epochs(verdict, expectation)
        timeline = self._run(expectation)
        if isinstance(expectation, expect.Diverges):
            return verdicts.diverges(verdict, expectation, timeline)
        if isinstance(expectation, expect.Value | expect.Between):
            return self._value(verdict, expectation, timeline)
        experiment = self._experiment(expectation)
        got = column(experiment, timeline, expectation.quantity)
        match expectation:
            case expect.Sequence():
                return verdicts.sequence(verdict, expectation, got)
            case expect.Reaches():
                return verdicts.reaches(verdict, expectation, got, experiment)
            case expect.Never():
                return verdicts.never(verdict, expectation, got)

    def _value(self, verdict: Verdict, expectation: Any, timeline: Timeline) -> Verdict:
        update = expectation.update
        if expectation.epoch is not None:
            update = expectation.epoch * self._experiment(expectation).updates_per_epoch
        verdict = replace(verdict, expected=verdicts.wanted_value(expectation))
        if update is not None and update > timeline.latest:
            return replace(verdict, got=f"a run of {timeline.latest} updates")
        try:
            timeline.seek(timeline.latest if update is None else update)
            got = ending(self._experiment(expectation), timeline.run, expectation.quantity)
        finally:
            timeline.seek(timeline.latest)
        if got is None:
            return replace(verdict, got="nothing")
        if isinstance(expectation, expect.Value):
            passed = abs(got - expectation.equals) <= expectation.tolerance
            return replace(verdict, passed=passed, got=repr(got))
        return replace(verdict, passed=verdicts.within(expectation, got), got=number(got))

    def _check_quantity(self, expectation: expect.Expect) -> None:
        if isinstance(expectation, expect.Diverges):
            return
        quantity, experiment = expectation.quantity, self._experiment(expectation)
        try:
            check_known(experiment, quantity)
        except ValueError as error:
            raise ScenarioError(f"{self._place(expectation)}: {error}.") from None
        if isinstance(expectation, expect.Band | expect.Epochs) and not known_along(experiment, quantity):
            wrong = f'"{quantity}" is not known at every update: batch_loss and batch_accuracy are'
            raise ScenarioError(f"{self._place(expectation)}: {wrong}.")

    def _place(self, expectation: expect.Expectation) -> str:
        return f'{self.path}: expect "{expectation.title}"'

    def _statistics(self, verdict: Verdict, wanted: expect.Statistics) -> Verdict:
        got = statistics.together(wanted, self._of_seeds(wanted))
        expected = f"{verdicts.wanted_value(wanted)} over {wanted.seeds} seeds"
        return replace(verdict, passed=verdicts.within(wanted, got), expected=expected, got=number(got))

    def _epochs(self, verdict: Verdict, wanted: expect.Band | expect.Epochs) -> Verdict:
        count, seeds = len(wanted.equals), f"of {wanted.seeds} seeds"
        means = np.full((wanted.seeds, count), np.nan)
        for row, said in zip(means, self._at_once(wanted), strict=True):
            row[: len(said)] = said[:count]
        if isinstance(wanted, expect.Band):
            low, high = np.quantile(means, [wanted.low, wanted.high], axis=0)
            what = f"within the quantiles {number(wanted.low)} .. {number(wanted.high)}"
            expected = f"{count} epochs of {wanted.quantity} {what} {seeds}"
            return verdicts.inside(replace(verdict, expected=expected), wanted.equals, low, high)
        got = means.mean(axis=0) if wanted.quantile is None else np.quantile(means, wanted.quantile, axis=0)
        low, high = np.array(wanted.equals) - wanted.tolerance, np.array(wanted.equals) + wanted.tolerance
        name = "mean" if wanted.quantile is None else f"{number(wanted.quantile)} quantile"
        return verdicts.inside(
            replace(verdict, expected=f"{count} epochs of {wanted.quantity}, {name} {seeds}"), got, low, high
        )

    def _of_seeds(self, wanted: expect.Statistics) -> list[float]:
        """What each run has to say. A past is kept only where something is measured on the way."""
        if self._of_the_way(wanted):
            return self._at_once(wanted)
        members = [_member(wanted, seed) for seed in range(wanted.seeds)]
        experiments = [self._experiment(member) for member in members]
        tail = statistics.tail(wanted, experiments[0])
        if statistics.needs_only_ends(wanted, tail):
            ends = self._seeds(members, runner.run_to_the_end)
            return [statistics.of_end(wanted, *each) for each in zip(experiments, ends, strict=True)]
        pasts = self._seeds(members, _with_its_past)
        return [statistics.of_past(wanted, *each, tail) for each in zip(experiments, pasts, strict=True)]

    def _at_once(self, wanted: expect.OfSeeds) -> list[Any]:
        """What each run has to say of its way; all that the scenario asks of runs with as many seeds is asked at once,
        whatever their set-up: nothing of a run is kept, and runs with the same seed share the orders of their samples.
        """
        if id(wanted) not in self._said:
            asked = [each for each in self.scenario.expect if _of_as_many_runs(each, wanted) and self._of_the_way(each)]
            alike = groupby(sorted([wanted, *asked], key=_runs), key=_runs)
            groups = [list(group) for _, group in alike]

            def job(seed: int, check: Check) -> list[Said]:
                return [said for group in groups for said in self._of_the_runs(group, seed, check)]

            said = zip(*self._on_all_cores(job, wanted.seeds), strict=True)
            self._said |= {id(each): next(said) for group in groups for each in group}
        return list(self._said[id(wanted)])

    def _of_the_runs(self, asked: list[expect.OfSeeds], seed: int, check: Check) -> list[Said]:
        """What the run with this seed has to say to expectations of the same runs."""
        experiment, every = self._experiment(_member(asked[0], seed)), _every(asked[0])
        if every is not None:
            sampled = [each for each in asked if isinstance(each, expect.Statistics)]
            return statistics.of_samples(sampled, every, experiment, seed, check)
        return statistics.of_course(asked, experiment, *runner.run_along(experiment, seed, check))

    def _of_the_way(self, wanted: expect.OfSeeds) -> bool:
        """Whether it is asked of the way of a run, of which nothing has to be kept."""
        return _every(wanted) is not None or known_along(self._experiment(wanted), wanted.quantity)

    def _experiment(self, expectation: expect.Expectation) -> Experiment:
        key = _key(expectation)
        if key not in self._experiments:
            place = self._place(expectation)
            scenario = convert(self.table, place, expectation.set)
            self._experiments[key] = build(scenario, place, self.name, expectation.set)
        return self._experiments[key]

    def _run(self, expectation: expect.Expect) -> Timeline:
        key = _key(expectation)
        if key not in self._runs:
            go_on = self._go_on
            self._runs[key] = runner.run(self._experiment(expectation), progress=lambda done, of: go_on())
        return self._runs[key]

    def _seeds(self, members: Sequence[expect.OfSeeds], make: Callable[[Experiment, int, Check], Made]) -> list[Made]:
        """What `make` makes of each of these expectations, with the seeds 0, 1, ..., on all cores."""
        key = (make, _key(members[0]), _key(members[-1]))
        known: list[Made] = self._ensemble[1] if self._ensemble[0] == key else []
        self._ensemble = (None, [])  # let go of the runs of another set-up before these are made
        experiments = [self._experiment(member) for member in members]

        def job(index: int, check: Check) -> Made:
            seed = len(known) + index
            return make(experiments[seed], seed, check)

        made = [*known, *self._on_all_cores(job, max(0, len(members) - len(known)))]
        self._ensemble = (key, made)
        return made[: len(members)]

    def _on_all_cores(self, job: Callable[[int, Check], Made], count: int) -> list[Made]:
        """`gather`, whose check also asks whoever has called `verify`."""
        go_on = self._go_on

        def watched(index: int, check: Check) -> Made:
            def watch() -> None:
                check()
                go_on()

            return job(index, watch)

        return gather(watched, count)


def _with_its_past(experiment: Experiment, seed: int, check: Check) -> Timeline:
    return runner.run(experiment, seed=seed, progress=lambda done, of: check())


def _member(wanted: expect.OfSeeds, seed: int) -> expect.OfSeeds:
    """What is expected of a run, set up for its seed."""
    return wanted if wanted.along is None else structs.replace(wanted, set={**wanted.set, wanted.along: seed})


def _of_as_many_runs(each: expect.Expect, wanted: expect.OfSeeds) -> TypeGuard[expect.OfSeeds]:
    if not isinstance(each, expect.OfSeeds) or each is wanted:
        return False
    return (each.seeds, each.full) == (wanted.seeds, wanted.full)


def _runs(wanted: expect.OfSeeds) -> tuple[str, str, int]:
    """What is the same for expectations of the same runs, measured as often."""
    return _key(wanted), wanted.along or "", _every(wanted) or 0


def _every(wanted: expect.OfSeeds) -> int | None:
    return wanted.every if isinstance(wanted, expect.Statistics) else None


def _always() -> None:
    """Go on: nobody will call it off."""


def _key(expectation: expect.Expectation) -> str:
    """What is the same for expectations with the same set-up."""
    return repr(sorted(expectation.set.items()))
