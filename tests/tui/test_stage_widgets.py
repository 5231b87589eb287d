"""The stage shows in words and glyphs what the numbers of a snapshot say, at any size and for any numbers."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from pictures import (
    STAGES,
    Bench,
    Picture,
    answers,
    bowl,
    crowd,
    fit,
    probability,
    regions,
    squared_error,
    three_regions,
)
from rich.cells import cell_len
from textual.color import Color

from nnsim.tui.snapshot.stages import Minimum, Stage
from nnsim.tui.theme import DARK, LIGHT
from nnsim.tui.widgets.stage import StageView

Draw = Callable[..., Awaitable[Picture]]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Return a function that draws one stage after another, and gives back the last picture."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    async def drawn(
        *stages: Stage, size: tuple[int, int] = (60, 24), ascii_only: bool = False, theme: str = DARK.name
    ) -> Picture:
        app = Bench(ascii_only)
        async with app.run_test(size=size) as pilot:
            app.theme = theme
            for stage in stages:
                app.query_one(StageView).show(stage)
                await pilot.pause()
            return Picture(app)

    return drawn


async def test_the_curve_tells_where_the_ball_is_and_where_it_goes(draw: Draw) -> None:
    picture = await draw(squared_error())
    for words in ("L(y) = (y - 500)^2", "y = 350", "L = 22500", "slope -300", "next step +30", "minimum", "200000"):
        assert words in picture.text
    ball, landing, lowest = (picture.find(glyph, below=0)[0] for glyph in "●○×")
    numbers = picture.rows[-1]
    assert numbers.index("200") < ball < landing < numbers.index("400") + 2 < lowest
    assert picture.find("▶")[0] == landing
    assert picture.is_in("slope -300", "primary")
    assert picture.is_in("next step +30", "secondary")


async def test_the_ball_stands_on_its_curve_and_falls_to_the_left(draw: Draw) -> None:
    picture = await draw(squared_error(900.0, 820.0))
    ball, row = picture.find("●", below=0)
    assert ball == picture.find("◀")[0] + picture.rows[-2].count("━")
    assert "slope +800" in picture.text
    assert "next step -80" in picture.text
    assert abs(row - picture.find("150000")[1]) <= 1


async def test_the_trail_fades_into_the_ground(draw: Draw) -> None:
    trail = np.linspace(20.0, 320.0, 12)
    picture = await draw(squared_error(trail=trail, trail_losses=(trail - 500) ** 2))
    dots = sorted(picture.all_of("•·", below=0))
    youngest, oldest = (Color.parse(picture.colour_at(*dots[end])) for end in (-1, 0))
    assert youngest.hex == picture.theme["primary"]
    assert oldest.brightness < 0.7 * youngest.brightness


async def test_a_batch_that_disagrees_is_told_beside_the_slope(draw: Draw) -> None:
    picture = await draw(squared_error(slope=52.0, full_slope=-8.0, samples=256))
    assert picture.is_in("slope here -8,", "primary")
    assert picture.is_in("next batch says +52", "secondary")


async def test_nothing_is_announced_when_the_run_cannot_go_on(draw: Draw) -> None:
    for stage in (squared_error(next_value=None), bowl(next_point=None)):
        assert "next" not in (await draw(stage)).text


async def test_a_next_step_of_0_has_no_arrow(draw: Draw) -> None:
    for stage in (squared_error(350.0, 350.0), bowl(next_point=(1.44, 1.08))):
        picture = await draw(stage, size=(90, 30))
        assert "next step 0" in picture.text
        assert not any(picture.all_of(head, below=0) for head in "▶◀↑→")


@pytest.mark.parametrize(
    ("value", "words", "colour"),
    [
        (2.31e8, "y = 2.31e+08 →", "primary"),
        (-2.31e8, "← y = -2.31e+08", "primary"),
        (math.inf, "y = inf →", "error"),
        (-math.inf, "← y = -inf", "error"),
    ],
)
async def test_a_ball_outside_of_the_window_is_told_at_its_edge(
    draw: Draw, value: float, words: str, colour: str
) -> None:
    picture = await draw(squared_error(value, None))
    column, row = picture.find(words, below=0)
    assert (column > 40) == (value > 0)
    assert picture.colour_at(column, row) == picture.theme[colour]
    assert not picture.all_of("●", below=0)


async def test_a_loss_above_the_window_is_told_at_the_top(draw: Draw) -> None:
    assert "↑ L = inf" in (await draw(squared_error(350.0, loss=math.inf))).text


async def test_the_surface_tells_where_the_ball_is_and_where_it_goes(draw: Draw) -> None:
    picture = await draw(bowl(), size=(90, 30))
    for words in ("9 (w2 - 3)^2", "w1 = 1.44", "w2 = 1.08", "L = 19.87", "minimum", "loss: low"):
        assert words in picture.text
    assert picture.is_in("next step to w1 = 1.952, w2 = 4.536", "secondary")
    ball, lowest, head = (picture.find(glyph, below=0) for glyph in "●×↑")
    assert ball[0] < head[0] < lowest[0]
    assert head[1] < lowest[1] < ball[1]
    assert lowest[0] == picture.rows[-2].index("4")
    above, under = (picture.find(label, below=1)[1] for label in (" 4 ", " 2 "))
    assert lowest[1] == (above + under) // 2
    assert len(picture.all_of("•", below=0)) == 2


@pytest.mark.parametrize(
    ("width", "ball", "step"),
    [
        (28, "● 1.44, 1.08  L = 19.87", "→ next 1.952, 4.536"),
        (21, "● L = 19.87", "→ next step"),
    ],
)
async def test_a_narrow_map_leaves_numbers_out_and_cuts_none(draw: Draw, width: int, ball: str, step: str) -> None:
    picture = await draw(bowl(), size=(width, 14))
    assert ball in picture.text
    assert step in picture.text


async def test_the_map_is_dark_in_the_valley_and_bright_at_the_rim(draw: Draw) -> None:
    picture = await draw(bowl(trail=np.zeros((0, 2)), next_point=None), size=(90, 30))
    column, row = picture.find("×", below=0)
    valley, rim = (Color.parse(picture.background_at(column, y)).brightness for y in (row, 2))
    assert rim > 2 * valley


async def test_a_new_surface_replaces_the_old_one(draw: Draw) -> None:
    old = bowl()
    turned = replace(old, losses=old.losses.T.copy())
    size = (90, 30)
    first, second, both = await draw(old, size=size), await draw(turned, size=size), await draw(old, turned, size=size)
    colours = [[picture.background_at(60, y) for y in range(2, 27)] for picture in (first, second, both)]
    assert colours[0] != colours[1] == colours[2]


async def test_downhill_is_drawn_where_the_step_leads_elsewhere(draw: Draw) -> None:
    assert "downhill" not in (await draw(bowl(), size=(90, 30))).text
    assert "downhill" in (await draw(bowl(next_point=(5.0, 1.0)), size=(90, 30))).text


async def test_a_ball_off_the_map_is_told_at_its_edge(draw: Draw) -> None:
    picture = await draw(bowl((3.77, -24.94)))
    assert picture.is_in("w1 = 3.77, w2 = -24.94 ↓", "primary")
    assert (await draw(bowl((math.inf, 1.0)))).is_in("w1 = inf, w2 = 1 →", "error")


async def test_the_estimate_is_told_in_words(draw: Draw) -> None:
    picture = await draw(crowd(), size=(90, 30))
    for words in (
        "training picture 149",
        "500 people are there",
        "37 too few",
        "estimate (test set)",
        "truth",
    ):
        assert words in picture.text
    assert picture.is_in("the network says 463", "primary")
    assert "RMSE 49.7 · least squares 87.5 · mean 287" in picture.text
    assert "120 too many" in (await draw(crowd(620.0))).text
    assert "exactly right" in (await draw(crowd(500.2))).text
    assert (await draw(crowd(math.nan))).is_in("not a finite number", "error")


async def test_the_picture_is_shaded_without_colour(draw: Draw) -> None:
    rows = [row[:32] for row in (await draw(crowd(), size=(90, 30))).rows[:16]]
    assert rows[0].startswith("    ")
    assert rows[15].endswith("████")
    assert [sum(row.count(shade) for row in rows) for shade in "░▒▓█"] == [13 * 8, 12 * 8, 13 * 8, 13 * 8]


async def test_estimates_outside_of_the_scatter_are_counted(draw: Draw) -> None:
    estimates = np.full(200, 500.0)
    estimates[:7], estimates[7:10], estimates[10] = 5000.0, -5000.0, math.nan
    text = (await draw(crowd(estimates=estimates), size=(90, 30))).text
    assert "7 above ↑" in text
    assert "3 below ↓" in text
    assert "1 not finite" in text


async def test_a_short_terminal_still_has_picture_words_and_scatter(draw: Draw) -> None:
    text = (await draw(crowd(), size=(38, 12))).text
    for words in ("████", "truth 500", "says  463", "37 too few", "estimate", "RMSE 49.7", "●"):
        assert words in text


async def test_answers_stand_beside_their_targets(draw: Draw) -> None:
    picture = await draw(answers())
    assert "accuracy 66.7 %" in picture.text
    numbers = [row.split()[-2:] for row in picture.rows[2:8]]
    assert numbers[0] == ["+0.7500", "+1.0000"]
    assert numbers[3] == ["+0.9000", "+1.0000"]
    assert picture.rows[2].count("━") > 2 * picture.rows[3].count("━") > 0


async def test_a_classifier_says_what_it_is_sure_of_and_whether_it_is_right(draw: Draw) -> None:
    picture = await draw(answers(classes=("cat", "dog"), right=np.array([True, True, False])))
    assert [row.split()[:3] for row in (picture.rows[2], picture.rows[6])] == [["✓", "0", "cat"], ["✗", "2", "cat"]]
    assert not any("more" in row for row in picture.rows)
    assert (await draw(answers(whole=450))).rows[-1].strip() == "and 447 more"
    assert [row.split()[0] for row in picture.rows[3:8:2]] == ["dog"] * 3
    assert picture.rows[2].endswith(" 75.0 % 100.0 %")
    assert picture.rows[5].endswith(" 90.0 % 100.0 %")
    assert picture.rows[4].endswith(" 10.0 %   0.0 %")
    scores = answers(outputs=np.array([[-0.5], [2.0]]), targets=np.array([[-1.0], [1.0]]), classes=("class 1",))
    assert (await draw(scores)).rows[3].split()[-2:] == ["+2.0000", "+1.0000"]


async def test_a_point_of_many_dimensions_is_told_by_its_parameters(draw: Draw) -> None:
    point = answers(
        outputs=np.array([[0.5, -2.0, 3.0]]),
        targets=np.array([[1.0, np.nan, 3.0]]),
        accuracy=None,
        names=("w1", "w2", "radius"),
    )
    rows = (await draw(point)).rows
    assert rows[1].split() == ["parameter", "value", "minimum"]
    assert [(row.split()[0], row.split()[-2:]) for row in rows[2:5]] == [
        ("w1", ["+0.5000", "+1.0000"]),
        ("w2", ["-2.0000", "unknown"]),
        ("radius", ["+3.0000", "+3.0000"]),
    ]


async def test_a_formula_without_room_ends_in_dots(draw: Draw) -> None:
    picture = await draw(squared_error(formula="L(y) = " + "y + " * 40 + "1"), size=(60, 20))
    assert picture.rows[0].rstrip().endswith("…")


async def test_what_is_no_crowd_is_not_counted(draw: Draw) -> None:
    picture = await draw(crowd(unit="volts", truth=200.0, estimate=150.0))
    assert "the truth is 200 volts" in picture.text
    assert "50 too low" in picture.text


async def test_answers_that_do_not_fit_are_counted(draw: Draw) -> None:
    assert "and 1 more" in (await draw(answers(), size=(60, 7))).text
    assert "more" not in (await draw(answers(), size=(60, 9))).text


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 30), (60, 1), (10, 3), (20, 7), (20, 8), (21, 12), (36, 12)])
async def test_any_size_is_filled(draw: Draw, stage: Stage, size: tuple[int, int]) -> None:
    picture = await draw(stage, size=size)
    assert [cell_len(row) for row in picture.rows] == [size[0]] * size[1]


@pytest.mark.parametrize("extreme", [math.inf, -math.inf, math.nan, 1.7e308, -1.7e308, 5e-324])
async def test_any_number_is_shown(draw: Draw, extreme: float) -> None:
    trail = np.array([0.0, extreme, 1.0, -extreme])
    points = np.column_stack([trail, trail[::-1]])
    curve = squared_error(extreme, extreme, loss=extreme, slope=extreme, full_slope=extreme, samples=9, trail=trail)
    outputs = np.array([[extreme, 0.5]])
    with np.errstate(all="ignore"):
        picture = await draw(
            replace(curve, trail_losses=trail),
            squared_error(350.0, extreme, full_slope=extreme),
            bowl((extreme, 1.0), trail=points, gradient=(extreme, -extreme), next_point=(1.0, extreme)),
            bowl(gradient=(extreme, 1.0), next_point=(extreme, extreme)),
            crowd(extreme, estimates=np.full(200, extreme), rmse=extreme),
            fit(outputs=np.full(100, extreme), rmse=extreme, test_rmse=extreme),
            fit(outputs=np.where(np.arange(100) < 50, 0.5, extreme)),
            probability(curves=np.full((1, 101), extreme), shares=np.full((1, 2), extreme)),
            regions(scores=np.full((1, 31, 41), extreme), sureness=np.full((31, 41), extreme)),
            three_regions(scores=np.full((3, 31, 41), extreme)),
            answers(outputs=outputs, targets=np.array([[1.0, 0.0]])),
            answers(outputs=outputs, targets=np.array([[1.0, 0.0]]), classes=("a", "b"), right=np.array([True])),
        )
    assert "test set" in picture.text


async def test_a_flat_surface_and_a_single_sample_are_shown(draw: Draw) -> None:
    flat = bowl()
    one = np.array([500.0])
    await draw(replace(flat, losses=np.zeros_like(flat.losses)), crowd(truths=one, estimates=one, picture=None))
    curve = squared_error()
    assert "slope" in (await draw(replace(curve, losses=np.full_like(curve.losses, curve.loss)))).text


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
async def test_ascii_is_enough(draw: Draw, stage: Stage) -> None:
    picture = await draw(stage, ascii_only=True)
    assert picture.text.isascii()
    assert "?" not in picture.text


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: type(stage).__name__)
async def test_no_colour_still_shows_everything(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Bench()
    async with app.run_test(size=(60, 24)) as pilot:
        app.query_one(StageView).show(stage)
        await pilot.pause()
        picture = Picture(app)
    assert all(segment.style is not None for segment in picture.segments)
    assert "▀" not in picture.text
    assert any(0x2800 < ord(character) < 0x2900 or character == "━" for character in picture.text)


async def test_names_cannot_break_the_picture(draw: Draw) -> None:
    nasty = "[/]\x1b[31m漢字\u0301"
    picture = await draw(
        squared_error(name=nasty, formula=nasty, minima=(Minimum(nasty, (500.0,), 0.0),)),
        bowl(names=(nasty, nasty), minima=(Minimum(nasty * 9, (4.0, 3.0), 0.0),)),
    )
    assert {cell_len(row) for row in picture.rows} == {60}
    assert "\x1b" not in picture.text
    assert "[/]?[31m???" in picture.text


async def test_a_theme_brings_its_colours(draw: Draw) -> None:
    for stage in STAGES[:3]:
        dark, light = await draw(stage, theme=DARK.name), await draw(stage, theme=LIGHT.name)
        assert dark.text == light.text
        column, row = dark.find("●", below=0)
        assert dark.colour_at(column, row) == dark.theme["primary"]
        assert light.colour_at(column, row) == light.theme["primary"]
        assert dark.theme["primary"] != light.theme["primary"]


async def test_the_stage_changes_with_what_it_shows(draw: Draw) -> None:
    picture = await draw(*STAGES)
    assert "accuracy" in picture.text
    assert "RMSE" not in picture.text
