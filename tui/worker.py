"""The one thread that computes. The screens hand it jobs and are handed back finished pictures.

The numeric libraries are imported and the kernels loaded here, after the first frame. The thread is a daemon: it
never keeps the program from ending.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeAlias

Job: TypeAlias = Callable[[], None]
Pulse: TypeAlias = Callable[[], float | None]


class Worker:
    """Runs jobs in order. Between jobs it calls `pulse`, if there is one, which returns the seconds it can wait for
    the next job, or None to wait until there is one. Exceptions go to `fail`; a pulse that raises one is dropped.
    `settled` is called once, when everything submitted at first has been done: what takes long to load is loaded."""

    def __init__(self) -> None:
        self.pulse: Pulse | None = None
        self.fail: Callable[[Exception], None] | None = None
        self.settled: Callable[[], None] | None = None
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="nnsim worker", daemon=True)
        self._stopped = False

    def start(self) -> None:
        """Begin to work on what has been submitted, unless that has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def submit(self, job: Job) -> None:
        """Do this after everything submitted before."""
        self._jobs.put(job)

    def stop(self) -> None:
        """End when everything submitted so far is done. What fails from now on is told nobody: the screens are gone."""
        self.pulse = None
        self.fail = None
        self._jobs.put(self._end)

    def join(self, seconds: float) -> None:
        """Wait so long for the end."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _end(self) -> None:
        self._stopped = True

    def _run(self) -> None:
        while not self._stopped:
            try:
                patience = self.pulse() if self.pulse is not None else None
            except Exception as error:
                self.pulse = None  # it would fail again and again, and no job would ever be done
                self._report(error)
                continue
            try:
                self._jobs.get(block=patience != 0.0, timeout=patience)()
            except queue.Empty:
                continue
            except Exception as error:
                self._report(error)
            if self.settled is not None and self._jobs.empty():
                self.settled()
                self.settled = None

    def _report(self, error: Exception) -> None:
        fail = self.fail
        if fail is not None:
            fail(error)
