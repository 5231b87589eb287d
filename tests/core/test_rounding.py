"""What is rounding and what is movement, at places whose exact values are known."""

import numpy as np
import pytest

from nnsim.core.formula import formula_surface
from nnsim.core.objective import Objective, of_surface
from nnsim.core.rounding import moved, tolerance, without_rounding
from nnsim.core.surfaces import double_well, squared_error

HALVES = of_surface(formula_surface("x^4 - 2*x^2 + 1"))  # (x^2 - 1)^2, whose terms cancel at 1

TENTH = of_surface(formula_surface("x^2 - 0.2*x + 0.01"))  # (x - 0.1)^2, worked out as 0 or -1.7e-18 near 0.1


def test_a_step_counts_from_some_units_in_the_last_place_of_the_largest_parameter_on() -> None:
    before, start = np.array([3.0, 0.0]), np.array([4.0, 0.0])
    steps = np.array([4.4e-16, -1e-17]), np.array([1e-14, 0.0]), np.array([0.0, 1e-14])
    found = [moved(before, before + step, tolerance(start, before)).tolist() for step in steps]
    assert found == [[False, False], [True, False], [False, True]]


def test_small_numbers_move_by_small_steps() -> None:
    before = np.array([1e-12, 1e-13])
    assert moved(before, before + np.array([1e-24, 1e-27]), tolerance(before)).tolist() == [True, False]


def test_what_is_not_finite_has_moved() -> None:
    before, after = np.array([1.0, 2.0, np.inf]), np.array([np.nan, np.inf, np.inf])
    assert moved(before, after, tolerance(before, after)).all()


@pytest.mark.parametrize(
    ("objective", "place", "is_zero"),
    [
        (HALVES, 1.0 + 1e-9, True),  # exactly 4e-18, worked out as some 1e-16 of either sign
        *((TENTH, 0.1 + units * np.spacing(0.1), True) for units in range(-6, 7)),
        (HALVES, 1.0 + 1e-6, False),  # 4e-12
        (of_surface(squared_error(500.0)), 500.0 + 1e-10, False),  # 1e-20, and right to six digits
        (of_surface(squared_error(500.0)), np.nextafter(500.0, 600.0), True),
        (of_surface(double_well()), 3.0, False),
        (of_surface(double_well()), np.nextafter(-2.0, 0.0), True),
        (of_surface(formula_surface("x - 1e-12")), 0.0, False),
        (of_surface(formula_surface("exp(x) - x - 1")), 9.702307028027498e-17, True),  # 5e-33, worked out as -1e-16
        (of_surface(formula_surface("-(x + 1 - exp(x))")), 9.702307028027498e-17, True),
        (of_surface(formula_surface("exp(x) - x - 1")), 1e-7, False),  # 5e-15
        (of_surface(formula_surface("(exp(x) - 1)^2 + x^2")), 1e-20, False),
    ],
)
def test_a_loss_is_0_where_rounding_is_all_there_is(objective: Objective, place: float, is_zero: bool) -> None:
    loss = float(objective.losses(np.array([[place]]))[0])
    assert without_rounding(objective, np.array([place]), loss) == (0.0 if is_zero else loss)
