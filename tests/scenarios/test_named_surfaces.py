"""Scenario files with a named surface."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from own_scenarios import HEAD, changed, ready, save, told

from nnsim.core.named_surfaces import NAMED
from nnsim.core.objective import of_surface
from nnsim.scenarios import surfaces
from nnsim.scenarios.reader import ScenarioError
from nnsim.scenarios.runner import run

HIMMELBLAU = f"""{HEAD}start = [0.0, 0.0]

[surface]
kind = "named"
name = "himmelblau"

[optimizer]
kind = "sgd"
learning_rate = 0.01

[run]
updates = 300
"""
SCALABLE = ("rosenbrock", "rastrigin", "ackley", "styblinski_tang")


def complaint(folder: Path, old: str, new: str, **overrides: Any) -> str:
    """The sentence about HIMMELBLAU with one place changed, without the file's name."""
    text = changed(HIMMELBLAU, old, new)
    with pytest.raises(ScenarioError) as caught:
        ready(folder, text, **overrides)
    return told(caught.value, save(folder, text)).sentence


def test_the_schema_lists_every_named_surface() -> None:
    assert list(get_args(surfaces.SurfaceName)) == list(NAMED)
    assert surfaces.SCALABLE == SCALABLE


@pytest.mark.parametrize("name", NAMED)
def test_a_named_surface_is_the_one_of_that_name(tmp_path: Path, name: str) -> None:
    objective = ready(tmp_path, HIMMELBLAU, surface__name=name).objective
    expected = of_surface(NAMED[name]())
    assert objective.names == expected.names
    assert objective.surface is not None
    assert objective.surface.minima == NAMED[name]().minima
    point = np.array([0.75, -1.5])
    loss, gradient = objective.loss_and_gradient(point)
    expected_loss, expected_gradient = expected.loss_and_gradient(point)
    assert (loss, gradient.tolist()) == (expected_loss, expected_gradient.tolist())


@pytest.mark.parametrize("name", SCALABLE)
@pytest.mark.parametrize("n", [2, 3, 16])
def test_a_scalable_surface_has_as_many_parameters_as_the_file_says(tmp_path: Path, name: str, n: int) -> None:
    overrides = {"surface__name": name, "surface__dimensions": n, "start": [0.5] * n}
    assert ready(tmp_path, HIMMELBLAU, **overrides).objective.size == n


def test_a_run_on_a_named_surface_ends_in_a_minimum(tmp_path: Path) -> None:
    assert run(ready(tmp_path, HIMMELBLAU)).run.parameters == pytest.approx([3.0, 2.0], abs=1e-9)


def test_a_named_surface_can_be_tilted(tmp_path: Path) -> None:
    objective = ready(tmp_path, HIMMELBLAU, tilts={"count": 8, "deviation": 1.0}).objective
    assert objective.train.inputs.shape == (8, 2)


@pytest.mark.parametrize(
    ("surface", "sentence"),
    [
        ('"himmelblau"\ndimensions = 2', "surface has dimensions, but himmelblau has always two: they go with"),
        ('"saddle"\ndimensions = 3', "surface has dimensions, but saddle has always two: they go with rosenbrock,"),
        ('"rosenbrock"\ndimensions = 1', "surface has dimensions = 1: rosenbrock takes a whole number of at least 2"),
        ('"ackley"\ndimensions = 17', "surface.dimensions is 17: it takes a whole number of at least 1 and at most 16"),
        ('"ackley"\ndimensions = 0', "surface.dimensions is 0: it takes a whole number of at least 1 and at most 16"),
        ('"ackley"\ndimensions = 2.5', "surface.dimensions is 2.5: it takes a whole number of at least 1 and at most"),
        ('"ackley"\ndimensions = 3', "start has 2 numbers: this surface takes 3."),
        ('"branin"', 'surface.name is "branin": it takes "ackley", "beale", "booth", "easom", '),
        ('"saddle"\ntarget = 1.0', '"surface.target" is not a known key: surface takes kind, name, dimensions.'),
    ],
    ids=range(9),
)
def test_what_does_not_fit_is_told_in_one_sentence(tmp_path: Path, surface: str, sentence: str) -> None:
    found = complaint(tmp_path, '"himmelblau"', surface)
    assert found.startswith(sentence)
    assert found.endswith(".")
    assert "\n" not in found


def test_a_named_surface_without_a_name_is_told(tmp_path: Path) -> None:
    found = complaint(tmp_path, 'name = "himmelblau"\n', "")
    assert found.startswith('surface.name is missing: it takes "ackley", "beale",')
