"""Makes formulas.json: values and gradients of formulas by mpmath, at 50 digits, rounded to float64.

Run it as `python tests/golden/make_formulas.py` where mpmath is installed (1.3.0 or later); the tests read only its
output. Here the formulas are evaluated as Python with mpmath's functions, and differentiated numerically in 50 digits.
"""

import re
from pathlib import Path
from typing import Any

import mpmath
from json_file import write
from mpmath import mp, mpf

FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")

POSITIVE = [[0.3], [1.0], [2.75], [17.5]]
INSIDE = [[-0.9], [-0.25], [0.125], [0.999]]
ANYWHERE = [[-7.3], [-1.0], [0.4], [5.0]]
PAIRS = [[-1.2, 1.0], [0.5, -3.0], [2.0, 0.75], [-4.0, -0.1]]
POSITIVE_PAIRS = [[0.2, 3.0], [1.5, -2.0], [4.0, 0.5], [9.0, 9.0]]

FORMULAS = {
    "x+3": ANYWHERE,
    "2-x": ANYWHERE,
    "x*x*0.1": ANYWHERE,
    "1/x": ANYWHERE,
    "-x": ANYWHERE,
    "-x^2": ANYWHERE,
    "(x-1)/(x+2)": ANYWHERE,
    "x^3": ANYWHERE,
    "x^7-2*x^5": ANYWHERE,
    "x^16": ANYWHERE,
    "x^17": ANYWHERE,
    "x^-3": ANYWHERE,
    "x^0.5": POSITIVE,
    "x^-1.75": POSITIVE,
    "2^x": ANYWHERE,
    "2**-x**2": ANYWHERE,
    "x^x": POSITIVE,
    "x^y": POSITIVE_PAIRS,
    "(x+1)^(y/3)": POSITIVE_PAIRS,
    "sqrt(x)": POSITIVE,
    "exp(x)": ANYWHERE,
    "log(x)": [[0.3], [2.75], [17.5], [1e-12]],
    "sin(x)": ANYWHERE,
    "cos(x)": ANYWHERE,
    "tan(x)": ANYWHERE,
    "asin(x)": INSIDE,
    "acos(x)": INSIDE,
    "atan(x)": ANYWHERE,
    "sinh(x)": ANYWHERE,
    "cosh(x)": ANYWHERE,
    "tanh(x)": [[-12.0], [-1.0], [0.4], [5.0], [18.0]],
    "abs(x)*x": ANYWHERE,
    "min(x, y)^2": PAIRS,
    "max(x, 2*y)*y": PAIRS,
    "(1-x)^2 + 100*(y-x^2)^2": PAIRS,
    "(x^2+y-11)^2 + (x+y^2-7)^2": PAIRS,
    "x^4/4 - 2*x^3/3 - 5*x^2/2 + 6*x + 38/3": ANYWHERE,
    "-20*exp(-0.2*sqrt((x^2+y^2)/2)) - exp((cos(2*pi*x)+cos(2*pi*y))/2) + 20 + e": PAIRS,
    "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)": PAIRS,
    "-cos(x)*cos(y)*exp(-(x-pi)^2-(y-pi)^2)": [[2.0, 4.0], [3.0, 3.5], [1.0, 1.0]],
    "log(1+exp(x-y))": PAIRS,
    "sin(x*y)/(1+x^2+y^2) + tanh(x-y)*atan(y)": PAIRS,
    "a*exp(-b*t)*cos(c*t) + d/(1+t^2)": [[1.5, 0.3, 2.0, 4.0, -0.5], [-2.0, 1.0, 0.25, 3.0, 7.0]],
}

