"""A schedule in a scenario file becomes the core's schedule of the same kind, with the same fields and bounds."""

import subprocess
import sys
from dataclasses import fields
from typing import Any, get_args

import msgspec
import pytest

from nnsim.core.schedules import SCHEDULES, Cosine, MultiStep, OneCycle, Plateau
from nnsim.scenarios import schedules
from nnsim.scenarios.experiment import make_schedule

REQUIRED: dict[str, dict[str, Any]] = {
    "step": {"every": 3},
    "multi_step": {"milestones": [3, 5]},
    "exponential": {"factor": 0.9},
    "cosine": {"length": 9},
    "cosine_restarts": {"length": 9},
    "warmup": {"length": 9},
    "one_cycle": {"length": 9},
    "plateau": {},
}


def spec(**table: Any) -> Any:
    return msgspec.convert(table, schedules.Schedule)


def test_every_kind_and_field_of_the_core_may_stand_in_a_file() -> None:
    tables = {str(kind.__struct_config__.tag): kind for kind in get_args(schedules.Schedule)}
    assert list(tables) == list(SCHEDULES)
    for name, kind in tables.items():
        assert sorted(kind.__struct_fields__) == sorted(field.name for field in fields(SCHEDULES[name]))


@pytest.mark.parametrize("kind", REQUIRED)
def test_what_a_file_leaves_out_is_as_in_the_core(kind: str) -> None:
    assert make_schedule(spec(kind=kind, **REQUIRED[kind])) == SCHEDULES[kind](**REQUIRED[kind])


def test_what_a_file_says_arrives() -> None:
    assert make_schedule(spec(kind="cosine", length=50, minimum=0.01, unit="update")) == Cosine(50, 0.01, unit="update")
    assert make_schedule(spec(kind="multi_step", milestones=[3, 5], factor=0.5)) == MultiStep((3, 5), 0.5)
    cycle = spec(kind="one_cycle", length=50, warmup=0.5, initial=10, final=100)
    assert make_schedule(cycle) == OneCycle(50, 0.5, 10.0, 100.0)
    plateau = spec(kind="plateau", factor=0.5, patience=0, threshold=0, cooldown=2, minimum=1e-4)
    assert make_schedule(plateau) == Plateau(0.5, 0, 0.0, 2, 1e-4)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"kind": "linear"}, "Invalid value 'linear' - at `\\$.kind`"),
        ({"kind": "cosine", "length": 0}, "`int` >= 1 - at `\\$.length`"),
        ({"kind": "cosine", "length": 5, "unit": "step"}, "Invalid enum value 'step' - at `\\$.unit`"),
        ({"kind": "cosine", "length": 5, "minimum": -1}, "`float` >= 0.0 - at `\\$.minimum`"),
        ({"kind": "step", "every": 5, "factor": 1}, "`float` < 1.0 - at `\\$.factor`"),
        ({"kind": "multi_step", "milestones": []}, "length >= 1 - at `\\$.milestones`"),
        (
            {"kind": "multi_step", "milestones": [5, 5]},
            "^has the milestones \\[5, 5\\]: it takes numbers that increase$",
        ),
        (
            {"kind": "one_cycle", "length": 4, "warmup": 0.25},
            "^has warmup = 0.25 of length = 4, which is exactly one step",
        ),
        ({"kind": "plateau", "threshold": 1}, "`float` < 1.0 - at `\\$.threshold`"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        spec(**table)


def test_the_structs_load_without_numpy() -> None:
    program = "import sys, nnsim.scenarios.schedules; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
