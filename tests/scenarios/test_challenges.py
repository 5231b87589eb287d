"""Challenges: what wins one, and when; what does not; and that a run's past alone decides it."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import BOWL, CURVE, DOUBLE_WELL, LINE, changed, ready, save, table

from nnsim.core import past
from nnsim.core.timeline import Timeline
from nnsim.scenarios.challenges import standings
from nnsim.scenarios.experiment import Experiment, build, settings_of
from nnsim.scenarios.reader import ScenarioError, find, read
from nnsim.scenarios.solutions import play

RATE, BATCH = "optimizer.learning_rate", "batches.size"
SOLUTION = [{"set": {RATE: 0.5}}]


class Win(NamedTuple):
    """A challenge, by its place in the scenario's list, and an update."""

    challenge: int
    update: int


def won(experiment: Experiment, timeline: Timeline) -> tuple[Win, ...]:
    """The challenges that are won where the run stands, and the updates that won them."""
    found = enumerate(standings(experiment, timeline))
    return tuple(Win(i, standing.won) for i, standing in found if standing.won is not None)


def missed(experiment: Experiment, timeline: Timeline) -> tuple[Win, ...]:
    """The challenges whose limit has passed where the run stands, and the updates with which it has."""
    found = enumerate(standings(experiment, timeline))
    return tuple(Win(i, standing.missed) for i, standing in found if standing.missed is not None)


def challenge(kind: str, **keys: Any) -> str:
    return table("challenges", kind=kind, title=f"A {kind}.", solution=SOLUTION, **keys)


def course(name: str, overrides: dict[str, Any] | None = None) -> Experiment:
    return build(read(find(name), overrides), name, name, overrides or ())


def wins(experiment: Experiment, updates: int) -> tuple[Win, ...]:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return won(experiment, timeline)


# Each row: a scenario, a set-up, updates, and what that wins. The updates at which the bowl's loss comes below 1e-6 and
# the jumps between 0 and 6 follow from the closed form.
WINS: list[tuple[str, dict[str, Any], int, list[Win]]] = [
    ("squared-error", {RATE: 0.5}, 5, [Win(0, 1)]),
    ("squared-error", {RATE: 1.0}, 10, []),
    ("squared-error", {RATE: 1.0}, 11, [Win(1, 11)]),
    ("squared-error", {RATE: 0.99}, 200, []),
    ("bowl", {RATE: 1.0}, 40, [Win(0, 1)]),
    ("bowl", {RATE: 0.9}, 40, [Win(0, 4)]),
    ("bowl", {RATE: 0.7}, 40, []),
    ("bowl", {RATE: 2.0}, 40, [Win(1, 11)]),
    ("too-large-step", {RATE: 0.2}, 39, []),
    ("too-large-step", {RATE: 0.2}, 40, [Win(0, 40)]),
    ("too-large-step", {RATE: 0.1}, 100, []),
    ("too-large-step", {RATE: 0.25, "optimizer.momentum": 0.25}, 60, [Win(0, 18), Win(2, 18)]),
    ("two-minima", {}, 3000, []),
]


@pytest.mark.parametrize(("name", "overrides", "updates", "expected"), WINS)
def test_a_challenge_is_won_at_its_update(
    name: str, overrides: dict[str, Any], updates: int, expected: list[Win]
) -> None:
    assert list(wins(course(name, overrides), updates)) == expected


def test_a_run_that_breaks_off_has_won_where_it_stands() -> None:
    experiment = course("squared-error", {RATE: 2.0})
    timeline = experiment.timeline()
    timeline.advance(100)
    assert timeline.stopped is not None
    assert won(experiment, timeline) == (Win(2, timeline.update),)
    timeline.seek(timeline.update - 1)
    assert won(experiment, timeline) == ()


# --- the past alone decides ---


def settings(experiment: Experiment, overrides: dict[str, Any]) -> Any:
    return settings_of(read(find(experiment.name), overrides), experiment.objective)


