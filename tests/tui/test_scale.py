"""Scales: round numbers, every value inside, and nothing that breaks on extreme ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsim.tui.widgets.scale import Scale, axis_length, linear_scale, logarithmic_scale

FINITE = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(0, exclude_min=True, allow_infinity=False)
INTERVALS = st.integers(1, 12)


def assert_sound(scale: Scale, low: float, high: float, intervals: int) -> None:
    inside = scale.fractions(np.array((low, high, *scale.ticks)))
    assert np.all((inside >= -1e-6) & (inside <= 1 + 1e-6))
    assert 1 <= len(scale.ticks) <= 2 * intervals + 3
    assert len(set(scale.labels)) == len(scale.labels) == len(scale.ticks)


@given(FINITE, FINITE, INTERVALS)
def test_a_linear_scale_holds_every_number(one: float, other: float, intervals: int) -> None:
    low, high = sorted((one, other))
    assert_sound(linear_scale(low, high, intervals), low, high, intervals)


@given(POSITIVE, POSITIVE, INTERVALS)
def test_a_logarithmic_scale_holds_every_positive_number(one: float, other: float, intervals: int) -> None:
    low, high = sorted((one, other))
    assert_sound(logarithmic_scale(low, high, intervals), low, high, intervals)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.03, 0.71, ("0", "0.2", "0.4", "0.6", "0.8")),
        (-2.0, 3.0, ("-2", "0", "2", "4")),
        (40.0, 90.0, ("0", "50", "100")),
        (60.0, 90.0, ("60", "70", "80", "90")),
        (0.2451, 0.2453, ("0.2451", "0.24515", "0.2452", "0.24525", "0.2453")),
        (0.0, 22500.0, ("0", "10000", "20000", "30000")),
        (0.0, 1e300, ("0", "5e299", "1e300")),
        (0.0, 3e-7, ("0", "1e-7", "2e-7", "3e-7")),
    ],
)
def test_labels_of_linear_scales(low: float, high: float, labels: tuple[str, ...]) -> None:
    assert linear_scale(low, high, 4).labels == labels


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.012, 0.9, ("0.01", "0.1", "1")),
        (0.1, 0.9, ("0.1", "0.2", "0.5", "1")),
        (1e-9, 1.0, ("1e-9", "1e-6", "0.001", "1")),
        (0.245, 0.247, ("0.245", "0.2455", "0.246", "0.2465", "0.247")),
    ],
)
def test_labels_of_logarithmic_scales(low: float, high: float, labels: tuple[str, ...]) -> None:
    assert logarithmic_scale(low, high, 4).labels == labels


def test_a_decade_is_as_long_as_another() -> None:
    fractions = logarithmic_scale(0.01, 100, 4).fractions(np.array((0.01, 0.1, 1, 10, 100)))
    assert np.diff(fractions) == pytest.approx(0.25)


@given(st.integers(0, 10**9) | st.floats(0, 1e9), st.sampled_from([10.0, 1.0, 0.01]))
def test_what_has_been_fits_and_takes_most_of_the_room(latest: float, shortest: float) -> None:
    assert latest <= axis_length(latest, shortest) <= max(shortest, 1.34 * latest)


def test_the_length_of_the_axis_keeps_still_most_of_the_time() -> None:
    assert len({axis_length(latest) for latest in range(1, 1001)}) <= 22
