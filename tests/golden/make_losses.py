"""Makes losses.json: losses and gradients at extreme logits, computed with 60 digits.

Run it as `python tests/golden/make_losses.py` where mpmath is installed; the tests read only its output.

Every formula avoids the difference of nearly equal numbers, so each result is the true value rounded once. Among the
logits are all those of the two cross-entropies in scikit-learn's own table, `test_loss_on_specific_values` in
sklearn/_loss/tests/test_loss.py.
"""

from pathlib import Path
from typing import Any

from json_file import write
from mpmath import exp, log1p, mp, mpf

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
)


def main() -> None:
    mp.dps = 60
    logits = sorted({sign * size for size in SIZES for sign in (-1, 1)})
    write(
        Path(__file__).with_name("losses.json"),
        {
            "made_with": f"mpmath, {mp.dps} digits",
            "binary_cross_entropy": [_binary(z, target) for z in logits for target in (0, 1)],
            "cross_entropy": [_multinomial(row, k) for row in ROWS for k in range(len(row))],
        },
    )


def _binary(logit: float, target: int) -> dict[str, Any]:
    """Loss log(1 + e^x), gradient +-1/(1 + e^-x), where x is the logit of the wrong answer."""
    sign = -1 if target else 1
    x = sign * mpf(logit)
    return {
        "logit": logit,
        "target": float(target),
        "loss": float(_softplus(x)),
        "gradient": float(sign / (1 + exp(-x))),
    }


def _softplus(x: mpf) -> mpf:
    return x + log1p(exp(-x)) if x > 0 else log1p(exp(x))


def _multinomial(logits: tuple[float, ...], target: int) -> dict[str, Any]:
    """Loss log(sum e^(z - z_target)); gradient p_j, and minus the sum of the others at the target."""
    z = [mpf(logit) for logit in logits]
    powers = [exp(z_j - max(z)) for z_j in z]
    p = [power / sum(powers) for power in powers]
    gradient = [p_j if j != target else -(sum(p[:j]) + sum(p[j + 1 :])) for j, p_j in enumerate(p)]
    others = sum(exp(z_j - z[target]) for j, z_j in enumerate(z) if j != target)
    return {
        "logits": logits,
        "target": target,
        "loss": float(log1p(others)),
        "gradient": [float(g) for g in gradient],
    }


if __name__ == "__main__":
    main()
