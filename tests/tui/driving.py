"""The real app under a test's hand: open a scenario, press keys, wait until they are answered, look at the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key, Resize
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from nnsim.core.training import Run
from nnsim.scenarios import experiment, library
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import find, read
from nnsim.tui.app import NnsimApp
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.session import Session
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.chart import Chart

# What slow tests go through: a scenario of each kind of problem.
COURSE = ("squared-error", "bowl", "too-large-step", "two-minima", "crowd")
FULL_COURSE = library.COURSE
PATIENCE = 30.0
ROUNDS = 2  # one key may open a screen, and those after it go there
LAYOUTS = 2  # what is given another size may give others another, and what comes into sight is asked for
CHARACTERS = {"space": " ", "plus": "+", "minus": "-", "left_square_bracket": "[", "right_square_bracket": "]"}


class Driven:
    """An app that runs, and what a person in front of it can do and see."""

    def __init__(self, app: NnsimApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lab(self) -> LabScreen:
        """The lab on the screen, or under a dialog."""
        return next(screen for screen in reversed(self.app.screen_stack) if isinstance(screen, LabScreen))

    @property
    def snapshot(self) -> Snapshot:
        """What the lab shows."""
        shown = self.lab.snapshot
        assert shown is not None
        return shown

    @property
    def text(self) -> str:
        """Everything that stands on the screen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def notes(self) -> list[str]:
        """What the app has complained about, on this screen."""
        return [note.message for note in self.app._notifications]

    async def press(self, *keys: str) -> None:
        """Press keys, by name or by character, and wait until they are answered."""
        self.type(*keys)
        await self.settle()

    def type(self, *keys: str) -> None:
        """Press keys and wait for nothing."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            character = CHARACTERS.get(name, key if len(key) == 1 else None)
            self.app.post_message(Key(name, character))

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size and wait for nothing."""
        size = Size(width, height)
        driver = self.app._driver
        assert isinstance(driver, HeadlessDriver)
        driver._size = size
        self.app.post_message(Resize(size, size))

    async def settle(self) -> None:
        """Wait until everything that has been asked for is done and shown."""
        await self._hop()
        for _ in range(LAYOUTS):
            await self._work()
            await self.pilot.pause(0)
        assert not [note for note in self.notes if "should not have happened" in note]

    async def _work(self) -> None:
        """Wait until the worker has done what it was given, and what came of it is on the screen."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self.app.worker.submit(lambda: loop.call_soon_threadsafe(done.set_result, None))
        await asyncio.wait_for(done, PATIENCE)
        await _emptied(self.app)  # which hands the snapshot to the screen
        self.app.screen._on_timer_update()
        await self._drawn()

    async def _drawn(self) -> None:
        """Wait until every lab has drawn what is on its way to the screen. A playing run may always have more to show:
        of its snapshots the first was being drawn, the second was waiting, and the third is begun after both."""
        seen = {lab: [lab.snapshot] for lab in self.app.screen_stack if isinstance(lab, LabScreen)}

        def drawn() -> bool:
            for lab, snapshots in seen.items():
                if lab.snapshot is not snapshots[-1]:
                    snapshots.append(lab.snapshot)
            return all(not lab.controller.delivering or len(snapshots) > 3 for lab, snapshots in seen.items())

        await self.until(drawn)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"it never came; the screen shows:\n{self.text}"
            await asyncio.sleep(0.005)

    async def ready(self) -> None:
        """Wait until the lab shows its scenario."""
        await self.until(lambda: self.lab.snapshot is not None and self.lab.query("#narration Static"))
        await self.settle()

    async def _hop(self) -> None:
        """Wait until what has been typed is through the queues that a key goes through: those of the app, of what has
        the focus, of all above it, and of the app again."""
        for _ in range(ROUNDS):
            await _emptied(self.app)
            stack = self.app.screen_stack
            for pump in (stack[-1].focused or stack[-1]).ancestors_with_self if stack else ():
                await _emptied(pump)


async def _emptied(pump: MessagePump) -> None:
    """Wait until all messages that are in a queue now have been answered, or until it is closed."""
    answered = asyncio.Event()
    if pump.call_later(answered.set):
        while not answered.is_set() and pump.is_running:
            with suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), 0.1)


@asynccontextmanager
async def gallery(*files: Path, size: tuple[int, int] = (120, 36), ascii_only: bool = False) -> AsyncIterator[Driven]:
    """The app with the gallery open; with one file the lab lies above it."""
    app = NnsimApp(files, ascii_only=ascii_only)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Driven(app, pilot)


@asynccontextmanager
async def lab(
    scenario: str | Path, size: tuple[int, int] = (120, 36), ascii_only: bool = False
) -> AsyncIterator[Driven]:
    """The app with the lab open on a scenario, which is shown."""
    async with gallery(find(str(scenario)), size=size, ascii_only=ascii_only) as driven:
        await driven.ready()
        yield driven


def experiment_of(scenario: str | Path) -> experiment.Experiment:
    """The core's own set-up of a scenario, for a run beside the one on the screen."""
    file = find(str(scenario))
    return experiment.build(read(file), str(file), name_of(file))


def straight(session: Session) -> Run:
    """A run with the same settings at the same updates that never went back."""
    timeline, changes = session.timeline, session.timeline.changes
    seed = timeline.run.seed
    run = Run(timeline.objective, changes[0].settings, timeline.history.keyframes[0].parameters, seed)
    for change in changes:
        if change.update <= timeline.update:
            run.advance(change.update - run.update)
            run.change(change.settings)
    run.advance(timeline.update - run.update)
    return run


def same(one: Any, other: Any) -> bool:
    """Whether two snapshots, or parts of them, are equal bit for bit."""
    return not differences(one, other)


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two snapshots, or parts of them, differ in a single bit."""
    if type(one) is not type(other):
        return [place or "type"]
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return [d for name in names for d in differences(getattr(one, name), getattr(other, name), f"{place}.{name}")]
    if isinstance(one, tuple):
        if len(one) != len(other):
            return [f"{place}, length"]
        pairs = enumerate(zip(one, other, strict=True))
        return [d for i, (left, right) in pairs for d in differences(left, right, f"{place}[{i}]")]
    if isinstance(one, np.ndarray):
        return [] if one.shape == other.shape and one.tobytes() == other.tobytes() else [place]
    return [] if one == other or repr(one) == repr(other) else [place]


def _reach(chart: Chart) -> tuple[float, float]:
    """How far the run itself has come, in samples and seconds."""
    assert chart.clock is not None
    here = np.array([chart.update])
    return float(chart.clock.samples_at(here)[0]), float(chart.clock.seconds_at(here)[0])


def as_latest(snapshot: Snapshot) -> Snapshot:
    """The snapshot as it was when nothing after it was known yet."""
    update = snapshot.status.update
    # The bar marks the best of the whole run, which need not have been the best by then.
    marks = tuple(mark for mark in snapshot.timeline.marks if mark.update <= update and mark.kind != "best")
    return replace(
        snapshot,
        status=replace(snapshot.status, latest=update),
        chart=replace(snapshot.chart, latest=update, reach=_reach(snapshot.chart)),
        timeline=replace(snapshot.timeline, latest=update, marks=marks),
    )
