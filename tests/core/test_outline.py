"""The outline of a past: few moments, every spike, the same again after going back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import bowl_at_4_3, random_network

from nnsim.core import history as module
from nnsim.core.arrays import Matrix
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.outline import MOMENTS, Extremes, Outline
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings

LARGE = random_network((2, 4, 2), ("relu", "linear"), "cross_entropy", 7)
START = np.random.default_rng(1).uniform(-0.5, 0.5, LARGE.size)


def path_of(count: int) -> Matrix:
    return np.random.default_rng(count).standard_normal((count, 2))


def large_timeline() -> Timeline:
    return Timeline(LARGE, Settings(Adam(0.01), 3), START, 3)


def same(one: Outline, other: Outline) -> bool:
    return all(np.array_equal(np.array(a), np.array(b)) for a, b in zip(one, other, strict=True))


@settings(max_examples=30)
@given(count=st.integers(1, 20_000), before=st.lists(st.integers(0, 20_000), max_size=3), later=st.integers(0, 20_000))
def test_the_blocks_of_a_path_hold_its_extremes(count: int, before: list[int], later: int) -> None:
    path = path_of(count)
    extremes, taken = Extremes.beginning(path[0]), 1
    for known in sorted({max(1, min(known, count)) for known in before}):  # in which pieces it comes changes nothing
        extremes.add(path[taken:known])
        taken = known
    extremes.add(path[taken:])
    if later:  # as much as it was before
        extremes.add(path_of(later))
    updates, lows, highs = extremes.outline(count, np.arange(count), path)
    assert len(updates) == len(lows) == len(highs) <= MOMENTS + 1
    assert updates[-1] == count - 1
    for begin, end, low, high in zip([0, *(updates[:-1] + 1)], updates + 1, lows, highs, strict=True):
        assert low.tolist() == path[begin:end].min(axis=0).tolist()
        assert high.tolist() == path[begin:end].max(axis=0).tolist()


def test_a_short_path_is_told_update_by_update() -> None:
    timeline = Timeline(bowl_at_4_3(), Settings(SGD(0.1), 1), np.zeros(2))
    timeline.advance(3)
    updates, lows, highs = timeline.outline()
    assert updates.tolist() == [0, 1, 2, 3]
    assert np.array(lows)[:, 0] == pytest.approx([0.0, 0.4, 0.76, 1.084])
    assert np.array(highs).tolist() == np.array(lows).tolist()


def test_an_outline_of_many_parameters_has_the_values_at_some_updates() -> None:
    timeline = large_timeline()
    known = {0: START}
    for update in range(10, 1000, 10):
        timeline.advance(10)
        known[update] = timeline.run.parameters.copy()
    updates, lows, highs = timeline.outline()
    assert updates.tolist() == list(range(0, 1000, 20))
    for update, low, high in zip(updates.tolist(), lows, highs, strict=True):
        assert low.tobytes() == high.tobytes() == known[update].tobytes()


@pytest.mark.parametrize("update", [0, 7, 10, 639, 640, 641, 1279, 1280, 2560, 5001])
def test_going_back_finds_the_outline_that_was_there(update: int) -> None:
    for timeline in (large_timeline(), Timeline(bowl_at_4_3(), Settings(SGD(0.01), 1), np.zeros(2))):
        timeline.advance(update)
        before = timeline.outline()
        timeline.advance(9000)
        assert not same(timeline.outline(), before)
        timeline.seek(update)
        assert same(timeline.outline(), before)


def test_a_new_future_has_an_outline_of_its_own() -> None:
    timeline = Timeline(bowl_at_4_3(), Settings(SGD(0.01), 1), np.zeros(2))
    timeline.advance(9000)
    timeline.outline()
    timeline.seek(6000)
    timeline.change(Settings(SGD(0.02), 1))
    timeline.advance(3000)
    assert timeline.path is not None
    fresh = Extremes.beginning(timeline.path[0])
    fresh.add(timeline.path[1:])
    assert same(timeline.outline(), fresh.outline(9001, timeline.updates, timeline.path))


def test_keyframes_lie_close_at_the_start_and_farther_apart_later() -> None:
    objective = random_network((2, 4, 2), ("relu", "linear"), "cross_entropy", 10_000)
    timeline = Timeline(objective, Settings(Adam(0.01), 3), START, 3)
    timeline.advance(100_000)
    updates = np.array([frame.update for frame in timeline.keyframes])
    for begin, end, spacing in ((0, 1280, 10), (1280, 2560, 20), (20_480, 40_960, 320), (40_960, 100_000, 640)):
        assert updates[(updates >= begin) & (updates < end)].tolist() == list(range(begin, end, spacing))
    timeline.seek(55)
    assert [frame.update for frame in timeline.keyframes] == [0, 10, 20, 30, 40, 50]


def test_keyframes_that_take_too_much_room_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = large_timeline()
    size = module.KEYFRAME_OVERHEAD + 3 * START.nbytes
    monkeypatch.setattr(module, "KEYFRAME_BYTES", 100 * size)
    timeline.advance(1010)
    assert [frame.update for frame in timeline.keyframes] == list(range(0, 1001, 20))
    timeline.advance(3000)
    assert len(timeline.keyframes) <= 100
    updates, lows, _ = timeline.outline()
    assert updates[-1] > 3900
    assert len(lows) == len(updates) > 40
