"""A run in the order in which people read it: by section of the specification.

All views of a results file share this order, so that a page, a JUnit file and a terminal tell the
same story. It depends on nothing but what was found, since cases finish in any order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from h2spec_py.results import Results, count_outcomes
from h2spec_py.results_lines import OUTCOMES, CaseResult, Outcome
from h2spec_py.spec import documents

ATTENTION: tuple[Outcome, ...] = ("fail", "error", "non-strict")
"""Outcomes that somebody should look at, the most urgent first."""

FOLDED: tuple[Outcome, ...] = ("error", "skip")
"""Outcomes that say nothing about the target."""

BINDS = {
    "both": "clients and servers",
    "client": "clients",
    "server": "servers",
    "intermediary": "intermediaries",
}
"""Whom a requirement binds, in the words of readers."""

_NUMBER = re.compile(r"([0-9]{1,9})")

Key = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class SectionGroup:
    """The cases of one section."""

    document: str
    section: str
    title: str
    url: str
    """Empty when the results name none that is safe to link."""
    cases: tuple[CaseResult, ...]

    @property
    def name(self) -> str:
        """Such as `rfc9113 6.1`."""
        return f"{self.document} {self.section}"

    @property
    def anchor(self) -> str:
        """Name of the section within a page, of characters that need no escape in an address."""
        return re.sub(r"[^a-z0-9.]+", "-", f"section-{self.name[:100]}".lower())

    @property
    def counts(self) -> dict[str, int]:
        """How many of the cases had each outcome."""
        return count_outcomes(self.cases)


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about one case, and about others in the same way."""

    case: CaseResult
    others: tuple[CaseResult, ...]


def by_section(results: Results) -> list[SectionGroup]:
    """Group the cases by section, in the order of the specification.

    Sections of the version's own document come first, then those of other documents (HPACK's).
    Numbers count as numbers: 6.10 follows 6.9. Within a section, cases go by id.
    """
    groups: dict[tuple[str, str], list[CaseResult]] = {}
    for case in results.cases:
        section = case["section"]
        groups.setdefault((section["document"], section["section"]), []).append(case)
    main = results.header["version"]
    order = sorted(groups, key=lambda name: (name[0] != main, natural(name[0]), natural(name[1])))
    return [_group(document, section, groups[document, section]) for document, section in order]


def _group(document: str, section: str, cases: list[CaseResult]) -> SectionGroup:
    cases.sort(key=lambda case: natural(case["id"]))
    titles = [title for case in cases if (title := case["section"].get("title"))]
    urls = [url for case in cases if (url := safe_url(case["section"].get("url")))]
    return SectionGroup(
        document, section, titles[0] if titles else "", urls[0] if urls else "", tuple(cases)
    )


def by_document(groups: Iterable[SectionGroup]) -> list[tuple[str, list[SectionGroup]]]:
    """Group sections by their document, in the order in which they are given."""
    return [(name, list(own)) for name, own in groupby(groups, lambda group: group.document)]


def natural(text: str) -> Key:
    """Give a sort key by which numbers within text sort as numbers, and before words."""
    return tuple(
        (0, int(part), "") if _NUMBER.fullmatch(part) else (1, 0, part)
        for part in _NUMBER.split(text)
        if part
    )


def noted(groups: Iterable[SectionGroup], outcomes: Iterable[Outcome]) -> list[Note]:
    """List the cases with one of `outcomes`, in the order of these.

    Cases that say nothing about the target are folded into one note where they share the reason: a
    target that cannot be reached is one thing to say, however many cases there are.
    """
    cases = [case for group in groups for case in group.cases]
    notes: dict[tuple[str, ...], list[CaseResult]] = {}
    for outcome in outcomes:
        for case in cases:
            if case["outcome"] == outcome:
                own = case["reason"] if outcome in FOLDED else case["id"]
                notes.setdefault((outcome, own), []).append(case)
    return [Note(first, tuple(others)) for first, *others in notes.values()]


def safe_url(url: str | None) -> str:
    """Return `url` if it leads to a web page, and nothing if it does anything else."""
    return url if url and re.match(r"https?://[\x21-\x7e]{1,2000}\Z", url) else ""


def document_title(document: str) -> str:
    """Write the name of a document for people, or as it is when it is none that we know."""
    try:
        return documents.document_title(document)
    except ValueError:
        return document


def counts_line(results: Results) -> str:
    """Sum up a run: `98 cases: 90 pass, 3 non-strict, 4 fail, 0 info, 1 skip, 0 error in 1.9 s`."""
    counts = results.footer["counts"]
    listed = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    number = len(results.cases)
    return (
        f"{number} case{'' if number == 1 else 's'}: {listed} in {results.footer['duration']:.1f} s"
    )


def additions_line(results: Results) -> str:
    """Say how many skipped cases options would add: `More cases: 12 with another --path`.

    Empty where no option would.
    """
    wanted = Counter(
        " and ".join(case["remedies"])
        for case in results.cases
        if case["outcome"] == "skip" and case.get("remedies")
    )
    listed = ", ".join(f"{number} with {what}" for what, number in wanted.most_common())
    return f"More cases: {listed}" if listed else ""


def shortfall(results: Results) -> str:
    """Say why this run proves less than it should, or nothing when it is whole.

    A run without a single case must not look like one without a failure.
    """
    found, planned = len(results.cases), results.header["cases"]
    if results.footer["interrupted"]:
        return f"interrupted after {found} of {planned} cases"
    if found < planned:
        return f"ended after {found} of {planned} cases, with exit code {results.footer['exit']}"
    return "" if found else "no case was run"
