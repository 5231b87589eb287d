"""The Hessian against closed forms and PyTorch's, and the critical learning rate against runs on either side of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures import golden, printed, relative_error
from problems import bowl_at_4_3, random_network

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.curvature import (
    DENSE,
    critical_rate,
    critical_sharpness,
    felt_sharpness,
    gradient_norms,
    hessian,
    hessian_vector_product,
    is_bowl,
    largest_eigenvalue,
    sharpest_directions,
    sharpness,
)
from nnsim.core.formula import formula_surface
from nnsim.core.initializers import glorot_uniform, zeros
from nnsim.core.network import Network
from nnsim.core.objective import Objective, Samples, of_network, of_surface
from nnsim.core.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)
from nnsim.core.penalties import Penalty
from nnsim.core.surfaces import bowl, double_well, squared_error
from nnsim.core.training import Run, Settings

CURVATURE = golden("curvature")
ROTATED = np.array([[3.0, -2.0], [-2.0, 7.0]])
RULES = [
    SGD(1.0),
    SGD(1.0, momentum=0.5),
    SGD(1.0, momentum=0.9),
    SGD(1.0, momentum=0.5, nesterov=True),
    SGD(1.0, momentum=0.9, nesterov=True),
    SGD(1.0, weight_decay=3.0),
    SGD(1.0, momentum=0.5, dampening=0.25),
    SGD(1.0, momentum=0.9, dampening=0.9, weight_decay=3.0),
    SGD(1.0, momentum=0.5, nesterov=True, weight_decay=3.0),
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
        (SGD(0.1, weight_decay=1.0), 2 / 10),
        (SGD(0.1, momentum=0.5, dampening=0.25), 3 / 0.75 / 9),
        (SGD(0.1, momentum=0.5, dampening=0.25, weight_decay=1.0), 3 / 0.75 / 10),
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
    pulled = ROTATED + rule.weight_decay * np.eye(2)  # weight decay moves the minimum towards 0
    distance = np.linalg.norm(run.parameters - np.linalg.solve(pulled, ROTATED @ [4.0, 3.0]))
    assert distance < 1e-3 if converges else distance > 1e3


@pytest.mark.parametrize("sharpest", [0.0, -6.0, np.nan])
def test_there_is_no_critical_rate_where_nothing_curves_upwards(sharpest: float) -> None:
    assert critical_rate(sharpest, SGD(0.1)) is None


def test_weight_decay_curves_upwards_by_itself() -> None:
    assert critical_rate(-6.0, SGD(0.1, weight_decay=8.0)) == 1.0
    assert critical_rate(-6.0, SGD(0.1, weight_decay=6.0)) is None


@pytest.mark.parametrize("make", [Adadelta, Rprop, Lion])
def test_rules_whose_steps_do_not_grow_with_the_slope_have_no_limit(make: type[Optimizer]) -> None:
    assert critical_rate(9.0, make(0.1)) is None
    assert critical_sharpness(0.1, make(0.1)) is None


FROZEN = 1.0 - 1e-12  # a decay so slow that what the rule divides by stays as it is for the updates of a test
LONG_AGO = 10**14  # and so many updates before them that no bias is left
OLD = np.array([4.0, 9.0])
# Each rule with what it has divided by for long, and where it stands in its count of updates.
DIVIDING = {
    "adam": (Adam(0.1, beta2=FROZEN), {"v": OLD**2}, LONG_AGO, 38.0),
    "adam, no memory": (Adam(0.1, beta1=0.0, beta2=FROZEN), {"v": OLD**2}, LONG_AGO, 2.0),
    "adam, decay": (Adam(0.1, beta2=FROZEN, weight_decay=3.0), {"v": OLD**2}, LONG_AGO, 38.0),
    "amsgrad": (Adam(0.1, beta2=FROZEN, amsgrad=True), {"v": OLD, "largest v": OLD**2}, LONG_AGO, 38.0),
    "adamw": (AdamW(0.1, beta2=FROZEN, weight_decay=0.5), {"v": OLD**2}, LONG_AGO, 38.0),
    "adamax": (Adamax(0.1, beta1=0.8, beta2=FROZEN), {"u": OLD}, LONG_AGO, 18.0),
    "nadam": (NAdam(0.1, beta2=FROZEN), {"v": OLD**2}, LONG_AGO, 38.0 / 2.8),
    "nadam, its momentum half grown": (
        NAdam(0.1, beta2=FROZEN, momentum_decay=1e-9), {"v": 1e-2 * OLD**2}, 10**10, 38.0 / 2.8,
    ),
    "radam, its v still young": (RAdam(0.1, beta2=FROZEN), {"v": 1e-2 * OLD**2}, 10**10, 38.0),
    "radam": (RAdam(0.1, beta2=FROZEN), {"v": OLD**2}, LONG_AGO, 38.0),
    "rmsprop": (RMSprop(0.1, alpha=FROZEN), {"v": OLD**2}, LONG_AGO, 2.0),
    "rmsprop, momentum": (RMSprop(0.1, alpha=FROZEN, momentum=0.5), {"v": OLD**2}, LONG_AGO, 3.0),
    "rmsprop, centered": (RMSprop(0.1, alpha=FROZEN, centered=True), {"v": OLD**2 + 1.0, "mean": 1.0}, LONG_AGO, 2.0),
    "adagrad": (Adagrad(0.1), {"h": 1e20 * OLD**2}, 1, 2.0),
    "adagrad, slowing": (Adagrad(0.1, lr_decay=1.0), {"h": 1e20 * OLD**2}, 10**6, 2.0),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "known", "t", "reach"), DIVIDING.values(), ids=DIVIDING)
def test_a_rule_that_divides_its_steps_keeps_its_limit(
    rule: Optimizer, known: dict[str, Vector], t: int, reach: float
) -> None:
    """The kernel itself goes to the minimum of a bowl just below the limit, and away from it just above."""
    objective = of_surface(bowl(ROTATED, np.zeros(2)))
    state = np.array([np.broadcast_to(known.get(slot, 0.0), 2) for slot in rule.slots])
    felt = felt_sharpness(objective, np.zeros(2), rule, state, t)
    limit = critical_rate(felt, rule)
    assert rule.reach == pytest.approx(reach)
    assert limit is not None
    assert critical_sharpness(limit, rule) == pytest.approx(felt, rel=1e-12)
    assert distance_after(300, rule.with_rate(0.99 * limit), state.copy(), t) < 0.1
    assert distance_after(300, rule.with_rate(1.01 * limit), state.copy(), t) > 10.0


def distance_after(updates: int, rule: Optimizer, state: Matrix, t: int) -> float:
    """How far from the bowl's minimum, in its first distance, a rule is after so many updates."""
    parameters = np.array([1e-9, 2e-9])
    for k in range(1, updates + 1):
        rule.kernel(parameters, ROTATED @ parameters, state, rule.vector, float(t + k))
    return float(np.linalg.norm(parameters) / np.linalg.norm([1e-9, 2e-9]))


