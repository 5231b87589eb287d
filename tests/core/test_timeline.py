"""A timeline: going back, changes on the way, epochs, long runs."""

import gc
from itertools import pairwise

import numpy as np
import pytest
from histories import record, seen, straight
from hypothesis import given
from hypothesis import strategies as st
from problems import bits, bowl_at_4_3, random_network

from nnsim.core import history as module
from nnsim.core import past as past_module
from nnsim.core import timeline as timeline_module
from nnsim.core.batches import Place
from nnsim.core.clock import clock
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.timeline import MOST_BRANCHES, Timeline
from nnsim.core.training import Checkpoint, Progress, Settings

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


def walked(samples: int, sizes: dict[int, int], updates: int) -> list[int]:
    """The samples used after each update, one update after the other; `sizes` has the batch size from updates on."""
    used, size, seen = 0, 1, [0]
    for update in range(updates):
        size = sizes.get(update, size)
        used += min(size, samples - used % samples)
        seen.append(used)
    return seen


@given(
    st.integers(1, 12),
    st.dictionaries(st.integers(1, 40), st.integers(1, 12), max_size=5),
    st.integers(1, 12),
    st.integers(0, 60),
)
def test_samples_and_epochs_are_counted_exactly_through_changes_of_batch_size(
    samples: int, later: dict[int, int], first: int, updates: int
) -> None:
    sizes = {update: min(size, samples) for update, size in sorted({0: first, **later}.items())}
    counted = clock(samples, list(sizes.items()), np.zeros((1, 2)))
    seen = walked(samples, sizes, updates)
    assert counted.samples_at(np.arange(updates + 1)).tolist() == seen
    assert counted.epochs_at(np.arange(updates + 1)).tolist() == [each / samples for each in seen]


def test_the_clock_agrees_with_the_run_at_every_update() -> None:
    timeline = network_timeline(SGD(0.05), batch_size=3)
    for size in (2, 7, 1, 4):
        timeline.advance(5)
        timeline.change(Settings(SGD(0.05), size))
    timeline.advance(20)
    clock = timeline.clock
    for update in reversed(range(timeline.latest + 1)):
        timeline.seek(update)
        place = timeline.run.place
        assert clock.samples_at(np.array([update])).tolist() == [place.epoch * 7 + place.sample]
        assert timeline.epoch_of(update) == place.epoch


def test_the_seconds_of_training_never_go_down_and_are_the_same_after_going_back() -> None:
    timeline = network_timeline()
    known = {}
    for updates in (1, 1, 700, 3, 6000, 2, 300):
        timeline.advance(updates)
        known[timeline.update] = timeline.clock.seconds_at(np.arange(timeline.update + 1))
    total = timeline.history.seconds
    for update, seconds in known.items():
        timeline.seek(update)
        again = timeline.clock.seconds_at(np.arange(update + 1))
        assert again.tobytes() == seconds.tobytes()
        assert (np.diff(again) >= 0).all()
        assert again[0] == 0.0 < again[-1]
    assert timeline.history.seconds == total  # nothing that is made again counts twice
    assert timeline.clock.seconds_at(np.array([timeline.latest]))[0] == pytest.approx(total, rel=0.2)


def test_a_fork_keeps_the_times_before_it() -> None:
    timeline = network_timeline()
    timeline.advance(300)
    before = timeline.clock
    timeline.seek(200)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.advance(50)
    ends = np.arange(0, 199, 3)  # of epochs: a run is timed from one to the next
    assert timeline.clock.seconds_at(ends).tolist() == before.seconds_at(ends).tolist()
    assert timeline.history.seconds > before.seconds_at(np.array([198]))[0]
    end = np.array([300])
    assert timeline.branches[0].clock_until(300, 7).seconds_at(end).tolist() == before.seconds_at(end).tolist()


def test_a_long_run_keeps_few_times() -> None:
    history = network_timeline().history
    update = 0
    rates, path = np.zeros(0), np.zeros((0, TESTED.size))
    while update < 10**6:
        update += 97
        history.add(Progress(np.zeros(0), np.zeros((0, 0)), rates, path), update, None, 1e-3)
    assert len(history.times.all) < 6000
    at = np.linspace(0, update, 50)
    assert history.clock_until(update, 7).seconds_at(at) == pytest.approx(at / 97 * 1e-3, rel=1e-9)


def test_the_best_test_loss_is_the_lowest_so_far() -> None:
    timeline = network_timeline(SGD(0.2), batch_size=1)
    timeline.advance(140)
    losses = {each.update: each.test.loss for each in timeline.records if each.test is not None}
    assert min(losses.values()) not in (losses[0], losses[140])
    for update in (0, 6, 7, 50, 100, 140):
        best = timeline.history.best_until(update)
        assert best is not None
        so_far = {at: loss for at, loss in losses.items() if at <= update}
        assert best.update == min(so_far, key=so_far.__getitem__)
    timeline.seek(best.update - 1)
    timeline.change(Settings(SGD(0.1), 1))
    left = timeline.history.best_until(140)
    assert left is not None
    assert left.update < best.update


