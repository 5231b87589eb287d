"""The stage: one place on the screen, and in it the view that fits what there is to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message

from nnsim.tui.browsing import Browse, Leaf
from nnsim.tui.snapshot.stages import (
    AnswerStage,
    ConfusionStage,
    CurveStage,
    EstimateStage,
    FitStage,
    ManyRunsStage,
    ProbabilityStage,
    PublishedStage,
    RegionStage,
    SampleStage,
    Stage,
    SurfaceStage,
)
from nnsim.tui.widgets.answers import AnswerView
from nnsim.tui.widgets.bordered import Bordered
from nnsim.tui.widgets.canvas import Canvas
from nnsim.tui.widgets.confusion import ConfusionView
from nnsim.tui.widgets.curve import CurveView
from nnsim.tui.widgets.estimate import EstimateView
from nnsim.tui.widgets.fit import FitView
from nnsim.tui.widgets.heatmap import SurfaceView
from nnsim.tui.widgets.many_runs import ManyRunsView
from nnsim.tui.widgets.probability import ProbabilityView
from nnsim.tui.widgets.published import PublishedView
from nnsim.tui.widgets.regions import RegionView
from nnsim.tui.widgets.sample import SampleView
from nnsim.tui.widgets.start import StartCanvas

PLACE, ANSWERS = "Where on the loss are we?", "What does the network answer?"
TITLES: dict[type[Stage], str] = {
    CurveStage: PLACE,
    SurfaceStage: PLACE,
    EstimateStage: "How good are the estimates?",
    AnswerStage: ANSWERS,
    FitStage: "Does the curve fit the data?",
    ProbabilityStage: ANSWERS,
    RegionStage: ANSWERS,
    SampleStage: "What does it take this for?",
    ConfusionStage: "What does it take for what?",
    ManyRunsStage: "Where do many runs end?",
    PublishedStage: "Could it be the published run?",
}
HINTS = ("arrows move · shift: ten cells · enter takes it · esc leaves", "enter takes it · esc leaves")
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAR = 10


class StageView(Container, Bordered, can_focus=True):
    """Holds a view for each kind of stage, and shows the one in use; the border's title asks what it answers.

    With the focus, enter begins to choose a start on a curve or surface. Only then are the arrows its own; but where
    one sample is shown in full, up and down go to others.
    """

    class Browsed(Message):
        """Another sample is asked for, or another set."""

        def __init__(self, browse: Browse) -> None:
            super().__init__()
            self.browse = browse

    DEFAULT_CSS = """
    StageView { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "Choose a start", show=False),
        Binding("escape", "leave_start", "Choose no start", show=False),
        *(Binding(key, f"move_start({x}, {y})", show=False) for key, (x, y) in ARROWS.items()),
        Binding("up", "leaf(-1)", "previous sample", show=False),
        Binding("down", "leaf(1)", "next sample", show=False),
        Binding("pageup", f"leaf({-FAR})", "ten samples back", show=False),
        Binding("pagedown", f"leaf({FAR})", "ten samples on", show=False),
        Binding("f", "wrong_only", "only samples with a wrong answer, or all", show=False),
        Binding("s", "other_set", "training or test set", show=False),
        *(Binding(f"shift+{key}", f"move_start({FAR * x}, {FAR * y})", show=False) for key, (x, y) in ARROWS.items()),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._views: dict[type[Stage], Canvas[Any]] = {
            CurveStage: CurveView(),
            SurfaceStage: SurfaceView(),
            EstimateStage: EstimateView(),
            AnswerStage: AnswerView(),
            FitStage: FitView(),
            ProbabilityStage: ProbabilityView(),
            RegionStage: RegionView(),
            SampleStage: SampleView(),
            ConfusionStage: ConfusionView(),
            ManyRunsStage: ManyRunsView(),
            PublishedStage: PublishedView(),
        }
        for view in self._views.values():
            view.display = False
        self._shown: Canvas[Any] | None = None
        self._leaf: Leaf | None = None
        self._asked: Browse | None = None

    def compose(self) -> ComposeResult:
        """Put the views into the container."""
        yield from self._views.values()

    def show(self, stage: Stage) -> None:
        """Draw the stage in the view for its kind."""
        shown = self._views[type(stage)]
        if shown is not self._shown or (isinstance(stage, SurfaceStage) and not stage.whole):
            self.action_leave_start()
        self._shown = shown
        self._turn_to(getattr(stage, "leaf", None))
        for view in self._views.values():
            view.display = view is shown
        self.entitle(PLACE if isinstance(stage, AnswerStage) and stage.names else TITLES[type(stage)])
        shown.show(stage)

    @property
    def choosing(self) -> bool:
        """Whether a start is being chosen by keys."""
        return isinstance(self._shown, StartCanvas) and self._shown.crosshair is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to others as long as they choose no start."""
        if action == "leaf":
            return self._leaf is not None and not isinstance(self._shown, ConfusionView)
        if action in ("wrong_only", "other_set"):
            leaf = self._leaf
            return leaf is not None and (
                leaf.has_other_set if action == "other_set" else isinstance(self._shown, SampleView)
            )
        if action == "start":
            return isinstance(self._shown, StartCanvas) and self._shown.can_choose
        return self.choosing if action in ("move_start", "leave_start") else True

    def action_start(self) -> None:
        """Begin to choose a start, or take the one that is chosen."""
        view = self._shown
        if isinstance(view, StartCanvas):
            (view.take if self.choosing else view.choose)()
            self._say_keys()

    def action_move_start(self, right: int, down: int) -> None:
        if isinstance(self._shown, StartCanvas):
            self._shown.move(right, down)

    def action_leave_start(self) -> None:
        if isinstance(self._shown, StartCanvas):
            self._shown.leave()
            self._say_keys()

    def _turn_to(self, leaf: Leaf | None) -> None:
        """Keep what is shown, and what was asked for until it is there."""
        asked, self._leaf = self._asked, leaf
        if leaf is None or asked is None or (leaf.training, leaf.wrong_only) != (asked.training, asked.wrong_only):
            self._asked = asked if leaf is not None else None
        elif leaf.sample == asked.sample or asked.sample not in leaf.others:
            self._asked = None

    def action_leaf(self, steps: int) -> None:
        """Ask for a sample further on, counted from the one that was asked for last."""
        if self._leaf is not None:
            here = self._wanted(self._leaf)
            assert here.sample is not None
            self._ask(replace(here, sample=self._leaf.further(steps, here.sample)))

    def action_wrong_only(self) -> None:
        if self._leaf is not None:
            here = self._wanted(self._leaf)
            self._ask(replace(here, wrong_only=not here.wrong_only))

    def action_other_set(self) -> None:
        if self._leaf is not None:
            here = self._wanted(self._leaf)
            self._ask(replace(here, training=not here.training))

    def _wanted(self, shown: Leaf) -> Browse:
        """What was asked for last, or what is shown."""
        return self._asked or Browse(shown.sample, shown.training, shown.wrong_only)

    def _ask(self, browse: Browse) -> None:
        self._asked = browse
        self.post_message(self.Browsed(browse))

    def on_start_chosen(self) -> None:
        self._say_keys()

    def on_blur(self) -> None:
        self.action_leave_start()

    def _say_keys(self) -> None:
        """Say in the border what the keys do while a start is chosen."""
        fitting = [hint for hint in HINTS if len(hint) + 4 <= self.size.width] or HINTS[-1:]
        self.note(fitting[0] if self.choosing else "")