def test_before_its_first_update_adam_divides_by_nothing() -> None:
    assert np.isnan(felt_sharpness(bowl_at_4_3(), np.zeros(2), Adam(0.1), np.zeros((2, 2)), 0))
    assert felt_sharpness(bowl_at_4_3(), np.zeros(2), SGD(0.1), np.zeros((0, 2)), 0) == pytest.approx(9.0, rel=1e-9)


@pytest.mark.parametrize(
    ("objective", "start", "expected"),
    [
        (bowl_at_4_3(), [0.0, 0.0], True),
        (of_surface(formula_surface("(a - 2)^2 + a*b + b^2")), [1.0, 1.0], True),
        (of_surface(squared_error(500.0)), [200.0], True),
        (of_surface(bowl(np.diag([1.0, -1.0]), np.zeros(2))), [1.0, 1.0], False),
        (of_surface(double_well()), [4.0], False),
        (of_surface(formula_surface("(1 - w1*w2)^2/2")), [0.001, 0.001], False),
        (of_surface(formula_surface("3*a + b")), [1.0, 1.0], False),
    ],
    ids=["bowl", "formula", "squared error", "saddle", "two valleys", "product", "plane"],
)
def test_a_bowl_is_known_by_its_curvature(objective: Objective, start: list[float], expected: bool) -> None:
    assert is_bowl(objective, np.array(start)) == expected


# --- products with vectors, and Lanczos ---


def golden_problem(case: dict[str, Any]) -> Objective:
    samples = Samples(np.array(CURVATURE["inputs"]), np.array(CURVATURE["targets"][case["loss"]]))
    return of_network(Network(CURVATURE["sizes"], case["activations"]), case["loss"], samples)


