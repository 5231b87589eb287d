"""A network's outputs as bars, each beside its target: the stage for any network."""

from __future__ import annotations

import math

import numpy as np

from nnsim.tui.numbers import fixed
from nnsim.tui.snapshot import AnswerStage
from nnsim.tui.widgets.canvas import Canvas, Grid

NUMBER_WIDTH = 9
LABEL_WIDTH = 9
LEAST_BAR = 4
# How far the bars are blended into the ground, so that the mark of the target stands out from them.
BAR_BEHIND = 0.45


class AnswerView(Canvas[AnswerStage]):
    """The stage of a network that no other view fits."""

    def paint(self, grid: Grid, drawn: AnswerStage) -> None:
        """Draw as many samples as fit, one row for each output."""
        muted = grid.palette.muted
        grid.text(0, 0, drawn.set_name, grid.palette.text)
        if drawn.accuracy is not None:
            text = f"accuracy {100 * drawn.accuracy:.1f} %"
            grid.text(grid.width - len(text), 0, text, grid.palette.moves, bold=True)
        headings = ("parameter", "value", "minimum") if drawn.names else ("sample", "output", "target")
        columns = f"{headings[1]:>{NUMBER_WIDTH}} {headings[2]:>{NUMBER_WIDTH}}"
        grid.text(0, 1, headings[0], muted)
        grid.text(grid.width - len(columns), 1, columns, muted)
        samples, outputs = drawn.outputs.shape
        shown = min(samples, max((grid.height - 3) // max(outputs, 1), 1))
        for sample in range(shown):
            _draw_sample(grid, drawn, sample, 2 + sample * outputs)
        if shown < samples:
            grid.text(0, grid.height - 1, f"and {samples - shown} more", muted)


def _draw_sample(grid: Grid, stage: AnswerStage, sample: int, top: int) -> None:
    """Draw the rows of one sample: the outputs are numbered from 1 where there are several."""
    low, high = _range(stage)
    pairs = zip(stage.outputs[sample].tolist(), stage.targets[sample].tolist(), strict=True)
    for index, (output, target) in enumerate(pairs):
        name = f"{sample + 1 if index == 0 else '':>4}"
        name += f" [{index + 1}]" if stage.outputs.shape[1] > 1 else ""
        name = stage.names[index][: LABEL_WIDTH - 1] if stage.names else name
        grid.text(0, top + index, name, grid.palette.muted)
        wanted = "unknown".rjust(NUMBER_WIDTH) if math.isnan(target) else fixed(target, NUMBER_WIDTH)
        numbers = f"{fixed(output, NUMBER_WIDTH)} {wanted}"
        grid.text(grid.width - len(numbers), top + index, numbers, grid.palette.text)
        width = grid.width - LABEL_WIDTH - len(numbers) - 1
        if width >= LEAST_BAR:
            parts = [(value - low) / (high - low) for value in (output, target, 0.0)]
            _draw_bar(grid, top + index, width, *parts)


def _draw_bar(grid: Grid, row: int, width: int, output: float, target: float, zero: float) -> None:
    """Draw a bar from zero to the output, and a stroke at the target; all three are parts of the width."""
    colour = grid.palette.blend(grid.palette.moves, grid.palette.ground, BAR_BEHIND)
    if math.isfinite(output):
        begin, end = sorted((round(zero * width), round(output * width)))
        grid.text(LABEL_WIDTH + begin, row, "━" * (end - begin), colour)
    if math.isfinite(target):
        grid.text(LABEL_WIDTH + min(int(target * width), width - 1), row, "│", grid.palette.text, bold=True)


def _range(stage: AnswerStage) -> tuple[float, float]:
    """Return the range of the bars: 0 to 1 for probabilities, else all that is finite, and 0."""
    values = np.concatenate([stage.outputs.ravel(), stage.targets.ravel()])
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
