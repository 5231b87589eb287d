"""What a person has reached so far, kept in a file: challenges won, bets, and where each scenario was left.

The file is read before the first frame, so nothing here loads NumPy. Whatever is wrong with it costs a sentence, never
a crash and never the file: what cannot be read is moved aside.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import platformdirs

from nnsim.scenarios import library
from nnsim.scenarios.bookmark import Bookmark
from nnsim.tui.files import write_atomically

VERSION = 2
NAME = "journal.json"
STALE = 60.0
"""Seconds after which a temporary file belongs to a program that was killed while it wrote."""
PATIENCE = 2.0
"""Seconds to wait for another nnsim that writes at this moment."""


Bets: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Entry(msgspec.Struct, frozen=True):
    """What has been reached in one scenario: the challenges won, by title, with the date; bets; a bookmark; and those
    of runs that an nnsim with other numbers has made, oldest first."""

    won: dict[str, str] = {}
    right: Bets = 0
    wrong: Bets = 0
    bookmark: Bookmark | None = None
    aside: list[Bookmark] = []


class Pages(msgspec.Struct, frozen=True):
    """The file: entries by the name of a scenario of the course, or by the path of a file of one's own."""

    version: int
    entries: dict[str, Entry] = {}


class Version(msgspec.Struct, frozen=True):
    """What every version of the file has."""

    version: int


class UnreadableError(Exception):
    """A journal that is damaged, or that a newer nnsim has written; the message says which."""


def folder() -> Path:
    """The folder in which progress is kept: NNSIM_DATA, or the one that the system has for a person's data."""
    chosen = os.environ.get("NNSIM_DATA")
    return Path(chosen).absolute() if chosen else Path(platformdirs.user_data_dir("nnsim", appauthor=False))


class Journal:
    """Progress in all scenarios. Every method may be called in any thread, and none raises.

    Each change is made to what the file holds at that moment, so that two nnsim at once lose nothing of each other.
    `notice` gets a sentence when something is wrong with the file; where it cannot be written, progress lasts as long
    as the program.
    """

    def __init__(self, notice: Callable[[str], None] = lambda sentence: None) -> None:
        self.notice = notice
        self._file = folder() / NAME
        self._entries: dict[str, Entry] = {}
        self._unkept = False
        self._busy = threading.RLock()

    def open(self) -> None:
        """Read the file, if there is one, and sweep away what a killed program has left beside it."""
        with self._busy, self._complaining(), _alone(self._file):
            _sweep(self._file)
            self._entries = self._read()

    def entry(self, file: Path) -> Entry:
        """What has been reached in a scenario."""
        return self._entries.get(key(file), Entry())

    def win(self, file: Path, titles: Iterable[str]) -> None:
        """Challenges of a scenario have been won; the first time counts."""
        today = date.today().isoformat()
        won = dict.fromkeys(titles, today)
        if not won.keys() <= self.entry(file).won.keys():
            self._change(file, lambda entry: msgspec.structs.replace(entry, won={**won, **entry.won}))

    def bet(self, file: Path, right: bool) -> None:
        """A bet on what happens next turned out right or wrong."""
        self._change(
            file,
            lambda entry: msgspec.structs.replace(
                entry, right=entry.right + int(right), wrong=entry.wrong + int(not right)
            ),
        )

    def leave(self, file: Path, bookmark: Bookmark | None) -> None:
        """A scenario was left here; None when there is nothing to come back to."""
        if bookmark != self.entry(file).bookmark:
            self._change(file, lambda entry: msgspec.structs.replace(entry, bookmark=bookmark))

    def put_aside(self, file: Path) -> None:
        """Keep the bookmark of a scenario, from which its run cannot be made again, out of the way."""
        if self.entry(file).bookmark is not None:
            self._change(file, _put_aside)

    # --- the file ---

    def _change(self, file: Path, edit: Callable[[Entry], Entry]) -> None:
        """Change an entry, here and in the file."""
        name = key(file)
        with self._busy:
            self._entries = {**self._entries, name: edit(self.entry(file))}
            if not self._unkept:
                with self._complaining():
                    self._merge(name, edit)

    def _merge(self, name: str, edit: Callable[[Entry], Entry]) -> None:
        """Change an entry in the file, which another nnsim may have changed meanwhile. Raises OSError."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(self._file):
            entries = self._read()
            entries = {**entries, name: edit(entries.get(name, Entry()))}
            write_atomically(self._file, _json(entries))
        self._entries = entries

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        """Say once that nothing can be kept, and go on."""
        try:
            yield
        except OSError as error:
            self._unkept = True
            reason = (error.strerror or str(error)).lower()
            self.notice(f"Your progress is not kept: {self._file} cannot be used ({reason}).")

    def _read(self) -> dict[str, Entry]:
        """The entries in the file. Raises OSError; a file that cannot be understood is kept aside."""
        try:
            return _entries(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except UnreadableError as problem:
            kept = _free(self._file.with_name(f"journal-{date.today().isoformat()}.json"))
            self._file.rename(kept)
            self.notice(f"{self._file} {problem}: it is kept as {kept.name}, and a new one is begun.")
            return {}


def _put_aside(entry: Entry) -> Entry:
    aside = entry.aside if entry.bookmark is None else [*entry.aside, entry.bookmark]
    return msgspec.structs.replace(entry, bookmark=None, aside=aside)


def key(file: Path) -> str:
    """The name under which a scenario's progress is kept."""
    if file.parent == library.FOLDER:
        return library.name_of(file)
    return os.fsencode(file.absolute()).decode("utf-8", "backslashreplace")


def _json(entries: dict[str, Entry]) -> str:
    """The text of the file. msgspec writes the shortest digits that give a float back bit for bit, as repr does."""
    return msgspec.json.format(msgspec.json.encode(Pages(VERSION, entries)), indent=1).decode() + "\n"


def _entries(text: bytes) -> dict[str, Entry]:
    """The entries in the text of a file. Raises UnreadableError."""
    try:
        version = msgspec.json.decode(text, type=Version).version
        if version > VERSION:
            raise UnreadableError("was written by a newer nnsim")
        return msgspec.json.decode(text, type=Pages).entries
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableError("is damaged") from None


def _sweep(file: Path) -> None:
    """Remove the temporary files of programs that were killed while they wrote."""
    for left in file.parent.glob(f".{file.name}.*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE:
                left.unlink()


def _free(file: Path) -> Path:
    """The path itself, or with a number where there is such a file already."""
    places = (file.with_stem(f"{file.stem}-{number}") for number in count(2))
    return next(place for place in chain([file], places) if not place.exists())


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other programs from changing the file meanwhile, where the system can do that."""
    try:
        import fcntl

        lock = file.with_suffix(".lock").open("a")
    except (ImportError, OSError):
        yield
        return
    with lock:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(0.005)
        yield
