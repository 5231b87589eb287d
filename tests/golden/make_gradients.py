"""Makes gradients.json: losses and gradients of a 3-4-2 network by PyTorch's autograd, in float64.

Run it as `python tests/golden/make_gradients.py` where PyTorch is installed (2.13.0 made the file);
the tests read only its output.

Every hidden activation meets every loss with linear outputs. The two squared errors also meet every
activation in the output layer, which the losses on logits leave linear.
"""

from pathlib import Path
from typing import Any

import torch
from json_file import write
from torch import Tensor
from torch_network import ACTIVATIONS, batch_loss, build, flat_gradient, flat_parameters

SIZES = (3, 4, 2)
SAMPLES = 6
SQUARED = ("squared_error", "half_squared_error")
CURVED = [name for name in ACTIVATIONS if name != "linear"]


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    inputs = torch.randn(SAMPLES, SIZES[0])
    classes = torch.randint(0, SIZES[-1], (SAMPLES,))
    values = torch.randn(SAMPLES, SIZES[-1])
    targets = {
        "squared_error": values,
        "half_squared_error": values,
        "binary_cross_entropy": torch.randint(0, 2, (SAMPLES, SIZES[-1])).to(torch.float64),
        "cross_entropy": torch.nn.functional.one_hot(classes).to(torch.float64),
    }
    start = build(SIZES, ("linear", "linear")).state_dict()

    wanted = [((name, "linear"), loss) for name in ACTIVATIONS for loss in targets]
    wanted += [(("tanh", name), loss) for name in CURVED for loss in SQUARED]
    write(
        Path(__file__).with_name("gradients.json"),
        {
            "made_with": f"PyTorch {torch.__version__}, float64",
            "sizes": SIZES,
            "parameters": flat_parameters(_network(("linear", "linear"), start)),
            "inputs": inputs.tolist(),
            "targets": {loss: t.tolist() for loss, t in targets.items()},
            "cases": [_case(names, loss, start, inputs, targets[loss]) for names, loss in wanted],
        },
    )


def _network(activations: tuple[str, ...], start: dict[str, Tensor]) -> torch.nn.Sequential:
    network = build(SIZES, activations)
    network.load_state_dict(start)
    return network


def _case(
    activations: tuple[str, ...], loss: str, start: dict[str, Tensor], inputs: Tensor, targets: Tensor
) -> dict[str, Any]:
    network = _network(activations, start)
    value = batch_loss(loss, network(inputs), targets)
    value.backward()
    return {
        "activations": activations,
        "loss": loss,
        "value": value.item(),
        "gradient": flat_gradient(network),
    }


if __name__ == "__main__":
    main()
