"""The panels of the lab: how each is made, what of a snapshot it draws, and how often while a run plays.

Their widgets bring NumPy along, so they are imported only when one is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.widget import Widget

from nnsim.tui.arrangement import PANELS
from nnsim.tui.snapshot import Snapshot
from nnsim.tui.widgets.bordered import Bordered

ALWAYS, PICTURE, DIGITS, WORDS = 0.0, 0.1, 0.2, 0.25
"""Seconds between two drawings of a playing run: nobody reads digits and words faster."""


@dataclass(frozen=True)
class Panel:
    """A panel: its number on the keyboard, its name, the module and class of its widget, the part of a snapshot that it
    draws, and the least seconds from one drawing of a playing run to the next."""

    id: str
    name: str
    widget: str
    part: Callable[[Snapshot], Any]
    seconds: float = ALWAYS

    @property
    def number(self) -> int:
        return PANELS.index(self.id) + 1

    def parts(self, snapshot: Snapshot) -> tuple[Any, ...]:
        """What its widget is shown: its own part, and for the chart the race, whose runs it draws beside this one."""
        return (self.part(snapshot), snapshot.race) if self.id == "chart" else (self.part(snapshot),)

    def load(self) -> type[Widget]:
        """The class of its widget, imported if need be."""
        module, name = self.widget.split(":")
        kind: type[Widget] = getattr(import_module(f"nnsim.tui.widgets.{module}"), name)
        return kind

    def make(self) -> Widget:
        """A new widget of this panel."""
        widget = self.load()(id=self.id)
        if isinstance(widget, Bordered):
            widget.number = self.number
        widget.border_title = f"{self.number} {widget.BORDER_TITLE or ''}"
        return widget


ALL = {
    panel.id: panel
    for panel in (
        Panel("stage", "the stage", "stage:StageView", lambda snapshot: snapshot.stage),
        Panel("chart", "the loss", "loss_chart:LossChart", lambda snapshot: snapshot.chart, PICTURE),
        Panel("parameters", "the parameters", "parameter_table:ParameterView", lambda snapshot: snapshot.table, DIGITS),
        Panel("narration", "what is happening", "narration:NarrationView", lambda snapshot: snapshot.narration, WORDS),
        Panel("diagram", "the network", "diagram:DiagramView", lambda snapshot: snapshot.diagram, PICTURE),
        Panel("batch", "the batch", "batch_strip:BatchStripView", lambda snapshot: snapshot.batch, DIGITS),
        Panel("readings", "the readings", "readings:ReadingsView", lambda snapshot: snapshot.readings, WORDS),
        Panel("receipt", "the receipt", "receipt:ReceiptView", lambda snapshot: snapshot.receipt, WORDS),
        Panel("race", "the race", "race:RaceView", lambda snapshot: snapshot.race, WORDS),
    )
}


def available(snapshot: Snapshot) -> frozenset[str]:
    """The panels that this run has: a diagram takes a network, a batch several samples, a race rivals."""
    missing = set()
    if not snapshot.has_network:
        missing.add("diagram")
    if snapshot.status.samples == 1:
        missing.add("batch")
    if snapshot.race is None:
        missing.add("race")
    return frozenset(ALL) - missing


def most_rows(snapshot: Snapshot) -> dict[str, int]:
    """The rows that a panel has a use for, where they are few."""
    return {"parameters": len(snapshot.table.names) + (4 if snapshot.has_network else 3)}
