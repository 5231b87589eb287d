"""Arithmetic that writes itself down: a number beside how it came about, in symbols and in digits.

Both texts are Python expressions, so whoever doubts a result can have it computed again, to the last digit. The
operations are those of float64 and follow the text from left to right: nothing is rearranged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnsim.core.jit import kernel, scalar

SUM, PRODUCT, POWER, ATOM = range(4)
FORMS = ("symbols", "digits")


@dataclass(frozen=True)
class Written:
    """A number, the formula it came from, and the same with the numbers put in. `binding` is how tightly the last
    operation binds, for the parentheses of the next one."""

    value: float
    symbols: str
    digits: str
    binding: int = ATOM

    def __add__(self, other: Written | float) -> Written:
        right = _of(other)
        return _joined(self, "+", right, SUM, self.value + right.value)

    def __radd__(self, other: float) -> Written:
        return _of(other) + self

    def __sub__(self, other: Written | float) -> Written:
        right = _of(other)
        return _joined(self, "-", right, SUM, self.value - right.value)

    def __rsub__(self, other: float) -> Written:
        return _of(other) - self

    def __mul__(self, other: Written | float) -> Written:
        right = _of(other)
        return _joined(self, "*", right, PRODUCT, self.value * right.value)

    def __rmul__(self, other: float) -> Written:
        return _of(other) * self

    def __truediv__(self, other: Written | float) -> Written:
        right = _of(other)
        return _joined(self, "/", right, PRODUCT, quotient(self.value, right.value))

    def __rtruediv__(self, other: float) -> Written:
        return _of(other) / self


def written(symbol: str, value: float) -> Written:
    """A number under its name."""
    return Written(value, symbol, digits(value))


def called(name: str, value: float, *arguments: Written) -> Written:
    """A function of some numbers, with its value."""
    symbols, numbers = (", ".join(getattr(each, form) for each in arguments) for form in FORMS)
    return Written(value, f"{name}({symbols})", f"{name}({numbers})")


def power(base: Written, exponent: Written) -> Written:
    """base^exponent, by the power function that kernels use: Python's may differ in the last digit."""
    symbols, numbers = (f"{_text(base, form, ATOM)}**{_text(exponent, form, ATOM, right=True)}" for form in FORMS)
    return Written(power_kernel(base.value, exponent.value), symbols, numbers, POWER)


def root(x: Written) -> Written:
    """The square root; NaN where there is none, as in a kernel."""
    return called("sqrt", math.nan if x.value < 0.0 else math.sqrt(x.value), x)


def larger(first: Written, second: Written) -> Written:
    return called("max", max(first.value, second.value), first, second)


def smaller(first: Written, second: Written) -> Written:
    return called("min", min(first.value, second.value), first, second)


def size(x: Written) -> Written:
    return called("abs", abs(x.value), x)


def sign(x: Written) -> Written:
    """-1, 0 or 1, but NaN for NaN."""
    value = 1.0 if x.value > 0.0 else -1.0 if x.value < 0.0 else x.value
    return called("sign", value, x)


def digits(value: float) -> str:
    """The shortest text that gives this very number back; a whole number without a point, and 0 rather than -0."""
    return repr(float(value) + 0.0).removesuffix(".0")


def quotient(dividend: float, divisor: float) -> float:
    """The quotient as float64 has it: by 0 it is infinite or NaN."""
    if divisor != 0.0:
        return dividend / divisor
    if dividend == 0.0 or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


@kernel(scalar(scalar, scalar))
def power_kernel(base: float, exponent: float) -> float:
    return base**exponent


def _of(number: Written | float) -> Written:
    return number if isinstance(number, Written) else written(digits(number), number)


def _joined(left: Written, operator: str, right: Written, level: int, value: float) -> Written:
    symbols, numbers = (
        f"{_text(left, form, level)} {operator} {_text(right, form, level + 1, right=True)}" for form in FORMS
    )
    return Written(value, symbols, numbers, level)


def _text(operand: Written, form: str, level: int, right: bool = False) -> str:
    """The text of an operand, in parentheses where it binds less tightly than `level`, or would begin with a sign."""
    text: str = getattr(operand, form)
    return f"({text})" if operand.binding < level or (right and text.startswith("-")) else text
