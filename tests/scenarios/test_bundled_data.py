"""The bundled data beside the crowd: what is in them, and their recipes."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.polynomial import legendre
from own_scenarios import CURVE, changed, ready

from nnsim.core.objective import Samples
from nnsim.scenarios import data_sets
from nnsim.scenarios.data import crowd, doubled_sine, hot_dog, moons, noisy_sine, scikit_learn, side_effects
from nnsim.scenarios.samples import data_set


def test_side_effects_are_those_of_the_published_recipe() -> None:
    ages, had = side_effects.load()
    assert len(ages) == 2100
    assert [int(((ages < 65) & (had == label)).sum()) for label in (0, 1)] == [1000, 50]
    assert [int(((ages >= 65) & (had == label)).sum()) for label in (0, 1)] == [50, 1000]
    assert (ages.min(), ages.max()) == (13, 100)
    known = data_set(data_sets.SideEffects())
    train = known.train
    assert known.test is None
    assert train.inputs[ages == 64, 0] == pytest.approx(0.5862, abs=5e-5)
    assert train.inputs[ages == 65, 0] == pytest.approx(0.5977, abs=5e-5)
    assert train.targets[had == 1].tolist() == [[0.0, 1.0]] * 1050


def test_the_noisy_sine_is_a_sine_with_noise() -> None:
    data = noisy_sine.load()
    assert data.few_inputs.shape == data.few_targets.shape == (10, 20)
    assert data.many_inputs.shape == data.many_targets.shape == (10, 200)
    noise = data.test_targets - np.sin(np.pi * data.test_inputs)
    assert np.mean(noise**2) == pytest.approx(0.09, rel=0.1)
    assert np.abs(data.test_inputs).max() <= 1.0
    assert len(np.unique(data.many_inputs)) == 2000


@pytest.mark.parametrize(("train", "test", "draw"), [(20, 2000, 0), (21, 2000, 4), (200, 500, 9), (1, 1, 3)])
def test_the_first_samples_of_a_draw_are_the_training_set(train: int, test: int, draw: int) -> None:
    data = noisy_sine.load()
    known = data_set(data_sets.NoisySine(train=train, test=test, draw=draw))
    training, testing = known.train, known.test
    inputs, targets = (data.few_inputs, data.few_targets) if train <= 20 else (data.many_inputs, data.many_targets)
    assert testing is not None
    assert training.inputs[:, 0].tolist() == inputs[draw, :train].tolist()
    assert training.targets[:, 0].tolist() == targets[draw, :train].tolist()
    assert testing.targets[:, 0].tolist() == data.test_targets[:test].tolist()


def polynomials(count: int, degree: int, penalty: float = 0.0) -> np.ndarray:
    """The mean squared errors of fits to the training set and to the test set: medians over 100 draws, of which the
    ten bundled ones are the first. The penalty is on the sum of all squared coefficients, in Legendre's basis."""
    data = noisy_sine.load()
    found = []
    for seed in range(noisy_sine.FIRST_SEED, noisy_sine.FIRST_SEED + 100):
        x, target = noisy_sine.draw(count, seed)
        terms, more = legendre.legvander(x, degree), np.sqrt(count * penalty) * np.eye(degree + 1)
        fit = np.linalg.lstsq(np.vstack([terms, more]), np.append(target, np.zeros(degree + 1)))[0]
        answers = terms @ fit, legendre.legval(data.test_inputs, fit)
        found.append([np.mean((answers[0] - target) ** 2), np.mean((answers[1] - data.test_targets) ** 2)])
    medians: np.ndarray = np.median(found, axis=0)
    return medians


@pytest.mark.parametrize(
    ("count", "degree", "train", "test"),
    [
        (20, 1, 0.242, 0.306),
        (20, 3, 0.0749, 0.1132),
        (20, 5, 0.0629, 0.1328),
        (20, 9, 0.0453, 0.9989),
        (200, 3, 0.0916, 0.0968),
        (200, 5, 0.0874, 0.0928),
        (200, 19, 0.0812, 0.1032),
    ],
)
def test_polynomials_fit_the_noisy_sine_as_least_squares_elsewhere(
    count: int, degree: int, train: float, test: float
) -> None:
    digits = 5e-4 if degree == 1 else 5e-5
    assert polynomials(count, degree) == pytest.approx([train, test], abs=1.01 * digits)


