"""Landforms of two parameters, each of which shows one thing: saddle, monkey saddle, plateau, ravine."""

from __future__ import annotations

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.surfaces import Surface, surface


@surface
def saddle_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With e = 1 - w1 w2: dL/dw1 = -e w2; dL/dw2 = -e w1."""
    for i in range(points.shape[1]):
        w1, w2 = points[0, i], points[1, i]
        error = 1.0 - w1 * w2
        losses[i] = 0.5 * error * error
        gradients[0, i] = -error * w2
        gradients[1, i] = -error * w1


def saddle() -> Surface:
    """A linear network of two weights in a row that learns to answer 1 with 1 (Saxe, McClelland and Ganguli 2014).

    The origin is a saddle with the curvatures -1 and 1. The loss is 0 all along the hyperbola w1 w2 = 1, so no point
    of it is listed as a minimum. Start at (0.001, 0.001), look at -2..2 both ways.
    """
    return Surface(
        name="saddle",
        formula="L(w1, w2) = 1/2 (1 - w1 w2)^2",
        names=("w1", "w2"),
        kernels=saddle_kernels,
        minima=(),
    )


@surface
def monkey_saddle_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dx = 3 (x - y)(x + y); dL/dy = -6xy."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        losses[i] = x * (x * x - 3.0 * y * y)
        gradients[0, i] = 3.0 * (x - y) * (x + y)
        gradients[1, i] = -6.0 * x * y


def monkey_saddle() -> Surface:
    """Three valleys and three ridges that meet at the origin, where gradient and Hessian are 0 (Hilbert and
    Cohn-Vossen 1932). There is no minimum: the valleys go down without end.

    Start at (0.5, 0.01), look at -2..2 both ways.
    """
    return Surface(
        name="monkey saddle",
        formula="L(x, y) = x^3 - 3xy^2",
        names=("x", "y"),
        kernels=monkey_saddle_kernels,
        minima=(),
    )


@surface
def plateau_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dx = 2x / (1 + r^2)^2."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        square = x * x + y * y
        share = 1.0 / (1.0 + square)
        losses[i] = square * share
        gradients[0, i] = 2.0 * x * share * share
        gradients[1, i] = 2.0 * y * share * share


def plateau() -> Surface:
    """A plain of nearly 1, where the gradient fades as 2 / r^3, around a well: the penalty of Geman and McClure
    (1985). Its minimum is 0 at the origin.

    Start at (-4, 3), look at -6..6 both ways.
    """
    return Surface(
        name="plateau",
        formula="L(x, y) = r^2 / (1 + r^2), r^2 = x^2 + y^2",
        names=("x", "y"),
        kernels=plateau_kernels,
        minima=(("minimum", (0.0, 0.0)),),
    )


@surface
def ravine_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dx = x; dL/dy = 100y."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        losses[i] = 0.5 * (x * x + 100.0 * y * y)
        gradients[0, i] = x
        gradients[1, i] = 100.0 * y


def ravine() -> Surface:
    """A valley 100 times as curved across as along (Polyak 1964). Its minimum is 0 at the origin.

    Start at (-10, 1), look at -12..12 by -2..2.
    """
    return Surface(
        name="ravine",
        formula="L(x, y) = 1/2 (x^2 + 100y^2)",
        names=("x", "y"),
        kernels=ravine_kernels,
        minima=(("minimum", (0.0, 0.0)),),
    )
