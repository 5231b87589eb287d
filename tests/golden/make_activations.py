"""Makes activations.json: activations and their slopes from the middle to far out, computed with 1200 digits.

Run it as `python tests/golden/make_activations.py` where mpmath is installed; the tests read only its output.

The slope is a difference of the activation (mpmath_network.py) over a step of 1e-400, so that no derivative is
written here, and even a slope of 1e-300 is right to its last digit.
"""

from pathlib import Path
from typing import Any

from json_file import write
from mpmath import mp, mpf
from mpmath_network import ACTIVATIONS

SIZES = (1e-300, 1e-8, 1e-3, 0.1, 0.5, 0.75, 1.5, 2.25, 2.75, 3.0, 4.5, 4.75, 8.0, 12.0, 19.0, 20.0, 30.0, 37.0, 40.0)
FAR = (100.0, 340.0, 354.0, 700.0, 1e3, 1e20)
DIGITS = 1200


def main() -> None:
    points = sorted(sign * size for size in SIZES + FAR for sign in (-1, 1))
    mp.dps = DIGITS
    write(
        Path(__file__).with_name("activations.json"),
        {
            "made_with": f"mpmath, {DIGITS} digits",
            "points": points,
            "activations": {name: _values_and_slopes(name, points) for name in ACTIVATIONS},
        },
    )


def _values_and_slopes(name: str, points: list[float]) -> dict[str, Any]:
    f, step = ACTIVATIONS[name], mpf(10) ** -400
    slopes = [(f(z + step) - f(z - step)) / (2 * step) for z in map(mpf, points)]
    return {"values": [float(f(mpf(z))) for z in points], "slopes": [float(slope) for slope in slopes]}


if __name__ == "__main__":
    main()
