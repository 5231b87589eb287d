"""`make bench`: every figure, measured here and now. `python -m benchmarks NAME...` measures some of them.

Each module is measured in a process of its own, so that none is slowed by what another has loaded.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

NAMES = ("machine", "networks", "starts", "formulas", "seeks", "launch", "frames")
README = Path(__file__).parent / "README.md"


def measure(name: str, into_readme: bool) -> None:
    """Print the figures of one module, and put them into its place in the README if asked to."""
    module = importlib.import_module(f"benchmarks.{name}")
    lines = [(module.__doc__ or "").splitlines()[0]]
    print(lines[0], flush=True)
    for line in module.report():
        print(f"  {line}", flush=True)
        lines.append(f"  {line}")
    if into_readme:
        begin, end = f"<!-- {name} -->\n```text\n", "```\n"
        before, _, after = README.read_text(encoding="utf-8").partition(begin)
        README.write_text(before + begin + "\n".join([*lines, end]) + after.partition(end)[2], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument("--markdown", action="store_true", help="put the figures into benchmarks/README.md as well")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"{', '.join(sorted(unknown))}: it can be {', '.join(NAMES)}")
    if len(arguments.names) == 1:
        measure(arguments.names[0], arguments.markdown)
        return
    for name in arguments.names or NAMES:
        flags = ["--markdown"] if arguments.markdown else []
        subprocess.run([sys.executable, "-m", "benchmarks", *flags, name], check=True)


if __name__ == "__main__":
    main()
