"""Makes sklearn.json: whole trainings by scikit-learn's MLPRegressor and MLPClassifier, 200 updates each.

Run it as `python tests/golden/make_sklearn.py` where scikit-learn is installed (1.9.1 made the file);
the tests read only its output.

23 samples in batches of 5, in their own order, the last batch of 3: five updates an epoch, 40 epochs. Each
training starts from the parameters that scikit-learn has after one epoch of its own, and again from the same ones for
each number of epochs that is kept: a fit with warm_start keeps the parameters and starts with a fresh optimizer.

scikit-learn adds Adam's epsilon to sqrt(v) before the bias of v is corrected, PyTorch after; at 1e-30 neither adds
anything to a gradient that is not 0.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from json_file import write
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

SAMPLES = 23
BATCH = 5
EPOCHS = (1, 10, 40)

PLAIN = {"rule": "sgd", "momentum": 0.0, "nesterov": False, "learning_rate": 0.1}
MOMENTUM = {"rule": "sgd", "momentum": 0.9, "nesterov": False, "learning_rate": 0.02}
NESTEROV = {"rule": "sgd", "momentum": 0.9, "nesterov": True, "learning_rate": 0.02}
ADAM = {"rule": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-30, "learning_rate": 0.01}
OTHER_ADAM = {"rule": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-30, "learning_rate": 0.01}
RULES = (PLAIN, MOMENTUM, NESTEROV, ADAM, OTHER_ADAM)

REGRESSOR = (3, 6, 4, 1)
CLASSIFIER = (4, 8, 3)
ACTIVATIONS = ("relu", "tanh", "logistic")


def main() -> None:
    rng = np.random.default_rng(0)
    problems = {
        "regressor": (REGRESSOR, rng.standard_normal((SAMPLES, 3)), rng.standard_normal(SAMPLES)),
        "classifier": (CLASSIFIER, rng.standard_normal((SAMPLES, 4)), rng.integers(0, 3, SAMPLES)),
    }
    write(
        Path(__file__).with_name("sklearn.json"),
        {
            "made_with": f"scikit-learn {sklearn.__version__}, float64",
            "batch_size": BATCH,
            "epochs": EPOCHS,
            "problems": {
                name: {
                    "sizes": sizes,
                    "inputs": inputs.tolist(),
                    "targets": targets.tolist(),
                    "runs": [_run(name, sizes, inputs, targets, a, rule) for a in ACTIVATIONS for rule in RULES],
                }
                for name, (sizes, inputs, targets) in problems.items()
            },
        },
    )


def _run(
    name: str,
    sizes: tuple[int, ...],
    inputs: NDArray[np.float64],
    targets: NDArray[Any],
    activation: str,
    rule: dict[str, Any],
) -> dict[str, Any]:
    warnings.simplefilter("ignore", ConvergenceWarning)
    model = _model(name, sizes, activation, rule).fit(inputs, targets)
    start = [array.copy() for array in (*model.coefs_, *model.intercepts_)]
    kept = [_flat(model)]
    for epochs in EPOCHS:
        model.coefs_ = [array.copy() for array in start[: len(model.coefs_)]]
        model.intercepts_ = [array.copy() for array in start[len(model.coefs_) :]]
        model.set_params(max_iter=epochs).fit(inputs, targets)
        kept.append(_flat(model))
    return {
        "activation": activation,
        "optimizer": rule,
        "parameters": kept,
        "epoch_losses": model.loss_curve_[-EPOCHS[-1] :],
    }


def _model(name: str, sizes: tuple[int, ...], activation: str, rule: dict[str, Any]) -> Any:
    """A model that has had one epoch of training, so that it has parameters; a later fit goes on from those it has."""
    if rule["rule"] == "sgd":
        solver = {"momentum": rule["momentum"], "nesterovs_momentum": rule["nesterov"]}
    else:
        solver = {"beta_1": rule["beta1"], "beta_2": rule["beta2"], "epsilon": rule["epsilon"]}
    kind = MLPRegressor if name == "regressor" else MLPClassifier
    return kind(
        hidden_layer_sizes=sizes[1:-1],
        activation=activation,
        solver=rule["rule"],
        learning_rate_init=rule["learning_rate"],
        alpha=0.0,
        batch_size=BATCH,
        shuffle=False,
        max_iter=1,
        n_iter_no_change=1000,
        random_state=0,
        warm_start=True,
        **solver,
    )


def _flat(model: Any) -> list[float]:
    """Layer by layer W (n_in, n_out) row by row, then b."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return np.concatenate([array.ravel() for pair in pairs for array in pair]).tolist()


if __name__ == "__main__":
    main()
