"""Many runs of one set-up with the seeds 0, 1, ...: where they end, how they get there, and how many escape."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Indices, Vector
from nnsim.core.batches import Batches
from nnsim.core.ensemble import Cancelled, Check, cores, gather, pieces
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS, Progress, Run, Settings
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.published import Printed, printed

MARKS = 60
COUNTS = (50, 100, 200, 500, 1000)
WANTED_SECONDS = 5.0
REPORT_EVERY = 0.1  # seconds


class Outcome(NamedTuple):
    """What came of one run.

    `end` has the plan's quantity at its end, NaN where it stopped; `losses` the training loss at the plan's marks,
    infinite after a stop; `valley` the number of the minimum by which it ended, from 0, None where the surface has
    fewer than two or the run stopped. `escaped` is the first update that led over a top and so far into another valley
    than that of the start that its minimum was nearer than the top; known for surfaces of one parameter. `stopped`
    is a word for why it could not go on to its end, such as "diverged", else "". `printed` is the table of its epochs
    where the scenario has a published one, None after a stop.
    """

    seed: int
    end: float
    losses: Vector
    valley: int | None
    escaped: int | None
    stopped: str
    printed: Printed | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """What each of many runs does: the scenario's length with certain settings, from update 0."""

    experiment: Experiment
    settings: Settings

    @cached_property
    def updates(self) -> int:
        """The length of each run."""
        return replace(self.experiment, settings=self.settings).updates

    @property
    def varies(self) -> bool:
        """Whether the seed changes anything."""
        samples, settings = len(self.experiment.objective.train), self.settings
        full = Batches(samples, settings.batch_size, settings.order, 0).full
        same_start = np.array_equal(self.experiment.start(0), self.experiment.start(1))
        return not same_start or (samples > 1 and not full)

    @cached_property
    def marks(self) -> Indices:
        """Up to 61 updates, from 0 on, at which the loss is measured: ends of epochs where a timeline measures it only
        then; shape (marks,)."""
        step = 1
        if not self._has_path:
            step = replace(self.experiment, settings=self.settings).updates_per_epoch
        last = self.updates // step
        marks: Indices = np.unique(np.linspace(0, last, min(last, MARKS) + 1).round().astype(np.int64)) * step
        return marks

    @property
    def quantity(self) -> tuple[str, str]:
        """What is asked of the end of a run, and its unit: the one parameter of a surface, the loss where it has more,
        and the metric of a network on the test set, or on the training set where there is no other."""
        objective = self.experiment.objective
        if objective.surface is not None:
            return (objective.names[0], self.experiment.unit) if objective.size == 1 else ("loss", "")
        where = "test " if objective.test is not None else ""
        if objective.metric == "accuracy":
            return where + "accuracy", "%"
        return where + "RMSE", self.experiment.unit

    @cached_property
    def minima(self) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """The known minima of a surface, from left to right."""
        surface = self.experiment.objective.surface
        return () if surface is None else tuple(sorted(surface.minima, key=lambda minimum: minimum[1]))

    def end(self, parameters: Vector) -> float:
        """The quantity at some parameters."""
        objective = self.experiment.objective
        if objective.surface is not None:
            return float(parameters[0]) if objective.size == 1 else float(objective.losses(parameters[None])[0])
        metric = objective.evaluate(parameters, objective.test or objective.train).metric
        assert metric is not None
        return metric * (100.0 if objective.metric == "accuracy" else self.experiment.scale)

    def run(self, seed: int, check: Check) -> Outcome:
        """Make one run; `check` is called now and then, and may raise to end it."""
        run = Run(self.experiment.objective, self.settings, self.experiment.start(seed), seed)
        escaped, table = None, None
        if self._has_path:
            losses, escaped = self._along_the_path(run, check)
        else:
            losses, table = self._at_the_marks(run, check)
        losses[~np.isfinite(losses)] = math.inf
        stopped = "" if run.stopped is None else run.stopped.kind
        end = math.nan if stopped else self.end(run.parameters)
        valley = None if stopped else self._valley(run.parameters)
        return Outcome(seed, end, losses, valley, escaped, stopped, table)

    def _along_the_path(self, run: Run, check: Check) -> tuple[Vector, int | None]:
        """Make the updates of a run; return its losses at the marks, and the update at which it escaped."""
        objective, marks = self.experiment.objective, self.marks
        begin, escaped = self._valley(run.parameters), None
        points = np.full((len(marks), objective.size), math.nan)
        points[0] = run.parameters
        for progress in pieces(run, self.updates, check):
            path, before = progress.path, run.update - len(progress.losses)
            seen = (before < marks) & (marks <= run.update)
            points[seen] = path[marks[seen] - before - 1]
            if escaped is None and begin is not None and self._edges.size:
                zones = np.searchsorted(self._edges, path[:, 0])
                elsewhere = (zones % 2 == 0) & (zones != 2 * begin)
                escaped = before + 1 + int(elsewhere.argmax()) if elsewhere.any() else None
        return objective.losses(points), escaped

    def _at_the_marks(self, run: Run, check: Check) -> tuple[Vector, Printed | None]:
        """Make the updates of a run; return its losses at the marks, and the table of its epochs if it is wanted."""
        objective, wanted = self.experiment.objective, self.experiment.scenario.published is not None
        losses = np.full(len(self.marks), math.inf)
        of_batches: list[Progress] = []
        for index, target in enumerate([*self.marks.tolist(), self.updates]):
            for progress in pieces(run, target, check):
                of_batches += [progress] if wanted else []
            if index < len(losses) and run.update == target:
                losses[index] = objective.evaluate(run.parameters, objective.train).loss
        if not wanted or run.stopped is not None:
            return losses, None
        whole = Progress(*map(np.concatenate, zip(*of_batches, strict=True)))
        sizes = run.batches.sizes(np.arange(1, run.update + 1))
        return losses, printed(self.marks, sizes, whole.losses, whole.accuracies)

    def losses_of(self, timeline: Timeline) -> Vector:
        """The training losses of another run of this experiment at the marks, NaN where it has not been yet."""
        losses = np.full(len(self.marks), math.nan)
        if timeline.path is not None:
            been = self.marks[self.marks <= timeline.update]
            losses[: len(been)] = timeline.objective.losses(timeline.path[np.searchsorted(timeline.updates, been)])
            return losses
        measured = {record.update: record.train.loss for record in timeline.records}
        return np.array([measured.get(mark, math.nan) for mark in self.marks.tolist()])

    @cached_property
    def _edges(self) -> Vector:
        """Half way between each top and the minima beside it: what lies between two of them, from left to right, is by
        turns by a minimum and by a top; empty where no tops are known."""
        tops = np.array(self.experiment.tops)
        sides = np.array([position[0] for _, position in self.minima])
        beside = [(sides[:-1] + tops) / 2.0, (tops + sides[1:]) / 2.0] if tops.size else [tops]
        edges: Vector = np.sort(np.concatenate(beside))
        return edges

    @property
    def _has_path(self) -> bool:
        return self.experiment.objective.size <= PATH_PARAMETERS

    def _valley(self, parameters: Vector) -> int | None:
        """The number of the minimum in whose valley a point lies; with several parameters, the nearest one."""
        if len(self.minima) < 2:
            return None
        if self.experiment.tops:
            return int(np.searchsorted(self.experiment.tops, parameters[0]))
        return int(np.argmin([np.linalg.norm(parameters - position) for _, position in self.minima]))


