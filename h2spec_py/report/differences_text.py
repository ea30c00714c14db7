"""What an implementer who moves from one version to another has to do, as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from h2spec_py.report.view import BINDS
from h2spec_py.spec.catalogue import SectionRef
from h2spec_py.spec.changes import AREAS, Change, changes
from h2spec_py.spec.coverage import section_order
from h2spec_py.spec.differences import Answers, Difference, Differences, Reaction, Side
from h2spec_py.spec.model import Version
from h2spec_py.spec.sentences import SERIES

WIDTH = 100
INDENT = "    "
HANGING = " " * 12
"""What stands before the lines of an entry that have no level in front of them."""

SHORT = 85
"""How long a change of a value may be to be told (characters)."""

KINDS = {"response": "response with status"}
"""How a kind of answers is told, where it has to be told otherwise."""

TOPICS = {
    "altsvc": "ALTSVC",
    "blocked": "BLOCKED",
    "connection": "Connections",
    "continuation": "CONTINUATION",
    "data": "DATA",
    "error": "Error handling",
    "flow": "Flow control",
    "frame": "Frames",
    "goaway": "GOAWAY",
    "headers": "HEADERS",
    "hpack": "Header compression",
    "message": "HTTP messages",
    "ping": "PING",
    "preface": "Connection preface",
    "priority": "Priority",
    "push": "Server push",
    "rst-stream": "RST_STREAM",
    "settings": "SETTINGS",
    "start": "Starting HTTP/2",
    "stream": "Streams",
    "window": "WINDOW_UPDATE",
}
"""Headings for the topics of requirements."""


def render(found: Differences) -> str:
    """Print differences like release notes: a heading for each kind, then topics."""
    old, new = found.old, found.new
    stronger = [one for one in found.levels if one.growth > 0]
    weaker = [one for one in found.levels if one.growth < 0]
    parts = [
        [f"From {old.title} to {new.title}", "", *_wrapped(_summary(found), "", "")],
        _part("On the wire", _wire(old, new)),
        _part("New requirements", _by_topic(found.added)),
        _part("Stronger requirements", _by_topic(stronger)),
        _part("Weaker requirements", _by_topic(weaker)),
        _part("Faults to be answered otherwise", _reactions(found)),
        _part("Changed requirements", _by_topic(found.changed)),
        _part("No longer demanded", _by_topic(found.dropped)),
        _part("Reworded", _reworded(found.reworded)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _summary(found: Differences) -> str:
    stronger = sum(one.growth > 0 for one in found.levels)
    counts = (
        (len(found.added), "new"),
        (len(found.dropped), "no longer demanded"),
        (stronger, "stronger"),
        (len(found.levels) - stronger, "weaker"),
        (len({one.difference.id for one in found.errors}), "with another answer to a fault"),
        (len(found.changed), "changed"),
        (len(found.reworded), "reworded"),
    )
    told = [f"{count} {what}" for count, what in counts if count]
    return f"Requirements: {', '.join(told) or 'the same'}."


def _part(heading: str, lines: Iterable[str]) -> list[str]:
    listed = list(lines)
    return [heading, "-" * len(heading), *listed] if listed else []


def _wire(old: Version, new: Version) -> Iterator[str]:
    """Name what changed by area; the values are told by another command."""
    found = changes(old, new)
    for area, heading in AREAS.items():
        own = [change for change in found if change.area == area]
        if own:
            yield from _wrapped(f"{heading}: {_named(own)}", "  ", INDENT)
    if found:
        yield f"  With all values: h2spec-py versions {old.short} {new.short}"


def _named(found: Sequence[Change]) -> str:
    """List subjects: new ones, then those that are gone, then changed ones."""
    kinds = {
        "new": [one.subject for one in found if one.old is None],
        "gone": [one.subject for one in found if one.new is None],
        "changed": [_step(one) for one in found if one.old and one.new],
    }
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds.items() if names)


def _step(change: Change) -> str:
    """Name what changed, and how where that is short."""
    steps = f"{change.old} -> {change.new}"
    return (
        f"{change.subject} ({steps})"
        if change.area != "layout" and len(steps) <= SHORT
        else change.subject
    )


def _by_topic(found: Iterable[Difference]) -> Iterator[str]:
    for topic, own in groupby(found, lambda one: one.topic):
        yield f"  {TOPICS.get(topic, topic)}"
        for one in own:
            yield from _entry(one)


def _entry(one: Difference) -> Iterator[str]:
    level = _word(one.side)
    if one.growth and one.old:
        level = f"{_word(one.old)} -> {level}:"
        yield from _wrapped(f"{level} {one.side.says}", INDENT, HANGING)
    else:
        yield from _wrapped(one.side.says, f"{INDENT}{level:<6}  ", HANGING)
    if one.changed and one.old:
        yield from _wrapped(f"was: {one.old.says}", HANGING, HANGING)
    yield from _wrapped(_place(one), HANGING, HANGING)


def _word(side: Side) -> str:
    """Tell how strong a demand is; what is said after it has the negation of MUST NOT in itself."""
    return side.level.removesuffix(" NOT")


def _place(one: Difference) -> str:
    """Say who is bound, where it stands, and what it is called."""
    where = [side.where for side in (one.old, one.new) if side]
    return f"{BINDS[one.requirement.binds]}; {' -> '.join(where)}; {one.id}"


def _reactions(found: Differences) -> Iterator[str]:
    for topic, own in groupby(found.errors, lambda one: one.difference.topic):
        yield f"  {TOPICS.get(topic, topic)}"
        for difference, reactions in groupby(own, lambda one: one.difference):
            yield from _wrapped(difference.side.says, INDENT, HANGING)
            # The cases take whatever the text leaves open; the wordings say only what it says.
            told = difference.changed and difference.old
            if told:
                yield from _wrapped(f"was: {told.says}", HANGING, HANGING)
            for one in reactions:
                if not told:
                    yield from _wrapped(f"was: {_words(one.old, found.old)}", HANGING, HANGING)
                    yield from _wrapped(f"now: {_words(one.new, found.new)}", HANGING, HANGING)
                yield from _wrapped(f"cases: {_cases(one)}", HANGING, HANGING)
            yield from _wrapped(_place(difference), HANGING, HANGING)


def _words(answers: Answers, version: Version) -> str:
    """Tell the answers to a fault, with error codes named as in the version's document."""
    parts = []
    for kind, own in groupby(sorted(answers), lambda answer: answer[0]):
        codes = [version.called(code) for _, code in own]
        parts.append(f"a {KINDS.get(kind, kind)} {_or(codes)}")
    return ", or ".join(parts)


def _or(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _cases(one: Reaction) -> str:
    return ", ".join(dict.fromkeys(case.partition("[")[0] for case in one.cases))


def _reworded(found: Sequence[Difference]) -> Iterator[str]:
    """List the sections that the requirements stand in, then and now, in the new one's order."""
    if not found:
        return
    yield "  The catalogue has no other demand here, but the words differ; read again:"
    places: dict[tuple[SectionRef, SectionRef], None] = {}
    for one in found:
        if one.old and one.new:
            places[one.old.sections[0], one.new.sections[0]] = None
    order = sorted(places, key=lambda pair: _place_order(pair[1]))
    cells = [f"{old} -> {new}" for old, new in order]
    width = max(map(len, cells)) + 2
    beside = (WIDTH - len(INDENT)) // width
    for start in range(0, len(cells), beside):
        row = cells[start : start + beside]
        yield f"{INDENT}{''.join(cell.ljust(width) for cell in row)}".rstrip()


def _place_order(place: SectionRef) -> tuple[bool, object]:
    """Sort the sections of HPACK behind those of HTTP/2."""
    return place.document in SERIES[1], section_order(place.section)


def _wrapped(text: str, first: str, following: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
