"""Runs on famous surfaces whose lengths are known from other implementations: Rosenbrock's valley, a saddle; and the
rates that the best settings reach on a quadratic."""

import math

import numpy as np
import pytest
from measures import printed
from problems import bowl_at_4_3

from nnsim.core.arrays import Vector
from nnsim.core.curvature import hessian
from nnsim.core.named_surfaces import NAMED
from nnsim.core.objective import Objective, of_surface
from nnsim.core.optimizers import SGD, Adam, Optimizer
from nnsim.core.timeline import Timeline
from nnsim.core.training import Settings


def after(objective: Objective, rule: Optimizer, start: tuple[float, ...], updates: int) -> Timeline:
    timeline = Timeline(objective, Settings(rule, 1), np.array(start))
    timeline.advance(updates)
    return timeline


def losses(timeline: Timeline) -> Vector:
    """The loss at the start and after every update, shape (update + 1,)."""
    assert timeline.path is not None
    return timeline.objective.losses(timeline.path)


# --- Rosenbrock from his own start (-1.2, 1) ---


def test_rosenbrocks_start_and_the_curvatures_of_his_minimum() -> None:
    objective = of_surface(NAMED["rosenbrock"]())
    loss, gradient = objective.loss_and_gradient(np.array([-1.2, 1.0]))
    assert loss == pytest.approx(24.2, rel=1e-15)
    assert gradient.tolist() == pytest.approx([-215.6, -88.0], rel=1e-15)
    # The Hessian at (1, 1) is ((802, -400), (-400, 200)).
    low, high = np.linalg.eigvalsh(hessian(objective, np.ones(2)))
    assert (low, high) == pytest.approx((501 - math.sqrt(250_601), 501 + math.sqrt(250_601)), rel=1e-5)
    assert (low, high, high / low) == (printed(".39936"), printed("1001.60"), printed("2508"))


@pytest.mark.parametrize(
    ("rule", "updates"),
    [
        (SGD(5e-4), 30_147),
        (SGD(1e-3), 15_068),
        (SGD(2e-3), 7493),
        (SGD(1e-3, momentum=0.9), 1386),
        (Adam(1e-3), 11_240),
        (Adam(1e-2), 4215),
        (Adam(0.1), 1139),
    ],
    ids=lambda value: f"{value.label} {value.learning_rate:g}" if isinstance(value, (SGD, Adam)) else str(value),
)
def test_rosenbrocks_valley_takes_as_long_as_known(rule: Optimizer, updates: int) -> None:
    found = losses(after(of_surface(NAMED["rosenbrock"]()), rule, (-1.2, 1.0), updates))
    assert found[-1] < 1e-6
    assert found[:-1].min() >= 1e-6


def test_rosenbrocks_valley_takes_422_updates_of_nesterov() -> None:
    """Counted at Nesterov's points; those at which he takes the gradient lie ahead of them, and are there at 421."""
    rule = SGD(5e-4, momentum=0.99, nesterov=True)
    timeline = Timeline(of_surface(NAMED["rosenbrock"]()), Settings(rule, 1), np.array([-1.2, 1.0]))
    points = [timeline.run.parameters.copy()]
    for _ in range(422):
        timeline.advance(1)
        points.append(timeline.run.parameters + rule.momentum * rule.learning_rate * timeline.run.state[0])
    behind = timeline.objective.losses(np.array(points))
    assert behind[-1] < 1e-6
    assert behind[:-1].min() >= 1e-6
    assert np.argmax(losses(timeline) < 1e-6) == 421


# --- the saddle (1 - w1 w2)^2 / 2 ---


@pytest.mark.parametrize(("offset", "updates"), [(0.1, 20), (0.01, 44), (1e-3, 68), (1e-4, 92), (1e-6, 141)])
def test_leaving_the_saddle_takes_longer_the_nearer_the_start(offset: float, updates: int) -> None:
    found = losses(after(of_surface(NAMED["saddle"]()), SGD(0.1), (offset, offset), updates))
    assert found[-1] < 0.25
    assert found[:-1].min() >= 0.25


def test_each_power_of_ten_nearer_to_the_saddle_costs_ln_10_over_ln_1_1_updates() -> None:
    objective = of_surface(NAMED["saddle"]())
    start = 1e-9
    path = after(objective, SGD(0.1), (start, start), 150).path
    assert path is not None
    # Near the saddle w <- 1.1 w, so the path from a start 1.1^24 = 9.85 times nearer is 24 updates behind.
    nearer = after(objective, SGD(0.1), (start / 1.1**24, start / 1.1**24), 174).path
    assert nearer is not None
    assert nearer[24:] == pytest.approx(path, rel=1e-12)
    assert math.log(10) / math.log(1.1) == pytest.approx(24, abs=0.2)


def test_from_across_the_axis_the_saddle_is_where_a_run_ends() -> None:
    run = after(of_surface(NAMED["saddle"]()), SGD(0.1), (0.01, -0.01), 2000).run
    assert run.parameters[0] == -run.parameters[1] == printed("3.05e-94")
    assert run.objective.evaluate(run.parameters, run.objective.train).loss == 0.5


# --- the best settings on a bowl of the curvatures 1 and k ---


def best(k: float) -> dict[str, tuple[SGD, float]]:
    """The best settings for the curvatures 1 and k, and by how much they shorten the error along the first."""
    root, other = math.sqrt(k), math.sqrt(3 * k + 1)
    return {
        "gradient descent": (SGD(2 / (1 + k)), (k - 1) / (k + 1)),
        "heavy ball (Polyak 1964)": (
            SGD((2 / (1 + root)) ** 2, momentum=((root - 1) / (root + 1)) ** 2),
            (root - 1) / (root + 1),
        ),
        "Nesterov 2004": (SGD(1 / k, momentum=(root - 1) / (root + 1), nesterov=True), 1 - 1 / root),
        "Nesterov (Lessard et al. 2016)": (
            SGD(4 / (3 * k + 1), momentum=(other - 2) / (other + 2), nesterov=True),
            1 - 2 / other,
        ),
    }


@pytest.mark.parametrize("k", [9.0, 100.0])
@pytest.mark.parametrize("which", best(9.0))
def test_the_best_settings_shorten_the_error_at_the_known_rate(k: float, which: str) -> None:
    rule, rate = best(k)[which]
    path = after(bowl_at_4_3(1.0, k), rule, (0.0, 0.0), 60).path
    assert path is not None
    error = path[:, 0] - 4.0
    if rule.momentum == 0.0:
        assert error[1:] == pytest.approx(rate * error[:-1], abs=1e-14)
    else:  # both roots of the recurrence are the rate: the error is (a + b t) rate^t
        assert error[2:] == pytest.approx(2 * rate * error[1:-1] - rate**2 * error[:-2], abs=1e-14)
