"""Trying out the solution of a challenge: the run that it leads to."""

from __future__ import annotations

from pathlib import Path

from nnsim.core.timeline import Timeline
from nnsim.scenarios.challenge import Step
from nnsim.scenarios.experiment import Experiment, build, settings_of
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import convert, read_table, set_by


def play(path: Path, solution: list[Step]) -> tuple[Experiment, Timeline]:
    """A run of the scenario in a file, to its end, with the changes of a solution. Raises ScenarioError."""
    table, source = read_table(path), str(path)
    at_start = set_by(step for step in solution if step.update == 0)
    experiment = build(convert(table, source, at_start), source, name_of(path), at_start)
    timeline = experiment.timeline()
    for count, step in enumerate(solution, 1):
        if step.update:
            timeline.advance(step.update - timeline.update)
            changed = convert(table, source, set_by(solution[:count]))
            timeline.change(settings_of(changed, experiment.objective))
    timeline.advance(experiment.end(timeline.run) - timeline.update)
    return experiment, timeline
