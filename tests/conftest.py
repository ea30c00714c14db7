"""What all tests share: the count of what the both-ways test proved, printed at the end."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what the both-ways test recorded, over all worker processes."""
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
