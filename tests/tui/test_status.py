"""The status line: what it says, what it drops when there is little room, and that it keeps still."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from panels import PanelApp, colors_of, has_control_characters, lines_of, theme_color

from nnsim.core.optimizers import Adam
from nnsim.tui.snapshot.status import Status
from nnsim.tui.widgets.status import StatusLine

STATUS = Status(
    title="The crowd",
    epoch=3,
    epochs=20,
    update=517,
    latest=517,
    batch=97,
    of_batches=210,
    batch_size=10,
    samples=2100,
    rule=Adam(0.01),
    rate_now=0.01,
    schedule="",
    clipping="",
    critical_rate=0.2222,
    flies_apart=True,
    playing=False,
    speed=200.0,
    stopped="",
)
PIECES = [
    "The crowd",
    "epoch  3/20",
    "update  517",
    "batch  97/210 of 10",
    "Adam",
    "learning rate 0.01",
    "critical rate 0.2222",
]


async def line(status: Status, width: int = 140) -> str:
    panel = StatusLine()
    async with PanelApp(panel).run_test(size=(width, 3)) as pilot:
        panel.show(status)
        await pilot.pause()
        (drawn,) = lines_of(panel)
        return drawn


async def test_the_pieces_stand_in_order() -> None:
    drawn = await line(STATUS)
    assert drawn.split(" · ")[:-1] == PIECES[:-1]
    assert re.fullmatch(r"critical rate 0\.2222 +paused, 200/s *", drawn.split(" · ")[-1])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"playing": True}, "playing 200/s"),
        ({"playing": True, "speed": 0.5}, "playing 0.5/s"),
        ({"playing": True, "speed": None}, "at full speed"),
        ({"stopped": "diverged: the loss is inf"}, "diverged: the loss is inf"),
        ({"stopped": "diverged: the loss is inf", "playing": True}, "diverged: the loss is inf"),
        ({"at_end": True}, "planned end: space goes on"),
        ({"at_end": True, "playing": True}, "playing 200/s"),
        ({"update": 400}, "update  400 of 517"),
        ({"epochs": None}, "epoch   3 "),
        ({"rule": Adam(1e308)}, "learning rate 1e+308"),
    ],
)
async def test_what_the_line_says(changes: dict[str, object], expected: str) -> None:
    assert expected in await line(replace(STATUS, **changes))


async def test_a_full_batch_needs_no_count_of_batches() -> None:
    drawn = await line(replace(STATUS, batch=1, of_batches=1, epochs=None))
    assert "batch" not in drawn
    assert "epoch" not in drawn


async def test_an_unknown_critical_rate_is_not_mentioned() -> None:
    assert "critical" not in await line(replace(STATUS, critical_rate=None))


async def test_a_rate_above_the_critical_one_alarms_in_colour_and_in_words() -> None:
    panel = StatusLine()
    async with PanelApp(panel).run_test(size=(140, 3)) as pilot:
        panel.show(replace(STATUS, rule=Adam(0.25), rate_now=0.25))
        await pilot.pause()
        assert "above critical 0.2222" in lines_of(panel)[0]
        assert colors_of(panel, "above critical") == {theme_color(panel, "error")}
        panel.show(replace(STATUS, rule=Adam(0.2222), rate_now=0.2222))
        await pilot.pause()
        assert "above" not in lines_of(panel)[0]


def pieces_of(drawn: str) -> list[str]:
    """Return the pieces of a line, each with single spaces."""
    return [re.sub(" +", " ", piece.strip()) for piece in re.split(r" · |(?<=[\w…])  +(?=paused|diverged)", drawn)]


@pytest.mark.parametrize("changes", [{}, {"rule": Adam(0.25)}, {"stopped": "diverged: the loss is inf at update 517"}])
async def test_when_the_line_narrows_whole_pieces_go(changes: dict[str, object]) -> None:
    status = replace(STATUS, **changes)
    whole = {*pieces_of(await line(status, 200)), "diverged", "paused", ""}
    counts = []
    for width in range(160, 9, -10):
        pieces = pieces_of(await line(status, width))
        assert {piece for piece in pieces if not piece.endswith("…")} <= whole
        counts.append(len(pieces))
    assert counts[0] >= len(PIECES)
    # The reason of a divergence takes the place of other pieces while it fits.
    assert counts == sorted(counts, reverse=True) or "stopped" in changes


async def test_the_most_telling_pieces_stay_the_longest() -> None:
    wide, narrow, tiny = await line(STATUS, 100), await line(STATUS, 60), await line(STATUS, 24)
    assert "Adam" in wide
    assert "epoch" in wide
    assert "batch" not in wide
    assert "Adam" not in narrow
    assert "update  517" in narrow
    assert "learning rate 0.01" in narrow
    assert "update  517" in tiny
    assert "learning rate" not in tiny
    assert "paused" in tiny


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_nothing_moves_while_the_numbers_run(width: int) -> None:
    first = replace(STATUS, playing=True, epoch=1, update=1, latest=1, batch=1, critical_rate=0.5)
    last = replace(first, epoch=20, update=4200, latest=4200, batch=210, critical_rate=0.02345)
    words = [
        [
            match.start()
            for match in re.finditer("epoch|update|batch|Adam|learning|critical|playing", await line(status, width))
        ]
        for status in (first, last)
    ]
    assert words[0] == words[1]
    assert len(words[0]) >= 3


@pytest.mark.parametrize("title", ["[/]", "[bold]x[/bold]", "[@click=app.quit]x[/]", "$error", "名前"])
async def test_a_title_is_text_and_nothing_else(title: str) -> None:
    assert (await line(replace(STATUS, title=title), 160)).startswith(f" {title}".lstrip())


@pytest.mark.parametrize("field", ["title", "stopped"])
async def test_no_control_character_reaches_the_terminal(field: str) -> None:
    drawn = await line(replace(STATUS, **{field: "a\x1b[31mb\x07\r\n\u202e\ud800c"}))
    assert not has_control_characters(drawn)
    assert "a?[31mb?" in drawn


@pytest.mark.parametrize("width", [1, 2, 3, 8, 10])
async def test_tiny_terminals(width: int) -> None:
    assert len(await line(STATUS, width)) <= width


async def test_rather_than_the_optimizer_the_speed_goes() -> None:
    assert "paused, 200/s" in await line(replace(STATUS, of_batches=1, critical_rate=None), 90)
    tight = await line(replace(STATUS, of_batches=1, critical_rate=None), 76)
    assert "Adam" in tight
    assert tight.rstrip().endswith("paused")


async def test_before_the_first_status_the_line_is_empty() -> None:
    panel = StatusLine()
    async with PanelApp(panel).run_test(size=(80, 3)):
        assert lines_of(panel)[0].strip() == ""


async def test_a_schedule_is_named_where_there_is_room_and_its_rate_in_any_case() -> None:
    status = replace(STATUS, rate_now=0.0025, schedule="cosine over 40 epochs", clipping="clipped at norm 5")
    assert "learning rate 0.0025 of 0.01" in await line(status, 80)
    assert "cosine over 40 epochs" in await line(replace(status, of_batches=1), 130)
    assert "clipped at norm 5" in await line(status, 200)
