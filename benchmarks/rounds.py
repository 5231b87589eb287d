"""Engines side by side: the same work in turns, on one core, after a check that all of them end at the same place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import TypeAlias

import numpy as np

from benchmarks.engines import Engines, Job
from benchmarks.works import Array, Work

Seconds: TypeAlias = list[float]

TOLERANCE = 1e-9


def one_core() -> str:
    """Bind this process to one core where the system can, and say so."""
    if not hasattr(os, "sched_setaffinity"):
        return "one thread an engine, not bound to a core"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"all engines in one process on core {core}, one thread each"


def prepared(work: Work, engines: Engines) -> dict[str, Callable[[], Job]]:
    """Each engine's way to get ready for a work.

    Raises ArithmeticError unless all engines end a part of the work within 1e-9 of the first: then they do the same.
    """
    ends: dict[str, Array] = {}
    for name, prepare in engines.items():
        job = prepare(work.part)
        job.run()
        ends[name] = job.result()
    first = next(iter(ends))
    for name, end in ends.items():
        apart = float(np.abs(end - ends[first]).max())
        if not apart <= TOLERANCE:
            raise ArithmeticError(f"{name} ends {apart:.1e} from {first}: it does not do the same work")
    return {name: partial(prepare, work) for name, prepare in engines.items()}


def interleave(jobs: dict[str, Callable[[], Job]], rounds: int) -> dict[str, Seconds]:
    """What each job takes, round by round, one job after the other in each round; getting ready is not timed."""
    times: dict[str, Seconds] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, prepare in jobs.items():
            job = prepare()
            begin = time.perf_counter()
            job.run()
            times[name].append(time.perf_counter() - begin)
    return times


def table(work: Work, times: dict[str, Seconds]) -> Iterator[str]:
    """A line an engine: the median time of an update, the fastest and slowest round, the ratio to the first engine."""
    yield f"{work}: {work.updates} updates, {len(next(iter(times.values())))} rounds"
    first = median(next(iter(times.values())))
    for name, seconds in times.items():
        low, middle, high = (value / work.updates * 1e6 for value in (min(seconds), median(seconds), max(seconds)))
        yield f"  {name:<24}{middle:10.2f} us  ({low:.2f} to {high:.2f}) {median(seconds) / first:8.2f}"
