"""Which samples each update sees, and in which order: any epoch's order can be made again from (seed, epoch)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from nnsim.core.arrays import Indices
from nnsim.core.randomness import Purpose, generator

Order: TypeAlias = Literal["shuffled", "fixed", "with_replacement"]

FEW = 512
"""Up to so many samples take longer to be put into an order than to be gone through: their orders are kept for other
runs with the same seed."""


class Place(NamedTuple):
    """Where a run stands: whole epochs done, and samples of the current epoch already used."""

    epoch: int
    sample: int


class Plan(NamedTuple):
    """The batches of several updates: update k uses the samples `order[starts[k] : starts[k + 1]]`."""

    order: Indices
    starts: Indices


@dataclass(frozen=True)
class Batches:
    """Batches of `size` out of `samples` samples. The last batch of an epoch may be shorter; it is used all the same.

    A batch of all samples comes in their own order, since shuffling could only change the rounding.
    """

    samples: int
    size: int
    order: Order
    seed: int

    @property
    def full(self) -> bool:
        """Whether every batch is the whole training set."""
        return self.size >= self.samples and self.order != "with_replacement"

    @property
    def per_epoch(self) -> int:
        """Updates in an epoch."""
        return -(-self.samples // self.size)

    def sizes(self, updates: Indices) -> Indices:
        """The samples in the batches of these updates of a run, counted from 1; shape (updates,)."""
        short = self.samples - (self.per_epoch - 1) * self.size
        return np.where(updates % self.per_epoch == 0, short, self.size)

    def left(self, place: Place) -> int:
        """Updates until the current epoch ends."""
        return -(-(self.samples - place.sample) // self.size)

    def after(self, place: Place, updates: int) -> Place:
        """Where a run stands `updates` updates later."""
        left = self.left(place)
        if updates < left:
            return Place(place.epoch, place.sample + updates * self.size)
        epochs, batches = divmod(updates - left, self.per_epoch)
        return Place(place.epoch + 1 + epochs, batches * self.size)

    def epochs(self, place: Place, updates: int) -> Indices:
        """The epoch to which each of the next updates belongs, shape (updates,), counted from 0."""
        beyond = np.arange(updates) - self.left(place)
        return place.epoch + np.where(beyond < 0, 0, 1 + beyond // self.per_epoch)

    def plan(self, place: Place, updates: int) -> Plan:
        """The batches of the next `updates` updates."""
        if self.full and place.sample == 0:
            order = np.tile(np.arange(self.samples), updates)
            return Plan(order, np.arange(updates + 1) * self.samples)
        pieces: list[Indices] = []
        starts: list[Indices] = []
        begin = 0
        while updates > 0:
            count = min(updates, self.left(place))
            samples = self._rest(place)[: count * self.size]
            pieces.append(samples)
            starts.append(np.arange(count) * self.size + begin)
            begin += len(samples)
            updates -= count
            place = self.after(place, count)
        return Plan(np.concatenate(pieces), np.concatenate([*starts, np.array([begin])]))

    def _rest(self, place: Place) -> Indices:
        """What is left of the current epoch."""
        if self.full and place.sample == 0:
            return np.arange(self.samples)
        return self.epoch_order(place.epoch)[place.sample :]

    def epoch_order(self, epoch: int) -> Indices:
        """The order of all samples in one epoch, shape (samples,)."""
        make = _few_in_order if self.samples <= FEW else _many_in_order
        return make(self.samples, self.order, self.seed, epoch)


def _in_order(samples: int, order: Order, seed: int, epoch: int) -> Indices:
    if order == "fixed":
        return np.arange(samples)
    rng = generator(Purpose.ORDER, seed, epoch)
    if order == "shuffled":
        return rng.permutation(samples)
    return rng.integers(0, samples, samples)


_few_in_order = lru_cache(maxsize=1024)(_in_order)
_many_in_order = lru_cache(maxsize=8)(_in_order)
