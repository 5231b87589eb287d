"""What `nnsim check` prints: what came of each file, as text, as JSON, and as XML that test tools read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from nnsim.scenarios.checking import EXPECTS_NOTHING
from nnsim.tui.plain import plain

if TYPE_CHECKING:
    from nnsim.scenarios.checking import FileChecked

LEFT_OUT = "--full checks it"
COUNTS = {
    "tests": "testcase",
    "failures": "testcase/failure",
    "errors": "testcase/error",
    "skipped": "testcase/skipped",
}


def as_text(checked: Sequence[FileChecked]) -> str:
    """Two lines for a verdict, one for a file that cannot be used or expects nothing, then the count."""
    pairs = zip(checked, _names(checked), strict=True)
    return "\n".join([line for each, name in pairs for line in _lines(each, name)] + [_count(checked)])


def _names(checked: Sequence[FileChecked]) -> list[str]:
    """What each file is called: by its name, and by its path where others have the same name."""
    count = Counter(each.name for each in checked)
    return [plain(each.name if count[each.name] == 1 else each.file) for each in checked]


def _lines(checked: FileChecked, name: str) -> list[str]:
    if checked.error is not None:
        return [f"ERROR  {checked.error}"]
    lines = [f"ok     {name}: {EXPECTS_NOTHING}"] if checked.expects_nothing else []
    for verdict, _ in checked.verdicts:
        sign = "ok    " if verdict.passed else "FAILED"
        lines.append(f"{sign} {name}: {plain(verdict.title)}")
        lines.append(f"       expected {verdict.expected}; got {verdict.got}")
    return lines


def _count(checked: Sequence[FileChecked]) -> str:
    verdicts = [each.verdict for file in checked for each in file.verdicts]
    parts = []
    for kind, hold in (("expectation", "expectations hold"), ("solution", "solutions win")):
        passed = [verdict.passed for verdict in verdicts if verdict.kind == kind]
        parts += [f"{sum(passed)} of {len(passed)} {hold}"] if passed else []
    left_out = sum(len(each.left_out) for each in checked)
    parts += [f"{left_out} left out, which --full checks"] if left_out else []
    unusable = sum(each.error is not None for each in checked)
    parts += [f"{unusable} file{'s' if unusable > 1 else ''} cannot be used"] if unusable else []
    return "; ".join(parts or ["no expectations"])


def as_json(checked: Sequence[FileChecked]) -> str:
    """One object: the counts, the verdicts, what was left out, and the files, with what is wrong with them."""
    failed = sum(each.failed for each in checked)
    verdicts = [{**asdict(each.verdict), "file": file.file} for file in checked for each in file.verdicts]
    files = [
        {"file": each.file, "scenario": each.name, "expectations": each.expectations, "error": each.error}
        for each in checked
    ]
    return json.dumps(
        {
            "passed": len(verdicts) - failed,
            "failed": failed,
            "errors": sum(each.error is not None for each in checked),
            "left_out": [{"scenario": each.name, "title": title} for each in checked for title in each.left_out],
            "verdicts": verdicts,
            "files": files,
        }
    )


def as_junit(checked: Sequence[FileChecked]) -> str:
    """JUnit's XML: a suite per file, a case per expectation and solution; what was left out counts as skipped, and a
    file that cannot be used is an error. Characters beyond ASCII are written as references, so that it can be read
    wherever it is written."""
    suites = list(map(_suite, checked, _names(checked)))
    counts = {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in COUNTS}
    root = ElementTree.Element("testsuites", counts, time=f"{sum(each.seconds for each in checked):.3f}")
    root.extend(suites)
    text: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return text.decode("ascii")


def _suite(checked: FileChecked, name: str) -> ElementTree.Element:
    """The suite of a file, with its counts."""
    suite = ElementTree.Element("testsuite", name=name)

    def case(title: str, seconds: float = 0.0) -> ElementTree.Element:
        which = {"classname": name, "name": plain(title), "file": plain(checked.file)}
        return ElementTree.SubElement(suite, "testcase", which, time=f"{seconds:.3f}")

    if checked.error is not None:
        ElementTree.SubElement(case("builds", checked.seconds), "error", message=plain(checked.error))
    elif checked.expects_nothing:
        case(EXPECTS_NOTHING)
    for verdict, seconds in checked.verdicts:
        one = case(verdict.title, seconds)
        if not verdict.passed:
            text = plain(f"expected {verdict.expected}; got {verdict.got}")
            ElementTree.SubElement(one, "failure", message=text)
    for title in checked.left_out:
        ElementTree.SubElement(case(title), "skipped", message=LEFT_OUT)
    for count, tag in COUNTS.items():
        suite.set(count, str(len(suite.findall(tag))))
    suite.set("time", f"{checked.seconds:.3f}")
    return suite
