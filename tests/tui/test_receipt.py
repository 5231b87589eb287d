"""The receipt: every line computed again from its text, the chain rule beside the NumPy twin, the new value bit for
bit the core's; and its panel, which never cuts a result."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from driving import COURSE, experiment_of
from hypothesis import given, settings
from hypothesis import strategies as st
from own_scenarios import BOWL, CURVE, DOUBLE_WELL, FORMULA, XOR, ready
from panels import PanelApp, colors_of, has_control_characters, lines_of, screen_of, theme_color
from problems import random_network
from workings import computed

from nnsim.core.activations import NAMES
from nnsim.core.clipping import Clipping
from nnsim.core.formula import formula_surface
from nnsim.core.losses import LOSSES
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer
from nnsim.core.penalties import Penalty
from nnsim.core.schedules import StepDecay
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.parts.receipt import receipt
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.receipt import Receipt, ReceiptLine
from nnsim.tui.theme import DARK, LIGHT
from nnsim.tui.widgets.receipt import ReceiptView

SOME = experiment_of("bowl")  # a scene has to have one; a receipt does not look at it


def scene_of(
    objective: Objective,
    batch: int,
    parameter: int,
    sample: int = 0,
    updates: int = 2,
    optimizer: Optimizer | None = None,
    **options: Any,
) -> Scene:
    """A moment of a run on an objective, from a start of its own."""
    start = np.random.default_rng(1).uniform(-0.9, 0.9, objective.size)
    timeline = Timeline(objective, Settings(optimizer or Adam(0.01), batch, **options), start, seed=3)
    timeline.advance(updates)
    return Scene(SOME, timeline, Attention(parameter=parameter, sample=sample))


def of_experiment(experiment: Experiment, updates: int = 2, parameter: int = 0, sample: int = 0) -> Scene:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return Scene(experiment, timeline, Attention(parameter=parameter, sample=sample))


def made(scene: Scene) -> Receipt:
    made = receipt(scene)
    assert made is not None
    return made


def section(of: Receipt, title: str) -> tuple[ReceiptLine, ...]:
    return next(lines for name, lines in of.sections if title in name)


def lines_named(of: Receipt, name: str) -> list[ReceiptLine]:
    return [line for _, lines in of.sections for line in lines if line.name == name]


def check(scene: Scene) -> Receipt:
    """Compute every line of a receipt again, and hold its ends against the core's. Raises AssertionError."""
    found, index = made(scene), scene.attention.parameter
    run, gradient = scene.timeline.run, scene.gradient
    assert (found.old, found.new) == (run.parameters[index], run.proposal(gradient)[index])
    assert found.gradient == gradient[index]
    assert float(found.sections[-2][1][-1].result) == found.new
    for _, lines in found.sections:
        for line in lines:
            if not line.working or "'" in line.working or "such" in line.working:
                continue
            loose = any(name in line.working for name in ("exp(", "tanh(", "sigmoid(", "cos(", "cosh("))
            wanted = pytest.approx(float(line.result), rel=1e-12, abs=0.0) if loose else float(line.result)
            assert computed(line.working) == wanted, line
    check_mean(scene, found)
    return found


def check_mean(scene: Scene, found: Receipt) -> None:
    """The shares of the samples add up to the gradient, and what is left to rounding is no more than that."""
    count = len(scene.trace.batch)
    if count == 1:
        return
    lines = {line.name: line for line in section(found, "the mean")}
    without_penalty = replace(scene.timeline.objective, penalty=Penalty())
    _, gradient = without_penalty.loss_and_gradient(scene.timeline.run.parameters, scene.trace.batch)
    assert float(lines["g"].result) == gradient[scene.attention.parameter]
    shares = [float(line.result) for name, line in lines.items() if re.match(r"sample |\d+ more", name)]
    assert sum(shares) == float(lines["sum"].result)
    mean = float(lines["mean" if "mean" in lines else "g"].result)
    assert mean == float(lines["sum"].result) / count
    if "rounding of the sum" in lines:
        rounding = float(lines["rounding of the sum"].result)
        assert abs(rounding) <= 1e-14 * max(map(abs, shares))


