"""What a scenario file may have said, and when: the events of a run, and the numbers that a text may hold."""

from __future__ import annotations

import string
from typing import Literal, TypeAlias

from nnsim.scenarios.fields import Line, Strict, Text, exactly_one
from nnsim.scenarios.suggestions import meant

Event: TypeAlias = Literal[
    "start",
    "approaching",
    "overshot",
    "bounced",
    "cycled",
    "rose",
    "arrived",
    "stuck",
    "escaped",
    "runaway",
    "undefined",
    "epoch",
    "done",
    "noisy",
    "crossed",
    "turned",
    "flipped",
    "climbed",
    "flat",
    "died",
    "reached",
    "sample",
    "forward",
    "loss",
    "backward",
]
"""The last four are phases of an update."""


PLACEHOLDERS = (
    "title",
    "name",
    "before",
    "after",
    "step",
    "gradient",
    "loss",
    "minimum",
    "valley",
    "growth",
    "learning_rate",
    "critical_rate",
    "batch",
    "update",
    "epoch",
    "crossed",
    "rmse",
    "test_rmse",
    "mean_predictor",
    "least_squares",
    "accuracy",
    "right",
    "test_loss",
    "best_epoch",
    "best_test_loss",
    "dead",
    "where",
    "slope",
    "curvature",
    "optimizer",
    "momentum",
    "samples",
    "parameters",
)


class Remark(Strict, frozen=True):
    """What to say, or to propose, when an event happens; both texts may hold numbers of the moment: {before}, ...

    A remark on `reached` speaks at the first update at which `quantity` is below (or above) a value of its own.
    """

    when: Event
    text: Text | None = None
    hint: Text | None = None
    quantity: Line | None = None
    below: float | None = None
    above: float | None = None

    def __post_init__(self) -> None:
        if self.when == "reached":
            if self.quantity is None:
                raise ValueError('has when = "reached" without a quantity: it takes one, such as quantity = "loss"')
            exactly_one(below=self.below, above=self.above)
        elif (self.quantity, self.below, self.above) != (None, None, None):
            raise ValueError(f'has when = "{self.when}" with a quantity or a value: they go with "reached"')
        for key, text in (("text", self.text), ("hint", self.hint)):
            for _, name, form, conversion in _fields(key, text or ""):
                if name is not None and (name not in PLACEHOLDERS or form or conversion):
                    written = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
                    question = meant(name, PLACEHOLDERS, "{{{}}}".format)
                    raise ValueError(f"has {{{written}}} in its {key}: it takes {', '.join(PLACEHOLDERS)}{question}")


def _fields(key: str, text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """The parts of a format string, each a literal text and the placeholder behind it."""
    try:
        return list(string.Formatter().parse(text))
    except ValueError:
        words = f"has a brace without its partner in its {key}"
        raise ValueError(f"{words}: it takes {{{{ or }}}} for a brace itself") from None
