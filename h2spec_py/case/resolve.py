"""From a case as written to the cases of one version: version-keyed values, then families.

A mapping whose keys are all ranges of versions stands for the value of the range that the version
lies in; with none, what it is the value of is not there. `each: {frame: [DATA, HEADERS]}` makes a
case for every choice, with `${frame}` replaced in all text and `[DATA]` appended to the id. A
choice that is a mapping needs a `name`, for the id; its other keys are `${frame.KEY}`. Text that is
nothing but `${frame}` is replaced by the choice itself, which may be a list or a mapping.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from h2spec_py.case.errors import CaseError, hint, listing, shown
from h2spec_py.case.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    describe,
    mapping,
    sequence,
)
from h2spec_py.spec import in_range, is_range

PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
PARAMETER = re.compile(r"[a-z][a-z0-9-]*")
NAME = re.compile(r"[^\[\]\s,]{1,80}")
MAX_FAMILY = 1000
"""How many cases a family may have."""
MAX_NODES = 500_000
"""How many nodes all the cases of a family may have."""
MAX_TEXT = 1 << 20
"""How long a text may become by replacement (characters)."""

Choice = Mapping[str, Node]
"""For each parameter of a family, what one of its cases has."""


@dataclass(frozen=True, slots=True)
class Member:
    """One case of an entry: `suffix` is what its id has after the entry's, such as `[DATA]`."""

    suffix: str
    node: MappingNode


def is_versioned(node: Node) -> bool:
    """Whether something in here differs by version."""
    match node:
        case ScalarNode():
            return False
        case SequenceNode():
            return any(map(is_versioned, node.items))
        case _:
            return _is_keyed(node) or any(is_versioned(value) for _, value in node.items)


def resolve(node: Node, version: str, errors: list[CaseError]) -> Node | None:
    """Take the values of a version (its short name); None if this node has none there."""
    match node:
        case ScalarNode():
            return node
        case SequenceNode():
            items = [resolve(item, version, errors) for item in node.items]
            return sequence(node.place, [item for item in items if item is not None])
        case _ if _is_keyed(node):
            value = _choose(node, version, errors)
            return None if value is None else resolve(value, version, errors)
        case _:
            kept: list[tuple[ScalarNode, Node]] = []
            absent: set[str] = set()
            for key, value in node.items:
                found = resolve(value, version, errors)
                if found is None:
                    absent.add(key.text)
                else:
                    kept.append((key, found))
            return mapping(node.place, kept, errors, frozenset(absent))


def expand(entry: MappingNode, errors: list[CaseError]) -> list[Member]:
    """Make the cases of an entry: itself, or those of its family; none where `each` is wrong."""
    each = entry.get("each")
    if each is None:
        if "each" in entry.absent:
            return []
        _no_placeholders(entry, errors)
        return [Member("", entry)]
    parameters = _parameters(each, errors)
    if parameters is None:
        return []
    rest = mapping(entry.place, [item for item in entry.items if item[0].text != "each"], errors)
    members: dict[str, Member] = {}
    count = 1
    for choices in parameters.values():
        count *= len(choices)
    if count > MAX_FAMILY or count * entry.size > MAX_NODES:
        errors.append(CaseError(each.place, f"a family of {count} cases is too large"))
        return []
    for combination in itertools.product(*(choices.items() for choices in parameters.values())):
        suffix = f"[{','.join(name for name, _ in combination)}]"
        choice = dict(zip(parameters, (node for _, node in combination), strict=True))
        found = _replace(rest, choice, errors)
        if isinstance(found, MappingNode):
            members[suffix] = Member(suffix, found)
    return list(members.values())


def _is_keyed(node: MappingNode) -> bool:
    """Whether all keys are ranges; with the two dots in one of them, it was meant to be so."""
    return bool(node.items) and (
        all(is_range(key.text) for key, _ in node.items)
        or any(".." in key.text and is_range(key.text) for key, _ in node.items)
    )


def _choose(node: MappingNode, version: str, errors: list[CaseError]) -> Node | None:
    chosen: tuple[ScalarNode, Node] | None = None
    for key, value in node.items:
        try:
            fits = in_range(key.text, version)
        except ValueError as error:
            errors.append(CaseError(key.place, str(error)))
            continue
        if fits and chosen:
            message = f"range {shown(key.text)} overlaps {shown(chosen[0].text)}"
            errors.append(CaseError(key.place, message))
        elif fits:
            chosen = key, value
    return chosen[1] if chosen else None


