"""The data that a scenario file may name or hold."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from nnsim.scenarios.fields import Positive, Rows, Tagged


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
        tests = self.test_inputs or [], self.test_targets or []
        for which, inputs, targets in (("", self.inputs, self.targets), ("test_", *tests)):
            if len(inputs) != len(targets):
                raise ValueError(
                    f"has {len(inputs)} {which}inputs for {len(targets)} {which}targets: it takes as many of each"
                )


class SideEffects(Tagged, tag="side_effects", frozen=True):
    """A study of 2100 people: age in 0..1, and whether a drug had side effects, as two classes (no, yes). Draw 0 is
    bundled; the others are other people of the same kind."""

    draw: Annotated[int, Meta(ge=0)] = 0


class NoisySine(Tagged, tag="noisy_sine", frozen=True):
    """A sine with noise, bundled: the first `train` samples of one of ten draws to train on, each of 20 samples and of
    200, and `test` others."""

    train: Annotated[int, Meta(ge=1, le=200)] = 20
    test: Annotated[int, Meta(ge=1, le=2000)] = 2000
    draw: Annotated[int, Meta(ge=0, le=9)] = 0


class Sine(Tagged, tag="sine", frozen=True):
    """sin(pi x) at `points` evenly spaced inputs from -1 to 1."""

    points: Annotated[int, Meta(ge=2, le=10_000)] = 64


class DoubledSine(Tagged, tag="doubled_sine", frozen=True):
    """256 samples of sin(2 x), bundled, at x from -pi to pi, with `noise` or without."""

    noise: bool = True


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
