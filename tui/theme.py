"""The two colour themes of nnsim, one dark and one light, and what their colours mean.

The ground is neutral, so that the few colours can speak: `primary` is what moves now (the ball, the present update, the
parameter that moved most), `secondary` is what is about to happen (the negative gradient, the proposed update),
`error` is kept for divergence, and `accent` tells a second line from the first. Amber, blue and purple stay apart for
every kind of colour blindness. Every text colour has a contrast of at least 4.5 : 1 on every ground (WCAG 2.1, 1.4.3).

Beside the colours that every theme of Textual has, panels draw in the `SERIES` below: `racer-1` to `racer-4` for the
runs of a race (the first is the run on the screen), `positive` and `negative` for weights, and for two classes. They
keep apart for colour-blind eyes too. A theme that has no such colour lends the one it is closest to: a panel asks for
`series(app.theme_variables, "racer-2")`.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import Theme

LEAST_CONTRAST = 3.0
"""What WCAG 2.1 asks of pictures and of large text (1.4.11, 1.4.3)."""

SERIES = {
    "racer-1": "primary",
    "racer-2": "accent",
    "racer-3": "success",
    "racer-4": "foreground",
    "positive": "success",
    "negative": "accent",
}
"""The further colours, and what stands for each in a theme that lacks them."""


def series(variables: Mapping[str, str], name: str) -> str:
    """The colour of one of `SERIES` among the variables of a theme."""
    return variables.get(name, variables[SERIES[name]])


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.1: (lighter + 0.05) / (darker + 0.05), by relative luminance."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    channels = (channel / 255.0 for channel in colour.rgb)
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def legible(colour: Color, ground: Color, foreground: Color) -> Color:
    """The colour, or where it can hardly be told from the ground, as little of the foreground mixed in as is needed.

    Textual's themes make no promise for their secondary colour: in one it is dark blue on black.
    """
    if any(each.ansi is not None for each in (colour, ground, foreground)):
        return colour  # a terminal's own colours are not known here
    mixed = (colour.blend(foreground, part / 10) for part in range(11))
    return next((each for each in mixed if contrast(each, ground) >= LEAST_CONTRAST), foreground)


def _variables(*, ground: str, text: str, muted: str, line: str, focused_line: str, raised: str) -> dict[str, str]:
    """Return what Textual would otherwise derive from the primary colour, in neutral tones."""
    return {
        "foreground-muted": muted,
        "text-muted": muted,
        "border": focused_line,
        "border-blurred": line,
        "block-cursor-background": raised,
        "block-cursor-foreground": text,
        "block-cursor-blurred-background": raised,
        "block-cursor-blurred-foreground": text,
        "scrollbar": line,
        "scrollbar-hover": focused_line,
        "scrollbar-active": focused_line,
        "scrollbar-background": ground,
        "footer-background": ground,
        "footer-foreground": muted,
        "footer-description-foreground": muted,
        "footer-key-foreground": text,
    }


DARK = Theme(
    name="nnsim-dark",
    dark=True,
    background="#16181b",
    surface="#1c1f23",
    panel="#24282d",
    foreground="#d9dce1",
    primary="#f4bf58",
    secondary="#54abf3",
    accent="#d08ca8",
    warning="#e3d58a",
    success="#58c4a0",
    error="#f1746b",
    variables=_variables(
        ground="#16181b",
        text="#f2f4f7",
        muted="#9ba2ab",
        line="#444a52",
        focused_line="#aab2bd",
        raised="#2b3037",
    )
    | {
        "racer-1": "#f4bf58",
        "racer-2": "#e882b6",
        "racer-3": "#83eaa0",
        "racer-4": "#ae85fe",
        "positive": "#8fdf9a",
        "negative": "#bd86b9",
    },
)

LIGHT = Theme(
    name="nnsim-light",
    dark=False,
    background="#fbfaf8",
    surface="#f4f3f0",
    panel="#ebeae6",
    foreground="#1d2024",
    primary="#885600",
    secondary="#0c4f96",
    accent="#8a2860",
    warning="#705c00",
    success="#006b4f",
    error="#a61b2e",
    variables=_variables(
        ground="#fbfaf8",
        text="#0e1012",
        muted="#575d66",
        line="#bdbcb8",
        focused_line="#5c636d",
        raised="#e6e4df",
    )
    | {
        "racer-1": "#885600",
        "racer-2": "#1a5fcf",
        "racer-3": "#a53b5c",
        "racer-4": "#3d0a63",
        "positive": "#0b5e2f",
        "negative": "#8f3f96",
    },
)

THEMES = (DARK, LIGHT)
