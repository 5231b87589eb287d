"""The mean over an epoch, from the means over its batches."""

from __future__ import annotations

from typing import NamedTuple

from nnsim.core.arrays import Indices, Vector


class EpochMean(NamedTuple):
    """The mean over the samples of an epoch so far, each batch counted by its samples: the last one may be short."""

    value: float = 0.0
    samples: int = 0

    def after(self, means: Vector, sizes: Indices) -> EpochMean:
        """The mean with further batches; both arrays have the shape (batches,).

        A running mean (West 1979, "Updating mean and variance estimates") is the same to the last bit however many
        batches come at a time, and exact where all batches have the same mean.
        """
        value, samples = self
        for mean, size in zip(means.tolist(), sizes.tolist(), strict=True):
            samples += size
            value += (mean - value) * (size / samples)
        return EpochMean(value, samples)
