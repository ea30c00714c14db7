"""The coverage of versions as plain text: a line for each document, then what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h2spec_py.spec.catalogue import LEVELS
from h2spec_py.spec.coverage import PROVEN, UNPROVEN, Coverage, DocumentCoverage

GAP = "  "
LEFT = 2
"""How many columns are text; the others are numbers."""


def render(measured: Sequence[Coverage]) -> str:
    """Print the figures side by side, then by version and section what is missing."""
    missing = [line for one in measured for line in _missing(one)]
    none = ["Each normative sentence is accounted for, and each provable requirement is proven."]
    return "\n".join([*_table(measured), "", *(missing or none)]) + "\n"


def _table(measured: Sequence[Coverage]) -> list[str]:
    rows = [["version", "document", "sentences", *LEVELS, "provable", "proven"]]
    for one in measured:
        name = one.version.name
        for part in one.documents:
            rows.append([name, part.document, *_numbers(part)])
            name = ""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            cell.ljust(width) if number < LEFT else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _numbers(part: DocumentCoverage) -> list[str]:
    return [
        f"{part.accounted}/{part.sentences}",
        *map(str, part.levels().values()),
        str(part.provable),
        str(part.count(PROVEN)),
    ]


def _missing(one: Coverage) -> Iterator[str]:
    """Tell what a version lacks under its title; nothing where it lacks nothing."""
    lines = [line for part in one.documents for line in _lacks(part)]
    if lines:
        yield f"{one.version.title}: provable and not yet proven, or not accounted for"
        yield from lines


def _lacks(part: DocumentCoverage) -> Iterator[str]:
    for section in part.sections:
        lines = [
            f"{standing.level:10}  {standing.id}: {standing.says}"
            for standing in section.standings
            if standing.state == UNPROVEN
        ]
        lines += [f"sentence    {one} is not accounted for" for one in section.unaccounted]
        if lines:
            yield f"{GAP}{part.document} {section.section} {section.title}".rstrip()
            yield from (f"{GAP}{GAP}{line}" for line in lines)