def twin_gradient(scene: Scene, row: int) -> float:
    """The gradient of one sample's own loss, by the NumPy twin."""
    objective, batch = scene.timeline.objective, scene.trace.batch[row : row + 1]
    network = objective.network
    assert network is not None
    name = next(name for name, loss in LOSSES.items() if loss is objective.loss)
    _, gradient = reference.loss_and_gradient(
        network.sizes,
        network.activations,
        name,
        scene.timeline.run.parameters,
        objective.train.inputs[batch],
        objective.train.targets[batch],
    )
    return float(gradient[scene.attention.parameter])


def check_chain(scene: Scene) -> Receipt:
    """Hold the chain rule of the selected sample, and of all others that are named, against the twin."""
    found = check(scene)
    own = section(found, ": its gradient")[0]
    wanted = twin_gradient(scene, scene.attention.sample)
    assert float(own.result) == pytest.approx(wanted, rel=1e-10, abs=1e-13)
    if len(scene.trace.batch) > 1:
        rows = {f"sample {sample}": row for row, sample in enumerate(scene.trace.batch)}
        for line in section(found, "the mean"):
            if line.name in rows:
                assert float(line.result) == pytest.approx(twin_gradient(scene, rows[line.name]), rel=1e-10, abs=1e-13)
    return found


# --- networks ---


@pytest.mark.parametrize("activation", NAMES)
def test_every_activation_on_the_way_back(activation: str) -> None:
    objective = random_network((3, 5, 4, 2), (activation, activation, activation), "squared_error", 9)
    for parameter in (0, 7, 16, 30, 43, 47, 53):
        found = check_chain(scene_of(objective, 3, parameter, sample=1))
        assert "agree" in found.verdict or found.verdict == "both are 0"


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_at_the_end(loss: str) -> None:
    objective = random_network((3, 4, 3), ("tanh", "linear"), loss, 9)
    for parameter in (1, 13, 20, 30):
        found = check_chain(scene_of(objective, 3, parameter, sample=2))
        assert "agree" in found.verdict or found.verdict == "both are 0"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_network_any_parameter_any_sample(data: st.DataObject) -> None:
    sizes = tuple(data.draw(st.lists(st.integers(1, 12), min_size=2, max_size=5)))
    activations = tuple(data.draw(st.sampled_from(NAMES)) for _ in sizes[1:])
    objective = random_network(sizes, activations, data.draw(st.sampled_from(list(LOSSES))), 20)
    objective = replace(objective, penalty=Penalty(*data.draw(st.sampled_from([(0, 0), (0.01, 0.0), (0.01, 0.1)]))))
    batch = data.draw(st.integers(1, 20))
    parameter, sample = data.draw(st.integers(0, objective.size - 1)), data.draw(st.integers(0, batch - 1))
    limits = [Clipping(), Clipping(norm=0.1), Clipping(value=0.01), Clipping(1.0, 1e-3)]
    kind = OPTIMIZERS[data.draw(st.sampled_from(list(OPTIMIZERS)))]
    scene = scene_of(
        objective,
        batch,
        parameter,
        0,
        data.draw(st.integers(0, 3)),
        kind(learning_rate=0.01),
        clipping=data.draw(st.sampled_from(limits)),
    )
    if scene.timeline.stopped is None:
        sample = min(sample, len(scene.trace.batch) - 1)
        check_chain(replace(scene, attention=Attention(parameter=parameter, sample=sample)))


