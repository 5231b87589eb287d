"""What the gallery says of a scenario: its place in the list, and the words beside its picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.content import Content

from nnsim.scenarios.bookmark import misfit
from nnsim.scenarios.library import name_of, outline
from nnsim.scenarios.text import number
from nnsim.tui.journal import Entry
from nnsim.tui.plain import plain

WON, OPEN = "★", "☆"
OWN = "Your own files"
CAPITALS = {"sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW", "nadam": "NAdam", "radam": "RAdam"}


@dataclass(frozen=True)
class Item:
    """A scenario of the list, by what its file says; `mark` is its number in the course, or "own"."""

    file: Path
    mark: str
    chapter: str
    said: dict[str, Any]

    @property
    def title(self) -> str:
        return plain(self.said["title"])

    @property
    def question(self) -> str:
        return plain(self.said["question"])

    @property
    def challenges(self) -> list[str]:
        """The titles of the challenges, in order."""
        return [each["title"] for each in self.said.get("challenges", [])]

    def line(self, entry: Entry, with_question: bool) -> Content:
        """The scenario in the list: number, title, what has been won, and, where there is room, the question."""
        line = Content.assemble((f"{self.mark}  {self.title}", "bold"))
        won = [title in entry.won for title in self.challenges]
        if won:
            stars = "".join(WON if each else OPEN for each in won)
            gap, colour = "  " if with_question else " ", "$primary" if any(won) else "$foreground-muted"
            line = Content.assemble(line, gap, (stars, colour))
        if with_question:
            line = Content.assemble(line, (f"\n{self.question}", "$foreground-muted"))
        return line


def items(course: list[Path], own: list[Path]) -> list[Item]:
    """The scenarios of the gallery, those of the course first. The files have been read without errors."""
    width = len(str(len(course)))
    listed = []
    for place, file in enumerate(course, 1):
        said = outline(file)
        listed.append(Item(file, f"{place:>{width}}", plain(said.get("chapter", "")), said))
    return listed + [Item(file, "own", OWN, outline(file)) for file in own]


def title_of(file: Path) -> str:
    """The title of a scenario of the course."""
    return plain(outline(file)["title"])


def chapters(listed: list[Item]) -> Iterator[tuple[str, Item]]:
    """Every item, with the heading that stands before it, or with none."""
    before = ""
    for item in listed:
        yield ("" if item.chapter == before else item.chapter), item
        before = item.chapter


def about(item: Item, entry: Entry) -> list[Content]:
    """The question, the goal, where it was left, the set-up in a line, and what there is to win; in several forms,
    from the fullest to the one that needs the least room."""
    words = [Content.styled(item.question, "bold"), Content(plain(item.said["goal"]))]
    full, short = ([*words, *_place(item.file, entry, anew)] for anew in ("start anew", "anew"))
    facts = Content.styled(f"{name_of(item.file)}: {_set_up(item.said)}", "$foreground-muted")
    if "why" in item.said:
        facts = Content.assemble(facts, (" · ", "$foreground-muted"), ("w", "bold"), ": why")
    score, all_of_them, next_one = [*_score(item, entry)], [*_challenges(item, entry)], [*_next(item, entry)]
    return [
        Content("\n\n").join([*full, Content("\n").join([facts, *score, *all_of_them])]),
        Content("\n").join([*full, facts, *score, *all_of_them]),
        Content("\n").join([*short, *all_of_them]),
        Content("\n").join([*short, facts, *next_one]),
        Content("\n").join([*short, *next_one]),
    ]


def _set_up(said: dict[str, Any]) -> str:
    optimizer = said.get("optimizer", {})
    facts = []
    if "network" in said:
        facts.append("network " + "-".join(map(str, said["network"]["sizes"])))
    if "kind" in optimizer:
        rate = optimizer.get("learning_rate")
        kind = optimizer["kind"]
        facts.append(CAPITALS.get(kind, kind.capitalize()))
        facts += [] if rate is None else [f"learning rate {number(rate)}"]
    if said.get("batches", {}).get("size", "full") != "full":
        facts.append(f"batches of {said['batches']['size']}")
    return ", ".join(facts)


def _score(item: Item, entry: Entry) -> Iterator[Content]:
    """How much has been won, and how many predictions were right."""
    titles = item.challenges
    bets = entry.right + entry.wrong
    score = [f"{sum(title in entry.won for title in titles)} of {len(titles)} challenges won"] if titles else []
    score += [f"{entry.right} of {bets} predictions right"] if bets else []
    if score:
        yield Content.styled(", ".join(score), "$foreground-muted")


def _challenges(item: Item, entry: Entry) -> Iterator[Content]:
    """Every challenge, and when it was won."""
    for title in item.challenges:
        when = entry.won.get(title)
        sign = (f"{WON} ", "$primary") if when else (f"{OPEN} ", "$foreground-muted")
        yield Content.assemble(sign, plain(title), (f" (won {plain(when)})" if when else "", "$foreground-muted"))


def _next(item: Item, entry: Entry) -> Iterator[Content]:
    """The challenge that comes next and which of them it is, or that there is none left."""
    titles = item.challenges
    left = [title for title in titles if title not in entry.won]
    if left:
        place = f"{titles.index(left[0]) + 1} of {len(titles)}: " if len(titles) > 1 else ""
        yield Content.assemble((f"{OPEN} {place}", "$foreground-muted"), plain(left[0]))
    elif titles:
        yield Content.assemble((f"{WON} ", "$primary"), f"all {len(titles)} challenges won")


def _place(file: Path, entry: Entry, anew: str) -> Iterator[Content]:
    """Where the scenario was left, if it was, and the keys that lead there or to the start."""
    if entry.bookmark is None:
        return
    reason = misfit(entry.bookmark, file)
    if reason is None:
        update = f"{entry.bookmark.update:,}"
        yield Content.assemble(("enter", "bold"), f": continue at update {update} · ", ("n", "bold"), f": {anew}")
    else:
        yield Content(f"{reason}: it starts anew.")
