"""The network diagram: its numbers against the plain twin, what each phase knows, what is folded, keys and clicks."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reference
from driving import experiment_of
from own_scenarios import BINARY_XOR, BOWL, CURVE, XOR, ready
from panels import PanelApp, lines_of, segments_of, theme_color
from problems import random_network
from textual import on
from textual.binding import Binding
from textual.color import Color

from nnsim.core.network import Network
from nnsim.core.phases import Phase, phases
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.numbers import tight
from nnsim.tui.parts.diagram import diagram
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.network import Diagram, DiagramLayer
from nnsim.tui.theme import DARK, LIGHT
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.diagram import DiagramView
from nnsim.tui.widgets.network_drawing import Drawing
from nnsim.tui.widgets.network_layout import layout
from nnsim.tui.widgets.palette import Palette, colour_number

SIZES = ((38, 11), (64, 12), (60, 20), (100, 40))
NETWORKS = ((2, 2, 1), (3, 2, 1), (1, 16, 32, 2), (1, 20, 20, 1), (64, 32, 16, 1), (144, 16, 1))


def drawn(sizes: tuple[int, ...], **changes: Any) -> Diagram:
    """A network of known numbers: the twin's on one random sample."""
    activations = ("tanh",) * (len(sizes) - 2) + ("linear",)
    objective = random_network(sizes, activations, "squared_error", 1)
    start = np.random.default_rng(3).standard_normal(objective.size) / np.sqrt(max(sizes))
    inputs, target = objective.train.inputs[0], objective.train.targets[0]
    values, deltas = twin(sizes, activations, "squared_error", start, inputs, target)
    assert objective.network is not None
    network, (_, gradient) = objective.network, objective.loss_and_gradient(start)
    layers = [DiagramLayer("inputs", inputs)]
    for k, (value, delta) in enumerate(zip(values, deltas, strict=True)):
        weights, biases = network.weights(start, k), network.biases(start, k)
        layers.append(DiagramLayer(activations[k], value, value, delta, weights, biases, network.weights(gradient, k)))
    return replace(Diagram(tuple(layers), "sample 7, target 5 people", target, 1.25, "rest", 0, None), **changes)


def twin(
    sizes: tuple[int, ...], activations: tuple[str, ...], loss: str, parameters: Any, inputs: Any, target: Any
) -> tuple[list[Any], list[Any]]:
    """The activations of every layer for one sample, and its deltas, by the plain twin."""
    a, values, slopes = inputs, [], []
    weights = list(reference.layers(sizes, parameters))
    for (w, b), name in zip(weights, activations, strict=True):
        a, slope = reference.ACTIVATIONS[name](a @ w + b)
        values.append(a)
        slopes.append(slope)
    d_a, deltas = reference.LOSSES[loss](a[None], target[None])[1][0], []
    for (w, _), slope in zip(reversed(weights), reversed(slopes), strict=True):
        deltas.insert(0, d_a * slope)
        d_a = deltas[0] @ w.T
    return values, deltas


class Watched(PanelApp):
    """The panel on a screen whose own keys show whether the panel has left them alone."""

    BINDINGS = [Binding("escape", "left", "leave")]  # noqa: RUF012

    def __init__(self, panel: DiagramView) -> None:
        super().__init__(panel)
        self.selected: list[object] = []
        self.lefts = 0

    @on(DiagramView.NeuronSelected)
    def note(self, event: DiagramView.NeuronSelected) -> None:
        self.selected.append(event.neuron)

    def action_left(self) -> None:
        self.lefts += 1


class Shown:
    """A diagram on a screen."""

    def __init__(self, part: Diagram, size: tuple[int, int] = (64, 12), ascii_only: bool = False) -> None:
        self.panel, self.part = DiagramView(id="diagram"), part
        self.app = Watched(self.panel)
        self.app.ascii = ascii_only  # type: ignore[attr-defined]
        self.running = self.app.run_test(size=size)

    async def __aenter__(self) -> Shown:
        self.pilot = await self.running.__aenter__()
        await self.show(self.part)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.running.__aexit__(*error)

    async def show(self, part: Diagram) -> None:
        self.panel.show(part)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        self.panel.focus()
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self.panel))

    def colours_of(self, text: str) -> set[str]:
        """The colours of the text wherever it stands."""
        found = set()
        for line in segments_of(self.panel):
            for segment in line:
                if text in segment.text and segment.style and segment.style.color:
                    found.add(segment.style.color.get_truecolor().hex)
        return found


