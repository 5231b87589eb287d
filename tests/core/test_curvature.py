"""The Hessian against closed forms, and the critical learning rate against runs on either side of it."""

import numpy as np
import pytest
from problems import bowl_at_4_3, random_network

from nnsim.core.arrays import Matrix
from nnsim.core.curvature import critical_rate, hessian, sharpness
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.surfaces import bowl, double_well, squared_error
from nnsim.core.training import Run, Settings

ROTATED = np.array([[3.0, -2.0], [-2.0, 7.0]])
RULES = [
    SGD(1.0),
    SGD(1.0, momentum=0.5),
    SGD(1.0, momentum=0.9),
    SGD(1.0, momentum=0.5, nesterov=True),
    SGD(1.0, momentum=0.9, nesterov=True),
]


@pytest.mark.parametrize("matrix", [np.diag([1.0, 9.0]), ROTATED, np.diag([1.0, 100.0]), np.diag([1.0, 2.0, -3.0])])
def test_hessian_of_a_bowl_is_its_matrix(matrix: Matrix) -> None:
    n = len(matrix)
    objective = of_surface(bowl(matrix, np.arange(n, dtype=np.float64)))
    found = hessian(objective, np.full(n, 1.5))
    assert found == pytest.approx(matrix, rel=1e-9, abs=1e-9)
    assert sharpness(objective, np.full(n, 1.5)) == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-9)


@pytest.mark.parametrize(("w", "curvature"), [(-2.0, 15.0), (1.0, -6.0), (3.0, 10.0), (4.0, 27.0)])
def test_curvature_of_the_double_well(w: float, curvature: float) -> None:
    objective = of_surface(double_well())
    # The gradient is a cubic with the leading term w^3, so its central difference is off by h^2, below 2e-9 here.
    assert hessian(objective, np.array([w])) == pytest.approx(np.array([[curvature]]), abs=1e-8)


def test_hessian_of_a_bowl_keeps_its_digits_far_out() -> None:
    matrix = np.diag([1.0, 9.0])
    found = hessian(of_surface(bowl(matrix, np.array([4.0, 3.0]))), np.array([1e9, -1e12]))
    assert found == pytest.approx(matrix, rel=1e-9, abs=1e-9)


def test_curvature_of_the_squared_error_is_2() -> None:
    assert sharpness(of_surface(squared_error(500.0)), np.array([350.0])) == pytest.approx(2.0, rel=1e-6)


def test_hessian_of_a_linear_neuron_is_the_second_moment_of_its_inputs() -> None:
    objective = random_network((3, 1), ("linear",), "half_squared_error", 20)
    inputs = np.column_stack([objective.train.inputs, np.ones(20)])
    found = hessian(objective, np.array([1.0, -2.0, 0.5, 3.0]))
    assert found == pytest.approx(inputs.T @ inputs / 20, abs=1e-9)


def test_sharpness_of_a_point_that_is_not_finite_is_nan() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(sharpness(bowl_at_4_3(), np.array([np.inf, 0.0])))


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        (SGD(0.1), 2 / 9),
        (SGD(0.1, momentum=0.5), 3 / 9),
        (SGD(0.1, momentum=0.9), 3.8 / 9),
        (SGD(0.1, momentum=0.5, nesterov=True), 3 / 2 / 9),
    ],
)
def test_critical_rate_is_that_of_the_formula(rule: SGD, limit: float) -> None:
    assert critical_rate(9.0, rule) == pytest.approx(limit, rel=1e-15)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
@pytest.mark.parametrize(("factor", "converges"), [(0.995, True), (1.005, False)])
def test_runs_converge_below_the_critical_rate_and_diverge_above(rule: SGD, factor: float, converges: bool) -> None:
    objective = of_surface(bowl(ROTATED, np.array([4.0, 3.0])))
    limit = critical_rate(sharpness(objective, np.zeros(2)), rule)
    assert limit is not None
    run = Run(objective, Settings(rule.with_rate(factor * limit), 1), np.zeros(2))
    run.advance(3000)
    distance = np.linalg.norm(run.parameters - [4.0, 3.0])
    assert distance < 1e-3 if converges else distance > 1e3


@pytest.mark.parametrize("sharpest", [0.0, -6.0, np.nan])
def test_there_is_no_critical_rate_where_nothing_curves_upwards(sharpest: float) -> None:
    assert critical_rate(sharpest, SGD(0.1)) is None


def test_there_is_no_known_critical_rate_for_adam() -> None:
    assert critical_rate(9.0, Adam(0.1)) is None
