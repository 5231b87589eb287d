"""The loss chart: what can be read from it, and that no number breaks it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from panels import PanelApp, colors_of, has_control_characters, lines_of, screen_of, theme_color
from textual.events import Leave

from nnsim.core.clock import clock
from nnsim.tui.snapshot.chart import Chart, Mark, Series
from nnsim.tui.snapshot.race import Race, Racer
from nnsim.tui.theme import LIGHT
from nnsim.tui.widgets.loss_chart import LossChart
from nnsim.tui.widgets.loss_lines import Axis

INF, NAN = float("inf"), float("nan")


def series(role: str, losses: list[float], every: int = 1) -> Series:
    return Series(role, np.arange(len(losses), dtype=np.float64) * every, np.array(losses, dtype=np.float64))


def falling(count: int = 100) -> Chart:
    losses = np.exp(-np.arange(count) / 30)
    lines = (
        series("batch", (losses * 1.3).tolist()),
        series("train", losses.tolist()),
        series("test", (losses + 0.2).tolist()),
    )
    return Chart(lines, (), count - 1, count - 1)


def alone(*losses: float) -> Chart:
    return Chart((series("train", list(losses)),), (), len(losses) - 1, len(losses) - 1)


async def drawn(chart: Chart, size: tuple[int, int] = (70, 18), log_scale: bool = False) -> list[str]:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=size) as pilot:
        panel.log_scale = log_scale
        panel.show(chart)
        await pilot.pause()
        return lines_of(panel)


async def test_the_last_losses_can_be_read_as_text() -> None:
    legend = (await drawn(falling()))[0]
    assert legend.split() == ["⠶⠶", "train", "0.0369", "⠒⠒", "test", "0.2369", "⠢⠔", "batch", "0.0479"]


async def test_after_going_back_the_losses_are_those_of_the_present_update() -> None:
    chart = falling()
    legend, *plot = await drawn(Chart(chart.series, (), 30, 99))
    assert legend.split()[2] == "0.3679"
    assert any("update 30" in line for line in plot)


async def test_a_series_that_begins_later_has_no_loss_yet() -> None:
    later = Series("test", np.array([50.0]), np.array([0.5]))
    chart = Chart((series("train", [1.0, 0.9]), later), (), 1, 60)
    assert (await drawn(chart))[0].split() == ["⠶⠶", "train", "0.9000", "⠒⠒", "test"]


async def test_the_latest_update_is_not_marked() -> None:
    assert not any("update 99" in line for line in await drawn(falling()))


async def test_changes_of_settings_are_marked_with_their_words() -> None:
    chart = falling()
    marks = (Mark(20, "learning rate 0.02"), Mark(20, "Adam"), Mark(99, "batch size 32"))
    lines = await drawn(Chart(chart.series, marks, 99, 99))
    text = "\n".join(lines)
    assert all(mark.label in text for mark in marks)
    assert max(line.count("┊") for line in lines) == 2


async def test_words_that_find_no_room_are_left_out_and_the_last_one_stays() -> None:
    marks = tuple(Mark(update, f"learning rate 0.{update:02}") for update in range(1, 90))
    text = "\n".join(await drawn(Chart(falling().series, marks, 99, 99)))
    assert "learning rate 0.89" in text
    assert text.count("learning rate") <= 12


@pytest.mark.parametrize("log_scale", [False, True])
async def test_the_border_tells_the_question_and_the_scale(log_scale: bool) -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(falling())
        panel.log_scale = log_scale
        await pilot.pause()
        screen = screen_of(pilot.app)
        assert "How does the loss change?" in screen
        assert ("log scale" in screen) == log_scale
        assert ("linear scale" in screen) != log_scale


def braille_rows(lines: list[str]) -> list[int]:
    return [row for row, line in enumerate(lines[1:], 1) if any("\u2800" < letter <= "\u28ff" for letter in line)]


async def test_on_the_log_scale_an_exponential_takes_the_whole_height() -> None:
    chart = alone(*np.exp(-np.arange(100) / 10).tolist())
    linear, log = await drawn(chart), await drawn(chart, log_scale=True)
    last = {name: max(line.rfind(dot) for dot in "⠶⣀⠤⠒⠉⣤⠛") for name, line in (("linear", linear[5]), ("log", log[5]))}
    assert last["linear"] < last["log"]
    assert len(braille_rows(log)) >= 12


async def test_a_single_spike_is_seen() -> None:
    losses = np.full(5000, 0.1)
    losses[2345] = 9.5
    lines = await drawn(alone(*losses.tolist()))
    assert "10" in lines[1]
    assert 1 in braille_rows(lines)


async def test_log_scale_without_a_positive_loss_says_so() -> None:
    lines = await drawn(alone(0.0, -1.0, -2.0), log_scale=True)
    assert "No loss is above zero" in "\n".join(lines)
    assert braille_rows(lines) == []


async def test_log_scale_leaves_out_what_is_not_positive() -> None:
    assert braille_rows(await drawn(alone(1.0, 0.0, -1.0, 0.5), log_scale=True))


async def test_no_loss_yet() -> None:
    assert "No loss yet" in "\n".join(await drawn(Chart((), (), 0, 0)))
    assert "No loss yet" in "\n".join(await drawn(alone()))
    assert "No loss yet" in "\n".join(await drawn(alone(NAN), log_scale=True))


async def test_a_loss_that_is_not_finite_is_told_in_the_error_colour() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(alone(1.0, 10.0, INF))
        await pilot.pause()
        assert "inf" in lines_of(panel)[0]
        assert colors_of(panel, "inf") == {theme_color(panel, "error")}
        assert braille_rows(lines_of(panel))


EXTREMES = [
    [],
    [1.0],
    [0.0],
    [3.0, 3.0, 3.0],
    [1e300, 1.0],
    [1.7e308, -1.7e308],
    [5e-324, 1e308],
    [1.0, 1.0 + 1e-15],
    [INF, NAN, -INF],
    [1.0, INF, 2.0, NAN],
    [-1e-320, 0.0],
]


@pytest.mark.parametrize("log_scale", [False, True])
@pytest.mark.parametrize("size", [(70, 18), (30, 9), (200, 60)])
async def test_no_loss_breaks_the_chart(size: tuple[int, int], log_scale: bool) -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=size) as pilot:
        panel.log_scale = log_scale
        for losses in EXTREMES:
            panel.show(alone(*losses))
            await pilot.pause()
            lines = lines_of(panel)
            shown = [loss for loss in losses if np.isfinite(loss) and (loss > 0 or not log_scale)]
            assert bool(braille_rows(lines)) == bool(shown)
            assert {len(line) for line in lines} == {size[0] - 2}


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (10, 3), (12, 30), (24, 8), (26, 8), (40, 8), (200, 5)])
async def test_tiny_sizes_keep_the_first_loss_if_anything(size: tuple[int, int]) -> None:
    lines = await drawn(Chart(falling().series, (Mark(3, "Adam"),), 50, 99), size)
    if size[0] > 24 and lines:
        assert "train" in lines[0]


async def test_resizing_while_running() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(falling())
        await pilot.pause()
        for size in ((30, 10), (8, 4), (150, 50)):
            await pilot.resize_terminal(*size)
            panel.show(falling())
            await pilot.pause()
        assert braille_rows(lines_of(panel))[-1] > 30


async def test_after_a_single_step_it_draws_at_once() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        for loss in (4.0, 3.0, 2.0, 1.0):
            panel.show(alone(loss))
            await pilot.pause(0)
            assert f"{loss:.4f}" in lines_of(panel)[0]


async def test_a_new_theme_colours_the_lines_anew() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(falling())
        await pilot.pause()
        before = theme_color(panel, "primary")
        assert before in colors_of(panel, "⠶")
        pilot.app.theme = LIGHT.name
        await pilot.pause()
        assert theme_color(panel, "primary") in colors_of(panel, "⠶")
        assert before not in colors_of(panel, "⠶")


async def test_without_colours_the_series_still_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    flat = {"train": 0.0, "test": 9.0, "batch": 5.0}
    lines = await drawn(Chart(tuple(series(role, [loss] * 50) for role, loss in flat.items()), (), 49, 49))
    test, batch, train = (set(lines[row][8:]) - {" "} for row in braille_rows(lines)[:3])
    assert not test & train
    assert not test & batch
    assert not batch & train


async def test_no_control_character_of_a_label_reaches_the_terminal() -> None:
    lines = await drawn(Chart(falling().series, (Mark(5, "a\x1b[31m[/]\x07"),), 99, 99))
    assert not any(has_control_characters(line) for line in lines)
    assert "a?[31m[/]?" in "\n".join(lines)


# --- a run that leaves the scale ---


def highest_label(lines: list[str]) -> float:
    return max(float(line.split("┤")[0].replace("│", "")) for line in lines if "┤" in line)


async def test_a_divergence_is_said_in_red_where_the_run_stopped() -> None:
    losses = [1.0, 2.0, 1.5, 40.0, 1e6, 1e11]
    chart = Chart((series("train", losses),), (), 5, 5, stopped="diverged")
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(chart)
        await pilot.pause()
        lines = lines_of(panel)
        assert "diverged" in "\n".join(lines)
        assert colors_of(panel, "diverged") == {theme_color(panel, "error")}
        assert sum("┃" in line for line in lines) >= 10
        assert "▲" in lines[1]
        assert lines[1].index("▲") < lines[1].index("┃")


async def test_a_loss_that_runs_away_does_not_squash_the_scale() -> None:
    lines = await drawn(alone(1.0, 0.5, 0.7, 0.6, 3.0, 1e300, INF))
    assert 100.0 <= highest_label(lines) <= 200.0
    assert "▲" in lines[1]


async def test_on_the_log_scale_the_last_nine_decades_of_a_run_that_runs_away_are_seen() -> None:
    lines = await drawn(alone(1.0, 1e3, 1e6, 1e200), log_scale=True)
    assert highest_label(lines) <= 1e16
    assert "▲" in lines[1]


async def test_a_spike_of_a_run_that_goes_on_is_drawn_to_its_top() -> None:
    lines = await drawn(alone(*[1.0] * 40, 99.0, *[1.0] * 40))
    assert highest_label(lines) == 100.0
    assert "▲" not in "\n".join(lines)


async def test_a_loss_that_falls_without_end_leaves_through_the_bottom() -> None:
    losses = [-1.0, -2.0, -4.0, -1e200]
    lines = await drawn(Chart((series("train", losses),), (), 3, 3, stopped="diverged"))
    assert "▼" in "\n".join(lines)
    assert "▲" not in "\n".join(lines)


# --- other futures and other runs ---


def left_behind() -> Chart:
    chart = falling()
    updates = np.arange(20.0, 80.0)
    left = tuple(
        Series("branch", updates, np.full(60, height), label=f"left: rate {height}") for height in (0.4, 0.6, 0.8)
    )
    return Chart((*chart.series, *left), (), 99, 99)


async def test_futures_that_were_left_differ_in_sign_and_colour_and_have_their_names() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(100, 30)) as pilot:
        panel.show(left_behind())
        await pilot.pause()
        plot = "\n".join(lines_of(panel)[1:-2])
        colours = [colors_of(panel, sign) for sign in "•◇:"]
        for rate, sign in (("0.4", "•"), ("0.6", "◇"), ("0.8", ":")):
            assert f"left: rate {rate}" in plot
            assert plot.count(sign) >= 10
        assert len({frozenset(colour) for colour in colours}) == 3


def racing(chart: Chart) -> Race:
    racers = tuple(
        Racer(
            f"rate {rate}",
            series("train", [rate] * count),
            count,
            rate,
            1,
            (),
            "diverged" * diverged,
            "diverged" * diverged,
        )
        for rate, count, diverged in ((9.0, 100, False), (0.7, 100, False), (0.5, 150, True))
    )
    return Race((), racers, None, "after every update")


async def test_the_runs_of_a_race_are_drawn_with_it_but_for_the_first_which_is_its_own() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(100, 30)) as pilot:
        chart = falling()
        panel.show(chart, racing(chart))
        await pilot.pause()
        text = "\n".join(lines_of(panel))
        assert "rate 0.7" in text
        assert "rate 0.5, diverged" in text
        assert "rate 9" not in text
        assert text.count("◆") >= 10
        assert text.count("▲") >= 10
        assert "120" in lines_of(panel)[-1]  # the axis is as long as the longest run
        panel.show(chart, None)
        await pilot.pause()
        assert "rate" not in "\n".join(lines_of(panel))


async def test_a_future_that_ran_away_does_not_set_the_scale() -> None:
    chart = falling()
    away = Series("branch", np.arange(50.0), np.exp(np.arange(50.0)), label="left: rate 9")
    assert highest_label(await drawn(Chart((*chart.series, away), (), 99, 99))) <= 2.0


async def test_the_learning_rates_of_a_schedule_have_a_line_and_a_value() -> None:
    rates = Series("rate", np.array([0.0, 50.0, 50.0, 99.0]), np.array([0.1, 0.1, 0.05, 0.05]))
    lines = await drawn(replace(falling(), rates=rates), size=(90, 18))
    assert "╌╌ rate    0.0500" in lines[0]
    assert sum(line.count("╌") for line in lines[1:]) >= 20


async def test_the_best_test_loss_is_marked() -> None:
    losses = [1.0, 0.8, 0.3, 0.5, 0.9, 1.0]
    chart = Chart((series("test", losses, every=10),), (), 50, 50, best=20)
    text = "\n".join(await drawn(chart))
    assert text.count("◆") == 1
    assert "best test loss" in text


# --- what is charted ---


def counted(update: int = 99, latest: int = 99) -> Chart:
    """Ten samples in batches of 3: four updates an epoch, half a second each."""
    losses = np.arange(update, dtype=np.float64)[::-1] + 0.1
    every = Series("batch", np.arange(update)[::7].astype(np.float64), losses[::7], known=(np.arange(update), losses))
    metrics = (series("train", [50.0, 75.0, 87.5], every=40), series("test", [40.0, 60.0, 80.0], every=40))
    times = np.array([[0.0, 0.0], [update, update / 2]])
    counts = clock(10, [(0, 3)], times)
    shown = (every, series("train", [1.0 / 3.0, 2.0 / 3.0, 0.7], every=40))
    reach = (latest * 2.5, latest / 2)
    return Chart(shown, (), update, latest, None, metrics, "accuracy", "%", clock=counts, reach=reach)


async def test_the_metric_takes_the_place_of_the_loss_and_goes_again() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(counted())
        assert panel.switch_measure()
        await pilot.pause()
        assert "How does the accuracy change, in %?" in screen_of(pilot.app)
        assert lines_of(panel)[0].split() == ["⠶⠶", "train", "87.5000", "at", "80", "⠒⠒", "test", "80.0000"]
        assert panel.switch_measure()
        await pilot.pause()
        assert "How does the loss change?" in screen_of(pilot.app)
        panel.show(falling())
        assert not panel.switch_measure()
        assert not panel.of_metric


async def test_the_x_axis_counts_updates_epochs_samples_or_seconds() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(counted())
        for axis, end in (("epoch", "20"), ("samples", "200"), ("seconds", "40"), ("update", "80")):
            panel.next_axis()
            await pilot.pause()
            assert panel.axis == axis
            numbers = lines_of(panel)[-1].split()
            assert (numbers[0], numbers[-1]) == ("0", axis)
            assert end in numbers
        panel.show(falling())
        panel.next_axis()
        assert panel.axis == "update"


# --- the cursor ---


async def test_the_cursor_tells_the_exact_values_at_an_update() -> None:
    panel = LossChart()
    chart = counted()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(chart)
        await pilot.pause()
        panel.move_cursor(-20)
        await pilot.pause()
        update = panel.cursor
        assert update is not None
        assert 50 < update < 80
        text = screen_of(pilot.app)
        assert chart.series[0].known is not None
        assert f"batch {float(chart.series[0].known[1][update])!r} " in text
        assert f"train {2.0 / 3.0!r} (at 40)" in text
        epochs, rest = divmod(update, 4)
        assert f"update {update} · epoch {epochs + rest * 0.3:g} · {epochs * 10 + rest * 3} samples" in text
        assert sum("╎" in line for line in lines_of(panel)) >= 8


async def test_the_cursor_moves_by_an_update_at_least_and_stays_inside() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(150, 18)) as pilot:
        panel.show(counted(update=5, latest=5))
        await pilot.pause()
        for columns, update in ((-1, 4), (-1, 3), (1, 4), (1, 5), (1, 5), (-500, 0), (-1, 0)):
            panel.move_cursor(columns)
            assert panel.cursor == update


@pytest.mark.parametrize("axis", ["update", "epoch", "samples", "seconds"])
async def test_the_cursor_finds_its_columns_on_every_axis(axis: Axis) -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(counted(latest=300))
        panel.axis = axis
        await pilot.pause()
        panel.move_cursor(-3)
        await pilot.pause()
        places = [line.index("╎") for line in lines_of(panel) if "╎" in line]
        assert set(places) == {places[0]}
        panel.move_cursor(-4)
        await pilot.pause()
        assert next(line.index("╎") for line in lines_of(panel) if "╎" in line) in range(places[0] - 5, places[0] - 2)


async def test_the_mouse_shows_the_cursor_and_a_click_keeps_it_until_escape() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(counted())
        await pilot.pause()
        await pilot.hover(LossChart, offset=(30, 8))
        first = panel.cursor
        assert first is not None
        await pilot.hover(LossChart, offset=(31, 8))
        assert panel.cursor is not None
        assert panel.cursor > first
        panel.post_message(Leave(panel))
        await pilot.pause()
        assert panel.cursor is None
        await pilot.click(LossChart, offset=(30, 8))
        assert panel.cursor == first
        panel.post_message(Leave(panel))
        await pilot.pause()
        assert panel.cursor == first
        await pilot.press("escape")
        assert panel.cursor is None
        assert not panel.drop_cursor()


async def test_going_back_before_the_cursor_takes_it_along() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(counted())
        await pilot.pause()
        panel.move_cursor(-5)
        panel.show(counted(update=9))
        await pilot.pause()
        assert "update 9 ·" in screen_of(pilot.app)


@pytest.mark.parametrize("size", [(38, 11), (70, 20), (100, 40)])
@pytest.mark.parametrize("log_scale", [False, True])
async def test_in_ascii_everything_has_a_stand_in_and_stays_apart(size: tuple[int, int], log_scale: bool) -> None:
    panel = LossChart()
    app = PanelApp(panel)
    app.ascii = True  # type: ignore[attr-defined]
    async with app.run_test(size=size) as pilot:
        panel.log_scale = log_scale
        chart = replace(left_behind(), best=50, marks=(Mark(30, "Adam"),), update=90, clock=counted().clock)
        panel.show(chart, racing(chart))
        await pilot.pause()
        panel.move_cursor(-3)
        await pilot.pause()
        text = "\n".join(lines_of(panel))
        assert text.isascii()
        assert "?" not in text
        if size[0] == 100:
            assert all(sign in text for sign in "*o:&^")
