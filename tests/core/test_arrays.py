"""Aligned arrays."""

import numpy as np
import pytest

from nnsim.core.arrays import CACHE_LINE, aligned


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (1000, 2)])
def test_aligned_arrays_are_zeros_that_begin_on_a_cache_line(shape: tuple[int, ...]) -> None:
    arrays = [aligned(*shape) for _ in range(20)]
    for array in arrays:
        assert array.shape == shape
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert not array.any()
        assert array.ctypes.data % CACHE_LINE == 0


def test_an_aligned_array_may_be_empty() -> None:
    assert aligned(0, 4).shape == (0, 4)
