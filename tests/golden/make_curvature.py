"""Makes curvature.json: exact Hessians by PyTorch's double backpropagation in float64.

Run it as `python tests/golden/make_curvature.py` where PyTorch is installed (2.13.0 made the file);
the tests read only its output.

Small networks at random parameters, each with a vector v, H v and the largest eigenvalue of H; and the network on
which Cohen et al. 2021 show the edge of stability: the Chebyshev polynomial of degree 4 at 20 points, 1-20-20-1, tanh,
Glorot-uniform weights drawn by NumPy's PCG64(0) layer by layer, biases 0.
"""

from collections.abc import Callable
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
from json_file import write
from torch import Tensor
from torch_network import batch_loss

SAMPLES = 12
SIZES = (3, 6, 5, 2)
CASES = [
    (hidden, output, loss)
    for hidden in ("tanh", "sigmoid", "relu")
    for output, loss in (
        ("linear", "squared_error"),
        ("sigmoid", "half_squared_error"),
        ("linear", "binary_cross_entropy"),
        ("linear", "cross_entropy"),
    )
]
EDGE_SIZES = (1, 20, 20, 1)
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    rng = np.random.default_rng(0)
    size = sum((n_in + 1) * n_out for n_in, n_out in pairwise(SIZES))
    inputs = rng.standard_normal((SAMPLES, SIZES[0]))
    values = rng.standard_normal((SAMPLES, SIZES[-1]))
    targets = {
        "squared_error": values,
        "half_squared_error": values,
        "binary_cross_entropy": rng.integers(0, 2, (SAMPLES, SIZES[-1])).astype(float),
        "cross_entropy": np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], SAMPLES)],
    }
    parameters, vector = rng.uniform(-1.0, 1.0, size), rng.standard_normal(size)
    write(
        Path(__file__).with_name("curvature.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64",
            "sizes": SIZES,
            "inputs": inputs.tolist(),
            "targets": {loss: rows.tolist() for loss, rows in targets.items()},
            "parameters": parameters.tolist(),
            "vector": vector.tolist(),
            "cases": [
                {
                    "activations": (hidden, hidden, output),
                    "loss": loss,
                    **_curvature(SIZES, (hidden, hidden, output), loss, inputs, targets[loss], parameters, vector),
                }
                for hidden, output, loss in CASES
            ],
            "edge": _edge(),
        },
    )


def _edge() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    pieces = []
    for n_in, n_out in pairwise(EDGE_SIZES):
        limit = sqrt(6.0 / (n_in + n_out))
        pieces += [rng.uniform(-limit, limit, n_in * n_out), np.zeros(n_out)]
    parameters = np.concatenate(pieces)
    inputs = np.linspace(-1.0, 1.0, 20)[:, None]
    targets = np.polynomial.chebyshev.chebval(inputs, [0, 0, 0, 0, 1])
    vector = rng.standard_normal(len(parameters))
    names = ("tanh", "tanh", "linear")
    curvature = _curvature(EDGE_SIZES, names, "half_squared_error", inputs, targets, parameters, vector)
    return {"vector": vector.tolist(), **curvature}


def _curvature(
    sizes: tuple[int, ...], activations: tuple[str, ...], loss: str, inputs: Any, targets: Any, parameters: Any, v: Any
) -> dict[str, Any]:
    def objective(flat: Tensor) -> Tensor:
        return batch_loss(loss, _outputs(sizes, activations, flat, torch.tensor(inputs)), torch.tensor(targets))

    hessian = torch.autograd.functional.hessian(objective, torch.tensor(parameters))
    return {
        "product": (hessian @ torch.tensor(v)).tolist(),
        "sharpness": torch.linalg.eigvalsh(hessian)[-1].item(),
    }


def _outputs(sizes: tuple[int, ...], activations: tuple[str, ...], flat: Tensor, a: Tensor) -> Tensor:
    """The network on one flat vector: for each layer W (n_in, n_out) row by row, then b."""
    start = 0
    for (n_in, n_out), name in zip(pairwise(sizes), activations, strict=True):
        weights, end = flat[start : start + n_in * n_out].reshape(n_in, n_out), start + n_in * n_out
        a = ACTIVATIONS[name](a @ weights + flat[end : end + n_out])
        start = end + n_out
    return a


if __name__ == "__main__":
    main()