@given(moves=st.lists(st.integers(0, 120), min_size=1, max_size=8))
def test_where_a_run_has_been_looked_at_makes_no_difference(moves: list[int]) -> None:
    experiment = course("too-large-step", {RATE: 2 / 9})
    timeline = experiment.timeline()
    for move in moves:
        if move <= timeline.latest:
            timeline.seek(move)
        else:
            timeline.advance(move - timeline.update)
        expected = (Win(1, 37),) if timeline.update >= 37 else ()
        assert won(experiment, timeline) == expected


def test_a_fork_is_judged_by_its_own_past_and_so_is_the_branch_that_was_left() -> None:
    experiment = course("too-large-step", {RATE: 0.2})
    timeline = experiment.timeline()
    timeline.advance(50)
    assert won(experiment, timeline) == (Win(0, 40),)
    timeline.seek(10)
    timeline.change(settings(experiment, {RATE: 0.02}))
    timeline.advance(50)
    assert won(experiment, timeline) == ()
    timeline.switch(timeline.branches[0])
    assert won(experiment, timeline) == ()
    timeline.advance(40)
    assert won(experiment, timeline) == (Win(0, 40),)


@pytest.mark.parametrize("size", [1, 4])
def test_a_very_long_run_wins_what_it_would_with_room_for_all_updates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    text = DOUBLE_WELL + challenge("stay", quantity="batch_loss", updates=8, above=2.0)
    text += challenge("stay", quantity="w", updates=12, above=2.0, below=2.9) + challenge("escape", updates=20)
    experiment = ready(tmp_path, text, batches__size=size, run__epochs=6000)
    expected = wins(experiment, 6000)
    assert expected
    monkeypatch.setattr(past, "PAST_BYTES", 400 * 32)  # 50 updates at the end are whole
    timeline = experiment.timeline()
    for _ in range(150):
        timeline.advance(40)
        found = won(experiment, timeline)
    assert timeline.history.past.thinnings
    assert found == expected


def test_two_runs_do_not_share_their_wins() -> None:
    experiment = course("bowl", {RATE: 1.0})
    first, second = experiment.timeline(), experiment.timeline()
    first.advance(3)
    assert won(experiment, first)
    assert won(experiment, second) == ()


def test_staying_lasts_as_many_updates_as_it_says(tmp_path: Path) -> None:
    # From (0, 0) at rate 0.5 the loss is 12.5 / 4^k: 3.125, 0.78, 0.195, 0.049, 0.012.
    text = BOWL + challenge("stay", quantity="loss", updates=3, above=0.04, below=4.0)
    assert wins(ready(tmp_path, text), 2) == ()
    assert wins(ready(tmp_path, text), 5) == (Win(0, 3),)
    short = BOWL + challenge("stay", quantity="loss", updates=4, above=0.1, below=4.0)
    assert wins(ready(tmp_path, short), 5) == ()


def test_a_parameter_and_the_loss_of_a_batch_are_judged_too(tmp_path: Path) -> None:
    text = BOWL + challenge("reach", quantity="w1", above=2.9, by_update=5)
    text += challenge("reach", quantity="batch_loss", below=3.2, by_update=5)
    # The loss of a batch is that before the update: 3.125 is seen by the second one.
    assert wins(ready(tmp_path, text), 5) == (Win(0, 2), Win(1, 2))