def test_the_chain_of_a_small_network_in_numbers(tmp_path: Path) -> None:
    experiment = ready(tmp_path, XOR.replace("[2, 8, 2]", "[2, 1, 2]"), start=[1.0, 2.0, 0.5, 0.25, -0.25, 0.0, 0.0])
    found = check_chain(of_experiment(experiment, 0, parameter=1, sample=3))
    a = float(np.tanh(3.5))
    p = 1.0 / (1.0 + np.exp(-0.5 * a))
    assert [title for title, _ in found.sections] == [
        "sample 3: back through layer 2, linear",
        "back through layer 1, tanh",
        "sample 3: its gradient",
        "the mean over the batch of 4",
        "Adam, update 1",
        "the new W1[2,1]: p is the old, lr the rate",
        "checked by central differences",
    ]
    assert [line.name for line in found.sections[0][1]] == [
        "p[1]",
        "dL/da2[1] = delta2[1]",
        "p[2]",
        "dL/da2[2] = delta2[2]",
    ]
    assert float(found.sections[0][1][1].result) == pytest.approx(p - 1.0, rel=1e-14)
    below, slope, delta = found.sections[1][1]
    assert (below.name, below.formula) == ("dL/da1[1]", "delta2[1] * W2[1,1] + delta2[2] * W2[1,2]")
    assert float(below.result) == pytest.approx(0.5 * (p - 1.0), rel=1e-14)
    assert (slope.name, slope.formula) == ("tanh'(z1[1])", "1 / cosh(z1[1])**2")
    assert float(slope.result) == pytest.approx(1.0 - a * a, rel=1e-12)
    assert (delta.name, delta.formula) == ("delta1[1]", "dL/da1[1] * tanh'(z1[1])")
    (own,) = found.sections[2][1]
    assert (own.name, own.formula, own.working) == ("dL/dW1[2,1]", "delta1[1] * x[2]", f"{delta.result} * 1")


def test_a_bias_is_weighed_with_1() -> None:
    found = check_chain(scene_of(random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 5), 5, 8))
    own = section(found, ": its gradient")[0]
    assert (found.parameter, own.formula) == ("b1[3]", "delta1[3] * 1")


def test_a_relu_that_is_off_lets_nothing_through() -> None:
    objective = random_network((2, 3, 1), ("relu", "linear"), "squared_error", 9)
    scenes = [scene_of(objective, 9, parameter, sample) for parameter in range(3) for sample in range(9)]
    off = [scene for scene in scenes if scene.trace.layers[0].z[scene.attention.sample, scene.attention.parameter] < 0]
    assert off
    for scene in off:
        found = check_chain(scene)
        label = f"[{scene.attention.parameter + 1}]"
        (slope,) = lines_named(found, f"relu'(z1{label})")
        assert (slope.formula, slope.result) == (f"1 if z1{label} > 0 else 0", "0")
        assert float(section(found, ": its gradient")[0].result) == 0.0


def test_wide_layers_name_a_few_neurons_and_still_add_up() -> None:
    objective = random_network((4, 40, 30, 10), ("relu", "tanh", "linear"), "cross_entropy", 60)
    scene = scene_of(objective, 50, 7, sample=11)
    found = check_chain(scene)
    assert [line.name for line in lines_named(found, "27 more")] == ["27 more"]
    assert len(lines_named(found, "7 more")) == 3
    assert sum(len(lines) for _, lines in found.sections) < 60
    shares = [line for line in section(found, "the mean") if line.name.startswith("sample ")]
    assert 5 <= len(shares) <= 6
    assert f"sample {scene.trace.batch[11]}" in {line.name for line in shares}
    own = {row: abs(twin_gradient(scene, row)) for row in range(50)}
    largest = sorted(own, key=lambda row: -own[row])[:5]
    assert {f"sample {scene.trace.batch[row]}" for row in largest} <= {line.name for line in shares}


def test_another_sample_changes_the_chain_and_not_the_update() -> None:
    objective = random_network((3, 6, 2), ("gelu", "linear"), "cross_entropy", 12)
    first, second = (made(scene_of(objective, 6, 4, sample)) for sample in (0, 5))
    assert first.sections[0] != second.sections[0]
    assert section(first, "the mean") == section(second, "the mean")
    assert (first.new, first.sections[-3:]) == (second.new, second.sections[-3:])


def test_a_batch_of_one_needs_no_mean() -> None:
    found = check_chain(scene_of(random_network((2, 1), ("linear",), "squared_error", 5), 1, 0))
    assert not [title for title, _ in found.sections if "mean" in title]


