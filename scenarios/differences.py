"""What sets a run apart from another one, in words: "learning rate 0.2", "Adam", "batch 4", "seed 3"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nnsim.core.arrays import Vector
from nnsim.core.history import History
from nnsim.core.training import Settings
from nnsim.scenarios.text import number

ORDERS = {"shuffled": "shuffled", "fixed": "in fixed order", "with_replacement": "with replacement"}
SHOWN_NUMBERS = 3


def traits(history: History, seed: int, update: int) -> dict[str, str]:
    """What a run was trained with up to an update, each trait in words, its later changes with their updates."""
    changes = [change for change in history.changes if change.update <= update]
    told = [_words(change.settings) for change in changes]
    found = {trait: prefix + words for trait, (prefix, words) in told[0].items()}
    for (before, now), change in zip(pairwise(told), changes[1:], strict=True):
        for trait, (_, words) in now.items():
            if words != before[trait][1]:
                found[trait] += f", {words} from update {change.update:,}"
    return found | {"seed": f"seed {seed}", "start": _start(history.keyframes[0].parameters)}


def apart(one: dict[str, str], others: Sequence[dict[str, str]], random_start: bool) -> list[str]:
    """The traits in which a run differs from any of the others, in words; a random start follows from the seed."""
    different = [trait for trait, words in one.items() if any(words != other[trait] for other in others)]
    if random_start and "seed" in different and "start" in different:
        different.remove("start")
    return [one[trait] for trait in different]


def setup(settings: Settings) -> str:
    """The settings in a few words, such as "SGD, learning rate 0.01, batch 4"."""
    told = _words(settings)
    always = [told[trait] for trait in ("optimizer", "rate", "batch")]
    extra = [told["order"]] if settings.order != "shuffled" else []
    extra += [told["schedule"]] if settings.schedule is not None else []
    extra += [told["clipping"]] if settings.clipping else []
    return ", ".join(prefix + words for prefix, words in always + extra)


def _words(settings: Settings) -> dict[str, tuple[str, str]]:
    """Each trait as a name to say once, and its value."""
    schedule = settings.schedule
    return {
        "optimizer": ("", settings.optimizer.label),
        "rate": ("learning rate ", number(settings.optimizer.learning_rate)),
        "batch": ("batch ", str(settings.batch_size)),
        "order": ("", ORDERS[settings.order]),
        "schedule": ("", "no schedule" if schedule is None else f"{schedule.label} {schedule.unit}s"),
        "clipping": ("", settings.clipping.label or "no clipping"),
    }


def _start(parameters: Vector) -> str:
    numbers = ", ".join(number(value) for value in parameters[:SHOWN_NUMBERS])
    return f"start at {numbers}" + (", ..." if len(parameters) > SHOWN_NUMBERS else "")
