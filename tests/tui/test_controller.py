"""The controller and the worker without a screen: orders are done in turn, and nothing that fails stops the rest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from nnsim.scenarios.reader import find
from nnsim.tui.controller import Controller
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.worker import Worker

PATIENCE = 30.0


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    worker.start()
    yield worker
    worker.stop()


class View:
    """Takes what a controller hands over; it is as slow as a test wants it to be."""

    def __init__(self, worker: Worker, scenario: str) -> None:
        self.worker = worker
        self.snapshots: list[Snapshot] = []
        self.complaints: list[str] = []
        self.drawn: list[Callable[[], None]] = []
        self.fast = True
        self.controller = Controller(worker, find(scenario), self.show, self.complaints.append)

    def show(self, snapshot: Snapshot, shown: Callable[[], None]) -> None:
        self.snapshots.append(snapshot)
        if self.fast:
            shown()
        else:
            self.drawn.append(shown)

    @property
    def update(self) -> int:
        return self.snapshots[-1].status.update

    async def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end
            await asyncio.sleep(0.002)

    async def done(self) -> None:
        """Wait until the worker has done what it was asked, and the view has been told."""
        finished = threading.Event()
        self.worker.submit(finished.set)
        await self.until(finished.is_set)
        await asyncio.sleep(0)


@pytest.fixture
async def bowl(worker: Worker) -> AsyncIterator[View]:
    view = View(worker, "bowl")
    view.controller.open()
    yield view
    view.controller.close()


async def test_orders_given_before_the_scenario_is_loaded_are_done_in_turn(bowl: View) -> None:
    bowl.controller.order(lambda session: session.forward(5))
    bowl.controller.order(lambda session: session.back())
    bowl.controller.order(lambda session: session.change_rate(lambda rate: 2 * rate))
    bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert (bowl.update, bowl.snapshots[-1].status.learning_rate) == (5, 0.2)


async def test_a_view_that_is_busy_gets_the_newest_snapshot_and_none_in_between(bowl: View) -> None:
    await bowl.done()
    bowl.fast = False
    seen = len(bowl.snapshots)
    for _ in range(20):
        bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert len(bowl.snapshots) == seen + 1
    bowl.fast = True
    bowl.drawn.pop()()
    await bowl.until(lambda: bowl.update == 20)
    assert len(bowl.snapshots) == seen + 2


async def test_an_order_that_cannot_be_followed_is_a_sentence_and_changes_nothing(bowl: View) -> None:
    await bowl.done()
    bowl.controller.order(lambda session: session.forward())
    bowl.controller.order(lambda session: session.set_batch_size(7))
    bowl.controller.order(lambda session: session.change_rate(lambda _: float("nan")))
    bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert len(bowl.complaints) == 2
    assert bowl.complaints[0].startswith("batch_size is 7: it takes")
    assert bowl.complaints[1].startswith("learning_rate is nan: it takes")
    assert bowl.update == 2
    assert bowl.snapshots[-1].status.learning_rate == 0.1


async def test_a_set_up_that_cannot_be_leaves_the_run(bowl: View) -> None:
    await bowl.done()
    bowl.controller.order(lambda session: session.forward())
    bowl.controller.set_up({"optimizer.learning_rate": -1.0})
    bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert "optimizer.learning_rate is -1.0" in bowl.complaints[0]
    assert bowl.update == 2


async def test_closing_ends_what_is_under_way_at_once(worker: Worker) -> None:
    view = View(worker, "crowd")
    view.controller.open()
    await view.done()
    view.controller.order(lambda session: session.forward(10**9))
    await asyncio.sleep(0.05)
    asked = time.monotonic()
    view.controller.close()
    seen = len(view.snapshots)
    await view.done()
    assert time.monotonic() - asked < 5.0
    assert len(view.snapshots) == seen


async def test_closing_a_lab_does_not_stop_the_next_one(worker: Worker) -> None:
    first, second = View(worker, "bowl"), View(worker, "two-minima")
    first.controller.open()
    second.controller.open()
    await second.done()
    first.controller.close()
    second.controller.order(lambda session: session.play_or_pause())
    await second.until(lambda: second.update > 0)
    second.controller.close()


async def test_a_file_that_cannot_be_read_is_a_sentence(worker: Worker, tmp_path: Path) -> None:
    view = View(worker, str(tmp_path / "none.toml"))
    view.controller.open()
    view.controller.order(lambda session: session.forward())
    await view.done()
    assert view.snapshots == []
    assert "none.toml cannot be read" in view.complaints[0]


async def test_every_speed_moves_and_the_fastest_one_is_the_last(bowl: View) -> None:
    await bowl.done()
    bowl.controller.order(lambda session: session.faster(-100))
    await bowl.done()
    assert bowl.snapshots[-1].status.speed == 1.0
    bowl.controller.order(lambda session: session.faster(100))
    await bowl.done()
    assert bowl.snapshots[-1].status.speed is None
    bowl.controller.order(lambda session: session.play_or_pause())
    await bowl.until(lambda: not bowl.snapshots[-1].status.playing)
    await bowl.until(lambda: bowl.update == 40)


def test_a_job_that_fails_is_reported_and_the_next_one_is_done(worker: Worker) -> None:
    reports: list[Exception] = []
    done = threading.Event()
    worker.fail = reports.append
    worker.submit(lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    worker.submit(done.set)
    assert done.wait(PATIENCE)
    assert isinstance(reports[0], ZeroDivisionError)


def test_a_pulse_that_fails_is_dropped_and_jobs_go_on(worker: Worker) -> None:
    reports: list[Exception] = []
    done = threading.Event()
    worker.fail = reports.append

    def pulse() -> float:
        raise ArithmeticError

    worker.pulse = pulse
    worker.submit(lambda: None)
    worker.submit(done.set)
    assert done.wait(PATIENCE)
    assert len(reports) == 1
    assert worker.pulse is None