# As many coefficients as points, or nearly: through every point, and beyond all bounds between them.
@pytest.mark.parametrize(("degree", "train", "test", "digit"), [(15, 0.0170, 3e5, 5e4), (19, 0.0, 6e13, 5e12)])
def test_polynomials_of_high_degree_overfit_20_points_as_elsewhere(
    degree: int, train: float, test: float, digit: float
) -> None:
    on_train, on_test = polynomials(20, degree)
    assert on_train == pytest.approx(train, abs=5e-5)
    assert on_test == pytest.approx(test, abs=digit)


@pytest.mark.parametrize(("degree", "test"), [(9, 0.188), (15, 0.260), (19, 0.271)])
def test_a_penalty_keeps_polynomials_of_high_degree_in_bounds_as_elsewhere(degree: int, test: float) -> None:
    assert polynomials(20, degree, penalty=1e-3)[1] == pytest.approx(test, abs=5e-4)


def test_the_crowd_has_as_many_pictures_to_train_on_as_are_asked_for() -> None:
    first, all_of_them = (data_set(data_sets.CrowdPictures(train=count)) for count in (200, 5000))
    published = crowd.load()
    assert first.train.inputs.tolist() == published.train_images[:200].tolist()
    assert len(all_of_them.train) == 5000
    assert all_of_them.train.inputs[:2000].tolist() == published.train_images.tolist()
    assert first.test is not None
    assert first.test.targets[:, 0] == pytest.approx(published.test_counts / 1000.0)
    more, made = crowd.load_more(), crowd.generate(crowd.MORE_COUNT, crowd.MORE_SEED)
    assert more.counts.tolist() == made.counts.tolist()
    assert more.images == pytest.approx(made.images, rel=0, abs=0.502 / 255)
    assert all_of_them.train.inputs[2000:].tolist() == more.images.tolist()


def test_centred_pictures_have_the_mean_0_and_are_the_same_pictures() -> None:
    plain, centred = (data_set(data_sets.CrowdPictures(train=500, centred=choice)) for choice in (False, True))
    assert centred.train.inputs.mean(axis=0) == pytest.approx(0.0, abs=1e-14)
    assert centred.test is not None
    assert plain.test is not None
    assert centred.test.inputs - plain.test.inputs == pytest.approx(np.tile(-plain.train.inputs.mean(axis=0), (500, 1)))
    assert centred.pictures is not None
    assert centred.pictures.of(centred.train.inputs[7]) == pytest.approx(plain.train.inputs[7].reshape(8, 8))


def test_hot_dogs_are_half_of_the_pictures_and_lie_level() -> None:
    known = data_set(data_sets.HotDogPictures(train=6000))
    assert known.test is not None
    assert (len(known.train), len(known.test)) == (6000, 2000)
    assert known.train.targets.mean() == pytest.approx(0.5, abs=0.03)
    hot_dogs = known.train.inputs[known.train.targets[:, 0] == 1.0].mean(axis=0).reshape(12, 12)
    across, upright = hot_dogs[5:7, :].mean(), hot_dogs[:, 5:7].mean()
    assert across > 1.4 * upright > 5.0 * hot_dogs[[0, -1]].mean()
    assert set(np.unique(known.train.inputs * 15.0).round(9)) == set(range(16))


def test_hot_dogs_are_drawn_by_their_recipe() -> None:
    recipes = ((6000, hot_dog.TRAIN_SEED), (2000, hot_dog.TEST_SEED))
    for part, (count, seed) in zip(hot_dog.load(), recipes, strict=True):
        made = hot_dog.generate(count, seed)
        assert part.labels.tolist() == made.labels.tolist()
        assert part.images == pytest.approx(made.images, rel=0, abs=0.501 / 15)


