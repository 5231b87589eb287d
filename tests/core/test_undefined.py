"""Which operation of a formula is to blame for a loss that is no number, and how a run tells that from a divergence."""

import math

import numpy as np
import pytest

from nnsim.core.formula import formula_surface
from nnsim.core.named_surfaces import NAMED
from nnsim.core.objective import of_surface
from nnsim.core.optimizers import SGD
from nnsim.core.timeline import Timeline
from nnsim.core.training import Run, Settings, Stop
from nnsim.core.undefined import failure

# Each row: a formula, a point; the operation, and whether it has no result rather than one that is too large.
FAILURES: list[tuple[str, list[float], str, bool]] = [
    ("(x-1)^2 + y^2 + log(z-5)", [2.0, -1.0, 1.5], "log(-3.5)", True),
    ("log(x) + exp(y)", [-1.0, 800.0], "log(-1)", True),
    ("exp(y) + log(x)", [800.0, -1.0], "log(-1)", True),
    ("log(x)", [0.0], "log(0)", True),
    ("1/x", [0.0], "1 / 0", True),
    ("2*x^-3", [0.0], "0 ^ (-3)", True),
    ("x^0.5", [-4.0], "(-4) ^ 0.5", True),
    ("x^y", [-8.0, 0.5], "(-8) ^ 0.5", True),
    ("min(asin(x), 3)", [2.0], "asin(2)", True),
    ("sqrt(x-2)^2", [1.0], "sqrt(-1)", True),
    ("exp(x)", [800.0], "exp(800)", False),
    ("exp(x)/(1+exp(x))", [800.0], "exp(800)", False),
    ("x*x", [1e200], "1e+200 * 1e+200", False),
    ("x^0.5 + x^20", [1e200], "1e+200 ^ 20", False),
    ("cosh(x) - cosh(2*x)", [800.0], "cosh(800)", False),
    ("1/x", [1e-320], "1 / 9.99989e-321", False),
]


@pytest.mark.parametrize(("text", "point", "operation", "undefined"), FAILURES, ids=[row[0] for row in FAILURES])
def test_the_first_operation_on_finite_numbers_without_a_result_is_found(
    text: str, point: list[float], operation: str, undefined: bool
) -> None:
    found = failure(formula_surface(text), np.array(point))
    assert found is not None
    assert (found.operation, found.undefined) == (operation, undefined)
    assert found.verdict == ("not a number" if math.isnan(found.result) else "infinite")


@pytest.mark.parametrize(
    ("text", "point"), [("min(1/x^2, 5)", 0.0), ("1/(1+exp(-x))", -800.0), ("x^2", math.nan), ("x^2", math.inf)]
)
def test_nothing_is_to_blame_where_the_loss_or_the_point_decides(text: str, point: float) -> None:
    assert failure(formula_surface(text), np.array([point])) is None


def test_a_surface_that_is_no_formula_is_never_undefined() -> None:
    assert failure(NAMED["booth"](), np.array([1e200, 1e200])) is None


def run_on(text: str, rate: float, *start: float) -> Run:
    return Run(of_surface(formula_surface(text)), Settings(SGD(rate), 1), np.array(start))


def test_a_run_stops_where_its_formula_has_no_number() -> None:
    run = run_on("log(x)", 0.1, 0.25)  # 0.25 - 0.1 / 0.25
    assert len(run.advance(100).losses) == 1
    assert run.stopped == Stop(2, "x", "log(-0.15) is not a number", "undefined")
    assert run.stopped.sentence == "the run became undefined at update 2: log(-0.15) is not a number"
    assert run.parameters == pytest.approx([-0.15])


def test_a_run_that_is_to_end_there_says_so_too() -> None:
    run = run_on("log(x)", 0.1, 0.25)
    run.advance(1)
    assert run.stopped is not None
    assert run.stopped.kind == "undefined"


def test_a_loss_without_a_slope_is_undefined_and_no_divergence() -> None:
    run = run_on("sqrt(x) + y^2", 0.5, 0.0, 3.0)
    run.advance(5)
    assert run.stopped == Stop(1, "x", "the loss has no slope along x", "undefined")
    assert run_on("sqrt(x)", 2.0, 1.0).advance(1).losses.tolist() == [
        1.0
    ]  # 1 - 2 / 2, and no update is asked for there


@pytest.mark.parametrize(
    ("text", "start", "rate"),
    [("x^4", 3.0, 1.0), ("exp(x)-exp(2*x)", 1.0, 100.0), ("x^2-x^4+x^3-x", 9.0, 1e80), ("-x^2", 1.0, 3.0)],
)
def test_what_grows_beyond_all_bounds_has_diverged(text: str, start: float, rate: float) -> None:
    run = run_on(text, rate, start)
    run.advance(5000)
    assert run.stopped is None or run.stopped.kind == "diverged"
    assert not text.startswith(("x", "exp")) or run.stopped is not None


def test_going_back_from_there_and_on_again_comes_to_the_same_stop() -> None:
    timeline = Timeline(of_surface(formula_surface("log(x)")), Settings(SGD(0.02), 1), np.array([0.25]))
    made = timeline.advance(100)
    why = timeline.stopped
    assert why is not None
    assert why.kind == "undefined"
    timeline.seek(0)
    assert timeline.stopped is None
    timeline.seek(made)
    assert timeline.stopped == why
    timeline.change(Settings(SGD(1e-9), 1))
    assert timeline.stopped == why  # no other rate helps here
    timeline.seek(made - 1)
    timeline.change(Settings(SGD(1e-9), 1))
    assert timeline.advance(10) == 10
    assert timeline.stopped is None
