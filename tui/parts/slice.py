"""The loss over two directions through the present parameters: a slice through a landscape that nobody sees whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.objective import Objective
from nnsim.core.training import Run
from nnsim.tui.parts.landscape import drawable
from nnsim.tui.parts.plane import Plane, along, sharpest, windows
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.stages import SurfaceStage

# Columns and rows of the grid, the first that the budget of seconds allows; the view draws what lies between.
GRIDS = ((33, 25), (25, 19), (17, 13))
BUDGET = 25e-3
# A guess at the seconds that a sample takes in one forward pass, for every parameter and for every neuron.
SECONDS_A_PARAMETER, SECONDS_A_NEURON = 1e-10, 2e-8
MOST_SAMPLES, LEAST_SAMPLES = 256, 32
PORTION = 1 << 21  # numbers
# While a run plays: the seconds that a slice stays at least, and at most, and the part of all time it may take.
LEAST_AGE, AGE, SHARE = 0.2, 0.7, 0.04


@dataclass(frozen=True, eq=False)
class Ground:
    """A plane with the losses on it, what they were drawn for, when that was and how long it took."""

    wanted: tuple[object, ...]
    run: Run
    update: int
    parameters: Vector
    objective: Objective
    plane: Plane
    xs: Vector
    ys: Vector
    losses: Matrix
    made: float
    cost: float

    def is_of(self, wanted: tuple[object, ...], run: Run) -> bool:
        """Whether this is what is wanted now, drawn for the very point at which the run stands."""
        same = self.wanted == wanted and self.run is run and self.update == run.update
        return same and self.parameters.tobytes() == run.parameters.tobytes()

    def serves(self, wanted: tuple[object, ...], run: Run) -> bool:
        """Whether this is good enough for a run that plays: it is young, or the run is still in the middle of it."""
        if self.wanted != wanted or self.run is not run:
            return False
        age, rest = time.monotonic() - self.made, self.cost / SHARE
        return age < max(LEAST_AGE, rest) or (age < AGE and self._is_around(run.parameters))

    def _is_around(self, point: Vector) -> bool:
        here = self.plane.coordinates(point[None])[0]
        ends = np.array([[self.xs[0], self.xs[-1]], [self.ys[0], self.ys[-1]]])
        return bool((np.abs(here - ends.mean(axis=1)) <= (ends[:, 1] - ends[:, 0]) / 4.0).all())


@dataclass
class Slices:
    """Draws slices, and keeps the last one: it serves as long as the run stands still, and for a while if it plays.

    When the run stands still a slice follows from the run's present and past alone, so going back shows the same one.
    """

    _ground: Ground | None = None
    _steepest: tuple[Run, Indices] | None = None

    @property
    def plane(self) -> Plane | None:
        """The plane of the last slice, if there is one."""
        return None if self._ground is None else self._ground.plane

    def parameters(self, scene: Scene) -> SurfaceStage:
        """The loss over two parameters, the others as they are now."""
        pair, here = self._pair(scene), scene.timeline.run.parameters
        ground = self._drawn(scene, ("parameters", *pair), lambda objective: along(objective, here, pair))
        return _stage(scene, ground, "around the present parameters")

    def directions(self, scene: Scene) -> SurfaceStage:
        """The loss over the two directions in which it curves most, from where the run stands."""
        here = scene.timeline.run.parameters
        ground = self._drawn(scene, ("directions",), lambda objective: sharpest(objective, here))
        return _stage(scene, ground, "along its sharpest directions")

    def _pair(self, scene: Scene) -> tuple[int, int]:
        """The two parameters of the slice: those asked for, or else the selected one and, among the others, the one
        with the largest gradient on the training set at the start of the run. So it stays the same slice for the whole
        run, whatever the gradients do."""
        size, asked = scene.timeline.objective.size, scene.attention.pair
        if asked is not None and asked[0] != asked[1] and all(0 <= each < size for each in asked):
            return asked
        selected = min(max(scene.attention.parameter, 0), size - 1)
        first, second = self._steepest_at_the_start(scene).tolist()
        return selected, second if first == selected else first

    def _steepest_at_the_start(self, scene: Scene) -> Indices:
        """The two parameters with the largest gradients at the start, the larger first."""
        run = scene.timeline.run
        if self._steepest is None or self._steepest[0] is not run:
            objective, start = _thinned(scene.timeline.objective), scene.experiment.start(run.seed)
            sizes = np.nan_to_num(np.abs(objective.loss_and_gradient(start)[1]))
            self._steepest = (run, np.argsort(-sizes, kind="stable")[:2])
        return self._steepest[1]

    def _drawn(self, scene: Scene, wanted: tuple[object, ...], make: Callable[[Objective], Plane]) -> Ground:
        run, known = scene.timeline.run, self._ground
        if known is None or not (known.is_of(wanted, run) or (scene.playing and known.serves(wanted, run))):
            known = self._ground = _draw(scene, wanted, make)
        return known


def _draw(scene: Scene, wanted: tuple[object, ...], make: Callable[[Objective], Plane]) -> Ground:
    """Draw the losses on a plane through the present parameters, on as fine a grid as takes no noticeable time."""
    begin, run = time.monotonic(), scene.timeline.run
    objective = _thinned(scene.timeline.objective)
    plane = make(objective)
    columns, rows = _grid(objective)
    across, down = windows(objective, plane, _trail(scene, plane))
    xs, ys = np.linspace(*across, columns), np.linspace(*down, rows)
    losses = drawable(_losses(objective, plane, xs, ys)).reshape(rows, columns)
    here, now = run.parameters.copy(), time.monotonic()
    return Ground(wanted, run, run.update, here, objective, plane, xs, ys, losses, now, now - begin)


def _losses(objective: Objective, plane: Plane, xs: Vector, ys: Vector) -> Vector:
    """The losses on the grid, row by row; the points of a large network come in portions."""
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    count = max(PORTION // objective.size, 1)
    parts = [objective.losses(plane.points(grid[k : k + count])) for k in range(0, len(grid), count)]
    return np.concatenate(parts)


def _stage(scene: Scene, ground: Ground, where: str) -> SurfaceStage:
    """The ground, and on it the run as it is now."""
    timeline, run, plane = scene.timeline, scene.timeline.run, ground.plane
    with np.errstate(invalid="ignore", over="ignore"):
        slopes = plane.directions @ scene.gradient
    point, proposal = plane.coordinates(np.array([run.parameters, scene.proposal])).tolist()
    return SurfaceStage(
        names=plane.names,
        formula=f"{_loss_name(timeline.objective, ground.objective)} {where}",
        xs=ground.xs,
        ys=ground.ys,
        losses=ground.losses,
        point=(point[0], point[1]),
        loss=float(ground.objective.losses(run.parameters[None])[0]),
        gradient=(float(slopes[0]), float(slopes[1])),
        next_point=None if timeline.stopped else (proposal[0], proposal[1]),
        trail=_trail(scene, plane),
        minima=(),
        whole=False,
        titles=plane.titles,
    )


def _loss_name(objective: Objective, thinned: Objective) -> str:
    if objective.surface is not None:
        return objective.surface.formula
    count, samples = len(thinned.train), len(objective.train)
    samples_in_words = "the one sample" if samples == 1 else f"{samples} samples"
    return f"loss on {samples_in_words}" if count == samples else f"loss on {count} of {samples} samples"


def _trail(scene: Scene, plane: Plane) -> Matrix:
    """The last points of the run as far as they are known, the present one last, in the plane's coordinates (n, 2)."""
    timeline, run = scene.timeline, scene.timeline.run
    known = np.array([run.previous, run.parameters]) if timeline.trail is None else timeline.trail
    return plane.coordinates(known)


def _thinned(objective: Objective) -> Objective:
    """The objective on few enough samples, evenly spread over the training set and always the same."""
    samples = len(objective.train)
    if objective.network is None:
        return objective
    columns, rows = GRIDS[-1]
    affordable = int(BUDGET / (columns * rows * _seconds_a_sample(objective)))
    count = min(samples, MOST_SAMPLES, max(affordable, LEAST_SAMPLES))
    return objective if count == samples else objective.on(np.linspace(0, samples - 1, count).round().astype(np.intp))


def _grid(objective: Objective) -> tuple[int, int]:
    """The columns and rows of the finest grid that is not too costly, else of the coarsest."""
    seconds = _seconds_a_sample(objective) * (len(objective.train) if objective.network else 1)
    return next(((columns, rows) for columns, rows in GRIDS if columns * rows * seconds <= BUDGET), GRIDS[-1])


def _seconds_a_sample(objective: Objective) -> float:
    neurons = sum(objective.network.sizes[1:]) if objective.network else 1
    return SECONDS_A_PARAMETER * objective.size + SECONDS_A_NEURON * neurons
