"""The loss chart: lines over the way of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnsim.core.clock import Clock

    Floats: TypeAlias = NDArray[np.float64]
    Indices: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """One line of the loss chart: `role` is "batch", "train", "test", "branch" for a future that was left, or "rate"
    for the learning rates of a schedule.

    `updates` (n,) ascend; a long line is thinned to the lows and highs of its stretches. `known` has the updates (m,)
    and the values of all that is known of such a line, where that is more. `label` sets a line apart from the others of
    its role. `clock` counts the way of this line; without one it is the chart's.
    """

    role: str
    updates: Floats
    losses: Floats
    label: str = ""
    known: tuple[Indices, Floats] | None = None
    clock: Clock | None = None


@dataclass(frozen=True)
class Mark:
    """A change of settings at an update, such as "learning rate 0.2"."""

    update: int
    label: str


@dataclass(frozen=True, eq=False)
class Chart:
    """The loss chart: `latest` is the last update ever reached, so that the axis keeps its length when going back, and
    `reach` how many samples and seconds that was.

    `rates` are the learning rates of a schedule, with a scale of their own; None without one. `metrics` are the lines
    of the metric, which is "accuracy", "RMSE" or "" for none, in the unit. `best` is the update of the lowest test loss
    so far. `stopped` is a word for why the run cannot go on from here, "" where it can. `clock` counts the way of the
    run in samples, epochs and seconds; without one there are only updates.
    """

    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    update: int
    latest: int
    rates: Series | None = None
    metrics: tuple[Series, ...] = ()
    metric: str = ""
    unit: str = ""
    best: int | None = None
    stopped: str = ""
    clock: Clock | None = None
    reach: tuple[float, float] = (0.0, 0.0)
