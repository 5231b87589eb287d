"""Whether the panel of numbers to watch is right about runs whose state is known otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_readings import everything_is_cheap as everything_is_cheap

from nnsim.core.curvature import hessian
from nnsim.core.timeline import Timeline
from nnsim.core.units import saturated_units
from nnsim.scenarios import library
from nnsim.scenarios.critical import critical_rate_here, flies_apart
from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.reader import read
from nnsim.tui.parts.readings import Readings
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.readings import Reading

FAULTS = Path(__file__).parents[1] / "faults"
RATE = "optimizer.learning_rate"
HES_RELUS = {"network.activations": ["relu"] * 10 + ["linear"], "network.weights": {"kind": "he_normal"}}
TOO_LOW, LITTLE, STILL = "rate too low? (CS231n)", "a longer step gains little", "the weights did not move"


def made(name: str, **overrides: Any) -> Experiment:
    """A scenario of the course, or one that has failed before."""
    path = FAULTS / f"{name}.toml"
    path = path if path.exists() else library.FOLDER / f"{name}.scenario.toml"
    return build(read(path, {key.replace("__", "."): value for key, value in overrides.items()}), str(path), name)


def after(experiment: Experiment, updates: int) -> tuple[Timeline, dict[str, Reading]]:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return timeline, read_off(experiment, timeline)


def read_off(experiment: Experiment, timeline: Timeline) -> dict[str, Reading]:
    return {reading.name: reading for reading in Readings().readings(Scene(experiment, timeline), False)}


@pytest.mark.parametrize(
    ("name", "overrides", "updates", "words"),
    [
        ("dead-relu", {RATE: 0.5}, 100, STILL),  # every unit is dead
        ("vanishing-gradient", HES_RELUS, 1000, STILL),
        ("xor-no-hidden", {}, 1000, STILL),  # the errors cancel
        ("four-classes-noise", {}, 100, LITTLE),  # next to the minimum
        ("four-classes-noise", {}, 3000, STILL),
        ("dead-at-birth", {}, 20, STILL),
        ("fifty-sigmoid", {}, 20, LITTLE),  # every unit is saturated
        ("slow-neuron", {"start": [10.0, -4.0]}, 10, LITTLE),
        ("hot-dog", {RATE: 1e-4}, 10, TOO_LOW),
        ("xor-no-hidden", {RATE: 1e-5}, 10, TOO_LOW),
        ("iris", {RATE: 1e-6}, 10, TOO_LOW),
    ],
)
def test_a_rate_is_called_too_low_where_a_larger_one_would_help(
    name: str, overrides: dict[str, Any], updates: int, words: str
) -> None:
    experiment = made(name, **overrides)
    timeline, found = after(experiment, updates)
    assert found["update / weights"].note == words
    losses = []
    for times in (1.0, 10.0):  # the same run from here on, at its rate and at a larger one
        faster = timeline.run.settings.optimizer.with_rate(times * timeline.run.next_rate)
        settings = replace(timeline.run.settings, optimizer=faster)
        other = Timeline(timeline.objective, settings, timeline.run.parameters)
        other.advance(30)
        losses.append(other.objective.evaluate(other.run.parameters, other.objective.train).loss)
    assert losses[1] < losses[0] * (1.0 - 1e-4) or words != TOO_LOW


def test_saturated_units_are_counted_by_their_slopes() -> None:
    timeline, found = after(made("fifty-sigmoid"), 2)
    assert (found["saturated, layer 1"].value, found["saturated, layer 1"].whole) == (2.0, 2.0)
    assert found["saturated, layer 1"].alarm
    network, inputs = timeline.objective.network, timeline.objective.train.inputs
    assert network is not None
    weights = timeline.run.parameters[:8].reshape(4, 2)
    z = inputs @ weights + timeline.run.parameters[8:10]
    slopes = np.exp(-z) / (1.0 + np.exp(-z)) ** 2
    assert (slopes.max(axis=0) < 0.1 * 0.25).tolist() == [True, True]


def test_an_output_that_has_come_to_its_targets_is_not_saturated() -> None:
    experiment = made("slow-neuron")
    objective = experiment.objective
    assert [saturated_units(objective, np.array([w, 0.0]))[0].saturated for w in (6.0, 3.0, -6.0)] == [1, 0, 0]


@pytest.mark.parametrize("rate", [0.01, 0.02])
def test_adam_spikes_where_its_sharpness_is_over_its_limit(rate: float) -> None:
    """Within 40 updates before every doubling of the loss between two that are 5 apart, the limit has been passed."""
    experiment = made("adam-spikes", **{RATE: rate})
    timeline = experiment.timeline()
    timeline.advance(100)
    over: list[int] = []
    while timeline.update < 1200:
        timeline.advance(10)
        reading = read_off(experiment, timeline)["scaled sharpness"]
        assert (reading.limit, reading.limit_name) == (pytest.approx(38.0 / rate), "38/rate")
        over += [timeline.update] * reading.alarm
    losses = timeline.losses
    leaps = np.flatnonzero(losses[105:] > 4.0 * np.minimum.accumulate(losses)[100:-5]) + 105
    first = leaps[np.diff(leaps, prepend=-np.inf) > 40]
    assert first.size
    assert over
    assert over[0] <= first[0]


def test_a_large_sharpness_of_the_first_updates_says_nothing() -> None:
    reading = after(made("adam-spikes"), 2)[1]["scaled sharpness"]
    assert reading.value is not None
    assert reading.limit is not None
    assert reading.value > reading.limit
    assert (reading.note, reading.alarm) == ("too early to tell", False)


def set_ups() -> list[tuple[str, str, Experiment]]:
    """The scenarios of the course and their variants that have a critical rate: up to 16 parameters."""
    found = []
    for name in library.COURSE:
        path = library.FOLDER / f"{name}.scenario.toml"
        for variant in (None, *read(path).variants):
            experiment = build(read(path, variant.set if variant else None), str(path), name)
            if experiment.objective.size <= 16:
                found.append((name, variant.title if variant else "", experiment))
    return found


def test_steps_grow_and_shrink_where_that_is_said_of_the_critical_rate() -> None:
    """From where each set-up is after 3 updates, plain steps along the sharpest direction at 1.05 times the critical
    rate take the slope along it further from 0, and at .95 times nearer, five times in a row."""
    said = 0
    for name, title, experiment in set_ups():
        timeline = experiment.timeline()
        timeline.advance(3)
        if timeline.stopped or critical_rate_here(timeline) is None or not flies_apart(experiment, timeline):
            continue
        said += 1
        objective, here = timeline.objective, timeline.run.parameters.copy()
        values, vectors = np.linalg.eigh(hessian(objective, here))
        here += vectors[:, -1]  # off the bottom of the valley
        for times in (1.05, 0.95):
            point, slopes = here.copy(), []
            for _ in range(6):
                gradient = objective.loss_and_gradient(point)[1]
                slopes.append(abs(float(gradient @ vectors[:, -1])))
                point -= times * 2.0 / values[-1] * gradient
            assert (np.diff(slopes) * (times - 1.0) > 0.0).all(), (name, title, times)
    assert said > 20


@pytest.mark.parametrize("name", ["neuron", "hot-dog", "saddle", "two-minima", "rosenbrock"])
def test_nothing_is_said_of_growth_where_the_curvature_changes(name: str) -> None:
    experiment = made(name)
    assert not flies_apart(experiment, experiment.timeline())


def test_clipped_steps_do_not_grow() -> None:
    experiment = made("bowl")
    assert flies_apart(experiment, experiment.timeline())
    clipped = made("bowl", clipping={"norm": 1.0})
    assert not flies_apart(clipped, clipped.timeline())
