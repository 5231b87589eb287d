"""The chain rule for one parameter and one sample, written out with its numbers, from the loss back to the weight.

In a wide layer only the neurons through which most of the gradient comes are named; what the others add up to stands
in one line, so that every sum adds up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TypeAlias

import numpy as np
from scipy.special import expit

from nnsim.core import losses
from nnsim.core.arrays import Indices, Vector
from nnsim.core.network import Network
from nnsim.core.objective import Objective
from nnsim.core.probabilities import probabilities
from nnsim.core.slopes import activation_slopes, loss_slopes
from nnsim.core.trace import Trace
from nnsim.core.written import PRODUCT, SUM, Written, called, digits, larger, quotient, sign, smaller, written
from nnsim.tui.snapshot.receipt import ReceiptLine

Section: TypeAlias = tuple[str, tuple[ReceiptLine, ...]]

WHOLE = 4  # a layer of up to so many neurons is written out
NAMED = 3  # in a wider one, so many of them are
CANCELS = 1e-12  # of a difference: what its rounding may be for it to be written as one


@dataclass(frozen=True)
class Place:
    """Where a parameter of a network is: its layer, the neuron it belongs to, and the input it weighs, None for a
    bias; all from 0."""

    layer: int
    neuron: int
    input: int | None


@dataclass(frozen=True)
class Chain:
    """The chain rule for one sample: its sections, and the gradient of the sample's own loss that it leads to."""

    sections: tuple[Section, ...]
    gradient: Written