def test_a_measured_loss_counts_where_its_epoch_ends(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(60)
    losses = [record.test.loss for record in timeline.records if record.test is not None]
    third = losses[3]
    assert third < min(losses[:3])
    text = CURVE + "".join(
        challenge("reach", quantity="test_loss", below=third * 1.000001, by_epoch=epochs) for epochs in (2, 3)
    )
    assert wins(ready(tmp_path, text), 60) == (Win(1, 6),)


def test_epochs_are_counted_through_a_live_change_of_batch_size(tmp_path: Path) -> None:
    def changed_under_way(text: str) -> tuple[Experiment, Timeline]:
        experiment = ready(tmp_path, text, batches__size=1)
        timeline = experiment.timeline()
        timeline.advance(4)  # one epoch of three batches, and the first batch of the next
        timeline.change(settings_of(read(save(tmp_path, CURVE), {BATCH: 2}), experiment.objective))
        timeline.advance(57)
        return experiment, timeline

    records = changed_under_way(CURVE)[1].records
    losses = [record.train.loss for record in records]
    lowest = next(k for k in range(5, len(losses)) if losses[k] < min(losses[:k]))
    first = records[lowest].update
    # The second epoch ends at update 5; from then on an epoch has two batches.
    epoch = 2 + (first - 5) // 2
    for by_epoch, expected in ((epoch, (Win(0, first),)), (epoch - 1, ())):
        text = CURVE + challenge("reach", quantity="loss", below=losses[lowest] * 1.000001, by_epoch=by_epoch)
        assert won(*changed_under_way(text)) == expected


def test_going_over_the_top_is_an_escape_and_coming_back_ends_it(tmp_path: Path) -> None:
    text = DOUBLE_WELL + challenge("escape") + challenge("escape", updates=5)
    experiment = ready(tmp_path, text, batches__size=1, tilts__deviation=64.0)
    timeline = experiment.timeline()
    timeline.advance(160)
    assert timeline.path is not None
    beyond = timeline.path[:, 0] < 1.0
    first = int(beyond.argmax())
    on_end = next(k for k in range(4, len(beyond)) if beyond[k - 4 : k + 1].all())
    assert won(experiment, timeline) == (Win(0, first), Win(1, on_end))
    assert beyond[first] != beyond[-1] or on_end > first


# --- a limit that passes ---


@pytest.mark.parametrize(
    ("name", "overrides", "limits"),
    [
        # Bouncing for 10 of 40 updates is lost with the 31st, one of 80 with the last.
        ("squared-error", {}, [Win(0, 1), Win(1, 31), Win(2, 30)]),
        ("squared-error", {RATE: 0.5}, [Win(1, 31), Win(2, 30)]),  # the first one is won
        ("too-large-step", {}, [Win(0, 40), Win(1, 51), Win(2, 20)]),
        ("six-steps", {}, [Win(0, 24), Win(1, 80), Win(2, 100)]),  # 6 and 20 epochs of 4 updates
    ],
)
def test_a_limit_passes_with_its_last_update(name: str, overrides: dict[str, Any], limits: list[Win]) -> None:
    experiment = course(name, overrides)
    timeline = experiment.timeline()
    ends = {limit.update for limit in limits}
    for update in sorted({0, 100, *ends, *(end - 1 for end in ends)}):
        timeline.advance(update - timeline.update)
        assert list(missed(experiment, timeline)) == [limit for limit in limits if limit.update <= timeline.update]
    for update in (*sorted(ends, reverse=True), 0):
        timeline.seek(update)
        assert list(missed(experiment, timeline)) == [limit for limit in limits if limit.update <= update]


def test_a_run_that_breaks_off_loses_all_that_is_open_and_a_change_opens_it_again() -> None:
    experiment = course("squared-error", {RATE: 2.0})
    timeline = experiment.timeline()
    timeline.advance(100)
    assert timeline.update == 10
    assert missed(experiment, timeline) == (Win(0, 1), Win(1, 10))
    assert [each.why for each in standings(experiment, timeline)] == ["limit", "stop", ""]
    timeline.seek(9)
    assert missed(experiment, timeline) == (Win(0, 1),)
    timeline.seek(10)
    timeline.change(settings(experiment, {RATE: 0.5}))
    assert missed(experiment, timeline) == (Win(0, 1),)
    timeline.advance(5)
    assert missed(experiment, timeline) == (Win(0, 1),)


@pytest.mark.parametrize(
    ("name", "overrides", "updates", "lost"),
    [
        ("random-start", {}, 2000, [Win(0, 1000), Win(1, 1)]),  # the second one asks for all 2000 updates
        ("slow-neuron", {}, 300, [Win(0, 100), Win(1, 60), Win(2, 1)]),
        ("xor", {}, 5000, [Win(0, 2000), Win(1, 3001), Win(2, 4001)]),
        ("two-minima", {RATE: 0.05}, 100, [Win(0, 97), Win(1, 81), Win(2, 20)]),
        ("escape", {BATCH: "full"}, 100, [Win(0, 97), Win(1, 300), Win(2, 100)]),  # 3 epochs leave 768 updates at most
    ],
)
def test_what_the_rest_of_a_run_is_too_short_for_is_lost_at_once(
    name: str, overrides: dict[str, Any], updates: int, lost: list[Win]
) -> None:
    experiment = course(name, overrides)
    timeline = experiment.timeline()
    expected = [each for each in lost if each.update <= updates]
    for update in sorted({each.update + k for each in expected for k in (-1, 0)} | {updates}):
        timeline.advance(update - timeline.update)
        assert list(missed(experiment, timeline)) == [each for each in expected if each.update <= update]
    at_once = experiment.timeline()
    at_once.advance(updates)
    assert list(missed(experiment, at_once)) == expected


def test_what_is_under_way_when_the_end_comes_near_is_not_lost(tmp_path: Path) -> None:
    # From (0, 0) at rate 0.5 w1 is 4 - 4 / 2^k: above 3.2 from update 3 on; the run has 5 updates.
    for needed, expected in ((3, (Win(0, 5),)), (4, ())):
        experiment = ready(tmp_path, BOWL + challenge("stay", quantity="w1", above=3.2, updates=needed))
        timeline = experiment.timeline()
        timeline.advance(4)
        assert missed(experiment, timeline) == (() if expected else (Win(0, 2),))
        timeline.advance(4)  # beyond the end
        assert won(experiment, timeline) == expected


def test_what_nothing_moves_any_more_cannot_win_with_this_set_up(tmp_path: Path) -> None:
    text = BOWL + challenge("reach", quantity="loss", below=1e-9, by_update=9)
    text += challenge("stay", quantity="loss", above=1.0, updates=5)
    experiment = ready(tmp_path, text, surface={"kind": "formula", "text": "x^2 - y^2 + 2"}, start=[0.0, 0.0])
    timeline = experiment.timeline()
    assert [each.rests for each in standings(experiment, timeline)] == [False, False]
    timeline.advance(2)
    assert [each.rests for each in standings(experiment, timeline)] == [True, False]  # the second one is under way
    timeline.advance(8)
    assert [(each.missed, each.won, each.rests) for each in standings(experiment, timeline)] == [
        (9, None, False),
        (None, 4, False),
    ]


# --- a run that runs away ---


@pytest.mark.parametrize("size", [8, "full"])
@pytest.mark.parametrize("rate", [0.21, 0.35, 0.4, 1.0, 5.0])
def test_nothing_is_won_on_the_way_to_infinity(rate: float, size: int | str) -> None:
    experiment = course("escape", {RATE: rate, BATCH: size})
    timeline = experiment.timeline()
    for _ in range(300):
        timeline.advance(1)
        for win in won(experiment, timeline):
            assert timeline.path is not None
            assert abs(timeline.path[win.update, 0]) < 6.0  # in the view, or next to it


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("reach", {"quantity": "w", "below": -10.0, "by_update": 20}),
        ("stay", {"quantity": "w", "above": -1e300, "below": -10.0, "updates": 1}),
        ("stay", {"quantity": "w", "below": -10.0, "updates": 1}),
        ("escape", {}),
    ],
)
def test_what_a_diverging_run_crosses_is_not_won(tmp_path: Path, kind: str, keys: dict[str, Any]) -> None:
    experiment = ready(tmp_path, DOUBLE_WELL + challenge(kind, **keys), optimizer__learning_rate=0.5, batches__size=16)
    timeline = experiment.timeline()
    timeline.advance(20)
    assert timeline.stopped is not None
    assert timeline.path is not None
    assert timeline.path.min() < -10.0
    assert won(experiment, timeline) == ()
    assert missed(experiment, timeline) == (Win(0, timeline.update),)


