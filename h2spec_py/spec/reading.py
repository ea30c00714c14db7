"""Reading the YAML files of the catalogue: strictly, with file and line of what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from h2spec_py.spec.documents import document_title, section_url

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The one in C reads the catalogue ten times faster; PyYAML may be built without it."""

REFERENCE = re.compile(r"((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)(?:#([1-9][0-9]*))?")


class CatalogueError(Exception):
    """A file of the catalogue that cannot be understood; the message starts with FILE:LINE."""


def shown(path: Path) -> str:
    """Name a file with its folder, `requirements/ping.yaml`: there is also a `cases/ping.yaml`."""
    return f"{path.parent.name}/{path.name}"


@dataclass(frozen=True, slots=True)
class SectionRef:
    """A section of a document, or with `sentence` one numbered normative sentence of it.

    `line` is the line of the file that refers to it, 0 where none does.
    """

    document: str
    section: str
    sentence: int | None = None
    line: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.document} {self.section}"

    @property
    def id(self) -> str | None:
        """The id of the sentence within its document, such as `6.5#4`."""
        return None if self.sentence is None else f"{self.section}#{self.sentence}"

    @property
    def url(self) -> str:
        """Where the section is published."""
        return section_url(self.document, self.section)


Where = Mapping[str, tuple[SectionRef, ...]]


class Node:
    """A node of a YAML file, which says where it is and refuses what is not expected.

    The methods raise CatalogueError.
    """

    def __init__(self, path: Path, node: yaml.Node) -> None:
        self.path = path
        self.yaml = node
        self.line: int = node.start_mark.line + 1

    @property
    def place(self) -> str:
        """FILE:LINE, with the folder of the file."""
        return f"{shown(self.path)}:{self.line}"

    @property
    def is_text(self) -> bool:
        """Whether it is neither a list nor a mapping."""
        return isinstance(self.yaml, yaml.ScalarNode)

    def refuse(self, message: str, line: int = 0) -> NoReturn:
        """Raise CatalogueError for this place, or another line of the file."""
        raise CatalogueError(f"{shown(self.path)}:{line or self.line}: {message}")

    def items(self, what: str) -> list[Node]:
        """The items of a list of `what`."""
        if not isinstance(self.yaml, yaml.SequenceNode):
            self.refuse(f"a list of {what} is expected")
        return [Node(self.path, item) for item in self.yaml.value]

    def one_or_more(self, what: str) -> list[Node]:
        """The items of a list of `what`, or the only one where there is no list."""
        return self.items(what) if isinstance(self.yaml, yaml.SequenceNode) else [self]

    def fields(self, what: str) -> dict[str, Node]:
        """Take a mapping apart; a key that comes twice is refused."""
        if not isinstance(self.yaml, yaml.MappingNode):
            self.refuse(f"{what} must be a mapping")
        found: dict[str, Node] = {}
        for key, value in self.yaml.value:
            node = Node(self.path, key)
            name = node.text("a key")
            if name in found:
                node.refuse(f"key {name} comes twice")
            found[name] = Node(self.path, value)
        return found

    def record(
        self, what: str, keys: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, Node]:
        """Take a mapping apart that has all of `keys`, and none but these and the optional ones."""
        found = self.fields(what)
        for name, node in found.items():
            if name not in (*keys, *optional):
                node.refuse(f"key {name} is not one of {', '.join((*keys, *optional))}")
        for name in keys:
            if name not in found:
                self.refuse(f"key {name} is missing")
        return found

    def text(self, what: str) -> str:
        """Text that is not empty."""
        if not isinstance(self.yaml, yaml.ScalarNode) or not self.yaml.value.strip():
            self.refuse(f"{what} must be text")
        return str(self.yaml.value)

    def one_of(self, what: str, allowed: Sequence[str]) -> str:
        """One of some words."""
        value = self.text(what)
        if value not in allowed:
            self.refuse(f"{what} is {value!r}, not one of {', '.join(allowed)}")
        return value

    def where(self) -> dict[str, tuple[SectionRef, ...]]:
        """Sections and sentences by document."""
        where: dict[str, tuple[SectionRef, ...]] = {}
        for document, value in self.fields("where").items():
            try:
                document_title(document)
            except ValueError as error:
                value.refuse(str(error))
            where[document] = tuple(one.reference(document) for one in value.one_or_more("section"))
            if not where[document]:
                value.refuse(f"no section of {document} is given")
        if not where:
            self.refuse("where names no document")
        return where

    def reference(self, document: str) -> SectionRef:
        """A section, or a sentence of it."""
        text = self.text("a section")
        match = REFERENCE.fullmatch(text)
        if match is None:
            self.refuse(f"{text!r} is not a section such as 6.1 or 6.1#2")
        return SectionRef(document, match[1], int(match[2]) if match[2] else None, self.line)


def read_items(path: Path, what: str) -> list[Node]:
    """Read a file that is a list of `what`; empty for a file without content.

    Raises CatalogueError.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{shown(path)}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{shown(path)}:1: not YAML: {error}") from None
    return [] if root is None else Node(path, root).items(what)
