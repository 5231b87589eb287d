"""The line at the top, from a scene."""

from __future__ import annotations

from nnsim.core.training import Settings
from nnsim.scenarios.critical import critical_rate_here, flies_apart
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.status import Status


def status(scene: Scene, playing: bool, speed: float | None) -> Status:
    """Where the run stands and what it is trained with; `playing` and `speed` belong to whoever drives it."""
    timeline, run = scene.timeline, scene.timeline.run
    stop = timeline.stopped
    return Status(
        title=scene.experiment.scenario.title,
        epoch=run.place.epoch,
        epochs=_epochs(scene.experiment),
        update=timeline.update,
        latest=timeline.latest,
        batch=run.batches.per_epoch - run.batches.left(run.place) if run.place.sample else 0,
        of_batches=run.batches.per_epoch,
        batch_size=run.settings.batch_size,
        samples=len(timeline.objective.train),
        rule=run.settings.optimizer,
        rate_now=run.next_rate,
        schedule=_schedule(run.settings),
        clipping=run.settings.clipping.label,
        critical_rate=critical_rate_here(timeline),
        flies_apart=flies_apart(scene.experiment, timeline),
        playing=playing,
        speed=speed,
        stopped="" if stop is None else f"{stop.kind}: {stop.reason}",
        at_end=scene.experiment.at_end(run),
    )


def _epochs(experiment: Experiment) -> int | None:
    """The epochs of the scenario, or None where it counts updates and they are the same."""
    length, per_epoch = experiment.scenario.run, experiment.updates_per_epoch
    if length.updates is None or per_epoch == 1:
        return length.epochs
    return -(-length.updates // per_epoch)


def _schedule(settings: Settings) -> str:
    """What a schedule does, and what its steps are."""
    schedule = settings.schedule
    return "" if schedule is None else f"{schedule.label} {schedule.unit}s"
