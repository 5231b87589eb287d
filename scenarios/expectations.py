"""What must come out of a scenario: every expectation is run, every solution played, and each gets a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard, cast

import numpy as np

from nnsim.core.ensemble import Check, gather
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS, Stop
from nnsim.scenarios import expect, runner, solutions, statistics, verdicts
from nnsim.scenarios.challenge import AnyChallenge
from nnsim.scenarios.challenges import standings
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.lines import Keys, spelled
from nnsim.scenarios.quantities import OF_UPDATES, check_known, column, ending, known_along
from nnsim.scenarios.race import of_scenario
from nnsim.scenarios.reachable import SetUp, same, set_ups
from nnsim.scenarios.reader import ScenarioError, Source, check_set_ups, convert, read_table
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.statistics import Said
from nnsim.scenarios.text import number
from nnsim.scenarios.verdicts import Verdict

ROUNDING = 1e-12
"""By what share the means over the batches of an epoch may differ because they are summed in another order."""


class Case(NamedTuple):
    """Something of a scenario that gets a verdict; a `full` one takes long."""

    title: str
    full: bool
    about: expect.Expect | AnyChallenge


class Checker:
    """Checks the expectations of one scenario file and the solutions of its challenges; runs with the same set-up are
    made once.

    Raises ScenarioError when the file, or something in it, does not make sense.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = name_of(path)
        self.table = read_table(path)
        self.scenario = convert(self.table, str(path))
        check_set_ups(self.scenario, self.table, str(path))
        self._set_ups = {same(each.set): each for each in set_ups(self.scenario)}
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[str, Timeline] = {}
        self._said: dict[int, tuple[Said, ...]] = {}  # by runs, to the expectation that asks
        self._go_on: Check = _always

    @property
    def cases(self) -> list[Case]:
        """The expectations, then the solutions, in the order of the file."""
        expected = [Case(each.title, each.full, each) for each in self.scenario.expect]
        return expected + [
            Case(f'solution of challenge "{each.title}"', False, each) for each in self.scenario.challenges
        ]

    def build(self) -> None:
        """Make everything ready that a person can come to, and see that expectations ask for what there is. Raises
        ScenarioError, naming the key at fault."""
        for set_up in self._set_ups.values():
            experiment = self._ready(set_up)
            if set_up.opened:
                of_scenario(experiment)
        for expectation in self.scenario.expect:
            self._check_quantity(expectation)

    def judge(self, case: Case, go_on: Check | None = None) -> Verdict:
        """The verdict on an expectation or a solution. `go_on` is called now and then, and may raise to end it."""
        if isinstance(case.about, expect.Expectation):
            return self.verify(case.about, go_on)
        self._go_on = go_on or _always
        place = [each is case.about for each in self.scenario.challenges].index(True)
        as_it_is = self._set_ups[same({})]
        alone = standings(self._ready(as_it_is), self._run(as_it_is))[place]
        experiment, timeline = solutions.play(self.path, place, self._go_on)
        verdict = Verdict(self.name, case.title, False, "", "", "solution")
        return solutions.judge(verdict, standings(experiment, timeline)[place], timeline, alone)

    def verify_all(self) -> Iterator[Verdict]:
        """A verdict for every expectation, in the order of the file."""
        return map(self.verify, self.scenario.expect)

    def verify(self, expectation: expect.Expect, go_on: Check | None = None) -> Verdict:
        """Run what an expectation needs and judge it. `go_on` is called now and then, and may raise to end it."""
        verdict = self._judged(expectation, go_on or _always)
        stop = None if verdict.passed else self._stop(expectation)
        return verdict if stop is None else replace(verdict, got=f"{verdict.got}; {stop.sentence}")

    def _stop(self, expectation: expect.Expect) -> Stop | None:
        """Why the run that was judged ended early, if it did and the verdict does not say so by itself."""
        told = isinstance(expectation, expect.Diverges | expect.OfSeeds)
        return None if told else self._run(self._set_up(expectation)).stopped

    def _judged(self, expectation: expect.Expect, go_on: Check) -> Verdict:
        self._go_on = go_on
        self._check_quantity(expectation)
        verdict = Verdict(self.name, expectation.title, False, "", "")
        if isinstance(expectation, expect.Statistics):
            return self._statistics(verdict, expectation)
        if isinstance(expectation, expect.Band | expect.Epochs):
            return self._epochs(verdict, expectation)
        timeline = self._run(self._set_up(expectation))
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
        wrong = self._wrong_quantity(expectation)
        if wrong is not None:
            place = self._place(expectation, "quantity")
            raise Source(str(self.path)).error(place, f"{spelled(place)}: {wrong}")

    def _wrong_quantity(self, expectation: expect.Expect) -> str | None:
        """Why its quantity is none, or not one for it."""
        if isinstance(expectation, expect.Diverges):
            return None
        quantity, experiment = expectation.quantity, self._experiment(expectation)
        try:
            check_known(experiment, quantity)
        except ValueError as error:
            return str(error)
        if isinstance(expectation, expect.Band | expect.Epochs) and not known_along(experiment, quantity):
            return f'"{quantity}" is not known of every update: it takes what is, {", ".join(OF_UPDATES)}'
        return None

    def _place(self, expectation: expect.Expectation, key: str) -> Keys:
        """Where in the file one of its keys stands."""
        return ("expect", [each is expectation for each in self.scenario.expect].index(True), key)

    def _set_up(self, expectation: expect.Expectation) -> SetUp:
        return self._set_ups[same(expectation.set)]

    def _statistics(self, verdict: Verdict, wanted: expect.Statistics) -> Verdict:
        got = statistics.together(wanted, self._at_once(wanted))
        expected = f"{verdicts.wanted_value(wanted)} over {wanted.seeds} seeds"
        return replace(verdict, passed=verdicts.within(wanted, got), expected=expected, got=number(got))

    def _epochs(self, verdict: Verdict, wanted: expect.Band | expect.Epochs) -> Verdict:
        count, seeds = len(wanted.equals), f"of {wanted.seeds} seeds"
        means = np.full((wanted.seeds, count), np.nan)
        for row, said in zip(means, self._at_once(wanted), strict=True):
            row[: len(said)] = said[:count]
        if isinstance(wanted, expect.Band):
            low, high = np.quantile(means, [wanted.low, wanted.high], axis=0)
            low, high = low - ROUNDING * np.abs(low), high + ROUNDING * np.abs(high)
            what = f"within the quantiles {number(wanted.low)} .. {number(wanted.high)}"
            expected = f"{count} epochs of {wanted.quantity} {what} {seeds}"
            return verdicts.inside(replace(verdict, expected=expected), wanted.equals, low, high)
        got = means.mean(axis=0) if wanted.quantile is None else np.quantile(means, wanted.quantile, axis=0)
        low, high = np.array(wanted.equals) - wanted.tolerance, np.array(wanted.equals) + wanted.tolerance
        name = "mean" if wanted.quantile is None else f"{number(wanted.quantile)} quantile"
        return verdicts.inside(
            replace(verdict, expected=f"{count} epochs of {wanted.quantity}, {name} {seeds}"), got, low, high
        )

    def _at_once(self, wanted: expect.OfSeeds) -> list[Any]:
        """What each run has to say. All that the scenario asks of the same runs is asked at once, so that nothing of a
        run need be kept; and all that it asks of as many small runs, whatever their set-up: those with the same seed
        share the orders of their samples, which take most of their time."""
        if id(wanted) not in self._said:
            self._check_members(wanted)
            asked = [wanted, *(each for each in self.scenario.expect if self._goes_with(each, wanted))]
            groups = [list(group) for _, group in groupby(sorted(asked, key=self._kind), key=self._kind)]

            def job(seed: int, check: Check) -> list[Said]:
                return [said for group in groups for said in self._of_the_runs(group, seed, check)]

            said = zip(*self._on_all_cores(job, wanted.seeds), strict=True)
            self._said |= {id(each): next(said) for group in groups for each in group}
        return list(self._said[id(wanted)])

    def _check_members(self, wanted: expect.OfSeeds) -> None:
        """Raise ScenarioError for a seed that its key does not take, before any run is made."""
        for seed in range(wanted.seeds) if wanted.along is not None else ():
            self._converted(self._member(wanted, seed))

    def _goes_with(self, each: expect.Expect, wanted: expect.OfSeeds) -> TypeGuard[expect.OfSeeds]:
        """Whether it makes sense and is asked at once with this one."""
        if not isinstance(each, expect.OfSeeds) or each is wanted:
            return False
        if (each.seeds, each.full) != (wanted.seeds, wanted.full):
            return False
        try:
            alike = (same(each.set), each.along) == (same(wanted.set), wanted.along)
            together = alike or (each.along is None and self._is_small(wanted) and self._is_small(each))
            return together and self._wrong_quantity(each) is None
        except ScenarioError:
            return False

    def _is_small(self, wanted: expect.OfSeeds) -> bool:
        return self._experiment(wanted).objective.size <= PATH_PARAMETERS

    def _of_the_runs(self, asked: list[expect.OfSeeds], seed: int, check: Check) -> list[Said]:
        """What the run with this seed has to say to expectations of the same runs."""
        first = asked[0]
        experiment = self._experiment(first) if first.along is None else self._built(self._member(first, seed))
        if self._of_its_course(first):
            return statistics.of_course(asked, experiment, *runner.run_along(experiment, seed, check), check)
        return statistics.of_places(cast("list[expect.Statistics]", asked), experiment, seed, check)

    def _kind(self, wanted: expect.OfSeeds) -> tuple[str, str, bool]:
        """What is the same for expectations of the same runs, of which the same is known."""
        return same(wanted.set), wanted.along or "", self._of_its_course(wanted)

    def _of_its_course(self, wanted: expect.OfSeeds) -> bool:
        """Whether it is asked of what is known of every update of a run."""
        every = wanted.every if isinstance(wanted, expect.Statistics) else None
        return every is None and known_along(self._experiment(wanted), wanted.quantity)

    def _member(self, wanted: expect.OfSeeds, seed: int) -> SetUp:
        """The set-up of one run of those that an expectation is about, with its seed under the key that it goes
        along."""
        assert wanted.along is not None
        return SetUp({self._place(wanted, "set"): wanted.set, self._place(wanted, "along"): {wanted.along: seed}})

    def _experiment(self, expectation: expect.Expectation) -> Experiment:
        return self._ready(self._set_up(expectation))

    def _ready(self, set_up: SetUp) -> Experiment:
        key = same(set_up.set)
        if key not in self._experiments:
            self._experiments[key] = self._built(set_up)
        return self._experiments[key]

    def _built(self, set_up: SetUp) -> Experiment:
        return build(self._converted(set_up), set_up.source(str(self.path)), self.name, set_up.set)

    def _converted(self, set_up: SetUp) -> Scenario:
        return convert(self.table, set_up.source(str(self.path)), set_up.set)

    def _run(self, set_up: SetUp) -> Timeline:
        key = same(set_up.set)
        if key not in self._runs:
            go_on = self._go_on
            self._runs[key] = runner.run(self._ready(set_up), progress=lambda done, of: go_on())
        return self._runs[key]

    def _on_all_cores(self, job: Callable[[int, Check], list[Said]], count: int) -> list[list[Said]]:
        """`gather`, whose check also asks whoever has called `verify`."""
        go_on = self._go_on

        def watched(index: int, check: Check) -> list[Said]:
            def watch() -> None:
                check()
                go_on()

            return job(index, watch)

        return gather(watched, count)


def _always() -> None:
    """Go on: nobody will call it off."""
