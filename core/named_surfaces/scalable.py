"""Test functions of any number of parameters: Rosenbrock, Rastrigin, Ackley, Styblinski-Tang."""

from __future__ import annotations

import math
from itertools import product
from string import ascii_uppercase

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.surfaces import Surface, surface

MOST_DIMENSIONS = 16
MOST_DIMENSIONS_WITH_ALL_VALLEYS = 4  # 16 minima still have a letter each


@surface
def rosenbrock_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With u = w - 1, the first bracket is u_(i+1) - u_i (w_i + 1), and the second -u_i."""
    for k in range(points.shape[1]):
        losses[k] = 0.0
        gradients[0, k] = 0.0
    for i in range(points.shape[0] - 1):
        for k in range(points.shape[1]):
            w = points[i, k]
            ahead = w - 1.0
            off = (points[i + 1, k] - 1.0) - ahead * (w + 1.0)
            losses[k] += 100.0 * off * off + ahead * ahead
            gradients[i, k] += 2.0 * ahead - 400.0 * w * off
            gradients[i + 1, k] = 200.0 * off


def rosenbrock(dimensions: int = 2) -> Surface:
    """A valley along a parabola, easy to find and hard to follow (Rosenbrock 1960; chained for n > 2).

    The global minimum is 0 at (1, ..., 1). From 4 parameters on there is a local one near (-1, 1, ..., 1) (Shang and
    Qiu 2006), which is not listed. Start at (-1.2, 1), look at -2..2 by -1..3. Raises ValueError for dimensions
    outside 2..16.
    """
    return Surface(
        name="Rosenbrock",
        formula="L(w) = sum_i 100 (w_(i+1) - w_i^2)^2 + (1 - w_i)^2",
        names=_names("Rosenbrock", dimensions, fewest=2),
        kernels=rosenbrock_kernels,
        minima=(("minimum", (1.0,) * dimensions),),
    )


@surface
def rastrigin_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """10 (1 - cos 2 pi w) = 20 sin^2 pi w; its slope is 20 pi sin 2 pi w = 40 pi sin pi w cos pi w."""
    for k in range(points.shape[1]):
        losses[k] = 0.0
    for i in range(points.shape[0]):
        for k in range(points.shape[1]):
            w = points[i, k]
            wave = math.sin(math.pi * w)
            losses[k] += w * w + 20.0 * wave * wave
            gradients[i, k] = 2.0 * w + 40.0 * math.pi * wave * math.cos(math.pi * w)


def rastrigin(dimensions: int = 2) -> Surface:
    """A bowl full of dents, one near every point of whole numbers (Rastrigin 1974; Mühlenbein et al. 1991).

    The global minimum is 0 at the origin; the local ones are not listed. Start at (3.3, -2.4), look at -5.12..5.12
    both ways. Raises ValueError for dimensions outside 1..16.
    """
    return Surface(
        name="Rastrigin",
        formula="L(w) = sum_i w_i^2 + 10 (1 - cos(2 pi w_i))",
        names=_names("Rastrigin", dimensions),
        kernels=rastrigin_kernels,
        minima=(("minimum", (0.0,) * dimensions),),
    )


@surface
def ackley_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With r the root mean square of w and c = mean of cos 2 pi w, so c - 1 = -2 mean of sin^2 pi w:
    L = 20 (1 - e^(-r/5)) + e (1 - e^(c-1)); dL/dw_i = (4 e^(-r/5) w_i / r + 2 pi e^c sin 2 pi w_i) / n."""
    n = points.shape[0]
    for k in range(points.shape[1]):
        squares, waves = 0.0, 0.0
        for i in range(n):
            wave = math.sin(math.pi * points[i, k])
            squares += points[i, k] * points[i, k]
            waves += wave * wave
        r, below = math.sqrt(squares / n), -2.0 * waves / n
        losses[k] = -20.0 * math.expm1(-0.2 * r) - math.e * math.expm1(below)
        cone = 0.0 if r == 0.0 else 4.0 * math.exp(-0.2 * r) / (n * r)
        ripple = 2.0 * math.pi * math.exp(1.0 + below) / n
        for i in range(n):
            gradients[i, k] = cone * points[i, k] + ripple * math.sin(2.0 * math.pi * points[i, k])


def ackley(dimensions: int = 2) -> Surface:
    """A nearly flat plain of dents around one deep funnel (Ackley 1987).

    The global minimum is 0 at the origin: the tip of a cone, where the gradient, which has no limit, counts as 0. The
    local ones are not listed. Start at (2.3, -1.6), look at -5..5 both ways. Raises ValueError for dimensions outside
    1..16.
    """
    return Surface(
        name="Ackley",
        formula="L(w) = 20 + e - 20 exp(-0.2 sqrt(mean_i w_i^2)) - exp(mean_i cos(2 pi w_i))",
        names=_names("Ackley", dimensions),
        kernels=ackley_kernels,
        minima=(("minimum", (0.0,) * dimensions),),
    )


@surface
def styblinski_tang_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dw_i = 2 w_i^3 - 16 w_i + 5/2."""
    for k in range(points.shape[1]):
        losses[k] = 0.0
    for i in range(points.shape[0]):
        for k in range(points.shape[1]):
            w = points[i, k]
            square = w * w
            losses[k] += ((0.5 * square - 8.0) * w + 2.5) * w
            gradients[i, k] = (2.0 * square - 16.0) * w + 2.5


def styblinski_tang(dimensions: int = 2) -> Surface:
    """A double well in every direction (Styblinski and Tang 1990).

    The global minimum A is -39.16616570377142 n, where every parameter is in the deeper well. Up to 4 parameters all
    2^n minima are listed, the more only A. Start at (1, 3), look at -5..5 both ways. Raises ValueError for dimensions
    outside 1..16.
    """
    names = _names("Styblinski-Tang", dimensions)
    deep, shallow = -2.903534027771177, 2.746802770990837
    wells = (deep, shallow) if dimensions <= MOST_DIMENSIONS_WITH_ALL_VALLEYS else (deep,)
    return Surface(
        name="Styblinski-Tang",
        formula="L(w) = 1/2 sum_i (w_i^4 - 16 w_i^2 + 5 w_i)",
        names=names,
        kernels=styblinski_tang_kernels,
        minima=tuple(zip(ascii_uppercase, product(wells, repeat=dimensions), strict=False)),
    )


def _names(name: str, dimensions: int, fewest: int = 1) -> tuple[str, ...]:
    """The parameters w1..wn. Raises ValueError when a surface does not take so many."""
    if not fewest <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(
            f"dimensions is {dimensions}: {name} takes a whole number of at least {fewest} and at most "
            f"{MOST_DIMENSIONS}"
        )
    return tuple(f"w{i}" for i in range(1, dimensions + 1))