def test_a_diverging_network_wins_no_weight(tmp_path: Path) -> None:
    # A mean squared error with the curvature 10.2 at most: at rate 1 the weights overshoot farther every time.
    text = LINE + challenge("reach", quantity="W1[1,1]", above=50.0, by_update=30)
    experiment = ready(tmp_path, text, optimizer__learning_rate=1.0)
    timeline = experiment.timeline()
    timeline.advance(30)
    assert timeline.path is not None
    assert timeline.path[:, 0].max() > 50.0
    assert won(experiment, timeline) == ()


def test_a_loss_that_is_asked_for_may_rise(tmp_path: Path) -> None:
    text = BOWL + challenge("reach", quantity="loss", above=100.0, by_update=9)
    assert wins(ready(tmp_path, text, optimizer__learning_rate=4.0), 5) == (Win(0, 1),)  # 12.5 times 9


HOT = {"tilts.deviation": 64.0, "run.epochs": 100, RATE: 0.02}


def test_over_the_hill_and_down_again_is_won_from_the_lowest_point_as_well(tmp_path: Path) -> None:
    # From A, whose loss is 0, the way to B leads up, and B itself is higher.
    experiment = ready(tmp_path, DOUBLE_WELL + challenge("escape", updates=3), start=[-2.0], batches__size=1, **HOT)
    timeline = experiment.timeline()
    timeline.advance(600)
    assert timeline.path is not None
    beyond = timeline.path[:, 0] > 1.0
    on_end = next(k for k in range(2, len(beyond)) if beyond[k - 2 : k + 1].all())
    assert won(experiment, timeline) == (Win(0, on_end),)


