"""What the lab shows at one moment: an immutable picture of a run, made by the controller, drawn by the widgets.

A widget knows nothing of training: everything it draws stands here, in plain numbers and text. Arrays are read-only
by agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Minimum:
    """A known minimum: its letter or word, where it lies, and the loss there."""

    label: str
    position: tuple[float, ...]
    loss: float


@dataclass(frozen=True, eq=False)
class CurveStage:
    """The loss over one parameter.

    `xs`, `losses` sample the curve over the window (about 400 points, evenly spaced, finite). The ball lies at
    (`value`, `loss`); `slope` is the gradient there on the next batch, and the proposed next update leads to
    `next_value` (None when the run cannot go on). `trail` holds the parameter after each of the last updates, oldest
    first, without the present one; `trail_losses` the losses there. Any of these may lie outside the window or be
    infinite. `samples` is the number of training samples if a batch has only some of them, else 1: then the slope of a
    batch differs from that of the curve, `full_slope`.
    """

    name: str
    formula: str
    xs: Floats
    losses: Floats
    value: float
    loss: float
    slope: float
    full_slope: float
    next_value: float | None
    trail: Floats
    trail_losses: Floats
    minima: tuple[Minimum, ...]
    samples: int


@dataclass(frozen=True, eq=False)
class SurfaceStage:
    """The loss over two parameters, to be seen from above.

    `losses` has one row per value in `ys` (ascending) and one column per value in `xs` (ascending), finite. `trail`
    has the points after each of the last updates, oldest first, shape (n, 2), the present point last. `gradient` is
    that of the next batch; the proposed next update leads to `next_point` (None when the run cannot go on).
    """

    names: tuple[str, str]
    formula: str
    xs: Floats
    ys: Floats
    losses: Floats
    point: tuple[float, float]
    loss: float
    gradient: tuple[float, float]
    next_point: tuple[float, float] | None
    trail: Floats
    minima: tuple[Minimum, ...]


@dataclass(frozen=True, eq=False)
class EstimateStage:
    """A regression network before its test: one sample in full, and the estimates for a whole set against the truth.

    `picture` is the sample as an image with values 0..1, or None for samples that are not pictures. `truths` and
    `estimates` have one number per sample of the set named by `set_name`; the RMSE of the set, and of simpler
    predictors on the same set (name, RMSE), are in the same unit.
    """

    sample: str
    picture: Floats | None
    truth: float
    estimate: float
    unit: str
    set_name: str
    truths: Floats
    estimates: Floats
    rmse: float
    baselines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class AnswerStage:
    """A network's outputs beside the targets, for some samples: the stage of last resort, for any network.

    `outputs` are probabilities for a classifier, else plain values; both arrays have the shape (samples, outputs). A
    target that is not known is NaN. A surface of three or more parameters is shown in the same way: `names` then has
    its parameters, the one sample is where they stand, and its target the nearest minimum.
    """

    set_name: str
    outputs: Floats
    targets: Floats
    accuracy: float | None
    names: tuple[str, ...] = ()


Stage: TypeAlias = CurveStage | SurfaceStage | EstimateStage | AnswerStage


@dataclass(frozen=True, eq=False)
class Series:
    """One line of the loss chart: `role` is "batch", "train", "test", "branch" for a future that was left, or "rate"
    for the learning rates of a schedule; x is counted in updates."""

    role: str
    updates: Floats
    losses: Floats


@dataclass(frozen=True)
class Mark:
    """A change of settings at an update, such as "learning rate 0.2"."""

    update: int
    label: str


@dataclass(frozen=True)
class Chart:
    """The loss chart: `latest` is the last update ever reached, so that the axis keeps its length when going back.
    `rates` are the learning rates of a schedule, with a scale of their own; None without one."""

    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    update: int
    latest: int
    rates: Series | None = None


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """All parameters: names, and arrays of shape (n,): values, gradients at these values on the next batch, the last
    update of each, and the optimizer's state by slot name. `layers` has (title, start, stop) for every layer, one
    for a surface."""

    names: tuple[str, ...]
    values: Floats
    gradients: Floats
    steps: Floats
    state: tuple[tuple[str, Floats], ...]
    layers: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Status:
    """The line at the top. `of_batches` is the number of batches in an epoch; `speed` is in updates a second, None
    for as fast as possible. `critical_rate` is None where it is not known. `learning_rate` is the optimizer's own;
    `schedule` says what a schedule makes of it, and `rate_now` is the rate of the next update. `clipping` says at what
    gradients are clipped; both texts may be empty."""

    title: str
    epoch: int
    epochs: int | None
    update: int
    latest: int
    batch: int
    of_batches: int
    batch_size: int
    samples: int
    learning_rate: float
    rate_now: float
    schedule: str
    clipping: str
    optimizer: str
    critical_rate: float | None
    playing: bool
    speed: float | None
    stopped: str | None


@dataclass(frozen=True)
class Narration:
    """What is happening: `lines` about this very update, and `hint`, what to try next. `alarm` after a divergence."""

    lines: tuple[str, ...]
    hint: str
    alarm: bool


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything the lab shows at one moment. `branches` says, in words, which futures were left and are kept."""

    status: Status
    stage: Stage
    chart: Chart
    table: ParameterTable
    narration: Narration
    branches: tuple[str, ...] = ()
