"""One person's run of a scenario: everything that can be done to it, in plain calls, and what there is to see of it.

It lives in the worker's thread; `controller.Controller` brings the calls there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec
import numpy as np

from nnsim.core.optimizers import Optimizer
from nnsim.core.phases import phases
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.many_runs import ManyRuns
from nnsim.scenarios.prediction import Question, Verdict, judge, look, offer
from nnsim.scenarios.race import OWN_RACE, RACES, Rivals, of_scenario
from nnsim.tui.observer import Observer
from nnsim.tui.pace import Pace
from nnsim.tui.parts.stage import Stages
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.attention import NOTHING_IN_SIGHT
from nnsim.tui.snapshot.stages import MANY_RUNS, PUBLISHED


class Offer(NamedTuple):
    """What can be bet on; it does not count when what comes next is `known`, having been on the screen before."""

    questions: tuple[Question, ...]
    known: bool


class Session:
    """A run at its start, or one that was left before, and how it is looked at.

    Whatever moves the run pauses it and ends the phase that is shown. `scenario` is what was opened, `experiment` the
    same with the settings and the start that the present run was begun with.

    Methods raise ValueError, with a sentence, for settings that do not fit, and ScenarioError for those of the
    scenario's own race.
    """

    def __init__(self, experiment: Experiment, timeline: Timeline | None = None, rivals: Rivals | None = None) -> None:
        self.scenario = experiment
        self.rivals = Rivals.room_for(experiment) if rivals is None else rivals
        raced = bool(self.rivals)
        self.rivals.stay_with(experiment.objective)
        self.many = ManyRuns()
        timeline = timeline or experiment.timeline()
        begun = _from_its_start(experiment, timeline)
        self.observer = Observer(begun, timeline, self.rivals, Stages(self.many))
        if rivals is None or (raced and not self.rivals):  # a race that was ended is not begun again
            self.rivals.enter(self.timeline, of_scenario(experiment))
        self.pace = Pace(experiment.updates)
        self.attention = NOTHING_IN_SIGHT
        self.phase = 0

    @property
    def timeline(self) -> Timeline:
        return self.observer.timeline

    def snapshot(self, anew: bool = True) -> Snapshot:
        """What there is to see now; in a frame of a playing run not everything need be made anew."""
        phase = phases(self.timeline.objective)[self.phase]
        return self.observer.snapshot(self.pace.playing, self.pace.speed, self.attention, phase, anew)

    # --- going forwards and backwards ---

    def play_or_pause(self) -> None:
        self.phase = 0
        self.pace.play(not self.pace.playing)

    def faster(self, steps: int) -> None:
        """Go up or down the ladder of speeds."""
        self.pace.faster(steps)

    def pulse(self) -> bool:
        """Make the updates that are due, and pause at the end of the scenario; return whether there were any."""
        begin, timeline = time.monotonic(), self.timeline
        left = self.experiment.end(timeline.run) - timeline.update
        due = min(self.pace.due(), left) if left > 0 else self.pace.due()
        done = timeline.advance(due) if due else 0
        self.rivals.keep_step(timeline.update)
        if done:
            self.pace.took(done, time.monotonic() - begin)
        if done < due or done == left > 0:
            self.pace.play(False)
        return done > 0

    def forward(self, updates: int = 1) -> None:
        self._pause()
        self.timeline.advance(updates)
        self.rivals.keep_step(self.timeline.update)

    def back(self, updates: int = 1) -> None:
        self.seek(self.timeline.update - updates)

    def seek(self, update: int) -> None:
        """Go to an update, or as near to it as the run has been."""
        self._pause()
        self.timeline.seek(min(max(update, 0), self.timeline.latest))

    def forward_epoch(self) -> None:
        self._pause()
        self.timeline.advance_epoch()
        self.rivals.keep_step(self.timeline.update)

    def back_epoch(self) -> None:
        """Go to the start of this epoch, or from there to the start of the one before."""
        timeline = self.timeline
        begin = timeline.start_of_epoch(timeline.run.place.epoch)
        if begin == timeline.update:
            begin = timeline.start_of_epoch(max(0, timeline.run.place.epoch - 1))
        self.seek(begin)

    def forward_phase(self) -> None:
        """Show the next phase of the next update; after the last one the parameters move."""
        self.pace.play(False)
        last = len(phases(self.timeline.objective)) - 1
        if self.phase < last:
            self.phase += 1
        elif self.timeline.advance(1):
            self.phase = 0
            self.rivals.keep_step(self.timeline.update)

    def back_phase(self) -> None:
        """Show the phase before; before the first one, take the last update back."""
        self.pace.play(False)
        if self.phase > 0:
            self.phase -= 1
        elif self.timeline.update > 0:
            self.timeline.seek(self.timeline.update - 1)
            self.phase = len(phases(self.timeline.objective)) - 1

    def switch(self, branch: int) -> None:
        """Go to the end of a future that was left, the first being the oldest of those that are kept."""
        self._pause()
        branches = self.timeline.branches
        if branch < len(branches):
            self.timeline.switch(branches[branch])
            self.timeline.seek(self.timeline.latest)

    # --- predictions ---

    def questions(self) -> Offer:
        """What can be bet on here."""
        return Offer(offer(self.experiment, self.timeline), self.timeline.update < self.timeline.latest)

    def bet(self, question: Question, choice: int) -> Verdict:
        """Go on to where a bet is settled, and settle it."""
        before = look(self.experiment, self.timeline)
        self.forward(question.jump)
        return judge(question, choice, before, look(self.experiment, self.timeline))

    # --- runs beside it ---

    def keep_ghost(self) -> None:
        """Keep the run as it is beside whatever follows it."""
        self.rivals.keep(self.timeline)

    def race(self, kind: str) -> None:
        """Let runs that differ in one setting race against this one, those of `scenarios.race.RACES` or the scenario's
        own."""
        if len(self.timeline.changes) > 1:  # the rivals could not be told apart by one setting
            self.restart()
        timeline = self.timeline
        if kind == OWN_RACE:
            self.rivals.clear()
            self.rivals.enter(timeline, of_scenario(self.experiment))
        else:
            self.rivals.enter(timeline, RACES[kind](timeline.run.settings, len(timeline.objective.train)))

    def end_race(self) -> None:
        """Forget the rivals and the ghosts."""
        self.rivals.clear()

    def many_runs(self, on_progress: Callable[[], None]) -> str:
        """Make many runs of the present set-up with other seeds, and show them on the stage; return the view that does.
        `on_progress` is called in another thread."""
        published = self.experiment.scenario.published
        count = None if published is None else published.runs
        self.many.start(self.experiment, self.timeline.run.settings, count, on_progress)
        view = MANY_RUNS if published is None else PUBLISHED
        self.attention = replace(self.attention, view=view)
        return view

    def cancel(self) -> None:
        """End whatever is under way (in another thread) soon. The session is of no use afterwards."""
        self.timeline.cancel()
        self.rivals.cancel()
        self.many.cancel()

    # --- what it is trained with ---

    def change_rate(self, step: Callable[[float], float]) -> None:
        """Change the learning rate to what `step` makes of the present one."""
        optimizer = self.timeline.run.settings.optimizer
        self._change(optimizer=optimizer.with_rate(step(optimizer.learning_rate)))

    def set_optimizer(self, make: Callable[[float], Optimizer]) -> None:
        """Change the optimizer; it is made for the present learning rate."""
        self._change(optimizer=make(self.timeline.run.settings.optimizer.learning_rate))

    def set_batch_size(self, size: int) -> None:
        self._change(batch_size=size)

    def restart(self, new_seed: bool = False) -> None:
        """Start again with the present settings, from the same start or with the next seed."""
        seed = self.timeline.run.seed
        self._begin(self.experiment, seed + 1 if new_seed else seed)

    def start_at(self, point: Sequence[float]) -> None:
        """Start again with the present settings from another point of a surface."""
        self._begin(_starting_at(self.experiment, point), self.timeline.run.seed)

    def _begin(self, experiment: Experiment, seed: int) -> None:
        self._pause()
        present = replace(experiment, settings=self.timeline.run.settings)
        self.observer = replace(self.observer, experiment=present, timeline=present.timeline(seed))

    @property
    def experiment(self) -> Experiment:
        """The scenario as it was begun, with the settings and the start that it was begun with."""
        return self.observer.experiment

    def _change(self, **changes: object) -> None:
        self.phase = 0
        now = self.timeline.run.settings
        settings: Settings = replace(now, **changes)  # type: ignore[arg-type]
        if settings != now:
            self.timeline.change(settings)

    def _pause(self) -> None:
        self.phase = 0
        self.pace.play(False)


def _starting_at(experiment: Experiment, point: Sequence[float]) -> Experiment:
    """The same from another point of its surface."""
    scenario = msgspec.structs.replace(experiment.scenario, start=[float(value) for value in point])
    return replace(experiment, scenario=scenario, overridden=experiment.overridden | {"start"})


def _from_its_start(experiment: Experiment, timeline: Timeline) -> Experiment:
    """The experiment that a run was begun with: one that was left may have had a start of its own."""
    start = timeline.history.keyframes[0].parameters
    if experiment.objective.surface is None or np.array_equal(start, experiment.start(timeline.run.seed)):
        return experiment
    return _starting_at(experiment, start.tolist())
