"""Many runs at once, on all cores: escape counts, bands, basins, learning-rate maps.

Every run is on its own and results come in the order of the runs, so neither the number of threads nor their timing
changes a bit. The kernels let go of Python's lock, which is why threads are enough.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple, TypeVar

import numpy as np

from nnsim.core import optimizers, surfaces
from nnsim.core.arrays import Matrix, Table, Vector, aligned
from nnsim.core.jit import integer, kernel, matrix, table, types, vector
from nnsim.core.optimizers import Optimizer
from nnsim.core.surfaces import Surface
from nnsim.core.training import Run

BLOCK = 512  # starts that go through the kernel together: their numbers fit into the fastest cache
CALL_NUMBERS = 1 << 23  # updates x starts x parameters in a kernel call: some milliseconds, so that cancelling is heard
RUN_UPDATES = 4096

Result = TypeVar("Result")
Progress = Callable[[int, int], None]
Check = Callable[[], None]


class Cancelled(Exception):  # noqa: N818 - it is no error
    """The caller has asked for an end, and there is no result."""


class Descent(NamedTuple):
    """Where many starts have led: parameters, shape (starts, parameters), and the losses there, shape (starts,)."""

    parameters: Matrix
    losses: Vector


def gather(
    job: Callable[[int, Check], Result],
    count: int,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> list[Result]:
    """The results of `job(0, check)`, ..., `job(count - 1, check)`, in this order, computed on so many threads, or on
    all cores.

    `progress` is called in this thread with how many jobs are done, and `count`. Once `cancel` is set, no further job
    is begun and Cancelled is raised. An exception of a job, or Ctrl+C, ends the others in the same way and is raised
    here. A job that takes long calls `check()` now and then, which raises Cancelled when there is nothing left to
    work for.
    """
    ended = threading.Event()

    def check() -> None:
        if ended.is_set() or (cancel is not None and cancel.is_set()):
            raise Cancelled

    def work(index: int) -> Result:
        check()
        return job(index, check)

    with ThreadPoolExecutor(threads or _cores(), thread_name_prefix="ensemble") as pool:
        futures = [pool.submit(work, index) for index in range(count)]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if progress is not None:
                    progress(done, count)
        finally:
            ended.set()
    return [future.result() for future in futures]


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def train(
    start: Callable[[int], Run],
    count: int,
    updates: int,
    measure: Callable[[Run], Result],
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> list[Result]:
    """What `measure` says of each of the runs `start(0)`, ..., `start(count - 1)` after so many updates, or where it
    has stopped before. `start` and `measure` are called in other threads. See `gather` for the rest."""

    def job(index: int, check: Check) -> Result:
        run = start(index)
        while run.update < updates and run.stopped is None:
            check()
            run.advance(min(RUN_UPDATES, updates - run.update))
        return measure(run)

    return gather(job, count, threads, progress, cancel)


def descend(
    surface: Surface,
    optimizer: Optimizer,
    starts: Matrix,
    updates: int,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Descent:
    """Make so many updates from each of many starts, shape (starts, parameters), on a surface without tilts.

    A start that diverges ends where its numbers are no longer finite. See `gather` for the rest. Raises ValueError
    when the starts do not fit the surface.
    """
    if starts.ndim != 2 or starts.shape[1] != surface.size:
        raise ValueError(f"starts has the shape {starts.shape}: it takes (starts, {surface.size})")
    blocks = [starts[begin : begin + BLOCK] for begin in range(0, len(starts), BLOCK)]

    def job(index: int, check: Check) -> Descent:
        return _Block(surface, optimizer, blocks[index]).descend(updates, check)

    parts = gather(job, len(blocks), threads, progress, cancel)
    return Descent(np.concatenate([part.parameters for part in parts]), np.concatenate([part.losses for part in parts]))


class _Block:
    """Some starts laid out as [x... | y... | ...], so that the update rules, which are elementwise, need not know."""

    def __init__(self, surface: Surface, optimizer: Optimizer, starts: Matrix) -> None:
        self.surface, self.optimizer = surface, optimizer
        self.count = len(starts)
        columns = -(-self.count // 8) * 8  # whole cache lines: the rest repeats the last start
        self.points = aligned(surface.size, columns)
        self.points[:, : self.count] = starts.T
        self.points[:, self.count :] = starts[-1:].T
        self.gradients = aligned(surface.size, columns)
        self.losses = aligned(columns)
        self.work = aligned(max(1, surface.work_per_point * columns))
        self.state = aligned(len(optimizer.slots), surface.size * columns)

    def descend(self, updates: int, check: Check) -> Descent:
        optimizer, step = self.optimizer, 0
        chunk = max(1, CALL_NUMBERS // self.points.size)
        settings = optimizer.vector
        while step < updates:
            check()
            count = min(chunk, updates - step)
            descend_block(
                self.surface.kernels.at_points.compiled,
                optimizer.kernel.compiled,
                self.points,
                self.points.reshape(-1),
                self.surface.program,
                self.surface.constants,
                self.work,
                self.losses,
                self.gradients,
                self.gradients.reshape(-1),
                self.state,
                settings,
                count,
                step,
            )
            step += count
        self._evaluate()
        return Descent(self.points[:, : self.count].T.copy(), self.losses[: self.count].copy())

    def _evaluate(self) -> None:
        surface = self.surface
        surface.kernels.at_points(
            self.points, surface.program, surface.constants, self.work, self.losses, self.gradients
        )


@kernel(
    types.void(
        types.FunctionType(surfaces.SURFACE),
        types.FunctionType(optimizers.SIGNATURE),
        matrix,
        vector,
        table,
        vector,
        vector,
        vector,
        matrix,
        vector,
        matrix,
        vector,
        integer,
        integer,
    )
)
def descend_block(  # type: ignore[no-untyped-def]
    evaluate,
    update,
    points: Matrix,
    flat_points: Vector,
    program: Table,
    constants: Vector,
    work: Vector,
    losses: Vector,
    gradients: Matrix,
    flat_gradients: Vector,
    state: Matrix,
    settings: Vector,
    updates: int,
    step: int,
) -> None:
    """The training loop for a block of starts; the flat arrays are the same memory as `points` and `gradients`."""
    for k in range(updates):
        evaluate(points, program, constants, work, losses, gradients)
        update(flat_points, flat_gradients, state, settings, float(step + k + 1))
