"""The parameter table: which numbers it shows, how it moves between them, and that large layers cost nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from panels import PanelApp, colors_of, has_control_characters, lines_of, screen_of, theme_color

from nnsim.tui.numbers import fixed
from nnsim.tui.snapshot.table import ParameterTable
from nnsim.tui.widgets.parameter_table import ParameterView

WIDE = (90, 12)
BOWL = ParameterTable(
    ("w1", "w2"),
    np.array([1.23456789, -6.0]),
    np.array([-300.0, 1e-9]),
    np.array([0.25, -0.5]),
    (("m", np.array([7.0, 8.0])), ("v", np.array([9.0, 10.0]))),
    (("w1, w2", 0, 2),),
)


def network(*counts: int) -> ParameterTable:
    """Return a table with a layer for each count; each value is its number in the table."""
    stops = np.cumsum(counts)
    numbers = np.arange(stops[-1], dtype=np.float64)
    layers = tuple(
        (f"W{layer}, b{layer}", int(stop - count), int(stop))
        for layer, (count, stop) in enumerate(zip(counts, stops, strict=True), 1)
    )
    names = tuple(f"W{layer}[{index}]" for layer, count in enumerate(counts, 1) for index in range(1, count + 1))
    return ParameterTable(names, numbers, -numbers, numbers[::-1] / 10, (), layers)


class Shown:
    """A table on a screen, with or without the focus."""

    def __init__(self, table: ParameterTable, size: tuple[int, int] = WIDE, focus: bool = False) -> None:
        self.panel, self.table, self.focus = ParameterView(), table, focus
        self.running = PanelApp(self.panel).run_test(size=size)

    async def __aenter__(self) -> Shown:
        self.pilot = await self.running.__aenter__()
        self.panel.show(self.table)
        if self.focus:
            self.panel.focus()
        else:
            self.pilot.app.set_focus(None)
        await self.pilot.pause()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.running.__aexit__(*error)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        return lines_of(self.panel)

    @property
    def screen(self) -> str:
        return screen_of(self.pilot.app)

    def row(self, name: str) -> str:
        return next(line for line in self.lines if re.search(rf"[ •›]{re.escape(name)} ", line))


async def test_a_row_for_each_parameter_with_all_its_numbers() -> None:
    async with Shown(BOWL) as shown:
        heading = "name value gradient last update m v"
        assert shown.lines[0].split() == heading.split()
        numbers = (1.23456789, -300.0, 0.25, 7.0, 9.0)
        assert shown.row("w1").split() == ["w1", *(fixed(number).strip() for number in numbers)]


async def test_numbers_stand_below_their_headings_and_keep_their_columns() -> None:
    async with Shown(BOWL) as shown:
        headings = [match.end() for match in re.finditer(r"value|gradient|last update|\b[mv]\b", shown.lines[0])]
        for name in ("w1", "w2"):
            assert [match.end() for match in re.finditer(r"[-+0-9.e]{4,}", shown.row(name))] == headings


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (90, ["value", "gradient", "last update", "m", "v"]),
        (52, ["value", "gradient", "last update"]),
        (40, ["value", "gradient"]),
        (26, ["value"]),
        (12, []),
    ],
)
async def test_a_narrow_table_drops_its_last_columns_whole(width: int, headings: list[str]) -> None:
    async with Shown(BOWL, (width, 12)) as shown:
        assert " ".join(shown.lines[0].split()[1:]) == " ".join(headings)


async def test_at_every_width_whole_columns_are_shown() -> None:
    async with Shown(BOWL, (20, 12)) as shown:
        for width in range(14, 70):
            await shown.pilot.resize_terminal(width, 12)
            await shown.pilot.pause()
            headings = " ".join(shown.lines[0].split())
            ends = [match.end() for match in re.finditer("name|value|gradient|last update|m$|v$", headings)]
            assert ends[-1] == len(headings)
            assert len(shown.row("w1").split()) - shown.row("w1").count("•") == len(ends)
            assert shown.row("w1").endswith((" ", *"0123456789"))


async def test_the_row_that_moved_most_is_told_by_colour_and_sign_and_name() -> None:
    async with Shown(BOWL) as shown:
        assert "•w2" in shown.row("w2").replace(" ", "")
        assert "•" not in shown.row("w1")
        assert colors_of(shown.panel, "w2") == {theme_color(shown.panel, "primary")}
        assert colors_of(shown.panel, fixed(-0.5)) == {theme_color(shown.panel, "primary")}
        assert colors_of(shown.panel, fixed(0.25)) == {theme_color(shown.panel, "foreground")}
        assert "• w2 moved most" in shown.screen


async def test_a_step_that_is_not_a_number_moved_most() -> None:
    broken = ParameterTable(BOWL.names, BOWL.values, BOWL.gradients, np.array([np.nan, 5.0]), (), BOWL.layers)
    async with Shown(broken) as shown:
        assert "•" in shown.row("w1")
        assert "nan" in shown.row("w1")


async def test_before_the_first_update_no_row_moved() -> None:
    still = ParameterTable(BOWL.names, BOWL.values, BOWL.gradients, np.zeros(2), (), BOWL.layers)
    async with Shown(still) as shown:
        assert "•" not in shown.screen


async def test_new_numbers_replace_the_old_ones() -> None:
    async with Shown(BOWL) as shown:
        shown.panel.show(ParameterTable(BOWL.names, BOWL.values + 1, BOWL.gradients, BOWL.steps, (), BOWL.layers))
        await shown.pilot.pause()
        assert fixed(2.23456789).strip() in shown.row("w1")


async def test_the_selected_row_stands_at_full_precision_in_the_border() -> None:
    async with Shown(BOWL, focus=True) as shown:
        assert "w1 = 1.23456789 · gradient -300.0" in shown.screen
        await shown.press("down")
        assert "w2 = -6.0 · gradient 1e-09" in shown.screen
        assert "›" in shown.row("w2").replace("•", "")
        await shown.press("up", "up")
        assert "w1 = 1.23456789" in shown.screen


async def test_full_precision_gives_way_to_the_width_number_by_number() -> None:
    for width, text in ((34, "w1 = 1.23456789 · ∇ -300.0 ─"), (30, "w1 = 1.23456789 ─"), (19, "─ 1.23456789 ─")):
        async with Shown(BOWL, (width, 12), focus=True) as shown:
            assert text in shown.screen


async def test_without_the_focus_no_row_is_selected() -> None:
    async with Shown(BOWL) as shown:
        assert "›" not in shown.screen
        assert "1.23456789" not in shown.screen


async def test_a_click_selects_a_row() -> None:
    async with Shown(BOWL, focus=True) as shown:
        await shown.pilot.click(shown.panel, offset=(5, 3))
        await shown.pilot.pause()
        assert "w2 = -6.0" in shown.screen
        await shown.pilot.click(shown.panel, offset=(5, 9))
        await shown.pilot.pause()
        assert "w2 = -6.0" in shown.screen


async def test_it_scrolls_with_the_selected_row_and_the_heading_stays() -> None:
    async with Shown(network(100), focus=True) as shown:
        assert "W1[9]" in shown.screen
        assert "W1[10]" not in shown.screen
        await shown.press(*["down"] * 9)
        assert "›" in shown.row("W1[10]")
        await shown.press(*["pagedown"] * 20)
        assert "›" in shown.row("W1[100]")
        assert shown.lines[0].split()[0] == "name"
        assert shown.lines[-1].split()[1:3] == ["W1[100]", fixed(99).strip()]
        await shown.press(*["pageup"] * 20)
        assert "›" in shown.row("W1[1]")


async def test_layers_are_shown_one_at_a_time() -> None:
    async with Shown(network(20, 3, 1000), focus=True) as shown:
        assert "layer 1 of 3: W1, b1 (20 parameters)" in shown.lines[0]
        await shown.press("pagedown", "n")
        assert "layer 2 of 3: W2, b2 (3 parameters)" in shown.lines[0]
        assert "W2[1] = 20.0" in shown.screen
        assert re.findall(r"W2\[\d+\]", "".join(shown.lines)) == ["W2[1]", "W2[2]", "W2[3]"]
        assert "W3" not in shown.screen.replace("W3, b3", "")
        await shown.press("n")
        assert "layer 3 of 3: W3, b3 (1,000 parameters)" in shown.lines[0]
        await shown.press("n", "n")
        assert "all 3 layers (1,023 parameters)" in shown.lines[0]
        assert "W3[1] = 23.0" in shown.screen
        await shown.press("N", "N", "N", "N")
        assert "layer 1 of 3" in shown.lines[0]


async def test_a_single_layer_has_no_layer_line_and_no_keys_for_it() -> None:
    async with Shown(BOWL, focus=True) as shown:
        assert "layer" not in shown.screen
        assert not {"n", "N"} & set(shown.pilot.app.screen.active_bindings)
        footer_told: list[object] = []
        shown.pilot.app.screen.bindings_updated_signal.subscribe(shown.panel, footer_told.append)
        shown.panel.show(network(2, 2))
        await shown.pilot.pause()
        assert footer_told
        assert {"n", "N"} <= set(shown.pilot.app.screen.active_bindings)


async def test_keys_of_the_lab_stay_free() -> None:
    async with Shown(network(50, 2), focus=True) as shown:
        active = shown.pilot.app.screen.active_bindings
        mine = {key for key, binding in active.items() if binding.node is shown.panel}
        assert mine == {"up", "down", "pageup", "pagedown", "n", "N", "s", "f", "c", "C"}


async def test_layer_and_row_stay_while_the_numbers_run() -> None:
    table = network(20, 30)
    async with Shown(table, focus=True) as shown:
        await shown.press("n", *["down"] * 12)
        before = shown.lines
        shown.panel.show(network(20, 30))
        await shown.pilot.pause()
        assert shown.lines == before


async def test_a_smaller_table_takes_the_place_of_a_larger_one() -> None:
    async with Shown(network(20, 30), focus=True) as shown:
        await shown.press("n", *["pagedown"] * 5)
        shown.panel.show(BOWL)
        await shown.pilot.pause()
        assert "w2 = -6.0" in shown.screen
        assert shown.lines[1].split()[-4:]


async def test_a_large_network_is_shown_to_its_last_parameter() -> None:
    async with Shown(network(200_960, 32_896, 1290), focus=True) as shown:
        await shown.press("n", "n")
        shown.panel.select(10**6)
        await shown.pilot.pause()
        assert "W3[1290] = 235145.0" in shown.screen


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (10, 3), (40, 4), (8, 30)])
async def test_tiny_sizes(size: tuple[int, int]) -> None:
    async with Shown(network(20, 30), size, focus=True) as shown:
        await shown.press("down", "pagedown", "n", "up")
        assert len(shown.screen.splitlines()) == size[1]


async def test_numbers_that_are_not_finite_keep_their_width() -> None:
    odd = np.array([np.inf, -np.inf, np.nan, 1e300, -1e-300])
    names = ("a", "b", "c", "d", "e")
    async with Shown(ParameterTable(names, odd, odd, odd, (), (("all", 0, 5),)), focus=True) as shown:
        assert len({len(shown.row(name).rstrip()) for name in names}) == 1
        assert "a = inf · gradient inf" in shown.screen


async def test_no_parameters_at_all() -> None:
    nothing = np.zeros(0)
    async with Shown(ParameterTable((), nothing, nothing, nothing, (), (("", 0, 0),)), focus=True) as shown:
        await shown.press("down", "n")
        assert shown.lines[0].split()[0] == "name"


async def test_names_and_headings_are_text_and_nothing_else() -> None:
    table = ParameterTable(
        ("[/]", "x\x1b[31m"),
        np.ones(2),
        np.ones(2),
        np.ones(2),
        (("[b]\x07", np.ones(2)),),
        (("[/]\x1b", 0, 1), ("", 1, 2)),
    )
    async with Shown(table, focus=True) as shown:
        assert "[/] = 1.0" in shown.screen
        assert "layer 1 of 2: [/]?" in shown.lines[0]
        assert "[b]?" in shown.lines[1]
        await shown.press("n")
        assert "x?[31m = 1.0" in shown.screen
        assert not has_control_characters(shown.screen)


async def test_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with Shown(network(20, 30), focus=True) as shown:
        await shown.press("down", "n")
        assert "›" in shown.row("W2[1]")
