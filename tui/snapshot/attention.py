"""What the person in front of the lab looks at."""

from __future__ import annotations

from dataclasses import dataclass

from nnsim.tui.browsing import OWN_SAMPLE, Browse


@dataclass(frozen=True)
class Attention:
    """What the person in front of the lab looks at, which decides what a snapshot has to hold.

    `panels` are those in sight. `parameter` is the selected one, `neuron` the one selected in the diagram (layer,
    neuron; from 0), `sample` the place in the next batch of the sample that the diagram shows, `view` the name of the
    stage's view ("" for the scenario's own), `pair` the two parameters of a slice, `browse` the sample that the stage
    shows.
    """

    panels: frozenset[str] = frozenset()
    parameter: int = 0
    neuron: tuple[int, int] | None = None
    sample: int = 0
    view: str = ""
    pair: tuple[int, int] | None = None
    browse: Browse = OWN_SAMPLE


NOTHING_IN_SIGHT = Attention()
