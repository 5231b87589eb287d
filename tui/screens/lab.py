"""The lab: one run of a scenario, its stage, its loss, its parameters, and what is happening."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.widgets import Footer, Static

from nnsim.scenarios.reader import glance
from nnsim.tui.commands import Command
from nnsim.tui.controller import Controller
from nnsim.tui.plain import plain
from nnsim.tui.screens.dialogs import ChoiceDialog, LearningRateDialog
from nnsim.tui.screens.gallery import PREPARING, GalleryScreen
from nnsim.tui.screens.sized import SizedScreen
from nnsim.tui.widgets.status import StatusLine

if TYPE_CHECKING:
    from nnsim.core.optimizers import Optimizer
    from nnsim.tui.snapshot import Snapshot, Status
    from nnsim.tui.worker import Worker

ROOMY = (110, 30)
LEAST = (80, 24)
FEW = 4  # parameters that need only a low table
LADDER = (1.0, 2.0, 5.0)
WORDS_EVERY = 0.2  # seconds between two texts and tables of a playing run: nobody reads faster
PANELS = ("stage", "chart", "parameters", "narration")

UPDATE, EPOCH = Binding.Group("Update", compact=True), Binding.Group("Epoch", compact=True)
RATE, SETUP = Binding.Group("Rate", compact=True), Binding.Group("Setup", compact=True)
AGAIN = Binding.Group("Again", compact=True)


class LabScreen(SizedScreen[None]):
    """The lab on one scenario file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play", "Play", key_display="space", id="play", tooltip="Play or pause"),
        Binding("left", "back", "Back", key_display="←", id="back", tooltip="One update back", group=UPDATE),
        Binding(
            "right", "forward", "Update", key_display="→", id="forward", tooltip="One update forward", group=UPDATE
        ),
        Binding("E", "back_epoch", "Epoch back", id="back-epoch", tooltip="One epoch back", group=EPOCH),
        Binding("e", "epoch", "Epoch", id="epoch", tooltip="One epoch forward", group=EPOCH),
        Binding(
            "minus", "rate(-1)", "Rate", key_display="-", id="rate-down", tooltip="Smaller learning rate", group=RATE
        ),
        Binding(
            "plus,equals_sign",
            "rate(1)",
            "Rate",
            key_display="+",
            id="rate-up",
            tooltip="Larger learning rate",
            group=RATE,
        ),
        Binding("l", "type_rate", "Rate", id="type-rate", tooltip="Type a learning rate", group=RATE),
        Binding("o", "optimizer", "Optimizer", id="optimizer", tooltip="Choose the optimizer", group=SETUP),
        Binding("b", "batch", "Batch", id="batch", tooltip="Choose the batch size", group=SETUP),
        Binding("r", "again", "Again", id="again", tooltip="Start again with the present settings", group=AGAIN),
        Binding("R", "new_seed", "New seed", id="new-seed", tooltip="Start again with a new seed", group=AGAIN),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", id="help", tooltip="Help"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Quit"),
        Binding("tab", "next_panel(1)", id="next-panel", tooltip="Next panel", show=False),
        Binding("escape", "leave", "Gallery", key_display="esc", id="leave", tooltip="Back to the gallery"),
        Binding("home", "start", id="start", tooltip="Go to the start", show=False),
        Binding("end", "latest", id="latest", tooltip="Go to the latest update", show=False),
        Binding("left_square_bracket", "speed(-1)", key_display="[", id="slower", tooltip="Play slower", show=False),
        Binding("right_square_bracket", "speed(1)", key_display="]", id="faster", tooltip="Play faster", show=False),
        Binding("y", "scale", id="scale", tooltip="Switch the chart between linear and log scale", show=False),
        Binding("shift+tab", "next_panel(-1)", id="previous-panel", tooltip="Previous panel", show=False),
    ]

    def __init__(self, file: Path, worker: Worker) -> None:
        super().__init__()
        self.file = file
        self.scenario = glance(file)
        self.snapshot: Snapshot | None = None
        # The panels take a while to import: the worker does it first, and the event loop finds them ready.
        worker.submit(_import_panels)
        # Not only when the screen is mounted: keys may arrive before.
        self.controller = Controller(worker, self.file, self._show, self._complain)
        self.controller.open()
        self._waiting: list[Callable[[], None]] = []
        self._told = 0.0
        self._panel: str | None = None

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        with Container(id="body"):
            yield Static(PREPARING, id="preparing")
        yield Static(id="too-small")
        yield Footer(show_command_palette=False)

    def on_unmount(self) -> None:
        self.controller.close()

    def on_resize(self, event: events.Resize) -> None:
        size = event.size
        self.set_class(size.width < ROOMY[0] or size.height < ROOMY[1], "folded")
        self.set_class(size.width < LEAST[0] or size.height < LEAST[1], "too-small")
        self.query_one("#too-small", Static).update(
            f"The lab needs {LEAST[0]} x {LEAST[1]} cells; this terminal has {size.width} x {size.height}. "
            "Make it larger, or press q to quit."
        )

    # --- showing ---

    async def _show_first(self) -> None:
        from nnsim.tui.widgets.loss_chart import LossChart
        from nnsim.tui.widgets.narration import NarrationView
        from nnsim.tui.widgets.parameter_table import ParameterView
        from nnsim.tui.widgets.stage import StageView

        body = self.query_one("#body")
        await body.remove_children()
        await body.mount(
            StageView(id="stage"),
            LossChart(id="chart"),
            ParameterView(id="parameters"),
            NarrationView(id="narration"),
        )

    def _show(self, snapshot: Snapshot, shown: Callable[[], None]) -> None:
        first, self.snapshot = self.snapshot is None, snapshot
        if first:
            self.call_later(lambda: self.run_worker(self._show_panels(), exclusive=True))
        elif self.query("#narration"):
            with suppress(NoMatches):  # the lab is being left, and its panels go one by one
                self._draw(snapshot)
        self.call_after_refresh(shown)

    async def _show_panels(self) -> None:
        assert self.snapshot is not None
        try:
            await self._show_first()
            self._draw(self.snapshot)
        except (NoMatches, MountError):
            return  # the lab was left at this very moment
        for action in self._waiting:
            action()

    def _draw(self, snapshot: Snapshot) -> None:
        from nnsim.tui.widgets.loss_chart import LossChart
        from nnsim.tui.widgets.narration import NarrationView
        from nnsim.tui.widgets.parameter_table import ParameterView
        from nnsim.tui.widgets.stage import StageView

        self.query_one(StatusLine).show(snapshot.status)
        self.query_one("#body").set_class(len(snapshot.table.names) <= FEW, "few")
        self.query_one(StageView).show(snapshot.stage)
        now, playing = time.monotonic(), snapshot.status.playing
        words_due = now - self._told >= WORDS_EVERY
        if not playing or words_due:
            self._told = now
            self.query_one(ParameterView).show(snapshot.table)
            self.query_one(NarrationView).show(snapshot.narration)
        if not (playing and words_due):  # a frame with both would take twice as long, and keys wait for it
            self.query_one(LossChart).show(snapshot.chart, immediately=not playing)

    def _complain(self, sentence: str) -> None:
        if self.snapshot is None:
            self.call_later(lambda: self.query_one("#preparing", Static).update(Content(plain(sentence))))
        else:
            self.notify(plain(sentence), severity="warning", markup=False)

    def commands(self) -> Iterable[Command]:
        """What the palette offers here: the scenario's variants, the keys, the optimizers."""
        for variant in self.scenario.variants:
            title, note = f"Try: {plain(variant.title)}", "starts again with this set-up"
            yield Command(title, note, partial(self.controller.set_up, variant.set))
        for binding in self.BINDINGS:
            assert isinstance(binding, Binding)
            title, note = binding.tooltip or binding.description, f"key {binding.key_display or binding.key}"
            yield Command(title, note, partial(self.run_action, binding.action))
        for place, words in enumerate(self.snapshot.branches if self.snapshot else ()):
            yield Command("Go back to the future that was", words, partial(self.controller.switch, place))
        if self.snapshot is not None:
            for name, make in optimizers():
                choose = partial(self.controller.set_optimizer, make)
                yield Command(f"Optimizer: {name}", "from the next update on", choose)

    # --- keys ---

    def action_play(self) -> None:
        self.controller.play_or_pause()

    def action_forward(self) -> None:
        self.controller.forward()

    def action_back(self) -> None:
        self.controller.back()

    def action_epoch(self) -> None:
        self.controller.forward_epoch()

    def action_back_epoch(self) -> None:
        self.controller.back_epoch()

    def action_start(self) -> None:
        self.controller.to_start()

    def action_latest(self) -> None:
        self.controller.to_latest()

    def action_again(self) -> None:
        self.controller.restart()

    def action_new_seed(self) -> None:
        self.controller.restart(new_seed=True)

    def action_next_panel(self, step: int) -> None:
        """Move the focus; where there is room for one panel beside the stage, show the one that gets it."""
        place = 0 if self._panel is None else PANELS.index(self._panel) + step
        panel = self._panel = PANELS[place % len(PANELS)]
        if panel in ("chart", "parameters"):
            self.set_class(panel == "parameters", "numbers")
        for widget in self.query(f"#{panel}"):
            widget.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget.id in PANELS:
            self._panel = event.widget.id

    def action_speed(self, steps: int) -> None:
        self.controller.faster(steps)

    def action_scale(self) -> None:
        self._when_ready(self._switch_scale)

    def action_rate(self, steps: int) -> None:
        self.controller.change_rate(lambda rate: on_ladder(rate, steps))

    def action_leave(self) -> None:
        if self.is_current:  # a second escape may still be on its way here
            self.app.pop_screen()
            if isinstance(self.app.screen, GalleryScreen):
                self.app.screen.show_again(self.file)

    def _when_ready(self, action: Callable[[Status], None]) -> None:
        """Do what needs a loaded scenario now, or as soon as it is loaded."""
        if self.snapshot is None:
            self._waiting.append(lambda: self._when_ready(action))
        else:
            action(self.snapshot.status)

    def action_type_rate(self) -> None:
        self._when_ready(self._type_rate)

    def action_optimizer(self) -> None:
        self._when_ready(self._choose_optimizer)

    def action_batch(self) -> None:
        self._when_ready(self._choose_batch_size)

    def _type_rate(self, status: Status) -> None:
        def done(rate: float | None) -> None:
            if rate is not None:
                self.controller.set_learning_rate(rate)

        self.app.push_screen(LearningRateDialog(status.learning_rate, status.critical_rate), done)

    def _switch_scale(self, _: Status) -> None:
        from nnsim.tui.widgets.loss_chart import LossChart

        for chart in self.query(LossChart):
            chart.log_scale = not chart.log_scale

    def _choose_optimizer(self, status: Status) -> None:
        def done(make: Callable[[float], Optimizer] | None) -> None:
            if make is not None:
                self.controller.set_optimizer(make)

        note = "The learning rate stays as it is. Another optimizer starts with fresh state."
        choices: list[tuple[str, Callable[[float], Optimizer] | None]] = [*optimizers()]
        if status.optimizer not in dict(choices):
            choices.insert(0, (status.optimizer, None))
        self.app.push_screen(ChoiceDialog("Which optimizer?", choices, status.optimizer, note), done)

    def _choose_batch_size(self, status: Status) -> None:
        sizes = [2**power for power in range(17) if 2**power < status.samples] + [status.samples]
        choices = [(f"{size}, the whole training set" if size == status.samples else str(size), size) for size in sizes]
        now = next((name for name, size in choices if size == status.batch_size), "")
        note = f"Samples per update, out of {status.samples}."

        def done(size: int | None) -> None:
            if size is not None:
                self.controller.set_batch_size(size)

        self.app.push_screen(ChoiceDialog("Which batch size?", choices, now, note), done)


