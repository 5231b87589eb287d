"""Running a scenario without a screen, and what such a run reports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from nnsim.core.ensemble import Check, pieces
from nnsim.core.rounding import without_rounding
from nnsim.core.timeline import Timeline
from nnsim.core.training import PATH_PARAMETERS, Run
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.quantities import Course, baselines, column, known

SLICE_SAMPLES = 100_000

Progress = Callable[[int, int], None]


def run(
    experiment: Experiment,
    updates: int | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    progress: Progress = lambda done, of: None,
) -> Timeline:
    """Run a scenario for its own length, or for that many updates or epochs; it ends early if it diverges.

    `progress(done, of)` is called after every slice of the work.
    """
    timeline = experiment.timeline(seed)
    target = experiment.updates if updates is None else updates
    if epochs is not None:
        target = epochs * experiment.updates_per_epoch
    go_on_to(timeline, target, progress)
    return timeline


def go_on_to(timeline: Timeline, target: int, progress: Progress) -> None:
    """Bring a run forward to an update, or to where it stops. `progress(done, of)` is called after every slice of the
    work, and may raise to end it."""
    piece = max(1, SLICE_SAMPLES // timeline.run.settings.batch_size)
    while timeline.update < target and timeline.stopped is None:
        timeline.advance(min(piece, target - timeline.update))
        progress(timeline.update, target)


def run_along(experiment: Experiment, seed: int, check: Check) -> tuple[Run, Course]:
    """Run a scenario for its own length, with all that the run has been through; it ends early if it diverges.
    Keyframes and measurements, which a timeline has besides, take a small run most of its time. `check` is called now
    and then, and may raise to end it."""
    run = Run(experiment.objective, experiment.settings, experiment.start(seed), seed)
    start, parts = run.parameters[None].copy(), pieces(run, experiment.updates, check)
    losses, accuracies, rates, path = map(np.concatenate, zip(*parts, strict=True))
    few = experiment.objective.size <= PATH_PARAMETERS
    points = np.concatenate([start, path]) if few else None
    return run, Course(np.arange(run.update + 1), losses, accuracies, rates, points)


def report(experiment: Experiment, timeline: Timeline) -> dict[str, Any]:
    """What `nnsim run --format json` prints: plain values, every number a float or int at full precision. The last loss
    is 0 where it is nothing but rounding; the history has it as it was computed."""
    objective, stop = timeline.objective, timeline.stopped
    history = history_columns(experiment, timeline)
    train = last(history["train_loss"])
    if train is not None and history["update"][-1] == timeline.update:
        train = without_rounding(objective, timeline.run.parameters, train)
    metrics = [name for name in ("rmse", "test_rmse", "accuracy", "test_accuracy") if name in history]
    return {
        "scenario": experiment.name,
        "seed": timeline.run.seed,
        "updates": timeline.update,
        "epochs": timeline.run.place.epoch,
        "loss": {"train": train, "test": last(history["test_loss"])},
        "metrics": {name: last(history[name]) for name in metrics},
        "baselines": baselines(experiment),
        "parameters": dict(zip(objective.names, timeline.run.parameters.tolist(), strict=True)),
        "stopped": None
        if stop is None
        else {"kind": stop.kind, "update": stop.update, "parameter": stop.parameter, "reason": stop.reason},
        "history": history,
    }


def history_columns(experiment: Experiment, timeline: Timeline) -> dict[str, list[Any]]:
    """One list per column: update by update for up to 16 parameters, each with its path, else epoch by epoch."""
    names = known(experiment)
    train = column(experiment, timeline, "loss")
    history: dict[str, list[Any]] = {
        "update": train.updates.tolist(),
        "epoch": [timeline.epoch_of(int(update)) for update in train.updates],
        "train_loss": train.values.tolist(),
        "test_loss": [None] * len(train.updates),
    }
    columns: list[str] = [
        name for name in ("test_loss", "rmse", "test_rmse", "accuracy", "test_accuracy") if name in names
    ]
    for measure in columns:
        measured = dict(zip(*(part.tolist() for part in column(experiment, timeline, measure)), strict=True))
        history[measure] = [measured.get(update) for update in history["update"]]
    if timeline.path is not None:
        for name, values in zip(timeline.objective.names, timeline.path.T, strict=True):
            history[name] = values.tolist()
    return history


def last(values: list[Any]) -> Any:
    """The last value that was measured, or None."""
    return next((value for value in reversed(values) if value is not None), None)


def as_json(report: dict[str, Any]) -> str:
    """One JSON object; a number that is not finite, as after a divergence, becomes null."""
    return json.dumps(_finite(report), allow_nan=False)


def as_csv(report: dict[str, Any]) -> str:
    """The history as a table, one column a list."""
    history = report["history"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(history)
    for row in zip(*history.values(), strict=True):
        writer.writerow(["" if value is None else repr(value) for value in row])
    return text.getvalue()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
