"""scikit-learn: `MLPRegressor.partial_fit`, a call an epoch.

MLPClassifier gives two classes a single output, so for cross entropy the regressor gets a softmax and its loss: the
same code then trains the same network as everywhere else.
"""

from __future__ import annotations

from sklearn.neural_network import MLPRegressor

from benchmarks.works import BETA1, BETA2, EPSILON, Array, Training, flat


class Regressor:
    def __init__(self, work: Training) -> None:
        self.work = work
        # One column of targets goes in as a vector.
        self.targets = work.targets[:, 0] if work.sizes[-1] == 1 else work.targets
        self.model = MLPRegressor(
            hidden_layer_sizes=work.sizes[1:-1],
            alpha=0.0,
            batch_size=work.batch,
            learning_rate_init=work.learning_rate,
            shuffle=False,
            beta_1=BETA1,
            beta_2=BETA2,
            epsilon=EPSILON,
        )
        # The first call makes the arrays; they get the common start, and Adam begins anew.
        self.model.partial_fit(work.inputs[: work.batch], self.targets[: work.batch])
        del self.model._optimizer
        for k, (weights, biases) in enumerate(work.start):
            self.model.coefs_[k][:] = weights
            self.model.intercepts_[k][:] = biases
        if work.loss == "cross_entropy":
            self.model.out_activation_, self.model.loss = "softmax", "log_loss"

    def run(self) -> None:
        for _ in range(self.work.epochs):
            self.model.partial_fit(self.work.inputs, self.targets)

    def result(self) -> Array:
        return flat(list(zip(self.model.coefs_, self.model.intercepts_, strict=True)))


TRAININGS = {"scikit-learn": Regressor}
DESCENTS: dict[str, type] = {}
