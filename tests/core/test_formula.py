"""Formulas: values and gradients against mpmath, Python's own floats and kernels, and what is refused, and where."""

import ast
import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from measures import golden, relative_error
from numpy.typing import NDArray

from nnsim.core import formula
from nnsim.core.formula import formula_surface
from nnsim.core.objective import Objective, of_surface
from nnsim.core.optimizers import SGD, Adam
from nnsim.core.surfaces import Surface, bowl
from nnsim.core.training import Run, Settings

ROSENBROCK = "(1-x)^2 + 100*(y-x^2)^2"
CASES = golden("formulas")["cases"]
EDGES = golden("formulas")["edges"]


def at(text: str, *point: float) -> tuple[float, list[float]]:
    """The loss and gradient of a formula at a point."""
    loss, gradient = of_surface(formula_surface(text)).loss_and_gradient(np.array(point))
    return loss, gradient.tolist()


def at_points(surface: Surface, points: NDArray[np.float64], room: int) -> tuple[Any, Any]:
    """The losses and gradients at points (parameters, points), with work for that many points at a time."""
    losses, gradients = np.zeros(points.shape[1]), np.zeros(points.shape)
    work = np.full(room * surface.work_per_point, np.nan)
    surface.kernels.at_points(points, surface.program, surface.constants, work, losses, gradients)
    return losses, gradients


# --- values and gradients ---


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_values_and_gradients_are_mpmaths(case: dict[str, Any]) -> None:
    surface = formula_surface(case["text"])
    assert list(surface.names) == case["names"]
    for point, value, gradient in zip(case["points"], case["values"], case["gradients"], strict=True):
        found, slopes = of_surface(surface).loss_and_gradient(np.array(point))
        assert relative_error([found], [value]) <= 1e-13
        assert relative_error(slopes, gradient) <= 1e-13


def test_the_golden_formulas_hold_every_function_and_sign() -> None:
    texts = " ".join(case["text"] for case in CASES)
    assert [word for word in (*formula.FUNCTIONS, *formula.CONSTANTS, *formula.SIGNS) if word not in texts] == []


@pytest.mark.parametrize("room", [1, 3, 64, 1000])
@pytest.mark.parametrize("text", [ROSENBROCK, "sin(x)*exp(y)/(2+x^2) + max(x, -y) + abs(x)^1.5 + (1+x^2)^y - x"])
def test_many_points_at_a_time_are_each_as_one_alone(text: str, room: int) -> None:
    surface, points = formula_surface(text), np.random.default_rng(0).standard_normal((2, 130))
    losses, gradients = at_points(surface, points, room)
    objective = of_surface(surface)
    for k, point in enumerate(np.ascontiguousarray(points.T)):
        loss, gradient = objective.loss_and_gradient(point)
        assert losses[k] == pytest.approx(loss, rel=1e-15)
        assert gradients[:, k] == pytest.approx(gradient, rel=1e-14)


# Each row: a formula, what it means in Python; both at x = 3, y = 5.
MEANINGS = [
    ("-x^2", -9.0),
    ("2^-x^2", 2.0**-9),
    ("2^x^0.5", 2.0 ** (3.0**0.5)),
    ("2**3**x/1e8", 2.0**27 / 1e8),
    ("-x*y", -15.0),
    ("x-y-1", -3.0),
    ("30/x/y", 2.0),
    ("x-y*2^x", -37.0),
    ("--x", 3.0),
    ("x*-y", -15.0),
    ("-(x+y)^2", -64.0),
    ("1e-3*x + .5 + 2. + 1.5E+1", 17.503),
    ("pi*x + e", 3 * math.pi + math.e),
    ("\tx\r\n +  y ", 8.0),
    ("x^1 + y^0", 4.0),
    ("min(x, y) + 10*max(x, y)", 53.0),
    ("(((x)))", 3.0),
    ("x_1", 3.0),
    ("e1+E", 8.0),
]


