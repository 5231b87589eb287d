"""What a scenario file may say, as typed structs: the file's keys are the fields below, and no others.

Only types and simple bounds live here, so that the gallery can list the course without loading NumPy. What needs
arrays (do the shapes fit?) is checked by `experiment.build`.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from nnsim.scenarios.challenge import LIVE, AnyChallenge
from nnsim.scenarios.expect import Expect
from nnsim.scenarios.fields import (
    Count,
    Line,
    NotNegative,
    Overrides,
    Positive,
    Rows,
    Seed,
    Strict,
    Tagged,
    Text,
    Values,
    Width,
    exactly_one,
)
from nnsim.scenarios.optimizers import Optimizer
from nnsim.scenarios.remark import Remark
from nnsim.scenarios.schedules import Schedule
from nnsim.scenarios.surfaces import Surface, Tilts

MOST_PARAMETERS = 10_000_000
MOST_LINES, MOST_COLUMNS = 22, 72
MOST_PRINTED = 60  # epochs of a published table

# --- a network with data, where there is no surface ---


class Zeros(Tagged, tag="zeros", frozen=True):
    pass


class Constant(Tagged, tag="constant", frozen=True):
    value: float


class Uniform(Tagged, tag="uniform", frozen=True):
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.high - self.low < math.inf:
            raise ValueError(f"has the range {self.low} to {self.high}: it takes a finite one, from low to high")


class Normal(Tagged, tag="normal", frozen=True):
    deviation: NotNegative
    mean: float = 0.0


class GlorotUniform(Tagged, tag="glorot_uniform", frozen=True):
    pass


class GlorotNormal(Tagged, tag="glorot_normal", frozen=True):
    pass


class HeNormal(Tagged, tag="he_normal", frozen=True):
    pass


class HeUniform(Tagged, tag="he_uniform", frozen=True):
    pass


Initializer: TypeAlias = Zeros | Constant | Uniform | Normal | GlorotUniform | GlorotNormal | HeNormal | HeUniform


Activation: TypeAlias = Literal[
    "linear",
    "relu",
    "leaky_relu",
    "tanh",
    "sigmoid",
    "elu",
    "selu",
    "gelu",
    "gelu_tanh",
    "silu",
    "softplus",
    "mish",
    "hard_tanh",
    "sine",
]

Loss: TypeAlias = Literal[
    "squared_error",
    "half_squared_error",
    "absolute_error",
    "huber",
    "log_cosh",
    "hinge",
    "binary_cross_entropy",
    "cross_entropy",
    "cross_entropy_of_sigmoids",
    "log_loss_of_sigmoids",
]


class Network(Strict, frozen=True):
    """A fully connected network. `sizes` begins with the inputs; `activations` has one entry per layer after. `biased`
    tells whether its neurons have biases.
    `huber_delta` is the error at which the Huber loss turns from a parabola into a line. The optimizer descends the
    loss plus l1 * sum |w| + l2 * sum w^2 over the weights, biases not counted.
    """

    sizes: Annotated[list[Width], Meta(min_length=2, max_length=64)]
    activations: list[Activation]
    loss: Loss
    weights: Initializer = GlorotUniform()
    biases: Initializer = Zeros()
    biased: bool = True
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    huber_delta: Positive = 1.0

    def __post_init__(self) -> None:
        parameters = sum((n_in + self.biased) * n_out for n_in, n_out in pairwise(self.sizes))
        if parameters > MOST_PARAMETERS:
            raise ValueError(f"has {parameters} parameters: it takes at most {MOST_PARAMETERS}")
        layers = len(self.sizes) - 1
        if len(self.activations) != layers:
            raise ValueError(f"has {len(self.activations)} activations for {layers} layers: it takes one for each")
        if self.huber_delta != 1.0 and self.loss != "huber":
            raise ValueError(
                f'has huber_delta = {self.huber_delta:g} with the loss "{self.loss}": it goes with "huber"'
            )


class CrowdPictures(Tagged, tag="crowd", frozen=True):
    """The bundled crowd pictures: the first `train` to train on, and 500 others to test on; targets are people /
    `target_scale`. Where they are `centred`, the mean picture of the training set is subtracted from each."""

    target_scale: Positive = 1000.0
    train: Annotated[int, Meta(ge=1, le=5000)] = 2000
    centred: bool = False


class HotDogPictures(Tagged, tag="hot_dog", frozen=True):
    """The bundled pictures of hot dogs and other things: the first `train` to train on, and 2000 others to test on."""

    train: Annotated[int, Meta(ge=1, le=6000)] = 2000


class Iris(Tagged, tag="iris", frozen=True):
    """150 flowers of three species by four measures, each less its mean over the training set, in deviations there."""


class Digits(Tagged, tag="digits", frozen=True):
    """1797 handwritten digits in 8 x 8 pixels of 0 to 1, as ten classes."""


class InlineData(Tagged, tag="inline", frozen=True):
    """Samples written in the file itself, one row each; targets are divided by `target_scale`."""

    inputs: Rows
    targets: Rows
    test_inputs: Rows | None = None
    test_targets: Rows | None = None
    unit: str = ""
    target_scale: Positive = 1.0

    def __post_init__(self) -> None:
        if (self.test_inputs is None) != (self.test_targets is None):
            raise ValueError("has test_inputs or test_targets alone: it takes both or none")
        for inputs, targets in ((self.inputs, self.targets), (self.test_inputs or [], self.test_targets or [])):
            if len(inputs) != len(targets):
                raise ValueError(f"has {len(inputs)} inputs for {len(targets)} targets: it takes as many of each")


class SideEffects(Tagged, tag="side_effects", frozen=True):
    """The bundled study of 2100 people: age in 0..1, and whether a drug had side effects, as two classes (no, yes)."""


class NoisySine(Tagged, tag="noisy_sine", frozen=True):
    """A sine with noise, bundled: the first `train` samples of one of ten draws to train on, and `test` others."""

    train: Annotated[int, Meta(ge=1, le=200)] = 20
    test: Annotated[int, Meta(ge=1, le=2000)] = 2000
    draw: Annotated[int, Meta(ge=0, le=9)] = 0


class Sine(Tagged, tag="sine", frozen=True):
    """sin(pi x) at `points` evenly spaced inputs from -1 to 1."""

    points: Annotated[int, Meta(ge=2, le=10_000)] = 64


class DoubledSine(Tagged, tag="doubled_sine", frozen=True):
    """256 noisy samples of sin(2 x), bundled, at x from -pi to pi."""


class Moons(Tagged, tag="moons", frozen=True):
    """Two moons of 128 points each that reach into each other, bundled, and as many to test on: classes 0 and 1."""


class Chebyshev(Tagged, tag="chebyshev", frozen=True):
    """The Chebyshev polynomial T_`degree` at `points` evenly spaced inputs from -1 to 1."""

    degree: Annotated[int, Meta(ge=1, le=20)] = 4
    points: Annotated[int, Meta(ge=2, le=10_000)] = 20


Data: TypeAlias = (
    CrowdPictures
    | HotDogPictures
    | Iris
    | Digits
    | InlineData
    | SideEffects
    | NoisySine
    | Sine
    | DoubledSine
    | Moons
    | Chebyshev
)


# --- how it is trained ---


class Batches(Strict, frozen=True):
    """`size` is a number of samples, or "full" for the whole training set."""

    size: Count | Literal["full"] = "full"
    order: Literal["shuffled", "fixed", "with_replacement"] = "shuffled"


class Clipping(Strict, frozen=True):
    """Limits on the gradient before an update: on its norm, and on each of its numbers."""

    norm: Positive | None = None
    value: Positive | None = None


class Length(Strict, frozen=True):
    """How long a run is, in updates or in epochs, and its seed."""

    updates: Count | None = None
    epochs: Count | None = None
    seed: Seed = 0

    def __post_init__(self) -> None:
        exactly_one(updates=self.updates, epochs=self.epochs)


# --- what the learner reads ---


class View(Strict, frozen=True):
    """What the stage shows: the range of each parameter, or the sample in the picture. `secants` are distances at which
    a second point on a curve makes a secant of the tangent, in the order in which they are shown."""

    x: Annotated[list[float], Meta(min_length=2, max_length=2)] | None = None
    y: Annotated[list[float], Meta(min_length=2, max_length=2)] | None = None
    sample: Annotated[int, Meta(ge=0)] = 0
    secants: Annotated[list[float], Meta(max_length=12)] = field(default_factory=list)

    def __post_init__(self) -> None:
        for span in (self.x, self.y):
            if span is not None and not span[0] < span[1]:
                raise ValueError(f"has the range {span[0]} to {span[1]}: it takes one from low to high")
        if 0.0 in self.secants or len(set(self.secants)) < len(self.secants):
            raise ValueError("has secants with a 0 or with the same distance twice: each takes one of its own")


class Variant(Strict, frozen=True):
    """A change of set-up worth trying, by dotted keys: `set = {"optimizer.learning_rate" = 0.5}`."""

    title: Line
    set: Overrides


class Published(Strict, frozen=True):
    """What `source` has printed for each epoch of such a run, from the first on, and how many `runs` of the recipe the
    lab makes to compare with."""

    source: Line
    losses: Annotated[list[float], Meta(min_length=1, max_length=MOST_PRINTED)]
    accuracies: Annotated[list[float], Meta(min_length=1, max_length=MOST_PRINTED)]
    runs: Annotated[int, Meta(ge=20, le=1000)] = 400

    def __post_init__(self) -> None:
        if len(self.losses) != len(self.accuracies):
            raise ValueError(
                f"has {len(self.losses)} losses and {len(self.accuracies)} accuracies: it takes as many of each"
            )


class Scenario(Strict, frozen=True):
    """A scenario file. It has either a `surface` (with `start`) or a `network` (with `data`).

    `why` is a page of its own: the formula behind what one sees, and where it comes from.
    """

    title: Line
    question: Line
    goal: Text
    run: Length
    optimizer: Optimizer
    surface: Surface | None = None
    tilts: Tilts | None = None
    network: Network | None = None
    data: Data | None = None
    start: Values | None = None
    why: Text | None = None
    schedule: Schedule | None = None
    clipping: Clipping = Clipping()
    batches: Batches = Batches()
    view: View = View()
    narration: list[Remark] = field(default_factory=list)
    published: Published | None = None
    chapter: Line = "Your own"
    variants: list[Variant] = field(default_factory=list)
    race: Annotated[list[Overrides], Meta(max_length=7)] = field(default_factory=list)
    challenges: Annotated[list[AnyChallenge], Meta(max_length=3)] = field(default_factory=list)
    expect: list[Expect] = field(default_factory=list)

    def __post_init__(self) -> None:
        exactly_one(surface=self.surface, network=self.network)
        if self.surface is not None and self.start is None:
            raise ValueError("has a surface without a start: it takes one, such as start = [0.0]")
        if self.surface is not None and self.data is not None:
            raise ValueError("has data beside a surface: data goes with a network, tilts with a surface")
        if self.network is not None and self.data is None:
            raise ValueError('has a network without data: it takes some, such as data = {kind = "crowd"}')
        if self.network is not None and self.tilts is not None:
            raise ValueError("has tilts beside a network: tilts go with a surface, data with a network")
        for overrides in self.race:
            for key in overrides:
                if key.partition(".")[0] not in LIVE:
                    raise ValueError(f"has a race that sets {key}: its runs differ in {', '.join(LIVE)} alone")
        if self.published is not None and not 0 < (self.run.epochs or 0) <= MOST_PRINTED:
            raise ValueError(f"has published with a run that is not of 1 to {MOST_PRINTED} epochs: it takes such a run")
        _check_page(self.why or "")


def _check_page(why: str) -> None:
    """Raise ValueError unless a page fits into the smallest terminal that the app takes."""
    lines = why.splitlines()
    if len(lines) > MOST_LINES:
        raise ValueError(f"has a why of {len(lines)} lines: it takes up to {MOST_LINES}")
    for place, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS:
            raise ValueError(f"has a why whose line {place} has {len(line)} characters: it takes up to {MOST_COLUMNS}")
        if not line.isprintable():
            raise ValueError(f"has a why whose line {place} has a character that does not print: it takes plain text")
