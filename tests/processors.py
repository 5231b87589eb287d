"""The tests of core and scenarios under the kernels that OpenBLAS has for several processors: `make cpus`.

OpenBLAS picks its kernels by the processor, and they differ in the last bits of a product. So do the runs of networks,
and chaotic ones soon in their first digit. OPENBLAS_CORETYPE makes it pick those of another processor.
"""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nnsim.core  # noqa: F401  tells OpenBLAS before it is loaded to use one thread

# As they are asked for, and as OpenBLAS calls what it runs then: a build with few kernels has one for several.
PROCESSORS = {
    "Prescott": ("Prescott", "Katmai"),
    "Haswell": ("Haswell",),
    "Zen": ("Zen", "Haswell"),
    "SkylakeX": ("SkylakeX",),
}
ROOT = Path(__file__).parent.parent
TESTS = ("tests/core", "tests/scenarios", "scenarios/library")
ASK = "from processors import running; print(running())"


def running() -> str:
    """The processors for which OpenBLAS runs its kernels here, NumPy's and the one of SciPy that Numba's kernels call:
    one name where both are the same, "unknown" where it is not OpenBLAS."""
    return " and ".join(sorted({_kernels_of(package) for package in ("numpy", "scipy")}))


def _kernels_of(package: str) -> str:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    for path in (Path(spec.origin).parents[1] / f"{package}.libs").glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename"):
            if hasattr(library, name):
                ask = getattr(library, name)
                ask.restype = ctypes.c_char_p
                return bytes(ask()).decode()
    return "unknown"


def why_not(asked: str) -> str:
    """Why the tests cannot run as on this processor, in words; "" if they can."""
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=_as_on(asked), cwd=Path(__file__).parent, capture_output=True, text=True
    )
    if done.returncode:
        return "this machine has not all of its instructions"
    got = done.stdout.strip()
    return "" if got in PROCESSORS[asked] else f"OpenBLAS runs the kernels of {got} instead"


def _as_on(asked: str) -> dict[str, str]:
    return {**os.environ, "OPENBLAS_CORETYPE": asked}


def main(options: list[str]) -> int:
    """Run the tests as on each processor, with these options for pytest; 1 if one of them fails or cannot run."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        print(f"make cpus runs the tests as on x86 processors, which {platform.machine()} cannot.", file=sys.stderr)
        return 1
    failed = {}
    for asked in PROCESSORS:
        print(f"\n=== as on {asked} ===", flush=True)
        failed[asked] = why_not(asked)
        if not failed[asked]:
            command = [sys.executable, "-m", "pytest", "-n", "3", "--dist", "worksteal", *options, *TESTS]
            code = subprocess.run(command, env=_as_on(asked), cwd=ROOT).returncode
            failed[asked] = f"pytest ended with {code}" if code else ""
    print("\n" + "\n".join(f"{asked:<9} {why or 'passed'}" for asked, why in failed.items()))
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
