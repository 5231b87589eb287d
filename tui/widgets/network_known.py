"""What a learner knows of a network at a phase of the update, and of a single neuron, in words."""

from __future__ import annotations

from dataclasses import dataclass

from nnsim.tui.numbers import tight
from nnsim.tui.snapshot.network import Diagram

DELTA = "◀"


@dataclass(frozen=True)
class Known:
    """What the phase of a diagram has come to."""

    diagram: Diagram

    @property
    def lit(self) -> int | None:
        """The layer that the phase is about, if it is about one."""
        match self.diagram.phase:
            case "sample":
                return 0
            case "forward" | "backward":
                return self.diagram.phase_layer
            case "loss":
                return len(self.diagram.layers) - 1
            case _:
                return None

    @property
    def loss(self) -> bool:
        """Whether the phase has come to the loss."""
        return self.diagram.phase not in ("sample", "forward")

    def value(self, layer: int) -> bool:
        """Tell whether the phase has come to the values of a layer."""
        reached = {"sample": 0, "forward": self.diagram.phase_layer}
        return layer <= reached.get(self.diagram.phase, len(self.diagram.layers))

    def delta(self, layer: int) -> bool:
        """Tell whether the phase has come to the deltas and gradients of a layer."""
        if layer == 0 or self.diagram.phase in ("sample", "forward", "loss"):
            return False
        return self.diagram.phase == "rest" or layer >= self.diagram.phase_layer


def about(diagram: Diagram, layer: int, neuron: int) -> list[str]:
    """Return what is known of a neuron in words, the fullest text first."""
    shown, known = diagram.layers[layer], Known(diagram)
    value = tight(float(shown.values[neuron]), 8).strip() if known.value(layer) else "?"
    if shown.sums is None or shown.biases is None or shown.deltas is None:
        return [f"input {neuron + 1} = {value}"]
    total = tight(float(shown.sums[neuron]), 8).strip() if known.value(layer) else "?"
    biased = shown.biases.size > 0
    bias = tight(float(shown.biases[neuron]), 8).strip() if biased else ""
    delta = tight(float(shown.deltas[neuron]), 8).strip() if known.delta(layer) else "?"
    name = f"{shown.title} {neuron + 1}"
    return [
        f"layer {layer}, {name}: {f'bias {bias}, ' if biased else ''}z = {total}, a = {value}, delta {delta}",
        f"{name}: {f'b = {bias}, ' if biased else ''}z = {total}, a = {value}, {DELTA} {delta}",
        f"{name}: z = {total}, a = {value}, {DELTA} {delta}",
        f"{name}: z = {total}, a = {value}",
        f"{name}: a = {value}",
        f"a = {value}",
    ]
