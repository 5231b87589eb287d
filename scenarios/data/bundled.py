"""Bundled data files: NumPy archives that are read only if they are, byte for byte, the ones that were written.

Data ship as files because NumPy does not promise the same random stream, nor the last bit of `exp` or `sin`, from one
version or processor to the next.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def load(file: Path, sha256: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file by name. Raises ValueError when the file has not this sha256."""
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ValueError(f"{file} is damaged: its sha256 is {digest}, not {sha256}.")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def write(file: Path, arrays: dict[str, NDArray[Any]]) -> str:
    """Write arrays to a file and return the sha256 of its bytes."""
    # savez dates every entry 1980; uncompressed, since the bytes of a deflated file depend on zlib's version.
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return hashlib.sha256(file.read_bytes()).hexdigest()
