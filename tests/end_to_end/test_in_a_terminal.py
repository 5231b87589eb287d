"""The program itself in a real pseudo-terminal: it draws, answers, ends, and leaves the terminal as it was."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from end_to_end.terminal import PATIENCE, Terminal

from nnsim.core.jit import CACHE_FOLDER
from nnsim.scenarios.reader import find

NNSIM = [sys.executable, "-m", "nnsim.tui"]
COLOURS = re.compile(rb"\x1b\[[0-9;]*m")
FULL_SPEED = ["]"] * 13


def nnsim(*arguments: str, size: tuple[int, int] = (120, 36), **env: str | None) -> Terminal:
    """The program in a terminal, without what this shell says about colours."""
    return Terminal([*NNSIM, *arguments], size, {"NO_COLOR": None, "TEXTUAL_THEME": None, **env})


def is_restored(terminal: Terminal) -> bool:
    """Whether the terminal is as it was: its settings, the main screen, the cursor, no mouse reports."""
    ends = (("?1049l", "?1049h"), ("?25h", "?25l"), ("?1000l", "?1000h"), ("?1003l", "?1003h"), ("?2004l", "?2004h"))
    return terminal.attributes == terminal.attributes_before and all(
        terminal.output.rfind(f"\x1b[{last}".encode()) > terminal.output.rfind(f"\x1b[{first}".encode())
        for last, first in ends
    )


def play_at_full_speed(terminal: Terminal) -> None:
    terminal.wait_for("paused")
    terminal.press(*FULL_SPEED, "space")
    terminal.wait_for("at full speed")


def test_from_launch_to_quit() -> None:
    with nnsim() as terminal:
        terminal.wait_for("Which scenario?")
        terminal.press("down")
        terminal.wait_for("Bring the guess")
        terminal.settle(0.1)
        terminal.press("enter")
        terminal.wait_for("paused")
        terminal.press("right")
        terminal.wait_for("y went from 350 to 380")
        terminal.press("left")
        terminal.wait_for("update    0")
        terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)
        assert b"Traceback" not in terminal.output


def cells(terminal: Terminal) -> list[list[Any]]:
    """Every cell of the screen with its character, its colours and its boldness."""
    width, height = terminal.size
    return [[terminal.screen.buffer[y][x] for x in range(width)] for y in range(height)]


@pytest.mark.parametrize("scenario", ["too-large-step", "hot-dog", "two-minima"])
def test_a_screen_drawn_bit_by_bit_is_that_which_is_drawn_at_once(scenario: str) -> None:
    with nnsim(scenario) as terminal:
        terminal.wait_for("paused")
        terminal.press(*["right"] * 12, "left", "y", ".", ".", "+", "right")
        terminal.settle()
        bit_by_bit = cells(terminal)
        terminal.resize((119, 36))
        terminal.settle()
        terminal.resize((120, 36))
        terminal.settle()
        assert cells(terminal) == bit_by_bit


def test_every_size_a_resize_while_it_plays_and_bytes_that_are_no_keys() -> None:
    with nnsim("bowl", size=(80, 24)) as terminal:
        terminal.wait_for("What is happening?")
        terminal.resize((40, 10))
        terminal.wait_for("terminal has 40")
        terminal.resize((10, 3))
        terminal.wait_for("The lab")
        terminal.press("space")
        terminal.resize((200, 60))
        terminal.wait_for("playing")
        for size in ((10, 3), (80, 24), (1, 1), (120, 36)):
            terminal.resize(size)
        terminal.wait_for("Which parameters move")
        terminal.press("space")
        terminal.wait_for("paused")
        for junk in (b"\xff\xfe\x80", b"\x1b[1114112u", b"\x1b[M\x20\xf0\x21", b"\xc3", b"\x1b[999999999999u", b"\x00"):
            terminal.send(junk)
            terminal.settle(0.15)
        terminal.press("home")
        terminal.wait_for("update    0")
        terminal.press("right")
        terminal.wait_for("update    1")
        terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)


@pytest.mark.parametrize("size", [(40, 10), (10, 3)])
def test_it_opens_and_quits_in_a_terminal_that_is_too_small(size: tuple[int, int]) -> None:
    with nnsim("bowl", size=size) as terminal:
        terminal.wait_for("The lab")
        terminal.press("\x10", "down", "o", "q", "q")
        terminal.settle()
        if terminal.process.poll() is None:
            terminal.press("escape")
            terminal.settle()
            terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)


# --- without a terminal that will do ---


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_terminal_that_cannot_place_the_cursor(term: str | None) -> None:
    with nnsim("bowl", TERM=term) as terminal:
        assert terminal.wait() == 2
        says_how_to_do_without(terminal.output.decode())
        assert terminal.attributes == terminal.attributes_before


@pytest.mark.parametrize("lost", ["stdin", "stderr"])
def test_no_terminal_on_one_end(lost: str) -> None:
    master, slave = pty.openpty()
    ends: dict[str, Any] = {"stdin": slave, "stdout": subprocess.PIPE, "stderr": slave}
    ends[lost] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE}[lost]
    done = subprocess.run([*NNSIM], **ends, text=True, timeout=30, check=False, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    assert done.returncode == 2
    assert done.stdout == ""
    says_how_to_do_without(done.stderr if lost == "stderr" else os.read(master, 4096).decode())
    os.close(master)


def says_how_to_do_without(text: str) -> None:
    assert len(text.strip().splitlines()) == 1
    assert "nnsim run SCENARIO" in text
    assert "\x1b" not in text


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(find("bowl").read_text().replace("learning_rate = 0.1", "learning_rate = -1.0"))
    with nnsim(str(file)) as terminal:
        assert terminal.wait() == 2
        text = " ".join(terminal.output.decode().split())
        assert "optimizer.learning_rate is -1.0: it takes a number" in text
        assert text.count("nnsim:") == 1
        assert "Traceback" not in text


# --- colours and characters ---


def test_no_color_means_no_colour_at_all() -> None:
    with nnsim("bowl", NO_COLOR="1") as terminal:
        terminal.wait_for("paused")
        terminal.press("right", "tab", "tab", "l")
        terminal.wait_for("Which learning rate?")
        for code in set(COLOURS.findall(terminal.output)):
            numbers = {int(number or 0) for number in code[2:-1].split(b";")}
            assert not numbers & {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}, code


@pytest.mark.parametrize(
    "env", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_a_terminal_without_unicode_gets_ascii_only(env: dict[str, str]) -> None:
    with nnsim("crowd", **env) as terminal:
        terminal.wait_for("paused")
        terminal.press("right", "?")
        terminal.wait_for("esc closes")
        assert terminal.output.isascii()
        assert rb"\u" not in terminal.output


def test_escape_characters_of_a_title_never_reach_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    title = 'title = "[/] \\u001b]0;gotcha\\u0007 \\u009b31m \\u202e tail"'
    file.write_text(re.sub("^title = .*$", lambda _: title, find("bowl").read_text(), count=1, flags=re.MULTILINE))
    with nnsim(str(file)) as terminal:
        terminal.wait_for("paused")
        terminal.press("escape")
        terminal.wait_for("Which scenario?")
        terminal.press("up", "\x10")
        terminal.wait_for("Open")
        terminal.press(*"gotcha")
        terminal.settle()
        for raw in (b"\x1b]0;", "\x9b".encode(), "\u202e".encode(), b"gotcha\x07"):
            assert raw not in terminal.output
        assert b"gotcha" in terminal.output


# --- the end ---


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_in_order_even_at_full_speed(number: signal.Signals, code: int) -> None:
    with nnsim("crowd") as terminal:
        play_at_full_speed(terminal)
        terminal.process.send_signal(number)
        assert terminal.wait() == code
        assert is_restored(terminal)


def test_a_signal_at_the_very_start_ends_it_in_order() -> None:
    with nnsim() as terminal:
        terminal.wait_for("Which scenario?")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143
        assert is_restored(terminal)


@pytest.mark.parametrize("playing", [False, True])
def test_it_is_gone_soon_after_its_terminal(playing: bool) -> None:
    with nnsim("crowd") as terminal:
        terminal.wait_for("paused")
        if playing:
            play_at_full_speed(terminal)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == 129


def test_quitting_in_the_middle_of_a_long_run(tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text(
        find("crowd").read_text().replace("epochs = 300", "epochs = 1000000").replace("size = 32", "size = 2000")
    )
    with nnsim(str(file)) as terminal:
        play_at_full_speed(terminal)
        terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)


def test_stopping_and_going_on() -> None:
    with nnsim("bowl") as terminal:
        terminal.wait_for("paused")
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_until(lambda: state_of(terminal.process.pid) == "T")
        terminal.settle(0.1)
        assert is_restored(terminal)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_until(lambda: not is_restored(terminal))
        terminal.press("right")
        terminal.wait_for("update    1")
        terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


# --- the cache of compiled kernels ---


def test_a_damaged_cache_is_compiled_again(tmp_path: Path) -> None:
    subprocess.run([*NNSIM, "run", "bowl"], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(CACHE_FOLDER, tmp_path / "nnsim" / CACHE_FOLDER.name)
    kernels = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert kernels
    for file in kernels:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] + b"damaged")
    with nnsim("bowl", XDG_CACHE_HOME=str(tmp_path)) as terminal:
        terminal.wait_for("paused", 120)
        terminal.press("right")
        terminal.wait_for("w1 went from 0 to 0.4")
        terminal.press("q")
        assert terminal.wait() == 0


def test_an_unwritable_cache_is_said_once(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    with nnsim("bowl", XDG_CACHE_HOME=str(blocked), size=(160, 40)) as terminal:
        terminal.wait_for(" anew ", 120)
        terminal.press("right")
        terminal.wait_for("w1 went from 0 to 0.4", 60)
        assert terminal.text.count(" anew ") == 1
        terminal.press("escape")
        terminal.wait_for("Which scenario?")
        terminal.press("enter")
        terminal.wait_for("paused", 60)
        terminal.press("q")
        assert terminal.wait() == 0
        assert is_restored(terminal)
    assert os.listdir(tmp_path) == ["a-file"]


@pytest.mark.parametrize("theme", ["nnsim-dark", "nnsim-light"])
@pytest.mark.parametrize(("term", "colours"), [("xterm", 16), ("xterm-256color", 256)])
def test_with_few_colours_everything_stays_visible(term: str, colours: int, theme: str) -> None:
    with nnsim("bowl", TERM=term, COLORTERM=None, TEXTUAL_THEME=theme) as terminal:
        terminal.wait_for("next step")
        terminal.press("right")
        terminal.wait_for("w1 = 0.4")
        terminal.settle()
        cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
        assert b"38;2;" not in terminal.output
        assert (b"38;5;" in terminal.output) == (colours == 256)
        seen = [cell for cell in cells if cell.data.strip() and cell.data != "▀"]
        assert not [cell for cell in seen if cell.fg == cell.bg]
        ball, text = (next(cell for cell in seen if cell.data == data) for data in ("●", "w"))
        assert ball.fg != text.fg
        # The relief: shades of a colour where there are enough of them, else contour lines of dots.
        shades = {cell.bg for cell in cells if cell.data == "▀"}
        assert len(shades) >= 4 if colours == 256 else not shades
        assert sum("⠁" <= cell.data <= "⣿" for cell in seen) > (0 if colours == 256 else 200)
