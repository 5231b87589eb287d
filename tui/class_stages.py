"""The stages of a network that tells classes apart: one sample in full, and what it takes for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnsim.tui.browsing import Leaf

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SampleStage:
    """One sample, and what a classifier says of it.

    `picture` is the sample as an image with values 0..1; one that is none has its inputs by `names` and `values` (n,).
    `scores` (classes,) is what the network says for each of `classes`, from `low` to `high`: probabilities from 0 to 1,
    scores of a hinge loss from -1 to 1. `truth` and `answer` are places among the classes, `loss` is that of this
    sample. `right` of `samples` answers are right in the set that `leaf` names; `whole` is how many that set has.
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
    samples: int
    whole: int


@dataclass(frozen=True, eq=False)
class ConfusionStage:
    """What a classifier takes for what: `counts` (classes, classes) has in row i and column j how many samples of class
    i it answers j, for `samples` of the `whole` set that `leaf` names."""

    leaf: Leaf
    classes: tuple[str, ...]
    counts: Integers
    samples: int
    whole: int
