"""docs/scenarios.md names every key and every kind that a scenario file may have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import inspect

from nnsim.scenarios.remark import PLACEHOLDERS
from nnsim.scenarios.schema import Scenario

DOCUMENT = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")


def words_of(kind: inspect.Type) -> Iterator[str]:
    """The keys, kinds and choices below a type of the schema."""
    match kind:
        case inspect.Metadata():
            yield from words_of(kind.type)
        case inspect.UnionType():
            for member in kind.types:
                yield from words_of(member)
        case inspect.ListType():
            yield from words_of(kind.item_type)
        case inspect.LiteralType():
            yield from (value for value in kind.values if isinstance(value, str))
        case inspect.StructType():
            if isinstance(kind.tag, str):
                yield kind.tag
            for field in kind.fields:
                yield field.encode_name
                yield from words_of(field.type)


@pytest.mark.parametrize("word", sorted({*words_of(inspect.type_info(Scenario)), *PLACEHOLDERS}))
def test_every_word_of_a_scenario_file_is_documented(word: str) -> None:
    quoted = (f"`{word}`", f"`{{{word}}}`", f'"{word}"', f"{{ {word}", f", {word} }}", f"{word},")
    assert any(form in DOCUMENT for form in quoted)