def test_what_is_selected_beyond_the_end_is_the_last(tmp_path: Path) -> None:
    scene = of_experiment(ready(tmp_path, CURVE), 1, parameter=999, sample=999)
    assert len(scene.trace.batch) == 1
    assert made(scene).parameter == "b2[1]"


def at_start(activation: str, loss: str, weights: list[float], biases: list[float], targets: list[float]) -> Scene:
    """The start of a layer of neurons with one input, which is 1."""
    samples = Samples(np.array([[1.0]]), np.array([targets]))
    objective = of_network(Network((1, len(targets)), (activation,)), loss, samples)
    timeline = Timeline(objective, Settings(SGD(0.1), 1), np.array([*weights, *biases]))
    return Scene(SOME, timeline, Attention(parameter=0))


@pytest.mark.parametrize(
    ("activation", "loss", "weights", "targets", "gradient"),
    [
        ("linear", "cross_entropy", [20.0, 0.0], [1.0, 0.0], -4.248354255291589e-18),
        ("linear", "cross_entropy", [-20.0, 0.0], [0.0, 1.0], 4.248354255291589e-18),
        ("linear", "cross_entropy_of_sigmoids", [20.0, 0.0], [1.0, 0.0], -4.248354255291589e-18 / 3.0),
        ("linear", "binary_cross_entropy", [20.0], [1.0], -4.248354255291589e-18),
        ("linear", "log_loss_of_sigmoids", [20.0, 0.0], [1.0, 0.0], -4.248354255291589e-18),
        ("sigmoid", "half_squared_error", [20.0], [0.0], 4.248354255291589e-18),
        ("sigmoid", "half_squared_error", [-20.0], [1.0], -4.248354255291589e-18),
        ("tanh", "half_squared_error", [10.0], [0.0], 4.0 * 4.248354255291589e-18),
        ("linear", "cross_entropy", [0.0, 0.0, 0.0], [0.333333, 0.333333, 0.333333], 0.0),
        ("linear", "cross_entropy", [1.0, 0.0], [0.25, 0.750001], np.exp(2.0) / (1.0 + np.exp(2.0)) * 1.000001 - 0.25),
    ],
)
def test_what_is_left_of_a_sure_answer_multiplies_out(
    activation: str, loss: str, weights: list[float], targets: list[float], gradient: float
) -> None:
    found = check(at_start(activation, loss, weights, weights, targets))
    assert found.gradient == pytest.approx(gradient, rel=1e-14, abs=0.0)
    assert float(section(found, ": its gradient")[0].result) == pytest.approx(gradient, rel=1e-12, abs=0.0)
    assert "agree" in found.verdict.replace("disagree", "") or found.verdict == "both are 0"


# --- surfaces ---


def test_the_squared_error_of_the_course_in_numbers() -> None:
    found = check(of_experiment(experiment_of("squared-error"), 0))
    assert [(title, [(line.formula, line.result) for line in lines]) for title, lines in found.sections[:2]] == [
        ("dL/dy of the surface", [("(y - 500)^2", ""), ("at y = 350", "-300")]),
        ("the new y: p is the old, lr the rate", [("p - lr * g", "380")]),
    ]
    assert (found.parameter, found.update, found.old, found.new, found.gradient) == ("y", 1, 350.0, 380.0, -300.0)
    assert found.numeric == pytest.approx(-300.0, rel=1e-9)
    assert found.relative_error == abs(found.numeric + 300.0) / max(abs(found.numeric), 300.0)


@pytest.mark.parametrize("scenario", COURSE)
def test_every_scenario_of_the_course(scenario: str) -> None:
    for updates in (0, 3):
        for parameter in (0, -1):
            experiment = experiment_of(scenario)
            index = parameter % experiment.objective.size
            verdict = check(of_experiment(experiment, updates, index)).verdict
            assert "agree" in verdict or verdict == "both are 0"


