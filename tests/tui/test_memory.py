"""What the app remembers: where a lab was left, which challenges were won, and how many predictions came true."""

from __future__ import annotations

from driving import PATIENCE, Driven, differences, gallery, lab

from nnsim.scenarios import library
from nnsim.scenarios.reader import find, read
from nnsim.tui.journal import Entry, Journal
from nnsim.tui.screens.lab import LabScreen
from nnsim.tui.screens.prediction import PredictionDialog

# At the learning rate 0.5 a single update leads to 500, which wins the first challenge.
WON = "One update: a loss below 0.000001, and the guess is right."
STARS = "2  One guess, 500 people  "


def kept(scenario: str = "squared-error") -> Entry:
    """What the file holds of a scenario, read by a journal of its own."""
    journal = Journal()
    journal.open()
    return journal.entry(find(scenario))


async def leave(driven: Driven) -> None:
    """Go back to the gallery, and wait until what was to be kept is kept."""
    await driven.press("escape")
    await driven.until(lambda: driven.app.screen is driven.app.gallery)
    await driven.settle()


async def enter(driven: Driven) -> None:
    """Open the scenario under the cursor of the gallery."""
    await driven.press("enter")
    await driven.ready()


# --- where a lab was left ---


async def test_a_lab_that_was_left_goes_on_where_it_was() -> None:
    async with lab("crowd") as driven:
        await driven.press("right", "right", "plus", "right", "right", "right", "left")
        before, left = driven.snapshot, driven.lab
        assert (before.status.update, before.status.latest) == (4, 5)
        await leave(driven)
        assert "continue at update 4" in driven.text
        await enter(driven)
        assert driven.lab is not left
        # Everything but the seconds that the updates took, when they were made again.
        assert set(differences(driven.snapshot, before)) <= {".chart.clock.times", ".chart.reach[1]"}
        await driven.press("right")
        assert driven.snapshot.status.update == 5


async def test_keys_that_leave_and_open_again_at_once_lose_nothing() -> None:
    async with lab("bowl") as driven:
        await driven.press("right", "right", "right")
        left = driven.lab
        driven.type("escape", "enter")
        await driven.until(lambda: isinstance(driven.app.screen, LabScreen) and driven.lab is not left)
        await driven.ready()
        assert driven.snapshot.status.update == 3


async def test_the_palette_opens_the_same_scenario_where_it_stands() -> None:
    async with lab("bowl") as driven:
        await driven.press("right", "right", "right")
        left = driven.lab
        driven.app.open_lab(find("bowl"))
        await driven.until(lambda: driven.lab is not left)
        await driven.ready()
        assert driven.snapshot.status.update == 3


async def test_leaving_and_quitting_at_once_loses_nothing() -> None:
    async with lab("bowl") as driven:
        await driven.press("right", "right", "right")
        driven.type("escape", "q")
        await driven.until(lambda: driven.app.return_code is not None)
        assert driven.app.return_code == 0
    driven.app.worker.join(PATIENCE)
    mark = kept("bowl").bookmark
    assert mark is not None
    assert mark.update == 3


async def test_n_in_the_gallery_starts_anew() -> None:
    async with lab("bowl") as driven:
        start = driven.snapshot
        await driven.press("right", "right", "plus")
        await leave(driven)
        assert "continue at update 2" in driven.text
        await driven.press("n")
        await driven.ready()
        assert differences(driven.snapshot.table, start.table) == []
        assert differences(driven.snapshot.status, start.status) == []
        await leave(driven)
        assert "continue at" not in driven.text
    assert kept("bowl").bookmark is None


async def test_quitting_keeps_the_place_for_the_next_time() -> None:
    async with lab("bowl") as driven:
        await driven.press("l")
        await driven.press("0", ".", "3", "enter")
        await driven.press("right", "right", "right", "left")
        before = driven.snapshot
        await driven.press("q")
        assert driven.app.return_code == 0
    driven.app.worker.join(PATIENCE)
    mark = kept("bowl").bookmark
    assert mark is not None
    assert (mark.update, mark.latest) == (2, 3)
    async with gallery() as driven:
        await driven.press(*["down"] * library.COURSE.index("bowl"))
        assert "continue at update 2" in driven.text
        await enter(driven)
        assert differences(driven.snapshot.table, before.table) == []
        assert differences(driven.snapshot.status, before.status) == []


