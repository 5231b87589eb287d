"""The timeline: what stands on it, where keys and mouse lead, and that it fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from driving import experiment_of
from hypothesis import given
from hypothesis import strategies as st
from own_scenarios import CURVE, ready
from panels import PanelApp, colors_of, has_control_characters, lines_of, theme_color
from textual import on

from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.text import number
from nnsim.tui.parts.chart import Charts
from nnsim.tui.parts.timeline import timeline_bar
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.timeline import Fork, TimelineBar, TimelineMark
from nnsim.tui.widgets.timeline import Places, TimelineView

EDIT = TimelineMark(20, "edit", "rate 0.2")
BEST = TimelineMark(60, "best", "best test loss 0.125")
WON = TimelineMark(70, "won", "below 60 people")
DIVERGED = TimelineMark(80, "stopped", "diverged: the loss became inf")
FORK = Fork(40, 75, "left at update 40, came to 75: SGD, learning rate 0.1")
BAR = TimelineBar(50, 80, 100, (EDIT, BEST, WON, DIVERGED), (FORK,))


class Host(PanelApp):
    """Notes what the timeline asks for, and goes there if `follow` says so."""

    def __init__(self, panel: TimelineView, follow: bool = True) -> None:
        super().__init__(panel)
        self.follow = follow
        self.asked: list[int] = []
        self.chosen: list[int] = []

    @on(TimelineView.Scrubbed)
    def scrubbed(self, message: TimelineView.Scrubbed) -> None:
        self.asked.append(message.update)
        if self.follow:
            assert isinstance(self.panel, TimelineView)
            self.panel.show(replace(BAR, update=message.update))

    @on(TimelineView.ForkChosen)
    def fork_chosen(self, message: TimelineView.ForkChosen) -> None:
        self.chosen.append(message.place)


# --- the part ---


def bar_of(experiment: Experiment, timeline: Timeline) -> TimelineBar:
    return timeline_bar(Scene(experiment, timeline))


def test_the_bar_has_every_change_the_best_test_loss_and_the_forks(tmp_path: Path) -> None:
    experiment = ready(tmp_path, CURVE)
    timeline = experiment.timeline()
    timeline.advance(20)
    timeline.change(replace(timeline.run.settings, batch_size=1))
    timeline.advance(21)
    timeline.seek(30)
    timeline.change(replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(0.3)))
    timeline.advance(30)
    records = [each for each in timeline.records if each.test is not None]
    best = min(records, key=lambda each: each.test.loss if each.test is not None else 0.0)
    assert best.test is not None
    timeline.seek(3)
    won = TimelineMark(25, "won", "a challenge")
    bar = timeline_bar(Scene(experiment, timeline), (won,))
    marks = [
        TimelineMark(20, "edit", "batch 1"),
        TimelineMark(30, "edit", "rate 0.3"),
        TimelineMark(best.update, "best", f"best test loss {number(best.test.loss)}"),
        won,
    ]
    assert sorted(bar.marks, key=str) == sorted(marks, key=str)
    assert [mark.update for mark in bar.marks] == sorted(mark.update for mark in marks)
    assert [(fork.update, fork.latest) for fork in bar.forks] == [(30, 41)]
    assert (bar.update, bar.latest) == (3, 60)


def test_the_words_are_those_of_the_chart() -> None:
    experiment = experiment_of("bowl")
    timeline = experiment.timeline()
    for rate in (0.2, 0.3):
        timeline.advance(4)
        timeline.change(replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(rate)))
    marks = Charts().chart(Scene(experiment, timeline)).marks
    assert [(mark.update, mark.label) for mark in marks] == [(4, "rate 0.2"), (8, "rate 0.3")]
    assert [(mark.update, mark.label) for mark in bar_of(experiment, timeline).marks] == [
        (mark.update, mark.label) for mark in marks
    ]


def test_a_divergence_stays_on_the_bar_after_going_back() -> None:
    experiment = experiment_of("squared-error")
    timeline = experiment.timeline()
    timeline.change(replace(timeline.run.settings, optimizer=timeline.run.settings.optimizer.with_rate(1.5)))
    timeline.advance(1000)
    assert timeline.stopped is not None
    mark = TimelineMark(timeline.latest, "stopped", f"diverged: {timeline.stopped.reason}")
    assert bar_of(experiment, timeline).marks[-1] == mark
    timeline.seek(3)
    assert bar_of(experiment, timeline).marks[-1] == mark


# --- where things lie ---


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 300), st.data())
def test_a_column_and_its_update_belong_together(latest: int, more: int, width: int, data: st.DataObject) -> None:
    places = Places(TimelineBar(0, latest, latest + more, (), ()), width)
    column = data.draw(st.integers(places.first, max(places.last, places.first)))
    update = places.update(column)
    assert 0 <= update <= latest
    if update < latest and places.last - places.first <= places.whole:
        assert places.column(update) == column
    assert places.column(0) == places.first
    assert places.column(latest + more) == (places.last if latest + more else places.first)


# --- the widget ---


async def drawn(bar: TimelineBar, width: int = 118, ascii_only: bool = False) -> str:
    view = TimelineView()
    app = Host(view)
    app.ascii = ascii_only  # type: ignore[attr-defined]
    async with app.run_test(size=(width, 3)) as pilot:
        view.show(bar)
        await pilot.pause()
        (line,) = lines_of(view)
        return line


async def test_the_bar_tells_where_the_run_stands_what_happened_and_what_is_near() -> None:
    line = await drawn(replace(BAR, update=48))
    order = "┊┬●◆★✕"
    assert sorted(order, key=line.index) == list(order)
    assert line.startswith(" 48 ━")
    assert " 100  " in line
    assert "─" in line
    assert "·" in line
    assert line.index("✕") < line.index("·")
    assert "┬ left at update 40, came to 75" in line
    assert "┊ rate 0.2 at 20" in await drawn(replace(BAR, update=22))
    assert "┊ rate 0.2   " in await drawn(replace(BAR, update=20))


async def test_everything_at_the_nearest_update_is_named() -> None:
    line = await drawn(replace(BAR, update=19, forks=(replace(FORK, update=20),)), 200)
    assert "┊ rate 0.2; ┬ left at update 40" in line


@pytest.mark.parametrize("width", [1, 2, 5, 12, 20, 38, 60, 80, 200])
async def test_the_line_fits_and_its_bar_stands_still(width: int) -> None:
    lines = [await drawn(replace(BAR, update=update), width) for update in (0, 9, 80)]
    assert {len(line) for line in lines} == {width}
    if width >= 20:
        assert len({line.index("✕") for line in lines[:2]}) == 1
        assert {"100" in line for line in lines} == {True}


@pytest.mark.parametrize("update", [0, 1, 10**6])
async def test_a_run_of_any_length_has_a_bar(update: int) -> None:
    line = await drawn(TimelineBar(update, update, 0, (), ()))
    assert line.count("●") == 1
    assert f"{update:,}" in line


async def test_in_ascii_everything_stays_apart() -> None:
    line = await drawn(BAR, ascii_only=True)
    assert line.isascii()
    assert "?" not in line
    assert all(sign in line for sign in "|+O&*x=-.")


async def test_only_a_divergence_is_red() -> None:
    view = TimelineView()
    async with Host(view).run_test(size=(118, 3)) as pilot:
        view.show(BAR)
        await pilot.pause()
        red = theme_color(view, "error")
        assert colors_of(view, "✕") == {red}
        assert all(red not in colors_of(view, sign) for sign in "┊◆★┬●━")


async def test_no_control_character_of_a_label_reaches_the_terminal() -> None:
    bar = TimelineBar(5, 9, 10, (TimelineMark(5, "won", "a\x1b[31m[/]\x07"),), ())
    line = await drawn(bar)
    assert not has_control_characters(line)
    assert "a?[31m[/]?" in line


async def test_keys_scrub_by_cells_to_the_ends_and_from_mark_to_mark() -> None:
    view = TimelineView()
    app = Host(view)
    async with app.run_test(size=(118, 3)) as pilot:
        view.show(BAR)
        view.focus()
        await pilot.pause()
        places = Places(BAR, 118)
        cell = places.column(50)
        for keys, update in (
            (("right",), places.update(cell + 1)),
            (("left",), places.update(cell)),
            (("shift+right",), places.update(cell + 10)),
            (("home",), 0),
            (("end",), 80),
            (("left_curly_bracket",), 70),
            (("left_curly_bracket",) * 2, 40),
            (("right_curly_bracket",), 60),
            (("home", "right_curly_bracket"), 20),
        ):
            await pilot.press(*keys)
            await pilot.pause()
            assert app.asked[-1] == update, keys


async def test_there_is_no_mark_before_the_first_and_none_after_the_last() -> None:
    view = TimelineView()
    assert (view.mark_before(), view.mark_after()) == (None, None)
    app = Host(view)
    async with app.run_test(size=(118, 3)) as pilot:
        for update, before, after in ((0, None, 20), (20, None, 40), (21, 20, 40), (79, 70, 80), (80, 70, None)):
            view.show(replace(BAR, update=update))
            await pilot.pause()
            assert (view.mark_before(), view.mark_after()) == (before, after)


async def test_keys_that_come_faster_than_the_run_follows_add_up() -> None:
    view = TimelineView()
    app = Host(view, follow=False)
    async with app.run_test(size=(118, 3)) as pilot:
        view.show(TimelineBar(1000, 1000, 1000, (), ()))
        view.focus()
        await pilot.press("left", "left", "left")
        await pilot.pause()
        places = Places(TimelineBar(1000, 1000, 1000, (), ()), 118)
        assert app.asked == [places.update(places.last - k) for k in (1, 2, 3)]


async def test_in_a_short_run_a_key_is_an_update() -> None:
    view = TimelineView()
    app = Host(view, follow=False)
    async with app.run_test(size=(118, 3)) as pilot:
        view.show(TimelineBar(2, 5, 5, (), ()))
        view.focus()
        await pilot.press("right", "right", "right", "right", "left")
        await pilot.pause()
        assert app.asked == [3, 4, 5, 4]


async def test_enter_on_a_fork_chooses_it_and_elsewhere_does_nothing() -> None:
    view = TimelineView()
    app = Host(view)
    async with app.run_test(size=(118, 3)) as pilot:
        for update in (0, 40):
            view.show(replace(BAR, update=update, forks=(replace(FORK, update=10), FORK)))
            view.focus()
            await pilot.press("enter")
            await pilot.pause()
        assert app.chosen == [1]


async def test_the_mouse_scrubs_to_the_latest_update_at_most() -> None:
    view = TimelineView()
    app = Host(view)
    async with app.run_test(size=(118, 3)) as pilot:
        view.show(BAR)
        await pilot.pause()
        places = Places(BAR, 118)
        await pilot.mouse_down(TimelineView, offset=(places.column(20), 0))
        assert app.asked == [20]
        await pilot.hover(TimelineView, offset=(places.first + 3, 0))
        await pilot.hover(TimelineView, offset=(places.last, 0))
        await pilot.mouse_up(TimelineView, offset=(places.last, 0))
        await pilot.hover(TimelineView, offset=(places.column(10), 0))
        await pilot.pause()
        # A click on a mark goes to its very update, which the cell shares with others.
        assert app.asked == [20, places.update(places.first + 3), 80]
