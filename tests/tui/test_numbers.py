"""Numbers keep their width while they run, and read well in prose."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnsim.tui.numbers import fixed, short, signed, tight

# Rounded up, the very largest floats read back as infinite.
READABLE = st.floats(min_value=-1.7e308, max_value=1.7e308)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (350.0, " +350.0000"),
        (-300.0, " -300.0000"),
        (9999.99996, "+10000.000"),
        (22500.0, "+22500.000"),
        (0.5, "   +0.5000"),
        (0.0012, "   +0.0012"),
        (0.00012, " +1.20e-04"),
        (-1.25e8, " -1.25e+08"),
        (1e308, "+1.00e+308"),
        (0.0, "    0.0000"),
        (-0.0, "    0.0000"),
        (math.inf, "      +inf"),
        (-math.inf, "      -inf"),
        (math.nan, "       nan"),
    ],
)
def test_fixed_at_the_usual_width(value: float, text: str) -> None:
    assert fixed(value) == text


@given(st.floats(), st.integers(min_value=1, max_value=24))
@example(1e-300, 9)
@example(-1.7976931348623157e308, 10)
def test_fixed_has_exactly_the_width(value: float, width: int) -> None:
    assert len(fixed(value, width)) == width


@given(st.floats(min_value=0.001, max_value=9999.9999, exclude_min=True).flatmap(lambda x: st.sampled_from([x, -x])))
def test_fixed_keeps_the_decimal_point_in_place(value: float) -> None:
    assert fixed(value)[-5] == "." or abs(value) > 9999.9999


@given(READABLE, st.integers(min_value=9, max_value=16))
def test_fixed_shows_the_sign_and_the_size(value: float, width: int) -> None:
    text = fixed(value, width)
    if value == 0:
        assert float(text) == 0
    elif "#" not in text:
        assert math.copysign(1, float(text)) == math.copysign(1, value)
        assert float(text) == pytest.approx(value, rel=0.06)


def test_fixed_says_when_it_has_no_room() -> None:
    assert fixed(-1e308, 4) == "####"
    assert fixed(-7.0, 2) == "-7"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0001, "0.0001"),
        (22500.0, "22500"),
        (22500.4, "22500"),
        (123456789.0, "1.23e+08"),
        (450.848, "450.8"),
        (-300.0, "-300"),
        (0.1 + 0.2, "0.3"),
        (0.00001234, "1.23e-05"),
        (999999.7, "1000000"),
        (-0.0, "0"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


@given(READABLE)
def test_short_reads_back_and_stays_short(value: float) -> None:
    text = short(value)
    assert len(text) <= 10
    assert float(text) == pytest.approx(value, rel=0.006)


def test_signed_marks_positive_numbers() -> None:
    assert signed(200.0) == "+200"
    assert signed(-300.0) == "-300"
    assert signed(0.0) == "0"
    assert signed(math.nan) == "nan"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.532, "+0.53"),
        (-12.38, "-12.4"),
        (123.4, " +123"),
        (-0.00034, "-3e-4"),
        (0.0, " 0.00"),
        (-0.0, " 0.00"),
        (123456.0, "+1e5"),
        (1e100, "#####"),
        (1e-100, "+0.00"),
        (math.nan, "  nan"),
        (-math.inf, " -inf"),
    ],
)
def test_tight_numbers_keep_what_digits_have_room(value: float, text: str) -> None:
    assert tight(value, 5) == text.rjust(5)


@given(st.floats(-1e307, 1e307), st.integers(5, 12))
def test_tight_numbers_have_their_width_and_their_sign(value: float, width: int) -> None:
    text = tight(value, width)
    assert len(text) == width
    if "#" not in text and value != 0:
        assert text.lstrip()[0] == ("+" if value > 0 else "-")
        assert float(text) == pytest.approx(value, rel=0.5, abs=0.5 * 10.0 ** (3 - width))
