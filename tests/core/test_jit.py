"""Kernels and their machine code on disk: compiled once, loaded ever after, and never trusted when damaged."""

import json
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import config as numba_config

import nnsim.core
from nnsim.core import jit

PROGRAM = """
import json, sys
import numpy as np
from nnsim.core import jit, loop, network, objective, optimizers, surfaces, training

sizes = tuple(map(int, sys.argv[1:]))
if sizes:
    shape = network.Network(sizes, ["tanh"] * (len(sizes) - 1))
    samples = objective.Samples(np.ones((5, sizes[0])), np.zeros((5, sizes[-1])))
    problem = objective.of_network(shape, "squared_error", samples)
else:
    problem = objective.of_surface(surfaces.bowl(np.diag([1.0, 9.0]), np.array([4.0, 3.0])))
run = training.Run(problem, training.Settings(optimizers.SGD(0.1), 1), np.full(problem.size, 0.5))
run.advance(10)

kernels = [loop.advance, problem.forward, problem.loss, problem.backward, optimizers.SGD(0.1).kernel]
print(json.dumps({
    "parameters": run.parameters.tolist(),
    "loaded": sum(sum(kernel.compiled.stats.cache_hits.values()) for kernel in kernels),
    "compiled": sum(sum(kernel.compiled.stats.cache_misses.values()) for kernel in kernels),
    "notice": jit.CACHE_NOTICE,
    "folder": str(jit.CACHE_FOLDER),
}))
"""
KERNELS = 5
NETWORK = (2, 3, 1)


