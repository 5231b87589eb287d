"""What is suggested for a word that is not known: only what is close, and one or two words at most."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsim.scenarios import library, networks, schedules, surfaces
from nnsim.scenarios.optimizers import Optimizer
from nnsim.scenarios.remark import PLACEHOLDERS, Event
from nnsim.scenarios.schema import Scenario
from nnsim.scenarios.suggestions import ELSEWHERE, meant, nearest

OPTIMIZERS = {struct.__struct_config__.tag: struct.__struct_fields__ for struct in get_args(Optimizer)}
SCHEDULES = {struct.__struct_config__.tag: struct.__struct_fields__ for struct in get_args(schedules.Schedule)}
LOSSES, ACTIVATIONS = get_args(networks.Loss), get_args(networks.Activation)
KINDS = [struct.__struct_config__.tag for struct in get_args(networks.Initializer)]


@pytest.mark.parametrize(
    ("word", "known", "names"),
    [
        ("lr", OPTIMIZERS["adam"], ["learning_rate"]),
        ("learning-rate", OPTIMIZERS["sgd"], ["learning_rate"]),
        ("LearningRate", OPTIMIZERS["sgd"], ["learning_rate"]),
        ("weight_deacy", OPTIMIZERS["sgd"], ["weight_decay"]),
        ("betas", OPTIMIZERS["adam"], ["beta1", "beta2"]),
        ("beta_1", OPTIMIZERS["adam"], ["beta1"]),
        ("eps", OPTIMIZERS["rmsprop"], ["epsilon"]),
        ("rho", OPTIMIZERS["rmsprop"], ["alpha"]),
        ("centred", OPTIMIZERS["rmsprop"], ["centered"]),
        ("colour", OPTIMIZERS["sgd"], []),
        ("SGD", OPTIMIZERS, ["sgd"]),
        ("sdg", OPTIMIZERS, ["sgd"]),
        ("adm", OPTIMIZERS, ["adam"]),
        ("AdamW", OPTIMIZERS, ["adamw"]),
        ("newton", OPTIMIZERS, []),
        ("StepLR", SCHEDULES, ["step"]),
        ("CosineAnnealingLR", SCHEDULES, ["cosine"]),
        ("gamma", SCHEDULES["step"], ["factor"]),
        ("T_max", SCHEDULES["cosine"], ["length"]),
        ("mse", LOSSES, ["squared_error"]),
        ("crossentropy", LOSSES, ["cross_entropy"]),
        ("ReLU", ACTIVATIONS, ["relu"]),
        ("linera", ACTIVATIONS, ["linear"]),
        ("swish", ACTIVATIONS, ["silu"]),
        ("hardtanh", ACTIVATIONS, ["hard_tanh"]),
        ("xavier_uniform", KINDS, ["glorot_uniform"]),
        ("xavier", KINDS, ["glorot_uniform", "glorot_normal"]),
        ("kaiming", KINDS, ["he_normal", "he_uniform"]),
        ("himelblau", get_args(surfaces.SurfaceName), ["himmelblau"]),
        ("branin", get_args(surfaces.SurfaceName), []),
        ("strat", get_args(Event), ["start"]),
        ("critcal_rate", PLACEHOLDERS, ["critical_rate"]),
        ("titel", Scenario.__struct_fields__, ["title"]),
        ("expectations", Scenario.__struct_fields__, []),
        ("bowel", library.COURSE, ["bowl"]),
        ("two_minima", library.COURSE, ["two-minima"]),
        ("batch_size", ["batches", "batches.size", "run.seed"], ["batches.size"]),
        ("epochs", ["expect", "run.epochs"], ["run.epochs"]),
        ("w11", ["loss", "w1", "w2"], ["w1"]),
        ("w9", ["loss", "w1", "w2"], []),
        ("", OPTIMIZERS, []),
        ("x" * 10_000, OPTIMIZERS, []),
        (3, OPTIMIZERS, []),
    ],
)
def test_what_is_close_is_suggested(word: object, known: list[str], names: list[str]) -> None:
    assert nearest(word, known) == names


def test_a_suggestion_ends_a_sentence() -> None:
    assert meant("sdg", OPTIMIZERS) == ". Did you mean sgd?"
    assert meant("betas", OPTIMIZERS["adam"], "<{}>".format) == ". Did you mean <beta1> or <beta2>?"
    assert meant("colour", OPTIMIZERS) == ""


def test_what_other_programs_call_it_is_written_as_words_are_compared() -> None:
    """A word with a capital or a line below would never be found."""
    assert [word for word in ELSEWHERE if not word.isalnum() or not word.islower()] == []


@given(st.text(max_size=70), st.lists(st.text(max_size=9), max_size=9))
def test_one_or_two_known_words_are_suggested_for_any_other(word: str, known: list[str]) -> None:
    names = nearest(word, known)
    assert len(names) <= 2
    assert set(names) <= set(known)
