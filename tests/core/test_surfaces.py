"""Surfaces: values and gradients against closed forms and the twin, minima, and tilted samples."""

import numpy as np
import pytest
import reference
from measures import deviation

from nnsim.core.arrays import Vector
from nnsim.core.objective import Objective, of_surface
from nnsim.core.surfaces import Surface, bowl, double_well, squared_error

ROTATED = np.array([[3.0, -2.0], [-2.0, 7.0]])
POINTS = [np.array([x, y]) for x in (-2.5, 0.0, 1.25, 4.0) for y in (-1.0, 3.0, 10.0)]


def at(surface: Surface, *parameters: float) -> tuple[float, list[float]]:
    """The loss and gradient at a point."""
    loss, gradient = of_surface(surface).loss_and_gradient(np.array(parameters))
    return loss, gradient.tolist()


def test_squared_error_of_500_people() -> None:
    surface = squared_error(500.0)
    assert surface.names == ("y",)
    assert surface.formula == "L(y) = (y - 500)^2"
    assert at(surface, 350.0) == (22500.0, [-300.0])
    assert at(surface, 600.0) == (10000.0, [200.0])
    assert at(surface, 500.0) == (0.0, [0.0])


@pytest.mark.parametrize(
    ("w", "loss", "gradient"),
    [
        (-2.0, 0.0, 0.0),
        (1.0, 63 / 4, 0.0),
        (3.0, 125 / 12, 0.0),
        (4.0, 18.0, 18.0),
        (0.0, 38 / 3, 6.0),
        (-4.0, 166 / 3, -70.0),
    ],
)
def test_double_well_has_its_minima_and_its_top_where_it_should(w: float, loss: float, gradient: float) -> None:
    found_loss, found_gradient = at(double_well(), w)
    assert found_loss == pytest.approx(loss, rel=1e-14, abs=1e-14)
    assert found_gradient == [gradient]


@pytest.mark.parametrize("w", [-3.1, -1.0, 0.3, 2.2, 5.0])
def test_double_well_is_the_twins(w: float) -> None:
    loss, gradient = of_surface(double_well()).loss_and_gradient(np.array([w]))
    expected_loss, expected_gradient = reference.double_well(np.array([w]))
    assert deviation(loss, expected_loss) <= 1e-14
    assert deviation(gradient, expected_gradient) <= 1e-14


@pytest.mark.parametrize("w", POINTS)
@pytest.mark.parametrize("hessian", [np.diag([1.0, 9.0]), ROTATED])
def test_bowl_is_the_twins(hessian: Vector, w: Vector) -> None:
    minimum = np.array([4.0, 3.0])
    loss, gradient = of_surface(bowl(hessian, minimum)).loss_and_gradient(w)
    expected_loss, expected_gradient = reference.bowl(w, hessian, minimum)
    assert deviation(loss, expected_loss) <= 1e-14
    assert deviation(gradient, expected_gradient) <= 1e-14


def test_bowl_of_three_parameters() -> None:
    surface = bowl(np.diag([1.0, 2.0, 4.0]), np.zeros(3))
    assert surface.names == ("w1", "w2", "w3")
    assert at(surface, 1.0, 2.0, 3.0) == (0.5 + 4.0 + 18.0, [1.0, 4.0, 12.0])


def test_formula_of_a_bowl() -> None:
    minimum = np.array([4.0, 3.0])
    assert bowl(np.diag([1.0, 9.0]), minimum).formula == "L(w) = 1/2 [(w1 - 4)^2 + 9 (w2 - 3)^2]"
    assert bowl(np.diag([2.5, 1.0]), minimum).formula == "L(w) = 1/2 [2.5 (w1 - 4)^2 + (w2 - 3)^2]"
    assert bowl(ROTATED, minimum).formula == "L(w) = 1/2 (w - m)^T H (w - m)"


@pytest.mark.parametrize("surface", [squared_error(500.0), bowl(ROTATED, np.array([4.0, 3.0])), double_well()])
def test_gradient_vanishes_at_every_marked_minimum_and_the_loss_grows_around_it(surface: Surface) -> None:
    assert surface.minima
    for _, place in surface.minima:
        loss, gradient = at(surface, *place)
        assert max(map(abs, gradient)) <= 1e-12
        for unit in np.eye(surface.size) * 0.1:
            assert at(surface, *(np.array(place) + unit))[0] > loss
            assert at(surface, *(np.array(place) - unit))[0] > loss


@pytest.mark.parametrize(
    ("hessian", "is_minimum"),
    [
        (np.diag([1.0, 0.0]), True),
        (np.array([[1.0, 3.0], [3.0, 9.0]]) / 7.0, True),  # level along (3, -1), but for rounding
        (np.diag([1.0, -1e-6]), False),
        (np.array([[0.0, 1.0], [1.0, 0.0]]), False),
        (-np.eye(2), False),
    ],
)
def test_where_a_bowl_curves_down_it_has_no_minimum(hessian: Vector, is_minimum: bool) -> None:
    assert bool(bowl(hessian, np.array([4.0, 3.0])).minima) == is_minimum


def test_the_double_wells_minima_carry_their_letters() -> None:
    assert double_well().minima == (("A", (-2.0,)), ("B", (3.0,)))


@pytest.mark.parametrize(
    "hessian", [np.eye(3), np.array([[1.0, 2.0], [0.0, 1.0]]), np.ones((2, 3))], ids=["3x3", "skew", "2x3"]
)
def test_a_hessian_that_is_not_symmetric_or_does_not_fit_is_refused(hessian: Vector) -> None:
    with pytest.raises(ValueError, match="symmetric 2 x 2 matrix"):
        bowl(hessian, np.array([4.0, 3.0]))


def tilted(count: int = 9) -> tuple[Objective, Vector]:
    """A rotated bowl whose samples are tilted, and the tilts (count, 2)."""
    tilts = np.random.default_rng(0).standard_normal((count, 2))
    return of_surface(bowl(ROTATED, np.array([4.0, 3.0])), tilts), tilts


@pytest.mark.parametrize("batch", [[0], [3, 8], [5, 5, 1], list(range(9))])
def test_a_batch_of_tilts_adds_its_mean_tilt_to_loss_and_gradient(batch: list[int]) -> None:
    objective, tilts = tilted()
    w, mean = np.array([1.0, -2.0]), tilts[batch].mean(axis=0)
    loss, gradient = objective.loss_and_gradient(w, np.array(batch))
    flat_loss, flat_gradient = reference.bowl(w, ROTATED, np.array([4.0, 3.0]))
    assert loss == pytest.approx(flat_loss + mean @ w, rel=1e-14)
    assert gradient == pytest.approx(flat_gradient + mean, rel=1e-14)


@pytest.mark.parametrize("surface", [squared_error(3.0), double_well()])
def test_every_surface_can_be_tilted(surface: Surface) -> None:
    tilts, w = np.array([[2.0], [-6.0]]), np.array([0.5])
    flat_loss, flat_gradient = of_surface(surface).loss_and_gradient(w)
    loss, gradient = of_surface(surface, tilts).loss_and_gradient(w)
    assert loss == pytest.approx(flat_loss - 2.0 * 0.5, rel=1e-14)
    assert gradient[0] == pytest.approx(flat_gradient[0] - 2.0, rel=1e-14)
