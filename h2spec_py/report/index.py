"""One page over several runs: a line for each version, and what became of the others.

It is as self-contained as the pages that it leads to, and shares their looks.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from h2spec_py.report.html import ICONS, MEANINGS, environment
from h2spec_py.report.text import seconds, visible
from h2spec_py.report.view import counts_line, document_title, shortfall
from h2spec_py.results import Results, count_outcomes
from h2spec_py.results_lines import OUTCOMES


@dataclass(frozen=True, slots=True)
class Row:
    """A run of one version."""

    results: Results
    page: Path | None = None
    """The page of the run, if there is one."""
    note: str = ""
    """What else is to be said about it, in one line."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A version that was not run."""

    version: str
    """Name of its document."""
    reason: str


def render(rows: Sequence[Row], absent: Sequence[Absent], folder: Path) -> str:
    """Write the page, to be stored in `folder` as UTF-8; links are relative to that."""
    targets = list(dict.fromkeys(row.results.header["target"]["url"] for row in rows))
    cases = [case for row in rows for case in row.results.cases]
    return (
        environment()
        .get_template("index.html")
        .render(
            lines=[_line(row, folder) for row in rows],
            absent=[(one.version, document_title(one.version), one.reason) for one in absent],
            targets=targets,
            tools=list(dict.fromkeys(row.results.header["tool"] for row in rows)),
            outcomes=OUTCOMES,
            totals=count_outcomes(cases),
            icons=ICONS,
            meanings=MEANINGS,
            choices=(),  # this page has nothing to filter
        )
    )


def _line(row: Row, folder: Path) -> dict[str, object]:
    header, footer = row.results.header, row.results.footer
    return {
        "version": header["version"],
        "title": document_title(header["version"]),
        "url": header["target"]["url"],
        "page": _link(row.page, folder),
        "counts": footer["counts"],
        "counts_line": counts_line(row.results),
        "took": seconds(footer["duration"]),
        "started": header["started"],
        "note": row.note,
        "shortfall": shortfall(row.results),
    }


def _link(page: Path | None, folder: Path) -> str:
    """The way from a folder to a page, as a relative address."""
    if page is None:
        return ""
    return quote(Path(os.path.relpath(page.absolute(), folder.absolute())).as_posix())


def text_lines(rows: Sequence[Row], absent: Sequence[Absent]) -> list[str]:
    """Tell the same for a terminal: a line for each version."""
    lines = []
    for row in rows:
        name = visible(row.results.header["version"], 40)
        more = "".join(f"; {part}" for part in (shortfall(row.results), row.note) if part)
        lines.append(f"{name:9} {counts_line(row.results)}{visible(more, 500)}")
    lines += [f"{one.version:9} {visible(one.reason, 500)}" for one in absent]
    return lines
