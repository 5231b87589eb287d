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


def main() -> None:
    mp.dps = 50
    cases = [_case(text, points) for text, points in FORMULAS.items()]
    write(
        Path(__file__).with_name("formulas.json"),
        {"made_with": f"mpmath {mpmath.__version__}, 50 digits", "cases": cases},
    )


def _case(text: str, points: list[list[float]]) -> dict[str, Any]:
    functions = {name: getattr(mp, name) for name in FUNCTIONS}
    known = {**functions, "abs": abs, "min": min, "max": max, "N": mpf, "pi": mp.pi, "e": mp.e}
    names = [name for name in dict.fromkeys(re.findall("[a-z]+", text)) if name not in known]
    source = re.sub(r"(?<![a-zA-Z])[0-9.]+", lambda number: f"N({number[0]})", text).replace("^", "**")
    loss = eval(f"lambda {', '.join(names)}: {source}", known)
    return {
        "text": text,
        "names": names,
        "points": points,
        "values": [float(loss(*map(mpf, point))) for point in points],
        "gradients": [
            [float(mp.diff(loss, point, _unit(k, len(names)))) for k in range(len(names))] for point in points
        ],
    }


def _unit(k: int, n: int) -> tuple[int, ...]:
    return tuple(int(i == k) for i in range(n))


if __name__ == "__main__":
    main()
