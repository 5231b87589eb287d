"""What the stage can show, a picture for every kind of problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnsim.tui.browsing import Leaf

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]


MANY_RUNS = "many runs"
"""The name of the stage's view of many runs."""
PUBLISHED = "published table"
"""The name of the stage's view of a table that somebody has printed."""


@dataclass(frozen=True)
class Minimum:
    """A known minimum: its letter or word, where it lies, and the loss there."""

    label: str
    position: tuple[float, ...]
    loss: float


@dataclass(frozen=True, eq=False)
class Rival:
    """Another run on the same curve or surface: its place among the racers (the run on the screen has place 0), what
    sets it apart, and its points after each of the last updates, oldest first and the present one last, shape
    (n, parameters), with the losses (n,) there."""

    place: int
    label: str
    path: Floats
    losses: Floats


class Secant(NamedTuple):
    """A line through two points of a curve, the ball and another one at a distance, and how steep it is."""

    distance: float
    slope: float


@dataclass(frozen=True, eq=False)
class CurveStage:
    """The loss over one parameter.

    `xs`, `losses` sample the curve over the window (about 400 points, evenly spaced, finite). The ball lies at
    (`value`, `loss`); `slope` is the gradient there on the next batch, and the proposed next update leads to
    `next_value` (None when the run cannot go on). `trail` holds the parameter after each of the last updates, oldest
    first, without the present one; `trail_losses` the losses there. Any of these may lie outside the window or be
    infinite. `samples` is the number of training samples if a batch has only some of them, else 1: then the slope of a
    batch differs from that of the curve, `full_slope`. `secants` are compared with the tangent, the last one is drawn.
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
    rivals: tuple[Rival, ...] = ()
    secants: tuple[Secant, ...] = ()


@dataclass(frozen=True, eq=False)
class SurfaceStage:
    """The loss over two parameters, to be seen from above.

    `losses` has one row per value in `ys` (ascending) and one column per value in `xs` (ascending), finite. `trail`
    has the points after each of the last updates, oldest first, shape (n, 2), the present point last. `gradient` is
    that of the next batch; the proposed next update leads to `next_point` (None when the run cannot go on).

    Where there are more than two parameters this is a slice through the present point, and not `whole`: a point of it
    is no start for a run. Its directions need not be parameters; `titles` then says more of them than `names`.
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
    rivals: tuple[Rival, ...] = ()
    whole: bool = True
    titles: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class EstimateStage:
    """A regression network before its test: one sample in full, and the estimates for a whole set against the truth.

    `leaf` says which sample it is, `picture` is it as an image with values 0..1, or None for samples that are not
    pictures. `truths` and `estimates` have one number per sample of the set named by `set_name`; the RMSE of the set,
    and of simpler predictors on the same set (name, RMSE), are in the same unit.
    """

    leaf: Leaf
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
    its parameters, the one sample is where they stand, and its target the nearest minimum. A classifier has the name
    of the class that each output stands for, and in `right` (samples,) which samples it gets right. `whole` says how
    many samples the set has.
    """

    set_name: str
    outputs: Floats
    targets: Floats
    accuracy: float | None
    whole: int
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    right: Mask | None = None


@dataclass(frozen=True, eq=False)
class FitStage:
    """A network of one input and one output as a curve through its data.

    `xs`, `outputs` (n,) sample the curve. `train`, `test` and `batch` have inputs and targets (n,): of the training
    set, of the test set where there is one, and of the next batch, empty where that is the whole training set. The
    first two are thinned to what can be drawn; `counts` says how many samples each set has. `low`, `high` are the
    range of all targets, which does not change. Everything but inputs is in `unit`, as are the RMSE of both sets.
    """

    name: str
    unit: str
    xs: Floats
    outputs: Floats
    train: tuple[Floats, Floats]
    test: tuple[Floats, Floats] | None
    batch: tuple[Floats, Floats]
    counts: tuple[int, int]
    low: float
    high: float
    rmse: float
    test_rmse: float | None


@dataclass(frozen=True, eq=False)
class ProbabilityStage:
    """A classifier of one input: its answers over the input, and what the data say there.

    `curves` (k, n) are the answers at `xs` (n,): for two classes one curve, that of the second, else one for each of
    `classes`. They go from `low` to `high`: probabilities from 0 to 1, scores of a hinge loss from -1 to 1. `shares`
    (k, m) are the mean targets of the training samples around each of `centres` (m,), which for probabilities are the
    shares of that class.
    """

    name: str
    xs: Floats
    curves: Floats
    classes: tuple[str, ...]
    low: float
    high: float
    centres: Floats
    shares: Floats
    samples: int
    accuracy: float
    test_accuracy: float | None


@dataclass(frozen=True, eq=False)
class RegionStage:
    """A classifier of two inputs: what it answers everywhere, and the points with their classes.

    `scores` has the shape (k, rows, columns), a row per value in `ys` (ascending) and a column per value in `xs`
    (ascending): for two classes k is 1 and they say by how much the second leads the first, else what the network gives
    each of `classes`, of which the largest is the answer. `sureness` (rows, columns) has for two classes the answers
    for the second, from `low` to `high` (probabilities from 0 to 1, scores of a hinge loss from -1 to 1), and is None
    for more. `points` (n, 2) are training samples, thinned to what can be drawn, `labels` and `answers` (n,) the class
    of each and the one that the network gives it, -1 where none leads. The accuracy is that of all samples, of which so
    many are `wrong`, and so many `ties`.
    """

    names: tuple[str, str]
    xs: Floats
    ys: Floats
    scores: Floats
    sureness: Floats | None
    classes: tuple[str, ...]
    low: float
    high: float
    points: Floats
    labels: Integers
    answers: Integers
    accuracy: float
    wrong: int
    ties: int
    test_accuracy: float | None


@dataclass(frozen=True, eq=False)
class SampleStage:
    """One sample, and what a classifier says of it.

    `picture` is the sample as an image with values 0..1; one that is none has its inputs by `names` and `values` (n,).
    `scores` (classes,) is what the network says for each of `classes`, from `low` to `high`: probabilities from 0 to 1,
    scores of a hinge loss from -1 to 1. `truth` and `answer` are places among the classes, the answer -1 where none
    leads, `loss` is that of this sample. Of the set that `leaf` names, which has `whole`, `samples` were answered,
    `right` of them right, and of `ties` none of the classes led.
    """

    leaf: Leaf
    picture: Floats | None
    names: tuple[str, ...]
    values: Floats
    classes: tuple[str, ...]
    scores: Floats
    low: float
    high: float
    truth: int
    answer: int
    loss: float
    right: int
    ties: int
    samples: int
    whole: int


@dataclass(frozen=True, eq=False)
class ConfusionStage:
    """What a classifier takes for what: `counts` (classes, classes + 1) has in row i and column j how many samples of
    class i it answers j, and in the last column for how many none of the classes leads, for `samples` of the `whole`
    set that `leaf` names."""

    leaf: Leaf
    classes: tuple[str, ...]
    counts: Integers
    samples: int
    whole: int


@dataclass(frozen=True, eq=False)
class ManyRunsStage:
    """Many runs of one set-up with the seeds 0, 1, ..., as far as they are done: where they ended, and how they got
    there.

    `settings` says in words what they are trained with. `done` of `count` runs of `updates` updates are in; `count` is
    0 until it is known. `ends` (done,) has what `quantity` names, in `unit`, at the end of each, in the order of the
    seeds, NaN after a divergence; `own` is that of the run on the screen, now. `minima` are those of a surface of one
    parameter, whose ends are values of it. `groups` says how many ended where, in words. `bands` has, at the updates
    `at`, the 5th, 25th, 50th, 75th and 95th percentile of the training loss, shape (5, len(at)), infinite where that
    many have diverged, with the losses of the run on the screen in `own_losses` (NaN where it has not been).
    """

    settings: str
    done: int
    count: int
    updates: int
    quantity: str
    unit: str
    ends: Floats
    own: float
    minima: tuple[Minimum, ...]
    groups: tuple[tuple[str, int], ...]
    at: Floats
    bands: Floats
    own_losses: Floats


@dataclass(frozen=True, eq=False)
class PublishedStage:
    """A table of epochs that `source` has printed, beside the run on the screen and many runs of the same recipe.

    `published`, `own`, `low` and `high` have a row of losses and one of accuracies, shape (2, epochs). `own` is NaN in
    epochs that are not over yet. `low` and `high` are the ends of the middle 95 % of `done` of `count` runs, NaN
    while there are none; `settings` says in words what these are trained with.
    """

    source: str
    published: Floats
    own: Floats
    low: Floats
    high: Floats
    settings: str
    done: int
    count: int


Stage: TypeAlias = (
    CurveStage
    | SurfaceStage
    | EstimateStage
    | AnswerStage
    | FitStage
    | ProbabilityStage
    | RegionStage
    | SampleStage
    | ConfusionStage
    | ManyRunsStage
    | PublishedStage
)
