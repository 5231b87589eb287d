"""Many runs at once, on all cores: escape counts, bands, basins, learning-rate maps.

Every run is on its own and results come in the order of the runs, so neither the number of threads nor their timing
changes a bit. The kernels let go of Python's lock, which is why threads are enough.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple, TypeVar

import numpy as np

from nnsim.core import optimizers, surfaces, training
from nnsim.core.arrays import Matrix, Table, Vector, aligned
from nnsim.core.jit import blocks_of_matrices, integer, kernel, matrix, table, types, vector
from nnsim.core.optimizers import Optimizer
from nnsim.core.surfaces import Surface
from nnsim.core.training import Run

BLOCK = 1024  # starts
NUMBERS_A_LINE = 8
WORK_POINTS = 256
JOBS_A_THREAD = 4
CALL_NUMBERS = 1 << 23  # updates x starts x parameters in a kernel call: some milliseconds, so that cancelling is heard

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

    with ThreadPoolExecutor(threads or cores(), thread_name_prefix="ensemble") as pool:
        try:
            futures = [pool.submit(work, index) for index in range(count)]
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if progress is not None:
                    progress(done, count)
        finally:
            ended.set()
    return [future.result() for future in futures]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pieces(run: Run, update: int, check: Check) -> Iterator[training.Progress]:
    """Go on to an update, piece by piece, or to where the run stops, and tell what happened in each piece. `check` is
    called before every piece."""
    while run.update < update and run.stopped is None:
        check()
        yield run.advance(min(run.chunk, update - run.update))


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
        for _ in pieces(run, updates, check):
            pass
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
    if starts.ndim != 2 or starts.shape[1] != surface.size or not len(starts):
        raise ValueError(f"starts has the shape {starts.shape}: it takes (starts, {surface.size}), one or more")
    threads = threads or cores()
    jobs = max(1, min(len(starts) // BLOCK, JOBS_A_THREAD * threads))
    shares = np.array_split(starts, jobs)

    def job(index: int, check: Check) -> Descent:
        return _Blocks(surface, optimizer, shares[index]).descend(updates, check)

    parts = gather(job, jobs, threads, progress, cancel)
    return Descent(np.concatenate([part.parameters for part in parts]), np.concatenate([part.losses for part in parts]))


class _Blocks:
    """Starts in blocks, each laid out as [x... | y... | ...], so that the update rules, which are elementwise, need not
    know, and a block's numbers fit into the fastest cache."""

    def __init__(self, surface: Surface, optimizer: Optimizer, starts: Matrix) -> None:
        self.surface, self.optimizer = surface, optimizer
        self.count, n = len(starts), surface.size
        blocks = -(-self.count // BLOCK)
        columns = -(-self.count // (blocks * NUMBERS_A_LINE)) * NUMBERS_A_LINE
        padded = np.concatenate([starts, np.repeat(starts[-1:], blocks * columns - self.count, axis=0)])
        self.points = aligned(blocks, n, columns)
        self.points[:] = padded.reshape(blocks, columns, n).transpose(0, 2, 1)
        self.losses = aligned(blocks, columns)
        self.gradients = aligned(n, columns)
        self.state = aligned(blocks, len(optimizer.slots), n * columns)
        self.work = aligned(surface.work_per_point * min(columns, WORK_POINTS))

    def descend(self, updates: int, check: Check) -> Descent:
        surface, settings, step = self.surface, self.optimizer.vector, 0
        chunk = max(1, CALL_NUMBERS // self.points.size)
        while step < updates or step == 0:
            check()
            count = min(chunk, updates - step)
            descend_blocks(
                surface.kernels.at_points.compiled,
                self.optimizer.kernel.compiled,
                self.points,
                self.points.reshape(len(self.points), -1),
                surface.program,
                surface.constants,
                self.work,
                self.losses,
                self.gradients,
                self.gradients.reshape(-1),
                self.state,
                settings,
                count,
                step,
            )
            step += max(count, 1)
        ends = self.points.transpose(0, 2, 1).reshape(-1, surface.size)
        return Descent(ends[: self.count].copy(), self.losses.reshape(-1)[: self.count].copy())


@kernel(
    types.void(
        types.FunctionType(surfaces.SURFACE),
        types.FunctionType(optimizers.SIGNATURE),
        blocks_of_matrices,
        matrix,
        table,
        vector,
        vector,
        matrix,
        matrix,
        vector,
        blocks_of_matrices,
        vector,
        integer,
        integer,
    )
)
def descend_blocks(  # type: ignore[no-untyped-def]
    evaluate,
    update,
    points: Matrix,
    flat_points: Matrix,
    program: Table,
    constants: Vector,
    work: Vector,
    losses: Matrix,
    gradients: Matrix,
    flat_gradients: Vector,
    state: Matrix,
    settings: Vector,
    updates: int,
    step: int,
) -> None:
    """The training loop for blocks of starts, block by block, and the losses at its end; the flat arrays are the same
    memory as `points` and `gradients`."""
    for b in range(points.shape[0]):
        block, flat, own_losses, own_state = points[b], flat_points[b], losses[b], state[b]
        for k in range(updates):
            evaluate(block, program, constants, work, own_losses, gradients)
            update(flat, flat_gradients, own_state, settings, float(step + k + 1))
        evaluate(block, program, constants, work, own_losses, gradients)
