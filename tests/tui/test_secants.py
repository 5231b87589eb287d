"""Secants of a curve: each a view of its own, with its slope beside the tangent's."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from driving import lab
from own_scenarios import BOWL, CURVE, changed, save

from nnsim.scenarios.reader import ScenarioError, read
from nnsim.tui.snapshot.stages import CurveStage

DISTANCES = (100.0, 10.0, 1.0, 0.1, 0.01, 0.001, 1e-6, 1e-10)


async def test_every_press_brings_the_second_point_nearer_and_then_the_curve_is_back() -> None:
    async with lab("slope") as driven:
        for count in range(1, len(DISTANCES) + 1):
            await driven.press("v")
            stage = driven.snapshot.stage
            assert isinstance(stage, CurveStage)
            assert tuple(each.distance for each in stage.secants) == DISTANCES[:count]
        # (y + h - 500)^2 - (y - 500)^2 = h (2 (y - 500) + h); of the smallest h nothing but rounding is left
        slopes = [each.slope for each in stage.secants]
        np.testing.assert_allclose(slopes[:6], [-300.0 + h for h in DISTANCES[:6]], rtol=1e-7)
        assert 1e-3 < abs(slopes[-1] + 300.0) < 1.0
        await driven.press("v")
        assert driven.snapshot.view == "curve"
        assert "distance" not in driven.text


async def test_the_table_moves_with_the_run() -> None:
    async with lab("slope") as driven:
        await driven.press("v", "v", "right")
        lines = [" ".join(line.split()) for line in driven.text.splitlines()]
        for words in ("distance secant off by", "100 -140 +100", "10 -230 +10", "tangent -240"):
            assert any(words in line for line in lines), words


async def test_where_there_is_little_room_the_last_secants_hide_neither_ball_nor_slope() -> None:
    async with lab("slope", size=(80, 24)) as driven:
        for secant in ("-200", "-290", "-299", "-299.9"):
            await driven.press("v")
            assert "slope -300" in driven.text
            assert re.search(rf" {secant} .*\n.* tangent +-300", driven.text)
            assert "distance      secant" in driven.text


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (200, 60)])
async def test_it_is_drawn_in_every_size_and_far_away(size: tuple[int, int]) -> None:
    async with lab("slope", size=size) as driven:
        await driven.press("v")
        assert ("off by" in driven.text) == (size[0] > 80)
        await driven.press("v", *("plus",) * 6, *("right",) * 40)
        assert "tangent" in driven.text


def test_a_distance_of_zero_or_one_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    for distances in ("[1.0, 0.0]", "[1.0, 1.0]"):
        path = save(tmp_path, f"{CURVE}\n[view]\nsecants = {distances}\n")
        with pytest.raises(ScenarioError, match="view has secants with a 0 or with the same distance twice"):
            read(path)


async def test_a_surface_of_two_parameters_has_none(tmp_path: Path) -> None:
    text = changed(BOWL, "[run]", "[view]\nsecants = [1.0]\n\n[run]")
    async with lab(save(tmp_path, text)) as driven:
        assert driven.snapshot.views == ("surface",)
