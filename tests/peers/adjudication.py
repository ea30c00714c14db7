"""What real servers fail, looked into one by one: each red is a defect that we would defend.

`<server>.yaml` beside this module lists every failure of a server with the reason why it is the
server that is wrong. A failure that is not listed is ours until it has been looked into, and so is
an entry that nothing fails any more. Where it is a race within the server that decides, `unless`
says which one, and the entry may go without a failure; what a race of ours decides is a defect of
the case.

    - case: data/padding-over-limit       # an id, or a pattern with * for members of a family
      versions: "7540.."                  # optional; all that are run
      transports: [tls]                   # optional; both
      section: rfc9113 6.1                # what the server breaks
      verdict: fail alive                 # the outcome, and how it ended; `fail` alone fits any end
      unless: it happens to …             # optional; what in the server itself lets it pass
      because: >-
        why this is a defect of the server, as the end of a sentence.

`because` goes on where the words above the entries leave off, which each file has in its head
comment and the reader insists on: "we would defend this in its issue tracker because".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from h2spec_py.case.errors import CaseError, CaseErrors, Place, hint
from h2spec_py.case.nodes import MappingNode, Node, ScalarNode, SequenceNode, describe, parse
from h2spec_py.engine import CaseResult
from h2spec_py.judge.verdict import Outcome
from h2spec_py.spec import Version, in_range
from h2spec_py.spec.documents import section_title

TRANSPORTS = ("tls", "cleartext")
REQUIRED = ("case", "section", "verdict", "because")
KEYS = (*REQUIRED, "versions", "transports", "unless")
SECTION = re.compile(r"([a-z0-9-]+) ([0-9A-Z]+(?:\.[0-9]+)*)")
VERDICT = re.compile(r"fail(?: ([a-z0-9/.-]+(?:\([0-9A-Za-z_]+\))?))?")
DEFENCE = "we would defend this in its issue tracker because"
"""What whoever adds an entry claims; every `because` is the end of this sentence."""
LEAST = 40
"""A reason has at least so many characters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A failure that was found to be the server's. `ending` is empty where any will do."""

    place: Place
    case: str
    section: str
    ending: str
    because: str
    versions: str
    transports: tuple[str, ...]
    unless: str = ""

    def concerns(self, version: Version, transport: str) -> bool:
        """Whether the entry is about runs in this version, over this transport."""
        return in_range(self.versions, version.short) and transport in self.transports

    def covers(self, result: CaseResult) -> bool:
        """Whether a result is the failure that the entry is about."""
        return (
            result.verdict.outcome is Outcome.FAIL
            and self.ending in ("", result.verdict.ending)
            and fits_pattern(self.case, result.loaded.id)
        )


def fits_pattern(pattern: str, case: str) -> bool:
    """Whether a case's id fits a pattern in which `*` stands for any text."""
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".*".join(parts), case) is not None


def read_entries(path: Path, known: Mapping[str, Version]) -> list[Entry]:
    """Read a file of entries. `known` are the versions that are run, by document.

    Raises CaseErrors with everything that is wrong.
    """
    errors: list[CaseError] = []
    text = path.read_text(encoding="utf-8")
    root = parse(text, path.name, errors)
    if DEFENCE not in text.partition("\n\n")[0]:
        message = f"the head comment does not say: {DEFENCE}"
        errors.append(CaseError(Place(path.name), message))
    entries: list[Entry] = []
    if isinstance(root, SequenceNode):
        for node in root.items:
            try:
                entries.append(_entry(node, known))
            except CaseError as error:
                errors.append(error)
    elif root is not None:
        errors.append(CaseError(root.place, f"{describe(root)}; a list of entries is expected"))
    if errors:
        raise CaseErrors(errors)
    return entries


