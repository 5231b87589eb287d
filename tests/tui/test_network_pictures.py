"""The stage draws what a network does: its curve, its probabilities, its regions, and slices through its loss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest
from pictures import Bench, Picture, bowl, fit, probability, regions, three_regions

from nnsim.tui.snapshot.stages import RegionStage, Stage
from nnsim.tui.theme import DARK
from nnsim.tui.widgets.stage import StageView

Draw = Callable[..., Awaitable[Picture]]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Return a function that draws a stage and gives back the picture."""

    async def drawn(
        stage: Stage, size: tuple[int, int] = (60, 24), ascii_only: bool = False, coloured: bool = True
    ) -> Picture:
        if coloured:
            monkeypatch.delenv("NO_COLOR", raising=False)
        else:
            monkeypatch.setenv("NO_COLOR", "1")
        app = Bench(ascii_only)
        async with app.run_test(size=size) as pilot:
            app.theme = DARK.name
            app.query_one(StageView).show(stage)
            await pilot.pause()
            return Picture(app)

    return drawn


# --- the fit ---


async def test_the_curve_runs_through_its_points_and_the_batch_is_lit(draw: Draw) -> None:
    picture = await draw(fit())
    assert "RMSE    0.125 · test     0.25 metres" in picture.text
    for words in ("output in metres", "── network", "• 3 training", "◆ next batch", "○ 1 test", "age"):
        assert words in picture.text
    frame = picture.rows[1:-3]
    (train, other), (lit,), (test,) = (
        [(row.index(glyph), y) for y, row in enumerate(frame) if glyph in row] for glyph in "•◆○"
    )
    assert train[0] < other[0] < test[0] < lit[0]
    assert train[1] == lit[1] < other[1] == test[1]
    assert picture.is_in("◆ next batch", "secondary")
    assert picture.is_in("── network", "primary")


async def test_the_scale_of_a_fit_keeps_still_while_the_curve_moves(draw: Draw) -> None:
    near, far = await draw(fit()), await draw(fit(outputs=fit().outputs * 3.0 - 0.4))
    assert [row[:6] for row in near.rows[1:]] == [row[:6] for row in far.rows[1:]]
    assert near.rows[-2] == far.rows[-2]


async def test_a_curve_that_the_frame_does_not_hold_is_told_at_its_edge(draw: Draw) -> None:
    assert "↑ the curve is above" in (await draw(fit(outputs=np.full(100, 99.0)))).text
    assert "↓ the curve is below" in (await draw(fit(outputs=np.full(100, -99.0)))).text
    assert (await draw(fit(outputs=np.full(100, np.nan)))).is_in("the outputs are not finite", "error")


async def test_very_many_samples_are_dots_behind_the_curve(draw: Draw) -> None:
    x = np.linspace(-1.0, 1.0, 500)
    picture = await draw(fit(train=(x, x**2), test=(x, x**2 / 2.0), counts=(500, 2000)), size=(90, 24))
    assert "· 500 training" in picture.text
    assert "· 500 of 2000 test" in picture.text
    assert not any("•" in row or "○" in row for row in picture.rows[1:-1])


async def test_without_a_unit_a_test_set_or_a_part_of_the_data_nothing_is_said_of_them(draw: Draw) -> None:
    none = np.zeros(0)
    text = (await draw(fit(unit="", test=None, test_rmse=None, batch=(none, none)))).text
    for word in ("metres", "test", "batch"):
        assert word not in text


# --- probabilities over one input ---


async def test_the_probability_rises_and_its_even_chance_is_told(draw: Draw) -> None:
    picture = await draw(probability())
    for words in ("probability of yes", "accuracy  95.0 % · test  90.0 %", "100 %", "0 %", "age"):
        assert words in picture.text
    assert "• share of yes in 40 samples" in picture.text
    cross = picture.find("┼")
    assert picture.rows[cross[1]][cross[0] + 2 :].startswith("50")
    assert "50 %" in picture.rows[cross[1]]
    low, high = sorted(place for place in picture.all_of("•", below=0) if place[1] < 22)
    assert low[0] < cross[0] < high[0]
    assert high[1] < cross[1] < low[1]


async def test_several_classes_are_told_apart_by_letters(draw: Draw) -> None:
    curves = np.array([np.linspace(0.8, 0.1, 101), np.full(101, 0.1), np.linspace(0.1, 0.8, 101)])
    shares = np.array([[0.7, 0.1], [0.2, 0.2], [0.1, 0.7]])
    stage = probability(curves=curves, classes=("cat", "dog", "bird"), shares=shares)
    for coloured in (True, False):
        picture = await draw(stage, coloured=coloured)
        assert "probability of each class" in picture.text
        assert "a cat  b dog  c bird" in picture.text
        assert picture.rows[picture.find("a", below=1)[1]].count("c") == 1
        assert "┼" not in picture.text


async def test_scores_are_no_probabilities(draw: Draw) -> None:
    stage = probability(curves=np.linspace(-2.0, 2.0, 101)[None], low=-1.0, shares=np.array([[-1.0, 1.0]]))
    text = (await draw(stage)).text
    assert "score of yes" in text
    assert "mean target of 40 samples" in text
    assert "100 %" not in text.split("\n", 1)[1]


