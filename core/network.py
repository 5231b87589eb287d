"""A fully connected network on one flat parameter vector: its layout, its forward pass, backpropagation.

The vector holds, layer by layer, the weights W (n_in x n_out, row by row) and then the biases b (n_out).
A layer computes z = a_before W + b and a = activation(z). A network may do without biases: z = a_before W.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnsim.core import activations as act
from nnsim.core.arrays import Matrix, Table, Vector
from nnsim.core.initializers import Initializer
from nnsim.core.jit import block, inline, kernel, matrix, table, types, vector
from nnsim.core.randomness import Purpose, generator

# The columns of a network's table. The last three are places in the work vector: z, a and delta = dL/dz.
N_IN, N_OUT, WEIGHTS, BIASES, N_BIASES, ACTIVATION, Z, A, DELTA = range(9)

PASS_FORWARD = types.void(vector, table, vector, matrix, vector, matrix)
PASS_BACKWARD = types.void(vector, table, vector, matrix, vector, matrix, matrix, vector)


@dataclass(frozen=True)
class Layer:
    """One layer: its widths, where its weights and its biases, `n_biases` of them, begin in the flat vector, and its
    activation's name."""

    n_in: int
    n_out: int
    weights: int
    biases: int
    n_biases: int
    activation: str

    @property
    def end(self) -> int:
        """Where the parameters of the layer end in the flat vector."""
        return self.biases + self.n_biases


class Network:
    """The layout of a network with the given layer sizes (inputs first) and one activation for each layer after.
    `biased` tells whether its neurons have biases.

    Raises ValueError for fewer than two sizes, a size below 1, an unknown activation or a wrong number of them.
    """

    def __init__(self, sizes: Sequence[int], activations: Sequence[str], biased: bool = True) -> None:
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes is {list(sizes)}: it takes two or more whole numbers of at least 1")
        if len(activations) != len(sizes) - 1:
            raise ValueError(f"{len(activations)} activations: {len(sizes) - 1} layers take one each")
        for name in activations:
            if name not in act.NAMES:
                raise ValueError(f"activation {name!r}: it can be {', '.join(act.NAMES)}")
        self.sizes = tuple(sizes)
        self.activations = tuple(activations)
        self.biased = biased

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        layers, start = [], 0
        for n_in, n_out, activation in zip(self.sizes, self.sizes[1:], self.activations, strict=False):
            layer = Layer(n_in, n_out, start, start + n_in * n_out, n_out if self.biased else 0, activation)
            layers.append(layer)
            start = layer.end
        return tuple(layers)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.layers[-1].end

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of every parameter: `W1[2,1]` joins input 2 to neuron 1 of layer 1, `b1[1]` is its bias."""
        names: list[str] = []
        for k, layer in enumerate(self.layers, 1):
            names += [f"W{k}[{i + 1},{j + 1}]" for i in range(layer.n_in) for j in range(layer.n_out)]
            names += [f"b{k}[{j + 1}]" for j in range(layer.n_biases)]
        return tuple(names)

    def weights(self, parameters: Vector, k: int) -> Matrix:
        """The weights of layer k (from 0) as a view of shape (n_in, n_out)."""
        layer = self.layers[k]
        return parameters[layer.weights : layer.biases].reshape(layer.n_in, layer.n_out)

    def biases(self, parameters: Vector, k: int) -> Vector:
        """The biases of layer k (from 0) as a view of shape (n_out,), or (0,) where there are none."""
        layer = self.layers[k]
        return parameters[layer.biases : layer.end]

    def initial(self, weights: Initializer, biases: Initializer, seed: int) -> Vector:
        """A start: weights and biases drawn layer by layer from the one generator that a seed has for it."""
        rng = generator(Purpose.START, seed)
        start = np.zeros(self.size)
        for k, layer in enumerate(self.layers):
            self.weights(start, k)[:] = weights(rng, layer.n_in, layer.n_out)
            if self.biased:
                self.biases(start, k)[:] = biases(rng, layer.n_in, layer.n_out)[0]
        return start

    def table(self, capacity: int) -> Table:
        """The kernels' view of the layout, a row a layer, with room in the work vector for `capacity` samples."""
        rows, place = [], 0
        for layer in self.layers:
            room = capacity * layer.n_out
            places = [place, place + room, place + 2 * room]
            activation = act.NAMES.index(layer.activation)
            widths = [layer.n_in, layer.n_out, layer.weights, layer.biases, layer.n_biases]
            rows.append([*widths, activation, *places])
            place += 3 * room
        return np.array(rows, dtype=np.int64)

    def work_size(self, capacity: int) -> int:
        """How many numbers `forward` and `backward` need to remember for `capacity` samples."""
        return 3 * capacity * sum(self.sizes[1:])


