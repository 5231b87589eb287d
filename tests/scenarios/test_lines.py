"""Where the values of a TOML text stand, whatever style it is written in."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsim.scenarios.lines import Keys, keys_in, line_of, line_of_depth, lines, spelled

STYLES = """# [a] = 1
a.b = 1
"a" . 'c#d' = [ # [x]
  1, [2,
  3], { k = "]", l.m = 'x' },
]
text = \"\"\"
[table]
a.b = 2 \\"\"\"
key = 3\"\"\"\"
raw = '''
[[list]] ''''
dated = 1979-05-27 07:32:00  # =

[table . "q.r"] # [table]
a = +1e-3
[[list]]
[[list]]
a = 0x1F
[list.inner]
a = "\\\\"
[[list.deep]]
a = {}
[[list.deep]]
\t"a\\u0062" = []
[table]
a = nan
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("a", "b"), 2),
        (("a", "c#d"), 3),
        (("a", "c#d", 0), 4),
        (("a", "c#d", 1), 4),
        (("a", "c#d", 1, 1), 5),
        (("a", "c#d", 2, "l", "m"), 5),
        (("text",), 7),
        (("raw",), 11),
        (("dated",), 13),
        (("table", "q.r"), 15),
        (("table", "q.r", "a"), 16),
        (("list",), 17),
        (("list", 0), 17),
        (("list", 1), 18),
        (("list", 1, "a"), 19),
        (("list", 1, "inner", "a"), 21),
        (("list", 1, "deep", 0, "a"), 23),
        (("list", 1, "deep", 1, "ab"), 25),
        (("table",), 26),
        (("table", "a"), 27),
        (("list", 1, "missing"), 18),
        (("list", 7, "a"), 17),
        (("missing", "x"), 1),
    ],
)
def test_every_key_and_entry_has_its_line(keys: Keys, line: int) -> None:
    tomllib.loads(STYLES)
    assert line_of(STYLES, keys) == line


def test_a_long_string_may_end_with_quotes_of_its_own() -> None:
    text = 'a = ["""x"""", "[",\n2]'
    assert tomllib.loads(text) == {"a": ['x"', "[", 2]}
    assert lines(text) == {(): 1, ("a",): 1, ("a", 0): 1, ("a", 1): 1, ("a", 2): 2}


KEYS = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text("a.b #[]={}\"'\\,é", max_size=5))
TEXTS = st.text("ab[]{}=,#.\"'\\ \n", max_size=12)
VALUES = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


class Writer:
    """Writes a table as TOML in styles that hypothesis draws, and notes the line of everything."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.text = ""
        self.noted: dict[Keys, int] = {(): 1}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def maybe(self, *texts: str) -> None:
        self.text += self.draw(st.sampled_from(texts))

    def key(self, key: str) -> None:
        bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
        quoted = json.dumps(key, ensure_ascii=False)
        self.maybe(*[quoted, *[f"'{key}'"] * ("'" not in key), *[key] * bare])

    def scalar(self, value: Any) -> None:
        if not isinstance(value, str):
            self.text += repr(value).lower()
            return
        raw = "'" not in value
        forms = [json.dumps(value), '"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""']
        self.maybe(*forms, *["'''" + value + "'''"] * (raw and not value.startswith("\n")))

    def value(self, place: Keys, value: Any) -> None:
        if isinstance(value, list):
            self.text += "["
            for i, inner in enumerate(value):
                self.maybe("", " ", "\n", " # ] = [\n\n\t")
                self.noted[(*place, i)] = self.line
                self.value((*place, i), inner)
                self.maybe(",", " ,", "\n,")
            self.maybe("]", "\n]")
        elif isinstance(value, dict):
            self.text += "{"
            for i, (key, inner) in enumerate(value.items()):
                self.maybe(*([", ", ","] if i else ["", " "]))
                self.pair((*place, key), inner)
            self.text += "}"
        else:
            self.scalar(value)

    def pair(self, place: Keys, value: Any) -> None:
        """key = value, or key.inner = value for a table with one key."""
        self.noted[place] = self.line
        self.key(str(place[-1]))
        while isinstance(value, dict) and len(value) == 1 and self.draw(st.booleans()):
            ((key, value),) = value.items()
            self.maybe(".", " . ")
            place = (*place, key)
            self.noted[place] = self.line
            self.key(key)
        self.maybe("=", " = ", "\t= ")
        self.value(place, value)

    def table(self, header: Keys, place: Keys, table: dict[str, Any]) -> None:
        """The keys of a table, those that get headers of their own last."""
        headed = [key for key, value in table.items() if self.headed(value) and self.draw(st.booleans())]
        for key, value in table.items():
            if key not in headed:
                self.maybe("", "\n", "# [a]\n", "\t")
                self.pair((*place, key), value)
                self.maybe("\n", " # b = 1\n")
        for key in headed:
            value, listed = table[key], isinstance(table[key], list)
            for i, each in enumerate(value if listed else [value]):
                inner = (*place, key, i) if listed else (*place, key)
                self.noted.setdefault((*place, key), self.line)
                self.noted[inner] = self.line
                self.text += "[[" if listed else "["
                for part in header:
                    self.key(str(part))
                    self.text += "."
                self.key(key)
                self.text += ("]]" if listed else "]") + "\n"
                self.table((*header, key), inner, each)

    @staticmethod
    def headed(value: Any) -> bool:
        if isinstance(value, dict):
            return True
        return isinstance(value, list) and value != [] and all(isinstance(each, dict) for each in value)


@st.composite
def written(draw: st.DrawFn) -> tuple[dict[str, Any], str, dict[Keys, int]]:
    table = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    writer = Writer(draw)
    writer.table((), (), table)
    return table, writer.text, writer.noted


@given(written())
def test_in_every_style_everything_has_the_line_on_which_it_begins(
    case: tuple[dict[str, Any], str, dict[Keys, int]],
) -> None:
    table, text, noted = case
    assert tomllib.loads(text) == table
    assert lines(text) == noted


@given(st.text("a.=[]{}\"'#,\\ \n1", max_size=40))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert set(lines(text).values()) <= set(range(1, text.count("\n") + 2))


def test_a_large_text_is_read_at_once() -> None:
    text = "data = [\n" + "[0.25, -1e-3],\n" * 15_000 + "]\n"
    assert line_of(text, ("data", 14_999, 1)) == 15_001
    assert line_of("x = '" + "a" * 250_000 + "'\ny = 1", ("y",)) == 2


def test_nesting_has_a_line() -> None:
    assert line_of_depth("a = '[[[['\n[b]\nc = [\n[{x = [1]\n", 3) == 4
    assert line_of_depth("a = [" * 9, 3) == 1


PLACES: list[tuple[Keys, str]] = [
    (("optimizer", "learning_rate"), "optimizer.learning_rate"),
    (("variants", 1, "title"), "variants[2].title"),
    (("start", 0), "start[1]"),
    (("data", "inputs", 2, 0), "data.inputs row 3, number 1"),
]


@pytest.mark.parametrize(("keys", "text"), [*PLACES, ((), "")])
def test_a_place_is_counted_from_1(keys: Keys, text: str) -> None:
    assert spelled(keys) == text
    assert keys_in(f"{text} is wrong") == (keys or ())


def test_a_row_is_called_one() -> None:
    assert spelled(("data", "inputs", 2), row=True) == "data.inputs row 3"
    assert keys_in("data.inputs row 3 has 1 number: the others have 2") == ("data", "inputs", 2)
