"""The stage: one place on the screen, and in it the view that fits what there is to show."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Container

from nnsim.tui.snapshot import AnswerStage, CurveStage, EstimateStage, Stage, SurfaceStage
from nnsim.tui.widgets.answers import AnswerView
from nnsim.tui.widgets.canvas import Canvas
from nnsim.tui.widgets.curve import CurveView
from nnsim.tui.widgets.estimate import EstimateView
from nnsim.tui.widgets.heatmap import SurfaceView

PLACE = "Where on the loss are we?"
TITLES: dict[type[Stage], str] = {
    CurveStage: PLACE,
    SurfaceStage: PLACE,
    EstimateStage: "How good are the estimates?",
    AnswerStage: "What does the network answer?",
}


class StageView(Container, can_focus=True):
    """Holds a view for each kind of stage, and shows the one in use; the border's title asks what it answers."""

    DEFAULT_CSS = """
    StageView { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._views: dict[type[Stage], Canvas[Any]] = {
            CurveStage: CurveView(),
            SurfaceStage: SurfaceView(),
            EstimateStage: EstimateView(),
            AnswerStage: AnswerView(),
        }
        for view in self._views.values():
            view.display = False
        self._title = ""

    def compose(self) -> ComposeResult:
        """Put the views into the container."""
        yield from self._views.values()

    def show(self, stage: Stage) -> None:
        """Draw the stage in the view for its kind."""
        for kind, view in self._views.items():
            view.display = kind is type(stage)
        title = PLACE if isinstance(stage, AnswerStage) and stage.names else TITLES[type(stage)]
        if title != self._title:  # a new title draws the whole stage anew
            self._title = title
            self.border_title = title
        self._views[type(stage)].show(stage)
