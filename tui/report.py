"""What the headless commands print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from nnsim.scenarios.published import ends, of_timeline
from nnsim.tui.plain import plain

if TYPE_CHECKING:
    from nnsim.core.timeline import Timeline
    from nnsim.scenarios.checking import Checked, LeftOut
    from nnsim.scenarios.schema import Published
    from nnsim.scenarios.verdicts import Verdict

MOST_PARAMETERS = 16


def run_as_text(report: dict[str, Any]) -> str:
    """A run in a few lines."""
    lines = [f"{report['scenario']}: {report['updates']} updates, {report['epochs']} epochs, seed {report['seed']}"]
    for name, loss in report["loss"].items():
        if loss is not None:
            lines.append(f"{name + ' loss':<14} {loss!r}")
    measured = report["metrics"] | report["baselines"]
    lines += [f"{name.replace('_', ' '):<14} {value!r}" for name, value in measured.items()]
    parameters = report["parameters"]
    if len(parameters) <= MOST_PARAMETERS:
        lines += [f"{name:<14} {value!r}" for name, value in parameters.items()]
    else:
        lines.append(f"{len(parameters)} parameters; --format json prints them")
    return "\n".join(lines)


def epochs_as_text(timeline: Timeline, published: Published) -> str:
    """A line an epoch as Keras prints it while it trains, and beside it what was published."""
    count = len(published.losses)
    table, at = of_timeline(timeline, count), ends(timeline, count)
    seconds = np.diff(timeline.clock.seconds_at(at))
    lines = [
        f"Epoch {epoch:>2}/{count}  {took:.3f} s  loss {loss:.4f}  accuracy {accuracy:.4f}   "
        f"published {published.losses[epoch - 1]:.4f} {published.accuracies[epoch - 1]:.4f}"
        for epoch, (took, loss, accuracy) in enumerate(zip(seconds, *table, strict=True), 1)
    ]
    return "\n".join(lines)


def check_as_text(checked: Checked) -> str:
    """One line per expectation, then the count."""
    verdicts, left_out = checked
    lines = []
    for verdict in verdicts:
        sign = "ok    " if verdict.passed else "FAILED"
        lines.append(f"{sign} {verdict.scenario}: {plain(verdict.title)}")
        lines.append(f"       expected {verdict.expected}; got {verdict.got}")
    failed = sum(not verdict.passed for verdict in verdicts)
    count = f"{len(verdicts) - failed} of {len(verdicts)} expectations hold"
    return "\n".join([*lines, count + (f"; {len(left_out)} left out, which --full checks" if left_out else "")])


def check_as_json(checked: Checked) -> str:
    """One object with a list of verdicts, and of what was left out."""
    verdicts, left_out = checked
    failed = sum(not verdict.passed for verdict in verdicts)
    return json.dumps(
        {
            "passed": len(verdicts) - failed,
            "failed": failed,
            "left_out": [each._asdict() for each in left_out],
            "verdicts": list(map(asdict, verdicts)),
        }
    )


def check_as_junit(checked: Checked) -> str:
    """JUnit's XML: a suite per scenario, a case per expectation; what was left out counts as skipped."""
    names = [*(verdict.scenario for verdict in checked.verdicts), *(each.scenario for each in checked.left_out)]
    root = ElementTree.Element("testsuites", _counts(checked.verdicts, checked.left_out))
    for name in dict.fromkeys(names):
        verdicts = [verdict for verdict in checked.verdicts if verdict.scenario == name]
        left_out = [each for each in checked.left_out if each.scenario == name]
        suite = ElementTree.SubElement(root, "testsuite", {"name": name, **_counts(verdicts, left_out)})
        for verdict in verdicts:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=plain(verdict.title))
            if not verdict.passed:
                text = plain(f"expected {verdict.expected}; got {verdict.got}")
                ElementTree.SubElement(case, "failure", message=text)
        for each in left_out:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=plain(each.title))
            ElementTree.SubElement(case, "skipped", message="--full checks it")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _counts(verdicts: Sequence[Verdict], left_out: Sequence[LeftOut]) -> dict[str, str]:
    failures = sum(not verdict.passed for verdict in verdicts)
    return {"tests": str(len(verdicts) + len(left_out)), "failures": str(failures), "skipped": str(len(left_out))}
