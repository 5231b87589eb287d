"""Decimation: at most two points a column, and no extreme of a column is ever lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnsim.tui.widgets.decimation import column_of, decimated

HEIGHTS = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]), max_size=200)


def line_of(heights: list[float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    positions = np.sort(np.random.default_rng(seed).random(len(heights)))
    return positions, np.array(heights, dtype=np.float64)


@given(HEIGHTS, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_each_column_keeps_its_lowest_and_its_highest_and_no_more_than_two(
    heights: list[float], columns: int, seed: int
) -> None:
    x, y = line_of(heights, seed)
    kept_x, kept_y = decimated(x, y, columns)
    column, kept_column = column_of(x, columns), column_of(kept_x, columns)
    assert set(kept_column) == set(column)
    for each in set(column):
        before, after = y[column == each], kept_y[kept_column == each]
        assert len(after) <= 2
        assert after.min() == before.min()
        assert after.max() == before.max()


@given(HEIGHTS, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_what_is_kept_are_points_of_the_line_in_their_order(heights: list[float], columns: int, seed: int) -> None:
    x, y = line_of(heights, seed)
    kept_x, kept_y = decimated(x, y, columns)
    assert set(zip(kept_x, kept_y, strict=True)) <= set(zip(x, y, strict=True))
    assert np.all(np.diff(kept_x) >= 0)


def test_a_spike_of_one_point_among_a_million_survives() -> None:
    y = np.zeros(1_000_000)
    y[123_456] = 1
    assert decimated(np.linspace(0, 1, len(y)), y, 60)[1].max() == 1


def test_few_points_all_stay() -> None:
    x, y = np.array([0.0, 0.5, 1.0]), np.array([3.0, 1.0, 2.0])
    kept_x, kept_y = decimated(x, y, 10)
    assert kept_x.tolist() == x.tolist()
    assert kept_y.tolist() == y.tolist()
