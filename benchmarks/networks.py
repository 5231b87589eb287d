"""Training by Adam, float64: microseconds an update (fastest and slowest round), and how many times nnsim's Run."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import numpy as np

from benchmarks.engines import load
from benchmarks.rounds import interleave, one_core, prepared, table
from benchmarks.works import Training

ROUNDS = 9
SMALL = Training((1, 16, 32, 2), "cross_entropy", batch=10, samples=2100, epochs=20, learning_rate=1e-4)
MIDDLE = Training((64, 128, 64, 1), "squared_error", batch=64, samples=4096, epochs=5, learning_rate=1e-3)
LARGE = Training((784, 256, 128, 10), "cross_entropy", batch=128, samples=2560, epochs=1, learning_rate=1e-3)
SQUARE = 2048


class SquareProduct:
    """`np.dot` of two large square matrices: as fast as this core multiplies matrices."""

    def __init__(self) -> None:
        self.factor = np.ones((SQUARE, SQUARE))
        self.product = np.empty_like(self.factor)

    def run(self) -> None:
        np.dot(self.factor, self.factor, out=self.product)


def report() -> Iterator[str]:
    """The figures, a table a network."""
    engines, missing = load("TRAININGS")
    yield one_core()
    yield from (f"{name} is not installed: left out" for name in missing)
    for work in (SMALL, MIDDLE):
        yield from table(work, interleave(prepared(work, engines), ROUNDS))
    times = interleave({**prepared(LARGE, engines), "np.dot": SquareProduct}, ROUNDS)
    best = 2 * SQUARE**3 / median(times.pop("np.dot")) / 1e9
    yield from table(LARGE, times)
    rate = LARGE.flops * LARGE.updates / median(times["nnsim Run"]) / 1e9
    yield f"  nnsim Run makes {rate:.1f} Gflop/s of matrix products, all other work included in its time:"
    yield f"  {rate / best:.0%} of the {best:.1f} that np.dot makes on two {SQUARE} x {SQUARE} matrices"
