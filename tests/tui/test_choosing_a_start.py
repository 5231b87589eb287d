"""A start is chosen by a click or by a crosshair, and only then are the arrows the stage's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import ClassVar

import pytest
from pictures import Bench, Picture, answers, bowl, squared_error
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from nnsim.tui.snapshot.stages import CurveStage, Stage, SurfaceStage
from nnsim.tui.widgets.axes import Frame
from nnsim.tui.widgets.curve import CurveView
from nnsim.tui.widgets.heatmap import SurfaceView
from nnsim.tui.widgets.stage import StageView
from nnsim.tui.widgets.start import StartCanvas, StartChosen

SIZE = (80, 24)


class Lab(Bench):
    """A stage on a screen that has keys of its own, and what came of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"note('{key}')") for key in ("left", "right", "up", "shift+left", "enter", "escape")
    ]

    def __init__(self) -> None:
        super().__init__()
        self.starts: list[tuple[float, ...]] = []
        self.keys: list[str] = []

    def action_note(self, key: str) -> None:
        self.keys.append(key)

    def on_start_chosen(self, event: StartChosen) -> None:
        self.starts.append(event.point)

    @property
    def stage(self) -> StageView:
        return self.query_one(StageView)


@asynccontextmanager
async def showing(stage: Stage) -> AsyncIterator[tuple[Lab, Pilot[None]]]:
    app = Lab()
    async with app.run_test(size=SIZE) as pilot:
        app.stage.show(stage)
        app.stage.focus()
        await pilot.pause()
        yield app, pilot


async def clicked(stage: Stage, column: int, row: int) -> tuple[list[tuple[float, ...]], Frame | None]:
    """The starts that a click chooses, and the frame of what was clicked at."""
    async with showing(stage) as (app, pilot):
        await pilot.click(StageView, offset=(column, row))
        await pilot.pause()
        return app.starts, next((view.frame for view in app.query(StartCanvas) if view.display), None)


@pytest.mark.parametrize(("column", "row"), [(20, 5), (41, 12), (79, 3), (8, 20)])
async def test_a_click_on_the_surface_chooses_the_point_of_that_cell(column: int, row: int) -> None:
    (point,), frame = await clicked(bowl(), column, row)
    assert frame is not None
    assert frame.cell(*point) == (column, row)
    assert frame.x0 + (column - frame.left + 0.5) / frame.width * 10 == pytest.approx(point[0], abs=0.04)
    assert frame.y1 - (row - frame.top + 0.5) / frame.height * 10 == pytest.approx(point[1], abs=0.13)
    assert all(len(f"{at:.10g}") <= 6 for at in point)


@pytest.mark.parametrize("column", [10, 40, 79])
async def test_a_click_on_the_curve_chooses_the_parameter_of_that_column(column: int) -> None:
    (point,), frame = await clicked(squared_error(), column, 9)
    assert frame is not None
    assert len(point) == 1
    assert frame.column(point[0]) == column
    assert point[0] == int(point[0])


@pytest.mark.parametrize("place", [(0, 10), (40, 0), (40, 23)])
async def test_a_click_beside_the_map_chooses_nothing(place: tuple[int, int]) -> None:
    assert (await clicked(bowl(), *place))[0] == []


async def test_a_click_on_a_slice_or_on_answers_chooses_nothing() -> None:
    for stage in (replace(bowl(), whole=False), answers()):
        assert (await clicked(stage, 40, 10))[0] == []


async def test_the_crosshair_begins_at_the_ball_and_goes_where_the_arrows_lead() -> None:
    async with showing(bowl()) as (app, pilot):
        view = app.stage.query_one(SurfaceView)
        assert view.frame is not None
        begin = view.frame.cell(1.44, 1.08)
        assert begin is not None
        await pilot.press("enter")
        assert "arrows move" in str(app.stage.border_subtitle)
        await pilot.press("right", "right", "up", "shift+right", "left", "down", "down")
        picture = Picture(app)
        crosses = picture.all_of("┼", below=1)
        assert (begin[0] + 11, begin[1] + 1) in crosses
        await pilot.press("enter")
        await pilot.pause()
        (point,) = app.starts
        assert view.frame.cell(*point) == (begin[0] + 11, begin[1] + 1)
        assert f"┼ start at w1 = {point[0]:.10g}, w2 = {point[1]:.10g}" in picture.text
        assert app.stage.border_subtitle in (None, "")
        assert "┼" not in Picture(app).text
        assert app.keys == []


async def test_the_upright_line_on_a_curve_chooses_its_parameter() -> None:
    async with showing(squared_error()) as (app, pilot):
        view = app.stage.query_one(CurveView)
        await pilot.press("enter", "shift+left", "up")
        assert "│ start at y = " in Picture(app).text
        await pilot.press("enter")
        await pilot.pause()
        assert view.frame is not None
        begin = view.frame.column(350.0)
        assert begin is not None
        assert view.frame.column(app.starts[0][0]) == begin - 10


async def test_escape_leaves_the_crosshair_and_chooses_nothing() -> None:
    async with showing(bowl()) as (app, pilot):
        await pilot.press("enter", "left", "escape")
        await pilot.pause()
        assert app.starts == []
        assert app.keys == []
        assert "start at" not in Picture(app).text
        await pilot.press("left", "escape")
        assert app.keys == ["left", "escape"]


async def test_keys_that_choose_nothing_go_on_to_the_screen() -> None:
    async with showing(answers()) as (app, pilot):
        await pilot.press("enter", "left", "right", "up", "shift+left", "escape")
        assert app.keys == ["enter", "left", "right", "up", "shift+left", "escape"]


async def test_the_crosshair_stops_at_the_edge_and_survives_a_new_frame() -> None:
    async with showing(bowl()) as (app, pilot):
        await pilot.press("enter", *["shift+right"] * 12, *["shift+up"] * 4)
        app.stage.show(bowl((2.0, 2.0)))
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert Picture(app).rows[1].rstrip().endswith("┼") or Picture(app).rows[2].rstrip().endswith("┼")
        await pilot.press("enter")
        await pilot.pause()
        assert app.starts[0][0] == pytest.approx(9.0, abs=0.1)
        assert app.starts[0][1] == pytest.approx(8.0, abs=0.4)


@pytest.mark.parametrize("stage", [bowl((float("inf"), 1.0)), squared_error(float("nan"), None)])
async def test_a_run_that_has_left_can_be_given_a_new_start(stage: CurveStage | SurfaceStage) -> None:
    async with showing(stage) as (app, pilot):
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert len(app.starts) == 1


async def test_another_view_or_the_loss_of_the_focus_ends_the_choice() -> None:
    async with showing(bowl()) as (app, pilot):
        await pilot.press("enter")
        app.stage.show(replace(bowl(), whole=False))
        await pilot.press("left")
        assert app.keys == ["left"]
        app.stage.show(bowl())
        await pilot.press("enter")
        app.set_focus(None)
        await pilot.pause()
        assert not app.stage.choosing
        assert app.stage.border_subtitle in (None, "")
