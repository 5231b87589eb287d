"""The lab as it is seen: panels, of which every one answers a question, and what the person looks at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.widgets import Static

from nnsim.scenarios import library
from nnsim.scenarios.reader import glance
from nnsim.tui import panels
from nnsim.tui.arrangement import PANELS
from nnsim.tui.controller import Controller
from nnsim.tui.plain import plain
from nnsim.tui.screens.entries import title_of
from nnsim.tui.screens.gallery import PREPARING
from nnsim.tui.screens.goals import GoalsDialog
from nnsim.tui.screens.sized import SizedScreen
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.widgets.ground import PanelGround
from nnsim.tui.widgets.key_line import KeyLine
from nnsim.tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from nnsim.tui.journal import Journal
    from nnsim.tui.snapshot import Snapshot
    from nnsim.tui.snapshot.status import Status
    from nnsim.tui.worker import Worker

LEAST = (80, 24)
ALL_IN_SIGHT = 110
"""Columns from which the panels side by side are enough, and tab need not bring up those behind them."""


class LabView(SizedScreen[None]):
    """The panels of the lab on one scenario file, and the snapshots that they draw."""

    def __init__(self, file: Path, worker: Worker, journal: Journal) -> None:
        super().__init__()
        self.file = file
        self.scenario = glance(file)
        self.snapshot: Snapshot | None = None
        self.attention = Attention()
        self.controller = Controller(worker, self.file, self._show, self._complain, journal)
        self._worker, self._journal = worker, journal
        self.won = set(journal.entry(file).won)
        self.following = library.after(file)
        self._completed = False  # the last challenge was won while this lab was open
        self._ready = False  # all panels are there
        self._waiting: list[Callable[[], None]] = []
        self._drawn_at: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        yield Static(PREPARING, id="preparing")
        yield PanelGround(id="ground")
        yield Static(id="too-small")
        yield KeyLine(kept=("goals", "help", "leave", "quit", "command_palette"))

    def load(self) -> None:
        """Have the scenario loaded. Not only when the screen is mounted: keys may arrive before."""
        # The panels take a while to import: the worker does it first, and the event loop finds them ready.
        self._worker.submit(_import_panels)
        self.controller.open()

    def on_unmount(self) -> None:
        self.controller.close()

    def on_resize(self, event: events.Resize) -> None:
        size = event.size
        self.set_class(size.width < LEAST[0] or size.height < LEAST[1], "too-small")
        self.query_one("#too-small", Static).update(
            f"The lab needs {LEAST[0]} x {LEAST[1]} cells; this terminal has {size.width} x {size.height}. "
            "Make it larger, or press q to quit."
        )

    @property
    def ground(self) -> PanelGround:
        return self.query_one(PanelGround)

    # --- showing ---

    def _show(self, snapshot: Snapshot, shown: Callable[[], None]) -> None:
        first, self.snapshot = self.snapshot is None, snapshot
        if first:
            self.call_later(lambda: self.run_worker(self._show_panels(), exclusive=True))
        elif self._ready:
            with suppress(NoMatches):  # the lab is being left, and its panels go one by one
                self._draw(snapshot)
        # Not `call_after_refresh`, which leaves the call to whatever screen is on top: a dialog may take it along.
        self._invoke_later(shown, self)
        self._celebrate(snapshot)
        if isinstance(self.app.screen, GoalsDialog):
            self.app.screen.show(snapshot.goals)

    def _celebrate(self, snapshot: Snapshot) -> None:
        """Say which challenges have been won that had never been won before."""
        challenges = snapshot.goals.challenges
        won = [goal.title for goal in challenges if goal.standing.won is not None and goal.title not in self.won]
        if not won:
            return
        self.won.update(won)
        self._worker.submit(lambda: self._journal.win(self.file, won))
        sentences = [f"Challenge won: {plain(title)}" for title in won]
        self._completed = all(goal.title in self.won for goal in challenges)
        if self._completed and self.following is not None:
            sentences[-1] += f" All are won. Next: {title_of(self.following)} (i, then enter)."
        for sentence in sentences:
            self.notify(sentence, markup=False)

    async def _show_panels(self) -> None:
        from nnsim.tui.widgets.timeline import TimelineView

        assert self.snapshot is not None
        try:
            await self.query_one("#preparing").remove()
            await self.ground.mount(*(panel.make() for panel in panels.ALL.values()))
            await self.mount(TimelineView(id="timeline"), after=self.ground)
            if self.scenario.race:
                self.ground.wish(chosen=("race",))
            self._ready = True
            self._draw(self.snapshot)
        except (NoMatches, MountError):
            return  # the lab was left at this very moment
        for action in self._waiting:
            action()

    def _draw(self, snapshot: Snapshot) -> None:
        self.query_one(StatusLine).show(snapshot.status)
        ground = self.ground
        ground.wish(available=panels.available(snapshot), most_rows=panels.most_rows(snapshot))
        self.query_one("#timeline").show(snapshot.timeline)  # type: ignore[attr-defined]
        for panel in self._due(ground.in_sight, snapshot.status.playing):
            parts = panel.parts(snapshot)
            if parts[0] is not None:
                ground.get_child_by_id(panel.id).show(*parts)  # type: ignore[attr-defined]

    def _due(self, in_sight: Iterable[str], playing: bool) -> list[panels.Panel]:
        """The panels to draw now: of a playing run those whose time it is, and of the slow ones a single one, or a
        frame would take so long that keys wait for it."""
        now = time.monotonic()
        waited = {name: now - self._drawn_at.get(name, 0.0) for name in in_sight}
        due = [panels.ALL[name] for name in in_sight if not playing or waited[name] >= panels.ALL[name].seconds]
        if playing:
            slow = sorted(
                (panel for panel in due if panel.seconds), key=lambda panel: -waited[panel.id] / panel.seconds
            )
            due = [panel for panel in due if not panel.seconds or panel is slow[0]]
        self._drawn_at.update((panel.id, now) for panel in due)
        return due

    def _complain(self, sentence: str) -> None:
        if self.snapshot is None:
            self.call_later(lambda: self.query_one("#preparing", Static).update(Content(plain(sentence))))
        else:
            self.notify(plain(sentence), severity="warning", markup=False)

    def _when_ready(self, action: Callable[[Status], None]) -> None:
        """Do what needs a loaded scenario now, or as soon as it is loaded."""
        if self.snapshot is None or not self._ready:
            self._waiting.append(lambda: self._when_ready(action))
        else:
            action(self.snapshot.status)

    # --- what is looked at ---

    def _attend(self, **changes: Any) -> None:
        attention = replace(self.attention, **changes)
        if attention != self.attention:
            self.attention = attention
            self.controller.attend(attention)

    def on_panel_ground_arranged(self) -> None:
        self._attend(panels=self.ground.in_sight)

    def action_panel(self, number: int) -> None:
        """Bring a panel up and focus it."""
        panel = PANELS[number - 1]
        if panel not in self.ground.wishes.available:
            self._complain(f"There is nothing to see of {panels.ALL[panel].name} here.")
            return
        self._bring_up(panel)

    def _bring_up(self, panel: str) -> None:
        wishes = self.ground.wishes
        others = tuple(each for each in wishes.chosen if each != panel)
        maximised = panel if wishes.maximised else None
        self.ground.wish(chosen=(panel, *others), hidden=wishes.hidden - {panel}, maximised=maximised)
        for widget in self.ground.query(f"#{panel}"):
            self.set_focus(widget)

    @property
    def _panel(self) -> str | None:
        """The panel that has the focus."""
        path = self.focused.ancestors_with_self if self.focused is not None else ()
        return next((node.id for node in path if node.id in PANELS), None)

    def action_next_panel(self, step: int) -> None:
        """Move the focus; where the terminal is too narrow for all, bring up the panel that gets it."""
        wishes = self.ground.wishes
        roomy = self.size.width >= ALL_IN_SIGHT and wishes.maximised is None
        within = self.ground.in_sight if roomy else wishes.available - wishes.hidden - {"receipt"}
        order = [panel for panel in PANELS if panel in within]
        if order:
            at = order.index(self._panel) + step if self._panel in order else 0
            self._bring_up(order[at % len(order)])

    def action_maximise(self) -> None:
        maximised = None if self.ground.wishes.maximised else self._panel or "stage"
        self.ground.wish(maximised=maximised)

    def action_hide(self) -> None:
        """Hide the focused panel, unless it is the last one."""
        panel, wishes = self._panel, self.ground.wishes
        if panel is None or len(self.ground.in_sight) == 1:
            self._complain("Focus a panel first, with tab or its number: h hides it.")
            return
        chosen = tuple(each for each in wishes.chosen if each != panel)
        self.ground.wish(hidden=wishes.hidden | {panel}, chosen=chosen)
        self.set_focus(None)
        self.notify(f"{panels.ALL[panel].number} brings {panels.ALL[panel].name} back.")

    def action_receipt(self) -> None:
        """Show the receipt, or put away what it has taken the place of."""
        if "receipt" in self.ground.in_sight:
            chosen = tuple(each for each in self.ground.wishes.chosen if each != "receipt")
            self.ground.wish(chosen=chosen, maximised=None)
        else:
            self._bring_up("receipt")

    def action_view(self) -> None:
        """Show the next view that the stage has."""
        if self.snapshot is not None and len(self.snapshot.views) == 1:
            self._complain("This problem has one view; where chance plays a part, M adds one of many runs.")
        elif self.snapshot is not None:
            views = self.snapshot.views
            asked = self.attention.view  # a snapshot of it may still be on its way
            at = views.index(asked if asked in views else self.snapshot.view)
            self._attend(view=views[(at + 1) % len(views)])


def _import_panels() -> None:
    import nnsim.tui.session
    import nnsim.tui.widgets.timeline  # noqa: F401

    for panel in panels.ALL.values():
        panel.load()
