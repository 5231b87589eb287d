"""The operations of a program for the tape: their opcodes, the value of each, and its slopes."""

from __future__ import annotations

import math

from nnsim.core.jit import inline

# Each of the first has loops of its own, which the compiler turns into vector instructions.
ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE = range(5)
SQRT, EXP, LOG, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ABS = range(5, 18)
FIXED_POWER = 18  # the exponent is a constant, so its adjoint is not wanted
POWER, MIN, MAX = range(19, 22)


@inline
def takes_two(code: int) -> bool:
    """Whether the second operand of an operation is one of its own, whose adjoint is wanted."""
    return code <= DIVIDE or code >= POWER


@inline
def value(code: int, a: float, b: float) -> float:
    """The result of any operation."""
    if code == ADD:
        return a + b
    if code == SUBTRACT:
        return a - b
    if code == MULTIPLY:
        return a * b
    if code == DIVIDE:
        return a / b
    if code == NEGATE:
        return -a
    return function(code, a, b)


@inline
def function(code: int, a: float, b: float) -> float:
    """The value of a function, or of a power; a NaN survives min and max."""
    if code == SQRT:
        return math.sqrt(a)
    if code == EXP:
        return math.exp(a)
    if code == LOG:
        return math.log(a)
    if code == SIN:
        return math.sin(a)
    if code == COS:
        return math.cos(a)
    if code == TAN:
        return math.tan(a)
    if code == ASIN:
        return math.asin(a)
    if code == ACOS:
        return math.acos(a)
    if code == ATAN:
        return math.atan(a)
    if code == SINH:
        return math.sinh(a)
    if code == COSH:
        return math.cosh(a)
    if code == TANH:
        return math.tanh(a)
    if code == ABS:
        return abs(a)
    if code == MIN:
        return a if a <= b or a != a else b
    if code == MAX:
        return a if a >= b or a != a else b
    return math.pow(a, b)


@inline
def any_slope(code: int, a: float, b: float, y: float) -> float:
    """dy/da of any operation."""
    if code in (ADD, SUBTRACT):
        return 1.0
    if code == MULTIPLY:
        return b
    if code == DIVIDE:
        return 1.0 / b
    if code == NEGATE:
        return -1.0
    return slope(code, a, b, y)


@inline
def any_second_slope(code: int, a: float, b: float, y: float) -> float:
    """dy/db of any operation of two operands."""
    if code == ADD:
        return 1.0
    if code == SUBTRACT:
        return -1.0
    if code == MULTIPLY:
        return a
    if code == DIVIDE:
        return -y / b
    return second_slope(code, a, b, y)


@inline
def slope(code: int, a: float, b: float, y: float) -> float:
    """dy/da, where y is the value of the function. A kink has the slope 0 (abs), or that of the first argument."""
    if code == SQRT:
        return 0.5 / y
    if code == EXP:
        return y
    if code == LOG:
        return 1.0 / a
    if code == SIN:
        return math.cos(a)
    if code == COS:
        return -math.sin(a)
    if code == TAN:
        return 1.0 + y * y
    if code == ASIN:
        return 1.0 / math.sqrt((1.0 - a) * (1.0 + a))
    if code == ACOS:
        return -1.0 / math.sqrt((1.0 - a) * (1.0 + a))
    if code == ATAN:
        return 1.0 / (1.0 + a * a)
    if code == SINH:
        return math.cosh(a)
    if code == COSH:
        return math.sinh(a)
    if code == TANH:
        return 1.0 / math.cosh(a) ** 2.0  # 1 - y^2 would lose its digits where y is near 1
    if code == ABS:
        return math.copysign(1.0, a) if a != 0.0 else 0.0
    if code == MIN:
        return 1.0 if a <= b else 0.0
    if code == MAX:
        return 1.0 if a >= b else 0.0
    return b * math.pow(a, b - 1.0) if b != 0.0 else 0.0


@inline
def second_slope(code: int, a: float, b: float, y: float) -> float:
    """dy/db of a function of two arguments; that of 0^b is 0 for b > 0."""
    if code == MIN:
        return 0.0 if a <= b else 1.0
    if code == MAX:
        return 0.0 if a >= b else 1.0
    return y * math.log(a) if a != 0.0 or b <= 0.0 else 0.0
