"""Random numbers: each purpose, seed and index has a stream of its own, whatever the seed."""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

import nnsim.core
from nnsim.core import initializers
from nnsim.core.batches import Batches
from nnsim.core.network import Network
from nnsim.core.randomness import Purpose, generator

ROOT = Path(nnsim.core.__file__).parents[1]
SEEDS = (0, 1, 2, 3, 5, 2**32 + 5, 5 + 3 * 2**32, 2**63 - 1)
INDICES = (0, 1, 3, 2**32)
RECIPES = ("crowd", "doubled_sine", "hot_dog", "noisy_sine")
"""Data that come from files, and whose figures others have computed as well: what once drew them stays."""


def test_no_two_streams_begin_alike() -> None:
    later = [purpose for purpose in Purpose if purpose is not Purpose.START]
    keys = [*product(later, SEEDS, INDICES), *product([Purpose.START], SEEDS, [0])]
    assert len({generator(*key).bit_generator.random_raw() for key in keys}) == len(keys)


def test_a_stream_is_none_of_a_list_of_numbers() -> None:
    """NumPy pads such a list with zeros: [5, 3] is the seed 5 + 3 * 2^32, and [5, 0] is 5."""
    lists = [(seed % 2**32, *more) for seed in SEEDS for more in (*product(range(8)), *product(range(8), range(4)))]
    padded = {np.random.PCG64([*entropy]).random_raw() for entropy in lists}
    later = [purpose for purpose in Purpose if purpose is not Purpose.START]
    streams = {generator(*key).bit_generator.random_raw() for key in product(later, SEEDS, INDICES)}
    assert padded.isdisjoint(streams)


def test_a_start_is_the_one_that_numpys_own_generator_draws() -> None:
    for seed in SEEDS:
        drawn = np.random.default_rng(seed).standard_normal(9)
        assert generator(Purpose.START, seed).standard_normal(9).tolist() == drawn.tolist()


@pytest.mark.parametrize(("one", "other"), combinations(Purpose, 2))
def test_what_is_drawn_for_two_purposes_is_not_correlated(one: Purpose, other: Purpose) -> None:
    firsts = np.array([[generator(purpose, seed).random() for seed in range(1000)] for purpose in (one, other)])
    assert abs(np.corrcoef(firsts)[0, 1]) < 4.0 / np.sqrt(1000)


def test_the_same_numbers_come_again_and_can_be_drawn_with_numpy_alone() -> None:
    sequence = np.random.SeedSequence(7, spawn_key=(2, 3))
    expected = np.random.Generator(np.random.PCG64(sequence)).permutation(20)
    assert generator(Purpose.ORDER, 7, 3).permutation(20).tolist() == expected.tolist()
    assert Batches(20, 4, "shuffled", seed=7).epoch_order(3).tolist() == expected.tolist()


def test_the_start_says_nothing_of_the_samples_that_come_first() -> None:
    draw, network = initializers.uniform(-1.0, 1.0), Network((1, 1), ("linear",))
    seeds = range(1000)
    starts = [network.initial(draw, initializers.zeros, seed)[0] for seed in seeds]
    orders = np.array([Batches(2, 2, "with_replacement", seed).epoch_order(0) for seed in seeds])
    for place in range(2):
        assert abs(np.corrcoef(starts, orders[:, place])[0, 1]) < 4.0 / np.sqrt(1000)


@pytest.mark.parametrize("seed", [5 + 3 * 2**32, 2**32])
def test_a_long_seed_is_not_a_later_epoch_of_a_short_one(seed: int) -> None:
    low, high = seed % 2**32, seed // 2**32
    long = Batches(400, 8, "shuffled", seed).epoch_order(0)
    assert long.tolist() != Batches(400, 8, "shuffled", low).epoch_order(high).tolist()


def test_nobody_makes_a_generator_of_his_own() -> None:
    sources = [path for room in ("core", "scenarios", "tui") for path in (ROOT / room).rglob("*.py")]
    made = {path.stem for path in sources if "default_rng(" in path.read_text() or "PCG64(" in path.read_text()}
    assert made == {"randomness", *RECIPES}