def test_tilts_are_added_to_the_slope_of_the_surface(tmp_path: Path) -> None:
    scene = of_experiment(ready(tmp_path, DOUBLE_WELL), 2, sample=1)
    found, w = check(scene), float(scene.timeline.run.parameters[0])
    slope = section(found, "of the surface")[1]
    assert float(slope.result) == (w + 2.0) * (w - 1.0) * (w - 3.0)
    shares = [line for line in section(found, "the mean") if line.name.startswith("sample ")]
    tilts = scene.timeline.objective.train.inputs[scene.trace.batch, 0]
    assert [float(line.result) for line in shares] == [float(slope.result) + tilt for tilt in tilts]
    assert [line.name for line in shares] == [f"sample {sample}" for sample in scene.trace.batch]


def test_the_second_parameter_of_a_surface(tmp_path: Path) -> None:
    found = check(of_experiment(ready(tmp_path, BOWL), 1, parameter=1))
    assert (found.parameter, found.gradient) == ("w2", -1.5)


# --- penalty, clipping, schedule ---


def test_the_penalty_on_a_weight_and_none_on_a_bias() -> None:
    objective = replace(random_network((2, 1), ("linear",), "squared_error", 4), penalty=Penalty(l1=0.25, l2=0.5))
    scene = scene_of(objective, 4, 0)
    w, data = float(scene.timeline.run.parameters[0]), twin_batch(scene)
    with_l2, with_l1 = section(check_chain(scene), "the penalty")
    assert (with_l2.formula, with_l1.formula) == ("g + 2 * l2 * w", "g + l1" if w > 0 else "g - l1")
    assert float(with_l2.result) == pytest.approx(data + w, rel=1e-12)
    assert float(with_l1.result) == scene.gradient[0]
    (bias,) = section(check_chain(scene_of(objective, 4, 2)), "the penalty")
    assert "biases are not penalised" in bias.formula


def twin_batch(scene: Scene) -> float:
    """The gradient of the batch's loss, without the penalty, by the twin."""
    return float(np.mean([twin_gradient(scene, row) for row in range(len(scene.trace.batch))]))


def test_clipping_by_norm_and_by_value() -> None:
    objective = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 6)
    free = scene_of(objective, 6, 0)
    norm = float(np.linalg.norm(free.gradient))
    clipped = scene_of(objective, 6, 0, updates=0, optimizer=SGD(0.1), clipping=Clipping(norm=0.01, value=1e-4))
    lines = section(check(clipped), "clipping")
    assert [line.name for line in lines] == ["norm", "scale", "g", "g"]
    assert lines[0].formula == "of all 13 gradients"
    assert lines[3].formula == "max(-limit, min(limit, g))"
    loose = scene_of(objective, 6, 0, clipping=Clipping(norm=100.0 * norm))
    assert section(check(loose), "clipping")[-1].formula == "unchanged: the scale is not below 1"


def test_the_rate_of_a_schedule_is_the_one_that_is_used() -> None:
    objective = random_network((2, 1), ("linear",), "squared_error", 4)
    scene = scene_of(objective, 4, 0, updates=4, optimizer=SGD(0.5), schedule=StepDecay(2, 0.1, unit="update"))
    found = check(scene)
    (rate,) = section(found, "the schedule")
    assert (rate.name, rate.formula) == ("lr", "times 0.1 every 2 updates, from 0.5")
    assert rate.result in section(found, "the new")[0].working


def test_the_optimizers_state_before_and_after() -> None:
    objective = random_network((2, 1), ("linear",), "squared_error", 4)
    scene = scene_of(objective, 4, 1, updates=3, optimizer=AdamW(0.1, amsgrad=True))
    lines = section(check(scene), "AdamW")
    before = {line.name: float(line.result) for line in lines if line.name.endswith(" before")}
    after = {line.name: float(line.result) for line in lines}
    slots = ("m", "v", "largest v")
    assert [before[f"{slot} before"] for slot in slots] == scene.timeline.run.state[:, 1].tolist()
    scene.timeline.advance(1)
    assert [after[slot] for slot in slots] == scene.timeline.run.state[:, 1].tolist()


def test_another_optimizer_counts_its_updates_anew() -> None:
    objective = random_network((2, 1), ("linear",), "squared_error", 4)
    scene = scene_of(objective, 4, 1, updates=3, optimizer=SGD(0.1))
    scene.timeline.change(Settings(Adam(0.01), 4))
    scene.timeline.advance(1)
    found = check(replace(scene))
    assert found.update == 5
    assert "Adam, update 2" in {title for title, _ in found.sections}


