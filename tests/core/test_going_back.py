"""Whatever a learner does, every update is bit for bit what the straight way to it gives."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple

import numpy as np
import pytest
from histories import seen, straight
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import random_network

from nnsim.core import history as module
from nnsim.core.arrays import Vector
from nnsim.core.batches import Place
from nnsim.core.clipping import Clipping
from nnsim.core.objective import Objective, of_surface
from nnsim.core.optimizers import SGD, Adam, NAdam, Optimizer, Rprop
from nnsim.core.schedules import Plateau
from nnsim.core.surfaces import bowl
from nnsim.core.timeline import MOST_BRANCHES, Timeline
from nnsim.core.training import Settings

SAMPLES = 7
SEED = 3

# One objective has a path and measures epochs on a test set, one has a path alone, one is too large for a path.
TESTED = random_network((2, 3, 1), ("tanh", "linear"), "squared_error", SAMPLES, test=4)
PATH_ALONE = of_surface(bowl(np.diag([1.0, 3.0]), np.zeros(2)), np.random.default_rng(0).standard_normal((SAMPLES, 2)))
LARGE = random_network((2, 4, 2), ("relu", "linear"), "cross_entropy", SAMPLES)
OBJECTIVES = [TESTED, PATH_ALONE, LARGE]

OPTIMIZERS: list[Optimizer] = [
    SGD(0.05),
    SGD(0.01),
    SGD(0.02, momentum=0.9),
    SGD(0.02, momentum=0.9, nesterov=True),
    Adam(0.01),
    Adam(0.002),
    NAdam(0.01),
    Rprop(0.01),
]
SETTINGS = [Settings(optimizer, size) for optimizer in OPTIMIZERS for size in (1, 3, SAMPLES)]
SETTINGS += [
    Settings(SGD(0.05), size, schedule=Plateau(factor=0.5, patience=0, threshold=0.0), clipping=Clipping(norm=0.5))
    for size in (1, 3, SAMPLES)
]
SETTINGS += [Settings(SGD(0.01), 3, "fixed"), Settings(Adam(0.01), 2, "with_replacement")]


def start_of(objective: Objective) -> Vector:
    return np.random.default_rng(1).uniform(-0.5, 0.5, objective.size)


class Step(NamedTuple):
    """Something a learner does: go forward, to the end of the epoch, to a share of what is known, or change."""

    kind: Literal["advance", "epoch", "seek", "change", "switch"]
    number: int = 0


STEPS = st.one_of(
    st.builds(Step, st.just("advance"), st.integers(0, 40)),
    st.just(Step("epoch")),
    st.builds(Step, st.just("seek"), st.integers(0, 100)),
    st.builds(Step, st.just("change"), st.integers(0, len(SETTINGS) - 1)),
    st.builds(Step, st.just("switch"), st.integers(0, MOST_BRANCHES - 1)),
)

Changes = list[tuple[int, Settings]]


class Expected:
    """What must be true after some steps, kept without a timeline."""

    def __init__(self, first: Settings) -> None:
        self.changes: Changes = [(0, first)]
        self.update = self.latest = 0
        self.left: list[tuple[Changes, int]] = []

    def forward(self, updates: int) -> None:
        self.update += updates
        self.latest = max(self.latest, self.update)

    def change(self, new: Settings) -> None:
        if self.latest > self.update:
            self.keep()
        self.changes = [(update, old) for update, old in self.changes if update < self.update]
        if not self.changes or self.changes[-1][1] != new:
            self.changes.append((self.update, new))
        self.latest = self.update

    def fork(self, branch: tuple[Changes, int]) -> int:
        for old, new in zip_longest(self.changes, branch[0]):
            if old != new:
                return min([self.latest, branch[1], *(each[0] for each in (old, new) if each)])
        return min(self.latest, branch[1])

    @property
    def branches(self) -> list[tuple[Changes, int]]:
        return [branch for branch in self.left if self.fork(branch) < branch[1]]

    def keep(self) -> None:
        self.left = [*self.branches, (self.changes, self.latest)][-MOST_BRANCHES:]

    def switch(self, index: int) -> None:
        branch = self.branches[index]
        self.left = [each for each in self.left if each is not branch]
        self.update = self.fork(branch)
        self.keep()
        self.changes, self.latest = branch


def take(step: Step, timeline: Timeline, expected: Expected) -> None:
    """Do one step on both."""
    if step.kind == "advance":
        assert timeline.advance(step.number) == step.number
        expected.forward(step.number)
    elif step.kind == "epoch":
        epoch = timeline.run.place.epoch
        expected.forward(timeline.advance_epoch())
        assert timeline.run.place == Place(epoch + 1, 0)
    elif step.kind == "seek":
        expected.update = expected.latest * step.number // 100
        timeline.seek(expected.update)
    elif step.kind == "switch":
        if expected.branches:
            index = step.number % len(expected.branches)
            timeline.switch(timeline.branches[index])
            expected.switch(index)
    else:
        timeline.change(SETTINGS[step.number])
        expected.change(SETTINGS[step.number])


@pytest.fixture(scope="module")
def close_keyframes() -> Iterator[None]:
    """Keyframes every 5 updates, and no more than a few of them, so that short runs meet them often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "KEYFRAME_UPDATES", 5)
        patch.setattr(module, "KEYFRAME_BYTES", 8000)
        yield


@pytest.mark.usefixtures("close_keyframes")
@pytest.mark.parametrize("objective", OBJECTIVES, ids=["tested", "path alone", "large"])
@settings(max_examples=60)
@given(first=st.sampled_from(SETTINGS), steps=st.lists(STEPS, min_size=3, max_size=15))
def test_any_way_to_an_update_shows_what_the_straight_way_shows(
    objective: Objective, first: Settings, steps: list[Step]
) -> None:
    start = start_of(objective)
    timeline, expected = Timeline(objective, first, start, SEED), Expected(first)
    for step in steps:
        take(step, timeline, expected)
        assert (timeline.update, timeline.latest) == (expected.update, expected.latest)
        assert [branch.latest for branch in timeline.branches] == [latest for _, latest in expected.branches]
        assert seen(timeline) == straight(objective, start, SEED, expected.changes, expected.update)
    timeline.seek(timeline.latest)
    assert seen(timeline) == straight(objective, start, SEED, expected.changes, expected.latest)