def run_program(caches: Path, *sizes: int, **environment: str) -> dict[str, Any]:
    """What a fresh process reports that runs a network of these sizes, or a bowl, with its caches in that folder."""
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, sizes)],
        env={**os.environ, "XDG_CACHE_HOME": str(caches), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    report: dict[str, Any] = json.loads(process.stdout)
    return report


def files(folder: Path) -> dict[Path, int]:
    """Every file below a folder, and when it was last written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder of caches in which a network and a bowl have been compiled, and what the bowl's process reported."""
    caches = tmp_path_factory.mktemp("caches")
    assert run_program(caches, *NETWORK)["compiled"] == KERNELS
    return caches, run_program(caches)


# From one process to the next.


def test_a_second_process_compiles_nothing(warm: tuple[Path, dict[str, Any]]) -> None:
    caches, first = warm
    before = files(caches)
    second = run_program(caches)
    assert (second["loaded"], second["compiled"]) == (KERNELS, 0)
    assert files(caches) == before
    assert second["parameters"] == first["parameters"]
    assert second["notice"] is None


def test_another_shape_of_network_compiles_nothing(warm: tuple[Path, dict[str, Any]]) -> None:
    caches, _ = warm
    before = files(caches)
    other = run_program(caches, 4, 6, 5, 2)
    assert (other["loaded"], other["compiled"]) == (KERNELS, 0)
    assert files(caches) == before


LOSSES_AT_2 = """
import json, sys
import numpy as np
from nnsim.core import objective, surfaces

makers = {"squared error": lambda: surfaces.squared_error(500.0), "double well": surfaces.double_well}
problems = [objective.of_surface(makers[name]()) for name in sys.argv[1:]]
for problem in problems:
    problem.forward.compiled
print(json.dumps([problem.losses(np.array([[2.0]]))[0] for problem in problems]))
"""


def losses_at_2(caches: Path, *names: str) -> list[float]:
    """What a fresh process finds that gets the kernels of these surfaces ready and then asks each for its loss."""
    process = subprocess.run(
        [sys.executable, "-c", LOSSES_AT_2, *names],
        env={**os.environ, "XDG_CACHE_HOME": str(caches)},
        capture_output=True,
        text=True,
        check=True,
    )
    losses: list[float] = json.loads(process.stdout)
    return losses


def test_surfaces_compiled_in_different_processes_are_not_taken_for_each_other(tmp_path: Path) -> None:
    squared_error, double_well = 498.0**2, pytest.approx(40 / 3)
    assert losses_at_2(tmp_path, "squared error") == [squared_error]
    assert losses_at_2(tmp_path, "double well") == [double_well]
    assert losses_at_2(tmp_path, "squared error", "double well") == [squared_error, double_well]
    assert losses_at_2(tmp_path, "double well", "squared error") == [double_well, squared_error]


def test_only_the_user_may_write_where_kernels_lie(warm: tuple[Path, dict[str, Any]]) -> None:
    folder = Path(warm[1]["folder"])
    assert folder.is_relative_to(warm[0])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_caches_full_of_nonsense_give_the_same_numbers_and_heal(
    warm: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    caches = tmp_path / "caches"
    shutil.copytree(warm[0], caches)
    for path in files(caches):
        path.write_bytes(random.Random(0).randbytes(path.stat().st_size))
    healed = run_program(caches)
    assert healed["compiled"] == KERNELS
    assert healed["parameters"] == warm[1]["parameters"]
    assert run_program(caches)["compiled"] == 0


def test_without_a_writable_folder_kernels_work_and_one_sentence_says_so(
    warm: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    report = run_program(blocked / "below", TMPDIR=str(tmp_path))
    assert report["parameters"] == warm[1]["parameters"]
    assert str(blocked) in report["notice"]
    assert report["notice"].count(". ") == 0
    assert report["notice"].endswith(" so kernels are compiled anew at every start.")
    assert Path(report["folder"]).is_relative_to(tmp_path)


def test_other_sources_get_a_folder_of_their_own(warm: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    # Numba would not notice that a kernel's callee has changed in another file.
    core = Path(nnsim.core.__file__).parent
    shutil.copytree(core, tmp_path / "nnsim/core", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "nnsim/core/activations.py").open("a") as source:
        source.write("# one more line\n")
    process = subprocess.run(
        [sys.executable, "-c", "from nnsim.core import jit; print(jit.__file__, jit.CACHE_FOLDER)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(warm[0])},
        capture_output=True,
        text=True,
        check=True,
    )
    module, folder = process.stdout.split()
    assert Path(module) == tmp_path / "nnsim/core/jit.py"
    assert Path(folder).parent == Path(warm[1]["folder"]).parent
    assert folder != warm[1]["folder"]


# One small kernel, compiled and loaded in this process.


def triple(number: float) -> float:
    return 3.0 * number


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for machine code."""
    monkeypatch.setattr(numba_config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def compiles() -> bool:
    """Ask for the kernel as a new process would. Tell whether it was compiled rather than loaded."""
    kernel = jit.kernel(jit.scalar(jit.scalar))(triple)
    assert kernel(14.0) == 42.0
    stats = kernel.compiled.stats
    hits, misses = sum(stats.cache_hits.values()), sum(stats.cache_misses.values())
    assert hits + misses == 1
    return bool(misses)


def truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    return b""


def randomize(content: bytes) -> bytes:
    return random.Random(0).randbytes(len(content))


def flip(content: bytes) -> bytes:
    """One bit, in the middle."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_a_kernel_is_compiled_once(cache: Path) -> None:
    assert compiles()
    assert not compiles()
    assert sorted(path.suffix for path in files(cache)) == [".nbc", ".nbi"]


@pytest.mark.parametrize("damage", [truncate, empty, randomize, flip])
@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
def test_a_damaged_file_is_compiled_again_and_heals(cache: Path, suffix: str, damage: Callable[[bytes], bytes]) -> None:
    compiles()
    [path] = cache.rglob(f"*{suffix}")
    path.write_bytes(damage(path.read_bytes()))
    assert compiles()
    assert not compiles()


@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
def test_wherever_one_bit_flips_the_kernel_still_gives_its_number(cache: Path, suffix: str) -> None:
    compiles()
    [path] = cache.rglob(f"*{suffix}")
    content = path.read_bytes()
    rng = random.Random(1)
    for place in rng.sample(range(len(content)), 25):
        damaged = bytearray(content)
        damaged[place] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        compiles()


@pytest.mark.parametrize("part", [b".nbc", b"triple", b"numba.core"])
def test_an_index_with_a_blank_in_it_heals(cache: Path, part: bytes) -> None:
    compiles()
    [path] = cache.rglob("*.nbi")
    content = path.read_bytes()
    assert part in content
    path.write_bytes(content.replace(part, bytes(len(part))))
    assert compiles()
    assert not compiles()


def test_a_file_that_is_missing_is_compiled_again(cache: Path) -> None:
    compiles()
    [path] = cache.rglob("*.nbc")
    path.unlink()
    assert compiles()
    assert not compiles()


def test_a_folder_that_disappears_does_no_harm(cache: Path) -> None:
    compiles()
    shutil.rmtree(cache)
    assert compiles()
    assert not compiles()


def test_a_kernel_keeps_to_its_signature(cache: Path) -> None:
    kernel = jit.kernel(jit.scalar(jit.scalar))(triple)
    assert kernel.type == jit.types.FunctionType(jit.scalar(jit.scalar))
    with pytest.raises(TypeError):
        kernel(np.zeros(3))  # type: ignore[arg-type]


def test_a_part_of_kernels_is_called_by_them_alone(cache: Path) -> None:
    part = jit.inline(triple)
    kernel = jit.kernel(jit.scalar(jit.scalar))(lambda x: part(x) + 1.0)
    assert kernel(2.0) == 7.0
    with pytest.raises(TypeError, match="triple is a part of kernels: only they can call it"):
        part(2.0)
