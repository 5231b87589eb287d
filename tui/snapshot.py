"""What the lab shows at one moment: an immutable picture of a run, made by the controller, drawn by the widgets.

A widget knows nothing of training: everything it draws stands here, in plain numbers and text. Arrays are read-only
by agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from nnsim.tui.browsing import OWN_SAMPLE, Browse, Leaf
from nnsim.tui.class_stages import ConfusionStage, SampleStage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnsim.core.clock import Clock

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]


MANY_RUNS = "many runs"
"""The name of the stage's view of many runs."""


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
    of the class that each output stands for, and in `right` (samples,) which samples it gets right.
    """

    set_name: str
    outputs: Floats
    targets: Floats
    accuracy: float | None
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

    `outputs` has the shape (k, rows, columns), a row per value in `ys` (ascending) and a column per value in `xs`
    (ascending): for two classes k is 1 and they are the answers for the second, from `low` to `high`
    (probabilities from 0 to 1, scores of a hinge loss from -1 to 1); else the probability of each of `classes`.
    `points` (n, 2) are training samples, thinned to what can be drawn, `labels` and `answers` (n,) the class of each
    and the one that the network gives it. The accuracy is that of all samples.
    """

    names: tuple[str, str]
    xs: Floats
    ys: Floats
    outputs: Floats
    classes: tuple[str, ...]
    low: float
    high: float
    points: Floats
    labels: Integers
    answers: Integers
    accuracy: float
    test_accuracy: float | None


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
)


@dataclass(frozen=True, eq=False)
class Series:
    """One line of the loss chart: `role` is "batch", "train", "test", "branch" for a future that was left, or "rate"
    for the learning rates of a schedule.

    `updates` (n,) ascend; a long line is thinned to the lows and highs of its stretches. `every` has the value at each
    update from 0 on where that is known. `label` sets a line apart from the others of its role. `clock` counts the way
    of this line; without one it is the chart's.
    """

    role: str
    updates: Floats
    losses: Floats
    label: str = ""
    every: Floats | None = None
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
    so far. `diverged` tells that the run has stopped here and cannot go on. `clock` counts the way of the run in
    samples, epochs and seconds; without one there are only updates.
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
    diverged: bool = False
    clock: Clock | None = None
    reach: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class ParameterPast:
    """All parameters from the start until now, in few moments. `updates` (moments,) is ascending; `lows` and `highs`
    hold, for each moment, the least and the greatest value of every parameter (n,) since the moment before, or twice
    its value at the moment where nothing between the moments is known. Snapshots share these arrays."""

    updates: Integers
    lows: Sequence[Floats]
    highs: Sequence[Floats]


@dataclass(frozen=True, eq=False)
class NeuronParameters:
    """The parameters of one neuron, (layer, neuron) from 0, where layer 0 has the inputs: their places in the table,
    those of its incoming weights and its bias, or, for an input, those of its outgoing weights."""

    neuron: tuple[int, int]
    places: Integers


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """All parameters: names, and arrays of shape (n,): values, gradients at these values on the next batch, the last
    update of each, and the optimizer's state by slot name. `layers` has (title, start, stop) for every layer, one
    for a surface.

    `update` is the present one, and `past` the way here. `neuron` has the parameters of the neuron selected in the
    diagram. `phase` and `phase_layer` say what is lit (see `core.phases`): the gradients of layers that this phase has
    not reached are not yet known to the learner.
    """

    names: tuple[str, ...]
    values: Floats
    gradients: Floats
    steps: Floats
    state: tuple[tuple[str, Floats], ...]
    layers: tuple[tuple[str, int, int], ...]
    update: int = 0
    past: ParameterPast | None = None
    neuron: NeuronParameters | None = None
    phase: str = "rest"
    phase_layer: int = 0


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
    """What is happening: `lines` about this very update, and `hint`, what to try next. `alarm` after a divergence.
    `phase` says which phase of the next update it is about; "" between updates."""

    lines: tuple[str, ...]
    hint: str
    alarm: bool
    phase: str = ""


@dataclass(frozen=True, eq=False)
class DiagramLayer:
    """A row of neurons: the inputs, or a layer. `values` (n,) are what comes in or the activations of the sample shown,
    `sums` (n,) its z before the activation, `deltas` (n,) dL/dz of this sample times the size of the batch; None for
    the inputs. `weights`, shape (neurons of the row before, n), and `biases` (n,) are those that lead here, with their
    gradients on the batch; None for the inputs."""

    title: str
    values: Floats
    sums: Floats | None = None
    deltas: Floats | None = None
    weights: Floats | None = None
    biases: Floats | None = None
    weight_gradients: Floats | None = None
    bias_gradients: Floats | None = None


@dataclass(frozen=True, eq=False)
class Diagram:
    """A network, and one sample of the next batch in it. `layers` begins with the inputs. `targets` (outputs,) and
    `loss` are those of the sample. `phase` and `phase_layer` say what is lit (see `core.phases`): values of layers that
    this phase has not reached are not yet known to the learner. `selected` is a neuron (layer, neuron), both from 0, or
    None."""

    layers: tuple[DiagramLayer, ...]
    sample: str
    targets: Floats
    loss: float
    phase: str
    phase_layer: int
    selected: tuple[int, int] | None