# Points at which a plain reverse sweep meets an infinity, or 0 times one, with the side from which the slope is taken
# along each variable: 0 where the loss has one from both.
EDGES = [
    ("max(sqrt(x), 1) + (x-1)^2", [0.0], [1]),
    ("max(asin(x), 0)", [-1.0], [1]),
    ("min(acos(x), -1) + x^3", [1.0], [-1]),
    ("sqrt(max(x, 0)) + x", [-1.0], [0]),
    ("max(sqrt(x*y), 1) + x*y + x", [0.0, 0.0], [1, 1]),
    ("1/(1+exp(-x))", [-800.0], [0]),
    ("1/(1+exp(-x))", [800.0], [0]),
    ("1/(1+exp(-x)^2) + x^2", [-800.0], [0]),
    ("exp(-exp(-x)) - x", [-800.0], [0]),
    ("1/cosh(x) + 1/(2+sinh(x)^2) + x", [800.0], [0]),
    ("exp(-x^2)", [1e200], [0]),
    ("tanh(x)", [1000.0], [0]),
    ("sqrt(x)^2 + 3*x", [0.0], [1]),
    ("sqrt(x^4) + x", [0.0], [0]),
    ("(x^2)^0.75 + 2*x", [0.0], [0]),
    ("((x-1)^2)^0.75 + x", [1.0], [0]),
    ("abs(x)*sqrt(abs(x))", [0.0], [0]),
    ("x^0.5*0 + x", [0.0], [1]),
    ("x*sqrt(y) + y", [0.0, 0.0], [1, 1]),
    ("(x^2+y^2)^0.75 + y", [0.0, 0.0], [0, 0]),
    ("acos(x)^2", [1.0], [-1]),
    ("(asin(x) + pi/2)^2", [-1.0], [1]),
    ("abs(x)^1.5", [0.0], [0]),
    ("x^2.5 + x", [0.0], [1]),
    ("sqrt(x-x) + x^2", [-0.5], [0]),
    ("10000000 - x + sqrt(x)^2 + sqrt(x-x)", [0.0], [1]),
    ("asin(abs(x/x)) + x^2", [-3.0], [0]),
    ("acos(tanh(exp(x))) + x", [800.0], [0]),
    ("min(sqrt(x), x) + x^2", [0.0], [1]),
]


def main() -> None:
    mp.dps = 50
    cases = [_case(text, points) for text, points in FORMULAS.items()]
    edges = [_edge(*edge) for edge in EDGES]
    write(
        Path(__file__).with_name("formulas.json"),
        {"made_with": f"mpmath {mpmath.__version__}, 50 digits", "cases": cases, "edges": edges},
    )


def _edge(text: str, point: list[float], sides: list[int]) -> dict[str, Any]:
    """The gradient at a point, by differences over 1e-60 in 400 digits, from one side or both."""
    names, loss = _loss(text)
    at, distance, gradient = [mpf(each) for each in point], mpf(10) ** -60, []
    with mp.workdps(400):
        for k, side in enumerate(sides):
            begin, end = (-1, 1) if side == 0 else (0, side)
            lower, upper = ([x + shift * distance * (i == k) for i, x in enumerate(at)] for shift in (begin, end))
            gradient.append(float((loss(*upper) - loss(*lower)) / ((end - begin) * distance)))
    return {"text": text, "names": names, "point": point, "gradient": [slope + 0.0 for slope in gradient]}


def _case(text: str, points: list[list[float]]) -> dict[str, Any]:
    names, loss = _loss(text)
    return {
        "text": text,
        "names": names,
        "points": points,
        "values": [float(loss(*map(mpf, point))) for point in points],
        "gradients": [
            [float(mp.diff(loss, point, _unit(k, len(names)))) for k in range(len(names))] for point in points
        ],
    }


def _loss(text: str) -> tuple[list[str], Any]:
    """The variables of a formula, and the formula as a function of mpmath's numbers."""
    functions = {name: getattr(mp, name) for name in FUNCTIONS}
    known = {**functions, "abs": abs, "min": min, "max": max, "N": mpf, "pi": mp.pi, "e": mp.e}
    names = [name for name in dict.fromkeys(re.findall("[a-z]+", text)) if name not in known]
    source = re.sub(r"(?<![a-zA-Z])[0-9.]+", lambda number: f"N({number[0]})", text).replace("^", "**")
    return names, eval(f"lambda {', '.join(names)}: {source}", known)


def _unit(k: int, n: int) -> tuple[int, ...]:
    return tuple(int(i == k) for i in range(n))


if __name__ == "__main__":
    main()
