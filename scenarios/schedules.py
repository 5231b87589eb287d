"""What a scenario file may say of a learning-rate schedule: a table whose `kind` and keys are those of
`core.schedules`."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from nnsim.scenarios.fields import Count, Fraction, NotNegative, Positive, ProperFraction, Tagged

Wait: TypeAlias = Annotated[int, Meta(ge=0, le=100_000_000)]
Divisor: TypeAlias = Annotated[float, Meta(ge=1)]


class _Stepped(Tagged, frozen=True, kw_only=True):
    """`unit` says what one step of the schedule is."""

    unit: Literal["update", "epoch"] = "epoch"


class StepDecay(_Stepped, tag="step", frozen=True):
    every: Count
    factor: ProperFraction = 0.1


class MultiStep(_Stepped, tag="multi_step", frozen=True):
    milestones: Annotated[list[Count], Meta(min_length=1)]
    factor: Positive = 0.1

    def __post_init__(self) -> None:
        if any(later <= earlier for earlier, later in pairwise(self.milestones)):
            raise ValueError(f"has the milestones {self.milestones}: it takes numbers that increase")


class Exponential(_Stepped, tag="exponential", frozen=True):
    factor: ProperFraction


class Cosine(_Stepped, tag="cosine", frozen=True):
    length: Count
    minimum: NotNegative = 0.0


class CosineRestarts(_Stepped, tag="cosine_restarts", frozen=True):
    length: Count
    multiplier: Count = 1
    minimum: NotNegative = 0.0


class Warmup(_Stepped, tag="warmup", frozen=True):
    length: Count
    start_factor: Annotated[float, Meta(gt=0, le=1)] = 1.0 / 3.0


class OneCycle(_Stepped, tag="one_cycle", frozen=True):
    length: Count
    warmup: ProperFraction = 0.3
    initial: Divisor = 25.0
    final: Divisor = 1e4

    def __post_init__(self) -> None:
        if self.warmup * self.length == 1.0:
            raise ValueError(
                f"has warmup = {self.warmup} of length = {self.length}, which is exactly one step: it takes a larger "
                "or a smaller share"
            )


class Plateau(_Stepped, tag="plateau", frozen=True):
    factor: ProperFraction = 0.1
    patience: Wait = 10
    threshold: Fraction = 1e-4
    cooldown: Wait = 0
    minimum: NotNegative = 0.0


Schedule: TypeAlias = StepDecay | MultiStep | Exponential | Cosine | CosineRestarts | Warmup | OneCycle | Plateau
