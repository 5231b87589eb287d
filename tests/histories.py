"""What a run shows at one of its updates, by the straight way and on a timeline."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from problems import bits, digest

from nnsim.core.arrays import Vector
from nnsim.core.objective import Objective
from nnsim.core.timeline import Record, Timeline
from nnsim.core.training import Run, Settings


@dataclass
class History:
    """All that a run shows at some update, arrays by their digests."""

    bits: tuple[Any, ...]
    losses: str
    path: str | None
    records: list[Record]
    epoch: int


def record(run: Run) -> Record:
    objective = run.objective
    test = objective.evaluate(run.parameters, objective.test) if objective.test else None
    return Record(run.update, run.place.epoch, objective.evaluate(run.parameters, objective.train), test)


def straight(
    objective: Objective, start: Vector, seed: int, changes: list[tuple[int, Settings]], update: int
) -> History:
    """What a run shows at `update` that never went back.

    `changes` are pairs (update, settings); the first is at 0.
    """
    run = Run(objective, changes[0][1], start, seed)
    losses, path, records = [], [start[None]], [record(run)]
    past = [change for change in changes if change[0] <= update]
    ends = [*(begin for begin, _ in past[1:]), update]
    for (_, new), end in zip(past, ends, strict=True):
        run.change(new)
        while run.update < end:
            progress = run.advance(min(end - run.update, run.batches.left(run.place)))
            losses.append(progress.losses)
            path.append(progress.path)
            if run.place.sample == 0:
                records.append(record(run))
    has_path = objective.size <= 16
    return History(
        bits(run),
        digest(np.concatenate([np.zeros(0), *losses])),
        digest(np.concatenate(path)) if has_path else None,
        records if objective.test or not has_path else records[:1],
        run.place.epoch,
    )


def seen(timeline: Timeline) -> History:
    """What a timeline shows where it stands."""
    return History(
        bits(timeline.run),
        digest(timeline.losses),
        None if timeline.path is None else digest(timeline.path),
        timeline.records,
        timeline.epoch_of(timeline.update),
    )
