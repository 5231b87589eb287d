"""How an update rule explains itself: the update of one parameter, step by step, with its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nnsim.core.written import Written, written


class Entry(NamedTuple):
    """A step of an update: what it gives, the formula, the formula with its numbers put in, and the result."""

    symbol: str
    formula: str
    working: str
    value: float


class Account(NamedTuple):
    """The update of one parameter: the steps, of which the last gives the new parameter, and the state after them."""

    entries: tuple[Entry, ...]
    state: tuple[float, ...]
    parameter: float


@dataclass
class Book:
    """Where a rule writes the steps of an update down.

    p is the parameter, g its gradient, `rate` the learning rate, t the update counted from 1; `kept` has the state by
    the names of its slots, and `number` the rule's other hyperparameters by theirs.
    """

    p: Written
    g: Written
    rate: Written
    t: Written
    kept: dict[str, Written]
    number: dict[str, Written]
    entries: list[Entry] = field(default_factory=list)

    def enter(self, symbol: str, result: Written) -> Written:
        """Write a step down; what it gives goes by its symbol from here on."""
        self.entries.append(Entry(symbol, result.symbols, result.digits, result.value))
        return written(symbol, result.value)

    def keep(self, slot: str, result: Written) -> Written:
        """Write a step down that gives a number of the new state."""
        self.kept[slot] = self.enter(slot, result)
        return self.kept[slot]

    def move(self, result: Written) -> None:
        """Write a step down that gives the parameter."""
        self.p = self.enter("p", result)

    def penalized(self) -> Written:
        """The gradient of the loss and of the weight decay's penalty; the gradient itself where there is no decay."""
        decay = self.number["weight_decay"]
        return self.enter("g", self.g + decay * self.p) if decay.value != 0.0 else self.g

    @property
    def account(self) -> Account:
        """What was written down."""
        return Account(tuple(self.entries), tuple(each.value for each in self.kept.values()), self.p.value)
