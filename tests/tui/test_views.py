"""Every view of nnsim as it was last found good: pictures in text, in `__snapshots__/test_views.ambr`.

Each picture has the rows of the screen, then the ink and the ground of every cell as letters, and what the letters
mean; first in the dark theme, then what is different in the light one. Whoever changes a view on purpose renews them,
reads the difference as what a person will see, and commits it:

    .venv/bin/python -m pytest tests/tui/test_views.py --snapshot-update
    git diff tests/tui/__snapshots__

Nothing that was measured by a clock stands in them. All digits of a number are only shown where no library sums:
on surfaces, and in a network of halves and quarters whose first numbers are exact, in whatever order they are added.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from colours import picture
from driving import Driven, gallery, lab
from numpy.typing import NDArray
from own_scenarios import HEAD, save
from syrupy.assertion import SnapshotAssertion

from nnsim.core.clock import Clock
from nnsim.core.objective import Objective
from nnsim.scenarios import library, many_runs
from nnsim.scenarios.reader import find
from nnsim.tui import preview
from nnsim.tui.arrangement import PANELS
from nnsim.tui.parts.readings import Readings
from nnsim.tui.session import Session
from nnsim.tui.theme import DARK, LIGHT

Size = tuple[int, int]

SMALL, LARGE = (80, 24), (120, 36)
SIZES = (SMALL, LARGE)
LAB_SIZES = (SMALL, (100, 30), LARGE, (160, 45), (200, 60))
THEMES = (DARK.name, LIGHT.name)
FEW_RUNS = 24
HALVES = f"""{HEAD}
start = [0.5, -0.5, 1.0, 0.25, 0.5, -1.0, 0.0, 0.25, -0.5, 1.0, 0.5, -0.25, 0.5]

[network]
sizes = [2, 3, 1]
activations = ["relu", "linear"]
loss = "half_squared_error"

[data]
kind = "inline"
inputs = [[1, 0.5], [2, -1], [0.5, 1], [-1, 1], [0, 2], [1, 1], [-0.5, -0.5], [2, 0]]
targets = [[1], [1.5], [0], [-1], [0.5], [1], [0], [2]]

[optimizer]
kind = "sgd"
learning_rate = 0.25
momentum = 0.5

[batches]
size = 4

