"""The course: one scenario a file, in the order of `COURSE`. Light enough for the first frame of the app."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from nnsim.scenarios.text import printable

FOLDER = Path(__file__).parent
SUFFIX = ".scenario.toml"

COURSE = (
    "neuron",
    "squared-error",
    "slope",
    "six-steps",
    "bowl",
    "too-large-step",
    "learning-rate-ladder",
    "momentum",
    "saddle",
    "rosenbrock",
    "two-minima",
    "escape",
    "sine-neuron",
    "hot-dog",
    "cat-or-dog",
    "xor",
    "random-start",
    "slow-neuron",
    "dead-relu",
    "vanishing-gradient",
    "side-effects",
    "crowd",
    "label-scale",
    "batch-size",
    "hot-dog-images",
    "overfitting",
    "iris",
    "digits",
    "edge-of-stability",
)


def files() -> list[Path]:
    """The scenario files of the course, in order."""
    return [FOLDER / f"{name}{SUFFIX}" for name in COURSE]


def after(path: Path) -> Path | None:
    """The file that follows a scenario in the course; None behind the last one, and for files of one's own."""
    course = files()
    following = course[course.index(path) + 1 :] if path in course else []
    return following[0] if following else None


def name_of(path: Path) -> str:
    """The name under which a scenario file goes: its file name without the ending."""
    return printable(path.name.removesuffix(SUFFIX).removesuffix(".toml"))


def outline(path: Path) -> dict[str, Any]:
    """What a scenario file says before its first expectation, title, question and goal at least, as plain values.

    For files that belong to the course or have been read without errors: nothing is checked.
    """
    text = path.read_text(encoding="utf-8-sig")
    return parse(text.partition("\n[[expect]]")[0])


@lru_cache(maxsize=128)
def parse(text: str) -> dict[str, Any]:
    """The table that a TOML text stands for, not to be changed. Raises tomllib.TOMLDecodeError. Kept, for a gallery
    reads every file, and a lab its own several times, whenever it opens."""
    return tomllib.loads(text)
