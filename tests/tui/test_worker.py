"""The one thread that computes."""

from __future__ import annotations

import threading

from nnsim.tui.worker import Worker

PATIENCE = 60.0


def test_it_says_once_that_everything_submitted_at_first_is_done() -> None:
    worker, done = Worker(), list[str]()
    settled, finished = threading.Event(), threading.Event()

    def settle() -> None:
        done.append("settled")
        settled.set()

    worker.settled = settle
    for name in ("first", "second"):
        worker.submit(lambda name=name: done.append(name))  # type: ignore[misc]
    worker.start()
    assert settled.wait(PATIENCE)
    worker.submit(lambda: done.append("third"))
    worker.submit(finished.set)
    assert finished.wait(PATIENCE)
    worker.stop()
    assert done == ["first", "second", "settled", "third"]