def _parameters(each: Node, errors: list[CaseError]) -> dict[str, dict[str, Node]] | None:
    if not isinstance(each, MappingNode) or not each.items:
        message = f"each: expected a mapping of parameters to lists, found {describe(each)}"
        errors.append(CaseError(each.place, message))
        return None
    before = len(errors)
    parameters: dict[str, dict[str, Node]] = {}
    for key, value in each.items:
        if not PARAMETER.fullmatch(key.text):
            message = f"parameter {shown(key.text)}: expected small letters, digits and hyphens"
            errors.append(CaseError(key.place, message))
        if isinstance(value, SequenceNode):
            parameters[key.text] = _choices(key, value, errors)
        else:
            message = f"parameter {shown(key.text)}: expected a list, found {describe(value)}"
            errors.append(CaseError(value.place, message))
    return parameters if len(errors) == before else None


def _choices(key: ScalarNode, value: SequenceNode, errors: list[CaseError]) -> dict[str, Node]:
    choices: dict[str, Node] = {}
    for item in value.items:
        name = item.get("name") if isinstance(item, MappingNode) else item
        if not isinstance(name, ScalarNode):
            message = (
                f"parameter {shown(key.text)}: expected text, or a mapping with a name for the id,"
                f" found {describe(item)}{' without a name' if name is None else ''}"
            )
            errors.append(CaseError(item.place, message))
        elif not NAME.fullmatch(name.text):
            message = f"{shown(name.text)} goes into the id: no spaces, commas or brackets in it"
            errors.append(CaseError(name.place, message))
        elif name.text in choices:
            errors.append(CaseError(name.place, f"choice {shown(name.text)} is there twice"))
        else:
            choices[name.text] = item
    return choices


def _replace(node: Node, choice: Choice, errors: list[CaseError]) -> Node | None:
    match node:
        case ScalarNode():
            return _replace_text(node, choice, errors)
        case SequenceNode():
            items = [_replace(item, choice, errors) for item in node.items]
            return sequence(node.place, [item for item in items if item is not None])
        case _:
            pairs: list[tuple[ScalarNode, Node]] = []
            absent = set(node.absent)
            for key, value in node.items:
                name = _replace_text(key, choice, errors)
                found = _replace(value, choice, errors)
                if isinstance(name, ScalarNode) and found is not None:
                    pairs.append((name, found))
                elif isinstance(name, ScalarNode):
                    absent.add(name.text)
                elif name is not None:
                    message = f"a key must be text, and {key.text} is {describe(name)}"
                    errors.append(CaseError(key.place, message))
            return mapping(node.place, pairs, errors, frozenset(absent))


def _replace_text(node: ScalarNode, choice: Choice, errors: list[CaseError]) -> Node | None:
    if "${" not in node.text:
        return node
    try:
        whole = PLACEHOLDER.fullmatch(node.text)
        if whole:
            return _look_up(node, whole[1], choice)
        text = PLACEHOLDER.sub(lambda found: _text(node, found[1], choice), node.text)
    except CaseError as error:
        errors.append(error)
        return node
    if len(text) > MAX_TEXT:
        errors.append(CaseError(node.place, f"more than {MAX_TEXT} characters after replacement"))
        return node
    return ScalarNode(node.place, text)


def _text(node: ScalarNode, path: str, choice: Choice) -> str:
    value = _look_up(node, path, choice)
    if isinstance(value, ScalarNode):
        return value.text
    kind = "nothing in this version" if value is None else describe(value)
    raise CaseError(node.place, f"${{{path}}} is {kind}, which cannot be put into text")


def _look_up(node: ScalarNode, path: str, choice: Choice) -> Node | None:
    first, *rest = path.split(".")
    if first not in choice:
        known = [f"${{{name}}}" for name in choice]
        raise CaseError(
            node.place, f"unknown placeholder {shown('${' + path + '}')}: {_known(known)}"
        )
    value = choice[first]
    for key in rest:
        found = value.get(key) if isinstance(value, MappingNode) else None
        if found is None:
            if isinstance(value, MappingNode) and key in value.absent:
                return None
            known = [k.text for k, _ in value.items] if isinstance(value, MappingNode) else []
            message = f"${{{path}}}: this choice has no {shown(key)}{hint(key, known)}"
            raise CaseError(node.place, message)
        value = found
    return value


def _known(names: list[str]) -> str:
    return f"known is {names[0]}" if len(names) == 1 else f"known are {listing(names, 'and')}"


def _no_placeholders(node: Node, errors: list[CaseError]) -> None:
    match node:
        case ScalarNode():
            found = PLACEHOLDER.search(node.text)
            if found:
                message = f"placeholder {shown(found[0])} in a case that has no 'each'"
                errors.append(CaseError(node.place, message))
        case SequenceNode():
            for item in node.items:
                _no_placeholders(item, errors)
        case _:
            for key, value in node.items:
                _no_placeholders(key, errors)
                _no_placeholders(value, errors)
