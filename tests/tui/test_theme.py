"""The themes: text can be read on every ground, and the meaningful colours stay apart for every kind of eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from driving import Driven, gallery, lab
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from nnsim.tui import theme as colours
from nnsim.tui.theme import DARK, LIGHT, SERIES, THEMES, legible, series

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


def cielab(linear: np.ndarray) -> np.ndarray:
    """Return CIE 1976 L*a*b* (D65) of a colour in linear RGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(linear, 0, 1) / (0.9505, 1.0, 1.089)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def colors(theme: Theme) -> dict[str, Color]:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    return {name: Color.parse(variables[name]) for name in {*GROUNDS, *TEXTS, *MEANINGS, *theme.variables}}


def apart(one: Color, other: Color) -> float:
    """Return how far two colours are from each other in L*a*b*, to the eyes that tell them apart worst."""
    return min(float(np.linalg.norm(lab_of(one, eye) - lab_of(other, eye))) for eye in EYES)


def lab_of(color: Color, eye: str) -> np.ndarray:
    return cielab(EYES[eye] @ linear_rgb(color))


def test_contrast_of_black_on_white() -> None:
    assert contrast(Color.parse("black"), Color.parse("white")) == pytest.approx(21)


@pytest.mark.parametrize("pair", [("#777777", "#ffffff"), ("#54abf3", "#16181b"), ("#885600", "#fbfaf8")])
def test_the_contrast_that_the_program_reckons_with(pair: tuple[str, str]) -> None:
    one, other = map(Color.parse, pair)
    assert colours.contrast(one, other) == pytest.approx(contrast(one, other))
    assert colours.contrast(other, one) == pytest.approx(contrast(one, other))


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
    seen = {name: lab_of(found[name], eye) for name in MEANINGS}
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


# --- the further colours ---


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_racers_stay_apart_for_every_eye(theme: Theme) -> None:
    racers = [Color.parse(theme.variables[f"racer-{place}"]) for place in range(1, 5)]
    assert min(apart(one, other) for one, other in combinations(racers, 2)) >= 20
    assert racers[0] == Color.parse(theme.primary)
    for racer in racers:
        assert apart(racer, Color.parse(theme.error)) >= 15


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_positive_and_negative_stay_apart_for_every_eye(theme: Theme) -> None:
    positive, negative = (Color.parse(theme.variables[name]) for name in ("positive", "negative"))
    assert apart(positive, negative) >= 40
    for each in (positive, negative):
        assert apart(each, Color.parse(theme.error)) >= 12
        assert apart(each, Color.parse(theme.primary)) >= 15


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", SERIES)
def test_the_further_colours_can_be_read(theme: Theme, name: str) -> None:
    found = colors(theme)
    for ground in GROUNDS:
        assert contrast(Color.parse(theme.variables[name]), found[ground]) >= 4.5


def test_a_theme_without_them_lends_its_own() -> None:
    assert series({"racer-2": "#112233", "accent": "#445566"}, "racer-2") == "#112233"
    assert series({"accent": "#445566"}, "racer-2") == "#445566"


def test_a_colour_that_is_lost_on_its_ground_is_brought_out() -> None:
    black, white, navy = Color.parse("#121212"), Color.parse("#e0e0e0"), Color.parse("#004578")
    assert contrast(navy, black) < 2
    assert 3 <= contrast(legible(navy, black, white), black) < 4.5
    amber = Color.parse(DARK.primary)
    assert legible(amber, black, white) == amber
    assert legible(black, black, black) == black
    ansi = Color.parse("ansi_blue")
    assert legible(ansi, black, white) == ansi


# --- every theme of Textual, in every panel ---


def low_contrasts(driven: Driven) -> dict[str, float]:
    """The words on the screen that are closest to their ground, with the contrast."""
    found = {}
    for strip in driven.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            if style is None or style.color is None or style.bgcolor is None:
                continue
            known = not (style.color.is_default or style.bgcolor.is_default)
            if known and any(character.isalnum() for character in segment.text):
                one, other = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                found[segment.text.strip()] = contrast(one, other)
    return found


@pytest.mark.parametrize("scenario", ["too-large-step", "crowd"])
async def test_every_panel_in_every_theme(scenario: str) -> None:
    async with lab(scenario) as driven:
        await driven.press("right", "right")
        text = driven.text
        for theme in driven.app.available_themes:
            driven.app.theme = theme
            await driven.settle()
            assert driven.text == text
            if theme.startswith("nnsim"):
                assert min(low_contrasts(driven).values()) >= 4.5
            for words, found in low_contrasts(driven).items():
                if "next step" in words or "learning rate" in words:
                    assert found >= 2.2, (theme, words)
        for name in SERIES:
            assert Color.parse(series(driven.app.theme_variables, name))


@pytest.mark.parametrize("scenario", ["bowl", "hot-dog", "xor"])
async def test_every_panel_of_a_large_screen_can_be_read(scenario: str) -> None:
    async with lab(scenario, size=(200, 60)) as driven:
        for keys in ("", "right . . .", "x"):
            await driven.press(*keys.split())
            for theme in THEMES:
                driven.app.theme = theme.name
                await driven.settle()
                assert {words: found for words, found in low_contrasts(driven).items() if found < 4.5} == {}


async def test_the_gallery_in_every_theme() -> None:
    async with gallery() as driven:
        await driven.until(lambda: "probability of class 1" in driven.text)
        for theme in driven.app.available_themes:
            driven.app.theme = theme
            await driven.settle()
            if theme.startswith("ansi"):
                continue  # a terminal's own colours are not known here
            floor = 4.5 if theme.startswith("nnsim") else 2.0
            for words, found in low_contrasts(driven).items():
                if words.startswith(("1 ", "Two inputs", "2 ", "The network says")):
                    assert found >= floor, (theme, words)


@pytest.mark.parametrize("theme", ["nnsim-light", "gruvbox", "nonsense"])
async def test_the_theme_of_the_environment(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", theme)
    async with gallery() as driven:
        assert driven.app.theme == (theme if theme != "nonsense" else DARK.name)