@pytest.mark.parametrize(("text", "value"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_a_text_means_what_it_does_on_paper(text: str, value: float) -> None:
    size = formula_surface(text).size
    assert at(text, *(3.0, 5.0)[:size])[0] == pytest.approx(value, rel=1e-15)


def test_squares_are_exact_and_equal_values_are_computed_once() -> None:
    assert at("x^2", 0.1) == (0.1 * 0.1, [0.2])
    assert len(formula_surface("x^2").program) == 1
    assert len(formula_surface("(x*y-1)^2 + sin(x*y-1) + x*y").program) == 6
    assert len(formula_surface("x^8").program) == 3
    assert len(formula_surface("x*(2*3+sqrt(16))/2^0.5").program) == 2
    assert len(formula_surface("exp(x)^0 + x").program) == 1


# Each row: a formula, a point, its gradient there.
KINKS: list[tuple[str, list[float], list[float]]] = [
    ("abs(x)", [0.0], [0.0]),
    ("abs(x)", [-0.0], [0.0]),
    ("abs(x)", [-2.0], [-1.0]),
    ("min(x, y)", [2.0, 2.0], [1.0, 0.0]),
    ("max(x, y)", [2.0, 2.0], [1.0, 0.0]),
    ("min(x, y)", [2.0, 1.0], [0.0, 1.0]),
    ("max(x, y)", [2.0, 1.0], [1.0, 0.0]),
    ("x^0.5", [0.0], [math.inf]),
    ("sqrt(x)", [0.0], [math.inf]),
    ("x^1.5", [0.0], [0.0]),
    ("x^y", [0.0, 2.0], [0.0, 0.0]),
    ("x^y", [2.0, 0.0], [0.0, math.log(2.0)]),
    ("x^y", [0.0, 0.0], [0.0, -math.inf]),
    ("tanh(x)", [1000.0], [0.0]),
]


@pytest.mark.parametrize(("text", "point", "gradient"), KINKS, ids=[f"{text} at {point}" for text, point, _ in KINKS])
def test_derivatives_at_kinks_and_edges(text: str, point: list[float], gradient: list[float]) -> None:
    assert at(text, *point)[1] == gradient


@pytest.mark.parametrize("edge", EDGES, ids=[f"{edge['text']} at {edge['point']}" for edge in EDGES])
def test_where_0_meets_infinity_the_slope_is_still_mpmaths(edge: dict[str, Any]) -> None:
    assert at(edge["text"], *edge["point"])[1] == pytest.approx(edge["gradient"], rel=1e-10, abs=1e-14)


def test_an_edge_among_many_points_is_as_it_is_alone() -> None:
    surface, points = formula_surface("max(sqrt(x), 1) + (x-1)^2 + y"), np.ones((2, 130))
    points[:, 40:] = 0.0
    losses, gradients = at_points(surface, points, 16)
    assert losses.tolist() == [2.0] * 40 + [2.0] * 90
    assert gradients[0].tolist() == [0.5] * 40 + [-2.0] * 90
    assert (gradients[1] == 1.0).all()


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("sqrt(x^2)", [0.0]),
        ("sqrt(abs(x))", [0.0]),
        ("sqrt((x-3)^2)", [3.0]),
        ("(x^0.25)^2", [0.0]),
        ("atan(1/x)", [0.0]),
        ("atan(1/x) - pi/2", [0.0]),
        ("sqrt(x)-x^0.25", [0.0]),
        ("sqrt(x^2+y^2)", [0.0, 0.0]),
        ("sqrt(x*y)", [0.0, 0.0]),
    ],
)
def test_where_there_is_no_slope_none_is_made_up(text: str, point: list[float]) -> None:
    loss, gradient = at(text, *point)
    assert math.isfinite(loss)
    assert np.isnan(gradient).all()


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("log(x)", -1.0),
        ("x*log(x)", 0.0),
        ("0*log(x)", -1.0),
        ("exp(x)/(1+exp(x))", 800.0),
        ("sqrt(x)", -1.0),
        ("asin(x)", 2.0),
        ("x^0.5", -1.0),
        ("min(x, 1)", math.nan),
        ("max(1, x)", math.nan),
        ("min(1, x)", math.nan),
        ("max(x, 1)", math.nan),
        ("abs(x)", math.nan),
        ("x-x", math.inf),
    ],
)
def test_a_nan_flows_out(text: str, point: float) -> None:
    assert math.isnan(at(text, point)[0])


