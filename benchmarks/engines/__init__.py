"""The engines that are compared, a module each, loaded if what it builds on is installed.

A module has `TRAININGS` and `DESCENTS`: by the name of the engine, a class that takes a work and is ready to do it.
`run()` does the work, and is what is timed; `result()` tells where it led, as a NumPy array.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeAlias

from benchmarks.works import Array

# What is imported, and its name. nnsim comes first: the others are compared with it.
MODULES = {"nnsim": "nnsim", "jax": "JAX", "torch": "PyTorch", "sklearn": "scikit-learn", "numpy": "NumPy"}


class Job(Protocol):
    """A work that is ready to be done."""

    def run(self) -> None: ...

    def result(self) -> Array: ...


Engines: TypeAlias = Mapping[str, Callable[..., Job]]


def load(kind: Literal["TRAININGS", "DESCENTS"]) -> tuple[dict[str, Callable[..., Job]], list[str]]:
    """The engines for a kind of work, and the names of those that are not installed."""
    engines: dict[str, Callable[..., Job]] = {}
    missing = []
    for module, name in MODULES.items():
        try:
            engines |= getattr(importlib.import_module(f"benchmarks.engines.{module}"), kind)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            missing.append(name)
    return engines, missing
