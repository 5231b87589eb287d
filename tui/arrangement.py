"""Which panels stand where: a pure function of the size of the lab, of what there is to show, and of what was chosen.

A lab of a given size has columns of places. Every place can be taken by some panels; the one chosen last takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise, zip_longest
from typing import NamedTuple

from textual.geometry import Region

PANELS = ("stage", "chart", "parameters", "narration", "diagram", "batch", "readings", "receipt", "race")
"""The panels in the order of their numbers, from 1."""

LINES_AROUND = 3  # the status line, the timeline and the footer


class Place(NamedTuple):
    """A place of a column: the panels that may take it, the first that there is taking it unless another is chosen; its
    share of the rows, or, where `rows` is above 0, how many it has. It is given up to `tall`, a panel that needs many
    rows, where that stands in the next place of the column and was chosen later."""

    panels: tuple[str, ...]
    share: int = 1
    rows: int = 0
    tall: str = ""


@dataclass(frozen=True)
class Plan:
    """For terminals of at least `width` x `height` cells: columns of places with their shares of the width, and the
    panel that takes some rows at the bottom, over the whole width, if any."""

    width: int
    height: int
    columns: tuple[tuple[int, tuple[Place, ...]], ...]
    bottom: Place | None = None


SIDE = ("chart", "parameters", "diagram", "batch", "readings", "receipt", "race")
NARRATION = Place(("narration",), rows=8)
PLANS = (
    Plan(
        190,
        52,
        (
            (9, (Place(("stage",), 11), Place(("diagram",), 8))),
            (8, (Place(("chart",), 8), Place(("parameters",), 7), Place(("receipt",), 8))),
            (7, (Place(("narration",), rows=11), Place(("batch",), 6), Place(("readings",), 6), Place(("race",), 5))),
        ),
    ),
    Plan(
        150,
        40,
        (
            (10, (Place(("stage",), 11), Place(("diagram",), 8))),
            (9, (Place(("chart",), 7, tall="receipt"), Place(("parameters", "receipt"), 8))),
            (8, (Place(("narration",), rows=11), Place(("batch", "race"), 6), Place(("readings",), 6))),
        ),
    ),
    Plan(
        110,
        32,
        (
            (11, (Place(("stage",), 9), Place(("diagram", "batch"), 6))),
            (
                9,
                (
                    Place(("chart", "race", "readings"), 5, tall="receipt"),
                    Place(("parameters", "receipt", "readings", "batch"), 5),
                    Place(("narration",), rows=10),
                ),
            ),
        ),
    ),
    Plan(
        90,
        28,
        (
            (1, (Place(("stage",)),)),
            (
                1,
                (
                    Place(("chart", "race", "readings"), tall="receipt"),
                    Place(("parameters", "diagram", "batch", "receipt")),
                ),
            ),
        ),
        NARRATION,
    ),
    Plan(0, 0, ((1, (Place(("stage",)),)), (1, (Place(SIDE),))), NARRATION),
)
WIDE = ("parameters", "receipt", "diagram", "batch", "race")
"""Panels of numbers, which get more than half of the width where a single one stands beside the stage."""


@dataclass(frozen=True)
class Wishes:
    """What there is and what was chosen: the panels that exist, the most recently chosen first in `chosen`, those
    `hidden`, the one `maximised` if any, and at most how many rows a panel has a use for."""

    available: frozenset[str]
    chosen: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    maximised: str | None = None
    most_rows: Mapping[str, int] = field(default_factory=dict)


def arrange(width: int, height: int, wishes: Wishes) -> dict[str, Region]:
    """Where each panel stands that does, in a lab whose panels have `width` x `height` cells in all."""
    shown = wishes.available - wishes.hidden
    if wishes.maximised in shown:
        return {wishes.maximised: Region(0, 0, width, height)}
    plan = next(plan for plan in PLANS if width >= plan.width and height >= plan.height - LINES_AROUND)
    placed: dict[str, Region] = {}
    bottom = _taker(plan.bottom, wishes, shown, placed) if plan.bottom else None
    if plan.bottom and bottom:
        rows = min(plan.bottom.rows, height // 2)
        placed[bottom] = Region(0, height - rows, width, rows)
        height -= rows
    columns = _columns(plan, wishes, shown, placed)
    if not columns and bottom:
        placed[bottom] = Region(0, 0, width, height + placed[bottom].height)
    lefts = _cuts(width, [share for share, _ in columns])
    for (_, places), (left, right) in zip(columns, pairwise(lefts), strict=True):
        tops = [0, *accumulate(_rows(places, height, wishes.most_rows))]
        for (panel, _), (top, below) in zip(places, pairwise(tops), strict=True):
            placed[panel] = Region(left, top, right - left, below - top)
    return placed


def _columns(
    plan: Plan, wishes: Wishes, shown: Collection[str], placed: Mapping[str, Region]
) -> list[tuple[int, list[tuple[str, Place]]]]:
    """The columns in which something stands, each with the panels in it."""
    taken = dict.fromkeys(placed)
    columns = []
    for share, places in plan.columns:
        takers: list[tuple[str, Place]] = []
        for place in places:
            taker = _taker(place, wishes, shown, taken)
            if taker is not None:
                taken[taker] = None
                takers.append((taker, place))
        takers = [one for one, below in zip_longest(takers, takers[1:]) if not _gives_way(one, below, wishes.chosen)]
        if takers:
            columns.append((share, takers))
    if len(plan.columns) == 2 and [len(takers) for _, takers in columns] == [1, 1] and columns[1][1][0][0] in WIDE:
        return [(3, columns[0][1]), (5, columns[1][1])]
    return columns


def _gives_way(one: tuple[str, Place], below: tuple[str, Place] | None, chosen: Sequence[str]) -> bool:
    """Whether a panel leaves its rows to the tall one below it, which was chosen after it."""
    panel, place = one
    if below is None or below[0] != place.tall:
        return False
    return panel not in chosen or place.tall in chosen[: chosen.index(panel)]


def _taker(place: Place, wishes: Wishes, shown: Collection[str], taken: Collection[str]) -> str | None:
    """The panel that takes a place: the one chosen last among those that may, else the first that there is."""
    free = [panel for panel in place.panels if panel in shown and panel not in taken]
    chosen = [panel for panel in wishes.chosen if panel in free]
    return next(iter([*chosen, *free]), None)


def _rows(places: Sequence[tuple[str, Place]], height: int, most_rows: Mapping[str, int]) -> list[int]:
    """The rows of each place of a column; what a panel has no use for goes to the first."""
    rest = height - sum(place.rows for _, place in places)
    shares = sum(place.share for _, place in places if not place.rows)
    rows = [min(place.rows or rest * place.share // shares, most_rows.get(panel, height)) for panel, place in places]
    return [height - sum(rows[1:]), *rows[1:]]


def _cuts(length: int, shares: Sequence[int]) -> list[int]:
    """Where a length is cut into parts of the given shares: one number more than there are parts."""
    total = sum(shares) or 1
    return [round(cut * length / total) for cut in accumulate(shares, initial=0)]
