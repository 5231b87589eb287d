"""The numbers to watch, from a scene: what tells whether a training is healthy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnsim.core import gradient_noise
from nnsim.core.activations import ACTIVATIONS
from nnsim.core.arrays import Vector
from nnsim.core.clipping import clip
from nnsim.core.curvature import DENSE, critical_sharpness, felt_sharpness, gradient_norms
from nnsim.core.objective import Objective
from nnsim.core.optimizers import Optimizer
from nnsim.core.training import Run
from nnsim.core.units import can_die, can_saturate, dead_units, is_cut_off, saturated_units
from nnsim.scenarios.cycles import cycle_of
from nnsim.scenarios.text import either, number
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.readings import Reading

USUAL_RATIO = 1e-3
LARGE_RATIO, SMALL_RATIO = 1e-2, 1e-4
"""Update and weights in proportion, as a rule of thumb: Karpathy, notes of Stanford's CS231n, "Neural networks part 3",
section "Ratio of weights:updates"."""
NOTICEABLE = 1e-5
"""The part of the loss that a step of the usual size must take off beyond the last update for the rate to be low."""
YOUNG = 10
"""Updates that an optimizer takes to find what it divides by: until then that leaps, and limits nothing."""
LANCZOS_PRODUCTS = 50
"""Products with the Hessian that Lanczos takes for most networks, two gradients each."""
SECONDS, SECONDS_PLAYING = 0.1, 0.001
"""What a single number may take to work out: more when nothing else is going on."""
TRIES = 3
SAME = 1e-6
WHEN_PAUSED = "too slow to know while it plays"
TOO_COSTLY = "too slow to know here"
AT_FIRST = "known after the first update"
STILL = "nothing moved"


@dataclass
class Readings:
    """Reads the numbers to watch off scenes. A number is of the update that is shown, or it is not given; whether it
    costs too much is measured once for each problem, so that the same update always shows the same numbers."""

    _costs: dict[int, tuple[Objective, float]] = field(default_factory=dict)

    def readings(self, scene: Scene, playing: bool) -> tuple[Reading, ...]:
        """Every number to watch that this problem has, in a fixed order."""
        with np.errstate(all="ignore"):  # a run that diverges has no finite norms
            return tuple(self._all(scene, playing))

    def _all(self, scene: Scene, playing: bool) -> Iterator[Reading]:
        objective = scene.timeline.objective
        yield _gradient_norm(scene)
        if objective.network is not None and len(objective.network.layers) > 1:
            for layer, norm in enumerate(gradient_norms(objective.network, scene.gradient), 1):
                yield Reading(f"layer {layer}", float(norm), layer=layer, alarm=not np.isfinite(norm))
        if scene.timeline.run.settings.clipping:
            yield _clipping_factor(scene)
        yield self._update_ratio(scene, playing)
        yield _effective_rate(scene)
        yield self._sharpness(scene, playing)
        if not scene.timeline.run.batches.full:
            yield self._noise(scene, playing)
            yield self._expected_noise(scene, playing)
        if objective.penalty:
            yield _penalty_share(scene)
        yield from self._dead_units(scene, playing)
        yield from self._saturated_units(scene, playing)

    def _cost(self, objective: Objective) -> float:
        """The seconds that a gradient on the whole training set takes, measured when it is first asked for."""
        known = self._costs.get(id(objective))
        if known is None:
            here, seconds = np.zeros(objective.size), []
            for _ in range(TRIES):
                begin = time.perf_counter()
                objective.loss_and_gradient(here)
                seconds.append(time.perf_counter() - begin)
            known = self._costs[id(objective)] = (objective, min(seconds))
        return known[1]

    def _too_costly(self, objective: Objective, gradients: float, playing: bool) -> str:
        """Why a number that takes so many gradients is not worked out, in words; "" if it is."""
        seconds = gradients * self._cost(objective)
        if seconds > SECONDS:
            return TOO_COSTLY
        return WHEN_PAUSED if playing and seconds > SECONDS_PLAYING else ""

    def _update_ratio(self, scene: Scene, playing: bool) -> Reading:
        """The size of the last update beside that of the weights that it changed; on a surface, of all parameters."""
        objective, run = scene.timeline.objective, scene.timeline.run
        name = "update / weights" if objective.network else "update / parameters"
        usual, rule = (USUAL_RATIO, "usual") if objective.network else (None, "")
        if not run.update:
            return Reading(name, None, AT_FIRST, usual, rule, logarithmic=True)
        counted = objective.weights if objective.network else np.ones(objective.size)
        value = _ratio((run.parameters - run.previous) * counted, run.previous * counted)
        words = self._ratio_in_words(scene, value, counted > 0.0, playing)
        return Reading(name, value, words, usual, rule, logarithmic=True)

    def _ratio_in_words(self, scene: Scene, ratio: float | None, counted: NDArray[np.bool_], playing: bool) -> str:
        """What the ratio says of the learning rate. A small one says that it is low only where a longer step gains
        more: not at a minimum, nor where the gradient is 0 or rounding, as with units that are dead or saturated."""
        objective, run = scene.timeline.objective, scene.timeline.run
        if ratio is None:
            return "the weights were all 0"
        if not scene.timeline.moved(run.previous, run.parameters)[counted].any():
            return STILL if objective.network is None else "the weights did not move"
        if objective.network is None:
            return "of the last update"
        if ratio > LARGE_RATIO:
            return "rate too high? (CS231n)"
        if not ratio < SMALL_RATIO:
            return "healthy (CS231n)"
        if self._too_costly(objective, 2, playing):
            return "small (CS231n)"
        longer = not is_cut_off(objective, run.parameters) and _gains(run, USUAL_RATIO / ratio)
        return "rate too low? (CS231n)" if longer else "a longer step gains little"

    def _sharpness(self, scene: Scene, playing: bool) -> Reading:
        objective, run = scene.timeline.objective, scene.timeline.run
        optimizer = run.settings.optimizer
        limit = critical_sharpness(run.next_rate, optimizer)
        name = "scaled sharpness" if optimizer.divides else "sharpness"
        compared = limit, "" if limit is None else _limit_name(optimizer)
        dense = objective.size <= DENSE
        why = self._too_costly(objective, 2 * (objective.size if dense else LANCZOS_PRODUCTS), playing)
        if playing and not dense:
            why = why or WHEN_PAUSED
        if optimizer.divides and not run.step:
            why = AT_FIRST
        if why:
            return Reading(name, None, why, *compared)
        value = felt_sharpness(objective, run.parameters, optimizer, run.state, run.step)
        if not np.isfinite(value) and np.isfinite(scene.gradient).all():
            return Reading(name, None, "none on a kink", *compared)
        if not np.isfinite(value):
            return Reading(name, float(value), "no finite curvature here", *compared, alarm=True)
        cycle = cycle_of(scene.timeline)
        if cycle is not None:
            return Reading(name, value, f"bouncing: a cycle of {cycle.length}", *compared, alarm=True)
        if limit is None:
            known = optimizer.reach is not None
            return Reading(name, value, "none at rate 0" if known else f"no limit known for {optimizer.label}")
        if optimizer.divides and run.step < YOUNG:
            return Reading(name, value, "too early to tell", *compared)
        words = "over its limit here" if value > limit else "within its limit here"
        return Reading(name, value, words, *compared, alarm=value > limit)

    def _noise(self, scene: Scene, playing: bool) -> Reading:
        """How far the gradient of the next batch is from that of the whole training set, as a share of the latter."""
        objective = scene.timeline.objective
        why = self._too_costly(objective, 1, playing)
        if why:
            return Reading("gradient noise", None, why, 1.0, "signal", logarithmic=True)
        _, full = objective.loss_and_gradient(scene.timeline.run.parameters)
        value = _ratio(scene.gradient - full, full)
        words = "more noise than signal" if value is None or value > 1.0 else "more signal than noise"
        return Reading("gradient noise", value, words, 1.0, "signal", logarithmic=True)

    def _expected_noise(self, scene: Scene, playing: bool) -> Reading:
        """The root of what the law says of the mean square of that distance for a batch of this size, as a share."""
        objective, run = scene.timeline.objective, scene.timeline.run
        why = self._too_costly(objective, 2, playing)
        if why:
            return Reading("expected noise", None, why, 1.0, "signal", logarithmic=True)
        spread = gradient_noise.spread(objective, run.parameters)
        expected = gradient_noise.expected(spread, run.batches, len(scene.trace.batch))
        _, full = objective.loss_and_gradient(run.parameters)
        value = _ratio(np.array([np.sqrt(expected)]), full)
        words = f"by tr(S)/B for batches of {len(scene.trace.batch)}"
        return Reading("expected noise", value, words, 1.0, "signal", logarithmic=True)

    def _dead_units(self, scene: Scene, playing: bool) -> Iterator[Reading]:
        """How many units no sample moves any more; a forward pass is a third of a gradient."""
        objective = scene.timeline.objective
        network = objective.network
        if network is None or not any(map(can_die, network.activations)):
            return
        why = self._too_costly(objective, 1 / 3, playing)
        if why:
            yield Reading("dead units", None, why)
            return
        for layer, dead, units in dead_units(objective, scene.timeline.run.parameters):
            words = f"answer {either(ACTIVATIONS[network.activations[layer - 1]].flat)} to every sample"
            yield Reading(f"dead units, layer {layer}", float(dead), words, whole=float(units), alarm=dead > 0)

    def _saturated_units(self, scene: Scene, playing: bool) -> Iterator[Reading]:
        """How many units of sigmoid or tanh are flat for every sample."""
        objective = scene.timeline.objective
        if objective.network is None or not any(map(can_saturate, objective.network.activations)):
            return
        why = self._too_costly(objective, 1 / 3, playing)
        if why:
            yield Reading("saturated units", None, why)
            return
        for layer, flat, units in saturated_units(objective, scene.timeline.run.parameters):
            words = "flat for every sample"
            yield Reading(f"saturated, layer {layer}", float(flat), words, whole=float(units), alarm=flat > 0)


def _gradient_norm(scene: Scene) -> Reading:
    norm = float(np.linalg.norm(scene.gradient))
    words = "of the next batch" if not scene.timeline.run.batches.full else "of the next update"
    if not np.isfinite(norm):
        return Reading("gradient norm", norm, "no longer a finite number", alarm=True)
    return Reading("gradient norm", norm, words if norm else "no slope at all here")


def _clipping_factor(scene: Scene) -> Reading:
    """What clipping leaves of the length of the next gradient."""
    settings, clipped = scene.timeline.run.settings, scene.gradient.copy()
    clip(clipped, settings.clipping.vector)
    left = _ratio(clipped, scene.gradient)
    shorter = left is not None and left < 1.0
    words = settings.clipping.label if shorter else "not clipped"
    return Reading("clipping factor", left, words, whole=1.0)


def _gains(run: Run, factor: float) -> bool:
    """Whether the last update would have taken noticeably more off the loss if it had been so many times as long."""
    objective = run.objective
    points = run.previous + np.array([[0.0], [1.0], [factor]]) * (run.parameters - run.previous)
    penalties = np.array([objective.penalty_at(point)[0] for point in points])
    before, after, beyond = objective.losses(points) + penalties
    return bool(beyond < after - NOTICEABLE * abs(before))


def _limit_name(optimizer: Optimizer) -> str:
    """What the limit of the sharpness is, in terms of the learning rate."""
    return "its limit" if optimizer.stiffness or optimizer.reach is None else f"{number(optimizer.reach)}/rate"


def _effective_rate(scene: Scene) -> Reading:
    """How far the last update led for each unit of the gradient that it used."""
    run = scene.timeline.run
    nominal = run.learning_rate if run.update else run.next_rate
    if not run.update:
        return Reading("effective rate", None, AT_FIRST, nominal, "nominal", logarithmic=True)
    value = _ratio(run.parameters - run.previous, run.gradient)
    words = "the gradient was 0" if value is None else _times(value, nominal)
    if value is not None and not scene.timeline.moved(run.previous, run.parameters).any():
        words = STILL
    return Reading("effective rate", value, words, nominal, "nominal", logarithmic=True)


def _times(value: float, other: float) -> str:
    """How many times as large one number is as another, in words; nothing where that says nothing."""
    if not other:
        return ""
    return "the same" if abs(value / other - 1.0) < SAME else f"{value / other:.3g} times that"


def _penalty_share(scene: Scene) -> Reading:
    """The part of the loss of the next batch that is the penalty on the weights."""
    trace = scene.trace
    whole = trace.loss + trace.penalty
    share = trace.penalty / whole if whole else None
    return Reading("share of penalty", share, "of the next batch's loss", whole=1.0)


def _ratio(vector: Vector, other: Vector) -> float | None:
    """The length of a vector as a multiple of another's; None where that has none."""
    length = float(np.linalg.norm(other))
    return float(np.linalg.norm(vector)) / length if length else None
