"""A network drawn on a grid: its connections by sign and size, its neurons with what is known of them by now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnsim.tui.numbers import short, tight
from nnsim.tui.plain import plain
from nnsim.tui.snapshot.network import Diagram
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.dots import ACROSS, DOWN, Floats, Integers, Mask, strokes
from nnsim.tui.widgets.fitting import fullest
from nnsim.tui.widgets.network_known import DELTA, Known, about
from nnsim.tui.widgets.network_layout import GLYPH, ROWS_WITH_TARGET, Column, Layout
from nnsim.tui.widgets.palette import Colours

# A neuron is on when its value is known and not 0.
ON, OFF, SELECTED, GRADIENT, FOLD = "●", "○", "◆", "∇", "⋮"
POSITIVE, NEGATIVE = "──", "╌╌"
NO_NUMBER = "·"
# The largest connections between two layers are drawn: so many a column, which keeps the picture readable.
CONNECTIONS_A_COLUMN, LEAST_CONNECTIONS, MOST_CONNECTIONS = 1.25, 10, 40
# From these parts of a layer's largest weight on a connection is drawn in full colour, and thick.
FULL, THICK = 0.3, 0.7
WEAK, DIM = 0.45, 0.75
QUIET = 0.5
# A negative connection is dashed: so many dots out of so many.
DASH, DASH_AND_GAP = 3, 6
# The connections of the selected neuron need so many cells beside their weights.
ROOM_BESIDE_WEIGHT = 4
# The letters by which the beginning of an activation's name is known.
LEAST_BEGIN = 3


@dataclass(frozen=True)
class Drawing:
    """A diagram on its way to a grid; `positive` and `negative` are the colours of the connections."""

    grid: Grid
    diagram: Diagram
    layout: Layout
    positive: int
    negative: int

    @cached_property
    def known(self) -> Known:
        """What the phase has come to."""
        return Known(self.diagram)

    @property
    def light(self) -> int:
        """The colour of what is lit: what moves now on the way forward, what is about to happen on the way back."""
        palette = self.grid.palette
        return palette.coming if self.diagram.phase == "backward" else palette.moves

    def draw(self) -> None:
        """Draw everything, what stands in front last."""
        for layer in range(1, len(self.diagram.layers)):
            self._connections(layer)
        for layer, column in enumerate(self.layout.columns):
            self._title(layer, column)
            for neuron, row in zip(column.neurons, column.rows, strict=True):
                self._neuron(layer, column, neuron, row)
            if column.hidden and column.fold_row not in column.rows:
                self._fold(layer, column)
        self._weights_of_selected()
        self._words()

    # --- connections ---

    def _connections(self, layer: int) -> None:
        """Draw the connections that lead to a layer, the strongest last and so on top."""
        before, after = self.layout.columns[layer - 1 : layer + 1]
        weights = self.diagram.layers[layer].weights
        assert weights is not None
        sources, targets, bright = self._chosen(layer)
        sizes = weights[sources, targets]
        largest = _largest(weights)
        with np.errstate(invalid="ignore", over="ignore"):
            shares = np.abs(sizes) / largest
        order = np.argsort(shares, kind="stable")
        order = order[shares[order] > 0]
        if not bright:
            most = max(int(CONNECTIONS_A_COLUMN * self.layout.gap), LEAST_CONNECTIONS)
            order = order[-min(most, MOST_CONNECTIONS) :]
        sources, targets, sizes, shares = sources[order], targets[order], sizes[order], shares[order]
        from_row, to_row = _row_of(before, sources), _row_of(after, targets)
        columns, rows, line = self._lines(before, after, from_row, to_row, sizes < 0, shares >= THICK)
        self.grid.plot(columns, rows, self._colours(layer, sizes, shares, bright)[line])

    def _chosen(self, layer: int) -> tuple[Integers, Integers, bool]:
        """Return the ends of the connections between neurons in sight, and whether they are those of the selected."""
        before, after = (np.array(column.neurons) for column in self.layout.columns[layer - 1 : layer + 1])
        selected = self.diagram.selected
        bright = selected is not None and layer == max(selected[0], 1)
        if bright and selected is not None:
            before, after = (
                np.array([selected[1]]) if selected[0] == place else neurons
                for place, neurons in ((layer - 1, before), (layer, after))
            )
        sources, targets = (ends.ravel() for ends in np.meshgrid(before, after, indexing="ij"))
        return sources, targets, bright

    def _lines(
        self, before: Column, after: Column, from_row: Integers, to_row: Integers, dashed: Mask, thick: Mask
    ) -> tuple[Integers, Integers, Integers]:
        """Return the dots of straight lines between two columns: their columns and rows, and the line of each."""
        left, right = before.right * ACROSS, after.left * ACROSS
        box = (left, self.layout.top * DOWN, right, self.layout.bottom * DOWN)
        twice = np.flatnonzero(thick)
        lines = np.concatenate([np.arange(from_row.size), twice])
        lower = np.concatenate([np.zeros(from_row.size), np.ones(twice.size)])
        y0, y1 = from_row[lines] * DOWN + 1.5 + lower, to_row[lines] * DOWN + 1.5 + lower
        x0, x1 = np.full(lines.size, left + 0.5), np.full(lines.size, right - 0.5)
        columns, rows, which = strokes(x0, y0, x1, y1, box)
        along = np.arange(which.size) - np.searchsorted(which, which)
        shown = ~dashed[lines[which]] | (along % DASH_AND_GAP < DASH)
        order = np.argsort(lines[which[shown]], kind="stable")
        return columns[shown][order], rows[shown][order], lines[which[shown]][order]

    def _colours(self, layer: int, sizes: Floats, shares: Floats, bright: bool) -> Colours:
        """Return the colour of each connection: by its sign, weaker for a small one, dim where attention is
        elsewhere."""
        palette = self.grid.palette
        elsewhere = not bright and (self.diagram.selected is not None or self.known.lit not in (None, layer))
        parts = (DIM, DIM) if elsewhere else (0.0, 0.0) if bright else (WEAK, 0.0)
        shades = np.array(
            [[palette.blend(sign, palette.ground, part) for part in parts] for sign in (self.positive, self.negative)],
            dtype=np.int32,
        )
        colours: Colours = shades[(sizes < 0).astype(np.int64), (shares >= FULL).astype(np.int64)]
        return colours

    def _weights_of_selected(self) -> None:
        """Write the weights of the selected neuron, or their gradients on the way back, where their lines begin."""
        selected = self.diagram.selected
        width = self.layout.form.number
        if selected is None or not width or self.layout.gap < width + ROOM_BESIDE_WEIGHT:
            return
        layer, neuron = max(selected[0], 1), selected[1]
        shown = self.diagram.layers[layer]
        back = self.diagram.phase == "backward" and self.known.delta(layer)
        numbers = shown.weight_gradients if back else shown.weights
        assert numbers is not None
        before, after = self.layout.columns[layer - 1 : layer + 1]
        incoming = selected[0] > 0
        column = before if incoming else after
        for other, row in zip(column.neurons, column.rows, strict=True):
            number = float(numbers[other, neuron] if incoming else numbers[neuron, other])
            text = f"{GRADIENT if back else '×'}{tight(number, width).strip()}"
            place = before.right + 1 if incoming else after.left - 1 - len(text)
            colour = self.grid.palette.coming if back else self.negative if number < 0 else self.positive
            self.grid.text(place, row, text, colour, bold=True)

    # --- neurons ---

    def _neuron(self, layer: int, column: Column, neuron: int, row: int) -> None:
        """Write a neuron: its glyph, its index, its value, and the delta where there is room for both."""
        grid, form, shown = self.grid, self.layout.form, self.diagram.layers[layer]
        selected = self.diagram.selected == (layer, neuron)
        known = self.known.value(layer)
        colour = self._colour_of(layer)
        glyph = SELECTED if selected else ON if known and shown.values[neuron] != 0 else OFF
        grid.text(column.left, row, glyph, colour, selected)
        if column.index_width:
            grid.text(column.left + GLYPH, row, f"{neuron + 1:<{column.index_width}}", grid.palette.muted, selected)
        if not form.number:
            return
        place = column.left + GLYPH + (column.index_width + 1 if column.index_width else 0)
        delta = None if shown.deltas is None or not self.known.delta(layer) else float(shown.deltas[neuron])
        if delta is not None and self._in_place_of_value(layer):
            self._delta(place - 1, row, delta, layer)
            return
        value = float(shown.values[neuron]) if known else None
        self._number(place, row, value, colour, selected or layer == self.known.lit)
        if delta is not None and form.beside:
            self._delta(place + form.number + 1, row, delta, layer)
        elif delta is not None and self.layout.below(layer):
            self._delta(place - 1, row + 1, delta, layer)
        if layer == len(self.diagram.layers) - 1:
            self._target(column, place, row, neuron)

    def _in_place_of_value(self, layer: int) -> bool:
        """Tell whether a delta that is known has only the place of the value: then it takes it on the way back."""
        return self.diagram.phase == "backward" and not self.layout.form.beside and not self.layout.below(layer)

    def _colour_of(self, layer: int) -> int:
        """Return the colour of a layer's neurons."""
        palette = self.grid.palette
        if layer == self.known.lit:
            return self.light
        return palette.text if self.known.lit is None else palette.muted

    def _number(self, x: int, y: int, value: float | None, colour: int, bold: bool) -> None:
        width = self.layout.form.number
        if value is None:
            self.grid.text(x, y, NO_NUMBER.rjust(width), self.grid.palette.muted)
        else:
            self.grid.text(x, y, tight(value, width), colour if np.isfinite(value) else self.grid.palette.alarm, bold)

    def _delta(self, x: int, y: int, delta: float, layer: int) -> None:
        """Write a delta behind an arrow that points back."""
        palette = self.grid.palette
        lit = layer == self.known.lit
        # Not towards the ground, as lines are: numbers are to be read.
        colour = palette.coming if lit else palette.blend(palette.coming, palette.muted, QUIET)
        self.grid.text(x, y, DELTA, colour, lit)
        self._number(x + GLYPH, y, delta, colour, lit)

    def _target(self, column: Column, x: int, row: int, neuron: int) -> None:
        """Write the target of an output below it, and before it the probability that the loss takes it for."""
        if column.rows_each >= ROWS_WITH_TARGET:
            answers, width, palette = self.diagram.answers, self.layout.form.number, self.grid.palette
            below = row + (2 if self.layout.below(len(self.diagram.layers) - 1) else 1)
            if answers is not None and self.known.loss and column.rows_each > ROWS_WITH_TARGET:
                self.grid.text(x - 1, below, f"p{tight(float(answers[neuron]), width)}", palette.text)
                below += 1
            self.grid.text(x - 1, below, f"t{tight(float(self.diagram.targets[neuron]), width)}", palette.muted)

    def _fold(self, layer: int, column: Column) -> None:
        forms = (f"{FOLD} {column.hidden} more", f"{FOLD} {column.hidden}", FOLD)
        room = column.right - column.left + int(self.layout.gap) - 1
        text = next((form for form in forms if len(form) <= room), FOLD)
        last = layer == len(self.layout.columns) - 1
        start = min(column.left, self.grid.width - len(text)) if last else column.left
        self.grid.text(start, column.fold_row, text, self.grid.palette.muted)

    # --- words ---

    def _title(self, layer: int, column: Column) -> None:
        """Write what a layer is above it, as much as has room."""
        shown, half = self.diagram.layers[layer], self.layout.gap / 2
        low = int(column.left - half) + 1 if layer else 0
        high = int(column.right + half) if layer < len(self.layout.columns) - 1 else self.grid.width
        count, room = str(len(shown.values)), high - low
        begin = shown.title[: max(room - len(count) - 2, LEAST_BEGIN)]
        text = fullest((f"{shown.title} {count}", f"{begin}. {count}", count, ""), room)
        start = column.left + (column.right - column.left - len(text)) // 2
        colour = self.light if layer == self.known.lit else self.grid.palette.muted
        place = min(max(start, low), high - len(text))
        self.grid.text(place, self.layout.title_row, text, colour, layer == self.known.lit)

    def _words(self) -> None:
        """Write the sample and its loss at the top, and the note at the bottom."""
        palette, width, layout = self.grid.palette, self.grid.width, self.layout
        loss = f"loss {short(self.diagram.loss) if self.known.loss else '?':<9}"
        colour = palette.moves if self.diagram.phase == "loss" else palette.text
        sample = plain(self.diagram.sample)
        beside = layout.sample_row is not None and len(sample) + len(loss) + 2 <= width
        if layout.sample_row is not None:
            moves = self.diagram.phase == "sample"
            self.grid.text(0, layout.sample_row, sample, palette.moves if moves else palette.text, moves)
        loss_row = layout.sample_row if beside else layout.note_row
        if loss_row is not None:
            alarm = self.known.loss and not np.isfinite(self.diagram.loss)
            self.grid.text(width - len(loss), loss_row, loss, palette.alarm if alarm else colour)
        if layout.note_row is not None:
            self._note(layout.note_row, width if beside else width - len(loss) - 1)

    def _note(self, row: int, room: int) -> None:
        """Write the numbers of the selected neuron, or what the lines mean."""
        if self.diagram.selected is not None:
            forms = about(self.diagram, *self.diagram.selected)
            self.grid.text(0, row, fullest([*forms, ""], room), self.grid.palette.text)
            return
        parts = (
            (f"{POSITIVE} positive  ", self.positive),
            (f"{NEGATIVE} negative  ", self.negative),
            ("weight, thick: large", self.grid.palette.muted),
        )
        x = 0
        for text, colour in parts:
            if x + len(text.rstrip()) <= room:
                self.grid.text(x, row, text.rstrip(), colour)
            x += len(text)


def _largest(weights: Floats) -> float:
    """Return the size of the largest finite weight, 1 if all are 0."""
    sizes = np.abs(weights)
    return float(sizes[np.isfinite(sizes)].max(initial=0.0)) or 1.0


def _row_of(column: Column, neurons: Integers) -> Integers:
    """Return the row of each neuron, all of which are shown."""
    known = np.array(column.neurons)
    rows: Integers = np.array(column.rows)[np.searchsorted(known, neurons)]
    return rows
