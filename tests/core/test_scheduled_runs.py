"""Schedules inside a run: the rates that are used, going back, and plateaus."""

import numpy as np
import pytest
from histories import seen
from problems import bowl_at_4_3, random_network

from nnsim.core.epoch_mean import EpochMean
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.schedules import Cosine, Exponential, Plateau, Schedule, StepDecay
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run, Settings, Watch

TESTED = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 7, test=4)
START = np.random.default_rng(1).uniform(-0.5, 0.5, TESTED.size)
PLATEAU = Plateau(factor=0.5, patience=1, threshold=0.2)
SCHEDULES = [
    StepDecay(3, 0.5),
    Cosine(12, unit="update"),
    PLATEAU,
    Plateau(factor=0.5, patience=2, unit="update"),
]


def rates_used(schedule: Schedule | None, updates: int, size: int = 3) -> list[float]:
    """The learning rates of the first updates, found from the steps that plain gradient descent makes."""
    run = Run(TESTED, Settings(SGD(0.1), size, schedule=schedule), START)
    rates = []
    for _ in range(updates):
        run.advance(1)
        largest = int(np.abs(run.gradient).argmax())
        rates.append((run.previous - run.parameters)[largest] / run.gradient[largest])
        assert rates[-1] == pytest.approx(run.learning_rate, rel=1e-9)
    return rates


def test_without_a_schedule_the_rate_stays() -> None:
    assert rates_used(None, 8) == pytest.approx([0.1] * 8, rel=1e-9)


def test_a_schedule_by_updates_counts_updates() -> None:
    expected = [0.1 * 0.5**k for k in range(8)]
    assert rates_used(Exponential(0.5, unit="update"), 8) == pytest.approx(expected, rel=1e-9)


def test_a_schedule_by_epochs_counts_epochs() -> None:
    # 7 samples in batches of 3 are three updates an epoch.
    expected = [0.1 * 0.5**epoch for epoch in (0, 0, 0, 1, 1, 1, 2, 2)]
    assert rates_used(Exponential(0.5), 8) == pytest.approx(expected, rel=1e-9)


def test_a_change_of_the_rate_scales_what_follows() -> None:
    run = Run(TESTED, Settings(SGD(0.1), 7, schedule=StepDecay(2, 0.1)), START)
    run.advance(3)
    run.change(Settings(SGD(0.4), 7, schedule=StepDecay(2, 0.1)))
    assert run.rates(4) == pytest.approx([0.04, 0.004, 0.004, 0.0004])


def test_a_plateau_is_judged_by_the_mean_loss_of_an_epoch_over_its_samples() -> None:
    run = Run(TESTED, Settings(SGD(0.001), 3, schedule=PLATEAU), START)
    state, rates, expected = PLATEAU.start(), [], []
    for _ in range(20):
        expected.append(PLATEAU.rate(0.001, state))
        rates.append(run.next_rate)
        state = PLATEAU.after(state, float(np.average(run.advance_epoch().losses, weights=[3, 3, 1])))
        assert run.watch == Watch(pytest.approx(state, rel=1e-12), EpochMean())
    assert rates == pytest.approx(expected, rel=1e-12)
    assert rates[-1] < rates[0] / 4


def test_a_plateau_counts_the_samples_of_the_batches_that_were_used() -> None:
    schedule = Plateau(factor=0.5, patience=0)
    run = Run(TESTED, Settings(SGD(0.0), 4, "fixed", schedule), START)
    run.advance(1)
    run.change(Settings(SGD(0.0), 2, "fixed", schedule))
    run.advance(2)  # 4, 2 and 1 samples
    assert run.watch is not None
    assert run.watch.state.best == pytest.approx(TESTED.evaluate(START, TESTED.train).loss, rel=1e-14)


def test_a_plateau_by_updates_looks_at_every_batch() -> None:
    schedule = Plateau(factor=0.5, patience=0, threshold=0.5, unit="update")
    run = Run(bowl_at_4_3(1, 1), Settings(SGD(0.1), 1, schedule=schedule), np.zeros(2))
    run.advance(3)
    # The loss falls to .81 of itself at every update, never to half: every update but the first is a plateau.
    assert run.next_rate == pytest.approx(0.1 * 0.5**2)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: f"{schedule.name} by {schedule.unit}")
def test_going_back_finds_the_same_rates(schedule: Schedule) -> None:
    timeline = Timeline(TESTED, Settings(Adam(0.01), 3, schedule=schedule), START)
    known = {}
    for update in range(0, 40):
        known[update] = (seen(timeline), timeline.run.watch, timeline.run.next_rate, timeline.run.learning_rate)
        timeline.advance(1)
    for update in (17, 3, 39, 0, 20, 21, 38, 9):
        timeline.seek(update)
        found = (seen(timeline), timeline.run.watch, timeline.run.next_rate, timeline.run.learning_rate)
        assert found == known[update]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: f"{schedule.name} by {schedule.unit}")
def test_one_call_makes_the_updates_of_many(schedule: Schedule) -> None:
    settings = Settings(Adam(0.01), 3, schedule=schedule)
    many, single = Run(TESTED, settings, START), Run(TESTED, settings, START)
    many.advance(40)
    for _ in range(40):
        single.advance(1)
    assert many.parameters.tobytes() == single.parameters.tobytes()


def test_a_timeline_knows_the_rates_where_they_changed() -> None:
    timeline = Timeline(TESTED, Settings(SGD(0.1), 3, schedule=StepDecay(2, 0.1)), START)
    timeline.advance(20)
    timeline.seek(14)
    # Three updates an epoch: the rate drops after 6 and after 12.
    assert timeline.rates == pytest.approx(np.array([[1, 0.1], [7, 0.01], [13, 0.001]]))
    timeline.change(Settings(SGD(0.2), 3))
    timeline.advance(2)
    assert timeline.rates == pytest.approx(np.array([[1, 0.1], [7, 0.01], [13, 0.001], [15, 0.2]]))
    timeline.seek(7)
    assert timeline.rates == pytest.approx(np.array([[1, 0.1], [7, 0.01]]))


def test_a_plateau_s_mean_does_not_depend_on_how_the_epoch_was_cut() -> None:
    inputs, targets = np.zeros((6, 1)), np.array([[0.1], [-0.1], [0.2], [-0.2], [0.3], [-0.3]])
    objective = of_network(Network((1, 1), ("linear",)), "absolute_error", Samples(inputs, targets))
    schedule = Plateau(factor=0.5, patience=0, threshold=0.0)
    timeline = Timeline(objective, Settings(SGD(0.05), 2, "fixed", schedule), np.zeros(2))
    for updates in (3, 1, 2, 3):
        timeline.advance(updates)
    timeline.change(Settings(SGD(0.05), 1, "fixed", schedule))
    timeline.advance(1)
    before = (timeline.run.parameters.tolist(), timeline.run.next_rate)
    timeline.seek(0)
    timeline.seek(10)
    assert (timeline.run.parameters.tolist(), timeline.run.next_rate) == before