# --- when there is something to say, and when not ---


def test_a_run_that_has_stopped_has_no_receipt(tmp_path: Path) -> None:
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=1e200)
    timeline = experiment.timeline()
    timeline.advance(50)
    assert timeline.stopped is not None
    assert receipt(Scene(experiment, timeline)) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", ["log(x)", "1/x", "sqrt(x)", "x*1e300*1e300"])
def test_numbers_that_are_not_finite_are_no_accident(tmp_path: Path, text: str) -> None:
    experiment = ready(tmp_path, FORMULA, surface={"kind": "formula", "text": "x"}, start=[0.0])
    experiment = replace(experiment, objective=of_surface(formula_surface(text)))
    found = made(Scene(experiment, experiment.timeline()))
    assert "cannot be compared" in found.verdict or "agree" in found.verdict


def test_the_same_moment_has_the_same_receipt_again() -> None:
    scene = scene_of(random_network((2, 4, 1), ("tanh", "linear"), "squared_error", 9), 3, 5)
    before = made(scene)
    scene.timeline.advance(20)
    scene.timeline.seek(2)
    assert made(replace(scene)) == before


def test_a_kink_is_called_one(tmp_path: Path) -> None:
    experiment = ready(tmp_path, FORMULA, surface={"kind": "formula", "text": "abs(x)+x"}, start=[1e-6])
    assert "kink" in made(Scene(experiment, experiment.timeline())).verdict


# --- the panel ---

LONG = Receipt(
    parameter="W1[1,1]",
    update=12345,
    old=-0.12345678901234567,
    new=-1.2345678901234567e-105,
    sections=(
        (
            "sample 3: back through layer 2, leaky_relu",
            (
                ReceiptLine("sum", "a + b", " + ".join(["(-0.12345678901234567)"] * 6), "-0.7407407340740740"),
                ReceiptLine("m before", "", "", "-1.2345678901234567e-105"),
                ReceiptLine("rest", "", "2 * 3", "6"),
            ),
        ),
        ("the new W1[1,1]", (ReceiptLine("W1[1,1]", "p - lr * g", "1 - 2 * 3**2", "-1.2345678901234567e-105"),)),
        ("checked by central differences", (ReceiptLine("exact g", "", "", "0.25"),)),
    ),
    gradient=0.25,
    numeric=0.25,
    relative_error=0.0,
    verdict="they agree to 9 digits",
)


class Shown:
    """A panel with a receipt at a size: all its rows, from the top to the end."""

    def __init__(self, size: tuple[int, int], ascii_only: bool = False, theme: str = DARK.name) -> None:
        self.panel, self.size = ReceiptView(id="receipt"), size
        self.app = PanelApp(self.panel)
        vars(self.app)["ascii"] = ascii_only
        self.theme = theme

    async def rows(self, shown: Receipt | None) -> list[str]:
        async with self.app.run_test(size=self.size) as pilot:
            self.app.theme = self.theme
            self.panel.show(shown)
            await pilot.pause()
            rows = lines_of(self.panel)
            while self.panel.scroll_offset.y < self.panel.max_scroll_y:
                self.panel.scroll_relative(y=max(1, self.panel.size.height - 5), animate=False)
                await pilot.pause()
                rows += lines_of(self.panel)
            return rows


@pytest.mark.parametrize("size", [(38, 11), (30, 11), (70, 40), (100, 20)])
async def test_every_result_is_whole_at_any_width(size: tuple[int, int]) -> None:
    rows = await Shown(size).rows(LONG)
    text = "\n".join(rows)
    for _, lines in LONG.sections:
        for line in lines:
            assert any(row.rstrip(" ▁▂▃▄▅▆▇█").endswith(f" {line.result}") for row in rows), line
            for word in line.working.replace("**", "^").replace("*", "×").split():
                assert word in text
    assert any("they agree to 9 digits" in row for row in rows)
    assert rows[0].split()[0] == "W1[1,1]"
    assert any(repr(LONG.old) in row for row in rows[:2])


