"""An update rule's account of one parameter: the kernel's numbers bit for bit, and every step as its text says."""

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import RULES, Walk
from workings import computed

from nnsim.core.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)
from nnsim.core.optimizers.account import Account
from nnsim.core.written import Written, digits, written

# --- rules with hyperparameters of any kind ---

SHARE = st.floats(0.0, 0.9999)
RATE = st.sampled_from([0.0, 1e-3, 0.1]) | st.floats(0.0, 10.0)
DECAY = st.just(0.0) | st.floats(0.0, 0.5)
EPSILON = st.sampled_from([1e-8, 1e-10]) | st.floats(1e-12, 1.0)
FLAG = st.booleans()
ADAM = {"learning_rate": RATE, "beta1": SHARE, "beta2": SHARE, "epsilon": EPSILON, "weight_decay": DECAY}
ABOVE_0 = st.floats(0.01, 0.99)

KINDS: list[st.SearchStrategy[Any]] = [
    st.builds(SGD, RATE, weight_decay=DECAY),
    st.builds(SGD, RATE, momentum=ABOVE_0, dampening=SHARE, weight_decay=DECAY),
    st.builds(SGD, RATE, momentum=ABOVE_0, nesterov=st.just(True), weight_decay=DECAY),
    st.builds(Adagrad, RATE, lr_decay=DECAY, epsilon=EPSILON, weight_decay=DECAY),
    st.builds(
        RMSprop, RATE, alpha=SHARE, epsilon=EPSILON, weight_decay=DECAY, momentum=st.just(0.0) | SHARE, centered=FLAG
    ),
    st.builds(Adadelta, RATE, rho=SHARE, epsilon=EPSILON, weight_decay=DECAY),
    st.builds(Adam, **ADAM, amsgrad=FLAG),
    st.builds(AdamW, **ADAM, amsgrad=FLAG),
    st.builds(Adamax, **ADAM),
    st.builds(NAdam, **ADAM, momentum_decay=DECAY),
    st.builds(RAdam, **ADAM),
    st.builds(Rprop, RATE, eta_minus=ABOVE_0, eta_plus=st.floats(1.01, 2.0)),
    st.builds(Lion, RATE, beta1=SHARE, beta2=SHARE, weight_decay=DECAY),
]
every_kind = pytest.mark.parametrize("rules", KINDS, ids=lambda rules: str(rules)[7:40])

NUMBER = st.sampled_from([0.0, 1.0, -1.0, 1e-30]) | st.floats(-1e6, 1e6)
GRADIENTS = st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=8)


def account_of(walk: Walk, i: int, gradient: float) -> Account:
    """The account of the next update of one parameter of a walk."""
    state = tuple(walk.state[:, i].tolist())
    return walk.rule.account(gradient, float(walk.parameters[i]), state, walk.rule.learning_rate, walk.updates + 1)


@every_kind
@settings(max_examples=40)
@given(data=st.data(), gradients=GRADIENTS)
def test_an_account_ends_where_the_kernel_does_bit_for_bit(
    rules: st.SearchStrategy[Optimizer], data: st.DataObject, gradients: list[tuple[float, ...]]
) -> None:
    walk = Walk(data.draw(rules), [0.5, -2.0, data.draw(NUMBER)])
    for gradient in gradients:
        accounts = [account_of(walk, i, g) for i, g in enumerate(gradient)]
        walk.step(gradient)
        assert np.array([each.parameter for each in accounts]).tobytes() == walk.parameters.tobytes()
        assert np.array([each.state for each in accounts]).T.tobytes() == walk.state.tobytes()


def test_a_long_walk_is_followed_bit_for_bit() -> None:
    for rule in RULES:
        walk, rng = Walk(rule, [0.5]), np.random.default_rng(0)
        for g in rng.standard_normal(300).tolist():
            account = account_of(walk, 0, g)
            walk.step([g])
            assert (account.parameter, account.state) == (walk.parameters[0], tuple(walk.state[:, 0])), rule.label