@pytest.mark.parametrize(("text", "value"), [("log(x)", -math.inf), ("1/x", math.inf), ("exp(1/x)", math.inf)])
def test_infinity_flows_out(text: str, value: float) -> None:
    assert at(text, 0.0)[0] == value


# --- formulas without variables ---


@pytest.mark.parametrize(
    ("text", "value"),
    [("2/9", 2 / 9), ("1e-3", 1e-3), ("0.1*2", 0.2), ("-(1+1)^2", -4.0), ("sqrt(pi)", math.sqrt(math.pi))],
)
def test_a_formula_without_variables_is_a_number(text: str, value: float) -> None:
    assert formula.constant(text) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2*x", "text has the variable x: it takes none"),
        ("1/0", "text at position 2 has 1 / 0, which is not a finite number"),
        ("1e999", "text at position 1 has 1e999, which is too large: it takes numbers below 1.8e308"),
        ("2/", "text ends at position 3, where a number, a name, - or ( may stand"),
        ("nan", "text has the variable nan: it takes none"),
    ],
)
def test_what_is_no_number_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        formula.constant(text)
    assert str(caught.value) == sentence


# --- as a surface ---


def test_a_formula_is_a_surface_with_its_text_names_and_minima() -> None:
    surface = formula_surface(f" {ROSENBROCK}\n", minima=[("A", (1.0, 1.0))])
    assert surface.formula == f"L(x, y) = {ROSENBROCK}"
    assert surface.names == ("x", "y")
    assert surface.minima == (("A", (1.0, 1.0)),)
    assert formula_surface("b*a + b").names == ("b", "a")
    assert formula_surface("b*a + b", ["a", "b", "c"]).names == ("a", "b", "c")
    assert formula_surface("(x^2-1)^2", minima=[("B", (1.0,)), ("A", (-1.0,))]).minima == (
        ("A", (-1.0,)),
        ("B", (1.0,)),
    )


def test_a_name_that_the_text_does_not_use_is_a_level_direction() -> None:
    loss, gradient = of_surface(formula_surface("b^2", ["a", "b"])).loss_and_gradient(np.array([7.0, 3.0]))
    assert (loss, gradient.tolist()) == (9.0, [0.0, 6.0])
    loss, gradient = of_surface(formula_surface("4", ["a"])).loss_and_gradient(np.array([7.0]))
    assert (loss, gradient.tolist()) == (4.0, [0.0])


@pytest.mark.parametrize("optimizer", [SGD(0.1), SGD(0.05, 0.9), Adam(0.05)])
def test_training_on_a_formula_is_training_on_the_kernel(optimizer: SGD | Adam) -> None:
    def path(objective: Objective) -> Any:
        run = Run(objective, Settings(optimizer, 1), np.array([-1.0, 2.5]))
        return run.advance(2000).path

    hand = bowl(np.array([[3.0, -2.0], [-2.0, 7.0]]), np.array([4.0, 3.0]))
    text = "1/2*(3*(u-4)^2 - 4*(u-4)*(v-3) + 7*(v-3)^2)"
    found, expected = path(of_surface(formula_surface(text))), path(of_surface(hand))
    assert np.abs(found - expected).max() <= 1e-12
    assert np.abs(found[-1] - [4.0, 3.0]).max() < 1e-3


def test_a_formula_can_be_tilted() -> None:
    tilts = np.array([[1.0, 2.0], [-3.0, 4.0]])
    loss, gradient = of_surface(formula_surface("x*y"), tilts).loss_and_gradient(np.array([2.0, 5.0]))
    assert (loss, gradient.tolist()) == (10.0 - 2.0 + 15.0, [5.0 - 1.0, 2.0 + 3.0])


