"""How good a network is beside predictors that know nothing of the inputs, or draw a straight line, in words."""

from __future__ import annotations

import numpy as np

from nnsim.core.timeline import Record
from nnsim.scenarios.data.baselines import Guess
from nnsim.scenarios.experiment import Experiment

AS_GOOD = 1e-3
"""Losses that lie closer together than this part of them are told as the same."""
ROUNDING = 1e-14
"""An RMSE of so small a part of the targets is told as 0."""
BLIND = "a guess that knows nothing of the inputs"


def baseline_at_the_start(experiment: Experiment) -> str:
    """What a network has to beat."""
    guess, measured = experiment.blind_guess, _measured(experiment)
    if guess is None:
        return f"To beat: {measured}."
    return f"To beat: {BLIND} has the loss {_written(guess)}; {measured}."


def beside_blind(experiment: Experiment, loss: float) -> str:
    """Where a training loss is no lower than that of a blind guess, that it is so; else nothing."""
    guess = experiment.blind_guess
    if guess is None or guess.loss <= 0.0 or loss < (1.0 - AS_GOOD) * guess.loss:
        return ""
    if loss <= (1.0 + AS_GOOD) * guess.loss:
        return f"that of {BLIND}{f' ({guess.written})' if guess.written else ''}"
    return f"higher than {_written(guess)}, that of {BLIND}"


def baseline_beside(experiment: Experiment, record: Record) -> str:
    """The metric of a measurement beside that of simple predictors, on the test set where there is one."""
    here, on = (record.train, "") if record.test is None else (record.test, " on the test set")
    if here.metric is None or not experiment.baselines:
        return ""
    if experiment.objective.metric == "rmse":
        unit = f" {experiment.unit}" if experiment.unit else ""
        largest = float(np.abs(experiment.objective.train.targets).max())
        rmse = 0.0 if here.metric <= ROUNDING * largest else here.metric * experiment.scale
        return f"RMSE{on} {rmse:.4g}{unit}; {', '.join(_predictors(experiment))}."
    share = experiment.baselines["largest class"]
    usual = f"always answering the largest class gets {percent(share)}"
    too = " too" if percent(share) == percent(here.metric) else ""
    return f"Accuracy{on} {percent(here.metric)}: {usual}{too}."


def percent(share: float) -> str:
    """A share of right answers in words."""
    return f"{100.0 * share:.3g} %"


def _measured(experiment: Experiment) -> str:
    """The simple predictors with their metrics, and whether these are of the test set."""
    on = " on the test set" if experiment.objective.test else ""
    if experiment.objective.metric == "accuracy":
        return f"always answering the largest class gets {percent(experiment.baselines['largest class'])} right{on}"
    return f"by RMSE{on}, {' and '.join(_predictors(experiment))}"


def _predictors(experiment: Experiment) -> list[str]:
    return [f"{name} {value:.4g}" for name, value in experiment.baselines.items()]


def _written(guess: Guess) -> str:
    return f"{guess.loss:.4g}" + (f" = {guess.written}" if guess.written else "")
