"""The catalogue of requirements: what each version obliges, advises or allows an endpoint to do.

It is data, in `requirements/*.yaml` beside this module: one entry for one thing that is demanded,
said once for all versions, with the sections and normative sentences that demand it. Which versions
a case runs in, at which level and for which role, follows from the requirement that it proves.

The reader is strict. What it refuses is a fault of the package, reported with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from h2spec_py.spec.model import Version
from h2spec_py.spec.reading import CatalogueError, Node, SectionRef, read_items
from h2spec_py.spec.sentences import SERIES

__all__ = [
    "LEVELS",
    "PROVABLE",
    "ROLES",
    "UNPROVABLE",
    "CatalogueError",
    "Requirement",
    "SectionRef",
    "catalogue",
    "read_catalogue",
    "read_requirements",
]

DIRECTORY = Path(__file__).resolve().parent / "requirements"

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
ROLES = ("client", "server", "both", "intermediary")
PROVABLE = ("client", "server", "both")

UNPROVABLE = (
    "any choice is allowed",
    "leaves no trace on the wire",
    "depends on what only the endpoint knows",
    "shows only behind an intermediary",
    "needs cooperation of the target",
    "shown by other means",
    "no bound is given",
    "quality advice",
    "the document leaves no way",
    "TLS stack",
)
"""The kinds of reasons why no exchange shows whether an endpoint does it, or none has to."""

KEYS = ("id", "says", "binds", "level", "where", "provable")
OPTIONAL = ("unprovable", "because")

ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """One thing that is demanded.

    `says` maps each document in `where` to what it demands, in words of our own, and `level` to a
    word of RFC 2119. `binds` names the endpoints that
    have to act. `provable` is `server`, `client` or `both`: the endpoints for which an exchange can
    show whether they do it; or it is one of UNPROVABLE, the kind of reason why none shows it, or
    has to, to which `because` may add what it is in this case. `unprovable` maps documents to such
    a reason where the others have none. `place` is where it stands, FILE:LINE, and `lines` are
    those of its keys, and of `level DOCUMENT` where the level differs.
    """

    id: str
    says: Mapping[str, str]
    binds: str
    level: Mapping[str, str]
    where: Mapping[str, tuple[SectionRef, ...]]
    provable: str
    because: str = ""
    unprovable: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def place_of(self, key: str) -> str:
        """Where a key of it stands, FILE:LINE; `level DOCUMENT` is the level in a document."""
        file, _, _ = self.place.partition(":")
        line = self.lines.get(key) or self.lines.get(key.partition(" ")[0])
        return f"{file}:{line}" if line else self.place

    def applies_to(self, version: Version) -> bool:
        """Whether the version's document, or that of its header compression, demands this."""
        return version.name in self.where or version.hpack in self.where

    def level_in(self, version: Version) -> str:
        """How strongly the version demands it, in a word of RFC 2119.

        The document of the version itself counts before that of its header compression. Raises
        LookupError when neither demands it.
        """
        return self.level[self._document(version)]

    def says_in(self, version: Version) -> str:
        """What the version demands. Raises LookupError as `level_in` does."""
        return self.says[self._document(version)]

    def sections_in(self, version: Version) -> tuple[SectionRef, ...]:
        """Where the version demands it, the chief section first; empty where it does not."""
        return (*self.where.get(version.name, ()), *self.where.get(version.hpack, ()))

    def provable_for(self, role: str, version: Version | None = None) -> bool:
        """Whether an exchange can show that an endpoint of this role does it.

        Without a version: in some version. Raises LookupError as `level_in` does.
        """
        if version is not None and self._document(version) in self.unprovable:
            return False
        return self.provable in {role, "both"}

    def _document(self, version: Version) -> str:
        for document in (version.name, version.hpack):
            if document in self.where:
                return document
        raise LookupError(f"{self.id} is not a requirement of {version.name}")

    def why_unprovable(self, version: Version | None = None) -> str:
        """The reason why no exchange shows it, or has to; empty where one can.

        Without a version: in any version. Raises LookupError as `level_in` does.
        """
        reason = self.provable
        if version is not None:
            reason = self.unprovable.get(self._document(version), reason)
        if reason in PROVABLE:
            return ""
        return f"{reason}: {self.because}" if self.because else reason


