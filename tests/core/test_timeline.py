"""A timeline: going back, changes on the way, epochs, long runs."""

import gc
from itertools import pairwise

import numpy as np
import pytest
from histories import record, seen, straight
from problems import bits, bowl_at_4_3, random_network

from nnsim.core import history as module
from nnsim.core import timeline as timeline_module
from nnsim.core.batches import Place
from nnsim.core.network import Network
from nnsim.core.objective import Samples, of_network
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.timeline import MOST_BRANCHES, Timeline
from nnsim.core.training import Checkpoint, Settings

SEED = 3
ADAM = Adam(0.01)
TESTED = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 7, test=4)
START = np.random.default_rng(1).uniform(-0.5, 0.5, TESTED.size)


def network_timeline(optimizer: Optimizer = ADAM, batch_size: int = 3) -> Timeline:
    return Timeline(TESTED, Settings(optimizer, batch_size), START, SEED)


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
    assert timeline.run.parameters == pytest.approx(before - 0.5 * timeline.run.gradient, rel=1e-12)
    timeline.seek(4)
    assert timeline.run.settings == Settings(SGD(0.05), 3)
    timeline.seek(11)
    assert timeline.run.settings == Settings(SGD(0.5), 3)
    assert [change.update for change in timeline.changes] == [0, 10]


def test_the_settings_used_are_those_of_the_last_update() -> None:
    first, second = Settings(SGD(0.05), 3), Settings(SGD(0.5), 3)
    timeline = network_timeline(SGD(0.05))
    assert timeline.settings_used == first
    timeline.advance(10)
    timeline.change(second)
    assert (timeline.settings_used, timeline.run.settings) == (first, second)
    timeline.advance(1)
    assert timeline.settings_used == second
    timeline.seek(10)
    assert timeline.settings_used == first


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


def test_a_change_in_the_past_begins_a_new_future() -> None:
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


def test_the_future_that_was_left_is_kept_and_can_be_gone_back_to() -> None:
    timeline = network_timeline()
    timeline.advance(30)
    first = seen(timeline)
    timeline.seek(12)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.advance(5)
    second = seen(timeline)
    (branch,) = timeline.branches
    assert (timeline.fork(branch), branch.latest) == (12, 30)
    timeline.switch(branch)
    assert (timeline.update, timeline.latest) == (12, 30)
    assert timeline.run.settings == Settings(ADAM, 3)
    timeline.seek(30)
    assert seen(timeline) == first
    timeline.switch(timeline.branches[0])
    timeline.seek(17)
    assert seen(timeline) == second


def test_a_change_at_the_end_leaves_no_branch() -> None:
    timeline = network_timeline()
    timeline.advance(30)
    timeline.change(Settings(SGD(0.1), 3))
    assert timeline.branches == []


def test_only_the_last_branches_are_kept() -> None:
    timeline = network_timeline()
    forgotten = None
    for k in range(MOST_BRANCHES + 1):
        timeline.advance(3)
        timeline.seek(timeline.update - 1)
        timeline.change(Settings(SGD(0.1 + k), 3))
        forgotten = forgotten or timeline.branches[0]
    assert len(timeline.branches) == MOST_BRANCHES
    assert forgotten is not None
    with pytest.raises(ValueError, match="not kept any more"):
        timeline.switch(forgotten)


def test_a_dropped_future_leaves_no_keyframe_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEYFRAME_UPDATES", 5)
    timeline = network_timeline()
    timeline.advance(30)
    timeline.seek(7)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.advance(23)
    end = seen(timeline)
    timeline.seek(18)
    timeline.seek(30)
    assert seen(timeline) == end
    timeline.seek(18)
    assert seen(timeline) == straight(TESTED, START, SEED, [(0, Settings(ADAM, 3)), (7, Settings(SGD(0.1), 3))], 18)


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


def test_the_start_of_an_epoch_is_known_through_changes_of_batch_size() -> None:
    timeline = network_timeline(SGD(0.05), batch_size=3)
    timeline.advance(4)
    timeline.change(Settings(SGD(0.05), 1))
    timeline.advance(20)
    starts = [record.update for record in timeline.records]
    assert starts == [0, 3, 8, 15, 22]
    assert [timeline.start_of_epoch(epoch) for epoch in range(5)] == starts
    assert timeline.start_of_epoch(5) == timeline.update == 24


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
    timeline.advance(6000)
    kept = live_keyframes()[before:]
    assert 20 < len(kept) < 6000 / 10 / 4
    assert sum(frame.parameters.nbytes + frame.state.nbytes for frame in kept) < limit
    fresh = network_timeline().run
    fresh.advance(4321)
    timeline.seek(4321)
    assert bits(timeline.run) == bits(fresh)


def test_a_cancelled_timeline_makes_no_update() -> None:
    timeline = network_timeline()
    timeline.advance(5)
    timeline.cancel()
    assert timeline.advance(1000) == 0
    assert timeline.update == 5


def test_a_change_that_changes_nothing_leaves_no_branch() -> None:
    timeline = network_timeline()
    timeline.advance(12)
    timeline.seek(8)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.change(Settings(ADAM, 3))
    timeline.advance(4)
    assert (timeline.branches, timeline.changes) == ([], [(0, Settings(ADAM, 3))])


def test_branches_are_kept_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_module, "BRANCH_BYTES", 100_000)
    timeline = network_timeline()
    for k in range(4):
        timeline.advance(6000)
        timeline.seek(timeline.update - 1)
        timeline.change(Settings(SGD(0.001 * (k + 1)), 3))
    (branch,) = timeline.branches
    assert branch.latest == 23_997
