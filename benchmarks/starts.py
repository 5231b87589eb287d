"""Many starts at once, float64: microseconds for an update of all of them, and how many times nnsim's."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.engines import load
from benchmarks.rounds import interleave, one_core, prepared, table
from benchmarks.works import Descent

ROUNDS = 9
# At 1e-3 no start between -6 and 6 runs away.
WORKS = (Descent("SGD", 1e-3), Descent("Adam", 1e-2))


def report() -> Iterator[str]:
    """The figures, a table an optimizer."""
    engines, missing = load("DESCENTS")
    yield one_core()
    yield from (f"{name} is not installed: left out" for name in missing)
    for work in WORKS:
        yield from table(work, interleave(prepared(work, engines), ROUNDS))
