"""NumPy, written by hand as well as it goes: one flat vector with views into it, and arithmetic in place."""

from __future__ import annotations

from math import sqrt

import numpy as np

from benchmarks.works import BETA1, BETA2, EPSILON, Array, Descent, Training, flat


class Adam:
    """Adam on an array of any shape, which it changes in place.

    m and v are sums without the factors 1 - beta, which go into the step, as one number for all parameters.
    """

    def __init__(self, parameters: Array, learning_rate: float, epsilon: float) -> None:
        self.parameters, self.learning_rate, self.epsilon = parameters, learning_rate, epsilon
        self.m, self.v, self.step, self.root = (np.zeros_like(parameters) for _ in range(4))
        self.updates = 0

    def update(self, gradient: Array) -> None:
        self.updates += 1
        step, root = self.step, self.root
        self.m *= BETA1
        self.m += gradient
        self.v *= BETA2
        np.multiply(gradient, gradient, out=step)
        self.v += step
        np.sqrt(self.v, out=root)
        root *= sqrt((1.0 - BETA2) / (1.0 - BETA2**self.updates))
        root += self.epsilon
        np.divide(self.m, root, out=step)
        step *= self.learning_rate * (1.0 - BETA1) / (1.0 - BETA1**self.updates)
        self.parameters -= step


class SGD:
    """p <- p - lr g, in place."""

    def __init__(self, parameters: Array, learning_rate: float) -> None:
        self.parameters, self.learning_rate = parameters, learning_rate

    def update(self, gradient: Array) -> None:
        gradient *= self.learning_rate
        self.parameters -= gradient


class ByHand:
    """A network of any depth: backpropagation into views of one flat gradient."""

    def __init__(self, work: Training) -> None:
        self.work = work
        self.parameters = flat(work.start)
        self.gradient = np.zeros_like(self.parameters)
        self.layers = _views(work, self.parameters)
        self.gradients = _views(work, self.gradient)
        self.adam = Adam(self.parameters, work.learning_rate, EPSILON)

    def run(self) -> None:
        work = self.work
        for _ in range(work.epochs):
            for begin in range(0, work.samples, work.batch):
                rows = slice(begin, begin + work.batch)
                self.backpropagate(work.inputs[rows], work.targets[rows])
                self.adam.update(self.gradient)

    def backpropagate(self, x: Array, t: Array) -> None:
        activations = [x]
        last = len(self.layers) - 1
        for k, (weights, biases) in enumerate(self.layers):
            z = activations[-1] @ weights
            z += biases
            activations.append(np.maximum(z, 0.0, out=z) if k < last else z)
        delta = self.delta(activations.pop(), t)
        for k in range(last, -1, -1):
            a, (weight_gradient, bias_gradient) = activations[k], self.gradients[k]
            np.dot(a.T, delta, out=weight_gradient)
            np.add.reduce(delta, axis=0, out=bias_gradient)
            if k > 0:
                delta = delta @ self.layers[k][0].T
                delta *= a > 0.0

    def delta(self, y: Array, t: Array) -> Array:
        """The gradient of the loss with respect to the outputs, in place of the outputs."""
        if self.work.loss == "cross_entropy":
            y -= np.maximum.reduce(y, axis=1, keepdims=True)
            np.exp(y, out=y)
            y /= np.add.reduce(y, axis=1, keepdims=True)
            y -= t
            y /= len(y)
        else:
            y -= t
            y *= 2.0 / len(y)
        return y

    def result(self) -> Array:
        return self.parameters


class Points:
    """All points in one array, a row for x and a row for y."""

    def __init__(self, work: Descent) -> None:
        self.updates = work.updates
        self.points = np.ascontiguousarray(work.starts.T)
        if work.optimizer == "SGD":
            self.optimizer: SGD | Adam = SGD(self.points, work.learning_rate)
        else:
            self.optimizer = Adam(self.points, work.learning_rate, 1e-8)

    def run(self) -> None:
        """dL/dx = 4 x a + 2 b and dL/dy = 2 a + 4 y b, with a = x^2 + y - 11 and b = x + y^2 - 7."""
        (x, y), gradient = self.points, np.empty_like(self.points)
        a, b = np.empty_like(x), np.empty_like(x)
        for _ in range(self.updates):
            np.multiply(x, x, out=a)
            a += y
            a -= 11.0
            np.multiply(y, y, out=b)
            b += x
            b -= 7.0
            np.multiply(x, a, out=gradient[0])
            np.multiply(y, b, out=gradient[1])
            gradient *= 2.0
            gradient[0] += b
            gradient[1] += a
            gradient *= 2.0
            self.optimizer.update(gradient)

    def result(self) -> Array:
        return self.points.T


def _views(work: Training, vector: Array) -> list[tuple[Array, Array]]:
    """Each layer's weights and biases as views into the flat vector."""
    views, begin = [], 0
    for n_in, n_out in work.layers:
        middle, end = begin + n_in * n_out, begin + (n_in + 1) * n_out
        views.append((vector[begin:middle].reshape(n_in, n_out), vector[middle:end]))
        begin = end
    return views


TRAININGS = {"NumPy": ByHand}
DESCENTS = {"NumPy": Points}
