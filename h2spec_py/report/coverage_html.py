"""The coverage of one version as a page: its outline, each requirement with what proves it.

The page is as self-contained as that of a run, and shares its looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from h2spec_py import __version__
from h2spec_py.report.html import environment
from h2spec_py.report.view import BINDS
from h2spec_py.spec.catalogue import LEVELS
from h2spec_py.spec.coverage import (
    CLIENT,
    PROVEN,
    STATES,
    UNPROVABLE,
    UNPROVEN,
    Coverage,
    DocumentCoverage,
    SectionCoverage,
    Standing,
)
from h2spec_py.spec.documents import document_title, section_url

ICONS = {PROVEN: "✓", UNPROVEN: "○", CLIENT: "◇", UNPROVABLE: "–"}
"""A sign beside each state's name, so that nothing is told by colour alone."""

MEANINGS = {
    PROVEN: "a case shows whether a server does it",
    UNPROVEN: "a case could show it, and none does yet",
    CLIENT: "only a client could be shown to do it",
    UNPROVABLE: "no exchange shows it, or has to; the reason is beside it",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement in the words of the page."""

    id: str
    state: str
    level: str
    says: str
    binds: str
    also: list[tuple[str, str]]
    """Further sections that it stands in, with their addresses."""
    cases: list[tuple[str, int]]
    """Families of cases that prove it, with the number of their members."""
    reason: str


def render(coverage: Coverage, others: Mapping[str, str] | None = None) -> str:
    """Write the page, to be stored as UTF-8. The same coverage gives the same page.

    `others` has the address of the page of each version by its name, empty for this one.
    """
    totals = Counter(one.state for part in coverage.documents for one in part.standings)
    states = {state: totals[state] for state in STATES}
    return (
        environment()
        .get_template("coverage.html")
        .render(
            title=coverage.version.title,
            tool=f"h2spec_py {__version__}",
            others=list((others or {}).items()),
            documents=[_document(part) for part in coverage.documents],
            line=f"{totals.total()} requirements: "
            + ", ".join(f"{count} {state}" for state, count in states.items()),
            totals=states,
            choices={"all": totals.total(), **states},
            states=STATES,
            levels=LEVELS,
            icons=ICONS,
            meanings=MEANINGS,
        )
    )


def _document(part: DocumentCoverage) -> dict[str, object]:
    return {
        "title": document_title(part.document),
        "url": section_url(part.document),
        "sentences": part.sentences,
        "accounted": part.accounted,
        "levels": part.levels(),
        "provable": part.provable,
        "proven": part.count(PROVEN),
        "sections": [_section(section) for section in part.sections],
    }


def _section(section: SectionCoverage) -> dict[str, object]:
    return {
        "number": section.section,
        "title": section.title,
        "url": section.url,
        "anchor": f"section-{section.document}-{section.section}",
        "depth": section.depth,
        "counts": {state: section.count(state) for state in STATES},
        "filled": bool(section.standings or section.cited or section.sentences),
        "sentences": len(section.sentences),
        "accounted": len(section.sentences) - len(section.unaccounted),
        "rows": [_row(standing) for standing in section.standings],
        "cited": [standing.id for standing in section.cited],
        "exempt": list(section.exempt.items()),
        "unaccounted": section.unaccounted,
    }


def _row(standing: Standing) -> Row:
    requirement = standing.requirement
    return Row(
        id=standing.id,
        state=standing.state,
        level=standing.level,
        says=standing.says,
        binds=f"binds {BINDS[requirement.binds]}",
        also=[(str(one), one.url) for one in standing.sections[1:]],
        cases=families(standing.cases),
        reason=standing.reason,
    )


def families(cases: Sequence[str]) -> list[tuple[str, int]]:
    """Fold the members of families, `ping/length[7]`, into one name with their number."""
    return list(Counter(case.partition("[")[0] for case in cases).items())