# --- bouncing ---


@pytest.mark.parametrize(
    ("rate", "bounces"),
    [(0.168, True), (0.17, True), (0.172, True), (0.22, True), (0.23, True), (0.18, False), (0.15, False)],
)
def test_bouncing_beside_a_minimum_takes_a_cycle_of_any_length(rate: float, bounces: bool) -> None:
    assert [win.challenge for win in wins(course("two-minima", {RATE: rate}), 100)] == [1] * bounces


@pytest.mark.parametrize("rate", [0.22, 0.222, 0.2222, 0.22222, 0.222222, 0.22222222, 0.2223, 0.223])
def test_what_shrinks_or_grows_does_not_bounce_for_ever(rate: float) -> None:
    assert wins(course("too-large-step", {RATE: rate}), 60) == ()


def test_bouncing_takes_whole_batches(tmp_path: Path) -> None:
    # Two samples in turn, each with its own tilt, make a cycle of two at any rate.
    text = DOUBLE_WELL + challenge("bounce", updates=10)
    overrides = {"tilts.count": 2, "batches.size": 1, "batches.order": "fixed", "run.epochs": 100}
    experiment = ready(tmp_path, text, **overrides)
    timeline = experiment.timeline()
    timeline.advance(200)
    assert timeline.path is not None
    assert timeline.path[-1] == pytest.approx(timeline.path[-3])
    assert timeline.path[-1] != pytest.approx(timeline.path[-2], abs=1e-3)
    assert won(experiment, timeline) == ()


def test_a_limit_in_epochs_passes_with_the_batches_that_there_are(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE + challenge("reach", quantity="loss", below=1e-9, by_epoch=3), batches__size=1)
    timeline = experiment.timeline()
    timeline.advance(4)  # one epoch of three batches, and the first batch of the next, which ends at update 5
    timeline.change(settings_of(read(save(tmp_path, CURVE), {BATCH: 2}), experiment.objective))
    timeline.advance(2)
    assert missed(experiment, timeline) == ()
    timeline.advance(1)
    assert missed(experiment, timeline) == (Win(0, 7),)


