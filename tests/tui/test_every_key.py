"""Every key of the lab and of its panels does what its help says, in every kind of scenario."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import pytest
from driving import Driven, lab, same
from panels import lines_of
from textual.binding import Binding

from nnsim.scenarios.ladder import on_ladder
from nnsim.tui import panels
from nnsim.tui.browsing import Leaf
from nnsim.tui.screens.dialogs import ChoiceDialog, TypedDialog
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.screens.goals import GoalsDialog
from nnsim.tui.screens.help import HelpScreen
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.screens.lab_keys import KEYS
from nnsim.tui.screens.prediction import PredictionDialog
from nnsim.tui.screens.why import WhyScreen
from nnsim.tui.snapshot.stages import MANY_RUNS, SampleStage
from nnsim.tui.snapshot.status import Status
from nnsim.tui.widgets.batch_strip import BatchStripView
from nnsim.tui.widgets.diagram import DiagramView
from nnsim.tui.widgets.loss_chart import LossChart
from nnsim.tui.widgets.parameter_table import ParameterView
from nnsim.tui.widgets.stage import StageView
from nnsim.tui.widgets.timeline import TimelineView

KINDS = {
    "curve": "squared-error",
    "curve with samples": "two-minima",
    "surface": "bowl",
    "regression": "crowd",
    "binary": "hot-dog",
    "classes": "iris",
    "race": "learning-rate-ladder",
}
SIZE = (110, 30)
Check: TypeAlias = Callable[[Driven], Awaitable[None]]
CHECKS: list[Check] = []
ANSWERED: set[tuple[str, str]] = set()  # the panel, or "" for the lab, and the key


def answers(*keys: str, panel: str = "") -> Callable[[Check], Check]:
    """Mark what checks these keys."""

    def mark(check: Check) -> Check:
        if check not in CHECKS:
            CHECKS.append(check)
        ANSWERED.update((panel, key) for key in keys)
        return check

    return mark


@pytest.mark.parametrize("kind", KINDS)
async def test_every_key_does_what_its_help_says(kind: str) -> None:
    async with lab(KINDS[kind], size=SIZE) as driven:
        for check in CHECKS:
            await check(driven)
            assert isinstance(driven.app.screen, LabScreen), check.__name__
            driven.app.clear_notifications()
        await leaves(driven)


def test_no_key_is_left_out() -> None:
    bindings = [("", binding) for binding in KEYS]
    for panel in panels.ALL.values():
        bindings += [(panel.id, binding) for binding in panel.load().BINDINGS]
    bindings += [("timeline", binding) for binding in TimelineView.BINDINGS]
    keys = {
        (place, key) for place, binding in bindings if isinstance(binding, Binding) for key in binding.key.split(",")
    }
    assert keys - ANSWERED == {("", "escape"), ("", "q")}  # which end the test


async def leaves(driven: Driven) -> None:
    """What comes last: escape leads to the gallery and q ends the app."""
    await driven.press("escape")
    assert isinstance(driven.app.screen, GalleryScreen)
    await driven.press("q")
    assert driven.app.return_code == 0


def status(driven: Driven) -> Status:
    return driven.snapshot.status


async def go_to(driven: Driven, panel: str) -> bool:
    """Focus a panel by its number; return whether this scenario has it."""
    number = str(panels.ALL[panel].number)
    there = panel in driven.lab.ground.wishes.available
    await driven.press(number)
    if there:
        assert panel in driven.lab.ground.in_sight
        assert driven.lab._panel == panel
    else:
        assert "nothing to see" in driven.notes[-1]
    return there


# --- the run ---


@answers("right", "left", "e", "E", "home", "end")
async def moves(driven: Driven) -> None:
    await driven.press("right", "right")
    assert (status(driven).update, status(driven).latest) == (2, 2)
    there = driven.snapshot
    await driven.press("left")
    assert (status(driven).update, status(driven).latest) == (1, 2)
    await driven.press("right")
    assert same(driven.snapshot, there)
    await driven.press("e")
    ended = status(driven)
    assert ended.update > 2
    assert ended.of_batches == 1 or ended.batch in (0, ended.of_batches)
    await driven.press("E")
    assert status(driven).update < ended.update
    await driven.press("end")
    assert status(driven) == ended
    await driven.press("home")
    assert (status(driven).update, status(driven).latest) == (0, ended.latest)
    await driven.press("end")


@answers("full_stop", "comma")
async def phases(driven: Driven) -> None:
    at_rest = driven.snapshot
    seen = []
    await driven.press("full_stop")
    while driven.snapshot.narration.phase:
        seen.append(driven.snapshot.narration.phase)
        assert status(driven).update == at_rest.status.update
        await driven.press("full_stop")
    assert len(seen) >= 2
    assert status(driven).update == at_rest.status.update + 1
    for phase in reversed(seen):
        await driven.press("comma")
        assert driven.snapshot.narration.phase == phase
    await driven.press("comma")
    assert driven.snapshot.narration.phase == ""
    assert status(driven).update == at_rest.status.update


@answers("space")
async def plays_and_pauses(driven: Driven) -> None:
    begin = status(driven).update
    await driven.press("space")
    await driven.until(lambda: status(driven).update > begin)
    await driven.press("space")
    assert not status(driven).playing


@answers("left_square_bracket", "right_square_bracket")
async def speed(driven: Driven) -> None:
    begin = status(driven).speed
    assert begin is not None
    await driven.press("right_square_bracket")
    faster = status(driven).speed
    assert faster is None or faster > begin
    await driven.press("left_square_bracket", "left_square_bracket")
    slower = status(driven).speed
    assert slower is not None
    assert slower <= begin


@answers("minus", "plus", "equals_sign")
async def the_rate_by_steps(driven: Driven) -> None:
    begin = status(driven).learning_rate
    await driven.press("plus")
    assert status(driven).learning_rate == on_ladder(begin, 1)
    await driven.press("minus")
    assert status(driven).learning_rate == on_ladder(on_ladder(begin, 1), -1)
    await driven.press("equals_sign")
    assert status(driven).learning_rate > begin


@answers("l")
async def the_rate_typed(driven: Driven) -> None:
    await driven.press("l")
    assert isinstance(driven.app.screen, TypedDialog)
    await driven.press(*"0.0123", "enter")
    assert status(driven).learning_rate == 0.0123


@answers("o")
async def the_optimizer(driven: Driven) -> None:
    await driven.press("o")
    assert isinstance(driven.app.screen, ChoiceDialog)
    await driven.press("home", "down", "down", "enter")
    assert status(driven).optimizer == "Nesterov 0.9"


@answers("O")
async def a_number_of_the_optimizer(driven: Driven) -> None:
    rule = status(driven).rule
    await driven.press("O")
    assert isinstance(driven.app.screen, TypedDialog)
    await driven.press(*"weight_decay 0.25", "enter")
    assert status(driven).rule == replace(rule, weight_decay=0.25)


@answers("b")
async def the_batch_size(driven: Driven) -> None:
    await driven.press("b")
    assert isinstance(driven.app.screen, ChoiceDialog)
    await driven.press("home", "enter")
    assert status(driven).batch_size == 1


@answers("r", "R")
async def again(driven: Driven) -> None:
    session = driven.lab.controller._session
    assert session is not None
    rate, seed = status(driven).learning_rate, session.timeline.run.seed
    await driven.press("right", "r")
    assert (status(driven).update, status(driven).learning_rate, session.timeline.run.seed) == (0, rate, seed)
    await driven.press("right", "R")
    assert (status(driven).update, status(driven).learning_rate, session.timeline.run.seed) == (0, rate, seed + 1)
    await driven.press("e")


# --- what asks and tells ---


@answers("p")
async def predicts(driven: Driven) -> None:
    await driven.press("p")
    assert isinstance(driven.app.screen, PredictionDialog)
    await driven.press("escape")


@answers("w")
async def why(driven: Driven) -> None:
    await driven.press("w")
    assert isinstance(driven.app.screen, WhyScreen)
    await driven.press("w")


@answers("i")
async def goals(driven: Driven) -> None:
    await driven.press("i")
    assert isinstance(driven.app.screen, GoalsDialog)
    await driven.press("i")


@answers("question_mark", "f1")
async def explains(driven: Driven) -> None:
    for key in ("question_mark", "f1"):
        await driven.press(key)
        assert isinstance(driven.app.screen, HelpScreen)
        await driven.press("escape")


@answers("G", "g")
async def runs_beside_this_one(driven: Driven) -> None:
    await driven.press("G")
    assert isinstance(driven.app.screen, ChoiceDialog)
    await driven.press("escape", "g")
    assert "ghost" in driven.notes[-1]
    await driven.press("plus", "r", "right")
    race = driven.snapshot.race
    assert race is not None
    assert len(race.racers) >= 2


# --- the panels ---


@answers(*"123456789")
async def numbers(driven: Driven) -> None:
    for panel in panels.ALL:
        await go_to(driven, panel)


@answers("tab", "shift+tab")
async def around(driven: Driven) -> None:
    await go_to(driven, "stage")
    await driven.press("tab")
    assert driven.lab._panel == [panel for panel in panels.ALL if panel in driven.lab.ground.in_sight][1]
    await driven.press("shift+tab")
    assert driven.lab._panel == "stage"


@answers("m", "h")
async def more_room(driven: Driven) -> None:
    await go_to(driven, "chart")
    before = driven.lab.ground.in_sight
    await driven.press("m")
    assert driven.lab.ground.in_sight == {"chart"}
    await driven.press("m")
    assert driven.lab.ground.in_sight == before
    await driven.press("h")
    assert "chart" not in driven.lab.ground.in_sight
    assert await go_to(driven, "chart")


@answers("x")
async def receipt(driven: Driven) -> None:
    if "receipt" in driven.lab.ground.in_sight:
        await driven.press("x")
        assert "receipt" not in driven.lab.ground.in_sight
    await driven.press("x")
    assert "receipt" in driven.lab.ground.in_sight
    assert driven.snapshot.receipt is not None
    for key in ("x", "escape"):
        await driven.press(key)
        assert "receipt" not in driven.lab.ground.in_sight
        await driven.press("x")
        assert "receipt" in driven.lab.ground.in_sight
    await driven.press("x")


@answers("v", "k")
async def views(driven: Driven) -> None:
    found = driven.snapshot.views
    for view in (*found[1:], found[0]):
        await driven.press("v")
        assert driven.snapshot.view == view
    assert len(found) > 1 or "one view" in driven.notes[-1]
    await driven.press("k")
    if "slice" in found:
        assert driven.snapshot.view == "slice"
        while driven.snapshot.view != found[0]:
            await driven.press("v")
    else:
        assert "slices are for more parameters" in driven.notes[-1]


@answers("y", "a", "u", "less_than_sign", "greater_than_sign")
@answers("escape", panel="chart")
async def the_chart(driven: Driven) -> None:
    chart = driven.lab.query_one(LossChart)
    await go_to(driven, "chart")
    before = chart.log_scale
    await driven.press("y")
    assert chart.log_scale is not before
    await driven.press("y", "a")
    assert chart.of_metric is bool(driven.snapshot.chart.metric)
    assert chart.of_metric or "no accuracy or RMSE" in driven.notes[-1]
    await driven.press(*["a"] * chart.of_metric, "u")
    assert chart.axis != "update"
    while chart.axis != "update":
        await driven.press("u")
    await driven.press("less_than_sign", "less_than_sign")
    left = chart.cursor
    assert left is not None
    await driven.press("greater_than_sign")
    assert chart.cursor is not None
    assert chart.cursor > left
    await driven.press("escape")
    assert chart.cursor is None


@answers("up", "down", "pageup", "pagedown", "n", "N", "s", "f", "c", "C", "escape", panel="parameters")
async def the_table(driven: Driven) -> None:
    table, count = driven.lab.query_one(ParameterView), len(driven.snapshot.table.names)
    await go_to(driven, "parameters")
    await driven.press(*["pageup"] * 3, "down")
    assert driven.lab.attention.parameter == min(1, count - 1)
    await driven.press("up")
    assert driven.lab.attention.parameter == 0
    await driven.press("pagedown")
    assert (driven.lab.attention.parameter > 0) == (count > 1)
    await driven.press("pageup", "c")
    copied = driven.app.clipboard
    assert float(copied) == driven.snapshot.table.values[driven.lab.attention.parameter]
    await driven.press("C")
    assert copied in driven.app.clipboard
    assert len(driven.app.clipboard) > len(copied)
    full, order = table.full, table.order
    await driven.press("f", "s")
    assert (table.full, table.order == order) == (not full, False)
    await driven.press("f")
    while table.order != order:
        await driven.press("s")
    layers = len(driven.snapshot.table.layers)
    await driven.press("n")
    assert table.shown_layer == min(1, layers - 1)
    await driven.press("N")
    assert table.shown_layer == 0


@answers("up", "down", "n", "N", "escape", panel="diagram")
async def the_diagram(driven: Driven) -> None:
    if not await go_to(driven, "diagram"):
        assert not driven.snapshot.has_network
        return
    await driven.press("down")
    first = driven.lab.attention.neuron
    assert first is not None
    await driven.press("n")
    second = driven.lab.attention.neuron
    assert second is not None
    assert second[0] != first[0]
    await driven.press("N")
    assert driven.lab.attention.neuron == first
    assert driven.lab.query_one(DiagramView).has_focus
    await driven.press("down", "up")
    assert driven.lab.attention.neuron == first
    await driven.press("escape")
    assert driven.lab.attention.neuron is None


@answers("up", "down", "pageup", "pagedown", panel="batch")
async def the_batch(driven: Driven) -> None:
    if not await go_to(driven, "batch"):
        assert status(driven).samples == 1
        return
    await driven.press("b", "end", "enter", "right")
    assert status(driven).batch_size == status(driven).samples
    assert driven.lab.query_one(BatchStripView).has_focus
    for key, place in (("pageup", 0), ("down", 1), ("up", 0)):
        await driven.press(key)
        assert driven.lab.attention.sample == min(place, status(driven).samples - 1)
    await driven.press("pagedown")
    assert driven.lab.attention.sample > 0 or status(driven).samples == 1


@answers("up", "down", "pageup", "pagedown", panel="narration")
@answers("up", "down", "pageup", "pagedown", panel="readings")
@answers("up", "down", "pageup", "pagedown", panel="receipt")
@answers("up", "down", "pageup", "pagedown", panel="race")
async def those_that_scroll(driven: Driven) -> None:
    for panel in ("narration", "readings", "receipt", "race"):
        if await go_to(driven, panel):
            widget, update = driven.lab.ground.get_child_by_id(panel), status(driven).update
            await driven.press(*["pageup"] * 3)
            top = lines_of(widget)
            for there, back in (("down", "up"), ("pagedown", "pageup")):
                await driven.press(there)
                if panel in ("narration", "receipt"):
                    await driven.until(lambda: widget.scroll_offset.y > 0 or widget.max_scroll_y == 0)  # noqa: B023
                await driven.press(back)
                await driven.until(lambda: widget.scroll_offset.y == 0)  # noqa: B023
                assert lines_of(widget) == top
            assert status(driven).update == update
    await driven.press("x")


@answers("enter", "escape", panel="stage")
@answers("left", "right", "up", "down", "shift+left", "shift+right", "shift+up", "shift+down", panel="stage")
@answers("pageup", "pagedown", "f", "s", panel="stage")
async def the_stage(driven: Driven) -> None:
    stage = driven.lab.query_one(StageView)
    await go_to(driven, "stage")
    if len(driven.snapshot.table.names) <= 2:
        await starts(driven, stage)
    else:
        await leafs(driven)


async def starts(driven: Driven, stage: StageView) -> None:
    """On a curve or a surface the arrows choose a start; escape leaves the choice."""
    before = driven.snapshot.table.values
    await driven.press("enter", "shift+right", "right")
    assert stage.choosing
    await driven.press("escape")
    assert not stage.choosing
    await driven.press("enter", "shift+right", "left", "shift+left", "right", "right", "shift+up", "down", "shift+down")
    await driven.press("up", "enter")
    assert not stage.choosing
    assert (status(driven).update, status(driven).latest) == (0, 0)
    assert driven.snapshot.table.values.tobytes() != before.tobytes()


async def leafs(driven: Driven) -> None:
    """Of a network the arrows leaf through the samples, f through those with a wrong answer, s changes the set."""
    views = driven.snapshot.views
    for _ in views:
        if hasattr(driven.snapshot.stage, "leaf"):
            break
        await driven.press("v")
    if not hasattr(driven.snapshot.stage, "leaf"):
        return
    training = leaf_of(driven).training
    await driven.press("s")
    assert leaf_of(driven).training != training or not has_test_set(driven)
    first = leaf_of(driven).sample
    if len(leaf_of(driven).others) == 1:
        return
    await driven.press("down")
    assert leaf_of(driven).sample != first
    await driven.press("up", "pagedown")
    assert leaf_of(driven).sample != first
    await driven.press("pageup")
    assert leaf_of(driven).sample == first
    if isinstance(driven.snapshot.stage, SampleStage):
        await driven.press("f")
        assert leaf_of(driven).wrong_only
        await driven.press("f")
        assert not leaf_of(driven).wrong_only


def has_test_set(driven: Driven) -> bool:
    return any(series.role == "test" for series in driven.snapshot.chart.series)


def leaf_of(driven: Driven) -> Leaf:
    leaf = getattr(driven.snapshot.stage, "leaf", None)
    assert isinstance(leaf, Leaf)
    return leaf


# --- the timeline ---


@answers("t", "left_curly_bracket", "right_curly_bracket")
@answers("left", "right", "shift+left", "shift+right", "home", "end", panel="timeline")
@answers("left_curly_bracket", "right_curly_bracket", "enter", panel="timeline")
async def the_timeline(driven: Driven) -> None:
    await driven.press("r", "right", "right", "right", "plus", "right", "right", "t")
    assert driven.lab.query_one(TimelineView).has_focus
    for focused in (True, False):
        if not focused:
            await go_to(driven, "chart")
        await driven.press("end")
        await driven.press("left_curly_bracket")
        assert status(driven).update == 3
        await driven.press("home")
        await driven.press("right_curly_bracket")
        assert status(driven).update > 0
    await driven.press("t", "home")
    assert status(driven).update == 0
    await driven.press("end")
    assert status(driven).update == 5
    for there, back in (("left", "right"), ("shift+left", "shift+right")):
        await driven.press(there)
        left = status(driven).update
        assert left < 5
        await driven.press(back)
        assert status(driven).update > left
    await driven.press("end")
    await driven.press("left_curly_bracket")
    await go_to(driven, "chart")
    await driven.press("minus", "right", "left")
    assert [(fork.update, fork.latest) for fork in driven.snapshot.timeline.forks][-1] == (3, 5)
    await driven.press("t", "enter")
    await driven.press("end")
    assert status(driven).update == 5


@answers("M")
async def many(driven: Driven) -> None:
    await driven.press("M")
    assert driven.snapshot.view == MANY_RUNS or "all be the same" in driven.notes[-1]
