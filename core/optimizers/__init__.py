"""Update rules on flat vectors, each beside its formula: p parameters, g gradient, t updates counted from 1.

Formulas and defaults are PyTorch's; Lion's, which PyTorch lacks, are its paper's. A rule is a kernel with the signature
`(parameters, gradient, state, settings, t)`: `state` has one row of numbers per slot and starts at zero,
`settings` holds the rule's hyperparameters with the learning rate first. Every parameter goes its own way: whether
a vector holds the weights of one network or a thousand starts on a surface is all the same to a rule.
"""

from __future__ import annotations

from typing import TypeAlias

from nnsim.core.optimizers.adadelta import Adadelta
from nnsim.core.optimizers.adagrad import Adagrad
from nnsim.core.optimizers.adam import Adam, AdamW
from nnsim.core.optimizers.adamax import Adamax
from nnsim.core.optimizers.lion import Lion
from nnsim.core.optimizers.nadam import NAdam
from nnsim.core.optimizers.radam import RAdam
from nnsim.core.optimizers.rmsprop import RMSprop
from nnsim.core.optimizers.rprop import Rprop
from nnsim.core.optimizers.rule import SIGNATURE
from nnsim.core.optimizers.sgd import SGD

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "SIGNATURE",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
]

Optimizer: TypeAlias = SGD | Adagrad | RMSprop | Adadelta | Adam | AdamW | Adamax | NAdam | RAdam | Rprop | Lion

# In the order in which one teaches them: what each takes up is there before it.
OPTIMIZERS: dict[str, type[Optimizer]] = {
    rule.name: rule for rule in (SGD, Adagrad, RMSprop, Adadelta, Adam, AdamW, Adamax, NAdam, RAdam, Rprop, Lion)
}
