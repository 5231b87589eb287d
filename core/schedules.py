"""Learning-rate schedules: from a base rate and the steps of the schedule that are done to the rate of the next update.

Formulas and defaults are PyTorch's, in their closed forms: the rate of a step depends on that step alone, so that a run
that goes back finds it again bit for bit. One step is an update or an epoch, whichever `unit` says. In the formulas
`base` is the rate without a schedule, and s counts the steps done, 0 at the start.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from nnsim.core.arrays import Indices, Vector

Unit: TypeAlias = Literal["update", "epoch"]


@dataclass(frozen=True)
class _Stepped:
    """What the schedules share: `unit`, what one step of the schedule is."""

    unit: Unit = field(default="epoch", kw_only=True)

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ValueError(f"unit {self.unit!r}: it can be {', '.join(get_args(Unit))}")


class _Planned(_Stepped, ABC):
    """A schedule that depends on nothing but the steps done."""

    @abstractmethod
    def rates(self, base: float, steps: Indices) -> Vector:
        """The learning rate after each number of steps done; `steps` and the result have the shape (n,)."""


@dataclass(frozen=True)
class StepDecay(_Planned):
    """rate = base factor^floor(s / every): the rate drops at regular intervals (He et al. 2016, section 3.4).

    Raises ValueError unless every >= 1 and 0 < factor < 1.
    """

    every: int
    factor: float = 0.1

    name: ClassVar[str] = "step"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole("every", self.every, low=1)
        _check_factor(self.factor)

    @property
    def label(self) -> str:
        return f"times {self.factor:g} every {self.every}"

    def rates(self, base: float, steps: Indices) -> Vector:
        return base * np.power(self.factor, steps // self.every)


@dataclass(frozen=True)
class MultiStep(_Planned):
    """rate = base factor^(milestones <= s): the rate drops at chosen steps (He et al. 2016, section 4.2), or
    rises there.

    Raises ValueError unless the milestones are one or more, increase from at least 1, and the factor is finite and
    above 0.
    """

    milestones: tuple[int, ...]
    factor: float = 0.1

    name: ClassVar[str] = "multi_step"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "milestones", tuple(self.milestones))
        if not self.milestones or any(later <= earlier for earlier, later in pairwise(self.milestones)):
            raise ValueError(f"milestones is {list(self.milestones)}: it takes one or more numbers that increase")
        for milestone in self.milestones:
            _check_whole("milestones", milestone, low=1)
        if not 0.0 < self.factor < math.inf:
            raise ValueError(f"factor is {self.factor}: it takes a finite number above 0")

    @property
    def label(self) -> str:
        return f"times {self.factor:g} at {', '.join(map(str, self.milestones))}"

    def rates(self, base: float, steps: Indices) -> Vector:
        return base * np.power(self.factor, np.searchsorted(np.array(self.milestones), steps, side="right"))


@dataclass(frozen=True)
class Exponential(_Planned):
    """rate = base factor^s: the same share is lost at every step (PyTorch's ExponentialLR).

    Raises ValueError unless 0 < factor < 1.
    """

    factor: float

    name: ClassVar[str] = "exponential"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_factor(self.factor)

    @property
    def label(self) -> str:
        return f"times {self.factor:g} every 1"

    def rates(self, base: float, steps: Indices) -> Vector:
        return base * np.power(self.factor, steps)


@dataclass(frozen=True)
class Cosine(_Planned):
    """rate = minimum + (base - minimum) (1 + cos(pi s / length)) / 2, half a cosine from base down to minimum
    (Loshchilov and Hutter 2017, eq. 5, without restarts).

    After `length` steps the rate stays at the minimum, where PyTorch's would climb again.
    Raises ValueError unless length >= 1 and minimum >= 0.
    """

    length: int
    minimum: float = 0.0

    name: ClassVar[str] = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole("length", self.length, low=1)
        _check_number("minimum", self.minimum)

    @property
    def label(self) -> str:
        return f"cosine over {self.length}"

    def rates(self, base: float, steps: Indices) -> Vector:
        return _half_cosine(base, self.minimum, np.minimum(steps, self.length) / self.length)


@dataclass(frozen=True)
class CosineRestarts(_Planned):
    """rate = minimum + (base - minimum) (1 + cos(pi c / n)) / 2, c steps into a cycle of n steps. The first cycle has
    `length` steps and each one after it `multiplier` times as many (SGDR, Loshchilov and Hutter 2017, eq. 5).

    Raises ValueError unless length >= 1, multiplier >= 1 and minimum >= 0.
    """

    length: int
    multiplier: int = 1
    minimum: float = 0.0

    name: ClassVar[str] = "cosine_restarts"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole("length", self.length, low=1)
        _check_whole("multiplier", self.multiplier, low=1)
        _check_number("minimum", self.minimum)

    @property
    def label(self) -> str:
        if self.multiplier == 1:
            return f"cosine restarts every {self.length}"
        return f"cosine restarts, cycles times {self.multiplier} from {self.length}"

    def rates(self, base: float, steps: Indices) -> Vector:
        if self.multiplier == 1:
            return _half_cosine(base, self.minimum, steps % self.length / self.length)
        starts, spans = [0], [self.length]
        while starts[-1] + spans[-1] <= steps.max(initial=0):
            starts.append(starts[-1] + spans[-1])
            spans.append(spans[-1] * self.multiplier)
        cycle = np.searchsorted(np.array(starts), steps, side="right") - 1
        return _half_cosine(base, self.minimum, (steps - np.array(starts)[cycle]) / np.array(spans)[cycle])


@dataclass(frozen=True)
class Warmup(_Planned):
    """rate = base (f + (1 - f) min(s, length) / length), a straight line from base f up to base, f the `start_factor`
    (gradual warmup, Goyal et al. 2017, section 2.2).

    Raises ValueError unless length >= 1 and 0 < start_factor <= 1.
    """

    length: int
    start_factor: float = 1.0 / 3.0

    name: ClassVar[str] = "warmup"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole("length", self.length, low=1)
        if not 0.0 < self.start_factor <= 1.0:
            raise ValueError(f"start_factor is {self.start_factor}: it takes a number above 0 and at most 1")

    @property
    def label(self) -> str:
        return f"warmup over {self.length}"

    def rates(self, base: float, steps: Indices) -> Vector:
        done = np.minimum(steps, self.length)
        return base * (self.start_factor + (1.0 - self.start_factor) * done / self.length)


@dataclass(frozen=True)
class OneCycle(_Planned):
    """Half a cosine from base / initial up to base, and half a cosine down to base / initial / final
    (Smith and Topin 2018, with PyTorch's cosines in place of straight lines and with a constant momentum).

    The way up ends at step warmup length - 1, the way down at step length - 1, whose rate stays. The top may be a
    fraction, or below 0 where the cycle is so short that it begins on its way down. `initial` and `final` are PyTorch's
    div_factor and final_div_factor, `warmup` its pct_start.
    Raises ValueError unless length >= 1, 0 < warmup < 1, initial >= 1 and final >= 1, and where warmup length is 1: the
    way up would begin and end at step 0, for which PyTorch has no rate.
    """

    length: int
    warmup: float = 0.3
    initial: float = 25.0
    final: float = 1e4

    name: ClassVar[str] = "one_cycle"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_whole("length", self.length, low=1)
        _check_number("initial", self.initial, low=1.0)
        _check_number("final", self.final, low=1.0)
        if not 0.0 < self.warmup < 1.0 or self.warmup * self.length == 1.0:
            raise ValueError(
                f"warmup is {self.warmup} with length {self.length}: it takes a share above 0 and below 1 that is not "
                "exactly one step"
            )

    @property
    def label(self) -> str:
        return f"one cycle over {self.length}"

    def rates(self, base: float, steps: Indices) -> Vector:
        first = base / self.initial
        top, end = self.warmup * self.length - 1.0, self.length - 1.0
        done = steps.astype(np.float64)
        up = _half_cosine(first, base, np.minimum(done, top) / top)
        down = _half_cosine(base, first / self.final, (np.clip(done, top, end) - top) / (end - top))
        return np.where(done <= top, up, down)


class PlateauState(NamedTuple):
    """What `Plateau` remembers: how often it has reduced the rate, the best loss, the steps without a better one, and
    the steps of the cooldown that are left."""

    reductions: int
    best: float
    bad: int
    cooldown: int


@dataclass(frozen=True)
class Plateau(_Stepped):
    """rate = base factor^reductions, not below the minimum: reduced when the loss has stopped falling (PyTorch's
    ReduceLROnPlateau, whose eps is 0 here: no reduction is too small to count).

    A loss is better when it is below best - threshold |best|; PyTorch's best (1 - threshold) is the same where losses
    are positive. After more than `patience` steps in a row without a better
    one the rate is reduced, and for `cooldown` steps then such steps do not count. A minimum above the base rate does
    not raise it. Raises ValueError unless 0 < factor < 1, patience >= 0, 0 <= threshold < 1, cooldown >= 0 and
    minimum >= 0.
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    minimum: float = 0.0

    name: ClassVar[str] = "plateau"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_factor(self.factor)
        _check_whole("patience", self.patience, low=0)
        if not 0.0 <= self.threshold < 1.0:
            raise ValueError(f"threshold is {self.threshold}: it takes a number of at least 0 and below 1")
        _check_whole("cooldown", self.cooldown, low=0)
        _check_number("minimum", self.minimum)

    @property
    def label(self) -> str:
        return f"times {self.factor:g} on a plateau of {self.patience}"

    def start(self) -> PlateauState:
        """The state before the first loss."""
        return PlateauState(reductions=0, best=math.inf, bad=0, cooldown=0)

    def after(self, state: PlateauState, loss: float) -> PlateauState:
        """The state one step later, at whose end the loss was this."""
        margin = self.threshold * abs(state.best) if math.isfinite(state.best) else 0.0
        better = loss < state.best - margin
        best = loss if better else state.best
        if state.cooldown > 0:
            return PlateauState(state.reductions, best, 0, state.cooldown - 1)
        bad = 0 if better else state.bad + 1
        if bad > self.patience:
            return PlateauState(state.reductions + 1, best, 0, self.cooldown)
        return PlateauState(state.reductions, best, bad, 0)

    def rate(self, base: float, state: PlateauState) -> float:
        """The learning rate in this state."""
        return min(base, max(base * self.factor**state.reductions, self.minimum))


Schedule: TypeAlias = StepDecay | MultiStep | Exponential | Cosine | CosineRestarts | Warmup | OneCycle | Plateau

SCHEDULES: dict[str, type[Schedule]] = {schedule.name: schedule for schedule in get_args(Schedule)}


def _half_cosine(start: float, end: float, share: Vector) -> Vector:
    """From start (share 0) to end (share 1), level at both."""
    return end + (start - end) * (1.0 + np.cos(np.pi * share)) / 2.0


def _check_whole(name: str, value: int, low: int) -> None:
    if not (isinstance(value, int) and value >= low):
        raise ValueError(f"{name} is {value}: it takes a whole number of at least {low}")


def _check_number(name: str, value: float, low: float = 0.0) -> None:
    if not low <= value < math.inf:
        raise ValueError(f"{name} is {value}: it takes a finite number of at least {low:g}")


def _check_factor(factor: float) -> None:
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor is {factor}: it takes a number above 0 and below 1")
