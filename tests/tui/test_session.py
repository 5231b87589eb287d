"""Whatever is done to a session, in whatever order, its numbers are those of a run that never went back."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from driving import differences, experiment_of, straight
from hypothesis import given, settings
from hypothesis import strategies as st

from nnsim.core.optimizers import SGD, Adam
from nnsim.core.phases import phases
from nnsim.scenarios.bookmark import bookmark
from nnsim.scenarios.challenges import standings
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.way_back import resume, resume_beside
from nnsim.tui.session import Session

OPTIMIZERS = (SGD(0.01), SGD(0.02, momentum=0.9), Adam(0.01))
SCENARIOS = ("two-minima", "bowl", "crowd")

moves = st.one_of(
    st.tuples(st.sampled_from(("forward", "back", "forward_epoch", "back_epoch", "forward_phase", "back_phase"))),
    st.tuples(st.just("seek"), st.integers(0, 200)),
    st.tuples(st.just("switch"), st.integers(0, 2)),
    st.tuples(st.just("change_rate"), st.sampled_from((0.001, 0.01, 0.05)).map(lambda rate: lambda _: rate)),
    st.tuples(st.just("set_optimizer"), st.sampled_from(OPTIMIZERS).map(lambda rule: rule.with_rate)),
    st.tuples(st.just("set_batch_size"), st.sampled_from((1, 7, 64))),
)


@cache
def experiment(scenario: str) -> Experiment:
    return experiment_of(scenario)


@pytest.mark.parametrize("scenario", SCENARIOS)
@settings(max_examples=20, deadline=None)
@given(sequence=st.lists(moves, max_size=12))
def test_any_sequence_of_moves_ends_with_the_numbers_of_a_straight_run(
    scenario: str, sequence: list[tuple[Any, ...]]
) -> None:
    session = Session(experiment(scenario))
    for name, *arguments in sequence:
        if name == "set_batch_size" and scenario == "bowl":
            continue  # the bowl has a single sample
        getattr(session, name)(*arguments)
    run, snapshot = straight(session), session.snapshot()
    _, gradient = run.objective.loss_and_gradient(run.parameters, run.next_batch())
    shown, status = snapshot.table, snapshot.status
    assert (status.update, status.epoch, status.learning_rate) == (
        run.update,
        run.place.epoch,
        run.settings.optimizer.learning_rate,
    )
    assert shown.values.tobytes() == run.parameters.tobytes()
    assert shown.gradients.tobytes() == gradient.tobytes()
    assert shown.steps.tobytes() == (run.parameters - run.previous).tobytes()
    assert [row.tobytes() for _, row in shown.state] == [row.tobytes() for row in run.state]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_stepping_through_all_phases_is_one_update_and_back_again_is_none(scenario: str) -> None:
    session = Session(experiment(scenario))
    session.forward(3)
    count = len(phases(session.timeline.objective))
    before = session.snapshot()
    seen = []
    for place in range(count):
        assert session.phase == place
        seen.append(session.snapshot())
        session.forward_phase()
    assert (session.timeline.update, session.phase) == (4, 0)
    for place in reversed(range(count)):
        session.back_phase()
        assert (session.timeline.update, session.phase) == (3, place)
        assert differences(session.snapshot().narration, seen[place].narration) == []
    assert differences(session.snapshot().table, before.table) == []


def test_another_move_ends_the_phase() -> None:
    session = Session(experiment("crowd"))
    for move in (session.forward, session.forward_epoch, session.restart, lambda: session.change_rate(lambda r: 2 * r)):
        session.forward_phase()
        session.forward_phase()
        move()
        assert session.phase == 0


def test_a_phase_of_a_run_that_cannot_go_on_leads_nowhere() -> None:
    session = Session(experiment("bowl"))
    session.change_rate(lambda _: 1e300)
    session.forward(50)
    stopped = session.timeline.update
    assert session.timeline.stopped is not None
    for _ in range(10):
        session.forward_phase()
    assert session.timeline.update == stopped
    session.snapshot()


def test_a_start_of_ones_own_is_kept_by_starting_again() -> None:
    session = Session(experiment("bowl"))
    session.change_rate(lambda _: 0.05)
    session.start_at((-1.0, 2.5))
    session.forward(2)
    session.restart()
    snapshot = session.snapshot()
    assert np.array_equal(snapshot.table.values, (-1.0, 2.5))
    assert (snapshot.status.update, snapshot.status.learning_rate) == (0, 0.05)


def test_a_start_of_ones_own_wins_nothing() -> None:
    session = Session(experiment("bowl"))
    session.start_at((4.0, 3.0))  # the minimum
    session.forward(10)
    assert [standing.counts for standing in standings(session.experiment, session.timeline)].count(True) == 0
    assert all(standing.won is None for standing in standings(session.experiment, session.timeline))


def test_a_start_of_ones_own_is_known_when_the_run_goes_on() -> None:
    scenario = experiment("bowl")
    session = Session(scenario)
    session.start_at((1.0, 2.0))
    session.forward(3)
    mark = bookmark(scenario, session.timeline, "text")
    assert mark is not None
    again = Session(scenario, resume(scenario, mark))
    again.restart()
    assert again.timeline.run.parameters.tolist() == [1.0, 2.0]
    assert not any(standing.counts for standing in standings(again.experiment, again.timeline))


def test_a_race_that_was_ended_is_not_begun_again_where_the_run_goes_on() -> None:
    raced = experiment_of("learning-rate-ladder")
    session = Session(raced)
    assert len(session.rivals) == 6
    session.forward(20)
    session.end_race()
    mark = bookmark(raced, session.timeline, "text", rivals=session.rivals)
    assert mark is not None
    assert len(Session(raced, resume(raced, mark), resume_beside(raced, mark)).rivals) == 0
    older = msgspec.structs.replace(mark, beside=None)  # from before those beside it were written down
    assert len(Session(raced, resume(raced, older), resume_beside(raced, older)).rivals) == 6


def test_a_run_pauses_at_the_end_of_the_scenario_and_then_goes_on_for_as_long_as_it_is_let() -> None:
    session = Session(experiment("two-minima"))
    end = session.experiment.updates
    session.timeline.advance(end - 1)
    session.play_or_pause()
    play_until(session, end)
    assert not session.pace.playing
    session.play_or_pause()
    session.faster(99)
    play_until(session, 20 * end)
    assert session.pace.playing


def play_until(session: Session, update: int) -> None:
    """Give a playing session time until it has come to an update, or pauses."""
    while session.pace.playing and session.timeline.update < update:
        session.pulse()