@pytest.mark.parametrize(
    ("load", "classes", "counts", "total"),
    [(scikit_learn.load_iris, 3, (112, 38), 20787), (scikit_learn.load_digits, 10, (1347, 450), 561718)],
)
def test_measured_data_are_split_evenly_and_complete(
    load: Callable[[], scikit_learn.Labelled], classes: int, counts: tuple[int, int], total: int
) -> None:
    data = load()
    assert (len(data.train_labels), len(data.test_labels)) == counts
    shares = [np.bincount(labels, minlength=classes) / len(labels) for labels in (data.train_labels, data.test_labels)]
    assert shares[0] == pytest.approx(shares[1], abs=1 / min(counts))
    assert int(data.train_inputs.sum(dtype=np.int64) + data.test_inputs.sum(dtype=np.int64)) == total


def test_iris_is_standardised_by_its_training_set_and_digits_go_from_0_to_1() -> None:
    iris, digits = data_set(data_sets.Iris()), data_set(data_sets.Digits())
    assert iris.train.inputs.mean(axis=0) == pytest.approx(0.0, abs=1e-14)
    assert iris.train.inputs.std(axis=0) == pytest.approx(1.0)
    assert iris.test is not None
    assert 0.01 < np.abs(iris.test.inputs.mean(axis=0)).max() < 0.5
    assert (digits.train.inputs.min(), digits.train.inputs.max()) == (0.0, 1.0)
    for known in (iris, digits):
        assert (known.train.targets.sum(axis=1) == 1.0).all()
        assert known.train.targets.shape[1] == len(known.classes)


def test_a_sine_is_sampled_evenly_from_end_to_end() -> None:
    train = data_set(data_sets.Sine(points=5)).train
    assert train.inputs[:, 0].tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert train.targets[:, 0] == pytest.approx([0.0, -1.0, 0.0, 1.0, 0.0], abs=1e-15)


def test_the_doubled_sine_is_a_sine_of_twice_the_input_with_noise() -> None:
    train = data_set(data_sets.DoubledSine()).train
    x, t = train.inputs[:, 0], train.targets[:, 0]
    assert (len(train), np.abs(x).max() < np.pi) == (256, True)
    noise = t - np.sin(2.0 * x)
    assert (noise.mean(), noise.std()) == pytest.approx((0.0, 0.2), abs=0.04)


def test_the_moons_are_half_circles_that_reach_into_each_other() -> None:
    known = data_set(data_sets.Moons())
    assert known.test is not None
    for part in (known.train, known.test):
        first, second = (part.inputs[part.targets[:, 0] == label] for label in (0.0, 1.0))
        assert (len(first), len(second)) == (128, 128)
        radii = [np.linalg.norm(points - centre, axis=1) for points, centre in ((first, (0, 0)), (second, (1, 0.5)))]
        for radius in radii:
            assert radius.mean() == pytest.approx(1.0, abs=0.03)
            assert radius.std() == pytest.approx(0.1, abs=0.02)
        assert first[:, 1].mean() == pytest.approx(2 / np.pi, abs=0.05)
        assert second[:, 1].mean() == pytest.approx(0.5 - 2 / np.pi, abs=0.05)


def test_chebyshev_polynomials_are_cosines_of_multiples() -> None:
    for degree in (1, 4, 20):
        train = data_set(data_sets.Chebyshev(degree=degree, points=41)).train
        x = np.linspace(-1.0, 1.0, 41)
        assert train.inputs[:, 0].tolist() == x.tolist()
        assert train.targets[:, 0] == pytest.approx(np.cos(degree * np.arccos(x)), abs=1e-12)
    train = data_set(data_sets.Chebyshev()).train
    x = train.inputs
    assert train.targets == pytest.approx(8 * x**4 - 8 * x**2 + 1, abs=1e-14)


@pytest.mark.parametrize("module", [side_effects, noisy_sine, moons, doubled_sine])
def test_the_recipe_gives_the_bundled_file(module: ModuleType) -> None:
    for bundled, made in zip(module.load(), module.generate(), strict=True):
        assert bundled == pytest.approx(made, rel=0, abs=1e-14)


@pytest.mark.parametrize("module", [side_effects, noisy_sine, hot_dog, moons, doubled_sine])
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
