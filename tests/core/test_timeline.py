"""Going back: whatever was done, every update is bit for bit what a straight run gives."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nnsim.core import timeline as module
from nnsim.core.arrays import Vector
from nnsim.core.batches import Place
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.surfaces import bowl, double_well
from nnsim.core.timeline import Record, Timeline
from nnsim.core.training import Checkpoint, Run, Settings
from problems import bits, bowl_at_4_3, random_network

SAMPLES = 7
SEED = 3

# One objective has a path and measures epochs on a test set, one has a path alone, one is too large for a path.
TESTED = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", SAMPLES, test=4)
PATH_ALONE = of_surface(bowl(np.diag([1.0, 3.0]), np.zeros(2)), np.random.default_rng(0).standard_normal((SAMPLES, 2)))
LARGE = random_network((2, 4, 2), ("relu", "linear"), "cross_entropy", SAMPLES)
OBJECTIVES = [TESTED, PATH_ALONE, LARGE]

OPTIMIZERS = [SGD(0.05), SGD(0.01), SGD(0.02, momentum=0.9), SGD(0.02, momentum=0.9, nesterov=True), Adam(0.01)]
SETTINGS = [Settings(optimizer, size) for optimizer in [*OPTIMIZERS, Adam(0.002)] for size in (1, 3, SAMPLES)]
SETTINGS += [Settings(SGD(0.01), 3, "fixed"), Settings(Adam(0.01), 2, "with_replacement")]


def start_of(objective: Objective) -> Vector:
    return np.random.default_rng(1).uniform(-0.5, 0.5, objective.size)


@dataclass
class Straight:
    """A run that never went back, up to some update."""

    bits: tuple[Any, ...]
    losses: bytes
    path: bytes | None
    records: list[Record]
    epoch: int


def record(run: Run) -> Record:
    objective = run.objective
    test = objective.evaluate(run.parameters, objective.test) if objective.test else None
    return Record(run.update, run.place.epoch, objective.evaluate(run.parameters, objective.train), test)


def straight(objective: Objective, changes: list[tuple[int, Settings]], update: int) -> Straight:
    """Go from the start to `update` under the given changes, each as (update, settings), the first at 0."""
    start = start_of(objective)
    run = Run(objective, changes[0][1], start, SEED)
    losses, path, records = [], [start[None]], [record(run)]
    past = [change for change in changes if change[0] <= update]
    ends = [*(begin for begin, _ in past[1:]), update]
    for (_, new), end in zip(past, ends, strict=True):
        run.change(new)
        while run.update < end:
            progress = run.advance(min(end - run.update, run.batches.left(run.place)))
            losses.append(progress.losses)
            path.append(progress.path)
            if run.place.sample == 0:
                records.append(record(run))
    has_path = objective.size <= 16
    return Straight(
        bits(run),
        np.concatenate([np.zeros(0), *losses]).tobytes(),
        np.concatenate(path).tobytes() if has_path else None,
        records if objective.test or not has_path else records[:1],
        run.place.epoch,
    )


def seen(timeline: Timeline) -> Straight:
    """What a timeline shows where it stands."""
    return Straight(
        bits(timeline.run),
        timeline.losses.tobytes(),
        None if timeline.path is None else timeline.path.tobytes(),
        timeline.records,
        timeline.epoch_of(timeline.update),
    )


# Any sequence of steps.


class Step(NamedTuple):
    """Something a learner does: go forward, to the end of the epoch, to a share of what is known, or change."""

    kind: Literal["advance", "epoch", "seek", "change"]
    number: int = 0


STEPS = st.one_of(
    st.builds(Step, st.just("advance"), st.integers(0, 40)),
    st.just(Step("epoch")),
    st.builds(Step, st.just("seek"), st.integers(0, 100)),
    st.builds(Step, st.just("change"), st.integers(0, len(SETTINGS) - 1)),
)


class Expected:
    """What must be true after some steps, kept without a timeline."""

    def __init__(self, first: Settings) -> None:
        self.changes = [(0, first)]
        self.update = self.latest = 0

    def forward(self, updates: int) -> None:
        self.update += updates
        self.latest = max(self.latest, self.update)

    def change(self, new: Settings) -> None:
        self.changes = [(update, old) for update, old in self.changes if update < self.update]
        self.changes.append((self.update, new))
        self.latest = self.update


def take(step: Step, timeline: Timeline, expected: Expected) -> None:
    """Do one step on both."""
    if step.kind == "advance":
        assert timeline.advance(step.number) == step.number
        expected.forward(step.number)
    elif step.kind == "epoch":
        epoch = timeline.run.place.epoch
        expected.forward(timeline.advance_epoch())
        assert timeline.run.place == Place(epoch + 1, 0)
    elif step.kind == "seek":
        expected.update = expected.latest * step.number // 100
        timeline.seek(expected.update)
    else:
        timeline.change(SETTINGS[step.number])
        expected.change(SETTINGS[step.number])


@pytest.fixture(scope="module")
def close_keyframes() -> Iterator[None]:
    """Keyframes every 5 updates, and no more than a few of them, so that short runs meet them often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "KEYFRAME_UPDATES", 5)
        patch.setattr(module, "KEYFRAME_BYTES", 8000)
        yield


