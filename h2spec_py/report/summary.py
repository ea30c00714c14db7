"""The summary of a run for a terminal, or for a file that takes the place of one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import StringIO
from typing import TextIO

from rich import box
from rich.console import Console, OverflowMethod
from rich.table import Table
from rich.text import Text

from h2spec_py.report.text import visible
from h2spec_py.report.view import (
    ATTENTION,
    Note,
    SectionGroup,
    additions_line,
    by_section,
    counts_line,
    document_title,
    noted,
    shortfall,
)
from h2spec_py.results import Results
from h2spec_py.results_lines import OUTCOMES

STYLES = {
    "pass": "green",
    "non-strict": "yellow",
    "fail": "bold red",
    "info": "cyan",
    "skip": "bright_black",
    "error": "bold magenta",
}
"""How each outcome looks where there are colours; its name is always written out."""

NAMES_LIMIT = 6
"""How many cases are named where many share one reason."""

WIDE = 120
"""Columns where no terminal sets them: in a file or a log, all titles of sections are whole."""

TITLE = 52
"""Columns that the longest title of a section takes."""

INDENT = " " * 12
NO_ENDING = "-"
"""What stands for an ending in results of cases that were not played to their end."""


def render(results: Results, *, width: int = 100) -> str:
    """Write the summary as text without colours; its table is at most `width` columns wide."""
    text = StringIO()
    # Nothing is asked of the environment, so that the same results give the same text everywhere.
    plain = Console(
        file=text,
        width=width,
        color_system=None,
        force_terminal=False,
        highlight=False,
        _environ={},
    )
    _print(results, plain)
    return text.getvalue()


def print_summary(results: Results, file: TextIO | None = None) -> None:
    """Write the summary to `file` (default: standard output), in colour where that is a terminal.

    Characters that the encoding of `file` may lack are written as escapes.
    """
    file = sys.stdout if file is None else file
    given = file.isatty() or "COLUMNS" in os.environ
    _print(results, Console(file=file, width=None if given else WIDE, highlight=False))


def print_lines(lines: Iterable[str], file: TextIO | None = None) -> None:
    """Write lines as `print_summary` does, behind an empty one."""
    console = Console(file=sys.stdout if file is None else file, highlight=False)
    _line(console, "")
    for line in lines:
        _line(console, line)


def _print(results: Results, console: Console) -> None:
    groups = by_section(results)
    header = results.header
    target = visible(header["target"]["url"], 200)
    _line(console, (f"{document_title(visible(header['version'], 40))} at {target}", "bold"))
    if groups:
        console.print(_table(groups, console.width, ascii_only=console.options.ascii_only))
    for note in noted(groups, (*ATTENTION, "skip")):
        _print_note(console, note)
    if more := additions_line(results):
        _line(console, visible(more, 500))
    if reason := shortfall(results):
        _line(console, (f"Incomplete: {reason}", STYLES["error"]))
    _line(console, (counts_line(results), "bold"))


def _table(groups: list[SectionGroup], width: int, *, ascii_only: bool) -> Table:
    table = Table(
        box=box.ASCII if ascii_only else box.SIMPLE_HEAD,
        show_footer=True,
        padding=(0, 1, 0, 0),
    )
    # The sign that rich puts where it shortens is not in ASCII.
    cut: OverflowMethod = "crop" if ascii_only else "ellipsis"
    totals = {outcome: sum(group.counts[outcome] for group in groups) for outcome in OUTCOMES}
    shown = [outcome for outcome in OUTCOMES if totals[outcome] or outcome in ("pass", "fail")]
    names = [_text(visible(group.name, 30), ascii_only=ascii_only) for group in groups]
    taken = max(len("section"), *(name.cell_len for name in names)) + sum(map(len, shown))
    room = min(TITLE, width - taken - 2 * len(shown) - 6)
    table.add_column("section", "all", no_wrap=True, overflow=cut)
    table.add_column("", no_wrap=True, overflow=cut, width=max(room, 1))
    for outcome in shown:
        footer = Text(str(totals[outcome]), STYLES[outcome] if totals[outcome] else "bright_black")
        table.add_column(outcome, footer, justify="right", no_wrap=True, overflow=cut)
    for group, name in zip(groups, names, strict=True):
        counts = group.counts
        table.add_row(
            name,
            _text(visible(group.title, 80), ascii_only=ascii_only),
            *(
                Text(str(counts[outcome]), STYLES[outcome]) if counts[outcome] else Text("")
                for outcome in shown
            ),
        )
    return table


def _print_note(console: Console, note: Note) -> None:
    case = note.case
    outcome = case["outcome"]
    ending = "" if case["ending"] == NO_ENDING else f"{visible(case['ending'], 80)}: "
    reason = f"{ending}{visible(case['reason'], 500)}"
    label = (f"{outcome:<{len(INDENT)}}", STYLES[outcome])
    if note.others:
        names = [visible(one["id"], 200) for one in (case, *note.others)]
        more = f" and {len(names) - NAMES_LIMIT} more" if len(names) > NAMES_LIMIT else ""
        _line(console, label, (f"{len(names)} cases", "bold"), f"  {reason}")
        _line(console, f"{INDENT}{', '.join(names[:NAMES_LIMIT])}{more}")
        return
    section = visible(f"{case['section']['document']} {case['section']['section']}", 60)
    title = visible(case["title"], 200)
    _line(console, label, (visible(case["id"], 200), "bold"), f"  {section}  {title}")
    _line(console, f"{INDENT}{reason}")


def _line(console: Console, *parts: str | tuple[str, str]) -> None:
    """Print one line, which is never wrapped: a log is searched line by line."""
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(_text(words, ascii_only=console.options.ascii_only, style=style))
    console.print(text, soft_wrap=True)


def _text(words: str, *, ascii_only: bool, style: str = "") -> Text:
    if ascii_only:
        words = words.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")
    return Text(words, style)
