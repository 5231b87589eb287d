"""The samples of the next batch, and the order in which they come, from a scene."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nnsim.core.answers import NONE, answers
from nnsim.core.arrays import Indices, Vector
from nnsim.core.batches import Batches, Place
from nnsim.core.losses import hinge
from nnsim.core.probabilities import probabilities
from nnsim.core.timeline import Timeline
from nnsim.core.trace import Trace
from nnsim.scenarios.experiment import Experiment
from nnsim.tui.numbers import signed
from nnsim.tui.parts.classes import class_names, tells_classes_apart
from nnsim.tui.parts.diagram import place_in_batch
from nnsim.tui.parts.targets import in_words
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.batch import BatchStrip


def batch(scene: Scene) -> BatchStrip | None:
    """The samples of the next batch, each with its own loss; None for a surface that has no samples."""
    timeline, run, trace = scene.timeline, scene.timeline.run, scene.trace
    if timeline.objective.surface is not None and len(timeline.objective.train) == 1:
        return None
    labels, label_width = _labels(scene.experiment)
    said, errors, right = _answers(scene.experiment, trace)
    epoch = run.place.epoch
    return BatchStrip(
        samples=trace.batch,
        labels=tuple(labels[index] for index in trace.batch.tolist()),
        label_width=label_width,
        losses=trace.sample_losses,
        answers=said,
        errors=errors,
        right=right,
        size=run.settings.batch_size,
        order=order_of_epoch(timeline, epoch),
        begin=run.place.sample,
        last_order=order_of_epoch(timeline, epoch - 1) if epoch else np.zeros(0, dtype=np.int64),
        selected=place_in_batch(scene),
        classes=class_names(scene.experiment) if tells_classes_apart(timeline.objective) else (),
    )


@lru_cache(maxsize=2)
def _labels(experiment: Experiment) -> tuple[list[str], int]:
    """What every training sample is to be, in words, and the length of the longest."""
    train = experiment.objective.train
    if experiment.objective.surface is not None:
        words = [", ".join(signed(tilt) for tilt in tilts) for tilts in train.inputs.tolist()]
    else:
        words = [in_words(experiment, target) for target in train.targets]
    return words, max(map(len, words))


def _answers(experiment: Experiment, trace: Trace) -> tuple[Vector | None, Vector | None, np.ndarray | None]:
    """The answer to each sample, how far it is off, and, for classes, whether it is right; each (samples,) or None."""
    objective = trace.objective
    if objective.surface is not None:
        return None, None, None
    rows = np.arange(len(trace.batch))
    outputs = probabilities(objective, trace.outputs)
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges has infinite outputs
        errors = outputs - trace.targets
    if objective.metric == "rmse":
        worst = np.abs(errors).argmax(axis=1)
        return outputs[rows, worst] * experiment.scale, errors[rows, worst] * experiment.scale, None
    said = answers(trace.outputs, objective.one_of_many)
    if objective.one_of_many:
        likeliest, right = trace.outputs.argmax(axis=1), said == trace.targets.argmax(axis=1)
        return np.where(said == NONE, np.nan, said), errors[rows, likeliest], right
    worst = np.abs(errors).argmax(axis=1)
    classes = np.choose(said - NONE, [np.nan, -1.0 if objective.loss is hinge else 0.0, 1.0])
    right = (said == (trace.targets > 0.5)).all(axis=1)
    return classes[rows, worst], errors[rows, worst], right


def order_of_epoch(timeline: Timeline, epoch: int) -> Indices:
    """The order of the samples in the present epoch or one before it, as it was and, with the present settings, will
    be; shape (samples,)."""
    run = timeline.run
    update, place = timeline.start_of_epoch(epoch), Place(epoch, 0)
    changes = [change for change in timeline.changes if change.update <= timeline.update]
    pieces = []
    for number, change in enumerate(changes):
        batches = Batches(run.batches.samples, change.settings.batch_size, change.settings.order, run.seed)
        until = changes[number + 1].update if number + 1 < len(changes) else update + batches.left(place)
        count = min(until - update, batches.left(place))
        if count > 0 and place.epoch == epoch:
            pieces.append(batches.plan(place, count).order)
            update, place = update + count, batches.after(place, count)
    return np.concatenate(pieces)