@pytest.mark.usefixtures("close_keyframes")
@pytest.mark.parametrize("objective", OBJECTIVES, ids=["tested", "path alone", "large"])
@settings(max_examples=150)
@given(first=st.sampled_from(SETTINGS), steps=st.lists(STEPS, min_size=1, max_size=12))
def test_any_way_to_an_update_shows_what_the_straight_way_shows(
    objective: Objective, first: Settings, steps: list[Step]
) -> None:
    timeline, expected = Timeline(objective, first, start_of(objective), SEED), Expected(first)
    for step in steps:
        take(step, timeline, expected)
        assert (timeline.update, timeline.latest) == (expected.update, expected.latest)
        assert seen(timeline) == straight(objective, expected.changes, expected.update)
    timeline.seek(timeline.latest)
    assert seen(timeline) == straight(objective, expected.changes, expected.latest)


# The same, in the cases that matter most.


def network_timeline(optimizer: SGD | Adam = Adam(0.01), batch_size: int = 3) -> Timeline:  # noqa: B008
    return Timeline(TESTED, Settings(optimizer, batch_size), start_of(TESTED), SEED)


def test_back_one_update_undoes_it() -> None:
    timeline = network_timeline()
    timeline.advance(9)
    before = seen(timeline)
    timeline.advance(1)
    timeline.seek(9)
    assert seen(timeline) == before


def test_a_change_takes_effect_at_the_next_update_and_going_back_undoes_it() -> None:
    timeline = network_timeline(SGD(0.05))
    timeline.advance(10)
    before = timeline.run.parameters.copy()
    timeline.change(Settings(SGD(0.5), 3))
    assert timeline.run.parameters.tobytes() == before.tobytes()
    timeline.advance(1)
    assert np.allclose(timeline.run.parameters, before - 0.5 * timeline.run.gradient, rtol=1e-15)
    timeline.seek(4)
    assert timeline.run.settings == Settings(SGD(0.05), 3)
    timeline.seek(11)
    assert timeline.run.settings == Settings(SGD(0.5), 3)
    assert [change.update for change in timeline.changes] == [0, 10]


def test_a_second_change_at_the_same_update_replaces_the_first() -> None:
    twice, once = network_timeline(Adam(0.01)), network_timeline(Adam(0.01))
    for timeline in (twice, once):
        timeline.advance(10)
    twice.change(Settings(SGD(0.1, momentum=0.9), 1))
    twice.change(Settings(Adam(0.02), 3))
    once.change(Settings(Adam(0.02), 3))
    assert twice.changes == once.changes
    assert twice.run.state.any()
    for timeline in (twice, once):
        timeline.advance(10)
    assert seen(twice) == seen(once)


