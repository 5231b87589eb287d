"""The loss chart: what can be read from it, and that no number breaks it."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from panels import PanelApp, colors_of, has_control_characters, lines_of, screen_of, theme_color

from nnsim.tui.snapshot import Chart, Mark, Series
from nnsim.tui.theme import LIGHT
from nnsim.tui.widgets.loss_chart import LossChart

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
        panel.show(chart, immediately=True)
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
        panel.show(falling(), immediately=True)
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
        panel.show(alone(1.0, 10.0, INF), immediately=True)
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
            panel.show(alone(*losses), immediately=True)
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
        panel.show(falling(), immediately=True)
        await pilot.pause()
        for size in ((30, 10), (8, 4), (150, 50)):
            await pilot.resize_terminal(*size)
            panel.show(falling(), immediately=True)
            await pilot.pause()
        assert braille_rows(lines_of(panel))[-1] > 30


async def test_while_running_it_draws_seldom_and_shows_the_last_chart_in_the_end() -> None:
    panel = CountingChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(alone(9.0), immediately=True)
        await pilot.pause()
        panel.drawings, start = 0, time.monotonic()
        for count in range(10, 60):
            panel.show(alone(float(count)))
            await asyncio.sleep(0.001)
        await pilot.pause(0.25)
        assert 1 <= panel.drawings <= 10 * (time.monotonic() - start) + 1
        assert "59.0000" in lines_of(panel)[0]


async def test_after_a_single_step_it_draws_at_once() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        for loss in (4.0, 3.0, 2.0, 1.0):
            panel.show(alone(loss), immediately=True)
            await pilot.pause(0)
            assert f"{loss:.4f}" in lines_of(panel)[0]


async def test_a_new_theme_colours_the_lines_anew() -> None:
    panel = LossChart()
    async with PanelApp(panel).run_test(size=(70, 18)) as pilot:
        panel.show(falling(), immediately=True)
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


class CountingChart(LossChart):
    """Counts how often the chart was drawn."""

    drawings = 0

    def render(self):  # type: ignore[no-untyped-def]
        self.drawings += 1
        return super().render()