def test_a_run_that_leaves_the_domain_stops_with_its_reason() -> None:
    run = Run(of_surface(formula_surface("log(x)")), Settings(SGD(0.1), 1), np.array([0.25]))
    run.advance(100)
    assert run.stopped is not None
    assert run.stopped.kind == "undefined"
    assert run.stopped.reason.endswith("is not a number")


# --- any tree of exact operations is what Python's floats make of it ---

LEAVES = st.sampled_from(["x", "y"]) | st.sampled_from([0.0, 1.0, 2.0, 0.1, 3.5, 1e-3, 1e200]).map(str)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts with one more operation than those they are made of; brackets only where somebody would put them."""
    return (
        st.builds("{}{}{}".format, inner, st.sampled_from(["+", "-", "*", "/", " - "]), inner)
        | st.builds("({}{}{})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner)
        | inner.map("-{}".format)
        | inner.map("({})".format)
        | inner.map("abs({})".format)
        | inner.map("sqrt({})".format)
        | st.builds("min({}, {})".format, inner, inner)
        | st.builds("max({},{})".format, inner, inner)
    )


FUNCTIONS: dict[str, Any] = {
    "abs": abs,
    "sqrt": np.sqrt,
    "min": lambda a, b: a if a <= b or math.isnan(a) else b,
    "max": lambda a, b: a if a >= b or math.isnan(a) else b,
}


def python(node: ast.expr, names: dict[str, float]) -> float:
    """What Python's floats make of an expression, as IEEE 754 has it where Python raises; constants must be finite."""
    match node:
        case ast.Constant():
            return float(node.value)  # type: ignore[arg-type]
        case ast.Name():
            return names[node.id]
        case ast.UnaryOp():
            return -python(node.operand, names)
        case ast.Call(func=ast.Name()):
            arguments = [np.float64(python(argument, names)) for argument in node.args]
            value = FUNCTIONS[node.func.id](*arguments)
        case ast.BinOp():
            left, right = np.float64(python(node.left, names)), np.float64(python(node.right, names))
            signs: dict[type[ast.operator], Any] = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply}
            value = signs.get(type(node.op), np.divide)(left, right)
    constant = not any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(node))
    assume(math.isfinite(value) or not constant)
    return float(value)


@given(
    text=st.recursive(LEAVES, grown, max_leaves=25),
    point=st.tuples(*[st.floats(-1e6, 1e6) | st.sampled_from([0.0, -0.0, 1.0])] * 2),
)
@example(text="-x/-(0.1-y)-x*-2.0/y", point=(0.3, 7.0))
def test_any_text_has_the_value_that_python_has(text: str, point: tuple[float, float]) -> None:
    with np.errstate(all="ignore"):
        expected = python(ast.parse(text, mode="eval").body, dict(zip("xy", point, strict=True)))
    surface = formula_surface(text, ["x", "y"])
    found = of_surface(surface).losses(np.array([point]))[0]
    assert found == expected or (math.isnan(found) and math.isnan(expected))


# --- what is refused ---

OPERAND = "where a number, a name, - or ( may stand"
PRODUCT = "where an operator may stand: a product is written with *, "
CHARACTERS = "it takes numbers, names and + - * / ^ ( ) and commas, in ASCII"

