"""The gallery: the course as a list, and a look at the scenario under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from nnsim.scenarios.library import name_of, outline
from nnsim.scenarios.text import number
from nnsim.tui.plain import plain
from nnsim.tui.screens.sized import SizedScreen
from nnsim.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from nnsim.tui.app import NnsimApp
    from nnsim.tui.snapshot import Stage
    from nnsim.tui.widgets.stage import StageView

PREPARING = "Preparing the kernels. The first time on a machine this takes some seconds."
CAPITALS = {"sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW", "nadam": "NAdam", "radam": "RAdam"}


class GalleryScreen(SizedScreen[None]):
    """Pick a scenario. `course` and `own` are scenario files that have been read without errors."""

    # With priority, so that they are answered in the order in which they come, however fast: the keys behind an Enter
    # are for the lab.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="⏎", id="open", priority=True),
        Binding("up,k", "move('cursor_up')", "Up", key_display="↑", id="up", priority=True),
        Binding("down,j", "move('cursor_down')", "Down", key_display="↓", id="down", priority=True),
        Binding("pageup", "move('page_up')", id="page-up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", id="page-down", show=False, priority=True),
        Binding("home", "move('first')", id="first", show=False, priority=True),
        Binding("end", "move('last')", id="last", show=False, priority=True),
    ]

    def __init__(self, course: list[Path], own: list[Path]) -> None:
        super().__init__()
        self._files = [*course, *own]
        self._course_length = len(course)
        self._outlines = {file: outline(file) for file in self._files}
        self._stages: dict[Path, Stage] = {}
        self._view: StageView | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("nnsim", "bold $primary"), "  a laboratory for gradient descent"), id="headline")
        with Horizontal():
            yield Choices(*self._options(), id="scenarios")
            with Vertical(id="preview"):
                yield Static(id="about")
                yield Vertical(Static(PREPARING, id="preparing"), id="look")
        yield Footer()

    def _options(self) -> list[Option | None]:
        options: list[Option | None] = []
        for place, file in enumerate(self._files, 1):
            scenario = self._outlines[file]
            own = place > self._course_length
            if place == self._course_length + 1:
                options.append(None)
            heading = f"{'own' if own else place}  {plain(scenario['title'])}"
            question = f"\n{plain(scenario['question'])}"
            options.append(Option(Content.assemble((heading, "bold"), (question, "$foreground-muted"))))
        return options

    def on_mount(self) -> None:
        view = self.query_one("#preview")
        view.border_title = "What is it about?"
        listing = self.query_one(OptionList)
        listing.border_title = "Which scenario?"
        listing.focus()
        listing.highlighted = 0

    @property
    def titles(self) -> dict[Path, str]:
        """The title of every scenario here."""
        return {file: plain(outline["title"]) for file, outline in self._outlines.items()}

    def show_again(self, file: Path) -> None:
        """Put the cursor on a scenario, as when one comes back from its lab."""
        if file in self._files:
            self.query_one(OptionList).highlighted = self._files.index(file)

    def on_screen_resume(self) -> None:
        listing = self.query_one(OptionList)
        listing.scroll_to_highlight()
        if listing.highlighted is not None:
            self._look_at(self._files[listing.highlighted])

    def action_move(self, where: str) -> None:
        """Move the cursor of the list, as the list itself would."""
        getattr(self.query_one(Choices), f"action_{where}")()

    def action_open(self) -> None:
        highlighted = self.query_one(Choices).highlighted
        if highlighted is not None:
            cast("NnsimApp", self.app).open_lab(self._files[highlighted])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if self.is_current:  # and not a second Enter, when the lab is already opening
            cast("NnsimApp", self.app).open_lab(self._files[event.option_index])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        file = self._files[event.option_index]
        self.query_one("#about", Static).update(_about(file, self._outlines[file]))
        self._look_at(file)

    def _look_at(self, file: Path) -> None:
        """Show the stage of a scenario, now or when the worker has made it; behind a lab nobody needs it."""
        if file in self._stages:
            self._show(file)
        elif self.is_current:
            loop, context = asyncio.get_running_loop(), copy_context()

            def done(stage: Stage) -> None:
                loop.call_soon_threadsafe(self._keep, file, stage, context=context)

            cast("NnsimApp", self.app).worker.submit(lambda: _look(file, done))

    def _keep(self, file: Path, stage: Stage) -> None:
        self._stages[file] = stage
        self._show(file)

    def _show(self, file: Path) -> None:
        if not self.is_attached or self._files[self.query_one(OptionList).highlighted or 0] != file:
            return
        if self._view is None:
            from nnsim.tui.widgets.stage import StageView  # brings NumPy along, which the first frame does not need

            self._view = StageView()
            self.query_one("#preparing").remove()
            self.query_one("#look").mount(self._view)
        self._view.show(self._stages[file])


def _look(file: Path, done: Callable[[Stage], None]) -> None:
    """In the worker's thread: the stage of a scenario at its start."""
    from nnsim.scenarios.experiment import build
    from nnsim.scenarios.reader import ScenarioError, glance
    from nnsim.tui.observer import Observer

    try:
        experiment = build(glance(file), str(file), name_of(file))
    except ScenarioError:
        return  # the lab says what is wrong when the scenario is opened
    done(Observer(experiment, experiment.timeline()).snapshot(playing=False, speed=None).stage)


def _about(file: Path, scenario: dict[str, Any]) -> Content:
    """The question, the goal, and the set-up in a line."""
    optimizer = scenario.get("optimizer", {})
    facts = []
    if "network" in scenario:
        facts.append("network " + "-".join(map(str, scenario["network"]["sizes"])))
    if "kind" in optimizer:
        rate = optimizer.get("learning_rate")
        kind = optimizer["kind"]
        facts.append(CAPITALS.get(kind, kind.capitalize()))
        facts += [] if rate is None else [f"learning rate {number(rate)}"]
    if scenario.get("batches", {}).get("size", "full") != "full":
        facts.append(f"batches of {scenario['batches']['size']}")
    return Content.assemble(
        (plain(scenario["question"]), "bold"),
        "\n\n",
        plain(scenario["goal"]),
        "\n\n",
        (f"{name_of(file)}: {', '.join(facts)}", "$foreground-muted"),
    )
