"""The journal: what is reached stays, whatever happens to the file, and however many write to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from nnsim.scenarios.bookmark import Bookmark, Change
from nnsim.scenarios.reader import find
from nnsim.tui.journal import NAME, Entry, Journal, folder, key

BOWL, CROWD = find("bowl"), find("crowd")
SGD = Change(0, {"optimizer": {"kind": "sgd", "learning_rate": 0.1 + 0.2}})
MARK = Bookmark(scenario="abc", seed=3, changes=[SGD], latest=7, update=5)
OTHER = Bookmark(scenario="abc", seed=3, changes=[SGD], latest=9, update=9)


def opened(told: list[str] | None = None) -> Journal:
    journal = Journal((told if told is not None else []).append)
    journal.open()
    return journal


def test_what_is_reached_is_there_the_next_time() -> None:
    journal = opened()
    assert journal.entry(BOWL) == Entry()
    journal.win(BOWL, ["Below 1", "In 5 updates"])
    journal.win(BOWL, ["Below 1"])
    for right in (True, False, True):
        journal.bet(BOWL, right)
    journal.leave(CROWD, MARK)
    today = date.today().isoformat()
    for each in (journal, opened()):
        assert each.entry(BOWL) == Entry({"Below 1": today, "In 5 updates": today}, 2, 1)
        assert each.entry(CROWD) == Entry(bookmark=MARK)
    journal.leave(CROWD, None)
    assert opened().entry(CROWD).bookmark is None


def test_the_first_time_counts(progress_of_its_own: Path) -> None:
    opened().win(BOWL, ["Below 1"])
    file = progress_of_its_own / NAME
    file.write_text(file.read_text().replace(date.today().isoformat(), "2020-01-02"))
    journal = opened()
    journal.win(BOWL, ["Below 1", "Another"])
    assert journal.entry(BOWL).won == {"Below 1": "2020-01-02", "Another": date.today().isoformat()}


def test_a_bookmark_is_put_aside_not_lost(progress_of_its_own: Path) -> None:
    journal = opened()
    journal.put_aside(CROWD)
    assert journal.entry(CROWD) == Entry()
    journal.win(CROWD, ["Below 1"])
    for mark in (MARK, OTHER):
        journal.leave(CROWD, mark)
        journal.put_aside(CROWD)
    for each in (journal, opened()):
        assert each.entry(CROWD).aside == [MARK, OTHER]
        assert each.entry(CROWD).bookmark is None
        assert [*each.entry(CROWD).won] == ["Below 1"]


def test_floats_come_back_bit_for_bit() -> None:
    opened().leave(BOWL, MARK)
    mark = opened().entry(BOWL).bookmark
    assert mark is not None
    assert mark.changes[0].settings["optimizer"]["learning_rate"].hex() == (0.1 + 0.2).hex()


def test_the_course_goes_by_name_and_other_files_by_their_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert key(BOWL) == "bowl"
    assert key(tmp_path / "bowl.scenario.toml") == str(tmp_path / "bowl.scenario.toml")
    monkeypatch.chdir(tmp_path)
    assert key(Path("bowl.toml")) == str(tmp_path / "bowl.toml")
    assert key(Path(os.fsdecode(b"/a/\xff.toml"))) == "/a/\\xff.toml"


def test_the_folder_is_the_systems_or_that_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNSIM_DATA", str(tmp_path / "mine"))
    assert folder() == tmp_path / "mine"
    monkeypatch.delenv("NNSIM_DATA")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
        assert folder() == tmp_path / "share" / "nnsim"


def test_no_test_writes_where_a_person_keeps_progress(progress_of_its_own: Path) -> None:
    opened().win(BOWL, ["Below 1"])
    assert folder() == progress_of_its_own
    assert (progress_of_its_own / NAME).exists()


def test_two_programs_lose_nothing_of_each_other() -> None:
    one, other = opened(), opened()
    one.win(BOWL, ["first"])
    other.win(BOWL, ["second"])
    other.bet(BOWL, True)
    one.bet(BOWL, True)
    assert opened().entry(BOWL).won.keys() == {"first", "second"}
    assert opened().entry(BOWL).right == 2
    assert one.entry(BOWL) == opened().entry(BOWL)


def test_many_programs_at_once_lose_nothing() -> None:
    program = (
        "import sys; from pathlib import Path; from nnsim.tui.journal import Journal; journal = Journal(print);"
        "journal.open(); file = Path('/own.toml');"
        "[(journal.win(file, [f'{sys.argv[1]}-{i}']), journal.bet(file, True)) for i in range(10)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, name], stdout=subprocess.PIPE) for name in "abcd"]
    assert [process.communicate()[0] for process in running] == [b""] * 4
    entry = opened().entry(Path("/own.toml"))
    assert entry.won.keys() == {f"{name}-{i}" for name in "abcd" for i in range(10)}
    assert entry.right == 40


def test_threads_lose_nothing() -> None:
    journal = opened()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: journal.bet(BOWL, i % 2 == 0), range(40)))
    assert (journal.entry(BOWL).right, journal.entry(BOWL).wrong) == (20, 20)
    assert opened().entry(BOWL) == journal.entry(BOWL)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "is damaged"),
        (b"{", "is damaged"),
        (b'{"version": 1, "entries": {"bowl": {"right": -1}}}', "is damaged"),
        (b'{"version": 1, "entries": {"bowl": {"bookmark": {"seed": "x"}}}}', "is damaged"),
        (b'{"entries": {}}', "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b'"\xff"', "is damaged"),
        (bytes(range(256)), "is damaged"),
        (b'{"version": 3, "scenarios": []}', "was written by a newer nnsim"),
    ],
)
def test_a_file_that_cannot_be_understood_is_kept_aside(progress_of_its_own: Path, text: bytes, problem: str) -> None:
    progress_of_its_own.mkdir()
    (progress_of_its_own / NAME).write_bytes(text)
    told: list[str] = []
    journal = opened(told)
    kept = f"journal-{date.today().isoformat()}.json"
    assert told == [f"{progress_of_its_own / NAME} {problem}: it is kept as {kept}, and a new one is begun."]
    assert (progress_of_its_own / kept).read_bytes() == text
    journal.win(BOWL, ["Below 1"])
    assert opened(told).entry(BOWL).won
    assert len(told) == 1


def test_a_second_damaged_file_does_not_replace_the_first(progress_of_its_own: Path) -> None:
    progress_of_its_own.mkdir()
    for text in ("one", "two", "three"):
        (progress_of_its_own / NAME).write_text(text)
        opened()
    kept = [file.read_text() for file in sorted(progress_of_its_own.glob("journal-*.json"))]
    assert sorted(kept) == ["one", "three", "two"]


def test_a_file_that_is_damaged_while_the_program_runs_is_kept_aside(progress_of_its_own: Path) -> None:
    told: list[str] = []
    journal = opened(told)
    journal.win(BOWL, ["first"])
    (progress_of_its_own / NAME).write_text("nonsense")
    journal.win(BOWL, ["second"])
    assert len(told) == 1
    assert "second" in opened().entry(BOWL).won


@pytest.mark.skipif(os.name != "posix", reason="a path that leads through a file")
def test_where_nothing_can_be_written_it_says_so_once_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NNSIM_DATA", str(tmp_path / "file" / "data"))
    told: list[str] = []
    journal = opened(told)
    journal.win(BOWL, ["first"])
    journal.bet(BOWL, True)
    journal.leave(BOWL, MARK)
    assert len(told) == 1
    assert told[0].startswith("Your progress is not kept: ")
    assert told[0].endswith("cannot be used (not a directory).")
    assert journal.entry(BOWL) == Entry({"first": date.today().isoformat()}, 1, 0, MARK)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_cannot_be_read_is_left_alone(progress_of_its_own: Path) -> None:
    opened().win(BOWL, ["first"])
    file = progress_of_its_own / NAME
    file.chmod(0)
    told: list[str] = []
    opened(told).win(BOWL, ["second"])
    assert len(told) == 1
    file.chmod(0o600)
    assert opened().entry(BOWL).won.keys() == {"first"}


def test_a_folder_in_place_of_the_file(progress_of_its_own: Path) -> None:
    (progress_of_its_own / NAME).mkdir(parents=True)
    told: list[str] = []
    opened(told).win(BOWL, ["first"])
    assert len(told) == 1


def test_what_a_killed_program_has_left_is_swept_away(progress_of_its_own: Path) -> None:
    opened().win(BOWL, ["first"])
    old, new = (progress_of_its_own / f".{NAME}.{name}" for name in ("old", "new"))
    for left in (old, new):
        left.write_text("half")
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    assert opened().entry(BOWL).won
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_program_killed_while_it_writes_leaves_the_journal_whole(progress_of_its_own: Path) -> None:
    program = (
        "from pathlib import Path; from nnsim.tui.journal import Journal; journal = Journal(); journal.open();"
        "file = Path('/own.toml'); journal.win(file, ['begun'])\nwhile True: journal.bet(file, True)"
    )
    before = 0
    for wait in (0.01, 0.03, 0.02):
        process = subprocess.Popen([sys.executable, "-c", program])
        end = time.monotonic() + 20
        while opened().entry(Path("/own.toml")).right <= before:
            assert time.monotonic() < end
            time.sleep(0.005)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        told: list[str] = []
        now = opened(told).entry(Path("/own.toml"))
        assert told == []
        assert now.right > before
        before = now.right


def test_the_file_can_be_read_by_people(progress_of_its_own: Path) -> None:
    journal = opened()
    journal.win(BOWL, ["Ünder 1"])
    text = (progress_of_its_own / NAME).read_text(encoding="utf-8")
    assert json.loads(text)["version"] == 2
    assert "Ünder 1" in text
    assert text.count("\n") > 3


def test_the_journal_needs_no_arrays() -> None:
    program = "import nnsim.tui.journal, sys; sys.exit('numpy' in sys.modules or 'textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
