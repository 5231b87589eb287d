"""The themes: text can be read on every ground, and the meaningful colours stay apart for every kind of eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from nnsim.tui.theme import DARK, LIGHT, THEMES

GROUNDS = ("background", "surface", "panel")
TEXTS = (
    "foreground",
    "foreground-muted",
    "text-muted",
    "primary",
    "secondary",
    "accent",
    "warning",
    "success",
    "error",
    "footer-foreground",
    "footer-key-foreground",
    "footer-description-foreground",
)
MEANINGS = ("foreground", "primary", "secondary", "accent", "error")

# The colours seen without one of the three kinds of cones, in linear RGB, for full severity: Machado, Oliveira and
# Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, table 1.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear_rgb(color: Color) -> np.ndarray:
    channels = np.array(color.rgb) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    luminances = sorted(float(linear_rgb(color) @ (0.2126, 0.7152, 0.0722)) for color in (one, other))
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


def lab(linear: np.ndarray) -> np.ndarray:
    """Return CIE 1976 L*a*b* (D65) of a colour in linear RGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def colors(theme: Theme) -> dict[str, Color]:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    return {name: Color.parse(variables[name]) for name in {*GROUNDS, *TEXTS, *MEANINGS, *theme.variables}}


def test_contrast_of_black_on_white() -> None:
    assert contrast(Color.parse("black"), Color.parse("white")) == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read_on_every_ground(theme: Theme, ground: str, text: str) -> None:
    found = colors(theme)
    assert contrast(found[text], found[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("text", ["block-cursor-foreground", "foreground", "foreground-muted", "primary", "error"])
def test_text_can_be_read_on_the_selected_row(theme: Theme, text: str) -> None:
    found = colors(theme)
    assert contrast(found[text], found["block-cursor-background"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_focused_border_stands_out(theme: Theme) -> None:
    found = colors(theme)
    assert contrast(found["border"], found["background"]) >= 3
    assert contrast(found["border"], found["border-blurred"]) >= 3


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eye", EYES)
def test_colours_with_a_meaning_stay_apart(theme: Theme, eye: str) -> None:
    found = colors(theme)
    seen = {name: lab(EYES[eye] @ linear_rgb(found[name])) for name in MEANINGS}
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(MEANINGS, 2)}
    # A difference of 10 in L*a*b* is easily seen.
    assert min(distances.values()) >= 15, distances


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_the_app_takes_the_theme(theme: Theme) -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        app.register_theme(theme)
        app.theme = theme.name
        await pilot.pause()
        drawn = Color.parse(app.theme_variables["primary"])
        # Textual may round a channel by one.
        assert np.allclose(drawn.rgb, Color.parse(theme.primary).rgb, atol=1)


def test_one_is_dark_and_one_is_light() -> None:
    assert DARK.dark
    assert not LIGHT.dark
