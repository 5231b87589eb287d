"""Programs of scalar operations, and the one kernel that runs them all: losses forward, gradients by a reverse sweep.

A program has a row (opcode, left, right) for every operation. Both operands are places on a tape that holds first the
variables, then the constants, then the results of the rows, in order; the last row is the loss. An operation of one
operand has it in both places. The reverse sweep goes from the last row to the first and carries the adjoint of every
place, d loss / d value (Griewank and Walther 2008, section 3.2).
"""

from __future__ import annotations

import math

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.jit import inline
from nnsim.core.surfaces import surface

# Each of the first has loops of its own, which the compiler turns into vector instructions.
ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE = range(5)
SQRT, EXP, LOG, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ABS = range(5, 18)
FIXED_POWER = 18  # the exponent is a constant, so its adjoint is not wanted
POWER, MIN, MAX = range(19, 22)


def work_per_point(variables: int, constants: int, rows: int) -> int:
    """How many numbers the kernel remembers for a point: the value and the adjoint of every place."""
    return 2 * (variables + constants + rows)


@surface
def tape_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """Runs a program for as many points at a time as `work` has room for."""
    n = points.shape[0]
    first = n + constants.size
    places = first + program.shape[0]
    block = work.size // (2 * places)
    for begin in range(0, points.shape[1], block):
        width = min(block, points.shape[1] - begin)
        values = work[: places * width].reshape(places, width)
        adjoints = work[places * width : 2 * places * width].reshape(places, width)
        for j in range(n):
            for i in range(width):
                values[j, i] = points[j, begin + i]
        for j in range(constants.size):
            for i in range(width):
                values[n + j, i] = constants[j]
        sweep_forward(program, first, values)
        sweep_back(program, first, values, adjoints)
        for i in range(width):
            losses[begin + i] = values[places - 1, i]
        for j in range(n):
            for i in range(width):
                gradients[j, begin + i] = adjoints[j, i]


@inline
def sweep_forward(program: Table, first: int, values: Matrix) -> None:
    """Compute the results of all rows, which begin at the place `first`; `values` has the shape (places, points)."""
    width = values.shape[1]
    for row in range(program.shape[0]):
        code, a, b, y = program[row, 0], program[row, 1], program[row, 2], first + row
        if code == ADD:
            for i in range(width):
                values[y, i] = values[a, i] + values[b, i]
        elif code == SUBTRACT:
            for i in range(width):
                values[y, i] = values[a, i] - values[b, i]
        elif code == MULTIPLY:
            for i in range(width):
                values[y, i] = values[a, i] * values[b, i]
        elif code == DIVIDE:
            for i in range(width):
                values[y, i] = values[a, i] / values[b, i]
        elif code == NEGATE:
            for i in range(width):
                values[y, i] = -values[a, i]
        else:
            for i in range(width):
                values[y, i] = function(code, values[a, i], values[b, i])


@inline
def sweep_back(program: Table, first: int, values: Matrix, adjoints: Matrix) -> None:
    """Compute the adjoints of all places, shape (places, points), from the last row to the first."""
    places, width = adjoints.shape
    for j in range(places):
        for i in range(width):
            adjoints[j, i] = 1.0 if j == places - 1 else 0.0
    for row in range(program.shape[0] - 1, -1, -1):
        code, a, b, y = program[row, 0], program[row, 1], program[row, 2], first + row
        if code == ADD:
            for i in range(width):
                adjoints[a, i] += adjoints[y, i]
                adjoints[b, i] += adjoints[y, i]
        elif code == SUBTRACT:
            for i in range(width):
                adjoints[a, i] += adjoints[y, i]
                adjoints[b, i] -= adjoints[y, i]
        elif code == MULTIPLY:
            for i in range(width):
                adjoints[a, i] += adjoints[y, i] * values[b, i]
                adjoints[b, i] += adjoints[y, i] * values[a, i]
        elif code == DIVIDE:
            for i in range(width):
                adjoints[a, i] += adjoints[y, i] / values[b, i]
                adjoints[b, i] -= adjoints[y, i] / values[b, i] * values[y, i]
        elif code == NEGATE:
            for i in range(width):
                adjoints[a, i] -= adjoints[y, i]
        else:
            for i in range(width):
                adjoints[a, i] += adjoints[y, i] * slope(code, values[a, i], values[b, i], values[y, i])
            if code >= POWER:
                for i in range(width):
                    adjoints[b, i] += adjoints[y, i] * second_slope(code, values[a, i], values[b, i], values[y, i])


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