# --- the part ---


def scene_of(experiment: Experiment, updates: int, attention: Attention, phase: Phase = Phase("rest")) -> Scene:  # noqa: B008
    timeline = experiment.timeline()
    timeline.advance(updates)
    return Scene(experiment, timeline, attention, phase)


@pytest.mark.parametrize(("text", "sample"), [(CURVE, 1), (XOR, 2), (BINARY_XOR, 3)], ids=["curve", "xor", "binary"])
def test_every_number_is_the_twins(tmp_path: Path, text: str, sample: int) -> None:
    scene = scene_of(ready(tmp_path, text), 8, Attention(sample=sample))
    part, objective, run = diagram(scene), scene.timeline.objective, scene.timeline.run
    assert part is not None
    assert objective.network is not None
    network: Network = objective.network
    index = run.next_batch()[sample]
    inputs, target = objective.train.inputs[index], objective.train.targets[index]
    loss = scene.experiment.scenario.network.loss  # type: ignore[union-attr]
    values, deltas = twin(network.sizes, network.activations, loss, run.parameters, inputs, target)
    assert part.layers[0].values.tolist() == inputs.tolist()
    assert part.targets.tolist() == target.tolist()
    assert part.loss == pytest.approx(reference.LOSSES[loss](values[-1][None], target[None])[0][0], rel=1e-12)
    batch = run.next_batch()
    _, gradient = reference.loss_and_gradient(
        network.sizes,
        network.activations,
        loss,
        run.parameters,
        objective.train.inputs[batch],
        objective.train.targets[batch],
    )
    slopes, weights = reference.layers(network.sizes, gradient), reference.layers(network.sizes, run.parameters)
    for layer, value, delta, (w, b), (dw, _) in zip(part.layers[1:], values, deltas, weights, slopes, strict=True):
        assert layer.values == pytest.approx(value, rel=1e-12, abs=1e-14)
        assert layer.deltas == pytest.approx(delta, rel=1e-10, abs=1e-14)
        assert layer.weights == pytest.approx(w, abs=0)
        assert layer.biases == pytest.approx(b, abs=0)
        assert layer.weight_gradients == pytest.approx(dw, rel=1e-10, abs=1e-14)
        assert layer.sums is not None


def test_the_sums_are_what_the_activation_gets(tmp_path: Path) -> None:
    part = diagram(scene_of(ready(tmp_path, CURVE), 3, Attention()))
    assert part is not None
    hidden = part.layers[1]
    assert hidden.weights is not None
    assert hidden.biases is not None
    assert hidden.sums == pytest.approx(part.layers[0].values @ hidden.weights + hidden.biases, rel=1e-13)
    assert hidden.values == pytest.approx(np.tanh(hidden.sums), rel=1e-13)


def test_the_sample_is_told_in_words(tmp_path: Path) -> None:
    crowd = scene_of(experiment_of("crowd"), 0, Attention(sample=2))
    index = crowd.timeline.run.next_batch()[2]
    people = round(float(crowd.timeline.objective.train.targets[index, 0]) * 1000)
    part = diagram(crowd)
    assert part is not None
    assert part.sample == f"sample {index}, target {people} people"
    for text, first in ((XOR, 1), (BINARY_XOR, 0)):  # several outputs count from 1, a single one is its own name
        for place, number in enumerate((0, 1, 1, 0)):
            part = diagram(scene_of(ready(tmp_path, text), 0, Attention(sample=place)))
            assert part is not None
            assert part.sample == f"sample {place}, class {first + number}"


