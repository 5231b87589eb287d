"""The command line: `nnsim` opens the app, `nnsim run` and `nnsim check` do the same without a screen.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 an expectation or a solution failed or a run
stopped unasked, 2 wrong use or bad input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from nnsim.scenarios import library
from nnsim.scenarios.library import name_of
from nnsim.scenarios.reader import ScenarioError, find, glance, read
from nnsim.scenarios.suggestions import meant
from nnsim.tui.opening import WRONG_USE, open_app

FAILED, INTERRUPTED = 1, 130


class Commands(click.Group):
    """Commands, and for any other first word the app: `nnsim bowl` opens the bowl."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "open", self.commands["open"], args
        return super().resolve_command(ctx, args)


def main() -> None:
    """The console script: no traceback for anything that a person can cause."""
    try:
        commands(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        message = error.format_message()
        click.echo(f"nnsim: {message}{'' if message.endswith(('.', '?')) else '.'}", err=True)
        sys.exit(WRONG_USE)
    except ScenarioError as error:
        click.echo(f"nnsim: {error}", err=True)
        sys.exit(WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("nnsim: interrupted.", err=True)
        sys.exit(INTERRUPTED)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="[SCENARIO... | COMMAND]",
    epilog="A SCENARIO is a name of the course (nnsim list) or the path of a .toml file.",
)
@click.version_option(package_name="nnsim", message="nnsim %(version)s")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII characters only.")
@click.pass_context
def commands(context: click.Context, ascii_only: bool) -> None:
    """A laboratory for gradient descent in the terminal.

    Without a command nnsim opens the gallery, and with a SCENARIO its lab.
    """
    context.obj = ascii_only
    if context.invoked_subcommand is None:
        open_app([], ascii_only)


class Choice(click.Choice[str]):
    """One of a few words, of which the nearest is named when it is none of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            words = error.message.rstrip(".") + (meant(value, self.choices) or ".")
            raise click.BadParameter(words, ctx, param) from None


@commands.command("open", hidden=True)
@click.argument("scenarios", nargs=-1)
@click.pass_obj
def open_command(ascii_only: bool, scenarios: tuple[str, ...]) -> None:
    """Open the app with these scenarios."""
    open_app([find(name, commands.commands) for name in scenarios], ascii_only)


@commands.command("list")
def list_command() -> None:
    """List the scenarios of the course, chapter by chapter."""
    width = max(map(len, library.COURSE))
    lines: list[str] = []
    chapter = ""
    for file in library.files():
        scenario = glance(file)
        if scenario.chapter != chapter:
            chapter = scenario.chapter
            lines += ["", chapter] if lines else [chapter]
        lines += [f"  {name_of(file):<{width}}  {scenario.title}", f"  {'':<{width}}  {scenario.question}"]
    write("\n".join(lines), None)


@commands.command(
    "run", epilog="A KEY is one of a scenario file, such as optimizer.learning_rate, batches.size or start."
)
@click.argument("scenario")
@click.option("--epochs", type=click.IntRange(0, 10**9), help="Run for so many epochs.")
@click.option("--updates", type=click.IntRange(0, 10**12), help="Run for so many updates.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a key, as optimizer.momentum=0.9.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed for the start and the batches.")
@click.option("--format", "form", type=Choice(["text", "json", "csv"]), default="text", help="Default: text.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout.")
def run_command(
    scenario: str,
    epochs: int | None,
    updates: int | None,
    settings: tuple[str, ...],
    seed: int | None,
    form: str,
    out: Path | None,
) -> None:
    """Run a scenario without a screen and print what came out."""
    if epochs is not None and updates is not None:
        raise click.UsageError("--epochs and --updates: a run takes only one of them")
    from nnsim.scenarios import experiment, runner
    from nnsim.scenarios.expect import Diverges
    from nnsim.tui import report
    from nnsim.tui.progress import progress

    path, overrides = find(scenario), dict(map(parse_setting, settings))
    spec = read(path, overrides)
    ready = experiment.build(spec, str(path), name_of(path), overrides)
    notify_of_cache()
    with progress(f"Running {name_of(path)}") as advance:
        timeline = runner.run(ready, updates, epochs, seed, advance)
    result = runner.report(ready, timeline)
    forms = {"text": report.run_as_text, "json": runner.as_json, "csv": runner.as_csv}
    text = forms[form](result)
    if form == "text" and spec.published is not None:
        text = f"{report.epochs_as_text(timeline, spec.published)}\n{text}"
    write(text, out)
    asked = any(isinstance(expectation, Diverges) and expectation.set == overrides for expectation in spec.expect)
    if timeline.stopped is not None:
        click.echo(f"nnsim: {timeline.stopped.sentence}.", err=True)
        sys.exit(0 if asked and timeline.stopped.kind == "diverged" else FAILED)


@commands.command("check")
@click.argument("scenarios", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Check the whole course.")
@click.option("--full", is_flag=True, help="Check the expectations that take long as well.")
@click.option("--format", "form", type=Choice(["text", "json", "junit"]), default="text", help="Default: text.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, not to stdout.")
def check_command(scenarios: tuple[str, ...], everything: bool, full: bool, form: str, out: Path | None) -> None:
    """Check that scenarios bring what they promise: a SCENARIO may also be a folder.

    Everything that a scenario leads to is built, its expectations are run, and the solutions of its challenges played.
    """
    everything = everything or (full and not scenarios)
    if not scenarios and not everything:
        raise click.UsageError("check: name a scenario, or --all for the whole course")
    from nnsim.scenarios.checking import check
    from nnsim.tui import check_report
    from nnsim.tui.progress import progress

    sources = [*(map(str, library.files()) if everything else ()), *scenarios]
    notify_of_cache()
    with progress("Checking") as advance:
        checked = check(sources, full, advance)
    forms = {"text": check_report.as_text, "json": check_report.as_json, "junit": check_report.as_junit}
    write(forms[form](checked), out)
    unusable, failed = any(each.error for each in checked), any(each.failed for each in checked)
    sys.exit(WRONG_USE if unusable else FAILED if failed else 0)


def parse_setting(text: str) -> tuple[str, Any]:
    """A KEY=VALUE of the command line; the value is read as TOML, and as plain text where it is not."""
    key, sign, value = text.partition("=")
    if not sign or not all(key.split(".")):
        raise click.UsageError(f"--set {text!r}: it takes KEY=VALUE, such as optimizer.learning_rate=0.1")
    try:
        table = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):  # not TOML, a number of thousands of digits, or nested too deeply
        return key, value
    return key, table["value"] if len(table) == 1 else value


def write(text: str, out: Path | None) -> None:
    """Print the data, or put it into a file."""
    if out is None:
        try:
            click.echo(text, nl=not text.endswith("\n"))
        except BrokenPipeError:  # whoever read us, as `head` does, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    from nnsim.tui.files import write_atomically

    try:
        write_atomically(out, text if text.endswith("\n") else text + "\n")
    except OSError as error:
        raise click.ClickException(f"--out {out} cannot be written: {(error.strerror or str(error)).lower()}") from None


def notify_of_cache() -> None:
    """Say once when compiled kernels cannot be kept."""
    from nnsim.core.jit import CACHE_NOTICE

    if CACHE_NOTICE:
        click.echo(f"nnsim: {CACHE_NOTICE}", err=True)
