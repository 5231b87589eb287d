"""The samples of the next batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BatchStrip:
    """The samples of the next batch, in their order.

    `samples` (n,) has their places in the training set, `labels` their targets in words, or their tilts for a
    surface; none in the training set is longer than `label_width`. `losses` (n,) are each one's own. `answers` (n,)
    has the outputs in the targets' unit, and `errors` (n,) output minus target; of several outputs that which is
    off most. For classes `right` (n,) says whether the answer is, `answers` are their numbers, NaN for a tie, and
    `errors` those of probabilities, of the likeliest class. All three are None where there are none. `size` is the
    size of a whole batch, of which the last of an epoch may fall short. `order` is the order of this epoch as far
    as it is known, `begin` where this batch begins in it, `last_order` that of the epoch before (empty in the
    first). `selected` is the place in the batch of the sample that the diagram shows. `classes` has the names of
    the classes, by their numbers from 0.
    """

    samples: Integers
    labels: tuple[str, ...]
    label_width: int
    losses: Floats
    answers: Floats | None
    errors: Floats | None
    right: Mask | None
    size: int
    order: Integers
    begin: int
    last_order: Integers
    selected: int
    classes: tuple[str, ...] = ()
