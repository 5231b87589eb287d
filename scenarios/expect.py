"""What a scenario file may say must come out: the kinds of expectation."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from nnsim.scenarios.fields import (
    Count,
    Fraction,
    Line,
    NotNegative,
    Overrides,
    ProperFraction,
    Tagged,
    Values,
    at_least_one,
    at_most_one,
    exactly_one,
)


class Expectation(Tagged, frozen=True, kw_only=True):
    """What every expectation has: a title and, if need be, another set-up by dotted keys. One that is `full` takes so
    long that it is checked only when everything is."""

    title: Line
    set: Overrides = field(default_factory=dict)
    full: bool = False


class Value(Expectation, tag="value", frozen=True):
    """`quantity` is `equals` within `tolerance`, after `update` updates, after `epoch` epochs, or at the end."""

    quantity: Line
    equals: float
    tolerance: NotNegative
    update: Annotated[int, Meta(ge=0)] | None = None
    epoch: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        at_most_one(update=self.update, epoch=self.epoch)


class Sequence(Expectation, tag="sequence", frozen=True):
    """`quantity` takes these values, update by update (or, where it is measured only then, epoch by epoch).

    `first` says how many of them to skip: 0 begins before the first update.
    """

    quantity: Line
    equals: Values
    tolerance: NotNegative
    first: Annotated[int, Meta(ge=0)] = 0


class Between(Expectation, tag="between", frozen=True):
    """`quantity` lies within `low`..`high`, after `update` updates, after `epoch` epochs, or at the end."""

    quantity: Line
    low: float | None = None
    high: float | None = None
    update: Annotated[int, Meta(ge=0)] | None = None
    epoch: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        at_least_one(low=self.low, high=self.high)
        at_most_one(update=self.update, epoch=self.epoch)


class Reaches(Expectation, tag="reaches", frozen=True):
    """`quantity` gets below (or above) a value, at exactly this update, or by an update or epoch at the latest."""

    quantity: Line
    below: float | None = None
    above: float | None = None
    at_update: Annotated[int, Meta(ge=0)] | None = None
    by_update: Count | None = None
    by_epoch: Count | None = None

    def __post_init__(self) -> None:
        exactly_one(below=self.below, above=self.above)
        exactly_one(at_update=self.at_update, by_update=self.by_update, by_epoch=self.by_epoch)


class Never(Expectation, tag="never", frozen=True):
    """`quantity` never gets below (or above) a value during the run."""

    quantity: Line
    below: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        exactly_one(below=self.below, above=self.above)


class Diverges(Expectation, tag="diverges", frozen=True):
    """The run stops by itself, by an update at the latest, and blames `parameter` if one is named."""

    by_update: Count
    parameter: Line | None = None


class OfSeeds(Expectation, frozen=True, kw_only=True):
    """What expectations of the runs with the seeds 0 .. `seeds` - 1 have. `along` is a dotted key that is set to the
    number of the seed as well, so that each run has other data."""

    seeds: Annotated[int, Meta(ge=1, le=10_000)]
    quantity: Line
    along: Line | None = None


_OF_A_BOUND = ("median_update", "median_update_of_reaching", "mean_returns")


class Statistics(OfSeeds, tag="statistics", frozen=True, kw_only=True):
    """A statistic over the runs lies within `low`..`high`.

    What a statistic asks of each run, and how the runs are taken together:

    - `share_reaching`: whether `quantity` ever gets below (or above) a value; `share_ending`: whether it is there after
      the last update; `share_of_tail`: the share of the last `tail_epochs` epochs in which it is;
    - `median_update`: the first update at which it gets there, infinity if it never does;
      `median_update_of_reaching`: the same, over the runs that do get there;
    - `share_returning`: whether it is there and gets back, above (or below) the value `back`; `mean_returns`: how many
      times;
    - `mean`, `median`, `least`, `greatest`: the mean of `quantity` over the last `tail_epochs` epochs; for the median
      and the greatest it is infinity in runs that diverge, and no number in those that become undefined;
    - `median_lowest`, `mean_highest`: its lowest or highest value; `median_update_of_lowest`: the update of the lowest;
      `median_end_over_lowest`: the last value divided by the lowest.

    `quantity` is taken where the run measures it and at its end, or, with `every`, at the start and every so many
    updates; without, what takes long, such as the sharpness, is known at the end alone. With `epoch` a run counts only
    up to the end of that epoch; 0 is the start.
    """

    statistic: Literal[
        "share_reaching",
        "share_ending",
        "share_of_tail",
        "share_returning",
        "median_update",
        "median_update_of_reaching",
        "mean_returns",
        "mean",
        "median",
        "least",
        "greatest",
        "median_lowest",
        "mean_highest",
        "median_update_of_lowest",
        "median_end_over_lowest",
    ]
    below: float | None = None
    above: float | None = None
    back: float | None = None
    tail_epochs: Count = 1
    every: Count | None = None
    epoch: Annotated[int, Meta(ge=0)] | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        at_least_one(low=self.low, high=self.high)
        if not self.statistic.startswith("share_") and self.statistic not in _OF_A_BOUND:
            if self.below is not None or self.above is not None:
                raise ValueError(f'has statistic = "{self.statistic}" with below or above: it takes neither')
        else:
            exactly_one(below=self.below, above=self.above)
        returns = self.statistic in ("share_returning", "mean_returns")
        if returns and self.back is None:
            raise ValueError(f'has statistic = "{self.statistic}" without back: it takes the value to get back to')
        if self.back is not None and not returns:
            raise ValueError(f'has statistic = "{self.statistic}" with back: share_returning and mean_returns take it')


class Band(OfSeeds, tag="band", frozen=True, kw_only=True):
    """Each of these values, one for each epoch from the first on, lies between two quantiles over the runs: those of
    the mean of `quantity` over the updates of that epoch."""

    equals: Values
    low: Fraction = 0.01
    high: ProperFraction = 0.99

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"has the quantiles {self.low} to {self.high}: it takes a lower and a higher one")


class Epochs(OfSeeds, tag="epochs", frozen=True, kw_only=True):
    """The mean, or a `quantile`, over the runs of the mean of `quantity` over the updates of an epoch has these values,
    one for each epoch from the first on, within `tolerance`, one for each or one for all."""

    equals: Values
    tolerance: NotNegative | Annotated[list[NotNegative], Meta(min_length=1)]
    quantile: ProperFraction | None = None

    def __post_init__(self) -> None:
        if isinstance(self.tolerance, list) and len(self.tolerance) != len(self.equals):
            raise ValueError(
                f"has {len(self.tolerance)} tolerances for {len(self.equals)} values: it takes as many, or a single one"
            )


Expect: TypeAlias = Value | Sequence | Between | Reaches | Never | Diverges | Statistics | Band | Epochs
