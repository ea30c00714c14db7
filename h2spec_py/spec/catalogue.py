"""The catalogue of requirements: what each version obliges, advises or allows an endpoint to do.

It is data, in `requirements/*.yaml` beside this module: one entry for one thing that is demanded,
said once for all versions, with the sections and normative sentences that demand it. Which versions
a case runs in, at which level and for which role, follows from the requirement that it proves.

The reader is strict. What it refuses is a fault of the package, reported with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import yaml

from h2spec_py.spec.documents import document_title, section_url
from h2spec_py.spec.model import Version

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
    "no words in the case language",
    "quality advice",
    "the document leaves no way",
    "no case yet",
    "TLS stack",
)
"""The kinds of reasons why no exchange can show whether an endpoint does it."""

KEYS = ("id", "says", "binds", "level", "where", "provable")
OPTIONAL = ("because",)

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The one in C reads the catalogue ten times faster; PyYAML may be built without it."""

ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
REFERENCE = re.compile(r"((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)(?:#([1-9][0-9]*))?")


class CatalogueError(Exception):
    """A requirement file that cannot be understood; the message starts with FILE:LINE."""


@dataclass(frozen=True, slots=True)
class SectionRef:
    """A section of a document, or with `sentence` one numbered normative sentence of it."""

    document: str
    section: str
    sentence: int | None = None

    def __str__(self) -> str:
        return f"{self.document} {self.section}"

    @property
    def url(self) -> str:
        """Where the section is published."""
        return section_url(self.document, self.section)


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """One thing that is demanded.

    `level` maps each document in `where` to a word of RFC 2119. `binds` names the endpoints that
    have to act. `provable` is `server`, `client` or `both`: the endpoints for which an exchange can
    show whether they do it; or it is one of UNPROVABLE, the kind of reason why none can, to which
    `because` may add what it is in this case. `place` is where it stands, FILE:LINE.
    """

    id: str
    says: str
    binds: str
    level: Mapping[str, str]
    where: Mapping[str, tuple[SectionRef, ...]]
    provable: str
    because: str = ""
    place: str = ""

    def applies_to(self, version: Version) -> bool:
        """Whether the version's document, or that of its header compression, demands this."""
        return version.name in self.where or version.hpack in self.where

    def level_in(self, version: Version) -> str:
        """How strongly the version demands it, in a word of RFC 2119.

        The document of the version itself counts before that of its header compression. Raises
        LookupError when neither demands it.
        """
        for document in (version.name, version.hpack):
            if document in self.level:
                return self.level[document]
        raise LookupError(f"{self.id} is not a requirement of {version.name}")

    def sections_in(self, version: Version) -> tuple[SectionRef, ...]:
        """Where the version demands it, the chief section first; empty where it does not."""
        return (*self.where.get(version.name, ()), *self.where.get(version.hpack, ()))

    def provable_for(self, role: str) -> bool:
        """Whether an exchange can show that an endpoint of this role does it."""
        return self.provable in {role, "both"}

    @property
    def why_unprovable(self) -> str:
        """The reason why no exchange can show it; empty where one can."""
        if self.provable in PROVABLE:
            return ""
        return f"{self.provable}: {self.because}" if self.because else self.provable


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
                _refuse(requirement.place, f"{requirement.id} is already in the catalogue")
            found[requirement.id] = requirement
    return found


def read_requirements(path: Path) -> Iterator[Requirement]:
    """Read one requirement file. Raises CatalogueError."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{path.name}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}:1: not YAML: {error}") from None
    if root is None:
        return
    for node in _items(path, root, "requirements"):
        yield _requirement(path, node)


def _place(path: Path, node: yaml.Node) -> str:
    return f"{path.name}:{node.start_mark.line + 1}"


def _refuse(place: str, message: str) -> NoReturn:
    raise CatalogueError(f"{place}: {message}")


def _items(path: Path, node: yaml.Node, what: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        _refuse(_place(path, node), f"a list of {what} is expected")
    return list(node.value)


def _fields(path: Path, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
    """Take a mapping apart; a key that comes twice is refused."""
    if not isinstance(node, yaml.MappingNode):
        _refuse(_place(path, node), f"{what} must be a mapping")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _text(path, key, "a key")
        if name in found:
            _refuse(_place(path, key), f"key {name} comes twice")
        found[name] = value
    return found


def _text(path: Path, node: yaml.Node, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        _refuse(_place(path, node), f"{what} must be text")
    return str(node.value)


def _one_of(path: Path, node: yaml.Node, what: str, allowed: tuple[str, ...]) -> str:
    value = _text(path, node, what)
    if value not in allowed:
        _refuse(_place(path, node), f"{what} is {value!r}, not one of {', '.join(allowed)}")
    return value


def _requirement(path: Path, node: yaml.Node) -> Requirement:
    fields = _fields(path, node, "a requirement")
    for name in fields:
        if name not in (*KEYS, *OPTIONAL):
            known = ", ".join((*KEYS, *OPTIONAL))
            _refuse(_place(path, fields[name]), f"key {name} is not one of {known}")
    for name in KEYS:
        if name not in fields:
            _refuse(_place(path, node), f"key {name} is missing")
    identifier = _text(path, fields["id"], "id")
    if not ID.fullmatch(identifier):
        _refuse(_place(path, fields["id"]), f"{identifier!r} is not an id such as data.stream-zero")
    where = _where(path, fields["where"])
    provable = _one_of(path, fields["provable"], "provable", (*PROVABLE, *UNPROVABLE))
    because = _text(path, fields["because"], "because") if "because" in fields else ""
    if because and provable in PROVABLE:
        _refuse(_place(path, fields["because"]), "because is for what cannot be proven")
    return Requirement(
        id=identifier,
        says=" ".join(_text(path, fields["says"], "says").split()),
        binds=_one_of(path, fields["binds"], "binds", ROLES),
        level=_level(path, fields["level"], where),
        where=where,
        provable=provable,
        because=because,
        place=_place(path, node),
    )


def _where(path: Path, node: yaml.Node) -> dict[str, tuple[SectionRef, ...]]:
    where: dict[str, tuple[SectionRef, ...]] = {}
    for document, value in _fields(path, node, "where").items():
        try:
            document_title(document)
        except ValueError as error:
            _refuse(_place(path, value), str(error))
        listed = isinstance(value, yaml.SequenceNode)
        nodes = _items(path, value, "sections") if listed else [value]
        where[document] = tuple(_reference(path, document, one) for one in nodes)
        if not nodes:
            _refuse(_place(path, value), f"no section of {document} is given")
    if not where:
        _refuse(_place(path, node), "where names no document")
    return where


def _reference(path: Path, document: str, node: yaml.Node) -> SectionRef:
    text = _text(path, node, "a section")
    match = REFERENCE.fullmatch(text)
    if match is None:
        _refuse(_place(path, node), f"{text!r} is not a section such as 6.1 or 6.1#2")
    return SectionRef(document, match[1], int(match[2]) if match[2] else None)


def _level(path: Path, node: yaml.Node, where: Mapping[str, object]) -> dict[str, str]:
    if isinstance(node, yaml.ScalarNode):
        return dict.fromkeys(where, _one_of(path, node, "level", LEVELS))
    given = _fields(path, node, "level")
    for document, value in given.items():
        if document not in where:
            _refuse(_place(path, value), f"level is given for {document}, which where leaves out")
    for document in where:
        if document not in given:
            _refuse(_place(path, node), f"level is not given for {document}")
    return {document: _one_of(path, value, "level", LEVELS) for document, value in given.items()}
