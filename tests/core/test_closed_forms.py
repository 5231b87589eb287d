"""Runs whose every figure is known beforehand: bowls, the double well, one squared error."""

from dataclasses import dataclass

import numpy as np
import pytest
from measures import deviation, printed
from problems import bowl_at_4_3

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.curvature import hessian, sharpest_directions
from nnsim.core.objective import Objective, of_surface
from nnsim.core.optimizers import SGD
from nnsim.core.surfaces import bowl, double_well, squared_error
from nnsim.core.training import Run, Settings

MINIMUM = np.array([4.0, 3.0])


def path(objective: Objective, optimizer: SGD, start: list[float], updates: int) -> Matrix:
    """The start and the parameters after every update, shape (updates + 1, size)."""
    run = Run(objective, Settings(optimizer, 1), np.array(start))
    return np.vstack([start, run.advance(updates).path])


@dataclass
class Row:
    """A run from (0, 0) on the bowl at (4, 3): its curvatures, its rule, and what a printed table says of it.

    `steps` is the first update with a loss below 1e-6.
    """

    curvatures: tuple[float, float]
    rule: SGD
    points: dict[int, tuple[str, str]]
    loss_10: str
    steps: int | None = None

    def path(self, updates: int) -> Matrix:
        """The start and the point after every update.

        The table tells Nesterov's points, the code (like PyTorch) keeps those at which he takes the gradient, which
        lie ahead by momentum times the last step.
        """
        run = Run(bowl_at_4_3(*self.curvatures), Settings(self.rule, 1), np.zeros(2))
        points = [run.parameters.copy()]
        for _ in range(updates):
            run.advance(1)
            ahead = self.rule.momentum * self.rule.learning_rate * run.state[0] if self.rule.nesterov else 0.0
            points.append(run.parameters + ahead)
        return np.array(points)

    def losses(self, updates: int) -> Vector:
        return bowl_at_4_3(*self.curvatures).losses(self.path(updates))


PLAIN = [
    Row((1, 1), SGD(0.1), {1: (".4", ".3"), 2: (".76", ".57"), 10: ("2.60528624", "1.95396468")}, "1.5197081824"),
    Row((1, 1), SGD(0.5), {1: ("2", "1.5"), 2: ("3", "2.25"), 10: ("3.99609375", "2.99707031")}, "1.1920929e-5"),
    Row((1, 1), SGD(1.0), {1: ("4", "3"), 2: ("4", "3"), 10: ("4", "3")}, "0", 1),
    Row((1, 1), SGD(2.0), {1: ("8", "6"), 2: ("0", "0"), 10: ("0", "0")}, "12.5"),
    Row((1, 1), SGD(2.1), {1: ("8.4", "6.3"), 2: ("-.84", "-.63"), 10: ("-6.37497", "-4.78123")}, "84.09374937"),
    Row(
        (1, 9), SGD(0.02), {1: (".08", ".54"), 2: (".1584", ".9828"), 10: (".73170877", "2.58765591")},
        "6.105988207", 394,
    ),
    Row((1, 9), SGD(0.1), {1: (".4", "2.7"), 2: (".76", "2.97"), 10: ("2.60528624", "3")}, "0.9726132367", 76),
    Row(
        (1, 9), SGD(1 / 9), {1: (".444444", "3"), 2: (".839506", "3"), 10: ("2.76821541", "3")}, "0.7586466389", 68
    ),
    Row((1, 9), SGD(0.2), {1: (".8", "5.4"), 2: ("1.44", "1.08"), 10: ("3.57050327", "2.67787745")}, ".5591669297", 40),
    Row((1, 9), SGD(2 / 9), {1: (".8889", "6"), 2: ("1.5802", "0"), 10: ("3.67594756", "0")}, "40.55250499"),
    Row(
        (1, 9), SGD(0.25), {1: ("1", "6.75"), 2: ("1.75", "-1.6875"), 10: ("3.77474594", "-24.93967724")},
        "3512.840409",
    ),
    Row((1, 100), SGD(2 / 101), {1: (".0792", "5.9406")}, "307.0024874", 499),
]  # fmt: skip
WITH_MOMENTUM = [
    Row(
        (1, 9), SGD(0.25, momentum=0.25), {1: ("1", "6.75"), 2: ("2", "0"), 3: ("2.75", "5.0625")}, ".01016235352", 18
    ),
    Row(
        (1, 9), SGD(1 / 9, momentum=0.5, nesterov=True),
        {1: (".444444", "3"), 2: ("1.037037", "3"), 3: ("1.62963", "3")}, ".04517612756", 26,
    ),
    Row((1, 9), SGD(1 / 9, momentum=0.9), {1: (".444444", "3"), 2: ("1.239506", "5.7")}, "3.831088656", 144),
    Row((1, 100), SGD((2 / 11) ** 2, momentum=(9 / 11) ** 2), {}, "2993.333895", 75),
    Row((1, 100), SGD(0.01, momentum=9 / 11, nesterov=True), {1: (".04", "3"), 2: (".112", "3")}, "3.890452947", 99),
]  # fmt: skip
ROWS = [*PLAIN, *WITH_MOMENTUM]


