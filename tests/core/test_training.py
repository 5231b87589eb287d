"""A run: what its parts mean, one update against many, changes, cancelling, what it refuses."""

import threading
import time

import numpy as np
import pytest
from measures import relative_error
from problems import bits, bowl_at_4_3, random_network

from nnsim.core.batches import Place
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.surfaces import bowl
from nnsim.core.training import CHUNK_UPDATES, Run, Settings

OPTIMIZERS: list[Optimizer] = [SGD(0.05), SGD(0.02, momentum=0.9), SGD(0.02, momentum=0.9, nesterov=True), Adam(0.01)]


def network_run(optimizer: Optimizer, batch_size: int = 5, seed: int = 0) -> Run:
    """A 3-8-2 network on 23 samples."""
    objective = random_network((3, 8, 2), ("tanh", "linear"), "squared_error", 23)
    start = np.random.default_rng(1).uniform(-0.5, 0.5, objective.size)
    return Run(objective, Settings(optimizer, batch_size), start, seed)


# One update, and many.


def test_a_run_starts_where_it_is_told_with_nothing_behind_it() -> None:
    start = np.linspace(-1, 1, 50)
    run = Run(network_run(Adam()).objective, Settings(Adam(), 5), start)
    assert run.parameters.tolist() == run.previous.tolist() == start.tolist()
    assert (run.update, run.place, run.step, run.stopped) == (0, Place(0, 0), 0, None)
    assert not run.gradient.any()
    assert not run.state.any()
    run.advance(1)
    assert start[0] == -1.0


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.label)
def test_many_updates_at_once_are_single_updates_bit_for_bit(optimizer: Optimizer) -> None:
    together, single = network_run(optimizer), network_run(optimizer)
    losses = together.advance(57).losses
    singles = np.concatenate([single.advance(1).losses for _ in range(57)])
    assert losses.tobytes() == singles.tobytes()
    assert bits(together) == bits(single)


def test_more_updates_than_one_call_makes_are_the_same_in_pieces() -> None:
    updates = 2 * CHUNK_UPDATES + 100
    optimizer = SGD(0.001, momentum=0.9)
    together, pieces = (Run(bowl_at_4_3(), Settings(optimizer, 1), np.zeros(2)) for _ in range(2))
    whole = together.advance(updates)
    parts = [pieces.advance(updates // 4) for _ in range(4)]
    assert together.update == updates
    assert whole.losses.shape == (updates,)
    assert whole.losses.tobytes() == np.concatenate([part.losses for part in parts]).tobytes()
    assert whole.path.tobytes() == np.concatenate([part.path for part in parts]).tobytes()
    assert bits(together) == bits(pieces)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.label)
def test_two_runs_of_one_seed_are_the_same_and_of_two_seeds_are_not(optimizer: Optimizer) -> None:
    first, again, other = network_run(optimizer, seed=1), network_run(optimizer, seed=1), network_run(optimizer, seed=2)
    for run in (first, again, other):
        run.advance(40)
    assert bits(first) == bits(again)
    assert first.parameters.tobytes() != other.parameters.tobytes()


@pytest.mark.parametrize("updates", [1, 5, 12])
def test_previous_gradient_and_loss_are_those_of_the_last_update(updates: int) -> None:
    run = network_run(SGD(0.05))
    run.advance(updates - 1)
    before, batch = run.parameters.copy(), run.next_batch()
    losses = run.advance(1).losses
    loss, gradient = run.objective.loss_and_gradient(before, batch)
    assert run.previous.tobytes() == before.tobytes()
    assert losses.tolist() == [pytest.approx(loss, rel=1e-14)]
    assert relative_error(run.gradient, gradient) <= 1e-14
    assert relative_error(run.parameters, before - 0.05 * gradient) <= 1e-14


def test_the_short_last_batch_is_applied_with_its_own_mean() -> None:
    run = network_run(SGD(0.05))
    run.advance(4)
    before, batch = run.parameters.copy(), run.next_batch()
    assert len(batch) == 3
    assert run.place == Place(0, 20)
    run.advance(1)
    assert run.place == Place(1, 0)
    _, gradient = run.objective.loss_and_gradient(before, batch)
    assert relative_error(run.parameters, before - 0.05 * gradient) <= 1e-14


def test_an_epoch_ends_where_every_sample_was_used_once() -> None:
    run = network_run(SGD(0.05))
    run.advance(2)
    assert len(run.advance_epoch().losses) == 3
    assert run.place == Place(1, 0)
    assert len(run.advance_epoch().losses) == 5
    assert run.place == Place(2, 0)


def test_the_path_has_the_parameters_after_every_update_of_up_to_16() -> None:
    run = Run(of_surface(bowl(np.eye(16), np.ones(16))), Settings(SGD(0.5), 1), np.zeros(16))
    assert run.advance(3).path.tolist() == [[0.5] * 16, [0.75] * 16, [0.875] * 16]
    assert Run(of_surface(bowl(np.eye(17), np.ones(17))), run.settings, np.zeros(17)).advance(3).path.size == 0


@pytest.mark.parametrize("updates", [0, -3])
def test_no_updates_change_nothing(updates: int) -> None:
    run = network_run(Adam())
    run.advance(7)
    before = bits(run)
    progress = run.advance(updates)
    assert bits(run) == before
    assert progress.losses.size == progress.path.size == 0


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.label)
def test_a_proposal_is_where_the_next_update_leads_and_moves_nothing(optimizer: Optimizer) -> None:
    run = network_run(optimizer)
    run.advance(7)
    before = bits(run)
    _, gradient = run.objective.loss_and_gradient(run.parameters, run.next_batch())
    proposal = run.proposal(gradient)
    assert bits(run) == before
    run.advance(1)
    assert relative_error(proposal, run.parameters) <= 1e-14
    assert proposal.tobytes() != run.previous.tobytes()


