"""The next update of one parameter, written out: from the loss of a sample to the new value, and a check of it."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np

from nnsim.core.arrays import Vector
from nnsim.core.central_difference import CentralDifference, central_difference, verdict
from nnsim.core.clipping import NORM_GUARD, clip
from nnsim.core.objective import NO_PENALTY, Objective
from nnsim.core.optimizers.account import Account
from nnsim.core.trace import Trace, trace
from nnsim.core.training import Run
from nnsim.core.written import Written, digits, larger, smaller, written
from nnsim.tui.parts.chain_rule import Section, chain, line, place_of
from nnsim.tui.scene import Scene
from nnsim.tui.snapshot.receipt import Receipt, ReceiptLine

FEW_SAMPLES = 8  # a batch of up to so many is written out
NAMED_SAMPLES = 5  # of a larger one, so many samples are named, and the selected one


class Share(NamedTuple):
    """What one sample says of the gradient: its row in the batch, and the gradient of its own loss."""

    row: int
    gradient: Written


def receipt(scene: Scene) -> Receipt | None:
    """The receipt of the next update of the selected parameter; None where the run cannot go on."""
    if scene.timeline.stopped is not None:
        return None
    run, passed = scene.timeline.run, scene.trace
    index = min(scene.attention.parameter, passed.parameters.size - 1)
    row = min(scene.attention.sample, len(passed.batch) - 1)
    with np.errstate(all="ignore"):
        slopes, data = _data_gradient(passed), _of_surface if passed.objective.surface else _of_network
        sections = data(passed, index, row, float(slopes[index]))
        sections += _penalty(passed, index, float(slopes[index]))
        clipped, clipping = _clipping(run, passed.gradient, index)
        account = run.settings.optimizer.account(
            clipped, float(run.parameters[index]), tuple(run.state[:, index].tolist()), run.next_rate, run.step + 1
        )
        sections += clipping + _rate(run) + _update(run, account, index)
        difference = central_difference(passed.objective, passed.parameters, passed.batch, index)
    gradient = float(passed.gradient[index])
    return Receipt(
        parameter=passed.objective.names[index],
        update=run.update + 1,
        old=float(run.parameters[index]),
        new=account.parameter,
        sections=(*sections, _check(gradient, difference)),
        gradient=gradient,
        numeric=difference.slope,
        relative_error=difference.error(gradient),
        verdict=verdict(gradient, difference),
    )


def _data_gradient(passed: Trace) -> Vector:
    """The gradient of the loss alone, without the penalty."""
    if not passed.objective.penalty:
        return passed.gradient
    return trace(replace(passed.objective, penalty=NO_PENALTY), passed.parameters, passed.batch).gradient


# --- the gradient of the batch ---


def _of_network(passed: Trace, index: int, row: int, slope: float) -> list[Section]:
    """The chain rule for one sample, and the mean over the batch, which is `slope`."""
    network = passed.objective.network
    assert network is not None
    place, layer = place_of(network, index), passed.layers[place_of(network, index).layer]
    # Only to find the samples that count: those that are named are worked out as the selected one is.
    weighed = np.ones(len(passed.batch)) if place.input is None else layer.inputs[:, place.input]
    rough = len(passed.batch) * layer.delta[:, place.neuron] * weighed
    own = chain(passed, row, place)
    rows = _named_rows(rough, row)
    shares = [Share(each, own.gradient if each == row else chain(passed, each, place).gradient) for each in rows]
    label = f"sample {passed.batch[row]}"
    first, *others = own.sections
    sections = [
        (f"{label}: {first[0]}", first[1]),
        *others,
        (f"{label}: its gradient", (line(f"dL/d{passed.objective.names[index]}", own.gradient),)),
    ]
    return [*sections, *_mean(passed, shares, rough, slope)]


def _of_surface(passed: Trace, index: int, row: int, slope: float) -> list[Section]:
    """The slope of the surface, and, where samples tilt it, the mean over the tilts of the batch, which is `slope`."""
    objective, name = passed.objective, passed.objective.names[index]
    surface = objective.surface
    assert surface is not None
    own, here = _surface_slope(objective, passed.parameters, index), passed.parameters[index]
    lines = (
        ReceiptLine("L", surface.formula.partition(" = ")[2]),
        ReceiptLine("slope", f"at {name} = {digits(here)}", "", digits(own)),
    )
    sections: list[Section] = [(f"dL/d{name} of the surface", lines)]
    tilts = passed.inputs[:, index]
    if len(objective.train) == 1 and own == slope:
        return sections
    flat = written("slope", own)
    rough = own + tilts
    shares = [Share(each, flat + written("tilt", float(tilts[each]))) for each in _named_rows(rough, row)]
    return [*sections, *_mean(passed, shares, rough, slope)]


def _surface_slope(objective: Objective, parameters: Vector, index: int) -> float:
    """The slope of a surface without any tilt."""
    space = objective.workspace(1)
    level = np.zeros((1, parameters.size))
    objective.forward(parameters, space.table, objective.constants, level, space.work, space.outputs)
    return float(space.work[1 + index])


def _named_rows(rough: Vector, row: int) -> list[int]:
    """The rows of the batch whose share is written out: all of a few, else the largest and the selected one."""
    if rough.size <= FEW_SAMPLES:
        return list(range(rough.size))
    largest = np.argsort(-np.abs(np.nan_to_num(rough)), kind="stable")[:NAMED_SAMPLES]
    return sorted({row, *largest.tolist()})


def _mean(passed: Trace, shares: list[Share], rough: Vector, slope: float) -> list[Section]:
    """The mean over a batch of the gradients of its samples, and how the kernel's, `slope`, comes out of it."""
    count = len(passed.batch)
    lines = [replace(line(f"sample {passed.batch[row]}", gradient), formula="") for row, gradient in shares]
    terms = [written(name.name, share.gradient.value) for name, share in zip(lines, shares, strict=True)]
    others = np.delete(rough, [share.row for share in shares])
    if others.size:
        terms.append(written(f"{others.size} more", float(others.sum())))
        lines.append(ReceiptLine(terms[-1].symbols, "of the batch together", "", digits(terms[-1].value)))
    total = reduce(add, terms)
    mean = written("sum", total.value) / written("samples", float(count))
    rounding = _rounding(mean.value, slope)
    if count > 1:
        lines += [line("sum", replace(total, symbols=f"of {count} samples")), line("mean" if rounding else "g", mean)]
    if count == 1 and not rounding:
        return []
    return [(f"the mean over the batch of {count}", tuple(lines + rounding))]