# --- the text of a step ---


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_every_step_is_what_its_text_says_to_the_last_digit(rule: Optimizer) -> None:
    walk, rng = Walk(rule, [0.5, -30.0]), np.random.default_rng(3)
    for gradient in rng.standard_normal((12, 2)).tolist():
        for i, g in enumerate(gradient):
            for entry in account_of(walk, i, g).entries:
                assert computed(entry.working) == entry.value, entry
        walk.step(gradient)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.label)
def test_the_formula_of_a_step_holds_for_the_numbers_that_its_names_stand_for(rule: Optimizer) -> None:
    state = tuple(0.125 * (1 + k) for k in range(len(rule.slots)))
    known = {"p": 0.5, "g": 0.25, "lr": 0.0625, "t": 9.0, **dict(zip(rule.slots, state, strict=True)), **vars(rule)}
    for entry in rule.account(0.25, 0.5, state, 0.0625, 9).entries:
        text = entry.formula
        for name in sorted(known, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){name}(?!\w)", f"({known[name]!r})", text)
        assert computed(text) == entry.value, entry
        known[entry.symbol] = entry.value


def test_adams_third_update_in_its_words() -> None:
    steps = Adam(0.1, beta1=0.5, beta2=0.75, epsilon=0.01).account(2.0, 1.0, (4.0, 8.0), 0.1, 3).entries
    assert [(step.symbol, step.formula, step.working) for step in steps] == [
        ("root", "sqrt(1 - beta2**t)", "sqrt(1 - 0.75**3)"),
        ("step", "lr * root / (1 - beta1**t)", f"0.1 * {math.sqrt(37 / 64)!r} / (1 - 0.5**3)"),
        ("eps", "epsilon * root", f"0.01 * {math.sqrt(37 / 64)!r}"),
        ("m", "m + (1 - beta1) * (g - m)", "4 + (1 - 0.5) * (2 - 4)"),
        ("v", "beta2 * v + (1 - beta2) * g * g", "0.75 * 8 + (1 - 0.75) * 2 * 2"),
        ("p", "p - step * m / (sqrt(v) + eps)", f"1 - {steps[1].value!r} * 3 / (sqrt(7) + {steps[2].value!r})"),
    ]
    assert [step.value for step in steps[3:5]] == [3.0, 7.0]


def test_without_weight_decay_the_gradient_stays_as_it_is() -> None:
    assert [step.symbol for step in SGD(0.1).account(2.0, 1.0, (), 0.1, 1).entries] == ["p"]
    assert [step.symbol for step in SGD(0.1, weight_decay=0.5).account(2.0, 1.0, (), 0.1, 1).entries] == ["g", "p"]


def test_the_rate_is_the_one_that_is_handed_over() -> None:
    assert SGD(0.1).account(2.0, 1.0, (), 0.25, 1).parameter == 0.5


# --- arithmetic that writes itself down ---

LEAF = st.builds(lambda value: written("x", value), st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3))
OPERATIONS = [
    Written.__add__,
    Written.__sub__,
    Written.__mul__,
    Written.__truediv__,
]
EXPRESSION = st.recursive(
    LEAF,
    lambda deeper: st.builds(lambda operate, a, b: operate(a, b), st.sampled_from(OPERATIONS), deeper, deeper),
    max_leaves=12,
)


@settings(max_examples=300)
@given(expression=EXPRESSION)
def test_the_text_of_any_expression_is_that_expression(expression: Written) -> None:
    try:
        assert computed(expression.digits) == expression.value
    except ZeroDivisionError:
        assert not math.isfinite(expression.value)


@given(value=st.floats(allow_nan=False))
def test_digits_give_the_number_back(value: float) -> None:
    assert float(digits(value)) == value


def test_quotients_by_0_are_those_of_float64() -> None:
    with np.errstate(all="ignore"):
        for dividend in (1.0, -1.0, 0.0, math.inf, math.nan):
            for divisor in (0.0, -0.0):
                mine = (written("x", dividend) / written("y", divisor)).value
                assert np.array_equal(mine, np.float64(dividend) / np.float64(divisor), equal_nan=True)
