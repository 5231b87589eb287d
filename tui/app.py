"""The app: its screens, its themes, its keys, and the one worker that computes for all of them."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import platformdirs
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter, Monochrome, NoColor

from nnsim.scenarios import library
from nnsim.tui.ascii import AsciiFilter
from nnsim.tui.commands import Commands
from nnsim.tui.journal import Journal
from nnsim.tui.plain import plain
from nnsim.tui.screens.gallery import GalleryScreen
from nnsim.tui.theme import THEMES
from nnsim.tui.worker import Worker

if TYPE_CHECKING:
    from nnsim.scenarios.schema import Scenario

UNDRAWN = 1.0
"""Seconds after which the work begins although nothing has been drawn."""
GRACE = 1.5
PALETTE_COLUMNS, PALETTE_ROWS = 20, 6


class NnsimApp(App[int]):
    """nnsim. `files` are scenarios of the user's own; with a single one the lab opens on it at once."""

    TITLE = "nnsim"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[type[Provider]]] = {Commands}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="quit"),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="help"),
    ]

    def __init__(self, files: Iterable[Path] = (), ascii_only: bool = False, **options: Any) -> None:
        super().__init__(**options)
        for theme in THEMES:
            self.register_theme(theme)
        # Set before there are widgets: a change of theme would style all of them a second time.
        wanted = os.environ.get("TEXTUAL_THEME", "")
        self.set_reactive(App.theme, wanted if wanted in self.available_themes else THEMES[0].name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.files = list(files)
        self.ascii = ascii_only
        self._sentences: list[str] = []
        self.journal = Journal(self._tell)
        self.journal.open()
        self.gallery = GalleryScreen(library.files(), [file for file in self.files if file not in library.files()])
        self.worker = Worker()
        self._in_ascii = AsciiFilter()
        self._no_color = NoColor()
        self._ending_signals: tuple[signal.Signals, ...] = ()

    def get_line_filters(self) -> Sequence[LineFilter]:
        # Textual's answer to NO_COLOR is shades of grey; a terminal without colours gets none.
        filters = [self._no_color if isinstance(each, Monochrome) else each for each in super().get_line_filters()]
        return [*filters, *([self._in_ascii] if self.ascii else [])]

    def end_on(self, *signals: signal.Signals) -> None:
        """End the app in order, with exit code 128 + signal, when one of these signals arrives."""
        self._ending_signals = signals

    def get_default_screen(self) -> GalleryScreen:
        return self.gallery

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()

        def fail(error: Exception) -> None:
            loop.call_soon_threadsafe(self._admit, error)

        self.worker.fail = fail
        for sentence in self._sentences:
            self._tell(sentence)
        for number in self._ending_signals:
            loop.add_signal_handler(number, self._end, 128 + number)
        if len(self.files) == 1:
            self.open_lab(self.files[0])
        # Kernels are loaded after the first frame, so that nobody waits for a picture.
        self.call_after_refresh(self.worker.start)
        self.set_timer(UNDRAWN, self.worker.start)  # a terminal of a few cells may have no frame at all

    def on_unmount(self) -> None:
        self.worker.stop()

    def _tell(self, sentence: str) -> None:
        """Show a sentence, from whatever thread it comes; those that come before the first frame are shown with it."""
        if self.is_running:
            self.notify(plain(sentence), severity="warning", markup=False)
        else:
            self._sentences.append(sentence)

    def _admit(self, error: Exception) -> None:
        """Say that something failed that should not have, rather than stand still without a word."""
        self.notify(plain(f"This should not have happened: {error!r}"), severity="error", markup=False)

    def _end(self, code: int) -> None:
        """Restore the terminal and end; where the terminal is gone and cannot be restored, end all the same."""
        last_resort = threading.Timer(GRACE, os._exit, [code])
        last_resort.daemon = True
        last_resort.start()
        self.exit(return_code=code)

    def open_lab(self, file: Path) -> None:
        """Open the lab on a scenario, in place of one that is open and of what lies above it."""
        from nnsim.scenarios.reader import ScenarioError
        from nnsim.tui.screens.lab import LabScreen

        try:
            lab = LabScreen(file, self.worker, self.journal)
        except ScenarioError as error:  # a file that was good when the gallery read it
            self.notify(plain(str(error)), severity="warning", markup=False)
            return
        while self.screen is not self.gallery:
            if isinstance(self.screen, LabScreen):
                self.screen.controller.close()
            self.pop_screen()
        lab.load()
        self.push_screen(lab)

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Save a screenshot: in the folder for downloads or, where there is none, in the present one."""
        downloads = platformdirs.user_downloads_path()
        folder = path or str(downloads if downloads.is_dir() else Path.cwd())
        return super().deliver_screenshot(filename, folder, time_format)

    async def action_quit(self) -> None:
        self.exit(return_code=0)

    def action_help(self) -> None:
        """Explain the focused panel and list the keys."""
        from nnsim.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_why(self) -> None:
        """Show the formula behind the scenario in the lab, and its source."""
        scenario: Scenario | None = getattr(self.screen, "scenario", None)
        if scenario is not None:
            self.explain(scenario.title, scenario.why)

    def explain(self, title: str, why: str | None) -> None:
        """Show the page of a scenario that says why, or that there is none."""
        from nnsim.tui.screens.why import NO_PAGE, WhyScreen

        if why is None:
            self.notify(NO_PAGE)
        else:
            self.push_screen(WhyScreen(title, why))

    def action_command_palette(self) -> None:
        """Open the palette where there is room for it."""
        from nnsim.tui.screens.palette import Palette

        has_room = self.size.width >= PALETTE_COLUMNS and self.size.height >= PALETTE_ROWS
        if has_room and not Palette.is_open(cast("App[object]", self)):
            self.push_screen(Palette(id="--command-palette"))
