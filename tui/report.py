"""What the headless commands print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from nnsim.tui.plain import plain

if TYPE_CHECKING:
    from nnsim.scenarios.expectations import Verdict

MOST_PARAMETERS = 16


def run_as_text(report: dict[str, Any]) -> str:
    """A run in a few lines."""
    lines = [f"{report['scenario']}: {report['updates']} updates, {report['epochs']} epochs, seed {report['seed']}"]
    for name, loss in report["loss"].items():
        if loss is not None:
            lines.append(f"{name + ' loss':<14} {loss!r}")
    lines += [f"{name.replace('_', ' '):<14} {value!r}" for name, value in report["metrics"].items()]
    parameters = report["parameters"]
    if len(parameters) <= MOST_PARAMETERS:
        lines += [f"{name:<14} {value!r}" for name, value in parameters.items()]
    else:
        lines.append(f"{len(parameters)} parameters; --format json prints them")
    return "\n".join(lines)


def check_as_text(verdicts: Sequence[Verdict]) -> str:
    """One line per expectation, then the count."""
    lines = []
    for verdict in verdicts:
        sign = "ok    " if verdict.passed else "FAILED"
        lines.append(f"{sign} {verdict.scenario}: {plain(verdict.title)}")
        lines.append(f"       expected {verdict.expected}; got {verdict.got}")
    failed = sum(not verdict.passed for verdict in verdicts)
    return "\n".join([*lines, f"{len(verdicts) - failed} of {len(verdicts)} expectations hold"])


def check_as_json(verdicts: Sequence[Verdict]) -> str:
    """One object with a list of verdicts."""
    failed = sum(not verdict.passed for verdict in verdicts)
    return json.dumps({"passed": len(verdicts) - failed, "failed": failed, "verdicts": list(map(asdict, verdicts))})


def check_as_junit(verdicts: Sequence[Verdict]) -> str:
    """JUnit's XML: a suite per scenario, a case per expectation."""
    failed = sum(not verdict.passed for verdict in verdicts)
    root = ElementTree.Element("testsuites", tests=str(len(verdicts)), failures=str(failed))
    for name in dict.fromkeys(verdict.scenario for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.scenario == name]
        failures = str(sum(not verdict.passed for verdict in own))
        suite = ElementTree.SubElement(root, "testsuite", name=name, tests=str(len(own)), failures=failures)
        for verdict in own:
            case = ElementTree.SubElement(suite, "testcase", classname=name, name=plain(verdict.title))
            if not verdict.passed:
                text = plain(f"expected {verdict.expected}; got {verdict.got}")
                ElementTree.SubElement(case, "failure", message=text)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
