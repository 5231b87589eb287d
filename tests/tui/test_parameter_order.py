"""What the parameter table shows of each parameter, and in which order: history, size, neuron, phase, full digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from driving import experiment_of, same
from hypothesis import given
from hypothesis import strategies as st
from panels import colors_of, theme_color
from test_parameter_table import BOWL, Shown, network

from nnsim.tui.parts.table import table
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.table import NeuronParameters, ParameterPast, ParameterTable
from nnsim.tui.widgets.parameter_columns import layout
from nnsim.tui.widgets.parameter_rows import ParameterRows
from nnsim.tui.widgets.parameter_table import ParameterView
from nnsim.tui.widgets.ranking import rank, ranked, sizes
from nnsim.tui.widgets.sparkline import sparklines

NUMBERS = st.one_of(st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan]), st.floats(-3, 3))


def with_past(given_table: ParameterTable, *moments: tuple[float, ...]) -> ParameterTable:
    values = tuple(np.array(moment) for moment in moments)
    return replace(given_table, update=len(values) - 1, past=ParameterPast(np.arange(len(values)), values, values))


def shown_names(shown: Shown) -> list[str]:
    return [line[3:].split()[0] for line in shown.lines if line[3:].startswith(("W", "w"))]


# --- order ---


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=30), data=st.data())
def test_a_screenful_of_the_largest_is_what_sorting_all_gives(numbers: list[float], data: st.DataObject) -> None:
    keys = sizes(np.array(numbers))
    wanted = sorted(range(len(numbers)), key=lambda place: -keys[place])
    first = data.draw(st.integers(0, len(numbers)))
    last = data.draw(st.integers(first, len(numbers)))
    assert ranked(keys, first, last).tolist() == wanted[first:last]
    assert [rank(keys, place) for place in wanted] == list(range(len(numbers)))


@pytest.mark.parametrize("kinds", [1, 2, 50, 10**6])
def test_a_large_table_is_ordered_the_same_way(kinds: int) -> None:
    keys = sizes(np.random.default_rng(kinds).integers(0, kinds, 20_000).astype(np.float64))
    wanted = np.argsort(-keys, kind="stable")
    for first in (0, 3, 150, 310, 10_000, 19_990):
        assert ranked(keys, first, first + 10).tolist() == wanted[first : first + 10].tolist()


async def test_the_order_goes_by_place_value_gradient_and_update() -> None:
    numbers = np.array([1.0, -3.0, 2.0, 2.0])
    names = ("w1", "w2", "w3", "w4")
    shown_table = ParameterTable(names, numbers, numbers[[1, 0, 2, 3]], numbers[::-1], (), (("all", 0, 4),))
    async with Shown(shown_table, focus=True) as shown:
        for heading, order in (
            ("↓value", ["w2", "w3", "w4", "w1"]),
            ("↓gradient", ["w1", "w3", "w4", "w2"]),
            ("↓last update", ["w3", "w1", "w2", "w4"]),
            ("", list(names)),
        ):
            await shown.press("s")
            assert shown_names(shown) == order
            assert [word for word in shown.lines[0].replace("last ", "last_").split() if "↓" in word] == (
                [heading.replace(" ", "_")] if heading else []
            )


async def test_the_selected_parameter_stays_selected_while_rows_move() -> None:
    values = np.array([1.0, 2.0, 3.0])
    first = ParameterTable(("w1", "w2", "w3"), values, values, values, (), (("all", 0, 3),))
    async with Shown(first, focus=True) as shown:
        await shown.press("down", "s")
        assert "›" in shown.row("w2")
        shown.panel.show(replace(first, values=np.array([1.0, 9.0, 3.0])))
        await shown.pilot.pause()
        assert shown_names(shown) == ["w2", "w3", "w1"]
        assert "›" in shown.row("w2")
        assert "w2 = 9.0" in shown.screen
        await shown.press("down")
        assert "w3 = 3.0" in shown.screen


# --- which parameters ---


async def test_the_neuron_of_the_diagram_has_its_parameters_until_they_are_left() -> None:
    chosen = replace(network(20, 6), neuron=NeuronParameters((2, 1), np.array([21, 23, 25])))
    async with Shown(network(20, 6), focus=True) as shown:
        assert "escape" not in shown.pilot.app.screen.active_bindings
        shown.panel.show(chosen)
        await shown.pilot.pause()
        assert "neuron 2 of layer 2: its weights and bias (3 parameters)" in shown.lines[0]
        assert shown_names(shown) == ["W2[2]", "W2[4]", "W2[6]"]
        await shown.press("down", "s")
        assert shown_names(shown) == ["W2[6]", "W2[4]", "W2[2]"]
        await shown.press("escape")
        assert "layer 2 of 2" in shown.lines[0]
        assert "W2[4] = 23.0" in shown.screen
        shown.panel.show(chosen)
        await shown.pilot.pause()
        assert "layer 2 of 2" in shown.lines[0]
        shown.panel.show(replace(chosen, neuron=NeuronParameters((0, 3), np.array([6, 7]))))
        await shown.pilot.pause()
        assert "input 4: its weights into layer 1 (2 parameters)" in shown.lines[0]
        await shown.press("n")
        assert "layer 2 of 2" in shown.lines[0]


async def test_a_parameter_can_be_selected_from_outside_and_says_when_it_is() -> None:
    told: list[int] = []
    async with Shown(network(20, 6), focus=True) as shown:
        post = shown.panel.post_message
        shown.panel.post_message = lambda message: (  # type: ignore[method-assign,assignment]
            told.append(message.parameter) if isinstance(message, ParameterView.Selected) else post(message)
        )
        shown.panel.select(23)
        await shown.pilot.pause()
        assert "W2[4] = 23.0" in shown.screen
        await shown.press("up", "n")
        assert "all 2 layers" in shown.lines[0]
        assert "›" in shown.row("W2[3]")
        assert [place for i, place in enumerate(told) if told[i - 1 : i] != [place]][-2:] == [23, 22]


def test_the_parameters_of_a_neuron_are_its_column_and_of_an_input_its_row() -> None:
    experiment = experiment_of("crowd")
    timeline = experiment.timeline()
    net = timeline.objective.network
    assert net is not None
    names = np.array(net.names)
    for neuron in ((2, 3), (1, 0), (len(net.sizes) - 1, 0)):
        found = table(Scene(experiment, timeline, Attention(neuron=neuron))).neuron
        k, j = neuron
        assert found is not None
        wanted = [f"W{k}[{i + 1},{j + 1}]" for i in range(net.sizes[k - 1])] + [f"b{k}[{j + 1}]"]
        assert names[found.places].tolist() == wanted
    found = table(Scene(experiment, timeline, Attention(neuron=(0, 5)))).neuron
    assert found is not None
    assert names[found.places].tolist() == [f"W1[6,{j + 1}]" for j in range(net.sizes[1])]
    assert table(Scene(experiment, timeline, Attention(neuron=(9, 0)))).neuron is None


# --- phases ---


async def test_gradients_are_known_layer_by_layer_on_the_way_back() -> None:
    tab = network(2, 2, 2)
    async with Shown(tab) as shown:
        shown.panel.action_change_layer(3)
        for phase, layer, known in (
            ("rest", 0, 6),
            ("sample", 0, 0),
            ("loss", 0, 0),
            ("backward", 3, 2),
            ("backward", 1, 6),
        ):
            shown.panel.show(replace(tab, phase=phase, phase_layer=layer))
            await shown.pilot.pause()
            rows = [line for line in shown.lines if line[3:].startswith("W")]
            assert ["·" in row for row in rows] == [True] * (6 - known) + [False] * known
        shown.panel.show(replace(tab, phase="backward", phase_layer=2))
        await shown.pilot.pause()
        assert "gradients of layer 2" in shown.lines[0]
        assert colors_of(shown.panel, "W2[1]") == {theme_color(shown.panel, "secondary")}
        assert colors_of(shown.panel, "W3[1]") == {theme_color(shown.panel, "foreground-muted")}
        shown.panel.order = "gradient"
        await shown.pilot.pause()
        assert shown_names(shown) == ["W3[2]", "W3[1]", "W2[2]", "W2[1]", "W1[1]", "W1[2]"]
        shown.panel.show(replace(tab, phase="forward", phase_layer=2))
        await shown.pilot.pause()
        assert "forward through layer 2" in shown.lines[0]
        assert colors_of(shown.panel, "W2[1]") == {theme_color(shown.panel, "primary")}


async def test_the_layer_of_the_phase_is_shown_and_after_the_phases_the_one_from_before() -> None:
    tab = network(3, 2, 2)
    async with Shown(tab, focus=True) as shown:

        async def show(phase: str, layer: int) -> list[str]:
            shown.panel.show(replace(tab, phase=phase, phase_layer=layer))
            await shown.pilot.pause()
            return shown_names(shown)

        await shown.press("n", "down")
        selected = "W2[2] = 4.0"
        assert selected in shown.screen
        assert await show("sample", 0) == ["W2[1]", "W2[2]"]
        assert await show("forward", 1) == ["W1[1]", "W1[2]", "W1[3]"]
        assert await show("forward", 3) == ["W3[1]", "W3[2]"]
        assert selected in shown.screen
        assert await show("loss", 0) == ["W3[1]", "W3[2]"]
        assert await show("backward", 1) == ["W1[1]", "W1[2]", "W1[3]"]
        assert await show("rest", 0) == ["W2[1]", "W2[2]"]
        assert selected in shown.screen
        await show("forward", 1)
        await shown.press("down")
        assert await show("rest", 0) == ["W1[1]", "W1[2]", "W1[3]"]


# --- digits ---


async def test_every_number_stands_in_full_on_demand() -> None:
    tab = replace(BOWL, values=np.array([1 / 3, -2.2250738585072014e-308]))
    async with Shown(tab, (110, 12), focus=True) as shown:
        await shown.press("f")
        assert shown.row("w1").split() == ["›", "w1", repr(1 / 3), "-300.0", "0.25"]
        assert "-2.2250738585072014e-308" in shown.row("w2")
        await shown.press("f")
        assert "+0.3333" in shown.row("w1")


async def test_values_rows_and_the_whole_table_can_be_copied() -> None:
    async with Shown(BOWL, focus=True) as shown:
        await shown.press("c")
        assert shown.pilot.app.clipboard == "1.23456789"
        await shown.press("down", "C")
        assert shown.pilot.app.clipboard == "w2\t-6.0\t1e-09\t-0.5\t8.0\t10.0"
        heading, *rows = shown.panel.as_text().split("\n")
        assert heading == "name\tvalue\tgradient\tlast update\tm\tv"
        assert rows == ["w1\t1.23456789\t-300.0\t0.25\t7.0\t9.0", shown.pilot.app.clipboard]
        assert [note.message for note in shown.pilot.app._notifications] == [
            "The value of w1, 1.23456789, is in the clipboard.",
            "The row of w2 is in the clipboard.",
        ]


# --- history ---


async def test_each_row_draws_its_own_history() -> None:
    tab = with_past(BOWL, (0.0, 6.0), (0.5, 0.0), (1.0, -6.0))
    async with Shown(tab) as shown:
        assert shown.lines[0].split()[:3] == ["name", "history", "value"]
        assert shown.row("w1")[3:].split()[1].startswith("▁")
        assert shown.row("w1")[3:].split()[1].endswith("▇")
        assert shown.row("w2")[3:].split()[1].strip("▇▄▁") == ""
        assert shown.row("w2")[3:].split()[1].endswith("▁")


def test_a_sparkline_keeps_spikes_and_ends_with_the_present() -> None:
    updates = np.arange(100)
    lows = np.zeros((100, 3))
    lows[40, 0], lows[:, 1], lows[:, 2] = 5.0, np.arange(100), 7.0
    lines = sparklines(updates, lows, lows, np.array([1.0, 0.0, 7.0]), 99, 10)
    assert [line.count("▇") for line in lines] == [1, 1, 0]
    assert lines[0][-1] == "▂"
    assert lines[1] == "▁▂▂▃▄▅▆▆▇▁"
    assert lines[2] == "─" * 10


@pytest.mark.filterwarnings("error")
def test_a_sparkline_of_numbers_that_are_not() -> None:
    values = np.array([[0.0, np.nan, 1e308], [1.0, np.inf, -1e308]])
    lines = sparklines(np.array([0, 1]), values, values, np.array([np.nan, np.inf, 0.0]), 1, 4)
    assert [line[-1] for line in lines[:2]] == ["×", "×"]
    assert {len(line) for line in lines} == {4}
    assert sparklines(np.array([0]), values[:1], values[:1], values[0], 0, 4) == ["    "] * 3


@pytest.mark.parametrize("scenario", ["bowl", "crowd"])
def test_going_back_shows_the_same_table_again(scenario: str) -> None:
    experiment = experiment_of(scenario)
    timeline = experiment.timeline()
    timeline.advance(37)
    before = table(Scene(experiment, timeline))
    timeline.advance(3000)
    timeline.seek(37)
    assert same(table(Scene(experiment, timeline)), before)


def test_the_history_gives_way_before_the_first_three_columns() -> None:
    headings = ("value", "gradient", "last update", "m", "v")
    wide, narrow, least = (layout(headings, room, True, False) for room in (90, 40, 38))
    assert (wide.headings, wide.history, wide.gap) == (headings, 24, 2)
    assert (narrow.headings, narrow.history, narrow.gap) == (("value", "gradient", "moved by"), 6, 1)
    assert (least.headings, least.history) == (("value", "gradient", "last update"), 0)
    assert layout(headings, 200, True, True).history == 24


def test_rows_of_a_large_network_are_found_without_a_copy_of_it() -> None:
    rows = ParameterRows(network(200_960, 32_896, 1290), range(0, 235_146), "value")
    assert rows.between(0, 3).tolist() == [235_145, 235_144, 235_143]
    assert rows.row_of(235_140) == 5
    assert ParameterRows(rows.table, range(10, 20)).row_of(3) is None
