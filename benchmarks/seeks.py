"""Going to random updates of long runs, and the room that their history takes: Adam, batches of 10, one core."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import numpy as np

from benchmarks.engines.nnsim import OneTimeline
from benchmarks.networks import SMALL
from benchmarks.rounds import one_core
from benchmarks.works import Training
from nnsim.core.timeline import Timeline

LENGTHS, SEEKS = (1_000_000, 10_000_000), 500
WITH_PATH = Training((1, 5, 1), "squared_error", batch=10, samples=2100, epochs=1, learning_rate=1e-4)


def report() -> Iterator[str]:
    """The figures, a line each."""
    one_core()
    for name, work in (("1-16-32-2, 642 parameters", SMALL), ("1-5-1, the path of 16 parameters kept", WITH_PATH)):
        OneTimeline(work).run()  # loads the kernels
        yield name
        tracemalloc.start()
        timeline = OneTimeline(work).timeline
        for length in LENGTHS:
            timeline.seek(timeline.latest)
            timeline.advance(length - timeline.update)
            kept, _ = tracemalloc.get_traced_memory()
            yield f"  {length:,} updates: the history takes {kept / 1e6:.1f} MB; a seek: {_seeks(timeline)}"
        tracemalloc.stop()


def _seeks(timeline: Timeline) -> str:
    milliseconds = []
    for update in np.random.default_rng(0).integers(0, timeline.latest, SEEKS):
        begin = time.perf_counter()
        timeline.seek(int(update))
        milliseconds.append((time.perf_counter() - begin) * 1000)
    return (
        f"median {np.median(milliseconds):.2f} ms, 99 of 100 within {np.percentile(milliseconds, 99):.2f} ms, "
        f"longest {max(milliseconds):.2f} ms"
    )