[run]
updates = 20
"""


class Album:
    """Takes pictures of an app, and tells in the end which are not those that were kept."""

    def __init__(self, kept: SnapshotAssertion) -> None:
        self._kept = kept
        self._taken: dict[str, str] = {}

    async def panel(self, driven: Driven, name: str, sizes: Sequence[Size] = SIZES) -> None:
        """Take the panel that `name` begins with, which then has the focus, or the timeline."""
        panel = name.split()[0]
        if panel in PANELS:
            await focus(driven, panel)
        await self._take(driven, name, sizes, THEMES, f"#{panel}")

    async def screen(
        self, driven: Driven, name: str, sizes: Sequence[Size] = SIZES, themes: Sequence[str] = THEMES[:1]
    ) -> None:
        """Take the whole screen."""
        await self._take(driven, name, sizes, themes, "")

    async def _take(
        self, driven: Driven, name: str, sizes: Sequence[Size], themes: Sequence[str], selector: str
    ) -> None:
        app = driven.app
        for size in sorted(sizes, key=lambda size: size != app.size):  # to change a size or a theme takes long
            if size != app.size:
                await driven.pilot.resize_terminal(*size)
            taken = {}
            for theme in sorted(themes, key=lambda theme: theme != app.theme):
                app.theme = theme
                app.clear_notifications()
                await driven.pilot.pause()
                region = app.screen.query_one(selector).region if selector else None
                taken[theme] = picture(app, region)
            first, *others = (taken[theme] for theme in themes)
            texts = [str(first), *(other.beside(first) for other in others)]
            text = "\n\n".join(f"{theme}\n{text}" for theme, text in zip(themes, texts, strict=True))
            self._taken[f"{name}, {size[0]}x{size[1]}"] = text

    def compare(self) -> None:
        """Compare all that was taken with what was kept."""
        others = [name for name, text in self._taken.items() if self._kept(name=name) != text]
        for name in others:
            assert self._taken[name] == self._kept(name=name), f"not as they were kept: {'; '.join(others)}"


async def turn_to(driven: Driven, view: str) -> None:
    """Go through the views of the stage up to one."""
    for _ in driven.snapshot.views:
        if driven.snapshot.view != view:
            await driven.press("v")
    assert driven.snapshot.view == view, driven.snapshot.views


@pytest.fixture
def album(snapshot: SnapshotAssertion) -> Album:
    return Album(snapshot)


@pytest.fixture(autouse=True)
def without_garbage() -> Iterator[None]:
    """A fifth of the time would go into looking for garbage among the widgets."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def without_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing takes any time; only for large sets some numbers count as too slow to know."""

    def no_seconds(self: Clock, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.zeros(len(updates))

    def seconds(self: Readings, objective: Objective) -> float:
        return 1e-3 if len(objective.train) > 1000 else 1e-7

    monkeypatch.setattr(Clock, "seconds_at", no_seconds)
    monkeypatch.setattr(Readings, "_cost", seconds)


async def focus(driven: Driven, panel: str) -> None:
    """Bring a panel up; the focus comes to it a little later than a key that is typed at once."""
    await driven.press(str(PANELS.index(panel) + 1))


async def order(driven: Driven, updates: int = 0, rate: float | None = None, batch_size: int | None = None) -> None:
    """Change settings as dialogs do, and go on as a run that plays does."""

    def job(session: Session) -> None:
        if rate is not None:
            session.change_rate(lambda _: rate)
        if batch_size is not None:
            session.set_batch_size(batch_size)
        if updates:
            session.forward(updates)

    driven.lab.controller.order(job)
    await driven.settle()


# --- surfaces ---


async def test_one_parameter(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_runs, "COUNTS", (FEW_RUNS,))
    async with lab("two-minima") as driven:
        await order(driven, updates=6)
        await driven.press("m")
        await album.panel(driven, "stage curve")
        await order(driven, batch_size=8)
        await driven.press("r")
        await order(driven, updates=20)
        await album.panel(driven, "stage curve of a batch")
        await driven.press("enter", *["left"] * 5)
        await album.panel(driven, "stage curve, choosing a start", sizes=(SMALL,))
        await driven.press("escape", "M")
        await driven.until(lambda: driven.snapshot.view == "many runs" and driven.snapshot.stage.done == FEW_RUNS)
        await album.panel(driven, "stage many runs")
        await album.panel(driven, "batch of a surface")
    album.compare()


async def test_two_parameters(album: Album) -> None:
    async with lab("bowl") as driven:
        await order(driven, updates=5)
        await album.screen(driven, "lab bowl", LAB_SIZES)
        await driven.press("m")
        await album.panel(driven, "stage surface")
        await driven.press("enter", "right", "right", "up")
        await album.panel(driven, "stage surface, choosing a start", sizes=(SMALL,))
        await driven.press("escape")
        await focus(driven, "parameters")
        await driven.press("f")
        await album.panel(driven, "parameters in full")
        await driven.press("f")
        await album.panel(driven, "receipt of a surface")
        await album.panel(driven, "narration of a surface", sizes=(SMALL,))
        await driven.press("+", "right", "right", *["left"] * 4, "+", "right", "right", "right")
        await album.panel(driven, "chart with marks and a branch")
        await album.panel(driven, "timeline with marks and forks")
        await driven.press("t", "left")
        await album.panel(driven, "timeline with the focus", sizes=(SMALL,))
    album.compare()


async def test_a_race(album: Album) -> None:
    async with lab("too-large-step") as driven:
        await driven.press("G", "enter")
        await order(driven, updates=12)
        await driven.press("m")
        await album.panel(driven, "race of learning rates")
        await album.panel(driven, "chart of a race")
        await album.panel(driven, "stage surface with rivals")
    album.compare()


async def test_a_divergence(album: Album) -> None:
    async with lab("too-large-step") as driven:
        await order(driven, rate=0.5, updates=2000)
        await album.screen(driven, "lab after a divergence")
        await driven.press("m")
        await album.panel(driven, "narration after a divergence")
        await album.panel(driven, "readings after a divergence", sizes=(SMALL,))
    album.compare()


# --- networks ---


async def test_estimates(album: Album) -> None:
    async with lab("crowd") as driven:
        await order(driven, updates=129)
        await album.screen(driven, "lab crowd", LAB_SIZES[:-1])
        await driven.press("m")
        await album.panel(driven, "stage estimates")
        await album.panel(driven, "chart")
        await driven.press("y")
        await album.panel(driven, "chart on a log scale")
        await driven.press("y", "a")
        await album.panel(driven, "chart of the metric")
        await driven.press("a", "u")
        await album.panel(driven, "chart by epoch", sizes=(SMALL,))
        await album.panel(driven, "readings")
        await album.panel(driven, "diagram of a large network")
        await focus(driven, "stage")
        await driven.press("v")
        await album.panel(driven, "stage answers in numbers", sizes=(SMALL,))
    album.compare()


async def test_every_number_of_a_network(album: Album, tmp_path: Path) -> None:
    async with lab(save(tmp_path, HALVES)) as driven:
        await driven.press("right")
        await album.screen(driven, "lab with everything", LAB_SIZES[-1:])
        await driven.press("m")
        await album.panel(driven, "batch")
        await driven.press("down", "down")
        await album.panel(driven, "batch with a sample selected", sizes=(SMALL,))
        await album.panel(driven, "parameters")
        await driven.press("s")
        await album.panel(driven, "parameters sorted")
        await driven.press("s", "s", "s", "n")
        await album.panel(driven, "parameters of one layer")
        await album.panel(driven, "receipt", sizes=(SMALL,))
        await album.panel(driven, "diagram")
        await driven.press("n", "down")
        await album.panel(driven, "diagram with a neuron selected")
        await album.panel(driven, "parameters of a neuron", sizes=(SMALL,))
    album.compare()


async def test_phases(album: Album, tmp_path: Path) -> None:
    async with lab(save(tmp_path, HALVES)) as driven:
        await driven.press("right", "m")
        await album.panel(driven, "narration")
        await driven.press(".", ".")
        await album.panel(driven, "diagram on the way forward")
        await album.panel(driven, "narration on the way forward", sizes=(SMALL,))
        await album.panel(driven, "parameters on the way forward", sizes=(SMALL,))
        await driven.press(".", ".", ".")
        await album.panel(driven, "diagram on the way back")
        await album.panel(driven, "narration on the way back", sizes=(SMALL,))
    album.compare()


async def test_a_published_table(album: Album) -> None:
    async with lab("side-effects") as driven:
        await driven.press("e")
        await turn_to(driven, "published table")
        await album.panel(driven, "stage with a published table")
    album.compare()


async def test_rivals_on_a_slice(album: Album) -> None:
    async with lab("crowd") as driven:
        await driven.press("G")
        await driven.press("enter")
        await driven.press("e")
        await turn_to(driven, "slice")
        await album.panel(driven, "stage with rivals on a slice")
    album.compare()


async def test_a_fit(album: Album) -> None:
    async with lab("edge-of-stability") as driven:
        await order(driven, updates=1000)
        await driven.press("m")
        await album.panel(driven, "stage fit")
        for _ in range(3):
            await driven.press("v")
        await album.panel(driven, "stage slice")
        await driven.press("v")
        await album.panel(driven, "stage sharpest directions")
        await album.panel(driven, "readings of the sharpness")
    album.compare()


async def test_classes(album: Album) -> None:
    async with lab("digits") as driven:
        await order(driven, updates=172)
        await driven.press("1", "f", "m")
        await album.panel(driven, "stage sample, read wrong")
        await driven.press("v")
        await album.panel(driven, "stage confusion")
    async with lab("iris") as driven:
        await driven.press("1", "m")
        await album.panel(driven, "stage sample that is no picture", sizes=(SMALL,))
    album.compare()


async def test_probabilities(album: Album) -> None:
    async with lab("side-effects") as driven:
        await order(driven, updates=210)
        await driven.press("m")
        await album.panel(driven, "stage published table")
        await driven.press("v")
        await album.panel(driven, "stage probability, still flat", sizes=(SMALL,))
        await order(driven, updates=1890)
        await album.panel(driven, "stage probability")
        await driven.press("v", "v", "v")
        await album.panel(driven, "stage answers in classes")
        await focus(driven, "chart")
        await driven.press("a", *["less_than_sign"] * 20)
        await album.panel(driven, "chart of the accuracy with a cursor")
    album.compare()


async def test_regions(album: Album) -> None:
    async with lab("xor") as driven:
        await order(driven, updates=40)
        await driven.press("m")
        await album.panel(driven, "stage regions")
    album.compare()


# --- what is not the lab ---


A_COURSE = ("squared-error", "bowl", "too-large-step", "two-minima", "escape", "hot-dog", "crowd", "overfitting")
"""A few scenarios of the course, so that the picture stays the same when one is added."""


async def test_the_gallery(album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PATIENCE", 1e9)
    monkeypatch.setattr(library, "files", lambda: [find(name) for name in A_COURSE])
    async with gallery() as driven:
        await driven.press("down")
        await driven.until(lambda: "update  0 of 40" in driven.text)
        await album.screen(driven, "gallery", themes=THEMES)
        await driven.press("?")
        await album.screen(driven, "help of the gallery", sizes=(SMALL,))
    album.compare()


async def test_help(album: Album) -> None:
    async with lab("bowl") as driven:
        await driven.press("?")
        await album.screen(driven, "help", sizes=(SMALL,))
        await driven.press("escape")
        await focus(driven, "parameters")
        await driven.press("?")
        await album.screen(driven, "help of the parameters", themes=THEMES)
    album.compare()
