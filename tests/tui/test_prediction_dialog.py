"""The dialog for predictions: every key leads to the bet that it shows."""

from __future__ import annotations

import pytest
from driving import FULL_COURSE, Driven, experiment_of, gallery

from nnsim.scenarios.prediction import Question, offer
from nnsim.tui.screens.prediction import Bet, PredictionDialog

LOSS = Question("loss", "Where does it go?", ("down", "up", "nowhere"), 1)
BASIN = Question("basin", "By [red]which[/]?", ("A, at 3", "B, at -2"), 100, (0, 1))
LEFT = "left"


async def opened(driven: Driven, *questions: Question, right: int = 0, wrong: int = 0) -> list[object]:
    """Open the dialog; what it is dismissed with comes into the list."""
    bets: list[object] = []
    await driven.app.push_screen(PredictionDialog(questions, right, wrong), lambda bet: bets.append(bet or LEFT))
    await driven.settle()
    return bets


@pytest.mark.parametrize(
    ("keys", "bet"),
    [
        ("1 2", Bet(LOSS, 1)),
        ("2 1", Bet(BASIN, 0)),
        ("enter enter", Bet(LOSS, 0)),
        ("down enter down enter", Bet(BASIN, 1)),
        ("2 escape 1 3", Bet(LOSS, 2)),
        ("7 1 9 0 2", Bet(LOSS, 1)),
        ("1 down down enter", Bet(LOSS, 2)),
        ("escape", LEFT),
        ("1 escape escape", LEFT),
    ],
)
async def test_keys(keys: str, bet: object) -> None:
    async with gallery() as driven:
        bets = await opened(driven, LOSS, BASIN)
        for key in keys.split():
            await driven.press(key)
        assert bets == [bet]


async def test_a_single_question_is_asked_at_once() -> None:
    async with gallery() as driven:
        bets = await opened(driven, LOSS, right=7, wrong=2)
        assert "Where does it go?" in driven.text
        assert "7 of 9 right so far." in driven.text
        await driven.press("escape")
        assert bets == [LEFT]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (30, 8), (4, 2)])
async def test_everything_stands_there_and_text_is_plain(size: tuple[int, int]) -> None:
    async with gallery(size=size) as driven:
        bets = await opened(driven, LOSS, BASIN)
        if size[0] >= 80:
            for words in ("1  Where does it go?", "2  By [red]which[/]?", "Your first prediction"):
                assert words in driven.text
        await driven.press("2")
        if size[0] >= 80:
            for words in ("By [red]which[/]?", "1  A, at 3", "2  B, at -2", "1 to 2 or enter takes it, esc goes back"):
                assert words in driven.text
        await driven.press("2")
        assert bets == [Bet(BASIN, 1)]


async def test_where_nothing_can_be_predicted_it_says_so() -> None:
    async with gallery() as driven:
        bets = await opened(driven)
        assert "Nothing can be predicted here" in driven.text
        await driven.press("1", "enter")
        assert bets == []
        await driven.press("escape")
        assert bets == [LEFT]


async def test_the_questions_of_the_course_have_room_at_80_columns() -> None:
    async with gallery(size=(80, 24)) as driven:
        for scenario in FULL_COURSE:
            experiment = experiment_of(scenario)
            questions = offer(experiment, experiment.timeline())
            await opened(driven, *questions)
            for place, question in enumerate(questions, 1):
                assert f"{place}  {question.text}" in driven.text
                await driven.press(str(place))
                for number, choice in enumerate(question.choices, 1):
                    assert f"{number}  {choice}" in driven.text
                await driven.press("escape")
            await driven.press("escape")