def test_a_sample_or_a_neuron_that_is_not_there(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    part = diagram(scene_of(experiment, 1, Attention(sample=1, neuron=(1, 7))))
    assert part is not None
    assert part.selected == (1, 7)
    last = experiment.timeline()
    last.advance(1)
    assert part.sample.startswith(f"sample {last.run.next_batch()[0]},")
    for neuron in ((1, 8), (3, 0), (-1, 0)):
        part = diagram(scene_of(experiment, 1, Attention(neuron=neuron)))
        assert part is not None
        assert part.selected is None


def test_a_surface_has_no_diagram(tmp_path: Path) -> None:
    assert diagram(scene_of(ready(tmp_path, BOWL), 1, Attention())) is None


# --- what stands on the screen ---


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sizes", NETWORKS)
async def test_titles_numbers_and_counts_have_room(sizes: tuple[int, ...], size: tuple[int, int]) -> None:
    part = drawn(sizes)
    async with Shown(part, size) as shown:
        lines = lines_of(shown.panel)
        assert "sample 7, target 5 people" in lines[0]
        assert "loss 1.25" in shown.text
        titles = re.findall(r"\d+", lines[1])
        assert titles == [str(count) for count in sizes]
        places = layout(*shown.panel.size, sizes, None)
        assert places is not None
        for layer, column in enumerate(places.columns):
            for neuron, row in zip(column.neurons, column.rows, strict=True):
                written = lines[row][column.left : column.right]
                assert written[0] in "●○"
                assert tight(float(part.layers[layer].values[neuron]), places.form.number) in written
            assert column.hidden == sizes[layer] - len(column.neurons)
            if column.hidden:
                assert lines[column.fold_row][column.left :].startswith(f"⋮ {column.hidden}")


async def test_a_connection_is_solid_or_dashed_by_its_sign() -> None:
    part = drawn((1, 1))
    rows = {}
    for name, weight in (("positive", 2.0), ("negative", -2.0)):
        layer = replace(part.layers[1], weights=np.array([[weight]]))
        async with Shown(replace(part, layers=(part.layers[0], layer))) as shown:
            row = next(line for line in lines_of(shown.panel) if "●" in line)
            rows[name] = row[row.index("●") + 8 : row.rindex("●")]
            colour = theme_color(shown.panel, name)
            assert colour in {c for glyph in set(rows[name]) - {" "} for c in shown.colours_of(glyph)}
    assert " " not in rows["positive"]
    assert rows["negative"].count(" ") > 5


async def test_a_large_weight_is_thick() -> None:
    part = drawn((1, 1))
    dots = []
    for second in (2.0, 0.7, 0.0):
        both = replace(part.layers[1], weights=np.array([[2.0, second]]), **pair(part.layers[1]))
        async with Shown(replace(part, layers=(part.layers[0], both), targets=np.zeros(2))) as shown:
            dots.append(sum((ord(glyph) - 0x2800).bit_count() for glyph in shown.text if ord(glyph) >= 0x2800))
    thick, thin = dots[0] - dots[2], dots[1] - dots[2]
    assert thick > 1.7 * thin > 0


def pair(layer: DiagramLayer) -> dict[str, Any]:
    """The numbers of a layer of one neuron as one of two."""
    names = ("values", "sums", "deltas", "biases", "weight_gradients")
    return {name: np.repeat(getattr(layer, name), 2, axis=-1) for name in names}


async def test_only_the_largest_connections_are_drawn() -> None:
    part = drawn((40, 40))
    weights = np.full((40, 40), 0.5)
    weights[0, 0] = 1.0
    layer = replace(part.layers[1], weights=weights)
    async with Shown(replace(part, layers=(part.layers[0], layer)), (64, 45)) as shown:
        rows = [line[11 : line.rindex("●")] for line in lines_of(shown.panel) if line.count("●") == 2]
        assert len(rows) == 40
        assert rows[0].strip() == rows[0] > " "
        cells = "".join(rows[1:])
        assert 0 < sum(0x2800 < ord(glyph) < 0x2900 for glyph in cells) < len(cells) / 2


async def test_each_phase_shows_what_is_known_by_then() -> None:
    part = drawn((3, 2, 1))
    one = {layer: [tight(float(v), 7) for v in part.layers[layer].values] for layer in range(3)}
    back = {layer: [f"◀{tight(float(v), 7)}" for v in part.layers[layer].deltas] for layer in (1, 2)}  # type: ignore[union-attr]
    order = phases(random_network((3, 2, 1), ("tanh", "linear"), "squared_error", 1))
    known = {
        "rest": (3, 1),
        "sample": (1, 3),
        "forward1": (2, 3),
        "forward2": (3, 3),
        "loss": (3, 3),
        "backward2": (3, 2),
        "backward1": (3, 1),
    }
    async with Shown(part, (70, 20)) as shown:
        for phase in order:
            await shown.show(replace(part, phase=phase.kind, phase_layer=phase.layer))
            values_until, deltas_from = known[f"{phase.kind}{phase.layer or ''}"]
            for layer in range(3):
                assert all((text in shown.text) == (layer < values_until) for text in one[layer]), phase
            for layer in (1, 2):
                assert all((text in shown.text) == (layer >= deltas_from) for text in back[layer]), phase
            assert ("loss 1.25" in shown.text) == (phase.kind in ("rest", "loss", "backward"))
            assert ("loss ?" in shown.text) == (phase.kind in ("sample", "forward"))


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_what_is_lit_moves_in_amber_forwards_and_in_blue_backwards(theme: str) -> None:
    part = drawn((3, 2, 1))
    async with Shown(part, (70, 20)) as shown:
        shown.app.theme = theme
        await shown.pilot.pause()
        amber, blue = theme_color(shown.panel, "primary"), theme_color(shown.panel, "secondary")
        titles = ("inputs 3", "tanh 2", "linear 1")
        for phase, lit, colour in (
            (Phase("sample"), 0, amber),
            (Phase("forward", 1), 1, amber),
            (Phase("forward", 2), 2, amber),
            (Phase("loss"), 2, amber),
            (Phase("backward", 2), 2, blue),
            (Phase("backward", 1), 1, blue),
        ):
            await shown.show(replace(part, phase=phase.kind, phase_layer=phase.layer))
            for layer, title in enumerate(titles):
                assert (shown.colours_of(title) == {colour}) == (layer == lit), (phase, title)
        await shown.show(part)
        assert not {amber, blue} & {c for title in titles for c in shown.colours_of(title)}


async def test_the_picture_without_the_shell_of_a_selection_is_the_same_again() -> None:
    part = drawn((64, 32, 16, 1))
    async with Shown(part) as shown:
        before = shown.text
        await shown.press("down", "escape")
        assert shown.text == before


async def test_in_ascii_everything_is_ascii() -> None:
    async with Shown(
        drawn((64, 32, 16, 1), selected=(1, 3), phase="backward", phase_layer=1), (100, 20), True
    ) as shown:
        assert shown.text.isascii()
        assert "?" not in shown.text.replace("loss ?", "")


async def test_numbers_that_are_not_finite_are_shown_as_such() -> None:
    part = drawn((2, 2, 1))
    hidden = replace(
        part.layers[1],
        values=np.array([np.nan, np.inf]),
        weights=np.array([[np.nan, np.inf], [1.0, -np.inf]]),
        deltas=np.array([-np.inf, 1e300]),
    )
    broken = replace(part, layers=(part.layers[0], hidden, part.layers[2]), loss=np.inf)
    for selected in (None, (1, 0)):
        async with Shown(replace(broken, selected=selected), (70, 20)) as shown:
            assert "nan" in shown.text
            assert "+inf" in shown.text
            assert "loss inf" in shown.text
            assert theme_color(shown.panel, "error") in shown.colours_of("nan")


async def test_more_layers_than_columns_say_so() -> None:
    async with Shown(drawn((1,) * 40), (30, 12)) as shown:
        assert "too many layers" in shown.text


# --- selecting ---


async def test_up_and_down_reach_every_neuron_of_a_folded_layer() -> None:
    part = drawn((3, 12, 1))
    async with Shown(part, (64, 10)) as shown:
        assert "⋮ 8 more" in shown.text
        for neuron in range(12):
            await shown.press("down")
            assert shown.app.selected[-1] == (1, neuron)
            assert f"◆{neuron + 1} " in shown.text
            assert tight(float(part.layers[1].values[neuron]), 7) in shown.text
        await shown.press("down")
        assert len(shown.app.selected) == 12
        await shown.press("up")
        assert shown.app.selected[-1] == (1, 10)


async def test_n_goes_from_layer_to_layer_at_the_same_height() -> None:
    async with Shown(drawn((64, 32, 16, 1), selected=(1, 31))) as shown:
        await shown.press("n", "n", "n", "N", "N", "N", "N")
        assert shown.app.selected == [(2, 15), (3, 0), (2, 0), (1, 0), (0, 0)]


async def test_the_first_key_selects_in_the_first_layer_or_the_last() -> None:
    for key, neuron in (("down", (1, 0)), ("up", (1, 0)), ("n", (1, 0)), ("N", (2, 0))):
        async with Shown(drawn((3, 2, 1))) as shown:
            await shown.press(key)
            assert shown.app.selected == [neuron]


async def test_escape_clears_the_selection_and_then_is_left_to_others() -> None:
    async with Shown(drawn((3, 2, 1), selected=(1, 1))) as shown:
        await shown.press("escape")
        assert (shown.app.selected, shown.app.lefts) == ([None], 0)
        await shown.press("escape")
        assert (shown.app.selected, shown.app.lefts) == ([None], 1)


async def test_a_click_selects_the_neuron_under_it() -> None:
    async with Shown(drawn((64, 32, 16, 1))) as shown:
        places = layout(*shown.panel.size, (64, 32, 16, 1), None)
        assert places is not None
        region = shown.panel.content_region
        for layer, column in enumerate(places.columns):
            await shown.pilot.click(offset=(region.x + column.left + 1, region.y + column.rows[0]))
            assert shown.app.selected[-1] == (layer, column.neurons[0])
        count = len(shown.app.selected)
        await shown.pilot.click(offset=(region.x + places.columns[0].right + 3, region.y + 4))
        await shown.pilot.click(offset=(region.x, region.y))
        assert len(shown.app.selected) == count


async def test_the_weights_of_the_selected_neuron_stand_where_they_begin() -> None:
    part = drawn((3, 2, 1))
    weights, gradients = part.layers[1].weights, part.layers[1].weight_gradients
    assert weights is not None
    assert gradients is not None
    async with Shown(replace(part, selected=(1, 1)), (70, 20)) as shown:
        rows = [line for line in lines_of(shown.panel) if "×" in line]
        assert len(rows) == 3
        for row, weight in zip(rows, weights[:, 1].tolist(), strict=True):
            assert f"×{tight(weight, 7).strip()}" in row
        assert "tanh 2: b = " in shown.text or "tanh 2: bias " in shown.text
        await shown.show(replace(part, selected=(1, 1), phase="backward", phase_layer=1))
        rows = [line for line in lines_of(shown.panel) if "∇" in line]
        for row, gradient in zip(rows, gradients[:, 1].tolist(), strict=True):
            assert f"∇{tight(gradient, 7).strip()}" in row


async def test_a_selected_input_shows_where_it_goes() -> None:
    part = drawn((3, 2, 1), selected=(0, 2))
    weights = part.layers[1].weights
    assert weights is not None
    async with Shown(part, (70, 20)) as shown:
        for weight in weights[2].tolist():
            assert f"×{tight(weight, 7).strip()}" in shown.text
        assert f"input 3 = {tight(float(part.layers[0].values[2]), 8).strip()}" in shown.text


def test_what_is_shown_of_a_wide_layer_stays_where_it_is() -> None:
    counts = (64, 32, 16, 1)
    plain = layout(60, 10, counts, None)
    assert plain is not None
    for neuron in range(64):
        places = layout(60, 10, counts, (0, neuron))
        assert places is not None
        assert neuron in places.columns[0].neurons
        assert places.columns[1:] == plain.columns[1:]
        changed = set(plain.columns[0].neurons) - set(places.columns[0].neurons)
        assert len(changed) <= 1
        assert list(places.columns[0].neurons) == sorted(places.columns[0].neurons)


@pytest.mark.parametrize("sizes", [*NETWORKS, (1, 1), (2, 3, 4, 5, 6, 7, 8)])
def test_it_can_be_drawn_at_any_size(sizes: tuple[int, ...]) -> None:
    palette = Palette(*(colour_number(Color(shade, shade, shade)) for shade in range(7)))
    part = drawn(sizes)
    for width, height in product((1, 2, 5, 9, 14, 20, 27, 36, 60, 100, 200), (1, 2, 3, 4, 5, 7, 9, 30)):
        for selected in (None, (0, sizes[0] - 1), (len(sizes) - 1, 0)):
            places = layout(width, height, sizes, selected)
            grid = Grid(width, height, palette)
            if places is not None:
                Drawing(grid, replace(part, selected=selected), places, palette.text, palette.muted).draw()
                cells = [(column.left, column.right) for column in places.columns]
                assert all(right < left for (_, right), (left, _) in pairwise(cells))
                assert cells[-1][1] == width
                rows = [row for column in places.columns for row in column.rows]
                assert all(places.top <= row < places.bottom for row in rows)
            assert all(strip.cell_length == width for strip in grid.rows().strips)
