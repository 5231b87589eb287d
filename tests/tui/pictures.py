"""Stages with known numbers, an app that holds one, and what is read from its screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from textual.app import App, ComposeResult
from textual.color import Color

from nnsim.tui.browsing import Leaf
from nnsim.tui.snapshot.stages import (
    AnswerStage,
    CurveStage,
    EstimateStage,
    FitStage,
    Minimum,
    ProbabilityStage,
    RegionStage,
    Stage,
    SurfaceStage,
)
from nnsim.tui.theme import THEMES
from nnsim.tui.widgets.stage import StageView


def squared_error(value: float = 350.0, next_value: float | None = 380.0, **changes: Any) -> CurveStage:
    xs = np.linspace(0.0, 1000.0, 400)
    trail = np.array([100.0, 200.0, 275.0])
    stage = CurveStage(
        name="y",
        formula="L(y) = (y - 500)^2",
        xs=xs,
        losses=(xs - 500) ** 2,
        value=value,
        loss=min(abs(value - 500), 1e150) ** 2,
        slope=2 * (value - 500),
        full_slope=2 * (value - 500),
        next_value=next_value,
        trail=trail,
        trail_losses=(trail - 500) ** 2,
        minima=(Minimum("minimum", (500.0,), 0.0),),
        samples=1,
    )
    return replace(stage, **changes)


def bowl(point: tuple[float, float] = (1.44, 1.08), **changes: Any) -> SurfaceStage:
    xs, ys = np.linspace(-1.0, 9.0, 101), np.linspace(-2.0, 8.0, 101)
    w1, w2 = np.meshgrid(xs, ys)
    stage = SurfaceStage(
        names=("w1", "w2"),
        formula="L(w) = 1/2 [(w1 - 4)^2 + 9 (w2 - 3)^2]",
        xs=xs,
        ys=ys,
        losses=0.5 * ((w1 - 4) ** 2 + 9 * (w2 - 3) ** 2),
        point=point,
        loss=19.8656,
        gradient=(-2.56, -17.28),
        next_point=(1.952, 4.536),
        trail=np.array([[0.0, 0.0], [0.8, 5.4], point]),
        minima=(Minimum("minimum", (4.0, 3.0), 0.0),),
    )
    return replace(stage, **changes)


def crowd(estimate: float = 463.0, **changes: Any) -> EstimateStage:
    truths = np.linspace(0.0, 1000.0, 200)
    stage = EstimateStage(
        leaf=Leaf(149, True, False, np.arange(200)),
        picture=np.linspace(0.0, 1.0, 64).reshape(8, 8),
        truth=500.0,
        estimate=estimate,
        unit="people",
        set_name="test set",
        truths=truths,
        estimates=truths + 30 * np.sin(truths),
        rmse=49.7,
        baselines=(("least squares", 87.5), ("mean", 287.0)),
    )
    return replace(stage, **changes)


def answers(**changes: Any) -> AnswerStage:
    outputs = np.array([[0.75, 0.25], [0.1, 0.9], [0.4, 0.6]])
    return replace(AnswerStage("test set", outputs, np.eye(2)[[0, 1, 0]], 0.667, 3), **changes)


def fit(**changes: Any) -> FitStage:
    """The parabola x^2 through three of its points, with one of them in the next batch and a test point below it."""
    xs = np.linspace(-1.1, 1.1, 100)
    stage = FitStage(
        name="age",
        unit="metres",
        xs=xs,
        outputs=xs**2,
        train=(np.array([-1.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0])),
        test=(np.array([0.5]), np.array([0.0])),
        batch=(np.array([1.0]), np.array([1.0])),
        counts=(3, 1),
        low=0.0,
        high=1.0,
        rmse=0.125,
        test_rmse=0.25,
    )
    return replace(stage, **changes)


def probability(**changes: Any) -> ProbabilityStage:
    """A straight line from no to yes that is undecided at 50, and data that change their mind there at once."""
    xs = np.linspace(0.0, 100.0, 101)
    stage = ProbabilityStage(
        name="age",
        xs=xs,
        curves=xs[None] / 100.0,
        classes=("no", "yes"),
        low=0.0,
        high=1.0,
        centres=np.array([20.0, 80.0]),
        shares=np.array([[0.0, 1.0]]),
        samples=40,
        accuracy=0.95,
        test_accuracy=0.9,
    )
    return replace(stage, **changes)


def regions(**changes: Any) -> RegionStage:
    """Class 1 is to the right of x = 0; one of four points lies on the wrong side."""
    xs, ys = np.linspace(-2.0, 2.0, 41), np.linspace(-1.0, 1.0, 31)
    stage = RegionStage(
        names=("width", "height"),
        xs=xs,
        ys=ys,
        scores=np.tile(4.0 * xs, (1, 31, 1)),
        sureness=np.tile(1.0 / (1.0 + np.exp(-4.0 * xs)), (31, 1)),
        classes=("cat", "dog"),
        low=0.0,
        high=1.0,
        points=np.array([[-1.0, 0.5], [-1.0, -0.5], [1.0, 0.5], [1.0, -0.5]]),
        labels=np.array([0, 0, 1, 0]),
        answers=np.array([0, 0, 1, 1]),
        accuracy=0.75,
        wrong=1,
        ties=0,
        test_accuracy=None,
    )
    return replace(stage, **changes)


def three_regions(**changes: Any) -> RegionStage:
    """Three classes side by side, with a point of the first in the region of the second."""
    stage = regions()
    x = np.tile(stage.xs, (31, 1))
    stage = replace(
        stage,
        scores=np.array([-x, 0.5 - np.abs(x), x]),
        sureness=None,
        classes=("cat", "dog", "bird"),
        points=np.array([[-1.5, 0.5], [-1.5, -0.5], [1.5, 0.5], [0.0, -0.5]]),
        labels=np.array([0, 0, 2, 0]),
        answers=np.array([0, 0, 2, 1]),
    )
    return replace(stage, **changes)


STAGES: tuple[Stage, ...] = (
    squared_error(),
    bowl(),
    crowd(),
    fit(),
    probability(),
    regions(),
    three_regions(),
    answers(),
)


class Picture:
    """What stands on the screen: the rows, and the colours of each cell."""

    def __init__(self, app: App[None]) -> None:
        strips = app.screen._compositor.render_strips()
        self.rows = [strip.text for strip in strips]
        self.text = "\n".join(self.rows)
        self.segments = [segment for strip in strips for segment in strip]
        self._styles = [[segment.style for segment in strip for _ in segment.text] for strip in strips]
        self.theme = {name: Color.parse(app.theme_variables[name]).hex for name in ("primary", "secondary", "error")}

    def find(self, text: str, below: int = -1) -> tuple[int, int]:
        """Return the column and row where the text stands first, in the rows below one."""
        row = next(number for number, line in enumerate(self.rows) if text in line and number > below)
        return self.rows[row].index(text), row

    def all_of(self, glyphs: str, below: int) -> list[tuple[int, int]]:
        """Return every place of some characters, in the rows below one."""
        lines = list(enumerate(self.rows))[below + 1 :]
        return [(column, row) for row, line in lines for column, glyph in enumerate(line) if glyph in glyphs]

    def colour_at(self, column: int, row: int) -> str:
        style = self._styles[row][column]
        assert style is not None
        assert style.color is not None
        return Color.from_rich_color(style.color).hex

    def background_at(self, column: int, row: int) -> str:
        style = self._styles[row][column]
        assert style is not None
        assert style.bgcolor is not None
        return Color.from_rich_color(style.bgcolor).hex

    def is_in(self, text: str, colour: str) -> bool:
        """Tell whether the text stands in a colour of the theme."""
        return self.colour_at(*self.find(text)) == self.theme[colour]


class Bench(App[None]):
    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__()
        self.ascii = ascii_only

    def compose(self) -> ComposeResult:
        yield StageView()

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
