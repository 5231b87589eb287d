"""The ground that the stage is drawn on: dots, lines, ticks, and the relief of a surface."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color

from nnsim.tui.widgets.axes import Frame, ticks
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import stroke
from nnsim.tui.widgets.palette import AGES, Palette, ages, colour_number
from nnsim.tui.widgets.relief import contour, heights

PALETTE = Palette(*(colour_number(Color(shade, shade, shade)) for shade in (0, 240, 160, 60, 200, 180, 220)))
BOX = (0, 0, 40, 40)


def text_of(grid: Grid) -> list[str]:
    return [strip.text for strip in grid.rows().strips]


def test_dots_become_the_braille_character_of_their_cell() -> None:
    grid = Grid(3, 1, PALETTE)
    grid.plot(np.array([0, 1, 2, 5]), np.array([0, 3, 2, 1]), PALETTE.text)
    assert text_of(grid) == ["⢁⠄⠐"]


def test_text_is_cut_at_the_edges() -> None:
    grid = Grid(4, 2, PALETTE)
    for x, y in ((-2, 0), (2, 1), (0, 2), (0, -1), (4, 0)):
        grid.text(x, y, "abcd", PALETTE.text)
    assert text_of(grid) == ["cd  ", "  ab"]


def test_what_a_terminal_would_not_show_in_one_cell_is_replaced() -> None:
    grid = Grid(8, 1, PALETTE)
    grid.text(0, 0, "a\x1b\x9b漢\u0301\xad\ue000é", PALETTE.text)
    assert text_of(grid) == ["a??????é"]


def test_a_cell_is_free_until_something_stands_there() -> None:
    grid = Grid(6, 1, PALETTE)
    grid.pixels(0, 0, np.full((2, 6), PALETTE.muted, dtype=np.int32))
    grid.text(0, 0, "x", PALETTE.text)
    grid.plot(np.array([6]), np.array([0]), PALETTE.text)
    assert [grid.is_free(x, 0, 1) for x in range(7)] == [False, True, True, False, True, True, False]
    assert not grid.is_free(1, 0, 3)
    assert not grid.is_free(0, 1, 1)


def test_a_row_that_stays_the_same_is_kept() -> None:
    first, second, wider = Grid(5, 2, PALETTE), Grid(5, 2, PALETTE), Grid(6, 2, PALETTE)
    first.text(0, 1, "ball", PALETTE.moves)
    second.text(0, 1, "ball", PALETTE.coming)
    before = first.rows()
    after = second.rows(before)
    assert [now is then for now, then in zip(after.strips, before.strips, strict=True)] == [True, False]
    assert [strip.text for strip in after.strips] == ["     ", "ball "]
    assert [strip.text for strip in wider.rows(before).strips] == [" " * 6] * 2


def test_a_line_has_a_dot_in_every_column_or_row() -> None:
    columns, rows = stroke(0.5, 0.5, 9.5, 4.5, BOX)
    assert columns.tolist() == list(range(10))
    assert (rows[0], rows[-1]) == (0, 4)
    assert (np.diff(rows) <= 1).all()


def test_a_line_is_cut_at_the_box() -> None:
    columns, rows = stroke(-1e300, 20.5, 1e300, 20.5, BOX)
    assert (columns.min(), columns.max()) == (0, 39)
    assert set(rows.tolist()) == {20}
    assert stroke(-5.0, -1.0, 50.0, -1.0, BOX)[0].size == 0
    assert stroke(50.0, 0.0, 50.0, 40.0, BOX)[0].size == 0
    assert stroke(np.nan, 0.0, 5.0, 5.0, BOX)[0].size == 0


@given(*[st.floats()] * 4)
def test_every_dot_lies_in_the_box(x0: float, y0: float, x1: float, y1: float) -> None:
    for dots in stroke(x0, y0, x1, y1, BOX):
        assert dots.size <= 42
        assert ((dots >= 0) & (dots < 40)).all()


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 1000.0, 6, [0, 200, 400, 600, 800, 1000]),
        (-4.0, 5.0, 5, [-4, -2, 0, 2, 4]),
        (0.0, 0.35, 4, [0, 0.1, 0.2, 0.3]),
        (1.0, 1.0, 4, []),
        (0.0, 1.0, 0, []),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


@given(st.floats(min_value=-1e12, max_value=1e12), st.floats(min_value=1e-3, max_value=1e12), st.integers(1, 20))
def test_ticks_are_few_and_inside(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in found)


def test_a_frame_places_its_corners() -> None:
    frame = Frame(left=5, top=2, width=10, height=4, x0=0.0, x1=100.0, y0=-1.0, y1=1.0)
    assert frame.cell(0.0, 1.0) == (5, 2)
    assert frame.cell(100.0, -1.0) == (14, 5)
    assert frame.cell(50.0, 0.1) == (10, 3)
    assert frame.cell(100.1, 0.0) is None
    assert frame.cell(np.nan, 0.0) is None
    points = np.array([0.0, 100.0, 0.0, np.nan, 300.0]), np.array([1.0, -1.0, 1.0, 0.0, 0.0])
    assert frame.latest(*points) == {(5, 2): 2, (14, 5): 1}


def test_a_relief_has_its_largest_y_on_top_and_its_contours_around_the_minimum() -> None:
    xs, ys = np.linspace(-1, 1, 41), np.linspace(0, 10, 21)
    losses = ys[:, np.newaxis] ** 2 + 0 * xs
    height = heights(losses, xs, ys, columns=8, rows=20)
    assert height.shape == (20, 8)
    assert height[0, 0] == height.max() == 1
    assert height[-1, 0] == height.min() == 0
    assert np.median(height) == pytest.approx(0.5, abs=0.02)
    lines = contour(height)
    assert [bool(row.all()) for row in lines].count(True) == 7
    assert not (lines.any(axis=1) & ~lines.all(axis=1)).any()


def test_the_youngest_has_the_age_zero() -> None:
    assert ages(3).tolist() == [2, 1, 0]
    assert ages(0).tolist() == []
    assert ages(600)[[0, -1]].tolist() == [AGES - 1, 0]
