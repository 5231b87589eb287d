"""Scenario files as somebody may write them outside of the package."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from nnsim.scenarios.experiment import Experiment, build
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import read

HEAD = """title = "A scenario of one's own"
question = "Does it work?"
goal = "See that it does."
"""

BOWL = f"""{HEAD}start = [0.0, 0.0]

[surface]
kind = "bowl"
hessian = [[1.0, 0.0], [0.0, 1.0]]
minimum = [4.0, 3.0]

[optimizer]
kind = "sgd"
learning_rate = 0.5

[run]
updates = 5
"""

DOUBLE_WELL = f"""{HEAD}start = [4.0]

[surface]
kind = "double_well"

[tilts]
count = 16
deviation = 20.0
seed = 3

[optimizer]
kind = "sgd"
learning_rate = 0.01

[batches]
size = 4

[run]
epochs = 10
seed = 2
"""

FORMULA = f"""{HEAD}start = [-1.2, 1.0]

[surface]
kind = "formula"
text = "(1-x)^2 + 100*(y-x^2)^2"

[optimizer]
kind = "sgd"
learning_rate = 0.001

[run]
updates = 5
"""

# Two weights, so a run remembers its whole path; 2 x + 1 is exact.
LINE = f"""{HEAD}
[network]
sizes = [1, 1]
activations = ["linear"]
loss = "squared_error"
weights = {{ kind = "zeros" }}

[data]
kind = "inline"
inputs = [[1.0], [2.0], [3.0]]
targets = [[3.0], [5.0], [7.0]]
unit = "metres"

[optimizer]
kind = "sgd"
learning_rate = 0.1

[run]
epochs = 200
"""

# 25 parameters, so a run is measured epoch by epoch only; an epoch has two batches.
CURVE = f"""{HEAD}
[network]
sizes = [1, 8, 1]
activations = ["tanh", "linear"]
loss = "half_squared_error"

[data]
kind = "inline"
inputs = [[-1.0], [0.0], [1.0]]
targets = [[100.0], [0.0], [100.0]]
test_inputs = [[-0.5], [0.5]]
test_targets = [[25.0], [25.0]]
unit = "metres"
target_scale = 100.0

[optimizer]
kind = "adam"
learning_rate = 0.02

[batches]
size = 2

[run]
epochs = 30
seed = 1
"""

XOR = f"""{HEAD}
[network]
sizes = [2, 8, 2]
activations = ["tanh", "linear"]
loss = "cross_entropy"

[data]
kind = "inline"
inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
targets = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]

[optimizer]
kind = "adam"
learning_rate = 0.05

[run]
updates = 300
"""

BINARY_XOR = (
    XOR.replace("[2, 8, 2]", "[2, 3, 1]")
    .replace('"cross_entropy"', '"binary_cross_entropy"')
    .replace("[[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]", "[[0.0], [1.0], [1.0], [0.0]]")
)

CROWD = f"""{HEAD}
[network]
sizes = [64, 1]
activations = ["linear"]
loss = "squared_error"

[data]
kind = "crowd"

[optimizer]
kind = "adam"

[batches]
size = 100

[run]
epochs = 1

[view]
sample = 149
"""


def changed(text: str, old: str, new: str) -> str:
    """The text with one place changed."""
    assert text.count(old) == 1, f"{text.count(old)} times: {old}"
    return text.replace(old, new)


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def table(name: str, **keys: Any) -> str:
    """One more table of a list, such as `[[expect]]`, with these keys."""
    return f"\n[[{name}]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in keys.items())


def save(folder: Path, text: str, name: str = "own.scenario.toml") -> Path:
    """Write a scenario file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


class Complaint(NamedTuple):
    """What is said about a bad file: the line, None where no line is at fault, and the sentence."""

    line: int | None
    sentence: str


def told(error: BaseException, path: Path) -> Complaint:
    """What an error says about a file."""
    match = re.fullmatch(r"(?:, line (\d+))?:? (.*)", str(error).removeprefix(str(path)))
    assert match is not None, error
    return Complaint(int(match[1]) if match[1] else None, match[2])


def ready(folder: Path, text: str, **overrides: Any) -> Experiment:
    """Write a scenario file, read it back and make it ready; `__` in a key stands for a dot."""
    path = save(folder, text)
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    return build(read(path, dotted), str(path), name_of(path))
