"""Goals: what a scenario asks, what there is to be won in it, what has become of that, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from nnsim.scenarios.text import number
from nnsim.tui.plain import plain
from nnsim.tui.screens.entries import OPEN, WON, title_of
from nnsim.tui.screens.leaving import LeftOnce

if TYPE_CHECKING:
    from nnsim.tui.app import NnsimApp
    from nnsim.tui.snapshot.goals import Goal, Goals


class GoalsDialog(ModalScreen[None], LeftOnce[None]):
    """Shows the goals of a run, which may go on meanwhile. `won` has the days on which challenges were won, by title,
    and `following` is the next scenario of the course, which enter opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i", "dismiss(None)", "Close", key_display="esc", id="close"),
        Binding("enter", "go_on", "Next", id="go-on"),
    ]
    DEFAULT_CSS = """
    GoalsDialog .state { color: $foreground-muted; padding: 0 0 0 2; }
    GoalsDialog .next { margin: 1 0 0 0; }
    """

    def __init__(self, title: str, goals: Goals, won: Mapping[str, str], following: Path | None) -> None:
        super().__init__()
        self._title = title
        self._goals = goals
        self._won = won
        self._following = following

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog goals") as box:
            box.border_title = Content(f"Goals: {plain(self._title)}")
            box.border_subtitle = "esc closes"
            yield Static(Content.styled(plain(self._goals.question), "bold"))
            yield Static(plain(self._goals.goal), classes="explanation", markup=False)
            for _ in self._goals.challenges:
                yield Static(classes="challenge")
                yield Static(classes="state", markup=False)
            if self._following is not None:
                words = Content.assemble(f"Next: {title_of(self._following)} (", ("enter", "bold"), " goes there)")
                yield Static(words, classes="next")

    def show(self, goals: Goals) -> None:
        """Show what has become of them now."""
        if goals != self._goals:
            self._goals = goals
            self._write()

    def on_mount(self) -> None:
        self._write()

    def _write(self) -> None:
        titles, states = self.query(".challenge").results(Static), self.query(".state").results(Static)
        for goal, title, state in zip(self._goals.challenges, titles, states, strict=False):  # none until it is mounted
            title.update(self._title_of(goal))
            state.update(self._state_of(goal))

    def _title_of(self, goal: Goal) -> Content:
        won = goal.standing.won is not None or goal.title in self._won
        sign = (f"{WON} ", "$primary") if won else (f"{OPEN} ", "$foreground-muted")
        return Content.assemble(sign, plain(goal.title))

    def _state_of(self, goal: Goal) -> str:
        """What has become of a challenge in this run, and on which day it was won before."""
        standing = goal.standing
        if standing.won is not None:
            return f"won at update {standing.won:,}"
        day = self._won.get(goal.title)
        before = "" if day is None else f"won before, on {plain(day)}"
        if standing.rate is not None:
            since = f" since update {standing.since:,}," if standing.since else ""
            now = f"does not count{since} at a learning rate of {number(standing.rate)}; r begins again"
        elif not standing.counts:
            now = "does not count with this set-up; n in the gallery begins anew"
        elif standing.missed is not None:
            now = f"lost at update {standing.missed:,}: {_why(goal)}; r begins again"
        elif standing.rests:
            now = "nothing moves any more: it takes another set-up"
        else:
            now = "" if before else "open"
        return "; ".join(filter(None, (before, now)))

    def action_go_on(self) -> None:
        if self._following is not None and self.app.screen is self:  # and not when another key has left it already
            cast("NnsimApp", self.app).open_lab(self._following)


def _why(goal: Goal) -> str:
    match goal.standing.why:
        case "stop":
            return "the run broke off"
        case "length":
            return "too few updates are left"
        case _:
            return f"the limit of {goal.limit} has passed"
