"""Going to random updates of a run of 1,000,000: 1-16-32-2, Adam, batches of 10, one core."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np

from benchmarks.engines.nnsim import OneTimeline
from benchmarks.networks import SMALL
from benchmarks.rounds import one_core

UPDATES, SEEKS = 1_000_000, 500


def report() -> list[str]:
    """The figures, a line each."""
    one_core()
    OneTimeline(SMALL).run()  # loads the kernels
    tracemalloc.start()
    timeline = OneTimeline(SMALL).timeline
    timeline.advance(UPDATES)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    milliseconds = []
    for update in np.random.default_rng(0).integers(0, UPDATES, SEEKS):
        begin = time.perf_counter()
        timeline.seek(int(update))
        milliseconds.append((time.perf_counter() - begin) * 1000)
    return [
        f"a seek: median {np.median(milliseconds):.2f} ms, 99 of 100 within {np.percentile(milliseconds, 99):.2f} ms, "
        f"longest {max(milliseconds):.2f} ms ({SEEKS} seeks)",
        f"the history takes {kept / 1e6:.1f} MB (what the timeline has allocated and not freed, by tracemalloc)",
    ]
