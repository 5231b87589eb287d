"""The bundled crowd pictures, and their recipe."""

from pathlib import Path

import numpy as np
import pytest

from nnsim.scenarios.data import crowd


def test_bundled_pictures_are_the_published_ones() -> None:
    data = crowd.load()
    assert data.train_images.shape == (2000, 64)
    assert data.test_images.shape == (500, 64)
    assert data.train_images.sum() == pytest.approx(74586.776563, abs=5e-7)
    assert data.train_counts.sum() == 1024898
    assert data.train_counts[:5].tolist() == [851, 637, 511, 270, 308]
    assert data.train_counts[149] == 500


@pytest.mark.parametrize(("seed", "part"), [(0, "train"), (1, "test")])
def test_recipe_gives_the_bundled_pictures(seed: int, part: str) -> None:
    data = crowd.load()
    bundled_images, bundled_counts = getattr(data, f"{part}_images"), getattr(data, f"{part}_counts")
    images, counts = crowd.generate(len(bundled_counts), seed)
    np.testing.assert_array_equal(counts, bundled_counts)
    np.testing.assert_allclose(images, bundled_images, rtol=0, atol=1e-14)


def test_damaged_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(crowd.FILE.read_bytes())
    content[5000] ^= 1
    damaged = tmp_path / "crowd-8.npz"
    damaged.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged: its sha256 is \w+, not \w+\.$"):
        crowd.load(damaged)


def test_simple_predictors_are_off_by_what_the_page_says() -> None:
    """Figures of the course, by other programs; always answering 0 is off by 587 people on the training pictures."""
    data = crowd.load()
    assert np.sqrt(np.mean(data.train_counts**2)) == pytest.approx(587, abs=0.5)
    assert np.sqrt(np.mean(data.test_counts**2)) == pytest.approx(588, abs=0.5)
    inputs = np.hstack([data.train_images, np.ones((len(data.train_images), 1))])
    fitted = np.linalg.lstsq(inputs, data.train_counts, rcond=None)[0]
    assert np.sqrt(np.mean((inputs @ fitted - data.train_counts) ** 2)) == pytest.approx(84.7, abs=0.05)
    centre, mean = data.train_images.mean(axis=0), data.train_counts.mean()
    centred = data.train_images - centre
    ridge = np.linalg.solve(centred.T @ centred + 20.0 * np.eye(64), centred.T @ (data.train_counts - mean))
    answers = (data.test_images - centre) @ ridge + mean
    assert np.sqrt(np.mean((answers - data.test_counts) ** 2)) == pytest.approx(86.7, abs=0.05)
