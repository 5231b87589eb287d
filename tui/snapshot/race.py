"""Runs beside the one on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnsim.tui.snapshot.chart import Series


@dataclass(frozen=True, eq=False)
class Racer:
    """A run beside the one on the screen, or that one itself (the first).

    `label` says what sets it apart, `losses` (role "racer", over updates) are its training losses so far, `loss` the
    last of them, `update` where it stands; an epoch of it has `updates_per_epoch` updates. `reached` has the first
    update at which its training loss was at or below each of the race's thresholds. `ended` says in words why it does
    not go on, "" if it does; `stopped` is a word for it where it cannot, such as "diverged", else "".
    """

    label: str
    losses: Series
    update: int
    loss: float
    updates_per_epoch: int
    reached: tuple[int | None, ...]
    ended: str
    stopped: str


@dataclass(frozen=True)
class Race:
    """Runs from the same start on the same data in the same order, which differ in one setting; their first is the run
    on the screen. `leader` is the place of the one that is ahead, None while nothing tells them apart. `measured` says
    when the training loss is measured, such as "after every epoch"."""

    thresholds: tuple[float, ...]
    racers: tuple[Racer, ...]
    leader: int | None
    measured: str