# --- regions of two inputs ---


def border_of(picture: Picture) -> list[int]:
    """The columns in which the line between the classes runs."""
    return sorted({column for row in picture.rows[1:-2] for column, c in enumerate(row) if 0x2800 < ord(c) < 0x2900})


async def test_the_regions_meet_where_the_answer_changes(draw: Draw) -> None:
    picture = await draw(regions())
    for words in ("probability of dog", "accuracy  75.0 %", "○ cat", "● dog", "×   1 wrong", "width", "height"):
        assert words in picture.text
    zero = picture.rows[-2].index("0")
    assert all(abs(column - zero) <= 1 for column in border_of(picture))
    left, right = (picture.background_at(column, 5) for column in (zero - 20, zero + 20))
    assert left != right
    assert picture.background_at(zero - 20, 15) == left
    places = {glyph: picture.all_of(glyph, below=0)[0] for glyph in "○●×"}
    assert places["○"][0] < zero < places["●"][0] == places["×"][0]
    assert places["●"][1] < places["×"][1]
    assert picture.background_at(*picture.find("○ cat")) == left
    assert picture.background_at(*picture.find("● dog")) == right


async def test_three_regions_have_two_borders_and_a_capital_for_a_wrong_answer(draw: Draw) -> None:
    picture = await draw(three_regions())
    assert "the likeliest class" in picture.text
    assert "capital:   1 wrong" in picture.text
    quarter = picture.rows[-2].index("0") - 60 // 8
    assert any(column < quarter + 5 for column in border_of(picture))
    assert sum("a" in row for row in picture.rows[2:-2]) == 2
    (wrong,) = picture.all_of("A", below=0)
    assert picture.colour_at(*wrong) == picture.theme["primary"]


async def test_regions_are_told_without_colours(draw: Draw) -> None:
    picture = await draw(regions(), coloured=False)
    zero = picture.rows[-2].index("0")
    assert border_of(picture)
    for row in picture.rows[2:-2]:
        assert "▓" not in row[:zero]
        assert row[-1] == "▓"
    assert "● ▓ dog" in picture.text
    three = await draw(three_regions(), coloured=False)
    assert len({row[-1] for row in three.rows[2:-2]} | {row[30] for row in three.rows[3:8]}) == 2


def half_a_tie() -> RegionStage:
    """Left of x = 0 no class leads, and one of the samples there has no answer; to the right it is the third."""
    x = np.tile(regions().xs, (31, 1))
    scores = np.array([np.zeros_like(x), np.zeros_like(x), np.maximum(x, 0.0)])
    return three_regions(scores=scores, answers=np.array([-1, 0, 2, 2]), wrong=1, ties=1)


@pytest.mark.parametrize("coloured", [True, False])
async def test_where_no_class_leads_the_ground_is_hatched(draw: Draw, coloured: bool) -> None:
    picture = await draw(half_a_tie(), coloured=coloured)
    zero = picture.rows[-2].index("0")
    for row in picture.rows[3:-3]:
        assert row[zero - 10 : zero - 2].replace("a", "╱").replace("=", "╱") == "╱" * 8
        assert "╱" not in row[zero + 1 :]
    assert border_of(picture)
    assert "╱=   1 tie" in picture.text
    assert picture.all_of("=", below=0)[0][0] < zero
    if coloured:
        assert picture.background_at(zero - 5, 5) == picture.background_at(0, 5)
        assert picture.background_at(zero + 5, 5) != picture.background_at(0, 5)


async def test_of_two_classes_a_tie_is_neither(draw: Draw) -> None:
    stage = regions()
    flat = np.maximum(stage.scores, 0.0)
    picture = await draw(replace(stage, scores=flat, sureness=1.0 / (1.0 + np.exp(-flat[0])), ties=2, wrong=0))
    zero = picture.rows[-2].index("0")
    assert set(picture.rows[8][zero - 10 : zero - 2]) == {"╱"}
    assert "╱=   2 tie" in picture.text
    ascii_only = await draw(half_a_tie(), ascii_only=True)
    assert ascii_only.text.isascii()
    assert "/=   1 tie" in ascii_only.text


async def test_a_border_that_falls_between_cells_is_no_tie(draw: Draw) -> None:
    for size in ((40, 20), (41, 21), (60, 24), (61, 23)):
        assert "tie" not in (await draw(regions(), size=size)).text


async def test_regions_are_told_in_ascii(draw: Draw) -> None:
    picture = await draw(regions(), ascii_only=True)
    assert picture.text.isascii()
    for words in ("o cat", "O dog", "x   1 wrong"):
        assert words in picture.text


# --- slices ---


async def test_a_slice_says_what_its_directions_are(draw: Draw) -> None:
    titles = ("1st direction (curvature 2.37)", "2nd direction (curvature 0.84)")
    stage = replace(bowl(), names=("1st", "2nd"), titles=titles, whole=False, minima=())
    rows = (await draw(stage, size=(90, 30))).rows
    assert rows[-2].endswith("1st direction (curvature 2.37)")
    assert any(row.lstrip().startswith("2nd direction (curvature 0.84)") for row in rows[:3])
    narrow = await draw(stage, size=(38, 12))
    assert narrow.rows[-2].endswith("1st")
