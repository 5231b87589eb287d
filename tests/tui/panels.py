"""An app that holds a single panel at a given size, and what is read from its screen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.color import Color

from nnsim.tui.theme import DARK, THEMES

if TYPE_CHECKING:
    from textual.widget import Widget


class PanelApp(App[None]):
    """Shows one panel in the whole screen, with the dark theme of nnsim."""

    def __init__(self, panel: Widget) -> None:
        super().__init__()
        self.panel = panel

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name


def lines_of(panel: Widget) -> list[str]:
    """Return the panel's text, without its border, line by line."""
    return ["".join(segment.text for segment in line) for line in segments_of(panel)]


def segments_of(panel: Widget) -> list[list[Segment]]:
    """Return the styled text that the panel draws on the screen, without its border, line by line."""
    region = panel.content_region
    strips = panel.screen._compositor.render_strips()[region.y : region.bottom]
    return [list(strip.crop(region.x, region.right)) for strip in strips]


def colors_of(panel: Widget, text: str) -> set[str]:
    """Return the colours, as hexadecimal numbers, of the segments that contain the text."""
    found = [segment for line in segments_of(panel) for segment in line if text in segment.text]
    return {segment.style.color.get_truecolor().hex for segment in found if segment.style and segment.style.color}


def screen_of(app: App[None]) -> str:
    """Return all the text on the screen, borders included."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in text.replace("\n", ""))


def theme_color(panel: Widget, name: str) -> str:
    """Return a colour of the app's theme as a hexadecimal number."""
    return Color.parse(panel.app.theme_variables[name]).hex.lower()