# Changes of settings.


def test_a_new_rate_keeps_the_optimizers_state_and_another_optimizer_starts_afresh() -> None:
    run = network_run(Adam(0.01))
    run.advance(10)
    state = run.state.copy()
    run.change(Settings(Adam(0.001), 8))
    assert (run.step, run.state.tolist()) == (10, state.tolist())
    run.change(Settings(SGD(0.1, momentum=0.9), 8))
    assert (run.step, run.state.tolist()) == (0, [[0.0] * 50])
    run.advance(3)
    assert (run.update, run.step) == (13, 3)


def test_momentum_of_one_kind_is_not_momentum_of_another() -> None:
    run = network_run(SGD(0.05, momentum=0.9))
    run.advance(10)
    run.change(Settings(SGD(0.05, momentum=0.5), 5))
    assert run.state.any()
    run.change(Settings(SGD(0.05, momentum=0.5, nesterov=True), 5))
    assert not run.state.any()


def test_a_new_batch_size_goes_on_where_the_epoch_stands() -> None:
    run = network_run(SGD(0.05), batch_size=5)
    order = run.batches.epoch_order(0).tolist()
    run.advance(2)
    run.change(Settings(SGD(0.05), 4))
    assert run.next_batch().tolist() == order[10:14]
    run.advance(4)
    assert run.place == Place(1, 0)


def test_restoring_a_checkpoint_brings_everything_back_that_the_next_update_depends_on() -> None:
    run = network_run(Adam(0.01))
    run.advance(8)
    checkpoint = run.checkpoint()
    run.advance(30)
    expected = bits(run)
    run.change(Settings(SGD(0.1), 23))
    run.advance(5)
    for _ in range(2):
        run.restore(checkpoint)
        assert run.update == 8
        run.advance(30)
        assert bits(run) == expected


# Cancelling.


def endless() -> Run:
    """A run that can go on for minutes: batches of 200 samples through 64-64-1."""
    objective = random_network((64, 64, 1), ("tanh", "linear"), "squared_error", 1000)
    return Run(objective, Settings(SGD(1e-6), 200), np.zeros(objective.size))


def test_cancelling_from_another_thread_ends_a_long_advance_soon() -> None:
    run, lengths = endless(), list[int]()
    run.advance(1)
    worker = threading.Thread(target=lambda: lengths.append(len(run.advance(10**7).losses)), daemon=True)
    worker.start()
    while run.update < 2:
        time.sleep(0.001)
    run.cancel()
    worker.join(timeout=20)
    assert not worker.is_alive()
    assert lengths == [run.update - 1]
    assert run.stopped is None
    assert np.isfinite(run.parameters).all()


def test_a_cancelled_run_makes_no_update() -> None:
    run = endless()
    run.cancel()
    assert run.advance(5).losses.size == 0
    assert (run.update, run.stopped) == (0, None)


# What is refused.


@pytest.mark.parametrize("batch_size", [0, -1, 24, 10**9])
def test_a_batch_size_that_does_not_fit_is_refused(batch_size: int) -> None:
    objective = network_run(Adam()).objective
    words = f"batch_size is {batch_size}: it takes a whole number from 1 to 23"
    with pytest.raises(ValueError, match=words):
        Run(objective, Settings(Adam(), batch_size), np.zeros(objective.size))
    with pytest.raises(ValueError, match=words):
        network_run(Adam()).check(Settings(Adam(), batch_size))


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 1), ()])
def test_a_start_of_the_wrong_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="it takes 2 numbers"):
        Run(bowl_at_4_3(), Settings(SGD(0.1), 1), np.zeros(shape))
