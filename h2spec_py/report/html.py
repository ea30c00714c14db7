"""One self-contained web page for a run, readable without scripts, network or this program.

What came from the target is escaped twice over: characters that act become visible (`text`), and
Jinja escapes the rest. Should both fail one day, the page's own policy still forbids it to load or
run anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from h2spec_py.report.text import entry_direction, fields, flag_names, hexdump, plain, visible
from h2spec_py.report.text import seconds as duration
from h2spec_py.report.view import (
    ATTENTION,
    by_document,
    by_section,
    counts_line,
    document_title,
    noted,
    safe_url,
    shortfall,
)
from h2spec_py.results import Results
from h2spec_py.results_lines import OUTCOMES, CaseResult, Entry

FORMAT = "html"

OPEN_LIMIT = 12
"""With at most this many failures, the page shows them unfolded."""

ICONS = {"pass": "✓", "non-strict": "≈", "fail": "✗", "info": "i", "skip": "–", "error": "!"}
"""A sign beside each outcome's name, so that nothing is told by colour alone."""

MEANINGS = {
    "pass": "did what the version requires",
    "non-strict": "protected itself, but not as written",
    "fail": "broke a requirement",
    "info": "the version allows either; this is what it does",
    "skip": "does not apply to this target",
    "error": "our side or the network failed: no statement about the target",
}


def render(results: Results) -> str:
    """Write the page for `results`, to be stored as UTF-8. The same results give the same page."""
    groups = by_section(results)
    return (
        environment()
        .get_template("page.html")
        .render(
            header=results.header,
            footer=results.footer,
            facts=_facts(results),
            version=document_title(results.header["version"]),
            documents=by_document(groups),
            attention=noted(groups, ATTENTION),
            anchors={case["id"]: _anchor(case["id"]) for case in results.cases},
            unfolded=_unfolded(results),
            outcomes=OUTCOMES,
            choices={"all": len(results.cases), **results.footer["counts"]},
            icons=ICONS,
            meanings=MEANINGS,
            counts_line=counts_line(results),
            shortfall=shortfall(results),
        )
    )


def environment() -> Environment:
    """Make what renders templates: all that they put out becomes visible, escaped text."""
    environment = Environment(
        loader=PackageLoader("h2spec_py.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )
    environment.globals |= {
        "document_title": document_title,
        "link": safe_url,
        "links": _links,
        "duration": duration,
    }
    cells: Any = environment.get_template("transcript.html").module
    environment.globals["rows"] = partial(_rows, cells.cells, {})
    return environment


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a transcript: when, which way, and the cells that follow."""

    time: str
    direction: str
    cells: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of a transcript in the words of the page; what is empty is left out."""

    way: str
    """The direction behind an arrow."""
    type: str
    """Of a frame, or of octets outside frames; empty for a note."""
    where: str
    flags: str
    fields: list[tuple[str, str]]
    octets: Markup
    text: str


def _rows(
    cells: Callable[[Shown], Markup], made: dict[str, Markup], case: CaseResult
) -> Iterator[Row]:
    """Lay out a transcript.

    A page has thousands of these lines, templates are slow, and most lines differ only in their
    time: cells that are `made` serve again.
    """
    for entry in case["transcript"]:
        known = repr({**entry, "at": 0})
        if known not in made:
            made[known] = cells(_shown(entry))
        direction = entry_direction(entry)[1]
        yield Row(f"{entry['at'] * 1000:.1f} ms", direction, made[known])


def _shown(entry: Entry) -> Shown:
    arrow, direction = entry_direction(entry)
    dump = hexdump(entry.get("octets", ""))
    more = "\n(more octets followed)" if dump and entry.get("truncated") else ""
    return Shown(
        way=f"{arrow} {direction}",
        type=entry.get("type", ""),
        where=_where(entry),
        flags=flag_names(entry),
        fields=fields(entry.get("detail", {})),
        octets=escape(dump + more),
        text=entry.get("text", ""),
    )


def _where(entry: Entry) -> str:
    stream = f"stream {entry['stream']}" if "stream" in entry else ""
    if "length" not in entry:
        return stream
    octets = f"{entry['length']} octet{'' if entry['length'] == 1 else 's'}"
    return f"{stream}, {octets}" if stream else octets


def _show(value: Any) -> Any:
    """Make everything that the template puts out visible text, whatever its origin."""
    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else value


def _anchor(case_id: str) -> str:
    """Name a case within the page; in an address, it has to be quoted."""
    return f"case-{visible(case_id, 300)}"


def _links(requirement: Any) -> list[tuple[str, str]]:
    """Pair the sections of a requirement with their addresses, where these are safe."""
    urls = [safe_url(url) for url in requirement.get("urls", [])]
    sections = requirement["sections"][:20]
    return list(zip(sections, [*urls, *[""] * len(sections)], strict=False))


def _facts(results: Results) -> list[tuple[str, str]]:
    header, footer = results.header, results.footer
    target = header["target"]
    security = [target.get("tls_version"), target.get("cipher")]
    tls = ", ".join(visible(part, 100) for part in security if part) or "yes"
    options = [
        visible(key, 60) if value is True else f"{visible(key, 60)} {plain(value)}"
        for key, value in header["options"].items()
        if value not in (None, False, "", [], {})
    ]
    facts = [
        ("Target", target["url"]),
        ("Address", f"{target['host']} port {target['port']}"),
        ("Transport", f"TLS: {tls}" if target["tls"] else "cleartext TCP"),
        ("ALPN", target.get("alpn") or ""),
        ("Options", visible(", ".join(options), 1000)),
        ("Started", header["started"]),
        ("Took", duration(footer["duration"])),
        ("Exit code", str(footer["exit"])),
        ("Made by", header["tool"]),
    ]
    return [(name, fact) for name, fact in facts if fact]


def _unfolded(results: Results) -> frozenset[str]:
    """Choose the cases that are shown unfolded: those that failed, unless they are many."""
    failed = [case["id"] for case in results.cases if case["outcome"] in ("fail", "error")]
    return frozenset(failed if len(failed) <= OPEN_LIMIT else ())
