"""Test functions of two parameters: Booth, Beale, Himmelblau, six-hump camel, Matyas, Easom, Goldstein-Price."""

from __future__ import annotations

import math

from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.surfaces import Surface, surface


@surface
def booth_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With u = x - 1 and v = y - 3, the brackets are u + 2v and 2u + v."""
    for i in range(points.shape[1]):
        u, v = points[0, i] - 1.0, points[1, i] - 3.0
        a, b = u + 2.0 * v, 2.0 * u + v
        losses[i] = a * a + b * b
        gradients[0, i] = 2.0 * a + 4.0 * b
        gradients[1, i] = 4.0 * a + 2.0 * b


def booth() -> Surface:
    """An oblique bowl with the curvatures 2 and 18. Its minimum is 0 at (1, 3).

    Start at (-8, -6), look at -10..10 both ways.
    """
    return Surface(
        name="Booth",
        formula="L(x, y) = (x + 2y - 7)^2 + (2x + y - 5)^2",
        names=("x", "y"),
        kernels=booth_kernels,
        minima=(("minimum", (1.0, 3.0)),),
    )


@surface
def beale_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With u = x - 3 and v = y - 1/2, the bracket with y^j is x (y^j - 1/2^j) - u (1 - 1/2^j)."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        u, v = x - 3.0, y - 0.5
        square = y * y
        a = x * v - 0.5 * u
        b = x * v * (y + 0.5) - 0.75 * u
        c = x * v * (square + 0.5 * y + 0.25) - 0.875 * u
        losses[i] = a * a + b * b + c * c
        gradients[0, i] = 2.0 * (a * (y - 1.0) + b * (square - 1.0) + c * (square * y - 1.0))
        gradients[1, i] = 2.0 * x * (a + 2.0 * b * y + 3.0 * c * square)


def beale() -> Surface:
    """A flat cross-shaped valley between steep corners (Beale 1958). Its minimum is 0 at (3, 1/2).

    Start at (1, 1), look at -4.5..4.5 both ways.
    """
    return Surface(
        name="Beale",
        formula="L(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        names=("x", "y"),
        kernels=beale_kernels,
        minima=(("minimum", (3.0, 0.5)),),
    )


@surface
def himmelblau_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """The brackets are (x - 3)(x + 3) + (y - 2) and (x - 3) + (y - 2)(y + 2)."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        u, v = x - 3.0, y - 2.0
        a, b = u * (x + 3.0) + v, u + v * (y + 2.0)
        losses[i] = a * a + b * b
        gradients[0, i] = 4.0 * a * x + 2.0 * b
        gradients[1, i] = 2.0 * a + 4.0 * b * y


def himmelblau() -> Surface:
    """Four minima of the same depth 0, A to D, around a top of 181.6 near (-0.27, -0.92) (Himmelblau 1972).

    Start at (0, 0), look at -5..5 both ways.
    """
    return Surface(
        name="Himmelblau",
        formula="L(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        names=("x", "y"),
        kernels=himmelblau_kernels,
        minima=(
            ("A", (3.0, 2.0)),
            ("B", (-2.805118086952745, 3.131312518250573)),
            ("C", (-3.779310253377747, -3.2831859912861696)),
            ("D", (3.5844283403304917, -1.8481265269644036)),
        ),
    )


