"""The layout of a network on one flat vector, its starts, and its forward pass."""

from itertools import cycle, islice

import numpy as np
import pytest
import reference
from measures import relative_error
from problems import random_network

from nnsim.core.activations import NAMES
from nnsim.core.initializers import constant, glorot_uniform, uniform, zeros
from nnsim.core.network import Network
from nnsim.core.objective import of_network
from nnsim.core.randomness import Purpose, generator

NETWORK = Network((2, 3, 1), ("tanh", "linear"))


def test_parameters_are_named_by_layer_input_and_neuron_in_flat_order() -> None:
    assert NETWORK.size == 13
    assert NETWORK.names == (
        *("W1[1,1]", "W1[1,2]", "W1[1,3]", "W1[2,1]", "W1[2,2]", "W1[2,3]", "b1[1]", "b1[2]", "b1[3]"),
        *("W2[1,1]", "W2[2,1]", "W2[3,1]", "b2[1]"),
    )


def test_a_weight_joins_the_input_and_the_neuron_that_its_name_says() -> None:
    objective = random_network((2, 3), ("linear",), "squared_error", 1)
    parameters = np.zeros(9)
    parameters[objective.names.index("W1[2,3]")] = 7.0
    parameters[objective.names.index("b1[1]")] = 0.5
    assert objective.outputs(parameters, np.array([[10.0, 100.0]])).tolist() == [[0.5, 0.0, 700.0]]


def test_weights_and_biases_are_views_of_the_flat_vector() -> None:
    parameters = np.arange(13.0)
    assert NETWORK.weights(parameters, 0).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert NETWORK.biases(parameters, 0).tolist() == [6, 7, 8]
    assert NETWORK.weights(parameters, 1).tolist() == [[9], [10], [11]]
    NETWORK.biases(parameters, 1)[:] = -1.0
    assert parameters[12] == -1.0


def test_start_is_drawn_layer_by_layer_from_one_generator() -> None:
    rng = generator(Purpose.START, 5)
    expected: list[float] = []
    for n_in, n_out in [(2, 3), (3, 1)]:
        expected += rng.uniform(-0.1, 0.1, n_in * n_out).tolist() + [0.25] * n_out
    assert NETWORK.initial(uniform(-0.1, 0.1), constant(0.25), seed=5).tolist() == expected


def test_start_depends_on_the_seed_alone() -> None:
    first, again, other = (NETWORK.initial(glorot_uniform, zeros, seed) for seed in (0, 0, 1))
    assert first.tobytes() == again.tobytes()
    assert first[0] != other[0]


def test_a_network_without_biases_is_one_whose_biases_are_0_and_stay_so() -> None:
    sizes, activations = (2, 3, 1), ("tanh", "linear")
    with_biases = random_network(sizes, activations, "squared_error", 9)
    bare = Network(sizes, activations, biased=False)
    assert bare.size == 9
    assert bare.names == tuple(name for name in with_biases.names if name.startswith("W"))
    objective = of_network(bare, "squared_error", with_biases.train)
    start = bare.initial(glorot_uniform, constant(1.0), seed=3)
    weights = [with_biases.names.index(name) for name in bare.names]
    twin = np.zeros(with_biases.size)
    twin[weights] = start
    assert np.array_equal(
        objective.outputs(start, objective.train.inputs), with_biases.outputs(twin, objective.train.inputs)
    )
    (loss, gradient), (twin_loss, twin_gradient) = (
        objective.loss_and_gradient(start),
        with_biases.loss_and_gradient(twin),
    )
    assert loss == twin_loss
    assert np.array_equal(gradient, twin_gradient[weights])
    assert [bare.biases(start, k).size for k in (0, 1)] == [0, 0]


@pytest.mark.parametrize(
    ("sizes", "activations", "words"),
    [
        ((3,), (), r"sizes is \[3\]"),
        ((3, 0, 1), ("relu", "linear"), r"sizes is \[3, 0, 1\]"),
        ((3, 2, 1), ("relu",), "1 activations: 2 layers"),
        ((3, 1), ("swish",), "activation 'swish': it can be linear, relu, leaky_relu, tanh, sigmoid, elu, selu, gelu"),
    ],
)
def test_an_impossible_network_is_refused(sizes: tuple[int, ...], activations: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Network(sizes, activations)


@pytest.mark.parametrize("kinds", [NAMES, NAMES[::-1], NAMES[4:]])
@pytest.mark.parametrize("sizes", [(4, 2), (1, 16, 32, 2), (64, 32, 16, 1), (2, 3, 4, 5, 6, 3), (3, *range(3, 16))])
def test_forward_pass_is_the_twins(sizes: tuple[int, ...], kinds: tuple[str, ...]) -> None:
    activations = tuple(islice(cycle(kinds), len(sizes) - 1))
    objective = random_network(sizes, activations, "squared_error", 37)
    parameters = 0.5 * np.random.default_rng(2).standard_normal(objective.size)
    found = objective.outputs(parameters, objective.train.inputs)
    assert relative_error(found, reference.predict(sizes, activations, parameters, objective.train.inputs)) <= 1e-13