def test_a_change_in_the_past_drops_the_future() -> None:
    timeline = network_timeline()
    timeline.advance(30)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.advance(30)
    timeline.seek(12)
    timeline.change(Settings(SGD(0.2), 3))
    assert timeline.latest == 12
    assert [change.update for change in timeline.changes] == [0, 12]
    assert timeline.records[-1].update == 12
    with pytest.raises(ValueError, match="update 13: it can be 0 to 12"):
        timeline.seek(13)


@pytest.mark.parametrize("update", [-1, 21])
def test_only_known_updates_can_be_sought(update: int) -> None:
    timeline = network_timeline()
    timeline.advance(20)
    before = seen(timeline)
    with pytest.raises(ValueError, match=f"update {update}: it can be 0 to 20"):
        timeline.seek(update)
    assert seen(timeline) == before


def test_settings_that_do_not_fit_change_nothing() -> None:
    timeline = network_timeline()
    timeline.advance(20)
    timeline.seek(8)
    before = seen(timeline)
    with pytest.raises(ValueError, match="batch_size is 8"):
        timeline.change(Settings(SGD(0.1), 8))
    assert (seen(timeline), timeline.latest, len(timeline.changes)) == (before, 20, 1)


def test_epochs_are_measured_on_both_sets_where_they_end() -> None:
    timeline = network_timeline(SGD(0.05))
    for _ in range(4):
        timeline.advance_epoch()
    assert [(record.update, record.epoch) for record in timeline.records] == [(0, 0), (3, 1), (6, 2), (9, 3), (12, 4)]
    timeline.change(Settings(SGD(0.05), 1))
    timeline.advance(7)
    assert timeline.records[-1] == record(timeline.run)
    timeline.seek(8)
    assert [record.update for record in timeline.records] == [0, 3, 6]
    assert [timeline.epoch_of(update) for update in (0, 2, 3, 8)] == [0, 0, 1, 2]


def test_an_epoch_that_holds_a_known_change_of_batch_size_still_ends_where_it_ends() -> None:
    timeline = network_timeline(SGD(0.05), batch_size=1)
    timeline.advance(1)
    timeline.change(Settings(SGD(0.05), 3))
    timeline.seek(0)
    assert timeline.advance_epoch() == 3
    assert timeline.run.place == Place(1, 0)


def test_a_surface_without_data_is_measured_by_its_path() -> None:
    timeline = Timeline(bowl_at_4_3(), Settings(SGD(0.1), 1), np.zeros(2))
    timeline.advance(3)
    assert not timeline.measures_epochs
    assert [record.update for record in timeline.records] == [0]
    assert timeline.path is not None
    assert timeline.path[:, 0] == pytest.approx([0.0, 0.4, 0.76, 1.084])
    assert timeline.losses[0] == 48.5


# Long runs.

PEOPLE = 2100


def age_timeline() -> Timeline:
    """1-16-32-2 with Adam and batches of 10 on 2100 samples, which makes 210 updates an epoch."""
    rng = np.random.default_rng(0)
    ages = rng.uniform(0, 1, (PEOPLE, 1))
    old = (ages[:, 0] + rng.normal(0, 0.1, PEOPLE) > 0.6).astype(int)
    network = Network((1, 16, 32, 2), ("relu", "relu", "linear"))
    objective = of_network(network, "cross_entropy", Samples(ages, np.eye(2)[old]))
    return Timeline(objective, Settings(Adam(1e-3), 10), rng.uniform(-0.5, 0.5, objective.size), seed=1)


def test_210_single_updates_are_one_epoch_bit_for_bit() -> None:
    single, epoch = age_timeline(), age_timeline()
    for _ in range(210):
        assert single.advance(1) == 1
    assert epoch.advance_epoch() == 210
    assert seen(single) == seen(epoch)
    assert single.run.place == Place(1, 0)


