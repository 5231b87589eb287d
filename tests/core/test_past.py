"""The past of a run in a bounded room: exact at its beginning and its end, without a lost spike between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnsim.core import past as module
from nnsim.core.past import Past

ROWS = 800
EIGHTH = ROWS // 8
LENGTHS = st.integers(1, 12_000)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAST_BYTES", ROWS * 8 * 5)


class Told:
    """A run of one parameter, of which every number is known."""

    def __init__(self, seed: int, length: int) -> None:
        rng = np.random.default_rng(seed)
        self.losses = rng.standard_normal(length) ** 3
        self.rates = rng.random(length)
        self.accuracies = rng.random((length, 1))
        self.path = rng.random((length + 1, 1))

    def past(self, *ends: int) -> Past:
        """The past of the first updates, added in pieces with these ends."""
        past = Past(self.path[0], with_accuracies=True)
        self.go_on(past, *ends)
        return past

    def go_on(self, past: Past, *ends: int) -> None:
        for begin, end in pairwise([int(past.updates[-1]), *sorted(ends)]):
            told = (self.losses, self.accuracies, self.rates)
            past.append(*(column[begin:end] for column in told), self.path[begin + 1 : end + 1])

    def check(self, past: Past) -> None:
        """Every row of a past has the numbers of its update."""
        updates = past.updates
        assert (np.diff(updates) > 0).all()
        assert past.path.tolist() == self.path[updates].tolist()
        assert past.losses[:-1].tolist() == self.losses[updates[:-1]].tolist()
        assert past.accuracies[:-1].tolist() == self.accuracies[updates[:-1]].tolist()
        assert past.rates[:-1].tolist() == self.rates[updates[:-1]].tolist()
        assert np.isnan([past.losses[-1], past.rates[-1]]).all()


def rows(past: Past) -> list[list[float]]:
    columns = np.column_stack([past.updates, past.losses, past.rates, past.path])
    return np.nan_to_num(columns, nan=-99.0).tolist()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), length=LENGTHS, ends=st.lists(LENGTHS, max_size=4))
def test_rows_are_right_whole_at_both_ends_and_the_same_in_any_pieces(seed: int, length: int, ends: list[int]) -> None:
    told = Told(seed, length)
    past = told.past(length)
    told.check(past)
    assert len(past.updates) <= ROWS
    assert past.updates[:EIGHTH].tolist() == [*range(min(EIGHTH, length + 1))]
    assert past.updates[-EIGHTH:].tolist() == [*range(max(length - EIGHTH + 1, 0), length + 1)][-len(past.updates) :]
    assert rows(told.past(*(end for end in ends if end < length), length)) == rows(past)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), length=LENGTHS)
def test_no_spike_is_lost(seed: int, length: int) -> None:
    told = Told(seed, length)
    past = told.past(length)
    block = 1 << max(0, (16 * length // ROWS).bit_length())
    for begin in range(0, length, block):
        inside = (past.updates[:-1] >= begin) & (past.updates[:-1] < begin + block)
        kept, all_of_them = past.losses[:-1][inside], told.losses[begin : begin + block]
        assert (kept.min(), kept.max()) == (all_of_them.min(), all_of_them.max())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), length=LENGTHS, at=st.integers(0, 12_000), further=LENGTHS)
def test_a_copy_goes_on_by_itself(seed: int, length: int, at: int, further: int) -> None:
    told, at = Told(seed, 24_000), min(at, length)
    past = told.past(length)
    before = rows(past)
    twin = past.copy(at, told.path[at])
    told.check(twin)
    assert twin.updates[-1] == at
    told.go_on(twin, at + further)
    told.check(twin)
    assert twin.updates[-1] == at + further
    assert twin.updates[:EIGHTH].tolist() == [*range(min(EIGHTH, at + further + 1))]
    assert len(twin.updates) <= ROWS
    assert rows(past) == before


def test_however_long_a_run_is_its_middle_is_evenly_known() -> None:
    past, length = Past(np.zeros(0)), 4_000_000
    rng = np.random.default_rng(0)
    for _ in range(length // 10_000):
        losses = rng.standard_normal(10_000)
        past.append(losses, np.zeros((10_000, 0)), losses, np.zeros((10_000, 0)))
    assert np.diff(past.updates).max() <= 16 * length / len(past.updates)
    halves = np.count_nonzero(past.updates[EIGHTH:-EIGHTH] < length / 2)
    assert halves >= ROWS / 8


def test_a_loss_that_stays_the_same_is_thinned_too() -> None:
    past = Past(np.zeros(0))
    for _ in range(100):
        past.append(np.zeros(1000), np.zeros((1000, 0)), np.full(1000, 0.1), np.zeros((1000, 17)))
    assert past.nbytes <= module.PAST_BYTES
    assert past.updates[-1] == 100_000


def test_what_was_handed_out_before_rows_were_left_out_stays_as_it_was() -> None:
    told = Told(0, 5000)
    past = told.past(ROWS - 1)
    updates, losses = past.updates[:-1], past.losses[:-1]
    told.go_on(past, 5000)
    assert past.thinnings
    assert updates.tolist() == [*range(ROWS - 1)]
    assert losses.tolist() == told.losses[: ROWS - 1].tolist()