@dataclass(eq=False)
class _Batch:
    """The runs that were started together, in a thread of their own."""

    plan: Plan
    count: int | None
    report: Callable[[], None]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    told: float = 0.0

    def work(self) -> None:
        threads, begin = max(1, cores() - 1), time.monotonic()
        try:
            self._one(0, self._check)
            if self.count is None:
                self.count = suited(time.monotonic() - begin, threads)
            self._tell()
            gather(partial(self._one, after=1), self.count - 1, threads, self._tell_now_and_then, self.ended)
        except Cancelled:
            return
        except Exception as error:  # told to whoever asks for the results: nobody waits for this thread
            self.error = error
        self._tell()

    def _one(self, seed: int, check: Check, after: int = 0) -> None:
        self.outcomes[seed + after] = self.plan.run(seed + after, check)

    def _check(self) -> None:
        if self.ended.is_set():
            raise Cancelled

    def _tell_now_and_then(self, done: int, of: int) -> None:
        if time.monotonic() - self.told >= REPORT_EVERY:
            self._tell()

    def _tell(self) -> None:
        self.told = time.monotonic()
        if not self.ended.is_set():
            self.report()


class ManyRuns:
    """Makes many runs in the background and has their outcomes as far as they are in."""

    def __init__(self) -> None:
        self._batch: _Batch | None = None

    def __bool__(self) -> bool:
        """Whether any have been started."""
        return self._batch is not None

    def start(
        self, experiment: Experiment, settings: Settings, count: int | None, on_progress: Callable[[], None]
    ) -> None:
        """Make `count` runs, with the seeds from 0 on, each of the scenario's length with these settings throughout;
        those of before are cancelled and forgotten. Without a count there are as many as take some five seconds: 50,
        100, 200, 500 or 1000, by the time that the first one takes.

        `on_progress` is called in another thread, up to ten times a second and at the end. Raises ValueError when all
        runs would be the same.
        """
        plan = Plan(experiment, settings)
        if not plan.varies:
            raise ValueError(
                "Many runs of this set-up would all be the same: the start is fixed, and each update sees every sample"
            )
        self.cancel()
        self._batch = _Batch(plan, count, on_progress)
        threading.Thread(target=self._batch.work, name="nnsim many runs", daemon=True).start()

    def cancel(self) -> None:
        """Begin no further run, and leave those that are under way."""
        if self._batch is not None:
            self._batch.ended.set()

    def clear(self) -> None:
        """Cancel, and forget the outcomes."""
        self.cancel()
        self._batch = None

    @property
    def plan(self) -> Plan:
        """What the runs do. Raises ValueError when none have been started."""
        return self._started.plan

    @property
    def count(self) -> int:
        """How many runs there will be; 0 until that is known."""
        return self._started.count or 0

    @property
    def outcomes(self) -> list[Outcome]:
        """What has come of the runs that are done, in the order of their seeds. Raises what a run has raised."""
        batch = self._started
        if batch.error is not None:
            raise batch.error
        return [outcome for _, outcome in sorted(batch.outcomes.copy().items())]

    @property
    def _started(self) -> _Batch:
        if self._batch is None:
            raise ValueError("no runs have been started")
        return self._batch


def suited(seconds: float, threads: int) -> int:
    """How many runs, a round number from 50 to 1000, take about five seconds when one takes so many."""
    room = WANTED_SECONDS * threads / max(seconds, 1e-9)
    return max((count for count in COUNTS if count <= room), default=COUNTS[0])
