"""The race, from a scene and the runs beside it: who has reached what, and where they are on the stage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnsim.core.arrays import Matrix
from nnsim.core.history import History
from nnsim.core.timeline import TRAIL
from nnsim.core.training import Stop
from nnsim.scenarios.differences import apart, traits
from nnsim.scenarios.loss_line import LossLine
from nnsim.scenarios.race import Rival, Rivals, levels, place_of_leader
from nnsim.tui.parts.plane import Plane
from nnsim.tui.parts.thinning import thinned
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot import stages
from nnsim.tui.snapshot.race import Race, Racer
from nnsim.tui.snapshot.stages import CurveStage, Stage, SurfaceStage

OWN, THE_SAME, NEARLY = "this run", "the same so far", "the same to 6 digits"


def race(scene: Scene, rivals: Rivals) -> Race | None:
    """The run on the screen and those beside it, all at its update; None without any. It depends on the histories up
    to this update alone, so going back shows the same again."""
    if not rivals:
        return None
    timeline = scene.timeline
    own = rivals.own_line(timeline)
    thresholds = levels(timeline.objective, float(own.upto(0)[1][0]))
    labels = _labels(scene, rivals)
    racers = [_racer(scene, OWN if not labels[0] else f"{OWN}: {labels[0]}", own, thresholds, timeline.update)]
    if timeline.stopped is not None:
        racers[0] = _stopped(racers[0], timeline.stopped)
    for rival, label in zip(rivals, labels[1:], strict=True):
        racer = _racer(scene, label, rival.line, thresholds, rival.at(timeline.update))
        racers.append(_ended(racer, rival, timeline.update))
    losses = [np.inf if racer.stopped else racer.loss for racer in racers]
    leader = place_of_leader(losses)
    measured = "after every update" if timeline.path is not None else "after every epoch"
    return Race(thresholds, tuple(racers), leader, measured)


def with_rivals(stage: Stage, scene: Scene, rivals: Rivals, plane: Plane | None) -> Stage:
    """A curve or a surface with the other runs on it, as far as their points are known: on a slice, which lies in
    `plane`, where they are seen at right angles to it. Any other stage as it is."""
    if not rivals or not isinstance(stage, CurveStage | SurfaceStage):
        return stage
    places = zip(range(1, len(rivals) + 1), rivals, _labels(scene, rivals)[1:], strict=True)
    on_stage = [found for each in places if (found := _on_stage(scene, *each)) is not None]
    if isinstance(stage, SurfaceStage) and not stage.whole:
        assert plane is not None
        on_stage = [replace(each, path=plane.coordinates(each.path)) for each in on_stage]
    return replace(stage, rivals=tuple(on_stage))


def _labels(scene: Scene, rivals: Rivals) -> list[str]:
    """What sets each run apart, that on the screen first: a rival from that one, and that one from all rivals."""
    update = scene.timeline.update
    own = traits(scene.timeline.history, scene.timeline.run.seed, update)
    others = [traits(rival.history, rival.seed, update) for rival in rivals]
    random_start = scene.experiment.starts_at_random
    told = (", ".join(apart(other, [own], random_start)) for other in others)
    named = [label or _alike(scene, rival) for label, rival in zip(told, rivals, strict=True)]
    return [", ".join(apart(own, others, random_start)), *named]


def _alike(scene: Scene, rival: Rival) -> str:
    """What to call a rival of which the words say the same as of the run on the screen."""
    ways = [
        [change for change in history.changes if change.update <= scene.timeline.update]
        for history in (scene.timeline.history, rival.history)
    ]
    return THE_SAME if ways[0] == ways[1] else NEARLY


def _racer(scene: Scene, label: str, line: LossLine, thresholds: tuple[float, ...], update: int) -> Racer:
    updates, losses = line.upto(update)
    return Racer(
        label=label,
        losses=thinned("racer", updates, losses),
        update=update,
        loss=float(losses[-1]),
        updates_per_epoch=_updates_per_epoch(scene, line.history, update),
        reached=tuple(line.reached(level, update) for level in thresholds),
        ended="",
        stopped="",
    )


def _updates_per_epoch(scene: Scene, history: History, update: int) -> int:
    return -(-len(scene.timeline.objective.train) // history.settings_at(update).batch_size)


def _ended(racer: Racer, rival: Rival, update: int) -> Racer:
    """The racer with the words for why it does not go on, where it does not."""
    stop = rival.stopped(update)
    if stop is not None:
        return _stopped(racer, stop)
    if rival.live is None and update > rival.history.latest:
        return replace(racer, ended=f"kept to update {rival.history.latest:,}")
    return racer


def _stopped(racer: Racer, stop: Stop) -> Racer:
    return replace(racer, ended=f"{stop.kind} at {stop.update:,}", stopped=stop.kind)


def _on_stage(scene: Scene, place: int, rival: Rival, label: str) -> stages.Rival | None:
    """The last points of a rival, with their losses; None for a ghost of which they are not kept."""
    path = _last_points(rival, scene.timeline.update)
    return None if path is None else stages.Rival(place, label, path, rival.objective.losses(path))


def _last_points(rival: Rival, update: int) -> Matrix | None:
    """As many as the run on the screen has a trail of, where they are kept, else the last two."""
    if rival.history.path is None:
        return rival.last_points(update)
    past, here = rival.history.past, rival.at(update)
    last = past.until(here)
    return past.path[min(past.until(here - TRAIL - 1), last - 1) : last].copy()  # at least one, in a thinned past