@cache
def catalogue() -> Mapping[str, Requirement]:
    """All requirements by id, in the order of the files. Raises CatalogueError."""
    return read_catalogue(DIRECTORY)


def read_catalogue(directory: Path) -> dict[str, Requirement]:
    """Read all requirement files of a directory. Raises CatalogueError."""
    found: dict[str, Requirement] = {}
    for path in sorted(directory.glob("*.yaml")):
        for requirement in read_requirements(path):
            if requirement.id in found:
                message = f"{requirement.id} is already in the catalogue"
                raise CatalogueError(f"{requirement.place}: {message}")
            found[requirement.id] = requirement
    return found


def read_requirements(path: Path) -> Iterator[Requirement]:
    """Read one requirement file. Raises CatalogueError."""
    for node in read_items(path, "requirements"):
        yield _requirement(node)


def _requirement(node: Node) -> Requirement:
    found = node.record("a requirement", KEYS, OPTIONAL)
    identifier = found["id"].text("id")
    if not ID.fullmatch(identifier):
        found["id"].refuse(f"{identifier!r} is not an id such as data.stream-zero")
    where = found["where"].where()
    level, lines = _level(found["level"], where)
    provable = found["provable"].one_of("provable", (*PROVABLE, *UNPROVABLE))
    unprovable = _unprovable(found["unprovable"], where) if "unprovable" in found else {}
    because = _line(found["because"], "because") if "because" in found else ""
    if because and provable in PROVABLE and not unprovable:
        found["because"].refuse("because is for what cannot be proven")
    return Requirement(
        id=identifier,
        says=_says(found["says"], where),
        binds=found["binds"].one_of("binds", ROLES),
        level=level,
        where=where,
        provable=provable,
        because=because,
        unprovable=unprovable,
        place=node.place,
        lines={key: value.line for key, value in found.items()} | lines,
    )


def _says(node: Node, where: Collection[str]) -> dict[str, str]:
    """The wording by document: one for all, or each from a document on, older ones first."""
    if node.is_text:
        return dict.fromkeys(where, _line(node, "says"))
    given = node.fields("says")
    for document, value in given.items():
        if document not in where:
            value.refuse(f"says is given from {document} on, which where leaves out")
    found: dict[str, str] = {}
    for series in SERIES:
        wording = None
        for document in (one for one in series if one in where):
            wording = given.get(document, wording)
            if wording is not None:
                found[document] = _line(wording, "says")
    for document in where:
        if document not in found:
            node.refuse(f"says is not given for {document}")
    return found


def _unprovable(node: Node, where: Collection[str]) -> dict[str, str]:
    """The reasons of the documents in which no exchange can show it."""
    given = node.fields("unprovable")
    for document, value in given.items():
        if document not in where:
            value.refuse(f"unprovable is given for {document}, which where leaves out")
    return {document: value.one_of("unprovable", UNPROVABLE) for document, value in given.items()}


def _line(node: Node, what: str) -> str:
    return " ".join(node.text(what).split())


def _level(node: Node, where: Collection[str]) -> tuple[dict[str, str], dict[str, int]]:
    """The level by document, and the lines where it differs."""
    if node.is_text:
        return dict.fromkeys(where, node.one_of("level", LEVELS)), {}
    given = node.fields("level")
    for document, value in given.items():
        if document not in where:
            value.refuse(f"level is given for {document}, which where leaves out")
    for document in where:
        if document not in given:
            node.refuse(f"level is not given for {document}")
    levels = {document: value.one_of("level", LEVELS) for document, value in given.items()}
    return levels, {f"level {document}": value.line for document, value in given.items()}
