"""A loss surface given as text, such as `(1-x)^2 + 100*(y-x^2)^2`.

Nothing in the text is ever executed as Python: it is cut into tokens, and a parser by precedence climbing (Pratt 1973)
makes a program for the tape of them. An error is one sentence with the position, counted from 1, of what was found.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple, NoReturn

from nnsim.core import operations, tape
from nnsim.core.arrays import Table, Vector
from nnsim.core.program import OPERATIONS, Builder
from nnsim.core.surfaces import Surface

MOST_CHARACTERS = 2000
MOST_LEVELS = 64
MOST_VARIABLES = 16
LONGEST_NAME = 32
LONGEST_SHOWN = 20

CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS = {name: code for code, (name, _) in OPERATIONS.items() if name.isalpha()}

# How tightly an operator binds. A minus before an operand comes in between: -x^2 = -(x^2), but -x*y = (-x)*y.
SIGNS = {
    "+": operations.ADD,
    "-": operations.SUBTRACT,
    "*": operations.MULTIPLY,
    "/": operations.DIVIDE,
    "^": operations.POWER,
    "**": operations.POWER,
}
BINDING = {
    operations.ADD: 1,
    operations.SUBTRACT: 1,
    operations.MULTIPLY: 2,
    operations.DIVIDE: 2,
    operations.NEGATE: 3,
    operations.POWER: 4,
}

CHARACTERS = "numbers, names and + - * / ^ ( ) and commas, in ASCII"
SPACE = " \t\r\n"
NAME = "[A-Za-z][A-Za-z0-9_]*"
TOKEN = re.compile(
    rf"[{SPACE}]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{NAME})|(?P<sign>\*\*|[-+*/^(),]))"
)


class Token(NamedTuple):
    """A piece of the text, and where it begins, counted from 1."""

    kind: Literal["number", "name", "sign", "end"]
    text: str
    position: int


def formula_surface(
    text: str, names: Sequence[str] | None = None, minima: Sequence[tuple[str, tuple[float, ...]]] = ()
) -> Surface:
    """The surface L(x, y, ...) = `text`.

    The text may hold numbers, names of variables, the constants pi and e, + - * / ^ (or **) and brackets, and the
    functions sqrt, exp, log, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, abs, min and max. The variables are
    `names`, or those of the text in the order in which they appear. `minima` has a label and a position for each.

    A derivative at a kink is 0 (abs) or that of the first argument (min, max); where the loss has none, or is not
    finite, NaN or infinity comes out.

    Raises ValueError for anything else, in one sentence that begins with text, names or minima.
    """
    parser = Parser(text, names)
    program, constants = parser.program()
    variables = parser.names
    for index, (label, position) in enumerate(minima):
        if len(position) != len(variables):
            raise ValueError(
                f"minima[{index + 1}], {label}, lies at {len(position)} numbers: it takes {len(variables)}, "
                f"for {', '.join(variables)}"
            )
    return Surface(
        name="formula",
        formula=f"L({', '.join(variables)}) = {' '.join(text.split())}",
        names=tuple(variables),
        constants=constants,
        kernels=tape.tape_kernels,
        minima=tuple(sorted(minima, key=lambda minimum: minimum[1])),  # from left to right, as the tops part them
        program=program,
        work_per_point=tape.work_per_point(len(variables), len(constants), len(program)),
    )


def constant(text: str) -> float:
    """The number that a formula without variables is, such as 2/9 or 1e-3.

    Raises ValueError for anything else, in one sentence that begins with text.
    """
    return Parser(text, None).constant()


class Parser:
    """Reads a text once, from left to right. Every method raises ValueError at what has no place there."""

    def __init__(self, text: str, names: Sequence[str] | None) -> None:
        self.names = [] if names is None else checked(names)
        self._given = names is not None
        self._tokens = tokens(text)
        self._next = 0
        self._level = 0
        self._builder = Builder()

    def program(self) -> tuple[Table, Vector]:
        """The program of the whole text, and its constants."""
        result = self._whole()
        if not self.names:
            raise ValueError("text has no variable: it takes at least one, such as x")
        return self._builder.program(len(self.names), result)

    def constant(self) -> float:
        """The number that the whole text is."""
        result = self._whole()
        if self.names:
            raise ValueError(f"text has the variable {_short(self.names[0])}: it takes none")
        return self._builder.value(result)

    def _whole(self) -> int:
        result = self._expression(0)
        if self._token.kind != "end":
            self._fail_at_operator("an operator or the end")
        return result

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _expression(self, least: int) -> int:
        """Operands joined by operators that bind at least so tightly."""
        left = self._operand()
        while (code := SIGNS.get(self._token.text)) is not None and BINDING[code] >= least:
            sign = self._take()
            right = (
                self._nested(sign, BINDING[code]) if code == operations.POWER else self._expression(BINDING[code] + 1)
            )
            left = self._operation(sign, code, left, right)
        return left

    def _operand(self) -> int:
        token = self._take()
        if token.kind == "number":
            return self._constant(token)
        if token.kind == "name":
            return self._name(token)
        if token.text == "(":
            inner = self._nested(token, 0)
            self._expect(")", f"an operator or the ) for the ( at position {token.position}")
            return inner
        if token.text == "-":
            return self._operation(token, operations.NEGATE, self._nested(token, BINDING[operations.NEGATE]))
        fail(token, "where a number, a name, - or ( may stand")

    def _constant(self, token: Token) -> int:
        value = float(token.text)
        if not math.isfinite(value):
            fail(token, "which is too large: it takes numbers below 1.8e308")
        return self._builder.constant(value)

    def _name(self, token: Token) -> int:
        if len(token.text) > LONGEST_NAME:
            fail(token, f"a name of {len(token.text)} letters: it takes at most {LONGEST_NAME}")
        if token.text in FUNCTIONS:
            return self._call(token)
        if self._token.text == "(":
            fail(token, f"which is no function: it takes {', '.join(FUNCTIONS)}, or * before the (")
        if token.text in CONSTANTS:
            return self._builder.constant(CONSTANTS[token.text])
        return self._variable(token)

    def _variable(self, token: Token) -> int:
        if token.text not in self.names:
            if self._given:
                fail(token, f"which is not one of the names: it takes {', '.join([*self.names, *CONSTANTS])}")
            if len(self.names) == MOST_VARIABLES:
                fail(token, f"the {MOST_VARIABLES + 1}th variable: it takes at most {MOST_VARIABLES}")
            self.names.append(token.text)
        return self._builder.variable(self.names.index(token.text))

    def _call(self, token: Token) -> int:
        name, code = token.text, FUNCTIONS[token.text]
        if self._token.text != "(":
            fail(self._token, f"where the ( of {name} may stand")
        opening = self._take()
        arguments = [self._nested(opening, 0)]
        if code in (operations.MIN, operations.MAX):
            self._expect(",", f"an operator or the comma of {name}")
            arguments.append(self._nested(opening, 0))
        self._expect(")", f"an operator or the ) of {name}")
        return self._operation(token, code, *arguments)

    def _nested(self, opening: Token, least: int) -> int:
        """An expression one level deeper, so that no text can exhaust the stack."""
        if self._level == MOST_LEVELS:
            fail(opening, f"which is nested too deeply: it takes at most {MOST_LEVELS} levels")
        self._level += 1
        inner = self._expression(least)
        self._level -= 1
        return inner

    def _operation(self, token: Token, code: int, *operands: int) -> int:
        try:
            return self._builder.operation(code, *operands)
        except ValueError as error:
            raise ValueError(f"text at position {token.position} has {error}") from None

    def _expect(self, text: str, wanted: str) -> None:
        if self._token.text != text:
            self._fail_at_operator(wanted)
        self._take()

    def _fail_at_operator(self, wanted: str) -> NoReturn:
        """Say what may stand behind an operand; an operand there is a product without its sign."""
        token, before = self._token, self._tokens[self._next - 1]
        if token.kind in ("number", "name") or token.text == "(":
            fail(token, f"where an operator may stand: a product is written with *, {_shown(before)}*{_shown(token)}")
        fail(token, f"where {wanted} may stand")


def tokens(text: str) -> list[Token]:
    """The pieces of a text, the end included. Raises ValueError at a character that no formula has."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"text goes on after position {MOST_CHARACTERS}: it takes at most {MOST_CHARACTERS} characters, "
            f"and this one has {len(text)}"
        )
    found, place = [], 0
    while match := TOKEN.match(text, place):
        kind: Literal["number", "name", "sign"] = match.lastgroup  # type: ignore[assignment]
        found.append(Token(kind, match[kind], match.start(kind) + 1))
        place = match.end()
    rest = text[place:].lstrip(SPACE)
    position = len(text) - len(rest) + 1
    if rest:
        raise ValueError(f"text at position {position} has {_character(rest[0])}: it takes {CHARACTERS}")
    return [*found, Token("end", "", position)]


