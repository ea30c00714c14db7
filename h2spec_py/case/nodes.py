"""YAML as a tree of nodes that know their place, with every scalar left as text.

Plain YAML reads `04` as 4, `no` as false and some rows of hexadecimal digits as numbers; here the
schema decides what a scalar is. What YAML allows and a case has no use for is refused: duplicate
keys, tags, several documents, values that are left out. So is what only an attack would contain:
aliases that multiply, or that contain themselves, and nesting without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from h2spec_py.case.errors import CaseError, Place, shown

MAX_DEPTH = 50
MAX_NODES = 100_000
"""How many nodes a file may have, counting those behind an alias each time that they are used."""

SURROGATES = re.compile("[\ud800-\udfff]")

Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """Text. `size` counts nodes, here and in the other kinds."""

    place: Place
    text: str
    size: int = 1
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class SequenceNode:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    size: int
    depth: int


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode:
    """A mapping; `absent` names the keys that it has in other versions only."""

    place: Place
    items: tuple[tuple[ScalarNode, Node], ...]
    size: int
    depth: int
    absent: frozenset[str] = frozenset()

    def key(self, name: str) -> ScalarNode | None:
        """Find a key."""
        return next((key for key, _ in self.items if key.text == name), None)

    def get(self, name: str) -> Node | None:
        """Find the value of a key."""
        return next((value for key, value in self.items if key.text == name), None)


Node = ScalarNode | SequenceNode | MappingNode


def sequence(place: Place, items: list[Node]) -> SequenceNode:
    """Make a list of nodes."""
    size, depth = _measure(items)
    return SequenceNode(place, tuple(items), size, depth)


def mapping(
    place: Place,
    items: list[tuple[ScalarNode, Node]],
    errors: list[CaseError],
    absent: frozenset[str] = frozenset(),
) -> MappingNode:
    """Make a mapping of nodes. A key that is there already is left out and goes to `errors`."""
    seen: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in items:
        first, _ = seen.setdefault(key.text, (key, value))
        if first is not key:
            where = f"line {first.place.line}"
            message = f"key {shown(key.text)} is already in this mapping, {where}"
            errors.append(CaseError(key.place, message))
    size, depth = _measure([value for _, value in seen.values()])
    return MappingNode(place, tuple(seen.values()), size + len(seen), depth, absent)


def _measure(children: list[Node]) -> tuple[int, int]:
    return 1 + sum(c.size for c in children), 1 + max((c.depth for c in children), default=0)


def plain(node: Node) -> Any:
    """The node as plain Python values: str, list and dict."""
    match node:
        case ScalarNode():
            return node.text
        case SequenceNode():
            return [plain(item) for item in node.items]
        case _:
            return {key.text: plain(value) for key, value in node.items}


def describe(node: Node) -> str:
    """Say what a node is, for a message: `'text'`, `a list`, `a mapping`."""
    match node:
        case ScalarNode():
            return shown(node.text)
        case SequenceNode():
            return "a list"
        case _:
            return "a mapping"


def parse(text: str, name: str, errors: list[CaseError]) -> Node | None:
    """Read YAML text into a tree; None if there is nothing but comments.

    `name` is that of the file, for messages. Duplicate keys and missing values go to `errors`, and
    reading goes on. Raises CaseError for what leaves no tree to go on with.
    """
    try:
        return _Composer(name, _events(text, Parser), errors).document()
    except yaml.YAMLError as error:
        raise _syntax_error(text, name, error) from None


def _events(text: str, parser: Any) -> Iterator[Any]:
    loader = parser(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _syntax_error(text: str, name: str, error: yaml.YAMLError) -> CaseError:
    try:
        # The two parsers word their errors differently: take those of the one that is always there.
        # It stops at our bounds, too: the one in C looks ahead, and fails on what is past them.
        _Composer(name, _events(text, yaml.BaseLoader), []).document()
    except yaml.YAMLError as other:
        error = other
    except CaseError as fault:
        return fault
    if isinstance(error, ReaderError):
        before = text[: error.position]
        place = Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        character = error.character
        code = character if isinstance(character, int) else ord(character)
        return CaseError(place, f"character U+{code:04X} is not allowed in YAML")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
    words = [getattr(error, part, None) for part in ("context", "problem")]
    message = ", ".join(word for word in words if word) or "it cannot be read"
    if "'\\t'" in message:
        message = "a tab; YAML is indented with spaces"
    return CaseError(place, message if message.startswith("a tab") else f"not YAML: {message}")


class _Composer:
    """Builds the tree from the parser's events, within the bounds on depth and size."""

    def __init__(self, name: str, events: Iterator[Any], errors: list[CaseError]) -> None:
        self._name = name
        self._events = events
        self._errors = errors
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error(event, "a second document; a case file is one list of cases")
            elif isinstance(event, yaml.NodeEvent):
                if isinstance(event, yaml.ScalarEvent) and _is_missing(event):
                    continue
                root = self._node(event, 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None and event.tag != "!":
            raise self._error(event, f"tag {shown(event.tag)}: tags have no meaning in a case")
        self._count(event, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        match event:
            case yaml.ScalarEvent():
                node = self._scalar(event)
            case yaml.SequenceStartEvent():
                node = self._sequence(event, depth)
            case _:
                node = self._mapping(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: Any) -> Node:
        if _is_missing(event):
            self._errors.append(self._error(event, 'the value is missing; write "" for no text'))
        if SURROGATES.search(event.value):
            raise self._error(event, "half of a surrogate pair is no text; see 'hex' for octets")
        return ScalarNode(self._place(event), event.value)

    def _sequence(self, start: Any, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return sequence(self._place(start), items)

    def _mapping(self, start: Any, depth: int) -> Node:
        items: list[tuple[ScalarNode, Node]] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, ScalarNode):
                raise CaseError(key.place, "a key must be text, not a list or a mapping")
            if key.text == "<<":
                raise CaseError(key.place, "merge keys (<<) are not part of the case language")
            items.append((key, self._node(next(self._events), depth + 1)))
        return mapping(self._place(start), items, self._errors)

    def _alias(self, event: Any, depth: int) -> Node:
        if event.anchor not in self._anchors:
            raise self._error(event, f"alias {shown('*' + event.anchor)} has no anchor before it")
        node = self._anchors[event.anchor]
        if node is None:
            raise self._error(event, f"alias {shown('*' + event.anchor)} contains itself")
        if depth + node.depth - 1 > MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep")
        self._count(event, node.size)
        return node

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise self._error(event, f"more than {MAX_NODES} values, too much for a case file")

    def _place(self, event: Any) -> Place:
        return Place(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _error(self, event: Any, message: str) -> CaseError:
        return CaseError(self._place(event), message)


def _is_missing(event: Any) -> bool:
    return event.implicit[0] and event.value == "" and event.tag is None