def _entry(node: Node, known: Mapping[str, Version]) -> Entry:
    if not isinstance(node, MappingNode):
        raise CaseError(node.place, f"{describe(node)}; an entry is a mapping")
    for key, _ in node.items:
        if key.text not in KEYS:
            raise CaseError(key.place, f"unknown key {key.text!r}{hint(key.text, KEYS)}")
    for name in REQUIRED:
        if node.get(name) is None:
            raise CaseError(node.place, f"key {name!r} is missing")
    because = " ".join(_text(node, "because").split())
    if len(because) < LEAST:
        raise _wrong(node, "because", f"{because!r} is no reason")
    verdict = VERDICT.fullmatch(_text(node, "verdict"))
    if verdict is None:
        raise _wrong(node, "verdict", "not `fail`, nor `fail` and an ending such as `alive`")
    return Entry(
        node.place,
        _text(node, "case"),
        _section(node, known),
        verdict[1] or "",
        because,
        _versions(node, known),
        _transports(node),
        _text(node, "unless") if node.get("unless") is not None else "",
    )


def _wrong(node: MappingNode, key: str, message: str) -> CaseError:
    value = node.get(key)
    return CaseError(value.place if value else node.place, f"{key}: {message}")


def _text(node: MappingNode, key: str) -> str:
    value = node.get(key)
    if not isinstance(value, ScalarNode):
        raise _wrong(node, key, "text is expected")
    return value.text


def _section(node: MappingNode, known: Mapping[str, Version]) -> str:
    text = _text(node, "section")
    found = SECTION.fullmatch(text)
    documents = {document for one in known.values() for document in (one.name, one.hpack)}
    if found is None or found[1] not in documents:
        raise _wrong(node, "section", f"{text!r} is not a section such as 'rfc9113 6.1'")
    if not section_title(found[1], found[2]):
        raise _wrong(node, "section", f"there is no {text}")
    return text


def _versions(node: MappingNode, known: Mapping[str, Version]) -> str:
    if node.get("versions") is None:
        return "04.."
    text = _text(node, "versions")
    try:
        some = any(in_range(text, version.short) for version in known.values())
    except ValueError as error:
        raise _wrong(node, "versions", str(error)) from None
    if not some:
        raise _wrong(node, "versions", f"{text} has none of {', '.join(known)}")
    return text


def _transports(node: MappingNode) -> tuple[str, ...]:
    value = node.get("transports")
    if value is None:
        return TRANSPORTS
    items = value.items if isinstance(value, SequenceNode) else ()
    names = tuple(item.text for item in items if isinstance(item, ScalarNode))
    if not names or len(names) != len(items) or set(names) - set(TRANSPORTS):
        raise _wrong(node, "transports", f"a list of some of {', '.join(TRANSPORTS)} is expected")
    return names


def disputes(
    entries: Sequence[Entry], results: Sequence[CaseResult], version: Version, transport: str
) -> list[str]:
    """What a run shows that the entries do not, and the other way round: one line for each.

    Every result must be a statement about the server, every failure must have an entry, and every
    entry that is about such runs a failure.
    """
    here = [entry for entry in entries if entry.concerns(version, transport)]
    return [*_unaccounted(here, results), *_outlived(here, results)]


def _unaccounted(here: Sequence[Entry], results: Sequence[CaseResult]) -> Iterator[str]:
    for result in results:
        verdict = result.verdict
        said = f"{result.loaded.id}: {verdict.outcome} {verdict.ending}: {verdict.reason}"
        covered = any(entry.covers(result) for entry in here)
        if verdict.outcome is Outcome.ERROR:
            yield f"no statement: {said}"
        elif verdict.outcome is Outcome.FAIL and not covered:
            yield f"not adjudicated: {said} ({result.loaded.section})"


def _outlived(here: Sequence[Entry], results: Sequence[CaseResult]) -> Iterator[str]:
    for entry in here:
        if not entry.unless and not any(entry.covers(result) for result in results):
            where = f"{entry.place.path}:{entry.place.line}"
            yield f"{where}: {entry.case} does not fail (any more, or with another ending)"


def counts(results: Sequence[CaseResult]) -> str:
    """How many cases had each outcome, in one line."""
    found = Counter(result.verdict.outcome for result in results)
    return ", ".join(f"{found[outcome]} {outcome}" for outcome in Outcome)