@inline
def activate(kind: int, z: Matrix, a: Matrix) -> None:
    """a = activation(z), element by element. The compiler takes the choice of the kind out of the loops."""
    rows, columns = z.shape
    for i in range(rows):
        for j in range(columns):
            if kind == act.LINEAR:
                a[i, j] = z[i, j]
            elif kind == act.RELU:
                a[i, j] = act.relu(z[i, j])
            elif kind == act.LEAKY_RELU:
                a[i, j] = act.leaky_relu(z[i, j])
            elif kind == act.TANH:
                a[i, j] = math.tanh(z[i, j])
            elif kind == act.SIGMOID:
                a[i, j] = act.sigmoid(z[i, j])
            else:
                a[i, j] = act.other(kind, z[i, j])


@inline
def scale_by_derivative(kind: int, z: Matrix, a: Matrix, delta: Matrix) -> None:
    """delta *= d activation / dz, element by element: from dL/da to dL/dz."""
    rows, columns = z.shape
    if kind == act.TANH:
        scale_by_tanh_derivative(z, a, delta)
        return
    for i in range(rows):
        for j in range(columns):
            if kind == act.RELU:
                delta[i, j] *= act.relu_derivative(z[i, j])
            elif kind == act.LEAKY_RELU:
                delta[i, j] *= act.leaky_relu_derivative(z[i, j])
            elif kind == act.SIGMOID:
                delta[i, j] *= act.sigmoid_derivative(z[i, j], a[i, j])
            elif kind != act.LINEAR:
                delta[i, j] *= act.other_derivative(kind, z[i, j])


@inline
def scale_by_tanh_derivative(z: Matrix, a: Matrix, delta: Matrix) -> None:
    """`scale_by_derivative` of a tanh. A row without a faded slope, as nearly all are, is scaled without a choice, in
    vector instructions."""
    rows, columns = z.shape
    for i in range(rows):
        faded = 0
        for j in range(columns):
            faded += act.tanh_slope(a[i, j]) < act.FADED
        for j in range(columns):
            delta[i, j] *= act.tanh_derivative(z[i, j], a[i, j]) if faded else act.tanh_slope(a[i, j])


@kernel(PASS_FORWARD)
def forward(parameters: Vector, table: Table, constants: Vector, inputs: Matrix, work: Vector, outputs: Matrix) -> None:
    """Layer by layer: z = a_before W + b, a = activation(z). Leaves z and a in `work`, the last a in `outputs`."""
    samples = inputs.shape[0]
    a_before = inputs
    for k in range(table.shape[0]):
        n_in, n_out = table[k, N_IN], table[k, N_OUT]
        weights = block(parameters, table[k, WEIGHTS], n_in, n_out)
        biases = parameters[table[k, BIASES] : table[k, BIASES] + table[k, N_BIASES]]
        z = block(work, table[k, Z], samples, n_out)
        a = block(work, table[k, A], samples, n_out)
        np.dot(a_before, weights, z)
        for i in range(samples):
            for j in range(biases.size):
                z[i, j] += biases[j]
        activate(table[k, ACTIVATION], z, a)
        a_before = a
    for i in range(samples):
        for j in range(outputs.shape[1]):
            outputs[i, j] = a_before[i, j]


@kernel(PASS_BACKWARD)
def backward(
    parameters: Vector,
    table: Table,
    constants: Vector,
    inputs: Matrix,
    work: Vector,
    outputs: Matrix,
    output_delta: Matrix,
    gradient: Vector,
) -> None:
    """Backpropagation (Rumelhart, Hinton and Williams 1986), last layer first.

    delta = dL/da * activation'(z); dL/dW = a_before^T delta; dL/db = the sum of delta over the samples;
    dL/da_before = delta W^T. Needs the `work` that `forward` left, and `output_delta` = dL/doutputs.
    """
    samples = inputs.shape[0]
    for i in range(samples):
        for j in range(output_delta.shape[1]):
            work[table[-1, DELTA] + i * output_delta.shape[1] + j] = output_delta[i, j]
    for k in range(table.shape[0] - 1, -1, -1):
        n_in, n_out = table[k, N_IN], table[k, N_OUT]
        weights = block(parameters, table[k, WEIGHTS], n_in, n_out)
        biases = gradient[table[k, BIASES] : table[k, BIASES] + table[k, N_BIASES]]
        z = block(work, table[k, Z], samples, n_out)
        a = block(work, table[k, A], samples, n_out)
        delta = block(work, table[k, DELTA], samples, n_out)
        scale_by_derivative(table[k, ACTIVATION], z, a, delta)
        a_before = block(work, table[k - 1, A], samples, n_in) if k > 0 else inputs
        np.dot(a_before.T, delta, block(gradient, table[k, WEIGHTS], n_in, n_out))
        for j in range(biases.size):
            biases[j] = 0.0
        for i in range(samples):
            for j in range(biases.size):
                biases[j] += delta[i, j]
        if k > 0:
            np.dot(delta, weights.T, block(work, table[k - 1, DELTA], samples, n_in))
