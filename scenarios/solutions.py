"""Playing the solution of a challenge: the run that it leads to, and whether it wins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nnsim.core.ensemble import Check
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run
from nnsim.scenarios.challenge import AnyChallenge, Diverge, Reach
from nnsim.scenarios.challenges import Standing
from nnsim.scenarios.experiment import Experiment, build, end_of, settings_of
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reachable import solved
from nnsim.scenarios.reader import convert, read_table
from nnsim.scenarios.runner import go_on_to
from nnsim.scenarios.text import number
from nnsim.scenarios.verdicts import Verdict


def play(path: Path, place: int, check: Check = lambda: None) -> tuple[Experiment, Timeline]:
    """A run of the scenario in a file, with the changes of a challenge's solution, to its end or as far as the
    challenge counts, whichever is later; what would be set after it has stopped is not. Challenges count from 0.
    `check` is called now and then, and may raise to end it. Raises ScenarioError."""
    table, file = read_table(path), str(path)
    challenge = convert(table, file).challenges[place]
    solution = challenge.solution
    begun = solved(place, [step for step in solution if step.update == 0])
    source = begun.source(file)
    experiment = build(convert(table, source, begun.set), source, name_of(path), begun.set)
    timeline = experiment.timeline()
    for count, step in enumerate(solution, 1):
        go_on_to(timeline, step.update, lambda done, of: check())
        if step.update and timeline.stopped is None:
            changed = solved(place, solution[:count])
            source = changed.source(file)
            try:
                timeline.change(settings_of(convert(table, source, changed.set), experiment.objective))
            except ValueError as error:
                raise source.fault(error) from None
    go_on_to(timeline, experiment.end(timeline.run), lambda done, of: check())
    go_on_to(timeline, _last_that_counts(challenge, timeline.run), lambda done, of: check())
    return experiment, timeline


def _last_that_counts(challenge: AnyChallenge, run: Run) -> int:
    match challenge:
        case Reach():
            return end_of(challenge.by_update, challenge.by_epoch, run)
        case Diverge():
            return challenge.by_update
        case _:
            return run.update


def judge(verdict: Verdict, standing: Standing, timeline: Timeline, alone: Standing) -> Verdict:
    """Whether a challenge is won by its solution, which has led to `timeline`, and not `alone`, by the scenario as it
    is."""
    verdict = replace(verdict, expected="won by the solution, and not without it")
    if alone.won is not None:
        return replace(verdict, got=f"won at update {alone.won} without it")
    if standing.won is not None:
        return replace(verdict, passed=True, got=f"won at update {standing.won}")
    return replace(verdict, got=_why_not(standing, timeline))


def _why_not(standing: Standing, timeline: Timeline) -> str:
    if standing.rate is not None:
        return f"a learning rate of {number(standing.rate)}, at which nothing is won"
    if not standing.counts:
        return "another problem, in which nothing is won"
    if standing.why == "limit":
        return f"not won by update {standing.missed}"
    if timeline.stopped is not None:
        return f"{timeline.stopped.reason} at update {timeline.stopped.update}"
    return f"not won in {timeline.update} updates"
