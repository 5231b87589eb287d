"""The numbers to watch: right, of the update that is shown, and told by words and signs as well as by bars."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import reference
from driving import experiment_of, same
from own_scenarios import CURVE, changed, ready
from panels import PanelApp, has_control_characters, lines_of, screen_of
from problems import bowl_at_4_3, random_network

from nnsim.core.clipping import Clipping
from nnsim.core.curvature import critical_rate
from nnsim.core.objective import Objective
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.penalties import Penalty
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.core.units import DeadUnits
from nnsim.scenarios.moment import Moment
from nnsim.scenarios.narration import tell
from nnsim.scenarios.quantities import column
from nnsim.tui.parts import readings as module
from nnsim.tui.parts.readings import Readings
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.readings import Reading
from nnsim.tui.widgets.gauges import bar, decades, gauge, part
from nnsim.tui.widgets.readings import ReadingsView

EXPERIMENT = experiment_of("bowl")
SIZES, ACTIVATIONS, LOSS = (2, 6, 5, 1), ("relu", "relu", "linear"), "squared_error"
NETWORK = random_network(SIZES, ACTIVATIONS, LOSS, 20)
START = np.random.default_rng(5).uniform(-0.7, 0.7, NETWORK.size)


def run_of(
    objective: Objective = NETWORK, updates: int = 4, optimizer: Optimizer | None = None, **more: object
) -> Timeline:
    start = START if objective.size == NETWORK.size else np.zeros(objective.size)
    timeline = Timeline(objective, replace(Settings(optimizer or SGD(0.05), 8), **more), start, 3)  # type: ignore[arg-type]
    timeline.advance(updates)
    return timeline


def bowl_run(updates: int = 3, optimizer: Optimizer | None = None) -> Timeline:
    timeline = Timeline(bowl_at_4_3(), Settings(optimizer or SGD(0.1), 1), np.zeros(2))
    timeline.advance(updates)
    return timeline


def read(timeline: Timeline, playing: bool = False, readings: Readings | None = None) -> dict[str, Reading]:
    found = (readings or Readings()).readings(Scene(EXPERIMENT, timeline), playing)
    assert len({reading.name for reading in found}) == len(found)
    return {reading.name: reading for reading in found}


@pytest.fixture(autouse=True)
def everything_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr(module, "SECONDS", 1e9)
    monkeypatch.setattr(module, "SECONDS_PLAYING", 1e9)


# --- the numbers ---


def test_gradient_norms_are_those_of_the_twin() -> None:
    timeline = run_of()
    batch = timeline.run.next_batch()
    train = NETWORK.train
    _, gradient = reference.loss_and_gradient(
        SIZES, ACTIVATIONS, LOSS, timeline.run.parameters, train.inputs[batch], train.targets[batch]
    )
    found = read(timeline)
    assert found["gradient norm"].value == pytest.approx(np.sqrt((gradient**2).sum()), rel=1e-12)
    layers = [np.append(weights.ravel(), biases) for weights, biases in reference.layers(SIZES, gradient)]
    for k, layer in enumerate(layers, 1):
        assert found[f"layer {k}"].layer == k
        assert found[f"layer {k}"].value == pytest.approx(np.sqrt((layer**2).sum()), rel=1e-12)


def test_the_last_update_beside_weights_and_gradient() -> None:
    timeline = run_of(updates=3)
    before = timeline.run.parameters.copy()
    timeline.advance(1)
    step, found = timeline.run.parameters - before, read(timeline)
    moved, weights = (
        np.concatenate([w.ravel() for w, _ in reference.layers(SIZES, vector)]) for vector in (step, before)
    )
    assert found["update / weights"].value == pytest.approx(np.linalg.norm(moved) / np.linalg.norm(weights), rel=1e-12)
    assert found["effective rate"].value == pytest.approx(0.05, rel=1e-9)
    assert (found["effective rate"].limit, found["effective rate"].note) == (0.05, "the same")


def test_adam_moves_farther_than_its_rate_times_the_gradient() -> None:
    timeline = bowl_run(1, Adam(0.1))
    # The first step of Adam is the rate along every axis; the gradient at the start is (-4, -27).
    assert read(timeline)["effective rate"].value == pytest.approx(0.1 * np.sqrt(2) / np.hypot(4, 27), rel=1e-6)


@pytest.mark.parametrize(
    ("optimizer", "limit"),
    [
        (SGD(0.2), 10.0),
        (SGD(0.2, momentum=0.9), 19.0),
        (SGD(0.2, momentum=0.9, nesterov=True), 19.0 / 2.8),
        (SGD(0.2, weight_decay=1.0), 9.0),
    ],
)
def test_sharpness_beside_its_limit(optimizer: SGD, limit: float) -> None:
    reading = read(bowl_run(1, optimizer))["sharpness"]
    assert reading.value == pytest.approx(9.0, rel=1e-6)
    assert reading.limit == pytest.approx(limit)
    assert reading.alarm == (reading.value is not None and reading.value > limit)
    assert critical_rate(limit, optimizer) == pytest.approx(0.2)


@pytest.mark.parametrize(("rate", "length"), [(0.22, 2), (0.23, 2), (0.17, 4)])
def test_on_a_cycle_the_sharpness_is_read_as_bouncing_at_every_one_of_its_points(rate: float, length: int) -> None:
    experiment = experiment_of("two-minima")
    timeline = experiment.timeline()
    timeline.change(replace(timeline.run.settings, optimizer=SGD(rate)))
    timeline.advance(100)
    sides = set()
    for _ in range(length):
        timeline.advance(1)
        reading = read(timeline)["sharpness"]
        assert reading.note == f"bouncing: a cycle of {length}"
        assert reading.value is not None
        sides.add(reading.value > 2.0 / rate)
    assert sides == {False, True}  # by the sharpness alone the verdict would change from point to point


def test_a_network_too_large_for_a_hessian_is_as_sharp_as_the_hessian_says(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = run_of(updates=0)
    assert NETWORK.size > 16
    dense = read(timeline)["sharpness"].value
    monkeypatch.setattr("nnsim.core.curvature.DENSE", 16)
    assert read(timeline)["sharpness"].value == pytest.approx(dense, rel=1e-5)


def test_dead_units_answer_0_to_every_sample() -> None:
    timeline = run_of(updates=0)
    network = NETWORK.network
    assert network is not None
    network.weights(timeline.run.parameters, 0)[:, [1, 4]] = 0.0
    network.biases(timeline.run.parameters, 0)[[1, 4]] = -1.0
    network.biases(timeline.run.parameters, 1)[:] = 5.0
    first, second = (read(timeline)[f"dead units, layer {k}"] for k in (1, 2))
    a = reference.predict(SIZES[:2], ACTIVATIONS[:1], timeline.run.parameters, NETWORK.train.inputs)
    assert first.value == (a == 0.0).all(axis=0).sum() >= 2
    assert (first.whole, first.alarm) == (6.0, True)
    assert (second.value, second.whole, second.alarm) == (0.0, 5.0, False)
    assert "dead units, layer 3" not in read(timeline)


@pytest.mark.parametrize("activation", ["relu", "hard_tanh"])
def test_every_panel_has_the_same_number_of_dead_units(tmp_path: Path, activation: str) -> None:
    text = changed(CURVE, 'activations = ["tanh", "linear"]', f'activations = ["{activation}", "linear"]')
    text = changed(text, "sizes = [1, 8, 1]", "sizes = [1, 3, 1]")
    inputs = [[-1.0]] * 1200
    inputs[777] = [1.0]
    # The first unit answers one sample of many, the second none, the third all others.
    start = [0.75, 0.25, -0.75, -0.25, -2.0, -0.25, 1.0, 1.0, 1.0, 0.0]
    data = {"kind": "inline", "inputs": inputs, "targets": [[5.0]] * 1200}
    experiment = ready(tmp_path, text, start=start, data=data)
    timeline = experiment.timeline()
    found = {reading.name: reading for reading in Readings().readings(Scene(experiment, timeline), False)}
    words = "answer 0 to every sample" if activation == "relu" else "answer -1 or 1 to every sample"
    assert (found["dead units, layer 1"].value, found["dead units, layer 1"].note) == (1.0, words)
    assert Moment(experiment, timeline).dead == (DeadUnits(1, 1, 3),)
    assert column(experiment, timeline, "dead_share").values.tolist() == [1 / 3]
    assert f"Dead: 1 of 3 {'ReLU' if activation == 'relu' else activation} neurons {words}" in " ".join(
        tell(experiment, timeline).lines
    )


def test_penalty_clipping_and_noise_where_there_are_any() -> None:
    plain = read(run_of())
    assert not {"share of penalty", "clipping factor"} & plain.keys()
    assert "gradient noise" not in read(bowl_run())
    timeline = run_of(replace(NETWORK, penalty=Penalty(l2=0.1)), clipping=Clipping(norm=0.5))
    found, objective, run = read(timeline), timeline.objective, timeline.run
    whole, gradient = objective.loss_and_gradient(run.parameters, run.next_batch())
    weights = np.concatenate([w.ravel() for w, _ in reference.layers(SIZES, run.parameters)])
    assert found["share of penalty"].value == pytest.approx(0.1 * (weights**2).sum() / whole, rel=1e-12)
    length = np.linalg.norm(gradient)
    assert found["clipping factor"].value == pytest.approx(min(1.0, 0.5 / (length + 1e-6)), rel=1e-12)
    _, full = objective.loss_and_gradient(run.parameters)
    assert found["gradient noise"].value == pytest.approx(np.linalg.norm(gradient - full) / np.linalg.norm(full))
    each = np.array([objective.loss_and_gradient(run.parameters, np.array([k]))[1] for k in range(20)])
    law = each.var(axis=0).sum() / 8 * 12 / 19
    assert found["expected noise"].value == pytest.approx(np.sqrt(law) / np.linalg.norm(full), rel=1e-6)


def test_before_the_first_update_there_is_no_last_one() -> None:
    found = read(run_of(updates=0))
    assert [found[name].value for name in ("update / weights", "effective rate")] == [None, None]


def test_the_same_update_shows_the_same_numbers_again() -> None:
    timeline, readings = run_of(updates=6), Readings()
    scene = Scene(EXPERIMENT, timeline)
    before = readings.readings(scene, False)
    timeline.advance(20)
    timeline.seek(6)
    assert same(readings.readings(Scene(EXPERIMENT, timeline), False), before)


def test_what_costs_too_much_is_not_known_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = run_of()
    monkeypatch.setattr(module, "SECONDS_PLAYING", 0.0)
    for name in ("sharpness", "gradient noise", "dead units"):
        reading = read(timeline, playing=True)[name]
        assert (reading.value, reading.note) == (None, module.WHEN_PAUSED)
    assert read(timeline)["sharpness"].value is not None
    monkeypatch.setattr(module, "SECONDS", 0.0)
    assert read(timeline)["sharpness"].note == module.TOO_COSTLY


@pytest.mark.filterwarnings("error")
def test_a_run_that_diverges_has_readings_too() -> None:
    timeline = bowl_run(0, SGD(10.0))
    timeline.advance(10_000)
    assert timeline.stopped is not None
    assert read(timeline)["sharpness"].alarm
    timeline.run.parameters[:] = np.inf
    found = read(timeline)
    assert found["gradient norm"].alarm
    assert found["sharpness"].alarm


# --- the bars ---


def test_a_gauge_has_its_limit_in_the_middle() -> None:
    assert gauge(0.0, 2.0, 9, False) == "────│────"
    assert gauge(1.0, 2.0, 8, False) == "━━──│───"
    assert gauge(3.0, 2.0, 8, False) == "━━━━┃━──"
    assert gauge(1e9, 2.0, 8, False) == gauge(np.nan, 2.0, 8, True) == "━━━━┃━━━"
    assert gauge(1e-5, 1e-2, 8, True) == "────│───"
    assert gauge(1e1, 1e-2, 8, True) == "━━━━┃━━━"


def test_bars_are_drawn_on_powers_of_ten() -> None:
    assert decades([0.5, 0.002]) == (-3, 0)
    assert decades([5.0, 1e-8, 0.0, np.inf]) == (-9, 3)
    assert decades([]) == decades([1.0]) == (0, 3)
    assert (bar(1.0, (-3, 3), 6), bar(1e3, (-3, 3), 6), bar(1e-9, (-3, 3), 6)) == ("███", "██████", "▌")
    assert (bar(0.0, (-3, 3), 6), bar(np.nan, (-3, 3), 6), bar(np.inf, (-3, 3), 6)) == ("", "", "██████")
    assert (part(0, 32, 8), part(1, 32, 8), part(16, 32, 8)) == ("────────", "━───────", "━━━━────")


# --- the panel ---

SHOWN = (
    Reading("gradient norm", 0.5, "of the next batch"),
    Reading("layer 1", 1e-6, layer=1),
    Reading("layer 2", 0.5, layer=2),
    Reading("sharpness", 30.0, "over its limit here", 20.0, "2/η", alarm=True),
    Reading("gradient noise", None, "too slow to know here", 1.0, "signal"),
    Reading("dead units, layer 1", 5.0, "answer 0 to every sample", whole=16.0, alarm=True),
)


async def drawn(readings: tuple[Reading, ...], size: tuple[int, int], *keys: str) -> tuple[list[str], str]:
    panel = ReadingsView()
    async with PanelApp(panel).run_test(size=size) as pilot:
        panel.show(readings)
        panel.focus()
        await pilot.press(*keys)
        await pilot.pause()
        return lines_of(panel), screen_of(pilot.app)


async def test_every_reading_has_number_limit_and_word() -> None:
    lines, _ = await drawn(SHOWN, (100, 12))
    assert re.search(r"gradient norm +\+0\.5000 +of the next batch", lines[0])
    assert re.search(r"! sharpness +\+30\.0000 +━━━━━━┃━━─── +2/η 20 · over its limit here", lines[4])
    assert re.search(r"gradient noise +– +signal 1 · too slow to know here", lines[5])
    assert re.search(r"! dead units, layer 1 +5 of 16 +━━━━─+ +answer 0 to every sample", lines[6])
    assert lines[1].count("█") < lines[2].count("█") / 2
    assert "1e-6" in lines[3]
    assert "1e0" in lines[3]


async def test_a_narrow_panel_scrolls_to_the_last_line() -> None:
    lines, screen = await drawn(SHOWN, (38, 8))
    assert "lines 1 to 6 of 13" in screen
    assert "+0.5000" in lines[0]
    lines, screen = await drawn(SHOWN, (38, 8), "pagedown", "pagedown", "pagedown", "down")
    assert "lines 8 to 13 of 13" in screen
    assert "answer 0 to every s" in lines[-1]
    lines, _ = await drawn(SHOWN, (38, 8), "down", "up", "up")
    assert "gradient norm" in lines[0]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (12, 4), (40, 30)])
async def test_tiny_sizes(size: tuple[int, int]) -> None:
    hostile = (*SHOWN, Reading("[/]\x1b", np.nan, "\x07" * 60, np.inf, "[b]"))
    _, screen = await drawn(hostile, size, "down", "pagedown")
    assert len(screen.splitlines()) == size[1]
    assert not has_control_characters(screen)


async def test_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines, _ = await drawn(SHOWN, (100, 12))
    assert lines[4].lstrip().startswith("! sharpness")
