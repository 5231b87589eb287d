"""A network's outputs as bars, each beside its target: the stage for any network."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnsim.tui.numbers import fixed
from nnsim.tui.snapshot.stages import AnswerStage
from nnsim.tui.widgets.canvas import Canvas, Grid

NUMBER_WIDTH, PERCENT_WIDTH = 9, 7
SAMPLE_WIDTH, LEAST_LABEL, MOST_LABEL = 7, 10, 20
LEAST_BAR = 4
# How far the bars are blended into the ground, so that the mark of the target stands out from them.
BAR_BEHIND = 0.45
RIGHT, WRONG = "✓", "✗"


class AnswerView(Canvas[AnswerStage]):
    """The stage of a network that no other view fits."""

    def paint(self, grid: Grid, drawn: AnswerStage) -> None:
        """Draw as many samples as fit, one row for each output."""
        grid.text(0, 0, drawn.set_name, grid.palette.text)
        if drawn.accuracy is not None:
            text = f"accuracy {100 * drawn.accuracy:.1f} %"
            grid.text(grid.width - len(text), 0, text, grid.palette.moves, bold=True)
        columns = _columns(drawn)
        _draw_headings(grid, drawn, columns)
        samples, outputs = drawn.outputs.shape
        shown = min(samples, max((grid.height - 3) // max(outputs, 1), 1))
        for sample in range(shown):
            _draw_sample(grid, drawn, columns, sample, 2 + sample * outputs)
        if shown < drawn.whole and 2 + shown * outputs < grid.height:
            grid.text(0, grid.height - 1, f"and {drawn.whole - shown:,} more", grid.palette.muted)


@dataclass(frozen=True)
class Columns:
    """How wide the name of an output and its numbers are, and the range of the bars between them."""

    label: int
    number: int
    percent: bool
    low: float
    high: float

    @property
    def numbers(self) -> int:
        """The width of both numbers together."""
        return 2 * self.number + 1

    def text(self, value: float) -> str:
        """A number at its constant width."""
        if math.isnan(value):
            return "unknown".rjust(self.number)
        return f"{100 * value:.1f} %".rjust(self.number) if self.percent else fixed(value, self.number)


def _columns(stage: AnswerStage) -> Columns:
    low, high = _range(stage)
    percent = bool(stage.classes) and (low, high) == (0.0, 1.0)
    longest = max((len(name) for name in stage.classes), default=0) + SAMPLE_WIDTH + 1
    label = min(max(longest, LEAST_LABEL), MOST_LABEL)
    return Columns(label, PERCENT_WIDTH if percent else NUMBER_WIDTH, percent, low, high)


def _draw_headings(grid: Grid, stage: AnswerStage, columns: Columns) -> None:
    """Say over each column what stands in it."""
    first, output, target = ("parameter", "value", "minimum") if stage.names else ("sample", "output", "target")
    output = "says" if columns.percent else output
    numbers = f"{output:>{columns.number}} {target:>{columns.number}}"
    grid.text(0, 1, first, grid.palette.muted)
    if stage.classes:
        grid.text(SAMPLE_WIDTH, 1, "class", grid.palette.muted)
    grid.text(grid.width - len(numbers), 1, numbers, grid.palette.muted)


def _draw_sample(grid: Grid, stage: AnswerStage, columns: Columns, sample: int, top: int) -> None:
    """Draw the rows of one sample, numbered from 1, with a mark for a right or wrong answer."""
    pairs = zip(stage.outputs[sample].tolist(), stage.targets[sample].tolist(), strict=True)
    for index, (output, target) in enumerate(pairs):
        row = top + index
        grid.text(0, row, _label(stage, columns, sample, index), grid.palette.muted)
        if stage.right is not None and index == 0:
            right = bool(stage.right[sample])
            colour = grid.palette.text if right else grid.palette.moves
            grid.text(0, row, RIGHT if right else WRONG, colour, bold=True)
        numbers = f"{columns.text(output)} {columns.text(target)}"
        grid.text(grid.width - len(numbers), row, numbers, grid.palette.text)
        width = grid.width - columns.label - len(numbers) - 1
        if width >= LEAST_BAR:
            parts = [(value - columns.low) / (columns.high - columns.low) for value in (output, target, 0.0)]
            _draw_bar(grid, columns.label, row, width, *parts)


def _label(stage: AnswerStage, columns: Columns, sample: int, index: int) -> str:
    """The number of the sample in its first row, and the name of the output: its class, or its number from 1 where
    there are several."""
    if stage.names:
        return stage.names[index][: columns.label - 1]
    number = f"{sample if index == 0 else '':>5}"
    if stage.classes:
        return f"{number:<{SAMPLE_WIDTH}}{stage.classes[index]}"[: columns.label - 1]
    return f"{number} [{index + 1}]" if stage.outputs.shape[1] > 1 else number


def _draw_bar(grid: Grid, left: int, row: int, width: int, output: float, target: float, zero: float) -> None:
    """Draw a bar from zero to the output, and a stroke at the target; all three are parts of the width."""
    colour = grid.palette.blend(grid.palette.moves, grid.palette.ground, BAR_BEHIND)
    if math.isfinite(output):
        begin, end = sorted((round(zero * width), round(output * width)))
        grid.text(left + begin, row, "━" * (end - begin), colour)
    if math.isfinite(target):
        grid.text(left + min(int(target * width), width - 1), row, "│", grid.palette.text, bold=True)


def _range(stage: AnswerStage) -> tuple[float, float]:
    """Return the range of the bars: 0 to 1 for probabilities, else all that is finite, and 0."""
    values = np.concatenate([stage.outputs.ravel(), stage.targets.ravel()])
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