def place_of(network: Network, parameter: int) -> Place:
    """Find a parameter, by its place in the flat vector, in the layers."""
    k = next(k for k, layer in enumerate(network.layers) if parameter < layer.end)
    layer = network.layers[k]
    if parameter >= layer.biases:
        return Place(k, parameter - layer.biases, None)
    return Place(k, (parameter - layer.weights) % layer.n_out, (parameter - layer.weights) // layer.n_out)


def line(name: str, result: Written) -> ReceiptLine:
    """A line of a receipt from arithmetic that was written down."""
    return ReceiptLine(name, result.symbols, result.digits, digits(result.value))


def chain(trace: Trace, row: int, place: Place) -> Chain:
    """Go back from the loss of the sample in one row of the batch to the parameter at a place."""
    sample = _Sample(trace, row, place)
    sections = []
    for k in range(sample.last, place.layer - 1, -1):
        title = f"back through layer {k + 1}, {sample.layers[k].activation}"
        lines = [each for m in sample.named[k].tolist() for each in sample.neuron(k, m)]
        sections.append((title, tuple(lines)))
    before = sample.before(place.layer, place.input)
    delta = written(f"delta{place.layer + 1}[{place.neuron + 1}]", float(sample.deltas[place.layer][place.neuron]))
    return Chain(tuple(sections), delta * before)


class _Sample:
    """One sample of a batch on its way back, from the loss to the layer of a parameter.

    By layer, from 0: `deltas` has dL/dz of every neuron, where L is the sample's own loss, and `named` which neurons
    are written out. What is written out replaces the delta that NumPy summed in another order.
    """

    def __init__(self, trace: Trace, row: int, place: Place) -> None:
        network = trace.objective.network
        assert network is not None
        self.trace, self.row, self.network, self.layers = trace, row, network, network.layers
        self.last = len(self.layers) - 1
        self.z = [layer.z[row] for layer in trace.layers]
        self.a = [layer.a[row] for layer in trace.layers]
        self.loss_slopes = loss_slopes(trace.objective, self.a[-1], trace.targets[row])
        through = range(place.layer, self.last + 1)
        self.slopes = {k: activation_slopes(self.layers[k].activation, self.z[k], self.a[k]) for k in through}
        self.deltas = {self.last: self.loss_slopes * self.slopes[self.last]}
        for k in reversed(through[:-1]):
            self.deltas[k] = (self.weights(k + 1) @ self.deltas[k + 1]) * self.slopes[k]
        self.named = {place.layer: np.array([place.neuron])}
        reach = np.zeros(self.layers[place.layer].n_out)
        reach[place.neuron] = 1.0
        for k in through[1:]:
            reach = (reach * self.slopes[k - 1]) @ self.weights(k)
            self.named[k] = _weightiest(reach * self.deltas[k])

    def weights(self, k: int) -> Vector:
        return self.network.weights(self.trace.parameters, k)

    def neuron(self, k: int, m: int) -> list[ReceiptLine]:
        """The lines that lead to the delta of neuron m of layer k."""
        label = f"{k + 1}[{m + 1}]"
        lines, slope = self._from_loss(m) if k == self.last else self._from_above(k, m)
        activation = self.layers[k].activation
        if activation == "linear":
            self.deltas[k][m] = slope.value
            return [*lines, line(f"dL/da{label} = delta{label}", slope)]
        z, a = written(f"z{label}", float(self.z[k][m])), written(f"a{label}", float(self.a[k][m]))
        factor, name = _activation_slope(activation, z, a, float(self.slopes[k][m])), f"{activation}'(z{label})"
        delta = written(f"dL/da{label}", slope.value) * written(name, factor.value)
        self.deltas[k][m] = delta.value
        return [*lines, line(f"dL/da{label}", slope), line(name, factor), line(f"delta{label}", delta)]

    def before(self, k: int, i: int | None) -> Written:
        """What a weight of layer k weighs: an input of the network, the activation of a neuron, or 1 for a bias."""
        if i is None:
            return written("1", 1.0)
        if k == 0:
            return written(f"x[{i + 1}]", float(self.trace.inputs[self.row, i]))
        return written(f"a{k}[{i + 1}]", float(self.a[k - 1][i]))

    def _from_loss(self, m: int) -> tuple[list[ReceiptLine], Written]:
        """dL/da of an output, and the lines that it needs before."""
        objective, outputs, targets = self.trace.objective, self.a[-1], self.trace.targets[self.row]
        a = written(f"a{self.last + 1}[{m + 1}]", float(outputs[m]))
        slope = float(self.loss_slopes[m])
        if objective.loss not in (losses.cross_entropy, losses.cross_entropy_of_sigmoids):
            return [], _loss_slope(objective, a, written(f"t[{m + 1}]", float(targets[m])), slope)
        shares = probabilities(objective, outputs[None])[0]
        if objective.loss is losses.cross_entropy:
            lines, excess = _excess(m, shares, targets, slope)
            return [line(f"p[{m + 1}]", _softmax(a, outputs, float(shares[m]))), *lines], excess
        minus_a = written(f"-{a.symbols}", -a.value)
        rest = float(expit(minus_a.value))
        lines, excess = _excess(m, shares, targets, quotient(slope, rest))
        text = excess * called("sigmoid", rest, minus_a)
        return [*_share_of_sigmoids(m, a, outputs), *lines], Written(slope, text.symbols, text.digits, PRODUCT)

    def _from_above(self, k: int, m: int) -> tuple[list[ReceiptLine], Written]:
        """dL/da of a neuron from the deltas of the layer after it, and the lines that it needs before."""
        above, weights, deltas = self.named[k + 1], self.weights(k + 1)[m], self.deltas[k + 1]
        terms = [
            written(f"delta{k + 2}[{n + 1}]", float(deltas[n]))
            * written(f"W{k + 2}[{m + 1},{n + 1}]", float(weights[n]))
            for n in above.tolist()
        ]
        others = np.delete(np.arange(deltas.size), above)
        if not others.size:
            return [], reduce(add, terms)
        name = f"{others.size} more"
        rest = written(name, float(deltas[others] @ weights[others]))
        return [ReceiptLine(name, f"of such terms for a{k + 1}[{m + 1}]", "", digits(rest.value))], reduce(
            add, [*terms, rest]
        )


def _weightiest(shares: Vector) -> Indices:
    """The neurons that are named, in their order: all of a few, else those with the largest shares."""
    if shares.size <= WHOLE:
        return np.arange(shares.size)
    return np.sort(np.argsort(-np.abs(np.nan_to_num(shares)), kind="stable")[:NAMED])


def _loss_slope(objective: Objective, a: Written, t: Written, slope: float) -> Written:
    """dL/da of an output a with the target t, whose value is `slope`, by the formula of the loss."""
    error, minus_a = a - t, written(f"-{a.symbols}", -a.value)
    formulas: dict[object, Callable[[], Written]] = {
        losses.squared_error: lambda: 2.0 * error,
        losses.half_squared_error: lambda: error,
        losses.absolute_error: lambda: sign(error),
        losses.huber: lambda: _between(error, float(objective.loss_settings[0])),
        losses.log_cosh: lambda: called("tanh", slope, error),
        losses.hinge: lambda: written("-t", -t.value) * sign(larger(written("0", 0.0), 1.0 - t * a)),
        losses.binary_cross_entropy: lambda: _error_of_sigmoid(a, t, slope),
        losses.log_loss_of_sigmoids: lambda: written("-t", -t.value) * called("sigmoid", slope, minus_a),
    }
    text = formulas[objective.loss]()
    return Written(slope, text.symbols, text.digits, SUM)


def _between(error: Written, limit: float) -> Written:
    """The error, kept between -limit and limit."""
    return larger(written("-d", -limit), smaller(written("d", limit), error))


def _error_of_sigmoid(a: Written, t: Written, slope: float) -> Written:
    """sigmoid(a) - t, or, where that would cancel, what is left of it."""
    share, rest = float(expit(a.value)), float(expit(-a.value))
    if _keeps_digits(share - t.value, slope):
        return called("sigmoid", share, a) - t
    other = called("sigmoid", rest, written(f"-{a.symbols}", -a.value))
    return (1.0 - t) * called("sigmoid", share, a) - t * other


def _excess(m: int, shares: Vector, targets: Vector, value: float) -> tuple[list[ReceiptLine], Written]:
    """p sum_k t_k - t of output m, whose value is known, or, where that would cancel, the sum over the others that is
    left of it, with the lines that it needs."""
    p, t = written(f"p[{m + 1}]", float(shares[m])), written(f"t[{m + 1}]", float(targets[m]))
    whole = written("the sum of t", float(targets.sum()))
    plain = (p if whole.value == 1.0 else whole * p) - t
    if _keeps_digits(plain.value, value):
        return [], plain
    other_p = written("the other p", float(np.delete(shares, m).sum()))
    other_t = written("the other t", float(np.delete(targets, m).sum()))
    lines = [ReceiptLine(each.symbols, "of all other outputs together", "", each.digits) for each in (other_p, other_t)]
    return lines, other_t * p - t * other_p


def _keeps_digits(found: float, value: float) -> bool:
    return abs(found - value) <= CANCELS * abs(value)


def _share_of_sigmoids(m: int, a: Written, outputs: Vector) -> list[ReceiptLine]:
    """The sigmoid of output m, and its share of the sum of all."""
    sigmoids = expit(outputs)
    s, total = written(f"s[{m + 1}]", float(sigmoids[m])), written("the sum of s", float(sigmoids.sum()))
    return [line(s.symbols, called("sigmoid", s.value, a)), line(f"p[{m + 1}]", s / total)]


def _softmax(a: Written, outputs: Vector, share: float) -> Written:
    """The probability that softmax makes of an output beside the others."""
    if outputs.size > WHOLE:
        return Written(share, f"exp({a.symbols}) / the sum of exp(a)", f"exp({a.digits}) / {outputs.size} such")
    powers = " + ".join(f"exp({digits(each)})" for each in outputs.tolist())
    return Written(share, f"exp({a.symbols}) / the sum of exp(a)", f"exp({a.digits}) / ({powers})")


def _activation_slope(activation: str, z: Written, a: Written, slope: float) -> Written:
    """d activation / dz, whose value is `slope`, by a formula where a short one is known; of a tanh or a sigmoid by the
    one that the kernel has taken."""

    def choice(condition: str, no: str) -> Written:
        symbols, numbers = (f"1 if {condition.format(text)} else {no}" for text in (z.symbols, z.digits))
        return Written(slope, symbols, numbers)

    match activation:
        case "relu":
            return choice("{} > 0", "0")
        case "leaky_relu":
            return choice("{} > 0", "0.01")
        case "hard_tanh":
            return choice("abs({}) < 1", "0")
        case "tanh":
            plain = 1.0 - a * a
            steep = Written(slope, f"1 / cosh({z.symbols})**2", f"1 / cosh({z.digits})**2", PRODUCT)
            return plain if plain.value == slope else steep
        case "sigmoid":
            plain = a * (1.0 - a)
            other = a * called("sigmoid", float(expit(-z.value)), written(f"-{z.symbols}", -z.value))
            return plain if plain.value == slope else replace(other, value=slope)
        case "sine":
            return called("cos", slope, z)
        case _:
            return called(f"{activation}'", slope, z)
