"""What a loss takes the outputs of a network for."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit, softmax

from nnsim.core.arrays import Matrix
from nnsim.core.losses import binary_cross_entropy, cross_entropy, cross_entropy_of_sigmoids, log_loss_of_sigmoids
from nnsim.core.objective import Objective


def probabilities(objective: Objective, outputs: Matrix) -> Matrix:
    """The outputs (samples, n_out) as the probabilities that the loss takes them for; other outputs as they are."""
    if objective.loss is cross_entropy:
        return np.asarray(softmax(outputs, axis=1))
    if objective.loss is cross_entropy_of_sigmoids:
        return np.asarray(softmax(log_expit(outputs), axis=1))
    if objective.loss in (binary_cross_entropy, log_loss_of_sigmoids):
        return np.asarray(expit(outputs))
    return outputs
