"""A run of the core beside the one on the screen: the same keys, answered by hand, one update at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from driving import Driven, experiment_of
from panels import lines_of

from nnsim.core.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)
from nnsim.core.training import Settings
from nnsim.scenarios.ladder import on_ladder
from nnsim.scenarios.narration import tell
from nnsim.tui.numbers import fixed
from nnsim.tui.parts.chart import BRANCHES

# What the lab offers, in its order.
OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": SGD(1.0),
    "SGD momentum 0.9": SGD(1.0, momentum=0.9),
    "Nesterov 0.9": SGD(1.0, momentum=0.9, nesterov=True),
    "Adagrad": Adagrad(),
    "RMSprop": RMSprop(),
    "RMSprop centered": RMSprop(centered=True),
    "Adadelta": Adadelta(),
    "Adam": Adam(),
    "Adam amsgrad": Adam(amsgrad=True),
    "AdamW": AdamW(),
    "Adamax": Adamax(),
    "NAdam": NAdam(),
    "RAdam": RAdam(),
    "Rprop": Rprop(),
    "Lion": Lion(),
}


class Twin:
    """What the screen must show after the same keys."""

    def __init__(self, scenario: str | Path) -> None:
        self.experiment = experiment_of(scenario)
        self.timeline = self.experiment.timeline()

    @property
    def settings(self) -> Settings:
        return self.timeline.run.settings

    def press(self, key: str) -> None:
        """Do what the key says, in the plainest way."""
        timeline = self.timeline
        match key:
            case "right":
                timeline.advance(1)
            case "left":
                timeline.seek(max(0, timeline.update - 1))
            case "e":
                while timeline.advance(1) and timeline.run.place.sample:
                    pass
            case "E":
                timeline.seek(max(0, timeline.update - 1))
                while timeline.update and timeline.run.place.sample:
                    timeline.seek(timeline.update - 1)
            case "home":
                timeline.seek(0)
            case "end":
                timeline.seek(timeline.latest)
            case "+" | "-":
                rate = self.settings.optimizer.learning_rate
                self.change(optimizer=self.settings.optimizer.with_rate(on_ladder(rate, 1 if key == "+" else -1)))
            case "r" | "R":
                started = replace(self.experiment, settings=self.settings)
                self.timeline = started.timeline(timeline.run.seed + (key == "R"))
            case _:
                raise ValueError(key)

    def change(self, optimizer: Optimizer | None = None, batch_size: int | None = None) -> None:
        """Change the settings from the next update on."""
        settings = self.settings
        if optimizer is not None:
            settings = replace(settings, optimizer=optimizer)
        if batch_size is not None:
            settings = replace(settings, batch_size=batch_size)
        if settings != self.settings:
            self.timeline.change(settings)

    def choose(self, label: str) -> None:
        """Take one of the optimizers at the present learning rate."""
        self.change(optimizer=OPTIMIZERS[label].with_rate(self.settings.optimizer.learning_rate))

    def follow(self, update: int, latest: int) -> None:
        """Go where a run that has played for a while has come to."""
        timeline = self.timeline
        if latest > timeline.latest:
            timeline.seek(timeline.latest)
            timeline.advance(latest - timeline.latest)
        timeline.seek(update)

    def agrees_with(self, driven: Driven) -> bool:
        """Check the snapshot, bit for bit, and the digits on the screen. Raises AssertionError."""
        self._check_snapshot(driven)
        self._check_screen(driven)
        return True

    def _check_snapshot(self, driven: Driven) -> None:
        snapshot, timeline, run = driven.snapshot, self.timeline, self.timeline.run
        status, table = snapshot.status, snapshot.table
        _, gradient = timeline.objective.loss_and_gradient(run.parameters, run.next_batch())
        assert (status.update, status.latest, status.epoch) == (timeline.update, timeline.latest, run.place.epoch)
        assert (status.optimizer, status.batch_size) == (run.settings.optimizer.label, run.settings.batch_size)
        assert status.learning_rate == run.settings.optimizer.learning_rate
        assert status.stopped == (f"{timeline.stopped.kind}: {timeline.stopped.reason}" if timeline.stopped else "")
        for shown, own in (
            (table.values, run.parameters),
            (table.gradients, gradient),
            (table.steps, run.parameters - run.previous),
            *((row, own) for (_, row), own in zip(table.state, run.state, strict=True)),
        ):
            assert shown.tobytes() == own.tobytes()
        assert snapshot.narration.lines == tell(self.experiment, timeline).lines
        ends = [timeline.latest, *(branch.latest for branch in timeline.branches[-BRANCHES:])]
        assert (snapshot.chart.update, snapshot.chart.latest) == (timeline.update, max(ends))
        for series in snapshot.chart.series:
            if series.role == "batch":
                assert np.isin(series.losses, timeline.losses).all()

    def _check_screen(self, driven: Driven) -> None:
        run, panel = self.timeline.run, driven.lab.query_one("#parameters")
        assert f"update {self.timeline.update:>4}" in driven.text
        if not panel.size:
            return  # folded away
        row = lines_of(panel)[2 if len(driven.snapshot.table.layers) > 1 else 1]
        assert fixed(float(run.parameters[0])).strip() in row
        assert fixed(float(driven.snapshot.table.gradients[0])).strip() in row
