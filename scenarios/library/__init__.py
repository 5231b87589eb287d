"""The course: one scenario a file, in the order of `COURSE`."""

from pathlib import Path

FOLDER = Path(__file__).parent

COURSE = ("squared-error", "bowl", "too-large-step", "two-minima", "crowd")


def files() -> list[Path]:
    """The scenario files of the course, in order."""
    return [FOLDER / f"{name}.scenario.toml" for name in COURSE]