async def test_results_stand_below_each_other() -> None:
    rows = await Shown((70, 40)).rows(LONG)
    ends = {
        row.index(result) + len(result) for row in rows for result in (" 6", "0.25", repr(LONG.new)) if result in row
    }
    assert len(ends) == 1


async def test_old_and_new_stay_while_the_rest_scrolls() -> None:
    panel = ReceiptView()
    async with PanelApp(panel).run_test(size=(38, 11)) as pilot:
        panel.show(LONG)
        panel.focus()
        await pilot.pause()
        first = lines_of(panel)[:2]
        assert "they agree" not in screen_of(pilot.app)
        for key in ("pagedown",) * 6:
            await pilot.press(key)
        await pilot.pause()
        assert lines_of(panel)[:2] == first
        assert "they agree to 9 digits" in screen_of(pilot.app)
        await pilot.press("up", "pageup", "down")
        taken = panel._bindings.key_to_bindings.keys()
        assert not {"left", "right", "home", "end", "x"} & set(taken)


async def test_another_parameter_begins_at_the_top_and_the_same_one_stays() -> None:
    panel = ReceiptView()
    async with PanelApp(panel).run_test(size=(38, 11)) as pilot:
        panel.show(LONG)
        await pilot.pause()
        panel.scroll_to(y=5, animate=False)
        await pilot.pause()
        panel.show(replace(LONG, update=12346))
        await pilot.pause()
        assert panel.scroll_offset.y == 5
        panel.show(replace(LONG, parameter="W1[1,2]"))
        await pilot.pause()
        assert panel.scroll_offset.y == 0


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_the_new_value_is_in_the_accent(theme: str) -> None:
    panel = ReceiptView()
    async with PanelApp(panel).run_test(size=(70, 40)) as pilot:
        pilot.app.theme = theme
        panel.show(LONG)
        await pilot.pause()
        assert colors_of(panel, repr(LONG.new)) >= {theme_color(panel, "primary")}
        assert colors_of(panel, "0.25") == {theme_color(panel, "foreground")}
        assert theme_color(panel, "primary") not in colors_of(panel, "p - lr")


async def test_without_a_next_update_it_says_so() -> None:
    assert "no next update" in " ".join(await Shown((70, 10)).rows(None))


async def test_a_receipt_in_ascii() -> None:
    rows = await Shown((70, 40), ascii_only=True).rows(LONG)
    assert all(row.isascii() and "?" not in row for row in rows)
    assert any("2 * 3^2" in row for row in rows)


async def test_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert any("they agree" in row for row in await Shown((70, 40)).rows(LONG))


@pytest.mark.parametrize("text", ["[/]", "[bold]x[/bold]", "a\x1b[31mb\x07\u202e", "日本"])
async def test_names_from_files_are_text(text: str) -> None:
    line = ReceiptLine(text, text, text, "0.5")
    sections = ((text, (line,)), *LONG.sections[1:])
    rows = await Shown((50, 20)).rows(replace(LONG, parameter=text, sections=sections))
    assert not any(has_control_characters(row) for row in rows)
    assert any(row.rstrip().endswith(" 0.5") for row in rows)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (8, 4), (20, 5)])
async def test_tiny_terminals(size: tuple[int, int]) -> None:
    for shown in (LONG, None):
        panel = ReceiptView()
        async with PanelApp(panel).run_test(size=size) as pilot:
            panel.show(shown)
            panel.focus()
            await pilot.press("down", "pagedown", "up", "pageup")


async def test_a_real_receipt_reads_to_its_end(tmp_path: Path) -> None:
    found = made(of_experiment(experiment_of("crowd"), 2, 70, 1))
    for size in ((38, 11), (70, 40)):
        rows = await Shown(size).rows(found)
        assert sum(row.rstrip(" ▁▂▃▄▅▆▇█").endswith(f" {found.new!r}") for row in rows) >= 2
        assert found.verdict in " ".join(row.strip() for row in rows)
