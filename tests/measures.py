"""How the tests measure what they find against what they expect, and where golden numbers come from."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> dict[str, Any]:
    """The golden numbers in `golden/<name>.json`."""
    document: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="ascii"))
    return document


def deviation(found: ArrayLike, expected: ArrayLike) -> float:
    """The largest |found - expected| / max(1, |expected|): for numbers that may cross zero."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected))))


def relative_error(found: ArrayLike, expected: ArrayLike) -> float:
    """The largest |found - expected| beside the largest |expected|: for a vector as a whole."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


def printed(digits: str) -> Any:
    """What equals a printed number to its last digit: `printed("0.57")` is 0.57 within 0.005."""
    exponent = Decimal(digits).as_tuple().exponent
    assert isinstance(exponent, int)
    return pytest.approx(float(digits), rel=1e-12, abs=0.5 * 10.0**exponent)
