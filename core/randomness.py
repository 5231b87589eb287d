"""Where all random numbers come from: one function, so that no two purposes ever share a stream.

A start has the stream of the seed itself, NumPy's `default_rng(seed)`, so that whoever has computed something from it
elsewhere can compare. Everything else has a stream spawned from it, `SeedSequence(seed, spawn_key=(purpose, index))`:
NumPy puts such a key behind four words of the seed, so that no seed, however long, begins a stream of another one's.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What random numbers are drawn for. The numbers are part of what a seed means: they stay as they are."""

    START = 1
    """The parameters before the first update; it takes no index."""
    ORDER = 2
    """The order of the samples in an epoch; the index is the epoch, from 0."""
    DRAW = 3
    """Other samples of the kind of a bundled data set; the seed is the number of the draw."""
    TILTS = 4
    """The tilts that make samples of a surface."""
    NOISE = 5
    """The batches by which the noise of a gradient is measured."""
    DIRECTION = 6
    """Directions that are at right angles to nothing: for eigenvectors to begin with, and to look around in."""
    QUESTION = 7
    """The order of the answers to choose from; the index is the update."""
    MOONS = 8
    """The bundled moons; the seed is 0 for those to train on, 1 for those to test on."""


def generator(purpose: Purpose, seed: int, index: int = 0) -> np.random.Generator:
    """A fresh generator for a purpose, a seed of at least 0 and below 2^128, and, where a seed needs several, an index
    of at least 0. The same three always give the same numbers, any others give independent ones."""
    key = () if purpose is Purpose.START else (purpose, index)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
