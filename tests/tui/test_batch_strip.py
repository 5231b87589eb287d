"""The batch strip: its numbers against the plain twin, the order of its epochs, and what stands on the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from driving import experiment_of
from own_scenarios import BINARY_XOR, BOWL, CURVE, DOUBLE_WELL, HEAD, LINE, XOR, changed, ready
from panels import PanelApp, lines_of, segments_of, theme_color
from problems import targets_for
from textual import on

from nnsim.core.losses import LOSSES
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.timeline import Timeline
from nnsim.core.trace import trace
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.numbers import fixed
from nnsim.tui.parts.batch import batch, order_of_epoch
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.batch import BatchStrip
from nnsim.tui.widgets.batch_strip import BatchStripView


def strip_of(experiment: Experiment, updates: int = 0, sample: int = 0) -> tuple[BatchStrip, Timeline]:
    timeline = experiment.timeline()
    timeline.advance(updates)
    part = batch(Scene(experiment, timeline, Attention(sample=sample)))
    assert part is not None
    return part, timeline


# --- the part ---


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_samples_own_loss_is_the_twins(loss: str) -> None:
    sizes, activations = (3, 4, 2), ("tanh", "linear")
    rng = np.random.default_rng(5)
    samples = Samples(rng.standard_normal((20, 3)), targets_for(loss, (20, 2), rng))
    objective = of_network(Network(sizes, activations), loss, samples)
    parameters, chosen = rng.standard_normal(objective.size), rng.permutation(20)[:7]
    found = trace(objective, parameters, chosen)
    outputs = reference.predict(sizes, activations, parameters, samples.inputs[chosen])
    expected, _ = reference.LOSSES[loss](outputs, samples.targets[chosen])
    assert found.sample_losses == pytest.approx(expected, rel=1e-12)
    assert found.sample_losses.mean() == pytest.approx(found.loss, rel=1e-13)


def test_the_errors_of_a_regression_are_in_the_targets_unit(tmp_path: Path) -> None:
    part, timeline = strip_of(ready(tmp_path, CURVE), 6)
    train, run = timeline.objective.train, timeline.run
    outputs = reference.predict((1, 8, 1), ("tanh", "linear"), run.parameters, train.inputs[part.samples])
    assert part.samples.tolist() == run.next_batch().tolist()
    assert part.answers == pytest.approx(100 * outputs[:, 0], rel=1e-12)
    assert part.errors == pytest.approx(100 * (outputs - train.targets[part.samples])[:, 0], rel=1e-11)
    assert part.losses == pytest.approx((outputs - train.targets[part.samples])[:, 0] ** 2 / 2, rel=1e-11)
    assert part.right is None
    assert part.labels == tuple(f"{100 * t:g} metres" for t in train.targets[part.samples, 0])
    assert part.label_width == len("100 metres")


def test_classes_are_right_or_wrong_with_their_probability(tmp_path: Path) -> None:
    part, timeline = strip_of(ready(tmp_path, XOR), 3)
    outputs = reference.predict((2, 8, 2), ("tanh", "linear"), timeline.run.parameters, timeline.objective.train.inputs)
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    likeliest, classes = outputs.argmax(axis=1), np.array([0, 1, 1, 0])
    assert part.answers is not None
    assert part.right is not None
    assert part.answers.tolist() == likeliest.tolist()
    assert part.right.tolist() == (likeliest == classes).tolist()
    assert set(part.right.tolist()) == {True, False}
    assert part.errors == pytest.approx(shares.max(axis=1) - (likeliest == classes), rel=1e-12)
    assert part.labels == ("class 1", "class 2", "class 2", "class 1")
    assert part.classes == ("class 1", "class 2")


@pytest.mark.parametrize("text", [XOR, BINARY_XOR, changed(XOR, '"cross_entropy"', '"binary_cross_entropy"')])
async def test_a_tie_is_no_answer_and_not_right(tmp_path: Path, text: str) -> None:
    zeros = '[network]\nweights = { kind = "zeros" }\nbiases = { kind = "zeros" }'
    part, _ = strip_of(ready(tmp_path, changed(text, "[network]", zeros)))
    assert part.answers is not None
    assert part.right is not None
    assert np.isnan(part.answers).all()
    assert not part.right.any()
    async with Shown(part) as shown:
        assert "\n".join(shown.lines).count(" tie ") == 4


@pytest.mark.parametrize(("loss", "low"), [("binary_cross_entropy", 0), ("hinge", -1)])
def test_a_single_output_answers_one_of_two_classes(tmp_path: Path, loss: str, low: int) -> None:
    targets = "[[0.0], [1.0], [1.0], [0.0]]"
    text = changed(
        changed(BINARY_XOR, '"binary_cross_entropy"', f'"{loss}"'), targets, targets.replace("0.0", f"{low}")
    )
    part, timeline = strip_of(ready(tmp_path, text), 4)
    outputs = reference.predict((2, 3, 1), ("tanh", "linear"), timeline.run.parameters, timeline.objective.train.inputs)
    assert part.right is not None
    assert part.answers is not None
    assert part.answers.tolist() == np.where(outputs[:, 0] > 0, 1, low).tolist()
    assert part.right.tolist() == ((outputs[:, 0] > 0) == np.array([False, True, True, False])).tolist()
    answers = 1 / (1 + np.exp(-outputs[:, 0])) if loss == "binary_cross_entropy" else outputs[:, 0]
    assert part.errors == pytest.approx(answers - np.array([low, 1, 1, low]), rel=1e-12)


def test_of_several_outputs_the_one_that_is_off_most_counts() -> None:
    rng = np.random.default_rng(0)
    objective = of_network(Network((2, 3), ("linear",)), "squared_error", Samples(np.eye(2), rng.normal(size=(2, 3))))
    crowd = experiment_of("crowd")
    experiment = Experiment("three", crowd.scenario, objective, replace(crowd.settings, batch_size=2))
    timeline = Timeline(objective, experiment.settings, rng.normal(size=9))
    part = batch(Scene(experiment, timeline))
    assert part is not None
    errors = objective.outputs(timeline.run.parameters, np.eye(2)) - objective.train.targets
    assert part.errors is not None
    assert np.abs(part.errors).tolist() == np.abs(errors).max(axis=1).tolist()
    assert part.labels[0].count(",") == 2


def test_a_surface_has_tilts_or_no_samples(tmp_path: Path) -> None:
    part, timeline = strip_of(ready(tmp_path, DOUBLE_WELL), 5)
    tilts, w = timeline.objective.train.inputs[part.samples, 0], timeline.run.parameters
    assert part.losses == pytest.approx(reference.double_well(w)[0] + tilts * w[0], rel=1e-12)
    assert [float(label) for label in part.labels] == pytest.approx(tilts, rel=1e-3)
    assert (part.answers, part.errors, part.right) == (None, None, None)
    experiment = ready(tmp_path, BOWL)
    assert batch(Scene(experiment, experiment.timeline())) is None


@pytest.mark.parametrize("order", ["shuffled", "fixed", "with_replacement"])
def test_the_order_is_that_of_the_batches_that_come_and_came(tmp_path: Path, order: str) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL, batches__size=5, batches__order=order)
    timeline, epochs = experiment.timeline(), []
    for _ in range(4):
        orders = []
        for number in range(4):
            part = batch(Scene(experiment, timeline))
            assert part is not None
            assert part.begin == 5 * number
            assert part.order[part.begin : part.begin + len(part.samples)].tolist() == part.samples.tolist()
            assert (len(part.samples), part.size) == (5 if number < 3 else 1, 5)
            assert part.last_order.tolist() == (epochs[-1] if epochs else [])
            orders += timeline.run.next_batch().tolist()
            timeline.advance(1)
        assert part.order.tolist() == orders
        epochs.append(orders)


def test_the_order_stays_true_when_the_batch_size_changes_on_the_way(tmp_path: Path) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL)
    timeline = experiment.timeline()
    seen: dict[int, list[int]] = {}
    for updates, size in ((2, 4), (3, 3), (1, 16), (2, 16), (1, 7), (9, 2)):
        timeline.change(replace(timeline.run.settings, batch_size=size))
        for _ in range(updates):
            seen.setdefault(timeline.run.place.epoch, []).extend(timeline.run.next_batch().tolist())
            timeline.advance(1)
    last = timeline.run.place.epoch
    assert len(seen) == last + 1 > 3
    for epoch, samples in seen.items():
        assert order_of_epoch(timeline, epoch)[: len(samples)].tolist() == samples
        assert len(order_of_epoch(timeline, epoch)) == 16


def test_the_selected_sample_lies_in_the_batch(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    assert strip_of(experiment, 0, sample=1)[0].selected == 1
    assert strip_of(experiment, 1, sample=1)[0].selected == 0
    assert strip_of(experiment, 0, sample=-3)[0].selected == 0


# --- what stands on the screen ---


class Watched(PanelApp):
    def __init__(self, panel: BatchStripView) -> None:
        super().__init__(panel)
        self.selected: list[int] = []

    @on(BatchStripView.SampleSelected)
    def note(self, event: BatchStripView.SampleSelected) -> None:
        self.selected.append(event.place)


class Shown:
    """A batch on a screen."""

    def __init__(self, part: BatchStrip, size: tuple[int, int] = (70, 14), ascii_only: bool = False) -> None:
        self.panel, self.part = BatchStripView(id="batch"), part
        self.app = Watched(self.panel)
        self.app.ascii = ascii_only  # type: ignore[attr-defined]
        self.running = self.app.run_test(size=size)

    async def __aenter__(self) -> Shown:
        self.pilot = await self.running.__aenter__()
        self.panel.show(self.part)
        await self.pilot.pause()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.running.__aexit__(*error)

    async def press(self, *keys: str) -> None:
        self.panel.focus()
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        return lines_of(self.panel)

    def colours_of(self, glyph: str, row: int) -> set[str]:
        found = [segment.style for segment in segments_of(self.panel)[row] if glyph in segment.text]
        return {style.color.get_truecolor().hex for style in found if style and style.color}


def crowd(**changes: Any) -> BatchStrip:
    """A batch of 32 out of 2000 samples."""
    rng = np.random.default_rng(1)
    order, last = rng.permutation(2000), rng.permutation(2000)
    samples = order[224:256]
    errors = np.linspace(-300.0, 400.0, 32)
    part = BatchStrip(
        samples=samples,
        labels=tuple(f"{sample % 1000} people" for sample in samples),
        label_width=10,
        losses=errors**2 / 1e6,
        answers=samples % 1000 + errors,
        errors=errors,
        right=None,
        size=32,
        order=order,
        begin=224,
        last_order=last,
        selected=0,
    )
    return replace(part, **changes)


async def test_a_row_has_the_sample_its_target_and_how_far_off_the_answer_is() -> None:
    part = crowd()
    assert part.errors is not None
    assert part.answers is not None
    async with Shown(part) as shown:
        assert "samples 225 to 256 of 2000 in this epoch" in shown.lines[0]
        assert shown.lines[0].rstrip().endswith("1-8 of 32")
        assert shown.lines[1].split() == ["sample", "target", "answer", "error", "loss"]
        for place in range(8):
            row = shown.lines[2 + place].replace("›", " ")
            numbers = [fixed(float(part.answers[place]), 9), fixed(float(part.errors[place]), 9)]
            loss = fixed(float(part.losses[place]), 9).replace("+", " ", 1)
            assert row.split()[:6] == [
                str(part.samples[place]),
                *part.labels[place].split(),
                *" ".join([*numbers, loss]).split(),
            ]
            assert ("━" in row) == (part.losses[place] > 0)


async def test_at_38_columns_error_and_loss_have_room() -> None:
    part = crowd()
    async with Shown(part, (38, 11)) as shown:
        assert shown.lines[1].split() == ["#", "target", "error", "loss"]
        assert shown.lines[2].split() == ["›", str(part.samples[0]), *part.labels[0].split(), "-300.00", "0.0900"]


async def test_the_bar_grows_with_the_loss() -> None:
    losses = np.array([4.0, 2.0, 1.0, 0.0, np.inf, np.nan])
    part = crowd(losses=np.resize(losses, 32))
    async with Shown(part, (90, 14)) as shown:
        bars = [line.count("━") for line in shown.lines[2:8]]
        assert bars[0] == pytest.approx(2 * bars[1], abs=1) == pytest.approx(4 * bars[2], abs=3)
        assert bars[3:6] == [0, bars[0], 0]
        assert theme_color(shown.panel, "error") in shown.colours_of("inf", 6)
        assert theme_color(shown.panel, "error") in shown.colours_of("nan", 7)


async def test_the_short_last_batch_of_an_epoch_is_named() -> None:
    part = crowd()
    short = replace(
        part,
        samples=part.order[1984:],
        begin=1984,
        labels=part.labels[:16],
        losses=part.losses[:16],
        errors=np.zeros(16),
        answers=np.zeros(16),
    )
    async with Shown(short) as shown:
        assert shown.lines[0].startswith("last batch of the epoch: 16 of 32")
    async with Shown(replace(short, size=16), (60, 14)) as shown:
        assert "last batch" in shown.lines[0]
        assert "16 of 16" not in shown.lines[0].split("1-")[0]


async def test_the_order_of_this_epoch_is_beside_that_of_the_last() -> None:
    part = crowd(selected=9)
    async with Shown(part, (111, 14)) as shown:  # 96 cells for 2000 samples
        this, last = shown.lines[-2], shown.lines[-1]
        assert this.startswith("this epoch ")
        assert last.startswith("last epoch ")
        cells = {place * 96 // 2000 for place in range(224, 256)}
        assert {number for number, glyph in enumerate(this[11:107]) if glyph in "█◆"} == cells
        assert this[11:107].index("◆") == 233 * 96 // 2000
        assert this[11 + max(cells) + 1 : 107] == "─" * (95 - max(cells))
        assert this[11 : 11 + min(cells)] == "━" * min(cells)
        where = [int(np.flatnonzero(part.last_order == sample)[0]) * 96 // 2000 for sample in part.samples]
        assert {number for number, glyph in enumerate(last[11:107]) if glyph in "█◆"} == set(where)
        assert last[11:107].index("◆") == where[9]
        assert len(set(where)) > 3 * len(cells)
        assert theme_color(shown.panel, "secondary") in shown.colours_of("█", 11)
        assert theme_color(shown.panel, "primary") in shown.colours_of("◆", 11)


async def test_few_samples_have_their_numbers_in_the_order(tmp_path: Path) -> None:
    part, timeline = strip_of(ready(tmp_path, XOR, batches__size=2), 5)
    async with Shown(part, (50, 12)) as shown:
        for line, order in ((shown.lines[-2], part.order), (shown.lines[-1], part.last_order)):
            assert re.findall(r"\d", line) == [str(sample) for sample in order]
        assert re.findall(r"\[(.*?)\]", shown.lines[-2]) == [" ".join(map(str, timeline.run.next_batch()))]
        inside = " ".join(re.findall(r"\[(.*?)\]", shown.lines[-1])).split()
        assert sorted(inside) == sorted(map(str, part.samples))


async def test_the_first_epoch_has_none_before_it() -> None:
    async with Shown(crowd(last_order=np.zeros(0, dtype=np.int64))) as shown:
        assert shown.lines[-1].rstrip() == "last epoch none yet"


async def test_right_and_wrong_are_told_by_a_glyph() -> None:
    right = np.arange(32) % 3 > 0
    part = crowd(
        right=right,
        answers=np.arange(32) % 2.0,
        label_width=7,
        labels=("class 1",) * 32,
        classes=("class 0", "class 1"),
    )
    for ascii_only, glyphs in ((False, "✗✓"), (True, "xv")):
        async with Shown(part, ascii_only=ascii_only) as shown:
            for place in range(8):
                assert glyphs[int(right[place])] in shown.lines[2 + place][20:50]
                assert f"class {place % 2} " in shown.lines[2 + place][17:]
            assert not ascii_only or "\n".join(shown.lines).isascii()


async def test_a_surface_shows_its_tilts(tmp_path: Path) -> None:
    part, _ = strip_of(ready(tmp_path, DOUBLE_WELL), 5)
    async with Shown(part) as shown:
        assert shown.lines[1].split() == ["sample", "tilt", "loss"]
        assert part.labels[0] in shown.lines[2]


async def test_keys_and_clicks_select_a_sample() -> None:
    async with Shown(crowd()) as shown:
        await shown.press("down", "down", "up", "pagedown", "pageup", "up", "up")
        assert shown.app.selected == [1, 2, 1, 9, 1, 0]
        region = shown.panel.content_region
        await shown.pilot.click(offset=(region.x + 5, region.y + 2 + 6))
        assert shown.app.selected[-1] == 6
        assert shown.lines[8].startswith("›")
        assert shown.colours_of("›", 8) == {theme_color(shown.panel, "primary")}
        for row in (0, 1, 10, 11):
            await shown.pilot.click(offset=(region.x + 5, region.y + row))
        assert shown.app.selected[-1] == 6
        await shown.press(*["pagedown"] * 6)
        assert shown.app.selected[-1] == 31
        assert "25-32 of 32" in shown.lines[0]
        await shown.pilot.click(offset=(region.x + 5, region.y + 2 + 3))
        assert shown.app.selected[-1] == 27
        assert "25-32 of 32" in shown.lines[0]


async def test_a_large_batch_draws_only_what_is_in_sight() -> None:
    part = crowd()
    full = replace(
        part,
        samples=np.arange(2000),
        labels=("5 people",) * 2000,
        losses=np.arange(2000.0),
        errors=np.arange(2000.0),
        answers=np.arange(2000.0),
        size=2000,
        order=np.arange(2000),
        last_order=np.arange(2000),
        begin=0,
        selected=1234,
    )
    async with Shown(full, (90, 14)) as shown:
        assert "every update uses all 2000 samples, in their own order" in shown.lines[0]
        assert [line.split()[0].lstrip("›") or line.split()[1] for line in shown.lines[2:10]] == [
            str(place) for place in range(1232, 1240)
        ]


async def test_a_wide_unit_and_markup_stay_text(tmp_path: Path) -> None:
    text = changed(LINE, 'unit = "metres"', 'unit = "[bold]a very long unit of measure[/] \\u001b[31m"')
    part, _ = strip_of(ready(tmp_path, text))
    for size in ((70, 12), (30, 8), (12, 5), (5, 3)):
        async with Shown(part, size) as shown:
            assert "\x1b" not in "".join(shown.lines)
            assert all(len(line) == shown.panel.size.width for line in shown.lines)
    assert HEAD in text
