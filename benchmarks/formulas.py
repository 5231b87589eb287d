"""A formula beside the same surface as a kernel: 100,000 updates of SGD in one call, each a value and a gradient."""

from __future__ import annotations

import time
from contextlib import suppress
from statistics import median

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.formula import formula_surface
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD
from nnsim.core.surfaces import Surface, bowl, double_well
from nnsim.core.training import Run, Settings

UPDATES, ROUNDS = 100_000, 9

PAIRS = {
    "bowl of two parameters": (
        bowl(np.array([[3.0, -2.0], [-2.0, 7.0]]), np.array([4.0, 3.0])),
        formula_surface("1/2*(3*(u-4)^2 - 4*(u-4)*(v-3) + 7*(v-3)^2)"),
    ),
    "double well": (double_well(), formula_surface("w^4/4 - 2*w^3/3 - 5*w^2/2 + 6*w + 38/3")),
}
HOSTILE = (
    "x" * 500_000,
    "(" * 1999 + "x",
    "x^" * 999 + "x",
    "-" * 1999,
    "+".join(["x*y"] * 500),
    "__import__('os').system('true')",
    "9**9**9**9",
    "\u0445 + x",
    "x *",
    "sin(" * 499 + "x",
)


def report() -> list[str]:
    """A line for each surface."""
    return [*(line(name, *pair) for name, pair in PAIRS.items()), refusals()]


def refusals() -> str:
    """How long the slowest of some hostile texts takes to be refused."""
    slowest = 0.0
    for text in HOSTILE:
        begin = time.perf_counter()
        with suppress(ValueError):
            formula_surface(text)
        slowest = max(slowest, time.perf_counter() - begin)
    return f"{len(HOSTILE)} hostile texts are refused in at most {slowest * 1000:.1f} ms each"


def line(name: str, kernel: Surface, formula: Surface) -> str:
    """How long an update takes with the kernel and with the formula, and how far apart they end."""
    times: dict[str, list[float]] = {"kernel": [], "formula": []}
    ends: dict[str, Vector] = {}
    for round_ in range(ROUNDS + 1):
        for way, surface in (("kernel", kernel), ("formula", formula)):
            seconds, ends[way] = trained(surface)
            if round_:  # the first one loads the machine code
                times[way].append(seconds / UPDATES * 1e9)
    by_hand, by_text = median(times["kernel"]), median(times["formula"])
    apart = float(np.abs(ends["kernel"] - ends["formula"]).max())
    return (
        f"{name}: {by_text:.0f} ns per update with a formula of {len(formula.program)} operations, "
        f"{by_hand:.0f} ns with the kernel: {by_text / by_hand:.1f} times; they end within {apart:.0e} of each other"
    )


def trained(surface: Surface) -> tuple[float, Vector]:
    """The seconds of a run, and where it ends."""
    run = Run(of_surface(surface), Settings(SGD(0.01), 1), np.full(surface.size, 2.0))
    begin = time.perf_counter()
    run.advance(UPDATES)
    return time.perf_counter() - begin, run.parameters
