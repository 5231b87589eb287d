"""Makes surfaces.json: named surfaces at some points, and their minima, computed with 50 digits.

Run it as `python tests/golden/make_surfaces.py` where mpmath is installed; the tests read only its output.

The formulas are written as Jamil and Yang (2013) print them, and the gradients are numerical derivatives of them. Each
surface has 8 random points in the range where one looks at it, 3 near its first minimum, and one further out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import Any

from json_file import write
from mpmath import chop, cos, diff, e, exp, findroot, mp, mpf, pi, sqrt

Formula = Callable[..., mpf]


@dataclass
class Surface:
    """A formula, where one looks at it, and a number near each of its minima.

    `near` is how far the points near the first minimum are from it. Where that minimum is no float, the gradient
    beside it is a difference of larger numbers, and closer points could not be as exact.
    """

    name: str
    formula: Formula
    ranges: list[tuple[float, float]]
    minima: list[tuple[float, ...]] = field(default_factory=list)
    near: float = 1e-6
    far: float = 5.0


def booth(x: mpf, y: mpf) -> mpf:
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def beale(x: mpf, y: mpf) -> mpf:
    return (mpf(3) / 2 - x + x * y) ** 2 + (mpf(9) / 4 - x + x * y**2) ** 2 + (mpf(21) / 8 - x + x * y**3) ** 2


def himmelblau(x: mpf, y: mpf) -> mpf:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def rosenbrock(*w: mpf) -> mpf:
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(w))


def rastrigin(*w: mpf) -> mpf:
    return 10 * len(w) + sum(a**2 - 10 * cos(2 * pi * a) for a in w)


def ackley(*w: mpf) -> mpf:
    n = len(w)
    return -20 * exp(-sqrt(sum(a**2 for a in w) / n) / 5) - exp(sum(cos(2 * pi * a) for a in w) / n) + 20 + e


def styblinski_tang(*w: mpf) -> mpf:
    return sum(a**4 - 16 * a**2 + 5 * a for a in w) / 2


def six_hump_camel(x: mpf, y: mpf) -> mpf:
    return (4 - mpf(21) / 10 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def matyas(x: mpf, y: mpf) -> mpf:
    return mpf(26) / 100 * (x**2 + y**2) - mpf(48) / 100 * x * y


def easom(x: mpf, y: mpf) -> mpf:
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2)


def saddle(w1: mpf, w2: mpf) -> mpf:
    return (1 - w1 * w2) ** 2 / 2


def monkey_saddle(x: mpf, y: mpf) -> mpf:
    return x**3 - 3 * x * y**2


def plateau(x: mpf, y: mpf) -> mpf:
    return (x**2 + y**2) / (1 + x**2 + y**2)


def ravine(x: mpf, y: mpf) -> mpf:
    return (x**2 + 100 * y**2) / 2


def goldstein_price(x: mpf, y: mpf) -> mpf:
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return first * second


HIMMELBLAU = [(3.0, 2.0), (-2.8, 3.1), (-3.8, -3.3), (3.6, -1.8)]
CAMEL = [(0.09, -0.71), (-0.09, 0.71), (1.70, -0.80), (-1.70, 0.80), (1.61, 0.57), (-1.61, -0.57)]
GOLDSTEIN = [(0.0, -1.0), (-0.6, -0.4), (1.8, 0.2), (1.2, 0.8)]


def square(size: float, n: int = 2) -> list[tuple[float, float]]:
    return [(-size, size)] * n


def scalable(n: int) -> list[Surface]:
    wells = product((-2.9, 2.7), repeat=n) if n <= 4 else [(-2.9,) * n]
    return [
        Surface("rosenbrock", rosenbrock, square(2.0, n), [(1.0,) * n]),
        Surface("rastrigin", rastrigin, square(5.12, n), [(0.0,) * n]),
        Surface("ackley", ackley, square(5.0, n), [(0.0,) * n]),
        Surface("styblinski_tang", styblinski_tang, square(5.0, n), list(wells), near=0.02),
    ]


SURFACES = [
    Surface("booth", booth, square(10.0), [(1.0, 3.0)]),
    Surface("beale", beale, square(4.5), [(3.0, 0.5)]),
    Surface("himmelblau", himmelblau, square(5.0), HIMMELBLAU),
    *scalable(2),
    *scalable(3),
    *scalable(5),
    Surface("six_hump_camel", six_hump_camel, [(-2.0, 2.0), (-1.0, 1.0)], CAMEL, near=0.02),
    Surface("matyas", matyas, square(10.0), [(0.0, 0.0)]),
    Surface("easom", easom, [(0.0, 6.0), (0.0, 6.0)], [(3.1, 3.1)], near=0.02, far=2.0),
    Surface("saddle", saddle, square(2.0)),
    Surface("monkey_saddle", monkey_saddle, square(2.0)),
    Surface("plateau", plateau, square(6.0), [(0.0, 0.0)]),
    Surface("ravine", ravine, [(-12.0, 12.0), (-2.0, 2.0)], [(0.0, 0.0)]),
    Surface("goldstein_price", goldstein_price, square(2.0), GOLDSTEIN),
]


def main() -> None:
    mp.dps = 50
    document = {"made_with": f"mpmath, {mp.dps} digits", "surfaces": [_entry(surface) for surface in SURFACES]}
    write(Path(__file__).with_name("surfaces.json"), document)


def _entry(surface: Surface) -> dict[str, Any]:
    minima = [_minimum(surface, place) for place in surface.minima]
    return {
        "name": surface.name,
        "dimensions": len(surface.ranges),
        "minima": [{"point": place, "loss": float(chop(surface.formula(*map(mpf, place))))} for place in minima],
        "points": [_at(surface, point) for point in _points(surface, minima)],
    }


def _minimum(surface: Surface, place: tuple[float, ...]) -> list[float]:
    """Where the gradient is 0 near a place. Ackley's minimum is the tip of a cone, where it is not."""
    if surface.name == "ackley":
        return list(place)
    root = findroot(lambda *w: [_slope(surface, w, i) for i in range(len(w))], [mpf(number) for number in place])
    return [float(chop(number)) for number in root]


def _slope(surface: Surface, point: Any, axis: int) -> mpf:
    orders = [int(i == axis) for i in range(len(point))]
    return diff(surface.formula, tuple(point), tuple(orders))


def _points(surface: Surface, minima: list[list[float]]) -> list[list[float]]:
    random = Random(f"{surface.name} {len(surface.ranges)}")
    inside = [[round(random.uniform(*span), 3) for span in surface.ranges] for _ in range(8)]
    centre = minima[0] if minima else [0.0 for _ in surface.ranges]
    beside = [[number + surface.near * random.uniform(-1.0, 1.0) for number in centre] for _ in range(3)]
    far = [surface.far * random.choice(span) + round(random.uniform(0.1, 0.4), 3) for span in surface.ranges]
    return [*inside, *beside, far]


def _at(surface: Surface, point: list[float]) -> dict[str, Any]:
    exact = [mpf(number) for number in point]
    return {
        "point": point,
        "loss": float(surface.formula(*exact)),
        "gradient": [float(_slope(surface, exact, axis)) for axis in range(len(point))],
    }


if __name__ == "__main__":
    main()
