"""The next batch on a grid: a heading, a page of samples, and the order of two epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nnsim.tui.numbers import fixed, tight
from nnsim.tui.plain import plain, shortened
from nnsim.tui.snapshot.batch import BatchStrip
from nnsim.tui.widgets.canvas import Grid
from nnsim.tui.widgets.classes import TIE
from nnsim.tui.widgets.dots import Integers

SELECTED, RIGHT, WRONG = "›", "✓", "✗"
# What a cell of an order holds: samples still to come, or done; of this batch; the selected one.
ORDER_GLYPHS = "─━█◆"
BAR = "━"
LEAST_BAR, LONGEST_BAR, LONGEST_LABEL = 4, 40, 16
# The heading and the columns' names above the samples, the two orders below; low grounds do without some.
LEAST_WITH_ORDERS, LEAST_WITH_NAMES = 6, 5
THIS_EPOCH, LAST_EPOCH = "this epoch ", "last epoch "


class Form(NamedTuple):
    """How the columns are set: the width of a number, the gap before a column, and what the first one is called."""

    number: int
    gap: int
    sample: str


GENEROUS, COMPACT = Form(9, 2, "sample"), Form(7, 1, "#")


@dataclass(frozen=True)
class Sheet:
    """A batch on a ground of `width` x `height` cells."""

    width: int
    height: int
    batch: BatchStrip

    @property
    def top(self) -> int:
        """The row of the first sample."""
        return 2 if self.height >= LEAST_WITH_NAMES else 1

    @property
    def rows(self) -> int:
        """How many samples have a row."""
        return max(self.height - self.top - (2 if self.height >= LEAST_WITH_ORDERS else 0), 1)

    @property
    def first(self) -> int:
        """The place in the batch of the first sample shown: pages stay where they are while one selects in them."""
        return self.batch.selected // self.rows * self.rows

    def place_at(self, row: int) -> int | None:
        """Return the place in the batch of the sample in a row of the ground, or None."""
        place = self.first + row - self.top
        inside = self.top <= row < self.top + self.rows and place < len(self.batch.samples)
        return place if inside else None

    def draw(self, grid: Grid) -> None:
        """Draw everything that has room."""
        self._heading(grid)
        if self.height >= LEAST_WITH_NAMES:
            grid.text(0, 1, self._names(), grid.palette.muted)
        largest = self._largest_loss()
        for row in range(self.rows):
            place = self.first + row
            if place < len(self.batch.samples):
                self._sample(grid, self.top + row, place, largest)
        if self.height >= LEAST_WITH_ORDERS:
            self._orders(grid)

    # --- words ---

    def _heading(self, grid: Grid) -> None:
        """Write which part of the epoch this batch is, that it is the last one, and short, and which page is shown."""
        batch, count, total = self.batch, len(self.batch.samples), len(self.batch.order)
        begin, end = batch.begin + 1, batch.begin + count
        part = f"{begin} to {end} of {total}"
        forms = [f"samples {part} in this epoch", f"{part} in this epoch", part]
        short = end == total and count < batch.size
        if short:
            forms = [f"last batch of the epoch: {count} of {batch.size}", f"last batch: {count} of {batch.size}"]
        elif count == total:
            own = f"all {total} samples, in their own order"
            forms = [f"every update uses {own}", own, f"all {total} samples", f"all {total}"]
        elif end == total:
            forms = [f"last batch of the epoch: {part}", f"last batch: {part}", part]
        page = f"{self.first + 1}-{min(self.first + self.rows, count)} of {count}" if count > self.rows else ""
        room = self.width - (len(page) + 1 if page else 0)
        text = next((form for form in forms if len(form) <= room), forms[-1][: max(room, 0)])
        grid.text(0, 0, text, grid.palette.text, bold=short)
        grid.text(max(self.width - len(page), 0), 0, page, grid.palette.muted)

    @cached_property
    def _form(self) -> Form:
        """The generous form where it has room for the error and the loss."""
        wanted = [name for name in ("error", "loss") if name in self._wanted]
        return GENEROUS if self._room(GENEROUS) >= self._widths(GENEROUS, wanted) else COMPACT

    @property
    def _wanted(self) -> tuple[str, ...]:
        """The columns of numbers, the most telling first."""
        return ("loss",) if self.batch.errors is None else ("loss", "error", "answer")

    def _room(self, form: Form) -> int:
        """Return the cells beside the sample and its label."""
        return self.width - 1 - self._index_width(form) - form.gap - self._label_width(form)

    def _index_width(self, form: Form) -> int:
        return max(len(str(len(self.batch.order) - 1)), len(form.sample))

    def _label_width(self, form: Form) -> int:
        longest = min(max(self.batch.label_width, len(self._label_name)), LONGEST_LABEL)
        return max(min(longest, self.width - 1 - self._index_width(form) - form.gap), 1)

    def _widths(self, form: Form, columns: Sequence[str]) -> int:
        """Return the cells of columns with the gaps before them; an error has its verdict behind it."""
        verdict = len(f" {RIGHT}") if "error" in columns and self.batch.right is not None else 0
        return len(columns) * (form.gap + form.number) + verdict

    @property
    def _label_name(self) -> str:
        return "tilt" if self.batch.errors is None else "target"

    @cached_property
    def _columns(self) -> list[str]:
        """The columns of numbers that have room, in the order in which they stand."""
        form, wanted = self._form, self._wanted
        shown = [name for n, name in enumerate(wanted) if self._widths(form, wanted[: n + 1]) <= self._room(form)]
        return shown[::-1]

    def _names(self) -> str:
        """Return the names of the columns, each above its numbers."""
        form = self._form
        label = f"{self._label_name:>{self._label_width(form)}}"
        names = f" {form.sample:>{self._index_width(form)}}{' ' * form.gap}{label}"
        for column in self._columns:
            names += f"{column:>{form.gap + form.number}}".ljust(self._widths(form, [column]))
        return names

    # --- samples ---

    def _sample(self, grid: Grid, row: int, place: int, largest: float) -> None:
        """Write a sample: which one, its target, the answer, how far that is off, and its own loss with a bar."""
        palette, batch = grid.palette, self.batch
        selected = place == batch.selected
        colour = palette.moves if selected else palette.text
        grid.text(0, row, SELECTED if selected else " ", colour, selected)
        form, label = self._form, plain(batch.labels[place])
        width = self._label_width(form)
        label = shortened(label, width)
        before = f"{batch.samples[place]:>{self._index_width(form)}}{' ' * form.gap}{label:>{width}}"
        grid.text(1, row, before, colour, selected)
        x = 1 + len(before)
        for column in self._columns:
            text, alarm = self._number(column, place)
            grid.text(x + form.gap, row, text, palette.alarm if alarm else colour, selected)
            x += self._widths(form, [column])
        self._bar(grid, row, x + form.gap, place, largest, palette.moves if selected else palette.muted)

    def _number(self, column: str, place: int) -> tuple[str, bool]:
        """Return a number of a sample as text, and whether it is one to be alarmed at."""
        batch, width = self.batch, self._form.number
        write = tight if self._form is COMPACT else fixed
        if column == "loss":
            loss = float(batch.losses[place])
            text = write(loss, width)
            return text.replace("+", " ", 1) if text.lstrip().startswith("+") else text, not np.isfinite(loss)
        if column == "answer" and batch.answers is not None:
            answer = float(batch.answers[place])
            if batch.right is not None and np.isnan(answer):
                return TIE.rjust(width), False
            if batch.classes:
                return plain(batch.classes[max(int(answer), 0)])[:width].rjust(width), False
            return write(answer, width), not np.isfinite(answer)
        assert batch.errors is not None
        error = float(batch.errors[place])
        verdict = "" if batch.right is None else f" {RIGHT if batch.right[place] else WRONG}"
        return write(error, width) + verdict, not np.isfinite(error)

    def _bar(self, grid: Grid, row: int, x: int, place: int, largest: float, colour: int) -> None:
        """Draw a sample's loss as a bar beside the largest of the batch."""
        room, loss = min(self.width - x, LONGEST_BAR), float(self.batch.losses[place])
        if room >= LEAST_BAR and largest > 0 and loss > 0:
            part = min(loss / largest, 1.0)
            grid.text(x, row, BAR * max(round(part * room), 1), colour)

    def _largest_loss(self) -> float:
        losses = self.batch.losses
        return float(losses[np.isfinite(losses)].max(initial=0.0))

    # --- orders ---

    def _orders(self, grid: Grid) -> None:
        """Draw the orders of this epoch and the last from left to right, with the samples of this batch in both."""
        batch = self.batch
        places = np.arange(len(batch.order))
        states = (places < batch.begin).astype(np.int64)
        states[batch.begin : batch.begin + len(batch.samples)] = 2
        states[batch.begin + batch.selected] = 3
        self._order(grid, self.height - 2, THIS_EPOCH, batch.order, states)
        states = 1 + np.isin(batch.last_order, batch.samples).astype(np.int64)
        states[batch.last_order == batch.samples[batch.selected]] = 3
        self._order(grid, self.height - 1, LAST_EPOCH, batch.last_order, states)

    def _order(self, grid: Grid, row: int, name: str, order: Integers, states: Integers) -> None:
        """Draw one order. Few samples have their numbers; of many, several share a cell, which shows the highest state
        among them."""
        palette, count, room = grid.palette, len(order), self.width - len(name)
        grid.text(0, row, name, palette.muted)
        if count == 0:
            grid.text(len(name), row, "none yet", palette.muted)
        elif count * (len(str(count - 1)) + 1) + 1 <= room:
            _draw_numbers(grid, row, len(name), order, states)
        elif room > 0:
            cells = np.arange(room) * count
            shared = np.maximum.reduceat(states, -(-cells // room)) if count >= room else states[cells // room]
            starts = [0, *(np.flatnonzero(np.diff(shared)) + 1).tolist()]
            colours = (palette.muted, palette.muted, palette.coming, palette.moves)
            for start, end in zip(starts, [*starts[1:], room], strict=True):
                state = int(shared[start])
                grid.text(len(name) + start, row, ORDER_GLYPHS[state] * (end - start), colours[state], state == 3)


def _draw_numbers(grid: Grid, row: int, x: int, order: Integers, states: Integers) -> None:
    """Write the numbers of all samples, those of this batch in brackets."""
    palette, digits = grid.palette, len(str(len(order) - 1))
    here = [False, *(states >= 2).tolist(), False]
    colours = (palette.muted, palette.text, palette.coming, palette.moves)
    for place, (sample, state) in enumerate(zip(order.tolist(), states.tolist(), strict=True)):
        before, now, after = here[place : place + 3]
        if now != before:
            grid.text(x, row, "[" if now else "]", palette.coming)
        grid.text(x + 1, row, f"{sample:>{digits}}", colours[state], state == 3)
        x += digits + 1
        if now and not after:
            grid.text(x, row, "]", palette.coming)
