"""The network with one sample of the next batch in it, from a scene."""

from __future__ import annotations

from nnsim.core.arrays import Vector
from nnsim.core.probabilities import probabilities
from nnsim.core.trace import Trace
from nnsim.tui.parts.targets import in_words
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.network import Diagram, DiagramLayer


def diagram(scene: Scene) -> Diagram | None:
    """Every neuron and connection of the network, and what they make of a sample; None for a surface."""
    if scene.timeline.objective.network is None:
        return None
    trace = scene.trace
    place = place_in_batch(scene)
    target = trace.targets[place]
    wanted = in_words(scene.experiment, target)
    return Diagram(
        layers=(DiagramLayer("inputs", trace.inputs[place]), *_layers(trace, place)),
        sample=f"sample {trace.batch[place]}, {wanted if wanted.startswith('class') else f'target {wanted}'}",
        targets=target,
        loss=float(trace.sample_losses[place]),
        phase=scene.phase.kind,
        phase_layer=scene.phase.layer,
        selected=_neuron(scene),
        answers=_answers(trace, place),
    )


def place_in_batch(scene: Scene) -> int:
    """The place in the next batch of the sample that is looked at: the last one of a batch that is too short."""
    return min(max(scene.attention.sample, 0), len(scene.trace.batch) - 1)


def _answers(trace: Trace, place: int) -> Vector | None:
    """The outputs as the probabilities that the loss takes them for; None where it takes them as they are."""
    outputs = trace.outputs[place : place + 1]
    answers = probabilities(trace.objective, outputs)
    return None if answers is outputs else answers[0]


def _layers(trace: Trace, place: int) -> list[DiagramLayer]:
    network = trace.objective.network
    assert network is not None
    return [
        DiagramLayer(
            title=network.activations[k].replace("_", " "),
            values=layer.a[place],
            sums=layer.z[place],
            deltas=layer.delta[place] * len(trace.batch),
            weights=network.weights(trace.parameters, k),
            biases=network.biases(trace.parameters, k),
            weight_gradients=network.weights(trace.gradient, k),
        )
        for k, layer in enumerate(trace.layers)
    ]


def _neuron(scene: Scene) -> tuple[int, int] | None:
    """The selected neuron, if this network has it."""
    network, neuron = scene.timeline.objective.network, scene.attention.neuron
    if network is None or neuron is None:
        return None
    layer, index = neuron
    return neuron if 0 <= layer < len(network.sizes) and 0 <= index < network.sizes[layer] else None
