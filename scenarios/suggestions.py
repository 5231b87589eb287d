"""What somebody may have meant who wrote a word that is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

CLOSE, CLOSE_IF_SHORT = 0.72, 0.66
"""The ratio of difflib from which on two words are alike: of sdg and sgd it is 2/3."""
SHORT = 4
AS_CLOSE = 0.05
LONGEST = 60

ELSEWHERE: dict[str, tuple[str, ...]] = {
    # keys of optimizers and schedules in PyTorch and Keras
    "lr": ("learning_rate",),
    "rate": ("learning_rate",),
    "stepsize": ("every", "learning_rate"),
    "eps": ("epsilon",),
    "rho": ("alpha",),
    "decay": ("weight_decay",),
    "betas": ("beta1", "beta2"),
    "etas": ("eta_minus", "eta_plus"),
    "stepsizes": ("step_minimum", "step_maximum"),
    "clipnorm": ("norm",),
    "globalclipnorm": ("norm",),
    "maxnorm": ("norm",),
    "clipvalue": ("value",),
    "gamma": ("factor",),
    "tmax": ("length",),
    "t0": ("length",),
    "totaliters": ("length",),
    "totalsteps": ("length",),
    "decaysteps": ("length",),
    "tmult": ("multiplier",),
    "etamin": ("minimum",),
    "minlr": ("minimum",),
    "pctstart": ("warmup",),
    "divfactor": ("initial",),
    "finaldivfactor": ("final",),
    "batchsize": ("size",),
    "iterations": ("updates",),
    "steps": ("updates",),
    "randomstate": ("seed",),
    # kinds and names
    "nesterov": ("sgd",),
    "momentum": ("sgd",),
    "gd": ("sgd",),
    "steplr": ("step",),
    "exponentiallr": ("exponential",),
    "cosineannealinglr": ("cosine",),
    "cosineannealingwarmrestarts": ("cosine_restarts",),
    "linearlr": ("warmup",),
    "reducelronplateau": ("plateau",),
    "xavier": ("glorot_uniform", "glorot_normal"),
    "glorot": ("glorot_uniform", "glorot_normal"),
    "kaiming": ("he_uniform", "he_normal"),
    "he": ("he_uniform", "he_normal"),
    "xavieruniform": ("glorot_uniform",),
    "xaviernormal": ("glorot_normal",),
    "kaiminguniform": ("he_uniform",),
    "kaimingnormal": ("he_normal",),
    "identity": ("linear",),
    "none": ("linear",),
    "logistic": ("sigmoid",),
    "swish": ("silu",),
    "mse": ("squared_error",),
    "mseloss": ("squared_error",),
    "meansquarederror": ("squared_error",),
    "mae": ("absolute_error",),
    "l1": ("absolute_error",),
    "l1loss": ("absolute_error",),
    "meanabsoluteerror": ("absolute_error",),
    "smoothl1": ("huber",),
    "bce": ("binary_cross_entropy",),
    "bceloss": ("binary_cross_entropy",),
    "bcewithlogitsloss": ("binary_cross_entropy",),
    "nll": ("cross_entropy",),
    "softmax": ("cross_entropy",),
    "categoricalcrossentropy": ("cross_entropy",),
    "sparsecategoricalcrossentropy": ("cross_entropy",),
}
"""What other programs call it: words as `_plain` makes them, and those that mean the same here."""


def meant(word: object, known: Iterable[str], shown: Callable[[str], str] = str) -> str:
    """A question to put behind a sentence, which it ends: ". Did you mean sgd?". It names one or two of those that are
    known, or is empty where none is close."""
    close = nearest(word, known)
    return f". Did you mean {' or '.join(map(shown, close))}?" if close else ""


def nearest(word: object, known: Iterable[str]) -> list[str]:
    """The one or two known words that somebody may have meant; none for what is no word."""
    if not isinstance(word, str) or not 0 < len(word) <= LONGEST:
        return []
    plain, names = _plain(word), list(known)
    if alike := same(word, names):
        return alike[:2]
    ratios = {name: SequenceMatcher(None, plain, _plain(name)).ratio() for name in names}
    least = max([CLOSE if len(plain) > SHORT else CLOSE_IF_SHORT, *(ratio - AS_CLOSE for ratio in ratios.values())])
    return sorted((name for name in ratios if ratios[name] >= least), key=lambda name: -ratios[name])[:2]


def same(word: str, names: Iterable[str]) -> list[str]:
    """The known words that differ from this one in writing only, or else that mean what it does elsewhere; of a dotted
    key, the last part counts."""
    plain = _plain(word)
    here = [name for name in names if _plain(name) == plain]
    as_here = {plain, *map(_plain, ELSEWHERE.get(plain, ()))}
    return here or [name for name in names if _plain(name).rpartition(".")[2] in as_here]


def _plain(word: str) -> str:
    """A word without what is easily mistaken: capitals, and how its parts are joined."""
    return word.lower().translate({ord(each): None for each in "_- \"'"})
