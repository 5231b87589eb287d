"""Which samples each update sees: every order can be made again, and no update is lost between two plans."""

from dataclasses import replace
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsim.core.batches import Batches, Order, Place

ORDERS: tuple[Order, ...] = ("shuffled", "fixed", "with_replacement")


def batches_of(batches: Batches, place: Place, updates: int) -> list[list[int]]:
    """The batches of the next updates, each as a list of samples."""
    order, starts = batches.plan(place, updates)
    assert len(starts) == updates + 1
    return [order[begin:end].tolist() for begin, end in pairwise(starts)]


@st.composite
def any_batches(draw: st.DrawFn) -> Batches:
    samples = draw(st.integers(1, 30))
    size = draw(st.just(samples) | st.integers(1, samples))
    return Batches(samples, size, draw(st.sampled_from(ORDERS)), draw(st.integers(0, 9)))


def test_every_epoch_of_shuffled_batches_is_a_permutation_of_its_own() -> None:
    batches = Batches(23, 5, "shuffled", seed=1)
    epochs = [batches.epoch_order(epoch).tolist() for epoch in range(20)]
    assert all(sorted(epoch) == list(range(23)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 20


def test_an_order_follows_from_seed_and_epoch_alone() -> None:
    order = Batches(50, 5, "shuffled", seed=1).epoch_order(7).tolist()
    for epoch in range(30):
        Batches(50, 5, "shuffled", seed=1).epoch_order(epoch)
    assert Batches(50, 8, "shuffled", seed=1).epoch_order(7).tolist() == order
    assert Batches(50, 5, "shuffled", seed=2).epoch_order(7).tolist() != order


def test_the_short_last_batch_is_used() -> None:
    batches = Batches(23, 5, "shuffled", seed=0)
    epoch = batches_of(batches, Place(0, 0), 5)
    assert [len(batch) for batch in epoch] == [5, 5, 5, 5, 3]
    assert sorted(chain.from_iterable(epoch)) == list(range(23))
    assert batches.per_epoch == 5


def test_fixed_batches_come_in_the_order_of_the_samples() -> None:
    batches = Batches(7, 3, "fixed", seed=0)
    assert batches_of(batches, Place(0, 0), 4) == [[0, 1, 2], [3, 4, 5], [6], [0, 1, 2]]


def test_batches_with_replacement_repeat_some_samples_and_miss_others() -> None:
    batches = Batches(1000, 10, "with_replacement", seed=0)
    epoch = batches.epoch_order(0)
    assert len(epoch) == 1000
    assert 0 <= epoch.min() <= epoch.max() < 1000
    # A sample is missed with chance (1 - 1/n)^n, close to 1/e; the share of 1000 samples has a deviation of .01.
    assert len(np.unique(epoch)) / 1000 == pytest.approx(1 - 1 / np.e, abs=0.05)
    assert epoch.tolist() != batches.epoch_order(1).tolist()


@pytest.mark.parametrize("order", ["shuffled", "fixed"])
def test_a_full_batch_is_all_samples_in_their_own_order(order: Order) -> None:
    batches = Batches(4, 4, order, seed=3)
    assert batches.full
    assert batches_of(batches, Place(0, 0), 3) == [[0, 1, 2, 3]] * 3
    assert not Batches(4, 3, order, seed=3).full


def test_a_full_batch_first_ends_the_epoch_that_smaller_batches_began() -> None:
    rest = Batches(9, 3, "shuffled", seed=3).epoch_order(0)[6:].tolist()
    full = Batches(9, 9, "shuffled", seed=3)
    assert batches_of(full, Place(0, 6), 3) == [rest, list(range(9)), list(range(9))]


def test_a_batch_of_all_samples_with_replacement_is_still_drawn() -> None:
    batches = Batches(50, 50, "with_replacement", seed=0)
    assert not batches.full
    assert batches_of(batches, Place(0, 0), 1)[0] != list(range(50))


def test_single_samples_take_turns() -> None:
    singles = batches_of(Batches(6, 1, "shuffled", seed=0), Place(0, 0), 6)
    assert sorted(singles) == [[0], [1], [2], [3], [4], [5]]


@given(any_batches(), st.integers(1, 30), st.lists(st.integers(1, 12), min_size=1, max_size=8))
def test_plans_of_any_split_make_up_the_plan_of_all_at_once(batches: Batches, size: int, split: list[int]) -> None:
    # The epoch may have begun in batches of another size.
    begin = replace(batches, size=min(size, batches.samples)).after(Place(0, 0), split[0])
    place, pieces = begin, []
    for updates in split:
        pieces += batches_of(batches, place, updates)
        place = batches.after(place, updates)
    assert pieces == batches_of(batches, begin, sum(split))
    assert place == batches.after(begin, sum(split))


@given(any_batches(), st.integers(1, 90))
def test_the_place_afterwards_counts_the_samples_of_the_plan(batches: Batches, updates: int) -> None:
    used = sum(len(batch) for batch in batches_of(batches, Place(3, 0), updates))
    assert batches.after(Place(3, 0), updates) == Place(3 + used // batches.samples, used % batches.samples)


@given(any_batches(), st.integers(0, 90))
def test_the_updates_left_lead_to_the_next_epoch(batches: Batches, updates: int) -> None:
    place = batches.after(Place(0, 0), updates)
    left = batches.left(place)
    assert 1 <= left <= batches.per_epoch
    assert batches.after(place, left) == Place(place.epoch + 1, 0)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_an_epoch_stays_one_pass_when_the_batch_size_changes_within_it(
    samples: int, size: int, new_size: int, updates: int
) -> None:
    before = Batches(samples, min(size, samples), "shuffled", seed=0)
    after = Batches(samples, min(new_size, samples), "shuffled", seed=0)
    updates = min(updates, before.per_epoch - 1)
    place = before.after(Place(0, 0), updates)
    epoch = batches_of(before, Place(0, 0), updates) if updates else []
    epoch += batches_of(after, place, after.left(place))
    assert sorted(chain.from_iterable(epoch)) == list(range(samples))