def title(row: Row) -> str:
    return f"{row.curvatures} {row.rule.label} {row.rule.learning_rate:.4g}"


@pytest.mark.parametrize("row", ROWS, ids=title)
def test_bowl_goes_through_the_printed_points(row: Row) -> None:
    found, loss = row.path(10), row.losses(10)[10]
    for update, point in row.points.items():
        assert tuple(found[update]) == (printed(point[0]), printed(point[1]))
    assert loss == printed(row.loss_10)


@pytest.mark.parametrize("row", [row for row in ROWS if row.steps], ids=title)
def test_bowl_is_below_a_millionth_when_printed(row: Row) -> None:
    assert row.steps is not None
    losses = row.losses(row.steps)
    assert losses[-1] < 1e-6
    assert losses[:-1].min() >= 1e-6


@pytest.mark.parametrize("row", PLAIN, ids=title)
def test_every_error_shrinks_or_grows_by_1_minus_rate_times_curvature(row: Row) -> None:
    factors = 1 - row.rule.learning_rate * np.array(row.curvatures)
    expected = MINIMUM + factors ** np.arange(31)[:, None] * (0 - MINIMUM)
    assert deviation(row.path(30), expected) <= 1e-12


@pytest.mark.parametrize(
    ("rate", "guesses"),
    [
        (0.1, ["350", "380", "404", "423.2", "438.56", "450.848"]),
        (0.25, ["350", "425", "462.5", "481.25", "490.625", "495.3125"]),
        (0.5, ["350", "500", "500"]),
        (0.75, ["350", "575", "462.5", "518.75"]),
        (1.0, ["350", "650", "350", "650", "350"]),
        (1.1, ["350", "680", "284", "759.2", "188.96", "873.248"]),
    ],
)
def test_guesses_at_500_people(rate: float, guesses: list[str]) -> None:
    found = path(of_surface(squared_error(500.0)), SGD(rate), [350.0], len(guesses) - 1)
    assert found[:, 0].tolist() == [pytest.approx(float(guess), rel=1e-13) for guess in guesses]


def well(w: float, rate: float, updates: int, momentum: float = 0.0) -> Vector:
    """Where w goes on the double well, start included."""
    return path(of_surface(double_well()), SGD(rate, momentum=momentum), [w], updates)[:, 0]


def test_the_loss_of_the_double_well_is_0_at_its_global_minimum_and_nowhere_below() -> None:
    off = np.array([0.0, 1e-9, -1e-9, 1e-7, -1e-7])
    losses = of_surface(double_well()).losses((off - 2.0)[:, np.newaxis])
    assert losses.tolist() == [pytest.approx(loss, rel=1e-6) for loss in 15.0 / 2.0 * off**2]
    assert losses[0] == 0.0


def test_full_batches_roll_from_4_into_the_nearer_minimum_and_stay() -> None:
    found = well(4.0, 0.01, 2000)
    expected = ["4", "3.82", "3.68541832", "3.58077053", "3.49712396", "3.42888375"]
    assert found[:6].tolist() == [printed(digits) for digits in expected]
    assert (np.diff(found) <= 0).all()
    assert found[-1] == pytest.approx(3.0, abs=1e-14)


def test_at_1_over_27_the_way_from_anywhere_in_1_to_4_to_the_minimum_at_3_never_turns_back() -> None:
    for start in [1.0 + 1e-9, *np.linspace(1.0, 4.0, 301)[1:]]:
        found = well(start, 1 / 27, 400)
        assert (np.diff(found) * np.sign(3.0 - start) >= 0).all()
        assert found[-1] == pytest.approx(3.0, abs=1e-9)


def test_beyond_1_over_27_a_start_at_4_can_jump_across_the_minimum() -> None:
    assert well(4.0, 1 / 27, 1)[1] > 3.0
    assert well(4.0, 1 / 18 + 0.001, 1)[1] < 3.0


@pytest.mark.parametrize(("minimum", "limit"), [(-2.0, 2 / 15), (3.0, 2 / 10)])
def test_a_minimum_of_the_double_well_is_stable_up_to_2_over_its_curvature(minimum: float, limit: float) -> None:
    below, above = (np.abs(well(minimum + 0.01, factor * limit, 20_000) - minimum) for factor in (0.999, 1.001))
    assert below[-1] < 1e-6
    assert above[-2:].min() > 0.01


