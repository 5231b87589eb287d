"""The stage of a run on a surface: the loss over one or two parameters, and the run on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.objective import Objective
from nnsim.scenarios.text import number
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import CurveStage, Minimum, Secant, SurfaceStage

CURVE_POINTS = 401
GRID_POINTS = 129
HIGHEST = 1e300
OF_A_NETWORK = "L: the mean loss of all samples"


def secant_view(distance: float) -> str:
    """The name of the view with the secant at a distance."""
    return f"secant {number(distance)}"


@dataclass
class Landscape:
    """Draws curves and surfaces; it keeps the last grid of losses, so that the view need not draw it anew."""

    _drawn: dict[tuple[tuple[float, float], ...], tuple[Vector, ...]] = field(default_factory=dict)

    def curve(self, scene: Scene) -> CurveStage:
        """The loss over the one parameter of a surface or a network."""
        timeline, objective, run = scene.timeline, scene.timeline.objective, scene.timeline.run
        xs, losses = self._grid(scene, (_window(scene, 0),), CURVE_POINTS)
        trail = _trail(scene)[:-1]
        _, full = objective.loss_and_gradient(run.parameters)
        return CurveStage(
            name=objective.names[0],
            formula=objective.surface.formula if objective.surface is not None else OF_A_NETWORK,
            xs=xs,
            losses=losses,
            value=float(run.parameters[0]),
            loss=scene.loss,
            slope=float(scene.gradient[0]),
            full_slope=float(full[0]),
            next_value=None if timeline.stopped else float(scene.proposal[0]),
            trail=trail[:, 0],
            trail_losses=objective.losses(trail),
            minima=minima(objective),
            samples=1 if run.batches.full else len(objective.train),
        )

    def secants(self, scene: Scene, upto: str) -> CurveStage:
        """The curve with the scenario's secants, from the first to the one of that view."""
        objective, here = scene.timeline.objective, scene.timeline.run.parameters
        distances = scene.experiment.scenario.view.secants
        seen = distances[: [secant_view(each) for each in distances].index(upto) + 1]
        losses = objective.losses(here + np.array([[0.0], *([distance] for distance in seen)]))
        slopes = (losses[1:] - losses[0]) / seen
        return replace(self.curve(scene), secants=tuple(map(Secant, seen, slopes.tolist())))

    def surface(self, scene: Scene) -> SurfaceStage:
        """The loss over the two parameters of a surface."""
        timeline, objective, run = scene.timeline, scene.timeline.objective, scene.timeline.run
        assert objective.surface is not None
        xs, ys, losses = self._grid(scene, (_window(scene, 0), _window(scene, 1)), GRID_POINTS)
        gradient, proposal = scene.gradient, scene.proposal
        return SurfaceStage(
            names=(objective.names[0], objective.names[1]),
            formula=objective.surface.formula,
            xs=xs,
            ys=ys,
            losses=losses,
            point=(float(run.parameters[0]), float(run.parameters[1])),
            loss=scene.loss,
            gradient=(float(gradient[0]), float(gradient[1])),
            next_point=None if timeline.stopped else (float(proposal[0]), float(proposal[1])),
            trail=_trail(scene),
            minima=minima(objective),
        )

    def _grid(self, scene: Scene, windows: tuple[tuple[float, float], ...], points: int) -> tuple[Vector, ...]:
        """The axes of a window, each with so many points, and the losses on their grid; the same arrays again while
        the window stays the same."""
        if windows not in self._drawn:
            axes = [np.linspace(low, high, points) for low, high in windows]
            grid = np.stack(np.meshgrid(*axes), axis=-1)
            losses = scene.timeline.objective.losses(grid.reshape(-1, len(axes)))
            self._drawn.clear()
            self._drawn[windows] = (*axes, drawable(losses).reshape(grid.shape[:-1]))
        return self._drawn[windows]


def minima(objective: Objective) -> tuple[Minimum, ...]:
    """The known minima of a surface, with their losses; none are known of a network."""
    known = objective.surface.minima if objective.surface is not None else ()
    losses = objective.losses(np.array([position for _, position in known]).reshape(-1, objective.size))
    return tuple(Minimum(label, position, float(loss)) for (label, position), loss in zip(known, losses, strict=True))


def drawable(losses: Vector) -> Vector:
    """The losses, made finite: where there is none, the ground is as high as anywhere."""
    finite = np.clip(losses[np.isfinite(losses)], -HIGHEST, HIGHEST)
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    made: Vector = np.clip(np.nan_to_num(losses, nan=high, posinf=high, neginf=low), low, high)
    return made


def _trail(scene: Scene) -> Matrix:
    assert scene.timeline.trail is not None
    return scene.timeline.trail


def _window(scene: Scene, axis: int) -> tuple[float, float]:
    """The range shown of a parameter: the scenario's, widened by powers of 1.5 until the trail fits in. It
    follows from the trail alone, so going back shows the same picture again."""
    view = scene.experiment.scenario.view
    wanted = (view.x, view.y)[axis]
    values = _trail(scene)[:, axis]
    values = values[np.isfinite(values)]
    if wanted is None:
        spots = _spots(scene, axis)
        wanted = [min(spots) - 1.0, max(spots) + 1.0]
    middle, half = sum(wanted) / 2.0, (wanted[1] - wanted[0]) / 2.0
    reach = float(np.abs(values - middle).max(initial=0.0)) / half
    if reach > 1.0:
        half *= min(1.5 ** min(np.ceil(np.log(reach) / np.log(1.5)), 60.0), max(HIGHEST / half, 1.0))
    return middle - half, middle + half


def _spots(scene: Scene, axis: int) -> list[float]:
    """What a window must show: the known minima and where the trail begins. Where no minimum is known, as much to
    both sides of the run's start as it lies from 0."""
    path = scene.timeline.path
    assert path is not None
    known = minima(scene.timeline.objective)
    if not known:
        start = float(np.clip(path[0, axis], -HIGHEST, HIGHEST))
        return [0.0, 2.0 * start]
    return [*(minimum.position[axis] for minimum in known), float(_trail(scene)[0, axis])]
