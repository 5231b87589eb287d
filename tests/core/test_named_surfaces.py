"""Named surfaces: values, gradients and minima against golden numbers, many points at once, symmetries."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measures import golden, relative_error

from nnsim.core.arrays import Matrix, Vector
from nnsim.core.curvature import hessian
from nnsim.core.named_surfaces import NAMED
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD
from nnsim.core.surfaces import NO_PROGRAM, Surface
from nnsim.core.training import Run, Settings

SCALABLE = ("rosenbrock", "rastrigin", "ackley", "styblinski_tang")
GOLDEN = golden("surfaces")["surfaces"]
WITHOUT_MINIMA = ("saddle", "monkey_saddle")
EPSILON = float(np.finfo(np.float64).eps)


def named(name: str, dimensions: int = 2) -> Surface:
    return NAMED[name](dimensions) if name in SCALABLE else NAMED[name]()


def at(surface: Surface, *parameters: float) -> tuple[float, Vector]:
    """The loss and gradient at a point, as a run sees them."""
    return of_surface(surface).loss_and_gradient(np.array(parameters))


def at_points(surface: Surface, points: Matrix) -> tuple[Vector, Matrix]:
    """The losses (points,) and gradients (parameters, points) at points of the shape (parameters, points)."""
    losses, gradients = np.full(points.shape[1], np.nan), np.full(points.shape, np.nan)
    surface.kernels.at_points(points, NO_PROGRAM, surface.constants, np.zeros(1), losses, gradients)
    return losses, gradients


def title(entry: dict[str, Any]) -> str:
    return f"{entry['name']}-{entry['dimensions']}"


def test_every_surface_has_golden_numbers() -> None:
    assert {entry["name"] for entry in GOLDEN} == set(NAMED)
    assert {entry["dimensions"] for entry in GOLDEN if entry["name"] in SCALABLE} == {2, 3, 5}


@pytest.mark.parametrize("entry", GOLDEN, ids=title)
def test_losses_and_gradients_are_those_of_50_digits(entry: dict[str, Any]) -> None:
    surface = named(entry["name"], entry["dimensions"])
    for golden_point in entry["points"]:
        loss, gradient = at(surface, *golden_point["point"])
        assert loss == pytest.approx(golden_point["loss"], rel=1e-13, abs=0.0)
        assert relative_error(gradient, golden_point["gradient"]) <= 1e-13


@pytest.mark.parametrize("entry", GOLDEN, ids=title)
def test_minima_lie_where_50_digits_put_them(entry: dict[str, Any]) -> None:
    surface = named(entry["name"], entry["dimensions"])
    assert [list(place) for _, place in surface.minima] == [minimum["point"] for minimum in entry["minima"]]
    assert (surface.minima == ()) == (entry["name"] in WITHOUT_MINIMA)
    for minimum in entry["minima"]:
        assert at(surface, *minimum["point"])[0] == pytest.approx(minimum["loss"], rel=1e-14, abs=1e-28)


@pytest.mark.parametrize(
    ("name", "letters", "losses"),
    [
        ("himmelblau", "ABCD", [0.0] * 4),
        ("styblinski_tang", "ABCD", [-78.33233140754284, -64.19561235905536, -64.19561235905536, -50.05889331056788]),
        ("six_hump_camel", "ABCDEF", [-1.0316284534898774] * 2 + [-0.21546382438371764] * 2 + [2.1042503103112584] * 2),
        ("goldstein_price", "ABCD", [3.0, 30.0, 84.0, 840.0]),
        ("easom", ["minimum"], [-1.0]),
    ],
)
def test_minima_have_their_letters_and_known_depths(name: str, letters: str, losses: list[float]) -> None:
    surface = named(name)
    assert [label for label, _ in surface.minima] == list(letters)
    found = [at(surface, *place)[0] for _, place in surface.minima]
    assert found == pytest.approx(losses, rel=1e-14, abs=1e-28)


@pytest.mark.parametrize("entry", [entry for entry in GOLDEN if entry["name"] not in WITHOUT_MINIMA], ids=title)
def test_at_a_minimum_the_gradient_is_0_and_the_hessian_positive_definite(entry: dict[str, Any]) -> None:
    surface = named(entry["name"], entry["dimensions"])
    for _, place in surface.minima:
        _, gradient = at(surface, *place)
        if entry["name"] == "ackley":  # the tip of a cone has no Hessian
            assert gradient.tolist() == [0.0] * surface.size
            continue
        curvatures = np.linalg.eigvalsh(hessian(of_surface(surface), np.array(place)))
        assert curvatures[0] > 0.01
        assert np.abs(gradient).max() <= EPSILON * curvatures[-1] * max(1.0, *np.abs(place))


@pytest.mark.parametrize("n", [1, 2, 3, 16])
def test_ackleys_minimum_is_the_tip_of_a_cone_with_the_slope_4_over_root_n(n: int) -> None:
    surface = named("ackley", n)
    for unit in np.vstack([np.eye(n), -np.eye(n)]):
        loss, gradient = at(surface, *(1e-9 * unit))
        assert loss == pytest.approx(4e-9 / np.sqrt(n), rel=1e-7)
        assert gradient @ unit == pytest.approx(4 / np.sqrt(n), rel=1e-7)


@pytest.mark.parametrize(("name", "curvatures"), [("saddle", [-1.0, 1.0]), ("monkey_saddle", [0.0, 0.0])])
def test_saddles_are_level_at_the_origin(name: str, curvatures: list[float]) -> None:
    surface = named(name)
    assert at(surface, 0.0, 0.0)[1].tolist() == [0.0, 0.0]
    found = np.linalg.eigvalsh(hessian(of_surface(surface), np.zeros(2)))
    assert found == pytest.approx(curvatures, abs=1e-9)


# --- many points at a time ---


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("n", [2, 5])
def test_thousands_of_points_at_once_give_the_bits_of_one_at_a_time(name: str, n: int) -> None:
    surface = named(name, n)
    points = np.random.default_rng(0).uniform(-6.0, 6.0, (surface.size, 3001))
    losses, gradients = at_points(surface, points)
    for k in range(points.shape[1]):
        one_loss, one_gradient = at_points(surface, points[:, k : k + 1].copy())
        assert one_loss[0] == losses[k]
        assert one_gradient[:, 0].tolist() == gradients[:, k].tolist()
    loss, gradient = at(surface, *points[:, 7])
    assert (loss, gradient.tolist()) == (losses[7], gradients[:, 7].tolist())


@pytest.mark.parametrize("name", NAMED)
def test_a_point_that_is_not_a_number_spoils_itself_and_no_other(name: str) -> None:
    surface = named(name)
    points = np.random.default_rng(1).uniform(-3.0, 3.0, (2, 101))
    losses, gradients = at_points(surface, points)
    points[:, 50] = np.nan
    spoilt_losses, spoilt_gradients = at_points(surface, points)
    assert np.isnan(spoilt_losses).tolist() == [k == 50 for k in range(101)]
    assert np.isnan(spoilt_gradients[:, 50]).all()
    others = np.arange(101) != 50
    assert spoilt_losses[others].tolist() == losses[others].tolist()
    assert spoilt_gradients[:, others].tolist() == gradients[:, others].tolist()


# --- symmetries and closed forms ---

coordinates = st.floats(-10.0, 10.0)


@pytest.mark.parametrize("name", ["six_hump_camel", "matyas", "saddle", "plateau", "ravine", "rastrigin", "ackley"])
@given(x=coordinates, y=coordinates)
def test_the_opposite_point_is_as_high_and_its_gradient_opposite(name: str, x: float, y: float) -> None:
    surface = named(name)
    (loss, gradient), (other_loss, other_gradient) = at(surface, x, y), at(surface, -x, -y)
    assert other_loss == loss
    assert (-other_gradient).tolist() == gradient.tolist()


@pytest.mark.parametrize("name", ["matyas", "easom", "saddle", "plateau", "rastrigin", "ackley", "styblinski_tang"])
@given(x=coordinates, y=coordinates)
def test_exchanged_parameters_exchange_the_gradient(name: str, x: float, y: float) -> None:
    surface = named(name)
    (loss, gradient), (other_loss, other_gradient) = at(surface, x, y), at(surface, y, x)
    assert other_loss == loss
    assert other_gradient[::-1].tolist() == gradient.tolist()


@pytest.mark.parametrize("name", ["rastrigin", "ackley", "styblinski_tang"])
def test_the_order_of_many_parameters_does_not_matter(name: str) -> None:
    surface = named(name, 4)
    point = np.array([0.5, -1.25, 2.75, -4.5])
    loss, gradient = at(surface, *point)
    for order in map(list, permutations(range(4))):
        other_loss, other_gradient = at(surface, *point[order])
        assert other_loss == pytest.approx(loss, rel=1e-15)
        assert other_gradient == pytest.approx(gradient[order], rel=1e-15)


def test_the_monkey_saddle_looks_the_same_after_a_third_of_a_turn() -> None:
    surface, turn = named("monkey_saddle"), np.exp(2j * np.pi / 3)
    for point in (1.0 + 0.0j, 0.3 - 1.7j, -2.0 + 0.5j):
        turned = point * turn
        loss, gradient = at(surface, point.real, point.imag)
        turned_loss, turned_gradient = at(surface, turned.real, turned.imag)
        assert turned_loss == pytest.approx(loss, rel=1e-13)
        assert complex(*turned_gradient) == pytest.approx(complex(*gradient) * turn, rel=1e-13)


@pytest.mark.parametrize("name", ["rastrigin", "styblinski_tang"])
def test_a_surface_of_independent_parameters_is_a_sum(name: str) -> None:
    point = [0.5, -1.25, 2.75, -4.5, 1.0]
    loss, gradient = at(named(name, 5), *point)
    alone = [at(named(name, 1), w) for w in point]
    assert loss == pytest.approx(sum(one for one, _ in alone), rel=1e-15)
    assert gradient.tolist() == [slope[0] for _, slope in alone]


def test_the_plateau_is_a_flat_shelf_around_a_well() -> None:
    surface = named("plateau")
    loss, gradient = at(surface, -4.0, 3.0)
    assert loss == pytest.approx(25 / 26, rel=1e-15)
    assert gradient.tolist() == pytest.approx([-8 / 676, 6 / 676], rel=1e-15)
    run = Run(of_surface(surface), Settings(SGD(0.1), 1), np.array([-4.0, 3.0]))
    losses = run.advance(1200).losses
    # r' = -2r / (1 + r^2)^2, so the time from r = 5 to 1 is 1/2 ln 5 + 12 + 78; a tenth of it passes in each update.
    assert np.argmax(losses < 0.5) == pytest.approx(10 * (0.5 * np.log(5) + 12 + 78), rel=0.01)
    assert run.parameters == pytest.approx([0.0, 0.0], abs=1e-12)


# --- how many parameters ---


@pytest.mark.parametrize("name", SCALABLE)
@pytest.mark.parametrize("n", [2, 16])
def test_scalable_surfaces_have_the_parameters_asked_for(name: str, n: int) -> None:
    surface = NAMED[name](n)
    assert surface.names == tuple(f"w{i}" for i in range(1, n + 1))
    assert all(len(place) == n for _, place in surface.minima)
    assert NAMED[name]().names == ("w1", "w2")


@pytest.mark.parametrize(("n", "count"), [(1, 2), (2, 4), (4, 16), (5, 1), (16, 1)])
def test_styblinski_tangs_letters_are_used_up_once_each(n: int, count: int) -> None:
    labels = [label for label, _ in NAMED["styblinski_tang"](n).minima]
    assert labels == list("ABCDEFGHIJKLMNOP"[:count])


@pytest.mark.parametrize(
    ("name", "dimensions", "fewest"),
    [("rosenbrock", 1, 2), ("rosenbrock", 17, 2), ("rastrigin", 0, 1), ("ackley", 17, 1), ("styblinski_tang", -1, 1)],
)
def test_other_numbers_of_parameters_are_refused(name: str, dimensions: int, fewest: int) -> None:
    with pytest.raises(ValueError, match=f"dimensions is {dimensions}: .* at least {fewest} and at most 16"):
        NAMED[name](dimensions)
