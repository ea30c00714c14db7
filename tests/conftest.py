"""What all tests share: the counts of what was proven, printed at the end."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what the both-ways test and the HPACK tests recorded, over all worker processes."""
    _hpack_counts(terminalreporter)
    proven = {"proven_to_pass": 0, "proven_to_fail": 0}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name in proven and isinstance(value, int):
                proven[name] += value
    if proven["proven_to_pass"]:
        terminalreporter.write_line(
            f"both ways: {proven['proven_to_pass']} cases x versions proven to pass, "
            f"{proven['proven_to_fail']} broken requirements x cases x versions proven to fail"
        )


def _hpack_counts(terminalreporter: pytest.TerminalReporter) -> None:
    """Per generation: appendix examples, and blocks that other encoders wrote."""
    counted: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "hpack" and isinstance(value, list):
                counted[value[0], value[1]] += value[2]
    for document in sorted({document for document, _ in counted}):
        terminalreporter.write_line(
            f"{document}: {counted[document, 'appendix']} appendix examples decoded; "
            f"{counted[document, 'foreign']} foreign blocks decoded, re-encoded, decoded again"
        )
