"""From the operations of a formula to a program for the tape: constants are folded, equal values are computed once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from nnsim.core import operations
from nnsim.core.arrays import Table, Vector

MOST_OPERATIONS = 512
HIGHEST_PRODUCT = 16  # up to here an integer power is a product of squares, so that x^2 is exact

# Every operation by its opcode: its name, and how Python computes it.
OPERATIONS: dict[int, tuple[str, Callable[..., float]]] = {
    operations.ADD: ("+", operator.add),
    operations.SUBTRACT: ("-", operator.sub),
    operations.MULTIPLY: ("*", operator.mul),
    operations.DIVIDE: ("/", operator.truediv),
    operations.NEGATE: ("-", operator.neg),
    operations.POWER: ("^", math.pow),
    operations.SQRT: ("sqrt", math.sqrt),
    operations.EXP: ("exp", math.exp),
    operations.LOG: ("log", math.log),
    operations.SIN: ("sin", math.sin),
    operations.COS: ("cos", math.cos),
    operations.TAN: ("tan", math.tan),
    operations.ASIN: ("asin", math.asin),
    operations.ACOS: ("acos", math.acos),
    operations.ATAN: ("atan", math.atan),
    operations.SINH: ("sinh", math.sinh),
    operations.COSH: ("cosh", math.cosh),
    operations.TANH: ("tanh", math.tanh),
    operations.ABS: ("abs", abs),
    operations.MIN: ("min", min),
    operations.MAX: ("max", max),
}

VARIABLE, CONSTANT = -1, -2
Row: TypeAlias = tuple[int, int, int]


class Builder:
    """Collects the values that a formula is made of, and gives each a number; equal values have the same one."""

    def __init__(self) -> None:
        self._rows: list[Row] = []  # (opcode, operands), or a leaf: (VARIABLE or CONSTANT, index, 0)
        self._numbers: dict[Row, int] = {}
        self._constants: dict[str, int] = {}
        self._values: list[float] = []
        self._operations = 0

    def variable(self, index: int) -> int:
        """The number of a variable."""
        return self._number((VARIABLE, index, 0))

    def constant(self, value: float) -> int:
        """The number of a constant."""
        index = self._constants.setdefault(repr(value), len(self._values))  # the text tells -0 from 0
        if index == len(self._values):
            self._values.append(value)
        return self._number((CONSTANT, index, 0))

    def operation(self, code: int, *operands: int) -> int:
        """The number of what an operation makes of one or two values.

        Raises ValueError when that is a constant and not finite, and for more than 512 operations.
        """
        if all(self._rows[operand][0] == CONSTANT for operand in operands):
            return self.constant(folded(code, [self.value(operand) for operand in operands]))
        left, right = operands[0], operands[-1]
        fixed = code == operations.POWER and self._rows[right][0] == CONSTANT
        result = self._fixed_power(left, right) if fixed else self._number((code, left, right))
        if self._operations > MOST_OPERATIONS:
            raise ValueError(f"operation {MOST_OPERATIONS + 1}: it takes at most {MOST_OPERATIONS}")
        return result

    def program(self, variables: int, result: int) -> tuple[Table, Vector]:
        """The rows and constants of a program that computes a value, for that many variables."""
        if self._rows[result][0] < 0:
            result = self._number((operations.ADD, result, self.constant(0.0)))
        used = self._used_by(result)
        constants = [number for number in used if self._rows[number][0] == CONSTANT]
        results = [number for number in used if self._rows[number][0] >= 0]
        places = {number: place for place, number in enumerate([*constants, *results], variables)}
        places |= {number: self._rows[number][1] for number in used if self._rows[number][0] == VARIABLE}
        rows = [(code, places[a], places[b]) for code, a, b in (self._rows[number] for number in results)]
        return np.array(rows, dtype=np.int64), np.array([self.value(number) for number in constants])

    def _number(self, row: Row) -> int:
        if row not in self._numbers:
            self._operations += row[0] >= 0
            self._numbers[row] = len(self._rows)
            self._rows.append(row)
        return self._numbers[row]

    def value(self, number: int) -> float:
        """What a constant with that number is."""
        return self._values[self._rows[number][1]]

    def _fixed_power(self, base: int, exponent: int) -> int:
        power = self.value(exponent)
        if power == 0.0:
            return self.constant(1.0)
        if power.is_integer() and 1.0 <= power <= HIGHEST_PRODUCT:
            return self._product(base, int(power))
        return self._number((operations.FIXED_POWER, base, exponent))

    def _product(self, base: int, power: int) -> int:
        if power == 1:
            return base
        half = self._product(base, power // 2)
        square = self._number((operations.MULTIPLY, half, half))
        return self._number((operations.MULTIPLY, square, base)) if power % 2 else square

    def _used_by(self, result: int) -> list[int]:
        """The numbers of all values that a value is made of, itself included, in order."""
        used = {result}
        for number in range(result, -1, -1):
            code, left, right = self._rows[number]
            if number in used and code >= 0:
                used |= {left, right}
        return sorted(used)


def folded(code: int, operands: list[float]) -> float:
    """What an operation makes of constants. Raises ValueError when that is not a finite number."""
    _, compute = OPERATIONS[code]
    try:
        value = compute(*operands)
    except (ArithmeticError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{written(code, operands)}, which is not a finite number")
    return value


def written(code: int, operands: list[float]) -> str:
    """An operation as somebody would write it, such as 1 / 0; of two operands an operation of one takes the first."""
    name, _ = OPERATIONS[operations.POWER if code == operations.FIXED_POWER else code]
    if operations.NEGATE <= code <= operations.ABS:
        operands = operands[:1]
    numbers = [f"{operand:g}" for operand in operands]
    if name.isalpha():
        return f"{name}({', '.join(numbers)})"
    return f" {name} ".join(f"({number})" if number.startswith("-") else number for number in numbers)