def test_back_and_forward_gives_the_same_bits_anywhere_in_a_run_of_20000_updates() -> None:
    timeline, run = age_timeline(), age_timeline().run
    timeline.advance(20_000)
    rng = np.random.default_rng(2)
    corners = [0, 1, 209, 210, 211, 499, 500, 501, 1000, 10_500, 19_999, 20_000]
    places = [*corners, *rng.integers(0, 20_001, 40).tolist()]
    known = {}
    for place in sorted(set(places)):
        run.advance(place - run.update)
        known[place] = bits(run)
    rng.shuffle(places)
    for here, there in pairwise(places):
        for place in (here, there, here):
            timeline.seek(place)
            assert bits(timeline.run) == known[place]
    assert timeline.latest == 20_000
    assert len(timeline.losses) == timeline.update


def live_keyframes() -> list[Checkpoint]:
    """Every checkpoint that is still kept by anything."""
    return [thing for thing in gc.get_objects() if type(thing) is Checkpoint]


def test_keyframes_do_not_grow_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 100_000
    monkeypatch.setattr(module, "KEYFRAME_UPDATES", 10)
    monkeypatch.setattr(module, "KEYFRAME_BYTES", limit)
    before = len(live_keyframes())
    timeline = network_timeline()
    timeline.advance(20_000)
    kept = live_keyframes()[before:]
    assert 20 < len(kept) < 20_000 / 10 / 4
    assert sum(frame.parameters.nbytes + frame.state.nbytes for frame in kept) < limit
    fresh = network_timeline().run
    fresh.advance(12_345)
    timeline.seek(12_345)
    assert bits(timeline.run) == bits(fresh)


# Stops.


def divergent(rate: float, objective: Objective, start: float) -> Timeline:
    return Timeline(objective, Settings(SGD(rate), 1), np.full(objective.size, start))


STOPS = {
    "runaway": lambda: divergent(0.25, bowl_at_4_3(), 0.0),
    "loss": lambda: divergent(1e160, bowl_at_4_3(), 0.0),
    "gradient": lambda: divergent(1e200, of_surface(double_well()), 4.0),
    "parameter": lambda: divergent(1e308, of_surface(double_well()), 4.0),
}


@pytest.mark.parametrize("kind", STOPS)
def test_a_stop_is_told_at_the_end_alone_and_again_whenever_one_comes_back_to_it(kind: str) -> None:
    timeline = STOPS[kind]()
    made = timeline.advance(1000)
    why = timeline.stopped
    assert timeline.update == timeline.latest == made < 1000
    assert why is not None
    assert timeline.advance(1) == 0
    timeline.seek(0)
    assert timeline.stopped is None
    timeline.seek(made)
    assert timeline.stopped == why
    timeline.seek(0)
    assert timeline.advance(1000) == made
    assert timeline.stopped == why


@pytest.mark.parametrize("kind", STOPS)
def test_where_a_run_stopped_it_is_as_it_was_after_going_back_and_forward(kind: str) -> None:
    timeline = STOPS[kind]()
    made = timeline.advance(1000)
    end = seen(timeline)
    timeline.seek(0)
    timeline.seek(made)
    assert seen(timeline) == end


@pytest.mark.parametrize("kind", STOPS)
def test_a_change_before_the_stop_lets_the_run_go_on(kind: str) -> None:
    timeline = STOPS[kind]()
    timeline.advance(1000)
    timeline.seek(0)
    timeline.change(Settings(SGD(0.01), 1))
    assert timeline.advance(1000) == 1000
    assert timeline.stopped is None
    assert np.isfinite(timeline.losses).all()


def test_a_step_back_from_a_runaway_and_a_smaller_rate_bring_the_run_home() -> None:
    timeline = STOPS["runaway"]()
    made = timeline.advance(1000)
    timeline.seek(made - 1)
    timeline.change(Settings(SGD(0.1), 1))
    assert timeline.advance(400) == 400
    assert timeline.stopped is None
    assert timeline.run.parameters == pytest.approx([4.0, 3.0], abs=1e-6)


def test_a_cancelled_timeline_makes_no_update() -> None:
    timeline = network_timeline()
    timeline.advance(5)
    timeline.cancel()
    assert timeline.advance(1000) == 0
    assert timeline.update == 5
