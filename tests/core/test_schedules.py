"""Learning-rate schedules against PyTorch's schedulers, what holds for every one of them, and the fields refused."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures import golden

from nnsim.core.arrays import Vector
from nnsim.core.schedules import (
    SCHEDULES,
    Cosine,
    CosineRestarts,
    Exponential,
    MultiStep,
    OneCycle,
    Plateau,
    PlateauState,
    Schedule,
    StepDecay,
    Warmup,
)

GOLDEN = golden("schedules")

counts = st.integers(1, 400)
factors = st.floats(0.01, 0.99)
minima = st.sampled_from([0.0, 1e-3, 0.2])
lengths_and_warmups = st.integers(2, 400).flatmap(
    lambda length: st.tuples(st.just(length), st.floats(1.01 / length, 0.99).filter(lambda w: w * length > 1.0))
)
without_minimum = st.one_of(
    st.builds(StepDecay, counts, factors),
    st.builds(MultiStep, st.sets(counts, min_size=1).map(lambda steps: tuple(sorted(steps))), factors),
    st.builds(Exponential, factors),
    st.builds(Cosine, counts),
    st.builds(CosineRestarts, counts, st.integers(1, 4)),
    st.builds(Warmup, counts, st.floats(0.01, 1.0)),
    st.builds(lambda shape, i, f: OneCycle(*shape, i, f), lengths_and_warmups, st.floats(1, 100), st.floats(1, 1e5)),
)
planned = st.one_of(
    without_minimum,
    st.builds(Cosine, counts, minima),
    st.builds(CosineRestarts, counts, st.integers(1, 4), minima),
)
plateaus = st.builds(
    Plateau, factors, st.integers(0, 4), st.floats(0.0, 0.5), st.integers(0, 3), st.sampled_from([0.0, 1e-3, 2.0])
)
rates = st.floats(1e-6, 10.0)
losses = st.lists(st.floats(-10.0, 10.0) | st.sampled_from([1.0, inf, nan]), max_size=60)


def of_plateau(plateau: Plateau, base: float, losses: list[float]) -> list[float]:
    """The rates before the first loss and after each."""
    state = plateau.start()
    found = [plateau.rate(base, state)]
    for loss in losses:
        state = plateau.after(state, loss)
        found.append(plateau.rate(base, state))
    return found


def largest_relative_error(found: Vector, expected: Vector) -> float:
    """Rate by rate: a small rate counts as much as a large one."""
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected) / np.where(expected == 0.0, 1.0, np.abs(expected))))


@pytest.mark.parametrize("case", GOLDEN["planned"], ids=lambda case: f"{case['kind']} {case['fields']}")
def test_rates_are_pytorchs(case: dict[str, Any]) -> None:
    schedule = SCHEDULES[case["kind"]](**case["fields"])
    assert not isinstance(schedule, Plateau)
    expected = np.array(case["rates"])
    assert largest_relative_error(schedule.rates(case["base"], np.arange(len(expected))), expected) <= 1e-13


@pytest.mark.parametrize("case", GOLDEN["plateaus"], ids=lambda case: str(case["fields"]))
def test_rates_on_plateaus_are_pytorchs(case: dict[str, Any]) -> None:
    found = np.array(of_plateau(Plateau(**case["fields"]), case["base"], GOLDEN["losses"]))
    assert largest_relative_error(found, np.array(case["rates"])) <= 1e-13


def test_the_golden_losses_reduce_the_rate_several_times() -> None:
    reductions = [sum(later < earlier for earlier, later in pairwise(case["rates"])) for case in GOLDEN["plateaus"]]
    assert reductions == [5, 7, 11, 0]  # the last minimum lies above the base rate


# --- closed forms ---


def test_the_rate_is_the_base_rate_at_first_and_the_minimum_from_the_last_step_on() -> None:
    assert Cosine(50, 0.01).rates(0.3, np.array([0, 50, 51, 75, 100, 10**9])).tolist() == [0.3, *[0.01] * 5]


def test_halfway_through_a_cosine_the_rate_is_halfway_down() -> None:
    assert Cosine(50, 0.1).rates(0.3, np.array([25]))[0] == pytest.approx(0.2, rel=1e-15)


def test_every_cycle_starts_at_the_base_rate() -> None:
    starts = np.array([0, 3, 9, 21, 45, 93])
    schedule = CosineRestarts(3, multiplier=2)
    assert schedule.rates(0.7, starts).tolist() == [0.7] * 6
    assert np.all(schedule.rates(0.7, starts[1:] - 1) < schedule.rates(0.7, starts[1:] - 2))
    assert np.all(schedule.rates(0.7, np.setdiff1d(np.arange(100), starts)) < 0.7)


def test_a_warmup_ends_at_the_base_rate_and_stays_there() -> None:
    schedule = Warmup(4, 0.2)
    assert schedule.rates(10.0, np.arange(4)) == pytest.approx([2.0, 4.0, 6.0, 8.0], rel=1e-15)
    assert schedule.rates(10.0, np.array([4, 5, 10**9])).tolist() == [10.0] * 3


def test_one_cycle_rises_to_the_base_rate_falls_to_the_last_one_and_stays_there() -> None:
    schedule = OneCycle(41, warmup=11 / 41, initial=10.0, final=100.0)
    found = schedule.rates(0.5, np.arange(60))
    assert found[[0, 5, 10, 25]] == pytest.approx([0.05, (0.05 + 0.5) / 2, 0.5, (0.5 + 0.0005) / 2], rel=1e-14)
    assert np.all(np.diff(found[:11]) > 0.0)
    assert np.all(np.diff(found[10:41]) < 0.0)
    assert found[40:].tolist() == [0.05 / 100.0] * 20


def test_a_plateau_waits_for_patience_and_then_cools_down() -> None:
    plateau = Plateau(0.5, patience=2, threshold=0.1, cooldown=3)
    found = of_plateau(plateau, 1.0, [10.0, 9.5, 9.2, 9.1, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0])
    # 9.5 to 9.1 are not better than 10 by a tenth: the third one reduces. Three steps later they count again.
    assert found == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_a_loss_that_is_better_by_less_than_the_threshold_does_not_become_the_best() -> None:
    plateau = Plateau(threshold=0.1)
    assert plateau.after(PlateauState(2, 10.0, 3, 0), 9.01) == (2, 10.0, 4, 0)
    assert plateau.after(PlateauState(2, 10.0, 3, 0), 8.99) == (2, 8.99, 0, 0)


def test_a_loss_that_is_not_a_number_is_never_better() -> None:
    plateau = Plateau(0.5, patience=1)
    assert of_plateau(plateau, 1.0, [nan] * 4) == [1.0, 1.0, 0.5, 0.5, 0.25]


# --- what holds for all ---


@given(schedule=planned, base=rates, start=st.integers(0, 900), length=st.integers(0, 99), stride=st.integers(1, 7))
def test_the_rate_of_a_step_is_the_same_in_any_company(
    schedule: Any, base: float, start: int, length: int, stride: int
) -> None:
    steps = np.arange(1000)
    piece = slice(start, start + length, stride)
    assert schedule.rates(base, steps[piece]).tobytes() == schedule.rates(base, steps)[piece].tobytes()


@given(schedule=without_minimum, base=rates, power=st.integers(-20, 20))
def test_rates_scale_with_the_base_rate(schedule: Any, base: float, power: int) -> None:
    steps = np.arange(500)
    scale = 2.0**power  # a power of 2 costs no rounding
    found = schedule.rates(scale * base, steps)
    assert np.all((found == scale * schedule.rates(base, steps)) | (found < 1e-300))  # below, digits are lost


@given(schedule=planned, base=st.floats(0.0, 1e6))
def test_rates_are_never_negative_and_lie_between_base_and_minimum(schedule: Any, base: float) -> None:
    found = schedule.rates(base, np.arange(1000))
    low, high = sorted([base, getattr(schedule, "minimum", 0.0)])
    assert np.all(found >= 0.0)
    assert np.all((low * (1 - 1e-15) <= found) & (found <= high * (1 + 1e-15)))


@given(plateau=plateaus, base=rates, losses=losses)
def test_a_plateau_never_raises_the_rate(plateau: Plateau, base: float, losses: list[float]) -> None:
    found = of_plateau(plateau, base, losses)
    assert found[0] == base
    assert all(0.0 <= later <= earlier for earlier, later in pairwise(found))
    assert found[-1] >= min(base, plateau.minimum)


@given(plateau=plateaus, losses=st.lists(st.floats(0.1, 10.0), max_size=60, unique=True))
def test_a_loss_that_keeps_falling_leaves_the_rate_alone(plateau: Plateau, losses: list[float]) -> None:
    falling = [0.4**k * loss for k, loss in enumerate(sorted(losses, reverse=True))]
    assert of_plateau(plateau, 0.3, falling) == [0.3] * (len(losses) + 1)


# --- names and fields ---

ALL: list[Schedule] = [
    StepDecay(30),
    MultiStep((30, 60), 0.5),
    Exponential(0.95),
    Cosine(50),
    CosineRestarts(10),
    CosineRestarts(10, multiplier=2),
    Warmup(5),
    OneCycle(100),
    Plateau(),
]


def test_every_schedule_is_known_by_its_name() -> None:
    names = ["step", "multi_step", "exponential", "cosine", "cosine_restarts", "warmup", "one_cycle", "plateau"]
    assert list(SCHEDULES) == names
    assert [SCHEDULES[schedule.name] for schedule in ALL] == [type(schedule) for schedule in ALL]


def test_labels_tell_the_schedules_apart() -> None:
    assert [schedule.label for schedule in ALL] == [
        "times 0.1 every 30",
        "times 0.5 at 30, 60",
        "times 0.95 every 1",
        "cosine over 50",
        "cosine restarts every 10",
        "cosine restarts, cycles times 2 from 10",
        "warmup over 5",
        "one cycle over 100",
        "times 0.1 on a plateau of 10",
    ]


def test_a_step_is_an_epoch_or_an_update() -> None:
    assert {schedule.unit for schedule in ALL} == {"epoch"}
    assert Cosine(50, unit="update").unit == "update"


def test_milestones_are_kept_as_a_tuple_so_that_equal_schedules_are_equal() -> None:
    schedule = MultiStep([3, 5])  # type: ignore[arg-type]
    assert schedule == MultiStep((3, 5))
    assert hash(schedule) == hash(MultiStep((3, 5)))


def test_at_a_milestone_the_rate_may_rise() -> None:
    assert MultiStep((2,), 1.5).rates(0.1, np.arange(4)) == pytest.approx([0.1, 0.1, 0.15, 0.15])


LENGTHS = (partial(Cosine), partial(CosineRestarts), partial(Warmup))
FACTORS = (partial(StepDecay, 3), partial(Exponential), partial(Plateau))
MINIMA = (partial(Cosine, 3), partial(CosineRestarts, 3, 2), partial(Plateau, 0.1, 3, 0.0, 0))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        *((partial(make, value), f"length is {value}: it takes a whole") for make in LENGTHS for value in (0, -1, 2.5)),
        *((partial(make, value), f"factor is {value}: it takes") for make in FACTORS for value in (0.0, 1.0, -1, nan)),
        *((partial(MultiStep, (3,), value), f"factor is {value}: it takes") for value in (0.0, -1, inf, nan)),
        *((partial(make, value), f"minimum is {value}: it takes") for make in MINIMA for value in (-0.1, inf, nan)),
        (partial(StepDecay, 0), "every is 0: it takes a whole number of at least 1"),
        (partial(MultiStep, ()), r"milestones is \[\]: it takes one or more numbers that increase"),
        (partial(MultiStep, (3, 3)), r"milestones is \[3, 3\]: it takes one or more numbers that increase"),
        (partial(MultiStep, (5, 3)), r"milestones is \[5, 3\]: it takes one or more numbers that increase"),
        (partial(MultiStep, (0, 3)), "milestones is 0: it takes a whole number of at least 1"),
        (partial(MultiStep, (3, 4.5)), "milestones is 4.5: it takes a whole number"),
        (partial(CosineRestarts, 3, 0), "multiplier is 0: it takes a whole number of at least 1"),
        (partial(CosineRestarts, 3, 1.5), "multiplier is 1.5: it takes a whole number of at least 1"),
        *((partial(Warmup, 3, value), f"start_factor is {value}") for value in (0.0, 1.01, inf, nan)),
        (partial(OneCycle, 0), "length is 0: it takes a whole number of at least 1"),
        *((partial(OneCycle, 5, value), f"warmup is {value} with length 5") for value in (0.0, 0.2, 1.0, nan)),
        *((partial(OneCycle, 9, 0.3, value), f"initial is {value}") for value in (0.9, inf, nan)),
        *((partial(OneCycle, 9, 0.3, 25.0, value), f"final is {value}") for value in (0.9, inf, nan)),
        *((partial(Plateau, 0.1, value), f"patience is {value}") for value in (-1, 2.5)),
        *((partial(Plateau, 0.1, 3, value), f"threshold is {value}") for value in (-0.1, 1.0, nan)),
        *((partial(Plateau, 0.1, 3, 0.0, value), f"cooldown is {value}") for value in (-1, 2.5)),
        *((partial(kind, 3, 0.1, unit="step"), "unit 'step': it can be update, epoch") for kind in (StepDecay, Cosine)),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_by_name(make: Callable[[], Schedule], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        make()


def test_below_0_a_loss_is_better_when_it_is_lower_by_the_threshold() -> None:
    schedule = Plateau(factor=0.5, patience=1, threshold=0.1)
    state = schedule.start()
    for loss in (-10.0, -12.0, -14.0):
        state = schedule.after(state, loss)
    assert state.bad == 0
    for _ in range(2):
        state = schedule.after(state, -14.1)
    assert state.reductions == 1