def _rounding(mean: float, slope: float) -> list[ReceiptLine]:
    """What the order of the additions has changed in the last digits: training adds in blocks, in its own order."""
    if mean == slope or not np.isfinite(slope - mean):
        return []
    rounding = written("rounding", slope - mean)
    return [
        ReceiptLine("rounding of the sum", "as training adds in another order", "", digits(rounding.value)),
        line("g", replace(written("mean", mean) + rounding, value=slope)),
    ]


# --- from the gradient of the batch to that of the update ---


def _penalty(passed: Trace, index: int, slope: float) -> list[Section]:
    """The penalty on a weight, added as the kernel adds it."""
    objective = passed.objective
    penalty, w = objective.penalty, written("w", float(passed.parameters[index]))
    if not penalty:
        return []
    if objective.weights[index] == 0.0:
        return [("the penalty", (ReceiptLine("g", "unchanged: biases are not penalised", "", digits(slope)),))]
    g, lines = written("g", slope), []
    if penalty.l2:
        lines.append(line("g", g + 2.0 * written("l2", penalty.l2) * w))
        g = written("g", g.value + 2.0 * penalty.l2 * w.value)
    if penalty.l1 and w.value:
        l1 = written("l1", penalty.l1)
        lines.append(line("g", g + l1 if w.value > 0.0 else g - l1))
    return [(f"the penalty on {objective.names[index]}", tuple(lines))]


def _clipping(run: Run, gradient: Vector, index: int) -> tuple[float, list[Section]]:
    """The gradient after clipping, and how it comes about."""
    clipping, g, lines = run.settings.clipping, written("g", float(gradient[index])), []
    if not clipping:
        return g.value, []
    if clipping.norm is not None:
        norm = written("norm", clip(gradient.copy(), clipping.vector))
        scale = written("limit", clipping.norm) / (norm + NORM_GUARD)
        lines.append(ReceiptLine("norm", f"of all {gradient.size:,} gradients", "", digits(norm.value)))
        lines.append(line("scale", scale))
        shrunk = g * written("scale", scale.value)
        if scale.value < 1.0:
            lines.append(line("g", shrunk))
            g = written("g", shrunk.value)
        else:
            lines.append(ReceiptLine("g", "unchanged: the scale is not below 1", "", digits(g.value)))
    if clipping.value is not None:
        limit = clipping.value
        kept = larger(written("-limit", -limit), smaller(written("limit", limit), g))
        lines.append(line("g", kept))
        g = written("g", kept.value)
    return g.value, [("clipping", tuple(lines))]


def _rate(run: Run) -> list[Section]:
    """The learning rate that a schedule makes of the optimizer's own."""
    schedule, base = run.settings.schedule, run.settings.optimizer.learning_rate
    if schedule is None:
        return []
    words = f"{schedule.label} {schedule.unit}s, from {digits(base)}"
    return [("the schedule", (ReceiptLine("lr", words, "", digits(run.next_rate)),))]


# --- the update ---


def _update(run: Run, account: Account, index: int) -> list[Section]:
    """What the optimizer keeps, each step of its formula, and the new value."""
    optimizer = run.settings.optimizer
    kept = zip(optimizer.slots, run.state[:, index].tolist(), strict=True)
    lines = [ReceiptLine(f"{slot} before", "", "", digits(number)) for slot, number in kept]
    entries = [ReceiptLine(*entry[:3], digits(entry.value)) for entry in account.entries]
    name = run.objective.names[index]
    title = f"{optimizer.label}, update {run.step + 1}"
    steps = [(title, (*lines, *entries[:-1]))] if len(lines) + len(entries) > 1 else []
    return [*steps, (f"the new {name}: p is the old, lr the rate", (replace(entries[-1], name=name),))]


def _check(gradient: float, difference: CentralDifference) -> Section:
    """The gradient by central differences beside the one of the chain rule."""
    lines = (
        ReceiptLine("L above", f"at {digits(difference.high)}", "", digits(difference.loss_high)),
        ReceiptLine("L below", f"at {digits(difference.low)}", "", digits(difference.loss_low)),
        line(
            "numeric g",
            (written("L above", difference.loss_high) - written("L below", difference.loss_low))
            / (written("above", difference.high) - written("below", difference.low)),
        ),
        ReceiptLine("exact g", "", "", digits(gradient)),
        ReceiptLine("relative error", "", "", f"{difference.error(gradient):.1e}"),
    )
    return "checked by central differences", lines