def test_from_minus_4_the_way_leads_to_the_global_minimum() -> None:
    found = well(-4.0, 0.01, 2000)
    assert found[:4].tolist() == [printed(digits) for digits in ("-4", "-3.3", "-2.94783", "-2.72526983")]
    assert found[-1] == pytest.approx(-2.0, abs=1e-14)


@pytest.mark.parametrize(("start", "minimum", "updates"), [(4.0, 3.0, 126), (0.9, -2.0, 142), (-4.0, -2.0, 84)])
def test_the_double_wells_minima_are_reached_when_known(start: float, minimum: float, updates: int) -> None:
    distance = np.abs(well(start, 0.01, updates) - minimum)
    assert distance[-1] < 1e-6
    assert distance[:-1].min() >= 1e-6


@pytest.mark.parametrize(("rate", "low", "high"), [(0.14, "-2.2571", "-1.6407"), (0.15, "-2.3506", "-1.4079")])
def test_a_step_too_long_for_the_sharper_minimum_jumps_across_it_for_ever(rate: float, low: str, high: str) -> None:
    found = well(-2.01, rate, 5000)
    assert sorted(found[-2:]) == [printed(low), printed(high)]
    assert found[-1] == pytest.approx(found[-3], abs=1e-12)
    assert well(4.0, rate, 5000)[-1] == pytest.approx(3.0, abs=1e-12)


@pytest.mark.parametrize(
    ("momentum", "minimum"), [(0.0, 3.0), (0.5, 3.0), (0.8, 3.0), (0.9, -2.0), (0.95, -2.0), (0.99, 3.0)]
)
def test_a_heavy_ball_from_5_rolls_over_the_hill_or_not(momentum: float, minimum: float) -> None:
    assert well(5.0, 0.01, 20_000, momentum)[-1] == pytest.approx(minimum, abs=1e-9)


@pytest.mark.parametrize(
    ("momentum", "roots"),
    [(0.5, (0.91138, 0.54862)), (0.64, (0.8, 0.8)), (0.8, (0.88 + 0.16j, 0.88 - 0.16j))],
    ids=["over-damped", "critical", "under-damped"],
)
def test_a_heavy_balls_error_is_a_sum_of_powers_of_two_roots(momentum: float, roots: tuple[complex, complex]) -> None:
    found = path(bowl_at_4_3(1, 1), SGD(0.04, momentum=momentum), [0.0, 0.0], 60)
    error = found[:, 0] - 4.0
    # That is to say: e(k + 1) = (r1 + r2) e(k) - r1 r2 e(k - 1). The roots are printed to 5 digits.
    total, product = (roots[0] + roots[1]).real, (roots[0] * roots[1]).real
    assert error[2:] == pytest.approx(total * error[1:-1] - product * error[:-2], abs=5e-5)


@pytest.mark.parametrize("steepest", [9.0, 100.0])
def test_no_heavy_ball_near_the_best_one_is_as_fast(steepest: float) -> None:
    """Its minimum is at 0, where numbers keep their digits: a loss of 1e-200 shows the factor of an update alone."""
    objective = of_surface(bowl(np.diag([1.0, steepest]), np.zeros(2)))
    rate, momentum = (2 / (1 + np.sqrt(steepest))) ** 2, ((np.sqrt(steepest) - 1) / (np.sqrt(steepest) + 1)) ** 2

    def updates(rate_factor: float, momentum_factor: float) -> float:
        rule = SGD(rate * rate_factor, momentum=momentum * momentum_factor)
        above = objective.losses(path(objective, rule, [4.0, 3.0], 3000)) >= 1e-200
        return np.inf if above[-1] else int(above.nonzero()[0][-1]) + 1

    best = updates(1.0, 1.0)
    assert best == pytest.approx(np.log(1e-200) / np.log(momentum), rel=0.05)
    factors = [0.9, 0.95, 1.0, 1.05, 1.1]
    near = [updates(rate, momentum) for rate in factors for momentum in factors if (rate, momentum) != (1.0, 1.0)]
    assert min(near) > best


def test_the_valley_turned_by_30_degrees_has_the_same_curvatures_along_turned_axes() -> None:
    objective = of_surface(bowl(np.array([[3.0, -2 * np.sqrt(3)], [-2 * np.sqrt(3), 7.0]]), MINIMUM))
    assert hessian(objective, np.zeros(2))[0, 1] == printed("-3.4641")
    curvatures, directions = sharpest_directions(objective, np.zeros(2))
    assert curvatures == pytest.approx([9.0, 1.0], abs=1e-8)
    angles = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) % 180.0
    assert angles == pytest.approx([120.0, 30.0], abs=1e-6)