@dataclass(frozen=True, eq=False)
class BatchStrip:
    """The samples of the next batch, in their order.

    `samples` (n,) has their places in the training set, `labels` their targets in words, or their tilts for a surface;
    none in the training set is longer than `label_width`. `losses` (n,) are each one's own. `answers` (n,) has the
    outputs in the targets' unit, and `errors` (n,) output minus target; of several outputs that which is off most. For
    classes `right` (n,) says whether the answer is, `answers` are their numbers, and `errors` those of probabilities,
    of the likeliest class. All three are None where there are none. `size` is the size of a whole batch, of which the
    last of an epoch may fall short. `order` is the order of this epoch as far as it is known, `begin` where this batch
    begins in it, `last_order` that of the epoch before (empty in the first). `selected` is the place in the batch of
    the sample that the diagram shows. `classes` has the names of the classes, by their numbers from 0, where they have
    names.
    """

    samples: Integers
    labels: tuple[str, ...]
    label_width: int
    losses: Floats
    answers: Floats | None
    errors: Floats | None
    right: Mask | None
    size: int
    order: Integers
    begin: int
    last_order: Integers
    selected: int
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimelineMark:
    """Something on the timeline: `kind` is "edit", "best" (test loss), "diverged", "won" (a challenge)."""

    update: int
    kind: str
    label: str


@dataclass(frozen=True)
class Fork:
    """A future that was left: where it leaves this run, how far it came, and what it was, in words."""

    update: int
    latest: int
    label: str


@dataclass(frozen=True)
class TimelineBar:
    """The whole run: where it stands, how far it has come, the update at which it has the scenario's length."""

    update: int
    latest: int
    end: int
    marks: tuple[TimelineMark, ...]
    forks: tuple[Fork, ...]


@dataclass(frozen=True)
class Reading:
    """A number to watch: what it is called, what it is now (None where it is not known), what it is compared with
    (`limit`, called `limit_name`; those of a `logarithmic` reading are compared by their ratio) or of what it is a part
    (`whole`), and a word on what that means. `alarm` when it tells of something wrong. `layer`, from 1, is that of a
    gradient norm of one layer."""

    name: str
    value: float | None
    note: str = ""
    limit: float | None = None
    limit_name: str = ""
    logarithmic: bool = False
    whole: float | None = None
    layer: int = 0
    alarm: bool = False


@dataclass(frozen=True, eq=False)
class Racer:
    """A run beside the one on the screen, or that one itself (the first).

    `label` says what sets it apart, `losses` (role "racer", over updates) are its training losses so far, `loss` the
    last of them, `update` where it stands; an epoch of it has `updates_per_epoch` updates. `reached` has the first
    update at which its training loss was at or below each of the race's thresholds. `ended` says in words why it does
    not go on, "" if it does; `diverged` whether that is a divergence.
    """

    label: str
    losses: Series
    update: int
    loss: float
    updates_per_epoch: int
    reached: tuple[int | None, ...]
    ended: str
    diverged: bool


@dataclass(frozen=True)
class Race:
    """Runs from the same start on the same data in the same order, which differ in one setting; their first is the run
    on the screen. `leader` is the place of the one that is ahead, None while nothing tells them apart. `measured` says
    when the training loss is measured, such as "after every epoch"."""

    thresholds: tuple[float, ...]
    racers: tuple[Racer, ...]
    leader: int | None
    measured: str


@dataclass(frozen=True)
class ReceiptLine:
    """A line of a receipt: what it is, the formula it comes from, the formula with its numbers put in, and the result
    at full precision; all but the name may be empty. A working is a Python expression wherever there is one."""

    name: str
    formula: str = ""
    working: str = ""
    result: str = ""


@dataclass(frozen=True)
class Receipt:
    """The next update of one parameter, from `old` to `new`, written out: sections with a title and lines, in the
    order of the arithmetic.

    `gradient` is that of loss and penalty on the batch, before clipping, `numeric` the same by central differences,
    `relative_error` how far apart they are, and `verdict` what that means, in words.
    """

    parameter: str
    update: int
    old: float
    new: float
    sections: tuple[tuple[str, tuple[ReceiptLine, ...]], ...]
    gradient: float
    numeric: float
    relative_error: float
    verdict: str


@dataclass(frozen=True)
class Attention:
    """What the person in front of the lab looks at, which decides what a snapshot has to hold.

    `panels` are those in sight. `parameter` is the selected one, `neuron` the one selected in the diagram (layer,
    neuron; from 0), `sample` the place in the next batch of the sample that the diagram shows, `view` the name of the
    stage's view ("" for the scenario's own), `pair` the two parameters of a slice, `browse` the sample that the stage
    shows.
    """

    panels: frozenset[str] = frozenset()
    parameter: int = 0
    neuron: tuple[int, int] | None = None
    sample: int = 0
    view: str = ""
    pair: tuple[int, int] | None = None
    browse: Browse = OWN_SAMPLE


NOTHING_IN_SIGHT = Attention()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything the lab shows at one moment; what nobody looks at may be None. `branches` says, in words, which
    futures were left and are kept, `views` which views the stage has, the first being the scenario's own, and `view`
    which of them it shows. `has_network` tells whether there is a network that a diagram can show."""

    status: Status
    stage: Stage
    chart: Chart
    table: ParameterTable
    narration: Narration
    timeline: TimelineBar
    branches: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    view: str = ""
    has_network: bool = False
    diagram: Diagram | None = None
    batch: BatchStrip | None = None
    readings: tuple[Reading, ...] = ()
    race: Race | None = None
    receipt: Receipt | None = None
