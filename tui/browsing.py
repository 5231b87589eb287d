"""Which sample of a training or test set the stage shows, and which others one can leaf through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Browse:
    """What the person asks for: a sample by its number, a set, and whether right answers are left out. Where that is
    None, the stage has a sample and a set of its own."""

    sample: int | None = None
    training: bool | None = None
    wrong_only: bool = False


OWN_SAMPLE = Browse()


@dataclass(frozen=True, eq=False)
class Leaf:
    """The sample that is shown: its number, its set, and the numbers (n,) of those that one leafs through, ascending.
    They may be none, and the shown one need not be among them. There may be no other set to go to."""

    sample: int
    training: bool
    wrong_only: bool
    others: Integers
    has_other_set: bool = True

    @property
    def set_name(self) -> str:
        return "training" if self.training else "test"

    def keys(self, forms: tuple[str, ...]) -> list[str]:
        """Forms of a line about keys, of which the last part is about the {other} set, if there is one."""
        if not self.has_other_set:
            return [form.rpartition(" · ")[0] for form in forms]
        return [form.format(other="test" if self.training else "training") for form in forms]

    def further(self, steps: int, sample: int) -> int:
        """The sample so many places after another one, from the last on to the first."""
        if not len(self.others):
            return sample
        place = int(self.others.searchsorted(sample))
        if steps > 0 and (place == len(self.others) or self.others[place] != sample):
            place -= 1  # the next one is where this one would be
        return int(self.others[(place + steps) % len(self.others)])
