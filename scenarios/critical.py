"""What the curvature where a run stands says of its learning rate."""

from __future__ import annotations

import numpy as np

from nnsim.core.curvature import critical_rate, sharpness
from nnsim.core.timeline import Timeline
from nnsim.scenarios.experiment import Experiment


def critical_rate_here(timeline: Timeline) -> float | None:
    """The critical learning rate where a run stands, for up to 16 parameters, else None. It is told of gradient descent
    alone: what others divide by follows the gradients, and lets no run fly apart for long."""
    optimizer = timeline.run.settings.optimizer
    curvature = None if optimizer.divides or optimizer.reach is None else curvature_here(timeline)
    return None if curvature is None else critical_rate(curvature, optimizer)


def flies_apart(experiment: Experiment, timeline: Timeline) -> bool:
    """Whether steps above the critical rate are known to grow, and those below it to shrink: in a bowl that curves the
    same everywhere, where nothing clips the gradient."""
    return experiment.is_bowl and not timeline.run.settings.clipping


def curvature_here(timeline: Timeline) -> float | None:
    """The largest curvature of the loss where a run stands, for up to 16 parameters, else None."""
    if timeline.path is None or not np.isfinite(timeline.run.parameters).all():
        return None
    curvature = sharpness(timeline.objective, timeline.run.parameters)
    return None if np.isnan(curvature) else curvature
