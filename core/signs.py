"""The sign of a number, as kernels need it."""

from __future__ import annotations

from nnsim.core.jit import inline


@inline
def sign(x: float) -> float:
    """-1, 0 or 1, but NaN for NaN."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else x
