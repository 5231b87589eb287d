"""The dialogs of the lab: what is taken, what is refused and how, and what the dots point at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from driving import Driven, gallery, lab
from textual.widgets import Input, OptionList, Static
from twin import OPTIMIZERS

from nnsim.core import optimizers as core
from nnsim.core.optimizers import SGD
from nnsim.scenarios.ladder import on_ladder
from nnsim.scenarios.reader import find
from nnsim.tui.screens.dialogs import TypedDialog, parse_rate, parse_setting


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.05", 0.05),
        ("0", 0.0),
        (" 1e-3 ", 1e-3),
        ("1e308", 1e308),
        (".5", 0.5),
        ("2/9", 2 / 9),
        ("0.1*2", 0.2),
        ("2*sqrt(1/16)", 0.5),
    ],
)
def test_a_rate_is_a_finite_number_of_at_least_0(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    ["nan", "-1", "inf", "-inf", "1e999", "", " ", "fast", "0.1.2", "\x1b[31m", "-1e-9", "1/0", "2*x", "1-2", "2,5"],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no learning rate: it takes a finite number of at least 0") as refusal:
        parse_rate(text)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("momentum 0.25", {"momentum": 0.25}),
        (" momentum=.5 ", {"momentum": 0.5}),
        ("momentum = 1e-3", {"momentum": 0.001}),
        ("momentum = 1/2 + 0.1", {"momentum": 0.6}),
        ("nesterov true", {"nesterov": True}),
        ("nesterov=false", {"nesterov": False}),
        ("weight_decay 0", {"weight_decay": 0.0}),
    ],
)
def test_a_setting_has_a_name_and_a_value(text: str, setting: dict[str, Any]) -> None:
    rule = SGD(0.1, momentum=0.9)
    assert parse_setting(text, rule) == replace(rule, **setting)


HAS = "it has momentum, nesterov, dampening, weight_decay."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f'"" is no setting of this optimizer: {HAS}'),
        ("0.5", f'"0.5" is no setting of this optimizer: {HAS}'),
        ("momentum", 'momentum is "": it takes a number, such as 0.5 or 1/2.'),
        ("momentum fast", 'momentum is "fast": it takes a number, such as 0.5 or 1/2.'),
        ("nesterov 1", 'nesterov is "1": it takes true or false.'),
        ("momentum 1", "momentum is 1.0: it takes a finite number of at least 0 and below 1."),
        ("momentum nan", 'momentum is "nan": it takes a number, such as 0.5 or 1/2.'),
        ("momentum 1/0", 'momentum is "1/0": it takes a number, such as 0.5 or 1/2.'),
        ("momentum 3/2", "momentum is 1.5: it takes a finite number of at least 0 and below 1."),
        ("beta1 \x1b[31m", f'"beta1" is no setting of this optimizer: {HAS}'),
    ],
)
def test_no_other_setting_is_taken(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="it") as refusal:
        parse_setting(text, SGD(0.1))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("rate", "up", "down"),
    [(0.1, 0.2, 0.05), (0.2, 0.5, 0.1), (0.5, 1.0, 0.2), (0.3, 0.5, 0.2), (1e-12, 2e-12, 1e-12), (0.0, 1e-12, 0.0)],
)
def test_the_ladder_has_the_rungs_1_2_5(rate: float, up: float, down: float) -> None:
    assert on_ladder(rate, 1) == up
    assert on_ladder(rate, -1) == down


def test_the_ladder_ends_where_it_ends() -> None:
    assert on_ladder(1e308, 1) == 1e308
    assert on_ladder(1e308, -1) == 5e8


async def test_typing_a_momentum() -> None:
    async with lab("bowl") as driven:
        for text in ("momentum 1", "momentum nan", "nesterov true"):
            await driven.press("O")
            await driven.press(*text, "enter")
            assert isinstance(driven.app.screen, TypedDialog)
            assert str(driven.app.screen.query_one("#error", Static).content).endswith(".")
            await driven.press("escape")
            assert driven.snapshot.status.optimizer == "SGD"
        values = driven.snapshot.table.values.copy()
        await driven.press("O")
        await driven.press(*"momentum=0.25", "enter")
        assert driven.snapshot.status.optimizer == "SGD momentum 0.25"
        slopes = []
        for _ in range(2):
            slopes.append(driven.snapshot.table.gradients)
            await driven.press("right")
        steps = 0.1 * slopes[0] + 0.1 * (0.25 * slopes[0] + slopes[1])
        assert driven.snapshot.table.values == pytest.approx(values - steps, rel=1e-14)


async def test_typing_learning_rates() -> None:
    async with lab("bowl") as driven:
        for text in ("nan", "-1", "fast", "", "inf"):
            await driven.press("l")
            await driven.press(*text, "enter")
            assert f'"{text}" is no learning rate' in " ".join(driven.text.split())
            await driven.press("5")
            assert "is no learning rate" not in driven.text
            await driven.press("escape")
            assert driven.snapshot.status.learning_rate == 0.1
        for text in ("1e308", "0", "0.25"):
            await driven.press("l")
            assert "Above 2 steps along the sharpest direction grow." in driven.text
            await driven.press(*text, "enter")
            assert driven.snapshot.status.learning_rate == float(text)
        await driven.press("right")
        assert driven.snapshot.table.values.tolist() == [1.0, 0.75]


async def test_pasting_text_with_escape_characters_is_refused_in_plain_text() -> None:
    async with lab("bowl") as driven:
        await driven.press("l")
        driven.app.screen.query_one(Input).value = "[/]\x1b]0;x\x07"
        await driven.press("enter")
        assert '"[/]?]0;x?" is no learning rate' in driven.text


async def test_keys_in_a_dialog_do_not_reach_the_lab() -> None:
    async with lab("bowl") as driven:
        await driven.press("l")
        await driven.press("r", "e", "q", "right", "space")
        assert driven.app.return_code is None
        await driven.press("escape")
        assert driven.snapshot.status.latest == 0


async def test_the_present_optimizer_carries_the_dot_and_the_cursor() -> None:
    async with lab("bowl") as driven:
        for chosen, state in (
            ("SGD momentum 0.9", ("velocity",)),
            ("Nesterov 0.9", ("velocity",)),
            ("Adagrad", ("h",)),
            ("RMSprop", ("v",)),
        ):
            await driven.press("o")
            await driven.press("down", "enter")
            assert driven.snapshot.status.optimizer == chosen
            assert tuple(name for name, _ in driven.snapshot.table.state) == state
            await driven.press("o")
            assert f"● {chosen}" in driven.text
            await driven.press("escape")
        assert driven.snapshot.status.learning_rate == 0.1


async def test_every_optimizer_is_offered_under_its_label() -> None:
    async with lab("bowl") as driven:
        await driven.press("o")
        options = driven.app.screen.query_one(OptionList).options
        assert [str(option.prompt).removeprefix("●").strip() for option in options] == list(OPTIMIZERS)
    assert {rule.name for rule in OPTIMIZERS.values()} == set(core.OPTIMIZERS)
    assert [rule.label for rule in OPTIMIZERS.values()] == list(OPTIMIZERS)


async def test_an_optimizer_of_the_scenario_s_own_stands_first_and_taking_it_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("own") / "own.toml"
    file.write_text(find("bowl").read_text().replace('kind = "sgd"', 'kind = "sgd"\nmomentum = 0.3', 1))
    async with lab(file) as driven:
        assert driven.snapshot.status.optimizer == "SGD momentum 0.3"
        await driven.press("o")
        options = driven.app.screen.query_one(OptionList).options
        assert [str(option.prompt) for option in options[:2]] == ["● SGD momentum 0.3", "  SGD"]
        await driven.press("enter")
        await driven.settle()
        assert driven.snapshot.status.optimizer == "SGD momentum 0.3"


async def test_batch_sizes_are_powers_of_two_and_the_whole_set() -> None:
    async with lab("two-minima") as driven:
        await driven.press("b")
        assert batch_sizes(driven) == ["1", "2", "4", "8", "16", "32", "64", "128", "256, the whole training set"]
        assert "● 256, the whole training set" in driven.text
        await driven.press("home", "enter")
        assert (driven.snapshot.status.batch_size, driven.snapshot.status.of_batches) == (1, 256)


def batch_sizes(driven: Driven) -> list[str]:
    options = driven.app.screen.query_one(OptionList).options
    return [str(option.prompt).removeprefix("●").strip() for option in options]


async def test_a_surface_without_samples_offers_one_batch_size() -> None:
    async with lab("bowl") as driven:
        await driven.press("b")
        assert batch_sizes(driven) == ["1, the whole training set"]


@pytest.mark.parametrize(
    ("typed", "size"), [("4", 4), ("16", 16), ("128", 128), ("94", 4), ("z4", 4), ("256", 256), ("1", 1)]
)
async def test_what_is_typed_leads_to_the_choice_that_begins_so(typed: str, size: int) -> None:
    async with lab("escape") as driven:
        await driven.press("b")
        await driven.press(*typed, "enter")
        assert driven.snapshot.status.batch_size == size
        await driven.press("o")
        await driven.press("A", "d", "a", "m", "w", "enter")
        assert driven.snapshot.status.optimizer == "AdamW"


@pytest.mark.parametrize(
    ("typed", "optimizer"),
    [
        ("momentum", "SGD momentum 0.9"),
        ("n", "Nesterov 0.9"),
        ("centered", "RMSprop centered"),
        ("sgd m", "SGD momentum 0.9"),
    ],
)
async def test_a_word_within_a_name_leads_to_it_as_well(typed: str, optimizer: str) -> None:
    async with lab("bowl") as driven:
        await driven.press("o")
        await driven.press(*("space" if key == " " else key for key in typed), "enter")
        assert driven.snapshot.status.optimizer == optimizer


@pytest.mark.parametrize("key", ["l", "o", "b", "?"])
async def test_a_dialog_that_is_open_survives_any_size(key: str) -> None:
    async with lab("two-minima") as driven:
        await driven.press(key)
        for size in ((10, 3), (1, 1), (40, 10), (200, 60)):
            await driven.pilot.resize_terminal(*size)
            await driven.settle()
        await driven.press("escape")
        assert driven.app.screen is driven.lab


async def test_a_run_goes_on_under_a_dialog() -> None:
    async with gallery(find("crowd")) as driven:
        await driven.ready()
        await driven.press("space", "l")
        begin = driven.snapshot.status.update
        await driven.until(lambda: driven.snapshot.status.update > begin)
        await driven.press(*"0.01", "enter")
        assert driven.snapshot.status.learning_rate == 0.01
        assert driven.snapshot.status.playing