# --- another problem ---

FREE = {
    RATE: 1.0,
    "optimizer": {"kind": "sgd", "learning_rate": 1.0},
    "schedule": {"kind": "exponential", "factor": 0.99},
    "batches.order": "fixed",
    "clipping.norm": 100.0,
    "run.seed": 3,
    "run.updates": 9,
    "view.x": [0.0, 9.0],
}


@pytest.mark.parametrize("key", FREE)
def test_how_a_problem_is_solved_may_be_set_freely(key: str) -> None:
    assert wins(course("bowl", {RATE: 1.0, key: FREE[key]}), 1) == (Win(0, 1),)


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("bowl", {"surface.minimum": [0.1, 0.0]}),
        ("bowl", {"start": [4.0, 2.0]}),
        ("two-minima", {"tilts.deviation": 1.0}),
        ("neuron", {"data.targets": [[1.0], [1.0], [1.0], [0.0]]}),
        ("iris", {"network.sizes": [4, 2, 3]}),
    ],
)
def test_nothing_counts_in_another_problem(name: str, overrides: dict[str, Any]) -> None:
    experiment = course(name, overrides)
    assert not standings(experiment, experiment.timeline())[0].counts


@pytest.mark.parametrize(
    ("bounds", "rates", "won_at", "hindrance"),
    [
        ({"largest_rate": 0.4}, (0.1, 0.4), 4, None),
        ({"largest_rate": 0.3}, (0.1, 0.4), None, 0.4),
        ({"largest_rate": 0.3}, (0.4, 0.3), None, 0.4),  # at first
        ({"least_rate": 0.1}, (0.1, 0.4), 4, None),
        ({"least_rate": 0.2}, (0.1, 0.4), None, 0.1),
    ],
)
def test_a_challenge_counts_at_its_learning_rates_alone(
    tmp_path: Path, bounds: dict[str, float], rates: tuple[float, float], won_at: int | None, hindrance: float | None
) -> None:
    text = CURVE + challenge("stay", quantity="loss", above=-1.0, updates=4, **bounds)
    experiment = ready(tmp_path, text, optimizer__learning_rate=rates[0])
    timeline = experiment.timeline()
    timeline.advance(2)
    timeline.change(settings_of(read(save(tmp_path, text), {RATE: rates[1]}), experiment.objective))
    timeline.advance(2)
    assert [(each.won, each.rate) for each in standings(experiment, timeline)] == [(won_at, hindrance)]
    timeline.change(settings_of(read(save(tmp_path, text), {RATE: 5.0}), experiment.objective))
    assert standings(experiment, timeline)[0].won == won_at  # what comes after the win takes nothing back


@pytest.mark.parametrize(
    ("name", "overrides", "place"),
    [
        ("edge-of-stability", {RATE: 5.0}, 1),
        ("edge-of-stability", {RATE: 5.0}, 2),
        ("slow-neuron", {RATE: 50.0}, 1),
        ("dead-relu", {RATE: 0.0}, 1),
        ("side-effects", {RATE: 0.0}, 2),
        ("vanishing-gradient", {"network.sizes": [2, 16, 16, 1]}, 0),
    ],
)
def test_what_a_title_rules_out_wins_nothing(name: str, overrides: dict[str, Any], place: int) -> None:
    rest = {"network.activations": ["tanh", "tanh", "linear"]} if "network.sizes" in overrides else {}
    experiment = course(name, overrides | rest)
    assert not standings(experiment, experiment.timeline())[place].counts


def test_and_is_not_won_at_the_or_gate() -> None:
    either = {"data.targets": [[1.0], [1.0], [1.0], [0.0]], RATE: 5.0}
    assert wins(course("neuron", {RATE: 5.0}), 1000) != ()
    experiment = course("neuron", either)
    assert wins(experiment, 1000) == ()
    timeline = experiment.timeline()
    timeline.advance(1000)
    assert missed(experiment, timeline) == ()


