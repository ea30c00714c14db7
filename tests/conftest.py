"""What all tests share: where no branches are measured, and what was proven, printed at the end."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no branches in tests that are marked `no_cover`.

    The plugin's own way does not do in the processes of pytest-xdist: it starts measuring twice
    there, and stops once. Trylast has this in effect behind what the plugin does.
    """
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    traces = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(traces[0])
        threading.settrace(traces[1])


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
    """Per generation: examples of its document, and blocks that other encoders wrote."""
    counted: Counter[tuple[str, str]] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "hpack" and isinstance(value, list):
                counted[value[0], value[1]] += value[2]
    for document in sorted({document for document, _ in counted}):
        elsewhere = f" and {counted[document, 'text']} in its text"
        terminalreporter.write_line(
            f"{document}: {counted[document, 'appendix']} appendix examples"
            f"{elsewhere if counted[document, 'text'] else ''} decoded; "
            f"{counted[document, 'foreign']} foreign blocks decoded, re-encoded, decoded again"
        )
