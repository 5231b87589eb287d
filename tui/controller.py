"""Drives one run: takes orders from the lab's keys, works them off in the worker's thread, publishes snapshots."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nnsim.tui.snapshot import Snapshot
from nnsim.tui.worker import Worker

if TYPE_CHECKING:
    from nnsim.core.optimizers import Optimizer
    from nnsim.core.training import Settings
    from nnsim.tui.observer import Observer

SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, None)
"""Updates a second; None is as fast as possible."""
FRAME = 1.0 / 30.0
SLICE = 0.008
PLAY_TIME = 12.0
"""Seconds that a scenario takes at the speed at which it opens."""
REST = 1_000_000
"""Updates after which a run beyond the scenario's length pauses, so that nobody fills the memory by forgetting it."""


class Controller:
    """One run of a scenario. Its methods return at once; what they ask for is done in order by the worker.

    `show` gets every published snapshot, and a function to call when it is on the screen; `complain` gets every
    sentence about an order that cannot be followed. Both are called in the event loop's thread. While that thread is
    drawing, snapshots are left out, never queued, and between two frames of a playing run it rests for half as long
    as one takes, so that it always has time for keys.
    """

    def __init__(
        self,
        worker: Worker,
        file: Path,
        show: Callable[[Snapshot, Callable[[], None]], None],
        complain: Callable[[str], None],
    ) -> None:
        self._worker = worker
        self._file = file
        self._show = show
        self._complain = complain
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()  # timers started by what is called back look up the app in it
        self._observer: Observer | None = None
        self._latest: Snapshot | None = None
        self._delivering = False
        self._closed = False
        self._playing = False
        self._speed = 0
        self._pace = 1000.0
        self._owed = 0.0
        self._then = 0.0
        self._handed_over = 0.0
        self._frame = FRAME

    # --- orders, from the event loop's thread ---

    def open(self) -> None:
        """Load the scenario and show its start."""
        self._worker.submit(self._open)

    def close(self) -> None:
        """Stop whatever is under way."""
        self._closed = True
        if self._worker.pulse == self._pulse:  # and not that of a lab that has been opened meanwhile
            self._worker.pulse = None
        if self._observer is not None:
            self._observer.timeline.cancel()

    def order(self, job: Callable[[Observer], None]) -> None:
        """Do something to the run, then show it."""

        def work() -> None:
            if self._observer is not None and not self._closed:
                try:
                    job(self._observer)
                except ValueError as error:
                    self._tell(f"{error}.")
                self._publish()

        self._worker.submit(work)

    def play_or_pause(self) -> None:
        self.order(lambda observer: self._set_playing(not self._playing))

    def forward(self, updates: int = 1) -> None:
        self._pause_and(lambda observer: observer.timeline.advance(updates))

    def back(self, updates: int = 1) -> None:
        self._pause_and(lambda observer: observer.timeline.seek(max(0, observer.timeline.update - updates)))

    def forward_epoch(self) -> None:
        self._pause_and(lambda observer: observer.timeline.advance_epoch())

    def back_epoch(self) -> None:
        """Go to the start of this epoch, or from there to the start of the one before."""

        def go(observer: Observer) -> None:
            timeline = observer.timeline
            begin = timeline.start_of_epoch(timeline.run.place.epoch)
            if begin == timeline.update:
                begin = timeline.start_of_epoch(max(0, timeline.run.place.epoch - 1))
            timeline.seek(begin)

        self._pause_and(go)

    def to_start(self) -> None:
        self._pause_and(lambda observer: observer.timeline.seek(0))

    def to_latest(self) -> None:
        self._pause_and(lambda observer: observer.timeline.seek(observer.timeline.latest))

    def faster(self, steps: int) -> None:
        """Go up or down the ladder of speeds."""

        def work(_: Observer) -> None:
            self._speed = min(max(self._speed + steps, 0), len(SPEEDS) - 1)
            self._owed = 0.0

        self.order(work)

    def set_learning_rate(self, rate: float) -> None:
        self.change_rate(lambda _: rate)

    def change_rate(self, step: Callable[[float], float]) -> None:
        """Change the learning rate to what `step` makes of the present one."""
        self._change(
            lambda settings: replace(
                settings, optimizer=settings.optimizer.with_rate(step(settings.optimizer.learning_rate))
            )
        )

    def set_optimizer(self, make: Callable[[float], Optimizer]) -> None:
        """Change the optimizer; it is made for the present learning rate."""
        self._change(lambda settings: replace(settings, optimizer=make(settings.optimizer.learning_rate)))

    def set_batch_size(self, size: int) -> None:
        self._change(lambda settings: replace(settings, batch_size=size))

    def switch(self, branch: int) -> None:
        """Go to the end of a future that was left, the first being the oldest of those that are kept."""

        def go(observer: Observer) -> None:
            branches = observer.timeline.branches
            if branch < len(branches):
                observer.timeline.switch(branches[branch])
                observer.timeline.seek(observer.timeline.latest)

        self._pause_and(go)

    def restart(self, new_seed: bool = False) -> None:
        """Start again with the present settings, from the same start or with the next seed."""

        def again(observer: Observer) -> None:
            run = observer.timeline.run
            experiment = replace(observer.experiment, settings=run.settings)
            self._observe(experiment.timeline(run.seed + 1 if new_seed else run.seed), observer)

        self._pause_and(again)

    def set_up(self, overrides: dict[str, object]) -> None:
        """Start again with the scenario's own set-up and these changes."""
        self._worker.submit(lambda: self._open(overrides))

    # --- work, in the worker's thread ---

    def _open(self, overrides: dict[str, object] | None = None) -> None:
        from nnsim.scenarios.experiment import build
        from nnsim.scenarios.library import name_of
        from nnsim.scenarios.reader import ScenarioError, read
        from nnsim.tui.observer import Observer

        if self._closed:
            return
        try:
            experiment = build(read(self._file, overrides), str(self._file), name_of(self._file))
        except ScenarioError as error:
            self._tell(str(error))
            return
        self._observer = Observer(experiment, experiment.timeline())
        self._playing = False
        wanted = experiment.updates / PLAY_TIME
        self._speed = next(i for i, speed in enumerate(SPEEDS) if speed is None or speed >= wanted)
        self._observer.timeline.advance(1)  # loads the kernels, so that the first key need not wait for them
        self._observer.timeline.seek(0)
        self._observe(experiment.timeline(), self._observer)
        self._worker.pulse = self._pulse
        self._publish()
        self._complain_about_cache()

    def _observe(self, timeline: object, observer: Observer) -> None:
        self._observer = replace(observer, timeline=timeline)  # type: ignore[arg-type]

    def _complain_about_cache(self) -> None:
        from nnsim.core.jit import CACHE_NOTICE

        if CACHE_NOTICE:
            self._tell(CACHE_NOTICE)

    def _pause_and(self, job: Callable[[Observer], object]) -> None:
        def work(observer: Observer) -> None:
            self._set_playing(False)
            job(observer)

        self.order(work)

    def _change(self, edit: Callable[[Settings], Settings]) -> None:
        def work(observer: Observer) -> None:
            timeline = observer.timeline
            settings = edit(timeline.run.settings)
            if settings != timeline.run.settings:
                timeline.change(settings)

        self.order(work)

    def _set_playing(self, playing: bool) -> None:
        self._playing = playing
        self._owed, self._then = 0.0, time.monotonic()

    def _pulse(self) -> float | None:
        """Do the updates that are due, show them, and say how long there is nothing to do."""
        observer = self._observer
        if not self._playing or observer is None:
            return None
        timeline, speed = observer.timeline, SPEEDS[self._speed]
        now = time.monotonic()
        if speed is None:
            due = int(self._pace * SLICE) + 1
        else:
            self._owed = min(self._owed + (now - self._then) * speed, self._pace * SLICE + 1.0)
            due = int(self._owed)
            self._owed -= due
        self._then = now
        end = observer.experiment.end(timeline.run)
        if timeline.update >= end:
            end = (timeline.update // REST + 1) * REST
        due = min(due, end - timeline.update)
        done = timeline.advance(due) if due else 0
        if done:
            self._pace += 0.2 * (done / max(time.monotonic() - now, 1e-6) - self._pace)
        if done < due or timeline.update == end:
            self._playing = False
        if not self._playing or (done and not self._delivering and now - self._handed_over >= self._frame):
            self._publish()
        return 0.001 if speed is None else min(FRAME, 1.0 / speed)

    # --- handing over ---

    def _publish(self) -> None:
        assert self._observer is not None
        self._latest = self._observer.snapshot(self._playing, SPEEDS[self._speed])
        if not self._delivering:
            self._delivering = True
            self._in_loop(self._deliver)

    def _deliver(self) -> None:
        self._handed_over = time.monotonic()
        delivered = self._latest
        if delivered is not None and not self._closed:
            self._show(delivered, lambda: self._delivered(delivered))

    def _delivered(self, snapshot: Snapshot) -> None:
        """The snapshot is on the screen; what has been published meanwhile comes next."""
        self._frame = max(FRAME, 1.5 * (time.monotonic() - self._handed_over))
        self._delivering = False
        if self._latest is not snapshot:
            self._delivering = True
            self._deliver()

    def _tell(self, sentence: str) -> None:
        self._in_loop(lambda: None if self._closed else self._complain(sentence))

    def _in_loop(self, call: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, context=self._context)
