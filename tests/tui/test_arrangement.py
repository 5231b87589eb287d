"""Where the panels stand: everything that has a place is in sight, nothing overlaps, nothing is left empty."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from nnsim.tui.arrangement import PANELS, Wishes, arrange

SIZES = ((80, 21), (100, 27), (120, 33), (160, 42), (200, 57))
LEAST_PANEL = (24, 4)

panels = st.frozensets(st.sampled_from(PANELS), min_size=1)


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    return Wishes(
        available=draw(panels),
        chosen=tuple(draw(st.lists(st.sampled_from(PANELS), unique=True))),
        hidden=draw(st.frozensets(st.sampled_from(PANELS))),
        maximised=draw(st.none() | st.sampled_from(PANELS)),
        most_rows=draw(st.dictionaries(st.just("parameters"), st.integers(4, 40))),
    )


@given(wishes(), st.sampled_from(SIZES))
def test_panels_cover_the_lab_without_a_gap_and_without_overlapping(wished: Wishes, size: tuple[int, int]) -> None:
    placed = arrange(*size, wished)
    assert set(placed) <= wished.available - wished.hidden
    assert bool(placed) == bool(wished.available - wished.hidden)
    for one, other in combinations(placed.values(), 2):
        assert not one.overlaps(other)
    covered = sum(region.area for region in placed.values())
    assert covered == (size[0] * size[1] if placed else 0)
    assert all(Region(0, 0, *size).contains_region(region) for region in placed.values())


@given(wishes(), st.integers(1, 300), st.integers(1, 100))
def test_every_size_has_an_arrangement(wished: Wishes, width: int, height: int) -> None:
    for region in arrange(width, height, wished).values():
        assert region.x >= 0
        assert region.right <= width


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
def test_a_chosen_panel_is_in_sight_at_every_size(panel: str, size: tuple[int, int]) -> None:
    placed = arrange(*size, Wishes(frozenset(PANELS), chosen=(panel,)))
    assert panel in placed
    assert placed[panel].width >= LEAST_PANEL[0]
    assert placed[panel].height >= LEAST_PANEL[1]


@pytest.mark.parametrize("size", SIZES)
def test_the_stage_and_the_words_are_always_in_sight(size: tuple[int, int]) -> None:
    placed = arrange(*size, Wishes(frozenset(PANELS), chosen=PANELS[::-1]))
    assert {"stage", "narration"} <= set(placed)


def test_stage_chart_table_and_diagram_stand_side_by_side_from_120_columns_on() -> None:
    placed = arrange(120, 33, Wishes(frozenset(PANELS) - {"race"}))
    assert {"stage", "chart", "parameters", "diagram", "narration"} <= set(placed)


def test_the_largest_terminal_shows_everything() -> None:
    assert set(arrange(200, 57, Wishes(frozenset(PANELS)))) == set(PANELS)


def test_the_panel_chosen_last_takes_the_place() -> None:
    placed = arrange(80, 21, Wishes(frozenset(PANELS), chosen=("batch", "receipt")))
    assert "batch" in placed
    assert "receipt" not in placed


@pytest.mark.parametrize("size", SIZES[1:4])
def test_a_receipt_takes_the_rows_of_the_chart_as_well(size: tuple[int, int]) -> None:
    without = arrange(*size, Wishes(frozenset(PANELS)))
    placed = arrange(*size, Wishes(frozenset(PANELS), chosen=("receipt", "chart")))
    assert "chart" not in placed
    assert placed["receipt"].height == without["chart"].height + without["parameters"].height
    assert {"chart", "receipt"} <= set(arrange(*size, Wishes(frozenset(PANELS), chosen=("chart", "receipt"))))


def test_what_a_table_has_no_use_for_goes_to_the_chart() -> None:
    without_network = frozenset({"stage", "chart", "parameters", "narration"})
    placed = arrange(120, 33, Wishes(without_network, most_rows={"parameters": 5}))
    assert placed["parameters"].height == 5
    assert placed["chart"].height == 33 - 10 - 5


def test_a_maximised_panel_has_everything_unless_it_is_hidden() -> None:
    everything = frozenset(PANELS)
    assert arrange(80, 21, Wishes(everything, maximised="chart")) == {"chart": Region(0, 0, 80, 21)}
    assert len(arrange(80, 21, Wishes(everything, maximised="chart", hidden=frozenset({"chart"})))) > 1
