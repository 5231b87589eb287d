"""The training loop: the one compiled function that makes the updates of a run."""

from __future__ import annotations

from nnsim.core import losses, network, optimizers
from nnsim.core.accuracy import accuracy_inside
from nnsim.core.arrays import Indices, Matrix, Table, Vector
from nnsim.core.clipping import clip_inside
from nnsim.core.jit import flags, indices, inline, integer, kernel, matrix, scalar, table, types, vector
from nnsim.core.penalties import add_penalty_inside

LARGEST = 1.7976931348623157e308


@inline
def all_finite(numbers: Vector) -> bool:
    count = 0
    for i in range(numbers.size):
        count += abs(numbers[i]) <= LARGEST
    return count == numbers.size


@kernel(
    integer(
        types.FunctionType(network.PASS_FORWARD),
        types.FunctionType(losses.SIGNATURE),
        types.FunctionType(network.PASS_BACKWARD),
        types.FunctionType(optimizers.SIGNATURE),
        vector,
        table,
        vector,
        vector,
        matrix,
        matrix,
        indices,
        indices,
        matrix,
        matrix,
        vector,
        matrix,
        matrix,
        vector,
        vector,
        vector,
        matrix,
        vector,
        vector,
        vector,
        vector,
        vector,
        vector,
        integer,
        scalar,
        scalar,
        vector,
        vector,
        integer,
        matrix,
        flags,
    )
)
def advance(  # type: ignore[no-untyped-def]
    forward,
    loss,
    backward,
    update,
    parameters: Vector,
    table: Table,
    constants: Vector,
    loss_settings: Vector,
    all_inputs: Matrix,
    all_targets: Matrix,
    order: Indices,
    starts: Indices,
    inputs: Matrix,
    targets: Matrix,
    work: Vector,
    outputs: Matrix,
    delta: Matrix,
    gradient: Vector,
    last_gradient: Vector,
    previous: Vector,
    state: Matrix,
    settings: Vector,
    rates: Vector,
    weights: Vector,
    penalty: Vector,
    limits: Vector,
    norm: Vector,
    step: int,
    limit: float,
    last_loss: float,
    batch_losses: Vector,
    accuracies: Vector,
    one_of_many: int,
    path: Matrix,
    cancel,
) -> int:
    """The training loop: gather a batch, forward, loss, backward, penalty, clipping, update. Returns the number of
    updates made.

    It returns early when `cancel[0]` is set, before an update whose loss is over `limit` and still rising or whose
    loss or gradient is not finite, and after an update that leaves a parameter not finite.
    """
    for k in range(starts.size - 1):
        if cancel[0]:
            return k
        size = starts[k + 1] - starts[k]
        for i in range(size):
            sample = order[starts[k] + i]
            for j in range(inputs.shape[1]):
                inputs[i, j] = all_inputs[sample, j]
            for j in range(targets.shape[1]):
                targets[i, j] = all_targets[sample, j]
        x, t, y, d = inputs[:size], targets[:size], outputs[:size], delta[:size]
        forward(parameters, table, constants, x, work, y)
        batch_losses[k] = loss(y, t, loss_settings, d)
        if accuracies.size:
            accuracies[k] = accuracy_inside(y, t, one_of_many)
        backward(parameters, table, constants, x, work, y, d, gradient)
        if penalty.size:
            batch_losses[k] += add_penalty_inside(parameters, weights, penalty, gradient)
        if not (batch_losses[k] <= max(limit, last_loss) and all_finite(gradient)):
            return k
        last_loss = batch_losses[k]
        norm[0] = clip_inside(gradient, limits) if limits.size else 0.0
        settings[0] = rates[k]
        for i in range(parameters.size):
            previous[i] = parameters[i]
            last_gradient[i] = gradient[i]
        update(parameters, gradient, state, settings, float(step + k + 1))
        for i in range(path.shape[0] and path.shape[1]):
            path[k, i] = parameters[i]
        if not all_finite(parameters):
            return k + 1
    return starts.size - 1
