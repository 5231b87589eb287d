"""The controller and the worker without a screen: orders are done in turn, and nothing that fails stops the rest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from driving import differences
from msgspec.structs import replace
from own_scenarios import BOWL, HEAD, changed, save

from nnsim.scenarios.reader import find
from nnsim.tui.controller import Controller
from nnsim.tui.journal import Journal
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


async def test_of_orders_that_come_faster_than_frames_few_are_shown_and_the_last_always(bowl: View) -> None:
    await bowl.done()
    seen = len(bowl.snapshots)
    for _ in range(200):
        bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert bowl.update == 200
    assert len(bowl.snapshots) < seen + 100
    bowl.controller.order(lambda session: session.seek(7))
    bowl.controller.seek(9)
    bowl.controller.seek(3)
    await bowl.done()
    assert bowl.update == 3


async def test_a_picture_that_is_never_on_the_screen_does_not_keep_the_next_ones_away(bowl: View) -> None:
    await bowl.done()
    bowl.fast = False
    bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    bowl.controller.order(lambda session: session.forward())
    await bowl.until(lambda: bowl.update == 2)
    late, present = bowl.drawn
    late()
    assert bowl.controller.delivering
    present()
    assert not bowl.controller.delivering


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


async def test_a_set_up_in_which_the_race_cannot_be_run_leaves_the_run(worker: Worker, tmp_path: Path) -> None:
    raced = View(worker, str(save(tmp_path, changed(BOWL, HEAD, HEAD + 'race = [{ "optimizer.momentum" = 0.5 }]\n'))))
    raced.controller.open()
    raced.controller.set_up({"optimizer": {"kind": "adam"}, "surface.minimum": [1.0, 1.0]})
    raced.controller.order(lambda session: session.forward())
    await raced.done()
    (complaint,) = raced.complaints
    place = f"{tmp_path}/own.scenario.toml, line 4: race[1] with optimizer and surface.minimum"
    assert complaint.startswith(f'{place}: "optimizer.momentum" is not a known key: optimizer takes kind, ')
    assert complaint.endswith("amsgrad.")
    assert raced.update == 1
    raced.controller.close()


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
    view.controller.close()
    seen = len(view.snapshots)
    await view.done()  # which is not until the run has ended, of a billion updates or of some
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


# --- where it was left ---


def remembering(worker: Worker, file: Path, journal: Journal) -> View:
    """A view of a scenario file whose controller writes down where it was left."""
    view = View(worker, str(file))
    view.controller = Controller(worker, file, view.show, view.complaints.append, journal)
    view.controller.open()
    return view


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return save(tmp_path, BOWL)


async def test_a_run_that_was_left_goes_on_where_it_was(worker: Worker, own: Path) -> None:
    journal = Journal()
    first = remembering(worker, own, journal)
    first.controller.order(lambda session: session.forward(7))
    first.controller.order(lambda session: session.change_rate(lambda _: 0.2))
    first.controller.order(lambda session: session.back(2))
    await first.done()
    first.controller.close()
    second = remembering(worker, own, journal)
    await second.done()
    assert differences(second.snapshots[-1].table, first.snapshots[-1].table) == []
    assert second.snapshots[-1].status.latest == first.snapshots[-1].status.latest


async def test_leaving_on_the_way_back_keeps_the_place(
    worker: Worker, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal()
    first = remembering(worker, own, journal)
    first.controller.order(lambda session: session.forward(30_000))
    await first.done()
    first.controller.close()
    await first.done()
    place = journal.entry(own).bookmark
    second = View(worker, str(own))
    second.controller = Controller(worker, own, second.show, lambda _: second.controller.close(), journal)
    monkeypatch.setattr("nnsim.tui.controller.Controller._on_the_way", lambda *_: False)
    second.controller.open()
    second.controller.close()
    await second.done()
    assert journal.entry(own).bookmark == place
    assert second.snapshots == []


async def test_a_file_that_was_changed_while_it_was_open_starts_anew_and_says_so(worker: Worker, own: Path) -> None:
    journal = Journal()
    first = remembering(worker, own, journal)
    first.controller.order(lambda session: session.forward(7))
    await first.done()
    own.write_text(own.read_text().replace("start = [0.0, 0.0]", "start = [9.0, 9.0]"))
    first.controller.close()
    second = remembering(worker, own, journal)
    await second.done()
    assert second.update == 0
    assert second.snapshots[-1].table.values.tolist() == [9.0, 9.0]
    assert "has changed since you left it" in second.complaints[-1]


async def test_a_run_of_an_older_nnsim_is_put_aside_and_never_made_again(worker: Worker, own: Path) -> None:
    journal = Journal()
    first = remembering(worker, own, journal)
    first.controller.order(lambda session: session.forward(7))
    await first.done()
    first.controller.close()
    await first.done()
    mark = journal.entry(own).bookmark
    assert mark is not None
    older = replace(mark, numbers=mark.numbers - 1)
    journal.leave(own, older)
    second = remembering(worker, own, journal)
    await second.done()
    assert second.update == 0
    assert second.complaints[-1] == (
        "An older nnsim, with other random numbers, made the run that you left at update 7: "
        "the run starts anew, and what led there is put aside in your journal."
    )
    assert journal.entry(own).aside == [older]
    second.controller.close()
    await second.done()
    assert journal.entry(own).bookmark is None


async def test_a_file_that_is_gone_when_its_lab_is_left_is_no_error(worker: Worker, own: Path) -> None:
    reports: list[Exception] = []
    worker.fail = reports.append
    view = remembering(worker, own, Journal())
    await view.done()
    own.unlink()
    view.controller.close()
    await view.done()
    assert reports == []


async def test_orders_between_two_seeks_are_done_in_turn(bowl: View) -> None:
    bowl.controller.order(lambda session: session.forward(20))
    bowl.controller.seek(5)
    bowl.controller.order(lambda session: session.forward())
    bowl.controller.seek(9)
    await bowl.done()
    assert bowl.update == 9
    bowl.controller.seek(3)
    bowl.controller.order(lambda session: session.forward())
    await bowl.done()
    assert bowl.update == 4


async def test_of_many_seeks_in_a_row_few_are_done(bowl: View) -> None:
    await bowl.done()
    bowl.controller.order(lambda session: session.forward(200))
    await bowl.done()
    held = threading.Event()
    bowl.worker.submit(lambda: (held.wait(PATIENCE), None)[1])
    seen = len(bowl.snapshots)
    for update in range(100):
        bowl.controller.seek(update)
    held.set()
    await bowl.done()
    assert bowl.update == 99
    assert len(bowl.snapshots) <= seen + 2


async def test_another_set_up_ends_the_many_runs_of_the_one_before(worker: Worker) -> None:
    view = View(worker, "crowd")
    view.controller.open()
    started = threading.Event()
    view.controller.many_runs(lambda _: started.set())
    await view.done()
    await view.until(started.is_set)
    view.controller.set_up({"optimizer.learning_rate": 0.01})
    await view.done()
    await view.until(lambda: "nnsim many runs" not in {thread.name for thread in threading.enumerate()})
    assert "many runs" not in view.snapshots[-1].views
    view.controller.close()