@surface
def six_hump_camel_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """dL/dx = 8x - 8.4x^3 + 2x^5 + y; dL/dy = x - 8y + 16y^3."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        p, q = x * x, y * y
        losses[i] = ((p / 3.0 - 2.1) * p + 4.0) * p + x * y + (4.0 * q - 4.0) * q
        gradients[0, i] = ((2.0 * p - 8.4) * p + 8.0) * x + y
        gradients[1, i] = x + (16.0 * q - 8.0) * y


def six_hump_camel() -> Surface:
    """Three pairs of minima, one the other's image at (-x, -y): A and B -1.0316284534898774, C and D
    -0.21546382438371764, E and F 2.1042503103112584 (Dixon and Szegö 1978).

    Start at (-1.5, 0.8), look at -2..2 by -1..1.
    """
    return Surface(
        name="six-hump camel",
        formula="L(x, y) = 4x^2 - 2.1x^4 + x^6/3 + xy - 4y^2 + 4y^4",
        names=("x", "y"),
        kernels=six_hump_camel_kernels,
        minima=(
            ("A", (0.08984201310031806, -0.7126564030207396)),
            ("B", (-0.08984201310031806, 0.7126564030207396)),
            ("C", (1.703606714969981, -0.7960835686726251)),
            ("D", (-1.703606714969981, 0.7960835686726251)),
            ("E", (1.6071047529201972, 0.5686514548841314)),
            ("F", (-1.6071047529201972, -0.5686514548841314)),
        ),
    )


@surface
def matyas_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """L = 0.01 (x + y)^2 + 0.25 (x - y)^2."""
    for i in range(points.shape[1]):
        total, difference = points[0, i] + points[1, i], points[0, i] - points[1, i]
        losses[i] = 0.01 * total * total + 0.25 * difference * difference
        gradients[0, i] = 0.02 * total + 0.5 * difference
        gradients[1, i] = 0.02 * total - 0.5 * difference


def matyas() -> Surface:
    """A shallow diagonal valley with the curvatures 0.04 and 1. Its minimum is 0 at the origin.

    Start at (9, 4), look at -10..10 both ways.
    """
    return Surface(
        name="Matyas",
        formula="L(x, y) = 0.26 (x^2 + y^2) - 0.48 xy",
        names=("x", "y"),
        kernels=matyas_kernels,
        minima=(("minimum", (0.0, 0.0)),),
    )


@surface
def easom_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """With the bell E = exp(-(x - pi)^2 - (y - pi)^2): dL/dx = E cos y (sin x + 2 (x - pi) cos x)."""
    for i in range(points.shape[1]):
        x, y = points[0, i], points[1, i]
        u, v = x - math.pi, y - math.pi
        cos_x, cos_y = math.cos(x), math.cos(y)
        bell = math.exp(-(u * u + v * v))
        losses[i] = -cos_x * cos_y * bell
        gradients[0, i] = bell * cos_y * (math.sin(x) + 2.0 * u * cos_x)
        gradients[1, i] = bell * cos_x * (math.sin(y) + 2.0 * v * cos_y)


def easom() -> Surface:
    """A plain with one narrow hole (Easom 1990). Its minimum is -1 at (pi, pi).

    Start at (2, 4), look at 0..6 both ways; further out the gradient is as good as 0.
    """
    return Surface(
        name="Easom",
        formula="L(x, y) = -cos(x) cos(y) exp(-(x - pi)^2 - (y - pi)^2)",
        names=("x", "y"),
        kernels=easom_kernels,
        minima=(("minimum", (math.pi, math.pi)),),
    )


@surface
def goldstein_price_kernels(
    points: Matrix, program: Table, constants: Vector, work: Vector, losses: Vector, gradients: Matrix
) -> None:
    """L = A(s) B(d) with s = x + y and d = 2x - 3y; A has its minima at s = -1 and 2, B at d = 3 and 0.

    With p = s + 1 and q = d - 3: A' = 12 p (p - 2)(p - 3), B' = 12 q (q + 2)(q + 3).
    """
    for i in range(points.shape[1]):
        x, v = points[0, i], points[1, i] + 1.0
        p, q = x + v, 2.0 * x - 3.0 * v
        a = 1.0 + p * p * ((3.0 * p - 20.0) * p + 36.0)
        b = 3.0 + q * q * ((3.0 * q + 20.0) * q + 36.0)
        along = 12.0 * p * (p - 2.0) * (p - 3.0) * b
        across = 12.0 * q * (q + 2.0) * (q + 3.0) * a
        losses[i] = a * b
        gradients[0, i] = along + 2.0 * across
        gradients[1, i] = along - 3.0 * across


def goldstein_price() -> Surface:
    """Four minima between walls a million high: A 3, B 30, C 84 and D 840 (Goldstein and Price 1971).

    Start at (-1.5, 0.5), look at -2..2 both ways.
    """
    return Surface(
        name="Goldstein-Price",
        formula="L(x, y) = [1 + (s + 1)^2 (19 - 14s + 3s^2)] [30 + d^2 (18 - 16d + 3d^2)], s = x + y, d = 2x - 3y",
        names=("x", "y"),
        kernels=goldstein_price_kernels,
        minima=(
            ("A", (0.0, -1.0)),
            ("B", (-0.6, -0.4)),
            ("C", (1.8, 0.2)),
            ("D", (1.2, 0.8)),
        ),
    )
