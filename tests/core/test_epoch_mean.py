"""The mean over an epoch from the means over its batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import data, floats, integers, lists, tuples

from nnsim.core.batches import Batches, Place
from nnsim.core.epoch_mean import EpochMean

BATCHES = lists(tuples(floats(-1e6, 1e6), integers(1, 1000)), min_size=1, max_size=30)


def mean_of(batches: list[tuple[float, int]], so_far: EpochMean = EpochMean()) -> EpochMean:  # noqa: B008 - a constant
    means, sizes = np.array(batches).reshape(-1, 2).T
    return so_far.after(means, sizes.astype(np.int64))


@given(BATCHES)
def test_every_sample_counts_once(batches: list[tuple[float, int]]) -> None:
    each = np.concatenate([np.full(size, mean) for mean, size in batches])
    assert mean_of(batches) == (pytest.approx(each.mean(), rel=1e-12, abs=1e-6), len(each))


@given(BATCHES, data())
def test_it_is_the_same_to_the_last_bit_however_many_batches_come_at_a_time(
    batches: list[tuple[float, int]], draw: data
) -> None:
    cut = draw.draw(integers(0, len(batches)))
    assert mean_of(batches[cut:], mean_of(batches[:cut])) == mean_of(batches)


@given(floats(-1e300, 1e300), lists(integers(1, 1000), min_size=1))
def test_batches_of_one_mean_have_that_mean(mean: float, sizes: list[int]) -> None:
    assert mean_of([(mean, size) for size in sizes]).value == mean


@given(integers(1, 50), data())
def test_the_sizes_of_batches_are_those_of_the_plan(samples: int, draw: data) -> None:
    batches = Batches(samples, draw.draw(integers(1, samples)), "fixed", 0)
    plan = batches.plan(Place(0, 0), 3 * batches.per_epoch)
    assert batches.sizes(np.arange(1, 3 * batches.per_epoch + 1)).tolist() == np.diff(plan.starts).tolist()
