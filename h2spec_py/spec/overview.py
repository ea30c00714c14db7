"""The versions side by side, and what changed from one to the next, as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from h2spec_py.spec.changes import AREAS, Change, changes, facts
from h2spec_py.spec.model import Version

COLUMNS: Mapping[str, tuple[str, str]] = {
    "TLS": ("start", "TLS token"),
    "Upgrade": ("start", "Upgrade token"),
}
"""Facts that stand in a column of their own, by its heading."""

GAP = "  "


def overview(versions: Sequence[Version]) -> str:
    """Print key facts of versions side by side, then what changed from each to the next."""
    parts = [_side_by_side(versions)]
    parts += [between(old, new) for old, new in pairwise(versions)]
    return "\n".join(parts)


def between(old: Version, new: Version) -> str:
    """Print what changed from one version to another, under a heading for each area."""
    found = changes(old, new)
    lines = [f"From {old.title} to {new.title}"]
    for area, heading in AREAS.items():
        own = [change for change in found if change.area == area]
        if own:
            lines.append(f"{GAP}{heading}")
            lines += [f"{GAP}{GAP}{line}" for change in own for line in _told(change)]
    if not found:
        lines.append(f"{GAP}Nothing on the wire.")
    return "\n".join(lines) + "\n"


def _told(change: Change) -> list[str]:
    """Tell a change; old and new under each other where one line would be long."""
    if change.old is None:
        return [f"{change.subject}: new: {change.new}"]
    if change.new is None:
        return [f"{change.subject}: gone; it was {change.old}"]
    line = f"{change.subject}: {change.old} -> {change.new}"
    if len(line) <= 90:
        return [line]
    return [f"{change.subject}:", f"{GAP}   {change.old}", f"{GAP}-> {change.new}"]


def _side_by_side(versions: Sequence[Version]) -> str:
    heads = ("--draft", "document", "compression", *COLUMNS, "header", "length", "frames")
    rows = [[*heads, "SETTINGS", "authority"]]
    for version in versions:
        told = facts(version)
        header = version.header
        rows.append(
            [
                version.short,
                version.title,
                version.hpack_cited or version.hpack,
                *(told[fact] for fact in COLUMNS.values()),
                f"{header.octets} octets",
                f"{header.length_bits} bits",
                f"{len(version.frames)} types",
                f"{len(version.settings)}, " + ("ACK" if version.settings_ack else "no ACK"),
                version.pseudo["authority"],
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"
