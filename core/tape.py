"""Programs of scalar operations, and the one kernel that runs them all: losses forward, gradients by a reverse sweep.

A program has a row (opcode, left, right) for every operation. Both operands are places on a tape that holds first the
variables, then the constants, then the results of the rows, in order; the last row is the loss. An operation of one
operand has it in both places. The reverse sweep goes from the last row to the first and carries the adjoint of every
place, d loss / d value (Griewank and Walther 2008, section 3.2).
"""

from __future__ import annotations

from nnsim.core import edges
from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.jit import inline
from nnsim.core.operations import ADD, DIVIDE, MULTIPLY, NEGATE, POWER, SUBTRACT, function, second_slope, slope
from nnsim.core.surfaces import surface


def work_per_point(variables: int, constants: int, rows: int) -> int:
    """How many numbers the kernel remembers for a point: of every place the value, the adjoint and, where slopes are
    to be settled, whether the loss depends on it and whether it stands still."""
    return 4 * (variables + constants + rows)


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
    for k in range(points.shape[1]):
        unsettled = 0
        for j in range(n):
            unsettled += not abs(gradients[j, k]) <= edges.LARGEST
        if unsettled and abs(losses[k]) <= edges.LARGEST:
            edges.settle(points, k, program, constants, work, gradients)


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