def test_without_a_test_set_there_is_no_best_test_loss() -> None:
    timeline = Timeline(bowl_at_4_3(), Settings(SGD(0.1), 1), np.zeros(2))
    timeline.advance(3)
    assert timeline.history.best_until(3) is None


def test_long_runs_are_measured_after_fewer_and_fewer_epochs() -> None:
    timeline = network_timeline(SGD(0.001), batch_size=7)
    timeline.advance(2100)
    epochs = [*range(257), *range(258, 513, 2), *range(516, 1025, 4), *range(1032, 2049, 8), 2064, 2080, 2096]
    assert [record.epoch for record in timeline.records] == epochs
    assert timeline.records[-1].update == 2096
    in_pieces = network_timeline(SGD(0.001), batch_size=7)
    for updates in (3, 900, 1, 1196):
        in_pieces.advance(updates)
    assert in_pieces.records == timeline.records
    assert seen(in_pieces) == seen(timeline)


def test_the_measured_epochs_of_a_long_run_survive_a_change_of_batch_size() -> None:
    timeline = network_timeline(SGD(0.001), batch_size=7)
    timeline.advance(300)
    timeline.change(Settings(SGD(0.001), 3))
    timeline.advance(10)
    assert [(record.update, record.epoch) for record in timeline.records[-3:]] == [(298, 298), (300, 300), (306, 302)]


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
    others = live_keyframes()  # held, so that none of them makes room for one of this run at its address
    timeline = network_timeline()
    timeline.advance(6000)
    kept = [frame for frame in live_keyframes() if not any(frame is other for other in others)]
    assert 20 < len(kept) < 6000 / 10 / 4
    assert sum(frame.parameters.nbytes + frame.state.nbytes for frame in kept) < limit
    fresh = network_timeline().run
    fresh.advance(4321)
    timeline.seek(4321)
    assert bits(timeline.run) == bits(fresh)


def small_history(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a history have little room, and return how much."""
    monkeypatch.setattr(past_module, "PAST_BYTES", 100_000)
    monkeypatch.setattr(module, "KEYFRAME_BYTES", 100_000)
    return 200_000


@pytest.mark.parametrize("objective", [TESTED, random_network((2, 5, 1), ("tanh", "linear"), "squared_error", 7)])
def test_a_history_takes_no_more_room_however_long_the_run(
    objective: Objective, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = small_history(monkeypatch)
    start = np.random.default_rng(1).uniform(-0.5, 0.5, objective.size)
    timeline = Timeline(objective, Settings(SGD(0.001), 7), start, SEED)
    sizes = []
    for length in (2_000, 20_000, 100_000):
        timeline.advance(length - timeline.update)
        sizes.append(timeline.history.nbytes + timeline.history.keyframes_nbytes)
    few = 250_000  # the extremes and the times, some numbers for every doubling; a row for every update took 100 times
    assert limit / 2 < sizes[0]
    assert max(sizes) <= limit + few
    assert timeline.losses.max() == timeline.losses[0]


def test_every_update_of_a_thinned_past_comes_back_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    small_history(monkeypatch)
    timeline, run = network_timeline(), network_timeline().run
    timeline.advance(9000)
    timeline.change(Settings(SGD(0.02), 3))
    timeline.advance(3000)
    assert timeline.history.past.thinnings
    rng = np.random.default_rng(5)
    places = sorted({1, 199, 200, 201, 9000, 9001, 12_000, *rng.integers(0, 12_001, 20).tolist()})
    known, points, losses = {}, [run.parameters[None].copy()], [np.array([np.nan])]
    for place in places:
        for end in (min(place, 9000), place):
            progress = run.advance(end - run.update)
            points.append(progress.path)
            losses.append(progress.losses)
            if end == 9000 == run.update:
                run.change(Settings(SGD(0.02), 3))
        known[place] = bits(run)
    path, of_batches = np.concatenate(points), np.concatenate(losses)
    rng.shuffle(places)
    for place in places:
        timeline.seek(place)
        assert bits(timeline.run) == known[place]
        assert timeline.batch_loss == of_batches[place]
        assert timeline.trail is not None
        assert timeline.trail.tobytes() == path[max(place - 200, 0) : place + 1].tobytes()
        assert timeline.losses.tobytes() == of_batches[timeline.updates[: len(timeline.losses)] + 1].tobytes()


def test_a_thinned_past_forks_and_is_gone_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    small_history(monkeypatch)
    timeline = network_timeline()
    timeline.advance(12_000)
    end = bits(timeline.run)
    timeline.seek(3777)
    timeline.change(Settings(SGD(0.1), 3))
    timeline.advance(5000)
    assert timeline.updates[-1] == 8777
    assert timeline.path is not None
    assert timeline.path[-1].tobytes() == timeline.run.parameters.tobytes()
    fresh = network_timeline().run
    fresh.advance(3777)
    fresh.change(Settings(SGD(0.1), 3))
    fresh.advance(5000)
    assert bits(timeline.run) == bits(fresh)
    timeline.switch(timeline.branches[0])
    timeline.seek(12_000)
    assert bits(timeline.run) == end


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