def checked(names: Sequence[str]) -> list[str]:
    """The names of variables. Raises ValueError when they are too many, or one is no name or stands there twice."""
    if not 1 <= len(names) <= MOST_VARIABLES:
        raise ValueError(f"names has {len(names)} entries: it takes 1 to {MOST_VARIABLES}")
    for index, name in enumerate(names):
        if not re.fullmatch(NAME, name) or len(name) > LONGEST_NAME or name in FUNCTIONS or name in CONSTANTS:
            raise ValueError(
                f"names[{index + 1}] is {_short(name)!a}: it takes a letter and up to {LONGEST_NAME - 1} letters, "
                "digits or _, and no function or constant"
            )
        if name in names[:index]:
            raise ValueError(f"names[{index + 1}] is {name} once more: it takes names that differ")
    return list(names)


def fail(token: Token, problem: str) -> NoReturn:
    """Raise the ValueError about a token."""
    place = f"at position {token.position}"
    raise ValueError(
        f"text ends {place}, {problem}" if token.kind == "end" else f"text {place} has {_shown(token)}, {problem}"
    )


def _shown(token: Token) -> str:
    return "a comma" if token.text == "," else _short(token.text)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _character(character: str) -> str:
    """A character by itself where it is one of ASCII that prints, else by its code point and Unicode name."""
    if "!" <= character <= "~":
        return character
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
