"""What a set-up tells before the first update, where its file says nothing itself: what no training will put right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from scipy.special import expit, log_expit

from nnsim.core.activations import ACTIVATIONS, Range
from nnsim.core.arrays import Indices, Matrix, Vector
from nnsim.core.losses import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    log_loss_of_sigmoids,
)
from nnsim.core.objective import Objective
from nnsim.core.training import Settings
from nnsim.scenarios.baseline_words import baseline_at_the_start, percent
from nnsim.scenarios.experiment import Experiment
from nnsim.scenarios.text import number

MOST = 2
WIDER = 20.0  # times as wide as another: the steps that suit one input do not suit the other
FAR = 5.0  # deviations from 0, where a weight and the bias can hardly be told apart
LARGE = 30.0
SURE = 0.99  # a probability beyond this is not worth a word
MIXED = 0.1  # of the changes from class to class that shuffling would give
BEYOND = 0.02  # of the variance of the targets: what lies farther out by less may be noise


def set_up_words(experiment: Experiment, settings: Settings) -> list[str]:
    """The one or two most telling findings about a set-up, and what a blind guess would get."""
    if experiment.objective.network is None:
        return []
    sentences = (find(experiment, settings) for find in FINDINGS)
    found = list(islice(filter(None, sentences), MOST))
    return [*found, *filter(None, [baseline_at_the_start(experiment)])]


# --- the last layer ---


def last_layer(experiment: Experiment, settings: Settings) -> str:
    """A last activation that does not go with the loss, or with the targets."""
    return _narrow_logits(experiment) or _targets_out_of_reach(experiment)


def _narrow_logits(experiment: Experiment) -> str:
    """A last activation that bounds the logits, so that the probabilities are bounded as well."""
    objective, (activation, bounds) = experiment.objective, _last(experiment)
    if objective.loss is not binary_cross_entropy and not objective.one_of_many:
        return ""
    taken = f"The last activation is {activation}, and the loss takes its answers for logits"
    low, high = _probabilities(objective, bounds)
    if low > 1.0 - SURE or high < SURE:
        always = ", so every answer is yes" if objective.loss is binary_cross_entropy and low >= 0.5 else ""
        return f"{taken}: probabilities stay {_between(low, high)}{always}. A linear last layer sets them free."
    if activation == "relu":
        return f"{taken}: one that answers 0 to a sample learns nothing from it. A linear last layer has no such gap."
    return ""


def _probabilities(objective: Objective, bounds: Range) -> tuple[float, float]:
    """The lowest and the highest probability of a class that logits within these bounds stand for."""
    if objective.loss in (binary_cross_entropy, log_loss_of_sigmoids):
        return float(expit(bounds.low)), float(expit(bounds.high))
    low, high = bounds if objective.loss is cross_entropy else log_expit(bounds)
    gap = high - low if np.isfinite(low) else np.inf
    others = objective.train.targets.shape[1] - 1
    return float(1.0 / (1.0 + others * np.exp(gap))), float(1.0 / (1.0 + others * np.exp(-gap)))


def _between(low: float, high: float) -> str:
    """A range of probabilities in words; one end may be open."""
    if high >= SURE:
        return f"above {percent(low)}"
    return f"below {percent(high)}" if low <= 1.0 - SURE else f"between {percent(low)} and {percent(high)}"


def _targets_out_of_reach(experiment: Experiment) -> str:
    """Targets that the last activation never comes to."""
    objective, (activation, bounds) = experiment.objective, _last(experiment)
    if objective.metric != "rmse" and objective.loss is not hinge:
        return ""
    targets, scale = objective.train.targets, experiment.scale
    beyond = np.abs(targets - np.clip(targets, *bounds))
    if not np.sum(beyond**2) > BEYOND * np.sum((targets - targets.mean(axis=0)) ** 2):
        return ""
    count = int(beyond.any(axis=1).sum())
    limits = [
        f"{'below' if end == bounds.low else 'above'} {number(end * scale)}" for end in bounds if np.isfinite(end)
    ]
    worst = float(targets.flat[beyond.argmax()]) * scale
    never = f"The last activation is {activation}, which never answers {' or '.join(limits)}"
    return f"{never}: {count} of the {len(targets)} targets lie beyond, such as {number(worst)}."


def _last(experiment: Experiment) -> tuple[str, Range]:
    """The activation of the last layer, and its range."""
    network = experiment.objective.network
    assert network is not None
    return network.activations[-1], ACTIVATIONS[network.activations[-1]].range


# --- the samples ---


def sorted_classes(experiment: Experiment, settings: Settings) -> str:
    """Classes that come one after the other, in batches that hardly ever hold two of them."""
    objective, size = experiment.objective, settings.batch_size
    if objective.metric != "accuracy" or settings.order != "fixed" or size >= len(objective.train):
        return ""
    labels = _labels(objective)
    alone = [len(set(labels[begin : begin + size].tolist())) == 1 for begin in range(0, len(labels), size)]
    if not _in_blocks(labels) or 2 * sum(alone) < len(alone):
        return ""
    which = "all" if all(alone) else f"{sum(alone)} of"
    return (
        f"The samples are sorted by class and come in fixed order: {which} {len(alone)} batches hold one class alone, "
        "so each pulls towards its own. Shuffled batches mix them."
    )


def _labels(objective: Objective) -> Indices:
    """The class of each training sample by a number; with several questions, a number for each set of answers."""
    targets = objective.train.targets
    if objective.one_of_many:
        return np.asarray(targets.argmax(axis=1))
    return np.asarray(np.unique(targets > 0.5, axis=0, return_inverse=True)[1]).ravel()


def _in_blocks(labels: Indices) -> bool:
    """Whether samples of a class stand together: few changes from class to class beside what chance would give."""
    counts = np.unique(labels, return_counts=True)[1]
    changes, expected = (
        int((labels[1:] != labels[:-1]).sum()),
        len(labels) * (1.0 - np.sum((counts / len(labels)) ** 2)),
    )
    return len(counts) > 1 and len(labels) > 2 * len(counts) and changes <= max(len(counts) - 1, MIXED * expected)


def unlike_inputs(experiment: Experiment, settings: Settings) -> str:
    """Inputs of very different widths, far away from 0, or large: what one learning rate does not suit."""
    inputs = experiment.objective.train.inputs
    widths, middles = np.ptp(inputs, axis=0), inputs.mean(axis=0)
    vary = np.flatnonzero(widths > 0.0)
    if experiment.pictures is not None or not vary.size:
        return ""
    names = experiment.inputs or [f"x[{i}]" for i in range(1, inputs.shape[1] + 1)]
    advice = "Scaled to mean 0 and deviation 1, inputs learn alike."
    wide, small = (int(vary[pick(widths[vary])]) for pick in (np.argmax, np.argmin))
    if widths[wide] >= WIDER * widths[small]:
        spans = f"{names[wide]} spans {number(widths[wide])}, {names[small]} only {number(widths[small])}"
        return f"The inputs are of very different scale: {spans}, and one learning rate cannot suit both. {advice}"
    away = np.abs(middles[vary]) / inputs[:, vary].std(axis=0)
    far = int(vary[away.argmax()])
    if away.max() >= FAR:
        where = (
            f"{names[far]} is {number(float(f'{middles[far]:.3g}'))} on average and spans only {number(widths[far])}"
        )
        return f"The inputs are far from 0: {where}, so its weight and the biases get in each other's way. {advice}"
    return _large(inputs, names, advice)


def _large(inputs: Matrix, names: Sequence[str], advice: str) -> str:
    sizes = _sizes(inputs)
    largest = int(sizes.argmax())
    if sizes[largest] < LARGE:
        return ""
    reach = number(float(np.abs(inputs[:, largest]).max()))
    return f"The inputs are large, {names[largest]} up to {reach}: only a very small learning rate suits them. {advice}"


def _sizes(inputs: Matrix) -> Vector:
    """The root mean square of each input."""
    return np.asarray(np.sqrt(np.mean(inputs**2, axis=0)))


FINDINGS: tuple[Callable[[Experiment, Settings], str], ...] = (
    last_layer,
    sorted_classes,
    unlike_inputs,
)
"""What may be found, the most telling first: a sentence each, or nothing."""