def optimizers() -> list[tuple[str, Callable[[float], Optimizer]]]:
    """The optimizers to choose from, each made for a learning rate."""
    from nnsim.core import optimizers as rules

    makers: list[Callable[[float], Optimizer]] = [
        rules.SGD,
        partial(rules.SGD, momentum=0.9),
        partial(rules.SGD, momentum=0.9, nesterov=True),
        rules.Adagrad,
        rules.RMSprop,
        partial(rules.RMSprop, centered=True),
        rules.Adadelta,
        rules.Adam,
        partial(rules.Adam, amsgrad=True),
        rules.AdamW,
        rules.Adamax,
        rules.NAdam,
        rules.RAdam,
        rules.Rprop,
        rules.Lion,
    ]
    return [(make(0.0).label, make) for make in makers]


def on_ladder(rate: float, steps: int) -> float:
    """The next rung of the ladder ..., 0.1, 0.2, 0.5, 1, 2, 5, ... above (+1) or below (-1) a learning rate."""
    rungs = [float(f"{digit:g}e{power}") for power in range(-12, 9) for digit in LADDER]
    if steps > 0:
        return next((rung for rung in rungs if rung > rate * (1 + 1e-9)), rate)
    return next((rung for rung in reversed(rungs) if rung < rate * (1 - 1e-9)), rate)


def _import_panels() -> None:
    import nnsim.tui.observer
    import nnsim.tui.widgets.loss_chart
    import nnsim.tui.widgets.parameter_table
    import nnsim.tui.widgets.stage  # noqa: F401
