"""The lab: one run of a scenario, in panels of which every one answers a question."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import MountError, Widget
from textual.widgets import Static

from nnsim.scenarios.ladder import on_ladder
from nnsim.scenarios.reader import glance
from nnsim.tui import panels
from nnsim.tui.arrangement import PANELS
from nnsim.tui.commands import Command
from nnsim.tui.controller import Controller
from nnsim.tui.plain import plain
from nnsim.tui.screens.gallery import PREPARING, GalleryScreen
from nnsim.tui.screens.lab_keys import KEYS
from nnsim.tui.screens.prediction import Bet, PredictionDialog
from nnsim.tui.screens.set_up import ask_batch_size, ask_optimizer, ask_race, ask_rate, optimizers
from nnsim.tui.screens.sized import SizedScreen
from nnsim.tui.snapshot.attention import Attention
from nnsim.tui.snapshot.stages import MANY_RUNS
from nnsim.tui.widgets.ground import PanelGround
from nnsim.tui.widgets.key_line import KeyLine
from nnsim.tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from nnsim.scenarios.prediction import Question
    from nnsim.tui.journal import Journal
    from nnsim.tui.session import Outcome, Session
    from nnsim.tui.snapshot import Snapshot
    from nnsim.tui.snapshot.status import Status
    from nnsim.tui.widgets.batch_strip import BatchStripView
    from nnsim.tui.widgets.diagram import DiagramView
    from nnsim.tui.widgets.loss_chart import LossChart
    from nnsim.tui.widgets.parameter_table import ParameterView
    from nnsim.tui.widgets.stage import StageView
    from nnsim.tui.widgets.start import StartChosen
    from nnsim.tui.widgets.timeline import TimelineView
    from nnsim.tui.worker import Worker

LEAST = (80, 24)
ALL_IN_SIGHT = 110
"""Columns from which the panels side by side are enough, and tab need not bring up those behind them."""


class LabScreen(SizedScreen[None]):
    """The lab on one scenario file."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, file: Path, worker: Worker, journal: Journal) -> None:
        super().__init__()
        self.file = file
        self.scenario = glance(file)
        self.snapshot: Snapshot | None = None
        self.attention = Attention()
        self.controller = Controller(worker, self.file, self._show, self._complain, journal)
        self._worker, self._journal = worker, journal
        self.won = set(journal.entry(file).won)
        self._ready = False  # all panels are there
        self._waiting: list[Callable[[], None]] = []
        self._drawn_at: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        yield Static(PREPARING, id="preparing")
        yield PanelGround(id="ground")
        yield Static(id="too-small")
        yield KeyLine(kept=("help", "leave", "quit"))

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

    def _celebrate(self, snapshot: Snapshot) -> None:
        """Say which challenges have been won that had never been won before."""
        won = {mark.label for mark in snapshot.timeline.marks if mark.kind == "won"} - self.won
        if won:
            self.won |= won
            self._worker.submit(lambda: self._journal.win(self.file, won))
            for title in sorted(won):
                self.notify(plain(title), title="Challenge won", markup=False)

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
            self._complain("This problem has one view; M adds one of many runs.")
        elif self.snapshot is not None:
            views = self.snapshot.views
            asked = self.attention.view  # a snapshot of it may still be on its way
            at = views.index(asked if asked in views else self.snapshot.view)
            self._attend(view=views[(at + 1) % len(views)])

    # --- keys that move the run ---

    def _order(self, job: Callable[[Session], object]) -> None:
        self.controller.order(job)

    def action_play(self) -> None:
        self._order(lambda session: session.play_or_pause())

    def action_forward(self) -> None:
        self._order(lambda session: session.forward())

    def action_back(self) -> None:
        self._order(lambda session: session.back())

    def action_forward_phase(self) -> None:
        self._order(lambda session: session.forward_phase())

    def action_back_phase(self) -> None:
        self._order(lambda session: session.back_phase())

    def action_epoch(self) -> None:
        self._order(lambda session: session.forward_epoch())

    def action_back_epoch(self) -> None:
        self._order(lambda session: session.back_epoch())

    def action_start(self) -> None:
        self._order(lambda session: session.seek(0))

    def action_latest(self) -> None:
        self._order(lambda session: session.seek(session.timeline.latest))

    def action_again(self) -> None:
        self._order(lambda session: session.restart())

    def action_new_seed(self) -> None:
        self._order(lambda session: session.restart(new_seed=True))

    def action_speed(self, steps: int) -> None:
        self._order(lambda session: session.faster(steps))

    def action_rate(self, steps: int) -> None:
        self._order(lambda session: session.change_rate(lambda rate: on_ladder(rate, steps)))

    # --- keys that ask, and keys of the chart ---

    def _when_ready(self, action: Callable[[Status], None]) -> None:
        """Do what needs a loaded scenario now, or as soon as it is loaded."""
        if self.snapshot is None or not self._ready:
            self._waiting.append(lambda: self._when_ready(action))
        else:
            action(self.snapshot.status)

    def action_type_rate(self) -> None:
        self._when_ready(partial(ask_rate, self.app, self.controller))

    def action_optimizer(self) -> None:
        self._when_ready(partial(ask_optimizer, self.app, self.controller))

    def action_batch(self) -> None:
        self._when_ready(partial(ask_batch_size, self.app, self.controller))

    # --- the chart and the timeline ---

    @property
    def _chart(self) -> LossChart:
        chart: LossChart = self.query_one("#chart")  # type: ignore[assignment]
        return chart

    @property
    def _timeline(self) -> TimelineView:
        timeline: TimelineView = self.query_one("#timeline")  # type: ignore[assignment]
        return timeline

    def action_scale(self) -> None:
        self._when_ready(lambda _: self._chart.switch_scale())

    def action_measure(self) -> None:
        def switch(_: Status) -> None:
            if not self._chart.switch_measure():
                self._complain("A surface has its loss alone: there is no accuracy or RMSE to chart.")

        self._when_ready(switch)

    def action_axis(self) -> None:
        self._when_ready(lambda _: self._chart.next_axis())

    def action_cursor(self, columns: int) -> None:
        self._when_ready(lambda _: self._chart.move_cursor(columns))

    def action_timeline(self) -> None:
        self._when_ready(lambda _: self.set_focus(self._timeline))

    def action_mark(self, step: int) -> None:
        def go(_: Status) -> None:
            mark = self._timeline.mark_after() if step > 0 else self._timeline.mark_before()
            if mark is not None:
                self.controller.seek(mark)

        self._when_ready(go)

    def on_timeline_view_scrubbed(self, message: TimelineView.Scrubbed) -> None:
        self.controller.seek(message.update)

    def on_timeline_view_fork_chosen(self, message: TimelineView.ForkChosen) -> None:
        self._order(lambda session: session.switch(message.place))

    # --- selections ---

    def on_parameter_view_selected(self, message: ParameterView.Selected) -> None:
        pair = self.attention.pair and (message.parameter, self.attention.pair[1])
        self._attend(parameter=message.parameter, pair=pair)

    def action_axis_of_slice(self) -> None:
        """Keep the selected parameter as the second axis of the slice; the first is whichever is selected then."""
        if self.snapshot is not None and "slice" in self.snapshot.views:
            kept = self.attention.parameter
            self._attend(pair=((self.attention.pair or (kept,))[0], kept), view="slice")
            name = plain(self.snapshot.table.names[kept])
            self.notify(f"{name} is the second axis of the slice. Select another parameter as the first.", markup=False)
        else:
            self._complain("A curve or surface is seen whole: slices are for more parameters.")

    def on_diagram_view_neuron_selected(self, message: DiagramView.NeuronSelected) -> None:
        self._attend(neuron=message.neuron)

    def on_batch_strip_view_sample_selected(self, message: BatchStripView.SampleSelected) -> None:
        self._attend(sample=message.place)

    def on_stage_view_browsed(self, message: StageView.Browsed) -> None:
        self._attend(browse=message.browse)

    def on_start_chosen(self, message: StartChosen) -> None:
        self._order(lambda session: session.start_at(message.point))

    # --- predictions ---

    def action_predict(self) -> None:
        self._when_ready(lambda _: self.controller.ask(lambda session: session.questions(), self._predict))

    def _predict(self, questions: tuple[Question, ...]) -> None:
        if not questions:
            self._complain("This run cannot go on: there is nothing to predict.")
            return

        def done(bet: Bet | None) -> None:
            if bet is not None:
                self.controller.ask(lambda session: session.bet(*bet), self._settle)

        entry = self._journal.entry(self.file)
        self.app.push_screen(PredictionDialog(questions, entry.right, entry.wrong), done)

    def _settle(self, outcome: Outcome) -> None:
        right, sentence = outcome.verdict.right, outcome.verdict.sentence
        self.notify(plain(sentence), title="Right" if right else "Wrong", markup=False)
        if outcome.known:
            self.notify("The chart knew the answer, so this bet does not count.")
        else:
            self._worker.submit(lambda: self._journal.bet(self.file, right))

    def _copy_table(self) -> None:
        def copy(_: Status) -> None:
            table: ParameterView = self.query_one("#parameters")  # type: ignore[assignment]
            self.app.copy_to_clipboard(table.as_text())
            self.notify(f"{len(table.as_text().splitlines()) - 1:,} rows are in the clipboard.")

        self._when_ready(copy)

    # --- runs beside this one ---

    def action_ghost(self) -> None:
        def keep(_: Status) -> None:
            self._order(lambda session: session.keep_ghost())
            self.notify("This run stays as a ghost. Change one setting and press r to run beside it.")

        self._when_ready(keep)

    def action_race(self) -> None:
        self._when_ready(lambda _: ask_race(self.app, self.controller, self.scenario))

    def action_many_runs(self) -> None:
        def started() -> None:
            self.attention = replace(self.attention, view=MANY_RUNS)

        self._when_ready(lambda _: self.controller.many_runs(started))

    def action_leave(self) -> None:
        if self._ready and self._chart.drop_cursor():
            return
        if self.is_current:  # a second escape may still be on its way here
            self.controller.close()  # now, so that whoever opens this scenario next finds where it was left
            self.app.pop_screen()
            if isinstance(self.app.screen, GalleryScreen):
                self.app.screen.show_again(self.file)

    # --- the palette ---

    def commands(self) -> Iterable[Command]:
        """What the palette offers here: the scenario's variants, the keys, futures that were left, the optimizers."""
        for variant in self.scenario.variants:
            title, note = f"Try: {plain(variant.title)}", "starts again with this set-up"
            yield Command(title, note, partial(self.controller.set_up, variant.set))
        for binding in self.BINDINGS:
            assert isinstance(binding, Binding)
            title, note = binding.tooltip or binding.description, f"key {binding.key_display or binding.key}"
            yield Command(title, note, partial(self.run_action, binding.action))
        yield Command("End the race", "forgets the rivals and the ghosts", partial(self._order, _end_race))
        for name, panel in panels.ALL.items():
            for widget in self.ground.query(f"#{name}"):
                yield from _commands_of(panel, widget)
        yield Command("Copy the whole table", "as lines of tab-separated numbers", self._copy_table)
        for place, words in enumerate(self.snapshot.branches if self.snapshot else ()):
            switch = partial(_switch, place)
            yield Command("Go back to the future that was", words, partial(self._order, switch))
        if self.snapshot is not None:
            for name, make in optimizers():
                choose = partial(_set_optimizer, make)
                yield Command(f"Optimizer: {name}", "from the next update on", partial(self._order, choose))


def _commands_of(panel: panels.Panel, widget: Widget) -> Iterable[Command]:
    """What a panel offers by its own keys."""
    for binding in widget.BINDINGS:
        if isinstance(binding, Binding) and binding.description:
            title = f"{panel.name.removeprefix('the ').capitalize()}: {binding.description}"
            key = f"key {binding.key_display or binding.key} in panel {panel.number}"
            yield Command(title, key, partial(widget.run_action, binding.action))


def _end_race(session: Session) -> None:
    session.end_race()


def _switch(place: int, session: Session) -> None:
    session.switch(place)


def _set_optimizer(make: Any, session: Session) -> None:
    session.set_optimizer(make)


def _import_panels() -> None:
    import nnsim.tui.session
    import nnsim.tui.widgets.timeline  # noqa: F401

    for panel in panels.ALL.values():
        panel.load()
