"""The bundled data beside the crowd: what is in them, and their recipes."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from own_scenarios import CURVE, changed, ready

from nnsim.core.objective import Samples
from nnsim.scenarios import schema
from nnsim.scenarios.data import noisy_sine, side_effects
from nnsim.scenarios.samples import samples


def test_side_effects_are_those_of_the_published_recipe() -> None:
    ages, had = side_effects.load()
    assert len(ages) == 2100
    assert [int(((ages < 65) & (had == label)).sum()) for label in (0, 1)] == [1000, 50]
    assert [int(((ages >= 65) & (had == label)).sum()) for label in (0, 1)] == [50, 1000]
    assert (ages.min(), ages.max()) == (13, 100)
    train, test = samples(schema.SideEffects())
    assert test is None
    assert train.inputs[ages == 64, 0] == pytest.approx(0.5862, abs=5e-5)
    assert train.inputs[ages == 65, 0] == pytest.approx(0.5977, abs=5e-5)
    assert train.targets[had == 1].tolist() == [[0.0, 1.0]] * 1050


def test_the_noisy_sine_is_a_sine_with_noise() -> None:
    data = noisy_sine.load()
    assert data.inputs.shape == data.targets.shape == (10, 200)
    noise = data.test_targets - np.sin(np.pi * data.test_inputs)
    assert np.mean(noise**2) == pytest.approx(0.09, rel=0.1)
    assert np.abs(data.test_inputs).max() <= 1.0
    assert len(np.unique(data.inputs)) == 2000


@pytest.mark.parametrize(("train", "test", "draw"), [(20, 2000, 0), (200, 500, 9), (1, 1, 3)])
def test_the_first_samples_of_a_draw_are_the_training_set(train: int, test: int, draw: int) -> None:
    data = noisy_sine.load()
    training, testing = samples(schema.NoisySine(train=train, test=test, draw=draw))
    assert testing is not None
    assert training.inputs[:, 0].tolist() == data.inputs[draw, :train].tolist()
    assert training.targets[:, 0].tolist() == data.targets[draw, :train].tolist()
    assert testing.targets[:, 0].tolist() == data.test_targets[:test].tolist()


def test_chebyshev_polynomials_are_cosines_of_multiples() -> None:
    for degree in (1, 4, 20):
        train, _ = samples(schema.Chebyshev(degree=degree, points=41))
        x = np.linspace(-1.0, 1.0, 41)
        assert train.inputs[:, 0].tolist() == x.tolist()
        assert train.targets[:, 0] == pytest.approx(np.cos(degree * np.arccos(x)), abs=1e-12)
    x = samples(schema.Chebyshev())[0].inputs
    assert samples(schema.Chebyshev())[0].targets == pytest.approx(8 * x**4 - 8 * x**2 + 1, abs=1e-14)


@pytest.mark.parametrize("module", [side_effects, noisy_sine])
def test_the_recipe_gives_the_bundled_file(module: ModuleType) -> None:
    for bundled, made in zip(module.load(), module.generate(), strict=True):
        assert bundled == pytest.approx(made, rel=0, abs=1e-14)


@pytest.mark.parametrize("module", [side_effects, noisy_sine])
def test_a_damaged_file_is_refused(module: ModuleType, tmp_path: Path) -> None:
    content = bytearray(module.FILE.read_bytes())
    content[700] ^= 1
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged: its sha256 is \w+, not \w+\.$"):
        module.load(damaged)


def test_data_are_named_by_kind_in_a_file(tmp_path: Path) -> None:
    experiment = ready(tmp_path, changed(CURVE, "size = 2\n", "size = 7\n"), data={"kind": "noisy_sine", "train": 14})
    assert isinstance(experiment.objective.test, Samples)
    assert (len(experiment.objective.train), len(experiment.objective.test)) == (14, 2000)
    assert experiment.scale == 1.0
    assert experiment.updates == 60