REFUSED = [
    ("", f"text ends at position 1, {OPERAND}"),
    (" \n ", f"text ends at position 4, {OPERAND}"),
    ("x+", f"text ends at position 3, {OPERAND}"),
    ("x + ", f"text ends at position 5, {OPERAND}"),
    ("x+*y", f"text at position 3 has *, {OPERAND}"),
    ("+x", f"text at position 1 has +, {OPERAND}"),
    ("()", f"text at position 2 has ), {OPERAND}"),
    (")", f"text at position 1 has ), {OPERAND}"),
    ("x^", f"text ends at position 3, {OPERAND}"),
    ("sin()", f"text at position 5 has ), {OPERAND}"),
    ("min(,x)", f"text at position 5 has a comma, {OPERAND}"),
    ("x)", "text at position 2 has ), where an operator or the end may stand"),
    ("x, y", "text at position 2 has a comma, where an operator or the end may stand"),
    ("(x+(y)", "text ends at position 7, where an operator or the ) for the ( at position 1 may stand"),
    ("sin(x", "text ends at position 6, where an operator or the ) of sin may stand"),
    ("sin(x, y)", "text at position 6 has a comma, where an operator or the ) of sin may stand"),
    ("min(x)", "text at position 6 has ), where an operator or the comma of min may stand"),
    ("max(x,y,x)", "text at position 8 has a comma, where an operator or the ) of max may stand"),
    ("x*sin x", "text at position 7 has x, where the ( of sin may stand"),
    ("sin", "text ends at position 4, where the ( of sin may stand"),
    ("2x", f"text at position 2 has x, {PRODUCT}2*x"),
    ("x 2", f"text at position 3 has 2, {PRODUCT}x*2"),
    ("3(x+1)", f"text at position 2 has (, {PRODUCT}3*("),
    ("(x)(y)", f"text at position 4 has (, {PRODUCT})*("),
    ("(x y)", f"text at position 4 has y, {PRODUCT}x*y"),
    ("1.5.2*x", f"text at position 4 has .2, {PRODUCT}1.5*.2"),
    ("1e*x", f"text at position 2 has e, {PRODUCT}1*e"),
    ("x(y)", "text at position 1 has x, which is no function: it takes sqrt, exp, log, sin, cos, tan, asin, acos, "),
    ("y+eval(x)", "text at position 3 has eval, which is no function: it takes sqrt, exp,"),
    ("pi(x)", "text at position 1 has pi, which is no function"),
    ("__import__('os')", f"text at position 1 has _: {CHARACTERS}"),
    ("x.__class__", f"text at position 2 has .: {CHARACTERS}"),
    ("x=2", f"text at position 2 has =: {CHARACTERS}"),
    ("x;y", f"text at position 2 has ;: {CHARACTERS}"),
    ("x[0]", f"text at position 2 has [: {CHARACTERS}"),
    ("x+\x00", f"text at position 3 has U+0000: {CHARACTERS}"),
    ("x\x1b[2J", f"text at position 2 has U+001B: {CHARACTERS}"),
    ("y+х^2", f"text at position 3 has U+0445 CYRILLIC SMALL LETTER HA: {CHARACTERS}"),
    ("x²", f"text at position 2 has U+00B2 SUPERSCRIPT TWO: {CHARACTERS}"),
    ("2×x", f"text at position 2 has U+00D7 MULTIPLICATION SIGN: {CHARACTERS}"),
    ("x−1", f"text at position 2 has U+2212 MINUS SIGN: {CHARACTERS}"),
    ("x+１", f"text at position 3 has U+FF11 FULLWIDTH DIGIT ONE: {CHARACTERS}"),
    ("x\u00a0+1", f"text at position 2 has U+00A0 NO-BREAK SPACE: {CHARACTERS}"),
    ("\ud800", f"text at position 1 has U+D800: {CHARACTERS}"),
    ("x*1e999", "text at position 3 has 1e999, which is too large: it takes numbers below 1.8e308"),
    ("9" * 1999, "text at position 1 has 99999999999999999999..., which is too large: it takes"),
    ("9**9**9**9", "text at position 5 has 9 ^ 3.8742e+08, which is not a finite number"),
    ("x+9^9^9^9", "text at position 6 has 9 ^ 3.8742e+08, which is not a finite number"),
    ("x+1/0", "text at position 4 has 1 / 0, which is not a finite number"),
    ("x*log(2-2)", "text at position 3 has log(0), which is not a finite number"),
    ("sqrt(-4)*x", "text at position 1 has sqrt(-4), which is not a finite number"),
    ("x+(-8)^(1/3)", "text at position 7 has (-8) ^ 0.333333, which is not a finite number"),
    ("x+1e308*10", "text at position 8 has 1e+308 * 10, which is not a finite number"),
    ("exp(1000)-x", "text at position 1 has exp(1000), which is not a finite number"),
    ("3+4", "text has no variable: it takes at least one, such as x"),
    ("x*" + "n" * 1900, "text at position 3 has nnnnnnnnnnnnnnnnnnnn..., a name of 1900 letters: it takes at most 32"),
    ("+".join(f"v{k}" for k in range(17)), "text at position 55 has v16, the 17th variable: it takes at most 16"),
    ("(" * 65 + "x" + ")" * 65, "text at position 65 has (, which is nested too deeply: it takes at most 64 levels"),
    ("x" + "-" * 1000 + "x", "text at position 67 has -, which is nested too deeply: it takes at most 64 levels"),
    ("^".join("x" * 66), "text at position 130 has ^, which is nested too deeply: it takes at most 64 levels"),
    ("sin(" * 65 + "x", "text at position 260 has (, which is nested too deeply: it takes at most 64 levels"),
    ("(" * 2000, "text at position 65 has (, which is nested too deeply: it takes at most 64 levels"),
    ("x*2" + "+x" * 600, "text at position 1026 has operation 513: it takes at most 512"),
    ("x+" * 250_000, "text goes on after position 2000: it takes at most 2000 characters, and this one has 500000"),
    ("n" * 10_000, "text goes on after position 2000: it takes at most 2000 characters, and this one has 10000"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[ascii(text[:20]) for text, _ in REFUSED])
def test_what_is_no_formula_is_refused_in_one_sentence_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        formula_surface(text)
    message = str(caught.value)
    assert message.startswith(sentence)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 250
    assert not message.endswith(".")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "names has 0 entries: it takes 1 to 16"),
        (["x"] * 17, "names has 17 entries: it takes 1 to 16"),
        (["x", "y", "x"], "names[3] is x once more: it takes names that differ"),
        (["x", "sin"], "names[2] is 'sin': it takes a letter and up to 31 letters, digits or _, and no function or"),
        (["x", "e"], "names[2] is 'e': it takes a letter"),
        (["2"], "names[1] is '2': it takes a letter"),
        (["x\n"], "names[1] is 'x\\n': it takes a letter"),
        (["х"], "names[1] is '\\u0445': it takes a letter"),
        (["n" * 10_000], "names[1] is 'nnnnnnnnnnnnnnnnnnnn...': it takes a letter"),
        (["y", "z"], "text at position 5 has x, which is not one of the names: it takes y, z, pi, e"),
    ],
)
def test_names_that_do_not_fit_are_refused(names: list[str], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        formula_surface("y + x^2", names)
    assert str(caught.value).startswith(sentence)


def test_a_minimum_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^minima\[2\], B, lies at 1 numbers: it takes 2, for x, y$"):
        formula_surface("x*y", minima=[("A", (0.0, 0.0)), ("B", (1.0,))])


@pytest.mark.parametrize(
    "text",
    [
        "(" * 64 + "x" + ")" * 64,
        "^".join("x" * 65),
        "x" + "+x" * 512,
        f"(x{'+x' * 512})^0",
        "+".join(f"v{k}" for k in range(16)),
        "n" * 32,
        "x" + " " * 1999,
        "1+2*0.1^(" * 32 + "x" + ")" * 32,
    ],
)
def test_the_limits_themselves_are_allowed(text: str) -> None:
    surface = formula_surface(text)
    assert math.isfinite(of_surface(surface).losses(np.full((1, surface.size), 0.5))[0])


@given(st.text(max_size=60) | st.text(alphabet="x2. ()+-*/^,esinmx1eE_", max_size=60) | st.binary().map(repr))
def test_no_text_does_anything_but_be_a_formula_or_be_refused(text: str) -> None:
    problem = ""
    try:
        assert 1 <= formula_surface(text).size <= 16
    except ValueError as error:
        problem = str(error)
    assert not problem or problem.startswith("text ")


@pytest.mark.parametrize("characters", list(product("x(-", "^*+", ")1,")), ids="".join)
def test_long_texts_of_any_pattern_are_refused(characters: tuple[str, ...]) -> None:
    for text in ("".join(characters) * 600, characters[0] * 900 + characters[1] * 900, "".join(characters[1:]) * 900):
        with pytest.raises(ValueError):  # noqa: PT011
            formula_surface(text)