def random_bowl(eigenvalues: list[float]) -> tuple[Objective, Matrix]:
    """A bowl of these curvatures in directions of its own, and its Hessian."""
    n = len(eigenvalues)
    directions = np.linalg.qr(np.random.default_rng(0).standard_normal((n, n)))[0]
    matrix = directions @ np.diag(eigenvalues) @ directions.T
    return of_surface(bowl((matrix + matrix.T) / 2.0, np.ones(n))), matrix


@pytest.mark.parametrize("case", CURVATURE["cases"], ids=lambda case: f"{case['activations'][0]} {case['loss']}")
def test_products_and_largest_eigenvalues_are_those_of_the_exact_hessian(case: dict[str, Any]) -> None:
    objective, parameters = golden_problem(case), np.array(CURVATURE["parameters"])
    product = hessian_vector_product(objective, parameters, np.array(CURVATURE["vector"]))
    assert relative_error(product, case["product"]) <= 1e-9
    assert largest_eigenvalue(objective, parameters) == pytest.approx(case["sharpness"], rel=1e-9)
    assert np.linalg.eigvalsh(hessian(objective, parameters))[-1] == pytest.approx(case["sharpness"], rel=1e-9)


@given(
    vector=st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4),
    place=st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4),
    power=st.integers(-20, 20),
)
def test_the_product_on_a_bowl_is_that_of_its_matrix_for_vectors_of_any_length(
    vector: list[float], place: list[float], power: int
) -> None:
    objective, matrix = random_bowl([1.0, 9.0, -4.0, 0.5])
    v = 10.0**power * np.array(vector)
    found = hessian_vector_product(objective, np.array(place), v)
    # Rounding is that of the gradient, up to 1e4 here, beside a step of 1e-5 or more.
    assert np.linalg.norm(found - matrix @ v) <= 1e-6 * np.linalg.norm(v)


