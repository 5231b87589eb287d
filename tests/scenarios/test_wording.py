"""How numbers, found values and types are put into words."""

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, inspect

from nnsim.scenarios import fields, schema, surfaces
from nnsim.scenarios.text import found, number, printable
from nnsim.scenarios.wording import describe


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.1, "0.1"), (-0.0, "0"), (22500.0, "22500"), (1 / 3, "0.333333"), (1e-9, "1e-09"), (float("inf"), "inf")],
)
def test_a_number_has_six_digits_and_nothing_to_spare(value: float, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (-0.1, "-0.1"),
        ("fast", '"fast"'),
        ({"a": 1}, "a table"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
        ("two\nlines \x1b[31m", '"two lines ?[31m"'),
        ("x" * 100, '"' + "x" * 36 + "..."),
        pytest.param(10**5000, "a number of more than 38 digits", id="huge"),
    ],
)
def test_what_was_found_is_short_and_on_one_line(value: object, words: str) -> None:
    assert found(value) == words


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("W1[2,1] = ∇L", "W1[2,1] = ∇L"),
        ("[/] {x} \\n", "[/] {x} \\n"),
        ("a\tb\r\nc", "a b  c"),
        ("\x1b[31mred\x07", "?[31mred?"),
        ("right\u202eleft", "right?left"),
        ("half \udcff", "half ?"),
    ],
)
def test_printable_text_has_no_control_characters(text: str, safe: str) -> None:
    assert printable(text) == safe


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (bool, "true or false"),
        (int, "a whole number"),
        (fields.Width, "a whole number of at least 1 and at most 4096"),
        (fields.Fraction, "a number of at least 0 and below 1"),
        (fields.Positive, "a number above 0"),
        (str, "text"),
        (fields.Line, "text of 1 to 200 characters"),
        (Literal["a", "b", "c"], '"a", "b" or "c"'),
        (list[int], "a list of whole numbers"),
        (fields.Values, "a list of 1 or more numbers"),
        (fields.Rows, "a list of 1 or more lists of 1 or more numbers"),
        (Annotated[list[float], Meta(min_length=2, max_length=2)], "a list of 2 numbers"),
        (Annotated[list[int], Meta(min_length=2, max_length=9)], "a list of 2 to 9 whole numbers"),
        (list[schema.Variant], "a list of tables with title, set"),
        (dict[str, int], "a table"),
        (surfaces.Bowl, 'a table with kind = "bowl"'),
        (surfaces.Surface, 'a table whose kind is "squared_error", "bowl", "double_well", "named" or "formula"'),
        (fields.Count | Literal["full"], 'a whole number of at least 1 and at most 100000000 or "full"'),
        (float | None, "a number"),
    ],
)
def test_a_type_is_described_by_what_it_takes(kind: Any, words: str) -> None:
    assert describe(inspect.type_info(kind)) == words
