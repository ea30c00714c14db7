"""A line on standard error that shows how far a run has come, where a person can see it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from h2spec_py.report.summary import STYLES
from h2spec_py.report.view import ATTENTION


class Progress:
    """A progress bar for the engine's callbacks; it shows nothing unless `file` is a terminal.

    It draws when it is told of something and has no thread of its own, and after `stop` it leaves
    no trace on the screen. All methods may be called in any order and any number of times.
    """

    def __init__(self, file: TextIO | None = None) -> None:
        console = Console(file=sys.stderr if file is None else file)
        self._shown = console.is_terminal and not console.is_dumb_terminal
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None
        self._seen = dict.fromkeys(ATTENTION, 0)

    def start(self, total: int) -> None:
        """Show the bar for `total` cases."""
        if not self._shown or self._task is not None:
            return
        self._task = self._bar.add_task("running", total=total)
        self._bar.start()

    def case(self, result: Mapping[str, Any]) -> None:
        """Count one case that has its result (a case line of a results file)."""
        if self._task is None:
            return
        if result.get("outcome") in self._seen:
            self._seen[result["outcome"]] += 1
        self._bar.update(self._task, advance=1, description=self._describe(), refresh=True)

    def stop(self) -> None:
        """Take the bar off the screen."""
        if self._task is not None:
            self._bar.stop()
            self._task = None

    def _describe(self) -> str:
        # Markup of rich, made of our own words only: nothing of the target's is ever shown here.
        noted = [
            f"[{STYLES[outcome]}]{number} {outcome}[/]"
            for outcome, number in self._seen.items()
            if number
        ]
        return ", ".join(noted) or "running"
