"""Where the run stands, and what is happening, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnsim.core.optimizers import Optimizer


@dataclass(frozen=True)
class Status:
    """The line at the top. `of_batches` is the number of batches in an epoch; `speed` is in updates a second, None
    for as fast as possible. `critical_rate` is None where it is not known; `flies_apart` where steps above it are known
    to grow wherever the run goes. `rule` is the optimizer with all its numbers; `schedule` says what a schedule makes
    of its learning rate, and `rate_now` is the rate of the next update. `clipping` says at what gradients are clipped;
    both texts may be empty. `stopped` says why the run cannot go on, its first word what one calls that; "" where it
    can. `at_end` where the length of the scenario ends."""

    title: str
    epoch: int
    epochs: int | None
    update: int
    latest: int
    batch: int
    of_batches: int
    batch_size: int
    samples: int
    rule: Optimizer
    rate_now: float
    schedule: str
    clipping: str
    critical_rate: float | None
    flies_apart: bool
    playing: bool
    speed: float | None
    stopped: str
    at_end: bool = False

    @property
    def optimizer(self) -> str:
        """The optimizer in words."""
        return self.rule.label

    @property
    def learning_rate(self) -> float:
        """The optimizer's own, which a schedule may scale."""
        return self.rule.learning_rate


@dataclass(frozen=True)
class Narration:
    """What is happening: `lines` about this very update, and `hint`, what to try next. `alarm` is a word
    for why the run cannot go on, such as "Diverged", or "".
    `phase` says which phase of the next update it is about; "" between updates."""

    lines: tuple[str, ...]
    hint: str
    alarm: str
    phase: str = ""
