"""What is happening inside an update, in words: each phase of the next one, with the numbers of one sample.

The numbers are those of the batch on its way through the objective, so the same phase is told the same again when a run
comes back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnsim.core import losses
from nnsim.core.activations import ACTIVATIONS
from nnsim.core.answers import NONE, answers
from nnsim.core.arrays import Vector
from nnsim.core.network import Network
from nnsim.core.objective import Objective
from nnsim.core.optimizers import SGD
from nnsim.core.phases import Phase, phases
from nnsim.core.probabilities import probabilities
from nnsim.core.rounding import without_rounding
from nnsim.core.slopes import loss_slopes
from nnsim.core.timeline import Timeline
from nnsim.core.trace import LayerTrace, Trace
from nnsim.core.units import can_die, is_flat
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.moment import Moment
from nnsim.scenarios.narration import Story, remark_on_phase, tell
from nnsim.scenarios.text import FEW, either, listed, number


def tell_phase(experiment: Experiment, timeline: Timeline, trace: Trace, phase: Phase, sample: int) -> Story:
    """The story of a phase of the next update, whose batch is in `trace`; `sample` is the place in the batch of the
    sample that is looked at. Between updates it is the story of the update before."""
    if phase.kind == "rest":
        return tell(experiment, timeline)
    teller = _Teller(experiment, timeline, trace, min(sample, len(trace.batch) - 1))
    match phase.kind:
        case "sample":
            lines = teller.sample_in()
        case "forward":
            lines = teller.forward(phase.layer)
        case "loss":
            lines = teller.loss()
        case _:
            lines = teller.backward(phase.layer)
    moment = Moment(experiment, timeline)
    lines = [remark_on_phase(moment, phase.kind), *lines]
    return Story(moment.event, tuple(line for line in lines if line), _going_on(trace.objective, timeline, phase), "")


def _going_on(objective: Objective, timeline: Timeline, phase: Phase) -> str:
    """Which key goes on, and to what."""
    order = phases(objective)
    place = order.index(phase) + 1
    if place == len(order):
        return f". makes update {timeline.update + 1}"
    kind, layer = order[place]
    if kind == "loss":
        return ". goes on to the loss"
    if kind == "forward":
        return f". goes on to layer {layer}"
    return f". goes back through layer {layer}" if layer else ". goes on to the gradient"


@dataclass(frozen=True)
class _Teller:
    """One sample of the next batch, in the row of that number, and what there is to tell of it."""

    experiment: Experiment
    timeline: Timeline
    trace: Trace
    row: int

    @property
    def objective(self) -> Objective:
        return self.trace.objective

    @property
    def count(self) -> int:
        return len(self.trace.batch)

    @property
    def name(self) -> str:
        """The sample by its number in the training set."""
        return f"Sample {self.trace.batch[self.row]}"

    @cached_property
    def outputs(self) -> Vector:
        row: Vector = self.trace.outputs[self.row]
        return row

    @cached_property
    def targets(self) -> Vector:
        row: Vector = self.trace.targets[self.row]
        return row

    # --- sample in ---

    def sample_in(self) -> list[str]:
        inputs = self.trace.inputs[self.row]
        place = f", number {self.row + 1} of the {self.count} in this batch" if self.count > 1 else ""
        if self.objective.surface is not None:
            tilt = f"Its tilt adds {_vector(inputs)} to the {'slope' if inputs.size == 1 else 'gradient'}."
            return [f"{self.name} comes in{place}.", tilt]
        if inputs.size <= FEW:
            names = [f"x[{i}]" for i in range(1, inputs.size + 1)]
            words = f"Its input{' is' if inputs.size == 1 else 's are'} {listed(names, inputs.tolist())}."
        else:
            low, mean, high = (number(float(value)) for value in (inputs.min(), inputs.mean(), inputs.max()))
            words = f"Its {inputs.size} inputs lie between {low} and {high}, {mean} on average."
        return [f"{self.name} goes in{place}.", words, f"The answer should be {self._target()}."]

    def _target(self) -> str:
        """The target in words."""
        targets = self.targets
        if self.objective.one_of_many and (targets == 1.0).sum() == 1 and targets.sum() == 1.0:
            return f"1 at output {self._named(int(targets.argmax()))} and 0 at the others"
        if targets.size > FEW:
            return f"{targets.size} numbers from {number(float(targets.min()))} to {number(float(targets.max()))}"
        return _vector(targets) + (self._in_unit(float(targets[0])) if targets.size == 1 else "")

    def _named(self, output: int) -> str:
        """The number of an output, from 1, with the name of its class where it has one."""
        classes = self.experiment.classes
        return f"{output + 1} ({classes[output]})" if classes else f"{output + 1}"

    def _in_unit(self, value: float) -> str:
        """A number of the data in the unit that people use, in parentheses."""
        scale, unit = self.experiment.scale, self.experiment.unit
        return f" ({number(value * scale)} {unit})" if unit and scale != 1.0 else ""

    # --- forward ---

    def forward(self, k: int) -> list[str]:
        layer, activation = self.trace.layers[k - 1], self._activation(k)
        z, a = layer.z[self.row], layer.a[self.row]
        before = "x" if k == 1 else f"a{k - 1}"
        gives = "a = z" if activation == "linear" else f"a = {activation}(z)"
        neurons = f"{z.size} neurons" if z.size > 1 else "1 neuron"
        bias = f" + b{k}" if self._network.biased else ""
        first = f"Layer {k}, {neurons}: z = {before} W{k}{bias}, and then {gives}."
        top = int(np.abs(np.nan_to_num(a)).argmax())
        name = "The neuron" if z.size == 1 else f"Neuron {top + 1} is the most active: it"
        own = f"{name} has z = {number(float(z[top]))}" + (
            "." if activation == "linear" else f", so a = {number(float(a[top]))}."
        )
        return [first, own, self._off(layer, activation), self._logits(k)]

    @property
    def _network(self) -> Network:
        assert self.objective.network is not None
        return self.objective.network

    def _activation(self, k: int) -> str:
        return self._network.activations[k - 1]

    def _off(self, layer: LayerTrace, activation: str) -> str:
        """How many units of a layer are switched off for this sample."""
        if not can_die(activation):
            return ""
        off, units = int(is_flat(activation, layer.a[self.row]).sum()), layer.a.shape[1]
        words = f"{off} of {units} {activation} unit{'s' * (units != 1)} {'is' if off == 1 else 'are'}"
        return f"{words} {either(ACTIVATIONS[activation].flat)} for this sample."

    def _logits(self, k: int) -> str:
        """What the last layer's outputs are for a loss that takes logits."""
        if k < len(self.trace.layers):
            return ""
        if self.objective.loss is losses.cross_entropy:
            return "These outputs are logits: softmax makes probabilities of them in the loss."
        if self.objective.loss is losses.cross_entropy_of_sigmoids:
            return "These outputs are logits: in the loss, each sigmoid divided by the sum of all is a probability."
        if self.objective.loss is losses.log_loss_of_sigmoids:
            return "These outputs are logits: the loss takes each sigmoid for a probability, whatever their sum."
        if self.objective.loss is losses.binary_cross_entropy:
            return "This output is a logit: the sigmoid makes a probability of it in the loss."
        return ""

    # --- loss ---

    def loss(self) -> list[str]:
        mean = f"the mean over the batch of {self.count} is {number(self.trace.loss)}"
        own = number(float(self.trace.sample_losses[self.row]))
        of_sample = f"The loss of this sample is {own}; {mean}." if self.count > 1 else f"The loss is {own}."
        if self.objective.surface is not None:
            return self._height(of_sample)
        penalty = f"The penalty on the weights adds {number(self.trace.penalty)}." if self.objective.penalty else ""
        return [self._answer(), of_sample, penalty]

    def _height(self, of_sample: str) -> list[str]:
        """Where a run stands on a surface, and how high."""
        objective, here = self.objective, self.trace.parameters
        where = Moment(self.experiment, self.timeline).where
        where = where or f"the point, {number(float(np.linalg.norm(here)))} from the origin,"
        full = without_rounding(objective, here, float(objective.losses(here[None])[0]))
        if len(objective.train) == 1:
            return [f"At {where} the loss is {number(full)}."]
        return [f"At {where} the loss on all samples is {number(full)}.", of_sample]

    def _answer(self) -> str:
        """The network's answer beside the target."""
        y, t, loss = self.outputs, self.targets, self.objective.loss
        if self.objective.one_of_many or loss is losses.binary_cross_entropy:
            return self._probabilities()
        worst = int(np.abs(np.nan_to_num(y - t, nan=np.inf)).argmax())
        output, target = float(y[worst]), float(t[worst])
        which = "The output" if y.size == 1 else f"Output {worst + 1} is the furthest off: it"
        if loss is losses.hinge:
            side = "on the right side" if output * target > 0.0 else "on the wrong side"
            side = "on neither side" if self._said(worst) == NONE else side
            margin = "with" if output * target >= 1.0 else "without"
            which = "The output" if y.size == 1 else f"Output {worst + 1}"
            return f"{which} is {number(output)} for the target {number(target)}: {side}, {margin} the margin of 1."
        given = (
            f"{which} is {number(output)}{self._in_unit(output)}, the target {number(target)}{self._in_unit(target)}"
        )
        error = output - target
        return f"{given}: {'right' if error == 0.0 else f'{number(abs(error))} too {_high(error)}'}."

    def _probabilities(self) -> str:
        """What a classifier answers, as probabilities."""
        y, t = self.outputs, self.targets
        shares = probabilities(self.objective, y[None])[0]
        if self.objective.loss is losses.binary_cross_entropy:
            worst = int(np.abs(loss_slopes(self.objective, y, t)).argmax())
            which = "The logit" if y.size == 1 else f"Output {worst + 1} is the furthest off: its logit"
            said = self._said(worst)
            verdict = "undecided" if said == NONE else "right" if said == (t[worst] > 0.5) else "wrong"
            logit, share, target = (number(float(each[worst])) for each in (y, shares, t))
            return f"{which} {logit} is a probability of {share}, the target is {target}: {verdict}."
        wanted, answer = int(t.argmax()), self._said()
        share = number(float(shares[wanted]))
        if answer == NONE:
            return f"No output leads: undecided. Output {self._named(wanted)}, the target, gets {share}."
        if wanted == answer:
            return f"The answer is output {self._named(answer)}, with a probability of {share}: right."
        wrong = f"The answer is output {self._named(answer)}, with a probability of {number(float(shares[answer]))}"
        return f"{wrong}: wrong. Output {self._named(wanted)}, the target, gets {share}."

    def _said(self, output: int = 0) -> int:
        """The class that the outputs answer, or, where each answers a question of its own, what this one does."""
        return int(answers(self.outputs[None], self.objective.one_of_many).ravel()[output])

    # --- backward ---

    def backward(self, k: int) -> list[str]:
        if self.objective.network is None:
            return self._slope()
        layer = self.objective.network.layers[k - 1]
        deltas = self.count * self.trace.layers[k - 1].delta[self.row]
        top = int(np.abs(np.nan_to_num(deltas)).argmax())
        origin = "from the loss" if k == len(self.trace.layers) else f"through W{k + 1}"
        slope = "" if layer.activation == "linear" else f", times {layer.activation}'(z)"
        largest = "it is" if deltas.size == 1 else f"the largest of this sample is delta{k}[{top + 1}] ="
        first = f"Back through layer {k}: delta = dL/dz comes {origin}{slope}; {largest} {number(float(deltas[top]))}."
        mover = self._mover(layer.weights, layer.end, f"of W{k} and b{k}" if layer.n_biases else f"of W{k}")
        return [first, self._off_back(k, layer.activation), mover]

    def _off_back(self, k: int, activation: str) -> str:
        if not can_die(activation):
            return ""
        off = int(is_flat(activation, self.trace.layers[k - 1].a[self.row]).sum())
        if not off:
            return ""
        units = f"{off} units that are" if off > 1 else "1 unit that is"
        return f"The {units} {either(ACTIVATIONS[activation].flat)} let{'' if off > 1 else 's'} nothing through."

    def _slope(self) -> list[str]:
        """The gradient of a surface, on the batch and on all samples."""
        gradient, run = self.trace.gradient, self.timeline.run
        if gradient.size == 1:
            first = f"The slope here is {number(float(gradient[0]))}"
        else:
            told = f"{_vector(gradient)}, " if gradient.size <= FEW else ""
            first = f"The gradient is {told}{number(float(np.linalg.norm(gradient)))} long"
        noise = ""
        if len(self.objective.train) > 1 and not run.batches.full:
            full = self.objective.loss_and_gradient(self.trace.parameters)[1]
            noise = f"That is what this batch of {self.count} says; all samples together say {_vector(full)}."
        return [f"{first}.", noise, self._mover(0, gradient.size, "")]

    def _mover(self, start: int, stop: int, among: str) -> str:
        """Which of these parameters has the largest gradient, and where the next update takes it."""
        gradient, here = self.trace.gradient[start:stop], self.trace.parameters
        if not gradient.any():
            return f"No parameter {among} has a gradient.".replace("  ", " ")
        index = start + int(np.abs(np.nan_to_num(gradient)).argmax())
        name = self.objective.names[index]
        before, after = float(here[index]), float(self.timeline.run.proposal(self.trace.gradient)[index])
        if len(gradient) == 1:
            begin = f"The next update moves {name}"
        else:
            largest = (
                f"The largest gradient{f' {among}' if among else ''} is {number(float(self.trace.gradient[index]))}"
            )
            begin = f"{largest}, of {name}: the next update moves it"
        if not self.timeline.moved(np.array([before]), np.array([after])).any():
            return f"{begin} nowhere: it stays at {number(before)}."
        way = f"{'up' if after > before else 'down'}, from {number(before)} to {number(after)}"
        return f"{begin} {way}{self._carried(index, after - before)}."

    def _carried(self, index: int, step: float) -> str:
        """A word on what earlier gradients, which the optimizer remembers, have to do with a step: how much of it is
        momentum, or that they carry it up the slope."""
        run, gradient = self.timeline.run, float(self.trace.gradient[index])
        optimizer = run.settings.optimizer
        if isinstance(optimizer, SGD) and optimizer.momentum and run.state[0, index] and not optimizer.weight_decay:
            alone = number(-run.next_rate * gradient)
            return f"; learning rate times this gradient is {alone}, the rest is momentum {number(optimizer.momentum)}"
        remembers = optimizer.slots and not vars(optimizer).get("weight_decay")
        return ", carried on by earlier gradients" if remembers and step * gradient > 0.0 else ""


def _high(error: float) -> str:
    return "high" if error > 0.0 else "low"


def _vector(values: Vector) -> str:
    """A few numbers in a row, a single one by itself, and of many the length."""
    if values.size > FEW:
        return f"a vector {number(float(np.linalg.norm(values)))} long"
    texts = [number(value) for value in values.tolist()]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
