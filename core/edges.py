"""The slopes of a program at points where the plain reverse sweep meets an infinity, or 0 times one.

There it says inf or NaN, and the loss may have a slope nevertheless. A second sweep, of one point, settles what is
certain: the argument that min or max does not take carries nothing, and neither does an adjoint of 0 through a value
that has overflowed, as exp(800) in 1 / (1 + exp(800)). What is left of the kind of sqrt(x)^2 at 0 is a limit, taken
along the variable's own axis from the sides where the loss is a number; where the sides do not agree there is no slope,
and NaN stays. A value that stands still wherever the variables go, as x - x or tanh(800), carries no infinite slope to
what it is made of.
"""

from __future__ import annotations

import math

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.jit import inline
from nnsim.core.operations import DIVIDE, MAX, MIN, any_second_slope, any_slope, takes_two, value

LARGEST = 1.7976931348623157e308
NEAR = 2.0**-40  # how far beside a point its limit is first looked for, as a share of the coordinate
APART = 16.0  # how many times as far the second look is, and the third again
FURTHER = 1024.0  # the same for values that stand still: cos(x) does not, although it is 1 at 2^-40 and at 2^-30
LEVEL, SHRINKING, AGREEING = 1e-9, 0.9, 1e-6


@inline
def settle(points: Matrix, k: int, program: Table, constants: Vector, work: Vector, gradients: Matrix) -> None:
    """Put a slope where the gradient of point k is not finite and the loss has a slope."""
    n = points.shape[0]
    first = n + constants.size
    places = first + program.shape[0]
    values, adjoints = work[:places], work[places : 2 * places]
    reached, still = work[2 * places : 3 * places], work[3 * places : 4 * places]
    for j in range(n):
        values[j] = points[j, k]
    for j in range(constants.size):
        values[n + j] = constants[j]
    forward(program, first, values)
    find_still(program, first, n, values, adjoints, still)
    back(program, first, values, adjoints, reached, still)
    for j in range(n):
        if not abs(gradients[j, k]) <= LARGEST:
            gradients[j, k] = adjoints[j]
    for j in range(n):
        if not abs(gradients[j, k]) <= LARGEST:
            slope = limit(program, first, values, adjoints, reached, still, j)
            gradients[j, k] = slope if slope == slope else gradients[j, k]


@inline
def forward(program: Table, first: int, values: Vector) -> None:
    for row in range(program.shape[0]):
        values[first + row] = value(program[row, 0], values[program[row, 1]], values[program[row, 2]])


@inline
def back(program: Table, first: int, values: Vector, adjoints: Vector, reached: Vector, still: Vector) -> None:
    """The adjoints of the places that the loss depends on, by the branches that are taken; `reached` marks them, and
    `still` those to which only a finite adjoint goes."""
    for j in range(adjoints.size):
        adjoints[j] = reached[j] = 1.0 if j == adjoints.size - 1 else 0.0
    for row in range(program.shape[0] - 1, -1, -1):
        code, a, b, y = program[row, 0], program[row, 1], program[row, 2], first + row
        if not reached[y]:
            continue
        left, right, adjoint = values[a], values[b], adjoints[y]
        if code in (MIN, MAX):
            taken = a if any_slope(code, left, right, values[y]) else b
            adjoints[taken] += adjoint
            reached[taken] = 1.0
            continue
        overflowed = abs(values[y]) > LARGEST and (right if code == DIVIDE else left) != 0.0
        reached[a] = reached[b] = 1.0
        if not (adjoint == 0.0 and overflowed):
            carry(adjoint * any_slope(code, left, right, values[y]), a, adjoints, still)
            if takes_two(code):
                carry(adjoint * any_second_slope(code, left, right, values[y]), b, adjoints, still)


@inline
def carry(share: float, place: int, adjoints: Vector, still: Vector) -> None:
    if not still[place] or abs(share) <= LARGEST:
        adjoints[place] += share


@inline
def limit(
    program: Table, first: int, values: Vector, adjoints: Vector, reached: Vector, still: Vector, j: int
) -> float:
    """The slope along variable j that both sides lead to, or the one side where the loss is a number; else NaN."""
    x = values[j]
    distance = NEAR * (abs(x) if x != 0.0 else 1.0)
    right, above, spread = one_sided(program, first, values, adjoints, reached, still, j, distance)
    left, below, other = one_sided(program, first, values, adjoints, reached, still, j, -distance)
    if above != above:
        return left
    if below != below:
        return right
    return 0.5 * (left + right) if abs(right - left) <= AGREEING * max(spread, other) else math.nan


@inline
def one_sided(
    program: Table,
    first: int,
    values: Vector,
    adjoints: Vector,
    reached: Vector,
    still: Vector,
    j: int,
    distance: float,
) -> tuple[float, float, float]:
    """The limit of the slope along variable j from one side, NaN where it has none or the loss jumps; the loss beside
    the point; and how large the slopes there are. `values` are those at the point, also in the end.

    Three slopes at distances h, 16 h and 256 h that differ as powers of h do lead to what Aitken's delta-squared
    process makes of them (Aitken 1926), exactly so for c + d h^p.
    """
    x, loss = values[j], values[values.size - 1]
    third = slope_at(program, first, values, adjoints, reached, still, j, x + distance * APART * APART)
    far = values[values.size - 1]
    second = slope_at(program, first, values, adjoints, reached, still, j, x + distance * APART)
    nearest = slope_at(program, first, values, adjoints, reached, still, j, x + distance)
    near = values[values.size - 1]
    values[j] = x
    forward(program, first, values)
    size = abs(third) + abs(nearest)
    gap = abs(near - loss)
    if gap > 0.5 * abs(far - loss) and gap > LEVEL * max(1.0, abs(loss)):
        return math.nan, near, size
    change, before = nearest - second, second - third
    if abs(change) <= LEVEL * abs(nearest):
        return nearest, near, size
    if not abs(change) < SHRINKING * abs(before):
        return math.nan, near, size
    return nearest - change * change / (change - before), near, size


@inline
def find_still(program: Table, first: int, n: int, values: Vector, there: Vector, still: Vector) -> None:
    """Put 1 to the places whose value stays as it is where all n variables move, each at its own pace, some way up or
    down, else 0; `there` is room for values. One that is no number there has no say."""
    for place in range(values.size):
        still[place] = 1.0
    share = NEAR
    for _ in range(3):
        for side in (-1.0, 1.0):
            for place in range(first):
                pace = side * (1.0 + place) if place < n else 0.0
                there[place] = values[place] + pace * share * max(1.0, abs(values[place]))
            forward(program, first, there)
            for place in range(values.size):
                if abs(there[place] - values[place]) > 0.0:
                    still[place] = 0.0
        share *= FURTHER


@inline
def slope_at(
    program: Table, first: int, values: Vector, adjoints: Vector, reached: Vector, still: Vector, j: int, x: float
) -> float:
    """The slope along variable j where it is x; leaves the values there."""
    values[j] = x
    forward(program, first, values)
    back(program, first, values, adjoints, reached, still)
    return adjoints[j]