def test_the_product_with_no_vector_is_0() -> None:
    assert hessian_vector_product(bowl_at_4_3(), np.ones(2), np.zeros(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "eigenvalues",
    [
        np.linspace(-3.0, 5.0, 100),
        np.linspace(-1e3, 1e-3, 80),
        np.r_[np.zeros(79), 5.0],
        np.full(70, 2.0),
        np.linspace(-5.0, -1.0, 80),
        1.0 / np.arange(1.0, 200.0) ** 2,
    ],
    ids=["spread", "almost concave", "one direction", "the same everywhere", "concave", "decaying"],
)
def test_lanczos_finds_the_largest_eigenvalue_not_the_one_of_largest_size(eigenvalues: Any) -> None:
    objective, _ = random_bowl(eigenvalues)
    scale = np.abs(eigenvalues).max()
    place = np.full(len(eigenvalues), 1.5)
    assert sharpness(objective, place) == pytest.approx(eigenvalues.max(), rel=1e-7, abs=1e-9 * scale)
    assert sharpness(objective, place) == sharpness(objective, place)


@pytest.mark.parametrize("size", [4, 80])
def test_preconditioned_sharpness_is_that_of_the_hessian_between_two_roots(size: int) -> None:
    objective, matrix = random_bowl(list(np.linspace(-3.0, 5.0, size)))
    preconditioner = np.random.default_rng(1).uniform(1e-3, 2.0, size)
    root = np.diag(preconditioner**-0.5)
    expected = np.linalg.eigvalsh(root @ matrix @ root)[-1]
    assert sharpness(objective, np.full(size, 1.5), preconditioner) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_divides_the_bias_corrected_m_by_its_preconditioner(amsgrad: bool) -> None:
    """p <- p - lr m / P, with m as it stands, and P growing to sqrt v + eps as the bias fades."""
    rule = Adam(0.01, amsgrad=amsgrad)
    run = Run(bowl_at_4_3(), Settings(rule, 1), np.zeros(2))
    for _ in range(20):
        run.advance(1)
        step = rule.learning_rate * run.state[0] / rule.preconditioner(run.state, run.step)
        assert run.parameters == pytest.approx(run.previous - step, rel=1e-12)


def test_a_loss_that_is_flat_in_every_direction_has_sharpness_0() -> None:
    assert sharpness(of_surface(bowl(np.zeros((100, 100)), np.zeros(100))), np.ones(100)) == 0.0


def test_the_sharpness_of_a_large_network_that_is_not_finite_is_nan() -> None:
    objective, start = edge_problem()
    assert np.isnan(sharpness(objective, np.where(np.arange(objective.size) == 3, np.nan, start)))
    assert np.isnan(sharpness(objective, start * 1e300))


# --- the two sharpest directions ---


@pytest.mark.parametrize("small", [True, False], ids=["from the Hessian", "by Lanczos"])
def test_the_sharpest_directions_are_the_top_eigenvectors_of_the_hessian(small: bool) -> None:
    objective = random_network((3, 4, 2) if small else (3, 12, 4), ("tanh", "linear"), "cross_entropy", 40)
    parameters = np.random.default_rng(2).uniform(-1, 1, objective.size)
    assert (objective.size <= DENSE) == small
    values, directions = sharpest_directions(objective, parameters)
    expected, vectors = np.linalg.eigh(hessian(objective, parameters))
    assert values == pytest.approx(expected[:-3:-1], rel=1e-8)
    assert directions.shape == (2, objective.size)
    assert directions @ directions.T == pytest.approx(np.eye(2), abs=1e-12)
    assert np.abs(np.diag(directions @ vectors[:, :-3:-1])) == pytest.approx(np.ones(2), abs=1e-8)
    again = sharpest_directions(objective, parameters)
    assert (again[0].tobytes(), again[1].tobytes()) == (values.tobytes(), directions.tobytes())


@pytest.mark.parametrize(
    "eigenvalues",
    [
        np.linspace(-3.0, 5.0, 100),
        np.r_[np.zeros(79), 5.0],
        np.full(70, 2.0),
        np.linspace(-5.0, -1.0, 80),
        1.0 / np.arange(1.0, 200.0) ** 2,
        np.zeros(100),
        np.array([7.0, 3.0, -9.0]),
    ],
    ids=["spread", "one direction", "the same everywhere", "concave", "decaying", "flat", "few"],
)
def test_the_sharpest_directions_of_a_bowl_are_its_axes(eigenvalues: Any) -> None:
    objective, matrix = random_bowl(eigenvalues)
    values, directions = sharpest_directions(objective, np.full(len(eigenvalues), 1.5))
    scale = float(np.abs(eigenvalues).max())
    assert values == pytest.approx(np.sort(eigenvalues)[:-3:-1], rel=1e-7, abs=1e-9 * scale)
    assert directions @ directions.T == pytest.approx(np.eye(2), abs=1e-12)
    assert directions @ matrix == pytest.approx(values[:, None] * directions, abs=1e-4 * scale)


def test_the_sharpest_directions_turn_slowly_and_never_over() -> None:
    objective, start = edge_problem()
    run = Run(objective, Settings(SGD(0.1), 20), start)
    before = sharpest_directions(objective, run.parameters)[1]
    for _ in range(30):
        run.advance(5)
        now = sharpest_directions(objective, run.parameters)[1]
        assert now[0] @ before[0] > 0.9
        before = now


def test_there_are_no_sharpest_directions_where_the_loss_is_not_finite() -> None:
    objective, start = edge_problem()
    for problem, place in ((objective, start * 1e300), (bowl_at_4_3(), np.array([np.inf, 0.0]))):
        values, directions = sharpest_directions(problem, place)
        assert np.isnan(values).all()
        assert directions.tolist() == np.eye(2, problem.size).tolist()


# --- gradients, layer by layer ---


def test_gradient_norms_are_those_of_weights_and_biases_together() -> None:
    network = Network((2, 2, 1), ("tanh", "linear"))
    gradient = np.array([1.0, 2.0, 2.0, 0.0, 0.0, 4.0, 2.0, 3.0, 6.0])
    assert gradient_norms(network, gradient).tolist() == [5.0, 7.0]


def test_gradient_norms_add_up_to_the_norm_of_the_gradient() -> None:
    objective = random_network((3, 8, 5, 2), ("relu", "tanh", "linear"), "cross_entropy", 23)
    assert objective.network is not None
    _, gradient = objective.loss_and_gradient(np.random.default_rng(1).uniform(-0.5, 0.5, objective.size))
    norms = gradient_norms(objective.network, gradient)
    assert norms.shape == (3,)
    assert np.linalg.norm(norms) == pytest.approx(np.linalg.norm(gradient), rel=1e-14)


# --- the edge of stability (Cohen et al. 2021) ---


def edge_problem() -> tuple[Objective, Any]:
    """Chebyshev's polynomial of degree 4 at 20 points, a network of 481 parameters, and its start from seed 0."""
    inputs = np.linspace(-1.0, 1.0, 20)[:, None]
    targets = np.polynomial.chebyshev.chebval(inputs, [0, 0, 0, 0, 1])
    network = Network((1, 20, 20, 1), ("tanh", "tanh", "linear"))
    objective = of_network(network, "half_squared_error", Samples(inputs, targets))
    return objective, network.initial(glorot_uniform, zeros, seed=0)


def test_the_start_has_the_exact_sharpness_and_products() -> None:
    objective, start = edge_problem()
    edge = CURVATURE["edge"]
    assert objective.size == 481
    assert sharpness(objective, start) == pytest.approx(edge["sharpness"], abs=1e-9)
    assert sharpness(objective, start) == pytest.approx(2.366962532, abs=1e-8)
    product = hessian_vector_product(objective, start, np.array(edge["vector"]))
    assert relative_error(product, edge["product"]) <= 1e-9


def test_sharpness_rises_as_gradient_descent_goes_on() -> None:
    objective, start = edge_problem()
    run = Run(objective, Settings(SGD(0.1), 20), start)
    found = []
    for _ in range(3):
        found.append((sharpness(objective, run.parameters), objective.evaluate(run.parameters, objective.train).loss))
        run.advance(1000)
    assert found == [
        (printed("2.367"), printed("0.29975")),
        (printed("5.232"), printed("0.12655")),
        (printed("14.409"), printed("0.05230")),
    ]


def test_sharpness_settles_where_the_learning_rate_is_the_critical_one() -> None:
    rule = SGD(0.4)
    objective, start = edge_problem()
    run = Run(objective, Settings(rule, 20), start)
    run.advance(4200)
    ratios = []
    for _ in range(18):
        run.advance(100)
        limit = critical_rate(sharpness(objective, run.parameters), rule)
        assert limit is not None
        ratios.append(rule.learning_rate / limit)
    assert run.stopped is None
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.02)
    assert max(ratios) < 1.1


