"""JUnit XML: a run for continuous integration, well-formed whatever the target sent.

One test suite per section, one test case per case. A `fail` is a failure, a fault of ours is an
error, `skip` is skipped. `non-strict` and `info` pass, with a note in the case's output. A run that
is not whole gets one more suite with an error in it, so that it cannot pass for one that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from h2spec_py.report.text import entry_line, visible
from h2spec_py.report.view import SectionGroup, by_section, document_title, shortfall
from h2spec_py.results import Results
from h2spec_py.results_lines import CaseResult

FORMAT = "junit"

ENTRIES_LIMIT = 200
"""How many entries of a transcript are shown with a failure."""

Element = ET.Element


def render(results: Results) -> str:
    """Write `results` as a JUnit XML document, to be stored as UTF-8."""
    suites = [_suite(results, group) for group in by_section(results)]
    if reason := shortfall(results):
        suites.append(_shortfall_suite(results, reason))
    version = document_title(visible(results.header["version"], 40))
    root = ET.Element("testsuites", {"name": f"h2spec_py {version}"})
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{results.footer['duration']:.3f}")
    root.extend(suites)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(results: Results, group: SectionGroup) -> Element:
    counts = group.counts
    suite = _new_suite(results, f"{group.name} {group.title}".rstrip())
    suite.set("tests", str(len(group.cases)))
    suite.set("failures", str(counts["fail"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skip"]))
    suite.set("time", f"{sum(case['duration'] for case in group.cases):.3f}")
    suite.extend(_case(case) for case in group.cases)
    return suite


def _shortfall_suite(results: Results, reason: str) -> Element:
    suite = _new_suite(results, "run")
    for name, value in {"tests": 1, "failures": 0, "errors": 1, "skipped": 0}.items():
        suite.set(name, str(value))
    suite.set("time", "0.000")
    case = ET.SubElement(
        suite, "testcase", {"name": "run is complete", "classname": "h2spec_py", "time": "0.000"}
    )
    ET.SubElement(case, "error", {"type": "error", "message": reason})
    return suite


def _new_suite(results: Results, name: str) -> Element:
    header = results.header
    suite = ET.Element("testsuite", {"name": visible(name, 200).strip() or "-"})
    # The schema wants a time without zone; ours is UTC.
    suite.set("timestamp", visible(header["started"], 40).removesuffix("Z"))
    suite.set("hostname", visible(header["target"]["host"], 300))
    properties = ET.SubElement(suite, "properties")
    for key, value in {
        "target": header["target"]["url"],
        "version": header["version"],
        "tool": header["tool"],
    }.items():
        ET.SubElement(properties, "property", {"name": key, "value": visible(value, 300)})
    return suite


def _case(case: CaseResult) -> Element:
    section = case["section"]
    place = f"{section['document']}.{section['section'].replace('.', '_')}"
    element = ET.Element(
        "testcase",
        {
            "name": f"{visible(case['id'], 300)}: {visible(case['title'], 300)}",
            "classname": f"h2spec_py.{visible(place, 100)}",
            "time": f"{case['duration']:.3f}",
        },
    )
    # A case is found by file and line, which readers of JUnit files expect apart.
    file, _, line = case["file"].rpartition(":")
    if file and re.fullmatch("[0-9]{1,9}", line):
        element.set("file", visible(file, 300))
        element.set("line", line)
    else:
        element.set("file", visible(case["file"], 300))
    message = f"{visible(case['reason'], 500)} ({visible(case['ending'], 100)})"
    outcome = case["outcome"]
    if outcome in ("fail", "error"):
        fault = ET.SubElement(element, "failure" if outcome == "fail" else "error")
        fault.set("type", _level(case) if outcome == "fail" else "error")
        fault.set("message", message)
        fault.text = _evidence(case)
    elif outcome == "skip":
        ET.SubElement(element, "skipped", {"message": visible(case["reason"], 500)})
    elif outcome != "pass":
        ET.SubElement(element, "system-out").text = f"{outcome}: {message}"
    return element


def _level(case: CaseResult) -> str:
    levels = [visible(requirement["level"], 40) for requirement in case["requirements"]]
    return levels[0] if levels else "fail"


def _evidence(case: CaseResult) -> str:
    return "\n" + "\n".join(_evidence_lines(case)) + "\n"


def _evidence_lines(case: CaseResult) -> Iterable[str]:
    section = case["section"]
    yield f"case: {visible(case['id'], 300)}"
    yield visible(f"section: {section['document']} {section['section']} {section.get('url') or ''}")
    for requirement in case["requirements"][:20]:
        sections = visible(", ".join(requirement["sections"][:20]), 300)
        level = visible(requirement["level"], 40)
        yield (
            f"requirement: {visible(requirement['id'], 100)} ({level}, {sections}): "
            f"{visible(requirement['says'])}"
        )
    yield f"expected: {visible(case['expected'])}"
    yield f"ended: {visible(case['ending'])}"
    yield f"reason: {visible(case['reason'])}"
    if case["twin"] is not None:
        yield f"legal twin: {visible(case['twin'], 300)}"
    yield "transcript (-> to the target, <- from the target):"
    for entry in case["transcript"][:ENTRIES_LIMIT]:
        yield entry_line(entry)
    if (rest := len(case["transcript"]) - ENTRIES_LIMIT) > 0:
        yield f"… and {rest} more"
