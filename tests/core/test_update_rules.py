"""Every update rule against PyTorch's paths, and what all of them have in common."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from measures import deviation, golden
from walks import RULES, Walk

from nnsim.core.arrays import Vector
from nnsim.core.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Lion,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)

RUNS = golden("optimizers")["runs"]

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)


# --- three surfaces: their gradients ---


def rosenbrock(x: float, y: float) -> list[float]:
    return [-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)]


def quadratic(x: float, y: float) -> list[float]:
    """Curvatures 1 and 25 along axes turned by 30 degrees, minimum (4, 3)."""
    cos, sin = math.sqrt(3.0) / 2.0, 0.5
    along, across = cos * (x - 4.0) + sin * (y - 3.0), cos * (y - 3.0) - sin * (x - 4.0)
    return [cos * along - 25.0 * sin * across, sin * along + 25.0 * cos * across]


def himmelblau(x: float, y: float) -> list[float]:
    a, b = x * x + y - 11.0, x + y * y - 7.0
    return [4.0 * a * x + 2.0 * b, 2.0 * a + 4.0 * b * y]


SURFACES = {"rosenbrock": rosenbrock, "quadratic": quadratic, "himmelblau": himmelblau}


def rule_of(options: dict[str, Any]) -> Optimizer:
    return OPTIMIZERS[options["kind"]](**{name: value for name, value in options.items() if name != "kind"})


def path(run: dict[str, Any], stop_at: int = 0) -> list[list[float]]:
    """The points of a golden run, from its own gradients, stopped and resumed where that is asked for."""
    walk, kept = Walk(rule_of(run["optimizer"]), run["path"][0]), [run["path"][0]]
    for update in range(1, (len(run["path"]) - 1) * run["keep_every"] + 1):
        walk.step(SURFACES[run["surface"]](*walk.parameters.tolist()))
        if str(update) in run["edits"]:
            walk.rule = walk.rule.with_rate(run["edits"][str(update)])
        if update % run["keep_every"] == 0:
            kept.append(walk.parameters.tolist())
        if update == stop_at:
            walk = walk.stopped_and_resumed()
    return kept


def described(run: dict[str, Any]) -> str:
    updates = (len(run["path"]) - 1) * run["keep_every"]
    return f"{rule_of(run['optimizer']).label}, {run['surface']}, {updates}{', edited' if run['edits'] else ''}"


@pytest.mark.parametrize("run", RUNS, ids=described)
def test_the_path_is_pytorchs_though_stopped_and_resumed(run: dict[str, Any]) -> None:
    assert deviation(path(run, stop_at=100), run["path"]) <= 1e-12


@pytest.mark.parametrize("run", [run for run in RUNS if run["edits"]], ids=described)
def test_a_run_that_is_stopped_and_resumed_has_the_same_bits(run: dict[str, Any]) -> None:
    assert path(run, stop_at=100) == path(run)


def test_the_golden_runs_cover_every_optimizer_on_every_surface() -> None:
    assert {run["optimizer"]["kind"] for run in RUNS} == set(OPTIMIZERS)
    kernels = {rule_of(run["optimizer"]).kernel for run in RUNS}
    assert kernels >= {rule.kernel for rule in RULES}
    for kind in OPTIMIZERS:
        mine = [run for run in RUNS if run["optimizer"]["kind"] == kind]
        assert {run["surface"] for run in mine} == set(SURFACES)
        assert any(run["edits"] for run in mine)
        assert any((len(run["path"]) - 1) * run["keep_every"] == 1000 for run in mine)


# --- what all rules have in common ---

NUMBERS = st.floats(-1e3, 1e3).filter(lambda x: x == 0.0 or abs(x) > 1e-3)
GRADIENTS = arrays(np.float64, st.tuples(st.integers(1, 8), st.just(5)), elements=NUMBERS)
START = np.array([1.0, -2.0, 0.5, 0.0, 30.0])


def walked(rule: Optimizer, start: Vector, gradients: Any) -> Walk:
    """The walk after an update with each of these gradients, shape (updates, parameters)."""
    walk = Walk(rule, start)
    for gradient in gradients:
        walk.step(gradient)
    return walk


@every_rule
@settings(max_examples=30)
@given(gradients=GRADIENTS)
def test_a_learning_rate_of_0_moves_nothing(rule: Optimizer, gradients: Any) -> None:
    assert walked(rule.with_rate(0.0), START, gradients).parameters.tolist() == START.tolist()


@every_rule
@settings(max_examples=30)
@given(gradients=GRADIENTS, order=st.permutations(range(5)))
def test_every_parameter_goes_its_own_way(rule: Optimizer, gradients: Any, order: list[int]) -> None:
    walk, permuted = walked(rule, START, gradients), walked(rule, START[order], gradients[:, order])
    assert permuted.parameters.tobytes() == walk.parameters[order].tobytes()
    assert permuted.state.tobytes() == walk.state[:, order].tobytes()


@every_rule
def test_many_starts_in_one_vector_go_where_each_goes_alone(rule: Optimizer) -> None:
    rng = np.random.default_rng(0)
    starts, gradients = rng.standard_normal(1003), rng.standard_normal((20, 1003))
    together = walked(rule, starts, gradients)
    for i in (0, 1, 500, 1002):
        alone = walked(rule, starts[i : i + 1], gradients[:, i : i + 1])
        assert alone.parameters[0] == together.parameters[i]


@every_rule
@pytest.mark.parametrize("update", [0, 1, 7])
def test_a_nan_survives_where_it_falls(rule: Optimizer, update: int) -> None:
    gradients = np.random.default_rng(0).standard_normal((12, 5))
    gradients[update, 2] = math.nan
    walk = walked(rule, START, gradients[: update + 1])
    assert np.isnan(walk.parameters).tolist() == [False, False, True, False, False]
    later = walked(rule, START, gradients)
    assert np.isnan(later.parameters).tolist() == [False, False, True, False, False]


@every_rule
def test_gradients_of_0_leave_everything_finite(rule: Optimizer) -> None:
    assert np.isfinite(walked(rule, START, np.zeros((5, 5))).parameters).all()


@every_rule
def test_a_step_goes_downhill(rule: Optimizer) -> None:
    start, gradient = np.array([0.01, -0.01]), [[5.0, -3.0]]
    step = walked(rule, start, gradient).parameters - start
    assert step[0] < 0.0 < step[1]


# --- one rule at a time ---


def test_dampening_does_not_touch_the_first_gradient() -> None:
    walk = walked(SGD(0.1, momentum=0.5, dampening=0.75), np.zeros(1), [[4.0]])
    assert walk.state.tolist() == [[4.0]]
    walk.step([8.0])
    assert walk.state.tolist() == [[0.5 * 4.0 + 0.25 * 8.0]]


def test_decoupled_weight_decay_does_not_reach_the_moments() -> None:
    coupled = walked(Adam(0.1, weight_decay=0.5), np.array([2.0]), [[0.0]])
    assert coupled.state.tolist() == [[pytest.approx(0.1)], [pytest.approx(0.001)]]
    decoupled = walked(AdamW(0.1, weight_decay=0.5), np.array([2.0]), [[0.0]])
    assert decoupled.state.tolist() == [[0.0], [0.0]]
    assert decoupled.parameters.tolist() == [2.0 * (1.0 - 0.1 * 0.5)]


def test_amsgrad_never_forgets_the_largest_v() -> None:
    walk = walked(Adam(0.1, beta2=0.5, amsgrad=True), np.zeros(1), [[8.0], [0.0], [0.0]])
    assert walk.state[1:, 0].tolist() == [8.0, 32.0]


def test_centered_rmsprop_stays_finite_on_a_constant_gradient() -> None:
    # v and the square of the mean agree to all digits there; from update 330 on PyTorch has the root of -1e-18.
    walk = walked(RMSprop(1e-6, alpha=0.9, centered=True), np.zeros(1), np.full((2000, 1), 0.1))
    assert np.isfinite(walk.parameters).all()


def test_radam_begins_with_plain_momentum() -> None:
    # With beta2 = 0.999 the length of the average exceeds 5 at update 6, and its first steps there are short.
    walk = Walk(RAdam(0.1), np.zeros(1))
    steps = []
    for _ in range(6):
        before = walk.parameters[0]
        walk.step([3.0])
        steps.append(walk.parameters[0] - before)
    assert steps[:5] == pytest.approx([-0.3] * 5, rel=1e-12)
    assert abs(steps[5]) < 0.1 * 0.1


def test_the_learning_rate_of_rprop_is_its_first_step() -> None:
    walk = walked(Rprop(0.1), np.zeros(2), [[3.0, -1e-6]])
    assert walk.parameters.tolist() == [-0.1, 0.1]
    walk.rule = walk.rule.with_rate(7.0)
    walk.step([3.0, 1.0])
    assert walk.state[1].tolist() == [0.1 * 1.2, 0.1 * 0.5]
    assert walk.parameters.tolist() == [-0.1 - 0.1 * 1.2, 0.1]


def test_rprop_begins_with_the_first_learning_rate_above_0() -> None:
    walk = walked(Rprop(0.0), np.zeros(1), [[1.0], [1.0]])
    walk.rule = walk.rule.with_rate(0.1)
    walk.step([1.0])
    assert walk.parameters.tolist() == [-0.1]


@pytest.mark.parametrize(("rate", "step"), [(1e-9, 1e-3), (0.01, 0.01), (100.0, 0.5)])
def test_steps_of_rprop_keep_to_their_bounds(rate: float, step: float) -> None:
    rule = Rprop(rate, step_minimum=1e-3, step_maximum=0.5)
    assert walked(rule, np.zeros(1), [[-2.0]]).parameters.tolist() == [step]


def test_steps_of_lion_have_one_size() -> None:
    walk = walked(Lion(0.25), np.zeros(3), [[1e-9, -1e9, 0.0]])
    assert walk.parameters.tolist() == [-0.25, 0.25, 0.0]