def test_there_is_no_sharpness_where_a_relu_stands_on_its_kink() -> None:
    network = Network((2, 2, 1), ("relu", "linear"))
    corners = Samples(
        np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    )
    objective = of_network(network, "binary_cross_entropy", corners)
    start = np.array([0.5, -0.3, 0.2, 0.4, 0.0, 0.0, 0.7, -0.6, 0.1])  # no bias: both units are 0 at the first corner
    assert np.isnan(sharpness(objective, start))
    start[4:6] = 0.01, -0.01
    assert 0.0 < sharpness(objective, start) < 10.0


def one_neuron(activation: str, loss: str, target: float, l1: float = 0.0) -> Objective:
    samples = Samples(np.array([[1.0]]), np.array([[target]]))
    return of_network(Network((1, 1), (activation,)), loss, samples, penalty=Penalty(l1=l1))


@pytest.mark.parametrize(
    ("objective", "bias"),
    [
        (one_neuron("relu", "half_squared_error", 3.0), -0.5),
        (one_neuron("leaky_relu", "half_squared_error", 3.0), -0.5),
        (one_neuron("selu", "half_squared_error", 3.0), -0.5),
        (one_neuron("hard_tanh", "half_squared_error", 3.0), 0.5),
        (one_neuron("hard_tanh", "half_squared_error", 3.0), -1.5),
        (one_neuron("linear", "absolute_error", 3.0), 2.5),
        (one_neuron("linear", "hinge", 1.0), 0.5),
    ],
)
def test_there_is_no_sharpness_where_a_slope_jumps(objective: Objective, bias: float) -> None:
    assert np.isnan(sharpness(objective, np.array([0.5, bias])))
    assert np.isfinite(sharpness(objective, np.array([0.5, 0.4 * bias])))


def test_there_is_no_sharpness_at_a_weight_of_0_with_an_l1_penalty() -> None:
    objective = one_neuron("linear", "half_squared_error", 3.0, l1=0.1)
    assert np.isnan(sharpness(objective, np.array([0.0, 0.5])))
    assert sharpness(objective, np.array([0.5, 0.0])) == pytest.approx(2.0)  # a bias is not penalised


def test_where_only_the_curvature_jumps_it_is_the_mean_of_both_sides() -> None:
    # At z = 0 the curvature a'^2 + (a - t) a'' of L = (a - t)^2 / 2 is 1 above, and 1 - t below.
    assert sharpness(one_neuron("elu", "half_squared_error", 0.0), np.array([0.5, -0.5])) == pytest.approx(
        2.0, rel=1e-4
    )
    found = sharpness(one_neuron("elu", "half_squared_error", -1.0), np.array([0.5, -0.5]))
    assert found == pytest.approx(2.0 * 1.5, rel=1e-4)
