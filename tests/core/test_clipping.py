"""Gradient clipping: by PyTorch's formula, and inside a run."""

from math import inf, nan, sqrt

import numpy as np
import pytest
from problems import bowl_at_4_3

from nnsim.core.clipping import Clipping, clip
from nnsim.core.optimizers import SGD
from nnsim.core.training import Run, Settings


def clipped(clipping: Clipping, *gradient: float) -> list[float]:
    numbers = np.array(gradient)
    clip(numbers, clipping.vector)
    return numbers.tolist()


def test_a_long_gradient_is_made_as_long_as_the_norm_allows() -> None:
    found = clipped(Clipping(norm=1.0), 3.0, -4.0)
    # PyTorch's clip_grad_norm_ divides by the norm + 1e-6.
    assert found == pytest.approx([3.0 / 5.000001, -4.0 / 5.000001], rel=1e-15)


def test_a_short_gradient_stays_as_it_is() -> None:
    assert clipped(Clipping(norm=6.0, value=10.0), 3.0, -4.0) == [3.0, -4.0]


def test_every_number_is_brought_into_the_range_of_the_value() -> None:
    assert clipped(Clipping(value=2.0), 3.0, -4.0, 1.5) == [2.0, -2.0, 1.5]


def test_the_norm_comes_before_the_value() -> None:
    found = clipped(Clipping(norm=5.0, value=3.5), 6.0, -8.0)
    assert found == pytest.approx([6.0 * 5.0 / 10.000001, -3.5], rel=1e-15)


def test_not_a_number_stays_visible() -> None:
    assert np.isnan(clipped(Clipping(norm=1.0), nan, 1.0)[0])


def test_a_run_steps_along_the_clipped_gradient() -> None:
    run = Run(bowl_at_4_3(1, 9), Settings(SGD(0.1), 1, clipping=Clipping(norm=1.0)), np.zeros(2))
    gradient = np.array([-4.0, -27.0])
    length = sqrt(16 + 27**2)
    proposal = run.proposal(gradient)
    run.advance(1)
    assert run.unclipped_norm == pytest.approx(length, rel=1e-15)
    assert run.gradient == pytest.approx(gradient / (length + 1e-6), rel=1e-14)
    assert run.parameters == pytest.approx(-0.1 * run.gradient, rel=1e-14)
    assert proposal.tobytes() == run.parameters.tobytes()


def test_a_rate_that_diverges_stays_bounded_under_clipping() -> None:
    plain = Run(bowl_at_4_3(1, 9), Settings(SGD(0.25), 1), np.zeros(2))
    tamed = Run(bowl_at_4_3(1, 9), Settings(SGD(0.25), 1, clipping=Clipping(norm=1.0)), np.zeros(2))
    plain.advance(1000)
    tamed.advance(1000)
    assert plain.stopped is not None
    assert tamed.stopped is None
    assert np.abs(tamed.parameters - [4.0, 3.0]).max() < 0.25


@pytest.mark.parametrize("limit", [0.0, -1.0, nan, inf])
@pytest.mark.parametrize("name", ["norm", "value"])
def test_a_limit_is_a_finite_number_above_0(name: str, limit: float) -> None:
    with pytest.raises(ValueError, match=rf"clipping\.{name} is {limit}: it takes a finite number above 0"):
        Clipping(**{name: limit})


def test_a_label_says_what_is_clipped() -> None:
    assert Clipping(norm=1.0, value=0.5).label == "clipped at norm 1, clipped at value 0.5"
    assert not Clipping()


def test_a_gradient_whose_squares_overflow_is_clipped_all_the_same() -> None:
    gradient = np.array([3e200, -4e200])
    assert clip(gradient, Clipping(norm=1.0).vector) == pytest.approx(5e200, rel=1e-15)
    assert gradient == pytest.approx([0.6, -0.8], rel=1e-15)


def test_without_clipping_there_is_no_norm_before_it() -> None:
    run = Run(bowl_at_4_3(1, 9), Settings(SGD(0.1), 1, clipping=Clipping(norm=1.0)), np.zeros(2))
    run.advance(1)
    assert run.unclipped_norm > 0.0
    run.change(Settings(SGD(0.1), 1))
    run.advance(1)
    assert run.unclipped_norm == 0.0
