"""What `nnsim run` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnsim.scenarios.published import ends, of_timeline

if TYPE_CHECKING:
    from nnsim.core.timeline import Timeline
    from nnsim.scenarios.schema import Published

MOST_PARAMETERS = 16


def run_as_text(report: dict[str, Any]) -> str:
    """A run in a few lines."""
    lines = [f"{report['scenario']}: {report['updates']} updates, {report['epochs']} epochs, seed {report['seed']}"]
    for name, loss in report["loss"].items():
        if loss is not None:
            lines.append(f"{name + ' loss':<14} {loss!r}")
    measured = report["metrics"] | report["baselines"]
    lines += [f"{name.replace('_', ' '):<14} {value!r}" for name, value in measured.items()]
    parameters = report["parameters"]
    if len(parameters) <= MOST_PARAMETERS:
        lines += [f"{name:<14} {value!r}" for name, value in parameters.items()]
    else:
        lines.append(f"{len(parameters)} parameters; --format json prints them")
    return "\n".join(lines)


def epochs_as_text(timeline: Timeline, published: Published) -> str:
    """A line an epoch as Keras prints it while it trains, and beside it what was published."""
    count = len(published.losses)
    table, at = of_timeline(timeline, count), ends(timeline, count)
    seconds = np.diff(timeline.clock.seconds_at(at))
    lines = [
        f"Epoch {epoch:>2}/{count}  {took:.3f} s  loss {loss:.4f}  accuracy {accuracy:.4f}   "
        f"published {published.losses[epoch - 1]:.4f} {published.accuracies[epoch - 1]:.4f}"
        for epoch, (took, loss, accuracy) in enumerate(zip(seconds, *table, strict=True), 1)
    ]
    return "\n".join(lines)
