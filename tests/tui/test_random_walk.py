"""Random keys, clicks and resizes over all scenarios, twenty thousand in three walks, of which two take long: nothing
crashes, the numbers on the screen are those of the core, and the app can always be left."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import Driven, gallery, straight
from own_scenarios import FORMULA, LINE
from panels import lines_of
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from nnsim.core.training import Run
from nnsim.scenarios import library
from nnsim.tui.app import NnsimApp
from nnsim.tui.numbers import fixed
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.snapshot.chart import Series
from nnsim.tui.widgets.loss_chart import LossChart

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.full) for seed in (2, 3)))
EVENTS = 20_000
PER_LOOK = 100
LONGEST = 20_000  # updates of a run that is made again to compare with
USUAL = ((80, 24), (100, 30), (120, 36))
SIZES = (*USUAL * 4, (160, 45), (200, 60), (79, 24), (80, 23), (40, 12), (10, 2), (1, 1))

MOVES = ("right", "left", "e", "E", "home", "end", ".", ",", "space", "[", "r", "R")
EDITS = ("+", "-", "l", "o", "b", "0", "5", "enter", "backspace")
LOOKS = ("tab", "shift+tab", *"123456789xvkyagump<>thcfsnw")
ASKS = ("?", "f1", "ctrl+p", "escape", "G", "{", "}")
WAYS = ("up", "down", "pageup", "pagedown", "shift+left", "shift+right", "ctrl+z", "delete", "ctrl+c")
KEYS = (*MOVES * 16, *EDITS, *LOOKS, *ASKS, *WAYS)
BACK = ("escape", "escape", "enter")  # to the lab, from what lies above or below it
COSTLY = ("M", "]")  # done a few times only
MOUSE: tuple[tuple[type[MouseEvent], ...], ...] = (
    (MouseDown, MouseUp),
    (MouseDown, MouseMove, MouseUp),
    (MouseMove,),
    (MouseScrollUp,),
    (MouseScrollDown,),
)


class Walker:
    """Somebody who presses and clicks whatever comes to hand."""

    def __init__(self, driven: Driven, seed: int) -> None:
        self.driven = driven
        self.chance = random.Random(seed)
        self.done: list[object] = []

    def step(self) -> None:
        """Do one thing at random."""
        what = self.chance.random()
        if what < 0.3 and not isinstance(self.driven.app.screen, LabScreen):
            self._note(self.chance.choice(BACK), self.driven.type)
        elif what < 0.01:
            self._note(self.chance.choice(SIZES), lambda size: self.driven.resize(*size))
        elif what < 0.1:
            self._use_mouse()
        else:
            self._note(self.chance.choice(COSTLY if what > 0.998 else KEYS), self.driven.type)

    def _note(self, what: object, do: Callable[..., None]) -> None:
        self.done.append(what)
        do(what)

    def _use_mouse(self) -> None:
        """Click, drag or turn the wheel anywhere, also a little outside of the screen."""
        app, chance = self.driven.app, self.chance
        kinds = chance.choice(MOUSE)
        places = [(chance.randrange(app.size.width + 2), chance.randrange(app.size.height + 1)) for _ in "ab"]
        self.done.append((kinds, places))
        for kind in kinds:
            x, y = places[kind is MouseMove]
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))

    async def look(self) -> None:
        """Wait until all is done, and compare what is shown with the core."""
        self.driven.app.clear_notifications()  # they may cover what is read
        await self.driven.settle()
        assert self.driven.app.return_code is None
        for lab in self.driven.app.screen_stack:
            if isinstance(lab, LabScreen) and lab.snapshot is not None:
                await self._compare(lab)

    async def _compare(self, lab: LabScreen) -> None:
        session = lab.controller._session
        assert session is not None
        if session.pace.playing:
            lab.action_play()
            await self.driven.settle()
        snapshot = lab.snapshot
        assert snapshot is not None
        assert not snapshot.status.playing
        if snapshot.status.update > LONGEST:
            lab.action_again()
            return
        run = straight(session)
        assert (snapshot.status.update, snapshot.status.epoch) == (run.update, run.place.epoch)
        assert snapshot.table.values.tobytes() == run.parameters.tobytes()
        loss = run.objective.evaluate(run.parameters, run.objective.train).loss
        for train in _last_trained(snapshot):
            assert float(train.losses[-1]) == pytest.approx(loss, rel=1e-12, nan_ok=True)
            if self.driven.app.screen is lab:
                _read(lab, run, float(train.losses[-1]))


def _last_trained(snapshot: Snapshot) -> Iterator[Series]:
    """The training loss, where it is known at the present update: not of a run that was too long to keep it."""
    for series in snapshot.chart.series:
        if series.role == "train" and int(series.updates[-1]) == snapshot.status.update:
            yield series


def _read(lab: LabScreen, run: Run, loss: float) -> None:
    """Find the update and the loss among what stands on the screen."""
    if (lab.size.width, lab.size.height) not in USUAL:
        return
    assert f"update {run.update:>4}" in lines_of(lab.query_one("#status"))[0]
    chart = lab.query_one(LossChart)
    if "chart" in lab.ground.in_sight and not chart.of_metric:
        legend = " ".join(lines_of(chart)[0].split())
        assert f"train {fixed(loss).strip().removeprefix('+')}" in legend


async def stay(_: NnsimApp) -> None:
    """In place of quitting."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_is_pressed_the_screen_shows_the_core(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [tmp_path / "formula.toml", tmp_path / "line.toml"]
    own[0].write_text(FORMULA)
    own[1].write_text(LINE)
    files = [*library.files(), *own]
    events = EVENTS // len(SEEDS) // len(files)
    monkeypatch.setattr(NnsimApp, "deliver_screenshot", lambda *_: None)
    monkeypatch.setattr(NnsimApp, "action_quit", stay)  # the palette offers it too
    async with gallery(*own) as driven:
        walker = Walker(driven, seed)
        try:
            for file in files:
                driven.app.open_lab(file)
                await driven.ready()
                for event in range(events):
                    walker.step()
                    if event % PER_LOOK == PER_LOOK - 1 or event == events - 1:
                        await walker.look()
        except BaseException:
            print(f"the last things done: {walker.done[-60:]}")
            raise
        driven.resize(120, 36)
        while not isinstance(driven.app.screen, GalleryScreen):
            await driven.press("escape")
        monkeypatch.undo()
        await driven.press("q")
        assert driven.app.return_code == 0