# --- challenges ---


async def test_a_challenge_that_is_won_is_announced_once_and_kept() -> None:
    assert read(find("squared-error")).challenges[0].title == WON
    async with lab("squared-error") as driven:
        assert not won(driven)
        assert kept().won == {}
        await driven.press("l")
        await driven.press("0", ".", "5", "enter")
        await driven.press("right")
        assert won(driven) == [(1, WON)]
        assert announced(driven) == [WON]
        assert [*kept().won] == [WON]
        await driven.press("left")
        assert not won(driven)
        await driven.press("r", "right", "right", "right")
        assert "★" in driven.text.splitlines()[driven.lab.query_one("#timeline").region.y]
        assert won(driven) == [(1, WON)]
        assert announced(driven) == [WON]
        await leave(driven)
        assert STARS + "★☆☆" in driven.text
        await enter(driven)
        assert won(driven) == [(1, WON)]
        assert announced(driven) == [WON]
    driven.app.worker.join(PATIENCE)
    async with gallery() as driven:
        assert STARS + "★☆☆" in driven.text
        await driven.press(*["down"] * library.COURSE.index("squared-error"))
        await enter(driven)
        await driven.press("home", "right")
        assert won(driven) == [(1, WON)]
        assert announced(driven) == []


async def test_ghosts_and_futures_are_there_again() -> None:
    async with lab("squared-error") as driven:
        await driven.press("right", "right", "g", "+", "r", "right", "left", "-", "right")
        race, branches = driven.snapshot.race, driven.snapshot.branches
        assert race is not None
        assert len(branches) == 1
        await leave(driven)
        await enter(driven)
        again = driven.snapshot
        assert again.branches == branches
        assert again.race is not None
        assert [(each.label, each.loss) for each in again.race.racers] == [(e.label, e.loss) for e in race.racers]


def won(driven: Driven) -> list[tuple[int, str]]:
    """The challenges that stand on the timeline."""
    return [(mark.update, mark.label) for mark in driven.snapshot.timeline.marks if mark.kind == "won"]


def announced(driven: Driven) -> list[str]:
    """The challenges that the app has said are won."""
    words = "Challenge won: "
    notes = [note.message for note in driven.app._notifications]
    return [note.removeprefix(words) for note in notes if note.startswith(words)]


# --- predictions ---


async def predict(driven: Driven, *keys: str) -> None:
    await driven.press("p")
    assert isinstance(driven.app.screen, PredictionDialog)
    await driven.press(*keys)
    await driven.until(lambda: isinstance(driven.app.screen, LabScreen))
    await driven.settle()


def told(driven: Driven) -> list[str]:
    """What the app has said of predictions."""
    return [note.message for note in driven.app._notifications]


async def test_a_prediction_makes_the_update_and_says_what_came_of_it() -> None:
    async with lab("squared-error") as driven:
        await predict(driven, "enter", "enter")  # the next update: the loss goes down
        assert driven.snapshot.status.update == 1
        assert told(driven) == ["Right: the loss fell from 22500 to 14400."]  # 150^2 and 120^2
        assert (kept().right, kept().wrong) == (1, 0)
        await predict(driven, "enter", "down", "enter")  # the loss goes up
        assert driven.snapshot.status.update == 2
        assert told(driven)[1:] == ["No: the loss fell from 14400 to 9216."]  # 96^2
        assert (kept().right, kept().wrong) == (1, 1)
        await driven.press("p")
        assert "1 of 2 right so far." in driven.text
        await driven.press("escape")
        assert driven.snapshot.status.update == 2
        await leave(driven)
        assert "1 of 2 predictions right" in driven.text


async def test_a_bet_whose_end_was_known_does_not_count() -> None:
    async with lab("squared-error") as driven:
        await driven.press("right", "left", "p")
        assert "this one does not count" in driven.text
        await driven.press("escape")
        await predict(driven, "enter", "enter")
        assert driven.snapshot.status.update == 1
        assert told(driven) == ["Right: the loss fell from 22500 to 14400."]
        assert (kept().right, kept().wrong) == (0, 0)
        await predict(driven, "enter", "enter")  # from here on nothing is known
        assert (kept().right, kept().wrong) == (1, 0)
