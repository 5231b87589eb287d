"""Cycles: which runs go round for ever, through which points, and which only seem to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_scenarios import BOWL, FORMULA, LINE, ready

from nnsim.core.optimizers import SGD
from nnsim.core.timeline import Timeline
from nnsim.scenarios.cycles import Cycle, cycle_of, is_at_rest, told
from nnsim.scenarios.experiment import Experiment, build, settings_of
from nnsim.scenarios.narration import tell
from nnsim.scenarios.reader import find, read

RATE = "optimizer.learning_rate"
LOGISTIC = {"kind": "formula", "text": "x^3/3 - x^2/2"}  # at rate r a step maps x to (1 + r) x - r x^2
OFF = 1e-5  # of its way a run may still be from where its cycle will be in the end


def course(name: str, overrides: dict[str, Any]) -> Experiment:
    return build(read(find(name), overrides), name, name, overrides)


def after(experiment: Experiment, updates: int) -> Timeline:
    timeline = experiment.timeline()
    timeline.advance(updates)
    return timeline


def slope(w: float) -> float:
    """That of the two valleys."""
    return (w + 2.0) * (w - 1.0) * (w - 3.0)


# --- that a cycle is found, with its points ---


def test_a_cycle_of_two_is_that_of_the_closed_form(tmp_path: Path) -> None:
    # x -> (1 + r) x - r x^2 has the cycle (r + 2 +- sqrt(r^2 - 4)) / (2 r), which attracts for 2 < r < sqrt 6.
    r = 2.3
    found = cycle_of(after(ready(tmp_path, FORMULA, surface=LOGISTIC, start=[0.6], optimizer__learning_rate=r), 200))
    root = np.sqrt(r * r - 4.0)
    assert found is not None
    assert found.values == pytest.approx([(r + 2.0 - root) / (2.0 * r), (r + 2.0 + root) / (2.0 * r)], rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "length"), [(0.168, 4), (0.17, 4), (0.172, 8), (0.22, 2), (0.225, 2), (0.23, 2), (0.25, 4)]
)
def test_the_points_of_a_cycle_follow_each_other_and_the_last_the_first(rate: float, length: int) -> None:
    timeline = after(course("two-minima", {RATE: rate}), 150)
    found = cycle_of(timeline)
    assert found is not None
    assert found.length == length
    assert found.values[0] == min(found.values)
    following = [w - rate * slope(w) for w in found.values]
    assert following == pytest.approx([*found.values[1:], found.values[0]], abs=1e-3 * np.ptp(found.values))
    assert len({round(w, 2) for w in found.values}) == length


@pytest.mark.parametrize("rate", [0.168, 0.17, 0.22, 0.23, 0.24])
def test_the_verdict_stays_once_it_is_made(rate: float) -> None:
    experiment = course("two-minima", {RATE: rate})
    timeline = experiment.timeline()
    found: list[Cycle | None] = []
    for _ in range(300):
        timeline.advance(1)
        found.append(cycle_of(timeline))
    first = next(k for k, cycle in enumerate(found) if cycle)
    assert first < 80
    lengths = {cycle and cycle.length for cycle in found[first:]}
    assert len(lengths) == 1
    assert tell(experiment, timeline).event == ("bounced" if lengths == {2} else "cycled")


def test_a_cycle_of_three_and_one_of_five_are_found(tmp_path: Path) -> None:
    # The windows of the logistic map x -> a x (1 - x) at a = 3.83 and 3.74, where a = 1 + r.
    for a, length in ((3.83, 3), (3.74, 5)):
        experiment = ready(tmp_path, FORMULA, surface=LOGISTIC, start=[0.6], optimizer__learning_rate=a - 1.0)
        found = cycle_of(after(experiment, 2000))
        assert found is not None
        assert found.length == length


def test_one_parameter_may_go_round_while_another_comes_to_rest_in_its_own_time() -> None:
    timeline = after(course("too-large-step", {RATE: 2 / 9}), 6)
    assert cycle_of(timeline) == Cycle("w2", pytest.approx((0.0, 6.0), abs=1e-12))


def test_a_network_goes_round_as_well(tmp_path: Path) -> None:
    # Of w and b along (x, 1) for x = 1, 2, 3 the mean squared error has the Hessian [[28, 12], [12, 6]] / 3.
    sharpest = float(np.linalg.eigvalsh(np.array([[28.0, 12.0], [12.0, 6.0]]) / 3.0)[-1])
    experiment = ready(tmp_path, LINE, optimizer__learning_rate=2.0 / sharpest)
    timeline = after(experiment, 150)
    found = cycle_of(timeline)
    assert found is not None
    assert found.length == 2
    assert tell(experiment, timeline).lines[0] == told(found, for_ever=True)


def test_momentum_goes_round_too(tmp_path: Path) -> None:
    # Heavy ball on a curvature of 1 is at its limit at a rate of 2 (1 + b): a factor of -1.
    momentum = {"optimizer.momentum": 0.5}
    found = cycle_of(after(ready(tmp_path, BOWL, optimizer__learning_rate=3.0, **momentum), 100))
    assert found is not None
    assert found.length == 2


# --- that none is found where there is none ---


@pytest.mark.parametrize("digits", range(2, 10))
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_zigzag_that_shrinks_or_grows_however_slowly_is_no_cycle(tmp_path: Path, digits: int, sign: int) -> None:
    # A factor of -(1 -+ 10^-k) in the closed form.
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=2.0 + sign * 10.0**-digits)
    timeline = experiment.timeline()
    for _ in range(60):
        timeline.advance(1)
        assert cycle_of(timeline) is None


def test_a_zigzag_that_dies_out_with_its_own_size_is_no_cycle(tmp_path: Path) -> None:
    # At the critical rate of x^2/2 - x^4/40 the size of the zigzag falls as one over the root of the updates.
    surface = {"kind": "formula", "text": "x^2/2 - x^4/40"}
    timeline = ready(tmp_path, FORMULA, surface=surface, start=[1.0], optimizer__learning_rate=2.0).timeline()
    for _ in range(300):
        timeline.advance(10)
        assert cycle_of(timeline) is None
    assert timeline.run.parameters[0] != 0.0


@pytest.mark.parametrize("rate", [0.18, 0.19, 0.2, 0.21])
def test_chaos_is_no_cycle(rate: float) -> None:
    timeline = course("two-minima", {RATE: rate}).timeline()
    for _ in range(1500):
        timeline.advance(1)
        assert cycle_of(timeline) is None


@pytest.mark.parametrize("rate", [0.1, 0.13, 0.15, 0.165])
def test_a_run_that_comes_to_rest_is_on_no_cycle_of_its_rounding(rate: float) -> None:
    timeline = course("two-minima", {RATE: rate}).timeline()
    for _ in range(300):
        timeline.advance(1)
        assert cycle_of(timeline) is None
    assert timeline.run.parameters[0] == pytest.approx(3.0, abs=1e-9)


def test_small_batches_go_round_nothing() -> None:
    experiment = course("six-steps", {"batches.size": 2, "batches.order": "fixed"})
    assert cycle_of(after(experiment, 400)) is None


def test_steps_of_lion_that_repeat_are_no_cycle() -> None:
    # At 0.3 it goes there and back for dozens of updates, until its memory has turned round.
    timeline = course("too-large-step", {"optimizer": {"kind": "lion", "learning_rate": 0.3}}).timeline()
    for _ in range(150):
        timeline.advance(1)
        assert cycle_of(timeline) is None


def test_a_change_of_the_rate_ends_a_cycle_and_going_back_finds_it_again() -> None:
    experiment = course("two-minima", {RATE: 0.22})
    timeline = after(experiment, 80)
    kept = cycle_of(timeline)
    timeline.change(settings_of(read(find("two-minima"), {RATE: 0.23}), experiment.objective))
    assert cycle_of(timeline) is None
    timeline.advance(100)
    other = cycle_of(timeline)
    assert kept is not None
    assert other is not None
    assert other.values != kept.values
    timeline.seek(79)
    assert cycle_of(timeline) == Cycle("w", pytest.approx(kept.values, rel=1e-9))


def test_coming_back_by_a_change_of_the_rate_is_no_cycle(tmp_path: Path) -> None:
    # Factors of 1/4, -2 and -2 lead from 4 away to 1, 2 and 4 away, and on to infinity.
    experiment = ready(tmp_path, BOWL, optimizer__learning_rate=0.75)
    timeline = after(experiment, 1)
    timeline.change(replace(timeline.run.settings, optimizer=SGD(3.0)))
    timeline.advance(2)
    assert timeline.run.parameters.tolist() == [0.0, 0.0]
    assert cycle_of(timeline) is None


# --- in words ---


@pytest.mark.parametrize(
    ("values", "for_ever", "words"),
    [
        ((-2.3456, -1.4142), True, "A cycle of 2: w jumps between -2.35 and -1.41 for ever."),
        ((2.0, 2.0001), False, "A cycle of 2: w jumps between 2 and 2.0001."),
        ((1.0, 3.0, 2.0), True, "A cycle of 3: w goes to 1, 3 and 2, and round again for ever."),
    ],
)
def test_a_cycle_is_told_with_its_length_and_points_that_differ(
    values: tuple[float, ...], for_ever: bool, words: str
) -> None:
    assert told(Cycle("w", values), for_ever) == words


def test_with_a_schedule_nothing_is_for_ever() -> None:
    overrides = {RATE: 0.22, "schedule": {"kind": "step", "every": 500, "factor": 0.5, "unit": "update"}}
    experiment = course("two-minima", overrides)
    assert tell(experiment, after(experiment, 80)).lines[0] == "A cycle of 2: w jumps between 2.61 and 3.25."


# --- rest ---


def test_what_nothing_moves_any_more_is_at_rest(tmp_path: Path) -> None:
    assert is_at_rest(after(ready(tmp_path, BOWL, optimizer__learning_rate=1.0), 3))
    assert is_at_rest(after(ready(tmp_path, BOWL, start=[4.0, 3.0], optimizer__kind="adam"), 3))
    assert not is_at_rest(after(ready(tmp_path, BOWL, optimizer__learning_rate=0.5), 3))
    assert not is_at_rest(after(ready(tmp_path, BOWL, start=[4.0, 3.0]), 0))
