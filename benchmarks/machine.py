"""The machine, and the versions of everything that is compared."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "torch", "jax", "textual")


def report() -> list[str]:
    """What the figures depend on, a line each."""
    installed = [f"{package} {_version(package)}" for package in PACKAGES]
    return [
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}; {', '.join(installed)}",
    ]


def _processor() -> str:
    """The processor's name; only Linux tells more than its kind."""
    details = Path("/proc/cpuinfo")
    lines = details.read_text(encoding="utf-8").splitlines() if details.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