def test_a_challenge_counts_where_its_solution_changes_the_problem_too() -> None:
    exclusive = {"data.targets": [[0.0], [1.0], [1.0], [0.0]]}
    dead_end = {"network.activations": ["sigmoid"], "network.loss": "squared_error"}
    for overrides, counts in ((exclusive, [False, False, True]), (exclusive | dead_end, [False] * 3)):
        experiment = course("neuron", overrides)
        assert [standing.counts for standing in standings(experiment, experiment.timeline())] == counts


def test_a_solution_that_sets_a_whole_table_sets_every_key_of_it(tmp_path: Path) -> None:
    whole = {"surface": {"kind": "bowl", "hessian": [[2.0, 0.0], [0.0, 2.0]], "minimum": [4.0, 3.0]}}
    part = {"surface.hessian": [[2.0, 0.0], [0.0, 2.0]]}
    for solution, overrides, counts in ((whole, part, True), (part, whole, False), (whole, whole, True)):
        text = BOWL + table("challenges", kind="bounce", title="A.", updates=4, solution=[{"set": solution}])
        file = save(tmp_path, text)
        experiment = build(read(file, overrides), "own", "own", overrides)
        assert [standing.counts for standing in standings(experiment, experiment.timeline())] == [counts]


# --- what makes no sense ---


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (challenge("reach", quantity="test_loss", below=1.0, by_update=3), '"test_loss": it takes loss, batch_loss, '),
        (challenge("reach", quantity="loss", by_update=3), "has no below and no above"),
        (challenge("reach", quantity="loss", below=1.0), "exactly one of by_update, by_epoch"),
        (challenge("stay", quantity="loss", updates=3), "at least one of below, above"),
        (
            challenge("diverge", by_update=3, least_rate=0.5, largest_rate=0.4),
            "a least_rate of 0.5: it takes up to its",
        ),
        (challenge("escape"), "takes a surface of one parameter with two minima or more"),
        (table("challenges", kind="diverge", title="A.", by_update=3), "solution is missing"),
        (table("challenges", kind="diverge", title="A.", by_update=3, solution=[]), "list of 1 or more"),
        (
            table("challenges", kind="diverge", title="A.", by_update=3, solution=[{"set": {RATE: -1.0}}]),
            "of at least 0",
        ),
        (
            table(
                "challenges", kind="diverge", title="A.", by_update=3, solution=[{"set": {"start": [1]}, "update": 2}]
            ),
            "sets start at update 2: a run under way takes optimizer, schedule, batches, clipping alone",
        ),
        (
            table("challenges", kind="diverge", title="A.", by_update=3, solution=[*SOLUTION, *SOLUTION]),
            "steps are out of order",
        ),
    ],
)
def test_a_challenge_that_makes_no_sense_is_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        ready(tmp_path, BOWL + text)


def test_bouncing_takes_a_run_with_a_path(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="takes up to 16 parameters"):
        ready(tmp_path, CURVE + challenge("bounce", updates=3))


def test_a_solution_is_played_step_by_step(tmp_path: Path) -> None:
    steps = [{"set": {RATE: 0.5}}, {"set": {RATE: 2.0}, "update": 1}]
    longer = changed(BOWL, "updates = 5", "updates = 6")
    path = save(tmp_path, longer + table("challenges", kind="bounce", title="A.", updates=4, solution=steps))
    experiment, timeline = play(path, 0)
    assert isinstance(timeline, Timeline)
    assert timeline.path is not None
    assert timeline.path[:, 0].tolist() == [0.0, 2.0, 6.0, 2.0, 6.0, 2.0, 6.0]
    assert won(experiment, timeline) == (Win(0, 6),)
    timeline.seek(5)
    assert won(experiment, timeline) == ()
