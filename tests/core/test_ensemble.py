"""Many runs at once: the same as one by one, whatever the threads; progress and cancelling."""

import threading
import time

import numpy as np
import pytest
from problems import random_network

from nnsim.core import ensemble
from nnsim.core.ensemble import Cancelled, Check, descend, gather, train
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.surfaces import bowl, double_well
from nnsim.core.training import Run, Settings

BOWL = bowl(np.array([[3.0, -2.0], [-2.0, 7.0]]), np.array([4.0, 3.0]))
STARTS = np.random.default_rng(5).uniform(-5.0, 5.0, (1203, 2))
TESTED = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", 7)


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.05, momentum=0.9), Adam(0.1)], ids=lambda o: o.label)
def test_many_starts_end_where_each_would_alone(optimizer: Optimizer) -> None:
    found = descend(BOWL, optimizer, STARTS, 50)
    assert found.parameters.shape == (1203, 2)
    for index in (0, 607, 608, 1202):
        run = Run(of_surface(BOWL), Settings(optimizer, 1), STARTS[index])
        run.advance(50)
        assert found.parameters[index].tobytes() == run.parameters.tobytes()
        assert found.losses[index] == run.objective.losses(run.parameters[None])[0]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_number_of_threads_changes_no_bit(threads: int) -> None:
    found, expected = (descend(BOWL, Adam(0.1), STARTS, 40, threads=count) for count in (threads, None))
    assert found.parameters.tobytes() == expected.parameters.tobytes()
    assert found.losses.tobytes() == expected.losses.tobytes()


def test_the_size_of_a_kernel_call_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = descend(BOWL, Adam(0.1), STARTS, 40)
    monkeypatch.setattr(ensemble, "CALL_NUMBERS", 7 * 1024)
    assert descend(BOWL, Adam(0.1), STARTS, 40).parameters.tobytes() == expected.parameters.tobytes()


def test_the_valleys_of_the_double_well_part_at_its_top() -> None:
    starts = np.linspace(-4.0, 5.0, 1001)[:, None]
    ends = descend(double_well(), SGD(0.01), starts, 2000).parameters[:, 0]
    expected = np.where(starts[:, 0] < 1.0, -2.0, np.where(starts[:, 0] > 1.0, 3.0, 1.0))
    assert ends == pytest.approx(expected, abs=1e-9)


def test_a_start_that_diverges_harms_no_other() -> None:
    starts = np.array([[4.0, 3.0], [1e308, 1e308], [5.0, 3.0]])
    ends = descend(BOWL, SGD(0.1), starts, 400).parameters
    assert not np.isfinite(ends[1]).all()
    assert ends[[0, 2]] == pytest.approx(np.array([[4.0, 3.0], [4.0, 3.0]]), abs=1e-9)


def test_starts_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"starts has the shape \(3, 1\): it takes \(starts, 2\), one or more"):
        descend(BOWL, SGD(0.1), np.zeros((3, 1)), 10)


def network_run(seed: int) -> Run:
    start = np.random.default_rng(seed).uniform(-0.5, 0.5, TESTED.size)
    return Run(TESTED, Settings(Adam(0.01), 3), start, seed)


@pytest.mark.parametrize("threads", [1, 3])
def test_runs_of_many_seeds_come_in_the_order_of_the_seeds(threads: int) -> None:
    found = train(network_run, 20, 300, lambda run: run.parameters.copy(), threads)
    for seed in (0, 7, 19):
        run = network_run(seed)
        run.advance(300)
        assert found[seed].tobytes() == run.parameters.tobytes()


def test_a_run_that_stops_is_measured_where_it_stopped() -> None:
    def start(index: int) -> Run:
        return Run(of_surface(BOWL), Settings(SGD(0.1 if index else 10.0), 1), np.zeros(2))

    stopped = train(start, 2, 1000, lambda run: run.stopped is not None)
    assert stopped == [True, False]


def test_progress_counts_every_job() -> None:
    seen: list[tuple[int, int]] = []
    results = gather(lambda index, _: index * index, 10, threads=3, progress=lambda *done: seen.append(done))
    assert results == [index * index for index in range(10)]
    assert seen == [(done, 10) for done in range(1, 11)]


def test_cancelling_ends_long_runs_soon() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):  # to their end they would take days
        train(network_run, 100, 10**9, lambda run: run.update, cancel=cancel)


def test_cancelling_ends_a_long_descent_soon() -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):
        descend(BOWL, SGD(1e-9), STARTS, 10**9, cancel=cancel)


def test_an_exception_ends_jobs_that_are_under_way() -> None:
    def job(index: int, check: Check) -> None:
        if index == 0:
            raise ArithmeticError
        while True:
            check()
            time.sleep(0.001)

    with pytest.raises(ArithmeticError):
        gather(job, 2, threads=2)


def test_the_exception_of_a_job_is_raised_and_ends_the_others() -> None:
    begun = []

    def job(index: int, check: Check) -> int:
        begun.append(index)
        if index == 2:
            raise ArithmeticError("job 2")
        time.sleep(0.01)
        return index

    with pytest.raises(ArithmeticError, match="job 2"):
        gather(job, 1000, threads=2)
    assert len(begun) < 100
