"""Makes losses.json: losses and gradients at extreme logits, computed with 1000 digits.

Run it as `python tests/golden/make_losses.py` where mpmath is installed; the tests read only its output.

With so many digits the formulas of the textbook are good enough, so that each result is the true value rounded once.
Among the logits are all those of the two cross-entropies in scikit-learn's own table, `test_loss_on_specific_values` in
sklearn/_loss/tests/test_loss.py. The soft targets are none that the probabilities come near to by chance: there a slope
has no more digits than its terms leave it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from json_file import write
from mpmath import exp, fsum, log1p, mp, mpf

DIGITS = 1000
SIZES = (0.0, 7e-7, 1.0, 36.9, 37.0, 37.5, 232.8, 232.9, 709.0, 710.0, 746.0, 1e3, 1e20)
ROWS = (
    (0.2, 0.5, 0.3),
    (1e4, 0.0, 7e-7),
    (0.0, 0.0, 0.0),
    (1.0, 2.0, 3.0),
    (37.0, 0.0, -37.0),
    (710.0, 709.0, 0.0),
    (-1e3, -1e3, -1001.0),
    (1e20, 0.0, -1e20),
    (40.0, 0.0),
    (-1e3, 1e3),
    (-40.0, -80.0),
    (1e-3, -1e-3),
    (700.0, 40.0),
    (36.9, -1e-3, 100.0, -100.0, 1e3, -1e3, 0.5, 999.0, 40.0, -7.0),
    (-1e3, -700.0, -40.0, -1.0, -1e-3, 1e-3, 1.0, 40.0, 30.0, 12.0),
    (3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, -50.0),
)
SOFT = {
    2: ((0.5, 0.5), (0.75, 0.25)),
    3: ((0.4, 0.4, 0.2), (0.5, 0.0, 0.5), (0.7, 0.2, 0.1)),
    10: ((0.1,) * 10, (0.0, 0.25, 0.0, 0.0, 0.5, 0.0, 0.125, 0.0, 0.0, 0.125)),
}


def main() -> None:
    mp.dps = DIGITS
    logits = sorted({sign * size for size in SIZES for sign in (-1, 1)})
    of_classes = [(row, target) for row in ROWS for target in _targets(len(row))]
    write(
        Path(__file__).with_name("losses.json"),
        {
            "made_with": f"mpmath, {mp.dps} digits",
            "binary_cross_entropy": [_binary(z, target) for z in logits for target in (0.0, 1.0, 0.25)],
            **{name: [_case(loss, *case) for case in of_classes] for name, loss in OF_CLASSES.items()},
        },
    )


def _targets(width: int) -> list[tuple[float, ...]]:
    """One-hot targets, of ten classes at some places, and soft ones."""
    places = range(width) if width < 10 else (0, 4, 5, 9)
    return [*(tuple(float(k == place) for k in range(width)) for place in places), *SOFT[width]]


def _binary(logit: float, target: float) -> dict[str, Any]:
    """Loss (1 - t) log(1 + e^z) + t log(1 + e^-z), gradient sigmoid(z) - t."""
    z, t = mpf(logit), mpf(target)
    loss, gradient = (1 - t) * _softplus(z) + t * _softplus(-z), (1 - t) / (1 + exp(-z)) - t / (1 + exp(z))
    return {"logit": logit, "target": target, "loss": float(loss), "gradient": float(gradient)}


def _softplus(x: mpf) -> mpf:
    return x + log1p(exp(-x)) if x > 0 else log1p(exp(x))


def _cross_entropy(z: list[mpf], t: list[mpf]) -> tuple[mpf, list[mpf]]:
    """Loss sum t_k log(sum_j e^(z_j - z_k)), gradient p sum t - t."""
    losses = [log1p(fsum(exp(other - own) for j, other in enumerate(z) if j != k)) for k, own in enumerate(z)]
    others = [fsum(exp(other - own) for other in z) for own in z]
    return fsum(a * b for a, b in zip(t, losses, strict=True)), [
        fsum(t) / s - t_k for s, t_k in zip(others, t, strict=True)
    ]


def _of_sigmoids(z: list[mpf], t: list[mpf]) -> tuple[mpf, list[mpf]]:
    """The same of log(sigmoid(z)), whose derivative is 1 - s."""
    loss, gradient = _cross_entropy([-_softplus(-each) for each in z], t)
    return loss, [g / (1 + exp(each)) for g, each in zip(gradient, z, strict=True)]


def _log_loss(z: list[mpf], t: list[mpf]) -> tuple[mpf, list[mpf]]:
    """Loss -sum t_k log(s_k), gradient -t (1 - s)."""
    loss = fsum(t_k * _softplus(-each) for t_k, each in zip(t, z, strict=True))
    return loss, [-t_k / (1 + exp(each)) for t_k, each in zip(t, z, strict=True)]


OF_CLASSES: dict[str, Callable[[list[mpf], list[mpf]], tuple[mpf, list[mpf]]]] = {
    "cross_entropy": _cross_entropy,
    "cross_entropy_of_sigmoids": _of_sigmoids,
    "log_loss_of_sigmoids": _log_loss,
}


def _case(
    loss: Callable[[list[mpf], list[mpf]], tuple[mpf, list[mpf]]], logits: Sequence[float], targets: Sequence[float]
) -> dict[str, Any]:
    value, gradient = loss([mpf(z) for z in logits], [mpf(t) for t in targets])
    return {"logits": logits, "targets": targets, "loss": float(value), "gradient": [float(g) for g in gradient]}


if __name__ == "__main__":
    main()
