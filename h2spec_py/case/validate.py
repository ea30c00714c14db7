"""From a node to a `Case`, with every fault of the schema told in plain words at its place.

pydantic finds the faults; where it says that an input at `('steps', 0, '<send>', 'stream')` is no
integer, this module finds the node and words the message. Unknown keys are looked for here once it
has refused a case, because it takes the type of a mapping to say which keys it could have had.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import Discriminator, Tag, ValidationError
from pydantic_core import ErrorDetails

from h2spec_py.case.errors import CaseError, Place, hint, listing, shown
from h2spec_py.case.model import Case, Part
from h2spec_py.case.nodes import MappingNode, Node, ScalarNode, SequenceNode, describe, plain
from h2spec_py.case.values import PATTERNS, SHAPES

Path = tuple[str | int, ...]

ENTRY_KEYS = ("each",)
"""Keys that an entry has besides those of the cases that it stands for."""


def validate(node: MappingNode, errors: list[CaseError]) -> Case | None:
    """Build a case from a resolved node; None where it is faulty, with the faults in `errors`."""
    try:
        return Case.model_validate(plain(node), by_alias=True, by_name=False)
    except ValidationError as error:
        for mapping, part in _parts(Case, node):
            _check_keys(mapping, part, errors)
        for detail in error.errors(include_url=False):
            if detail["type"] != "extra_forbidden":
                place, message = _explain(node, detail)
                errors.append(CaseError(place, message))
        return None


def find(node: Node, path: Sequence[str | int]) -> Node:
    """Follow keys and indices as far as they lead, through the tags of pydantic's unions too."""
    for step in path:
        match node:
            case MappingNode():
                found = node.get(str(step))
            case SequenceNode() if isinstance(step, int) and step < len(node.items):
                found = node.items[step]
            case _:
                found = None
        node = node if found is None else found
    return node


def keys_of(part: type[Part]) -> list[str]:
    """The keys of a mapping, as spelled in YAML."""
    return [str(field.alias or name) for name, field in part.model_fields.items()]


@cache
def _types(part: type[Part]) -> Mapping[str, Any]:
    hints = get_type_hints(part, include_extras=True)
    return {str(f.alias or name): hints[name] for name, f in part.model_fields.items()}


def _parts(kind: Any, node: Node) -> Iterator[tuple[MappingNode, type[Part]]]:
    """Every mapping in a node that is a part of the language, with its type."""
    kind = _branch(kind, node)
    if isinstance(kind, type) and issubclass(kind, Part):
        if isinstance(node, MappingNode):
            yield node, kind
            fields = _types(kind)
            for key, value in node.items:
                if key.text in fields:
                    yield from _parts(fields[key.text], value)
    elif isinstance(node, MappingNode) and get_origin(kind) is dict:
        for _, value in node.items:
            yield from _parts(get_args(kind)[1], value)
    elif isinstance(node, SequenceNode) and get_origin(kind) in (list, tuple):
        inner = get_args(kind)
        for index, item in enumerate(node.items):
            yield from _parts(inner[min(index, len(inner) - 1)], item)


def _branch(kind: Any, node: Node) -> Any:
    """The type that a node is meant to have, out of annotations and unions; None for no type."""
    choose = None
    while get_origin(kind) is Annotated:
        kind, *extras = get_args(kind)
        choose = next((one for one in extras if isinstance(one, Discriminator)), choose)
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    members = [member for member in get_args(kind) if member is not types.NoneType]
    if choose is None:
        return _branch(members[0], node) if len(members) == 1 else None
    tag = choose.discriminator(plain(node)) if callable(choose.discriminator) else None
    for member in members:
        if any(isinstance(one, Tag) and one.tag == tag for one in get_args(member)[1:]):
            return _branch(member, node)
    return None


def _check_keys(mapping: MappingNode, part: type[Part], errors: list[CaseError]) -> None:
    known = [*keys_of(part), *(ENTRY_KEYS if part is Case else ())]
    for key, _ in mapping.items:
        if key.text not in known:
            near = hint(key.text, known) or f"; known are {listing(known, 'and')}"
            errors.append(CaseError(key.place, f"unknown key {shown(key.text)}{near}"))


def _explain(root: MappingNode, detail: ErrorDetails) -> tuple[Place, str]:
    path = detail["loc"]
    node = find(root, path)
    about = _label(path)
    context = detail.get("ctx", {})
    found = f", found {describe(node)}"
    match detail["type"]:
        case "missing":
            return node.place, _missing(path, node)
        case "kind":
            return node.place, _unknown_kind(context, node)
        case "value_error":
            said = str(context.get("error", ""))
            return node.place, about + said + (found if said.startswith("expected") else "")
        case "string_pattern_mismatch":
            expected = PATTERNS.get(context.get("pattern", ""), "something else")
            near = hint(node.text, expected.split(", ")) if isinstance(node, ScalarNode) else ""
            return node.place, f"{about}expected {expected}{found}{near}"
        case "literal_error":
            known = (
                str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
            )
            near = hint(node.text, known) if isinstance(node, ScalarNode) else ""
            return node.place, f"{about}expected {listing(known)}{found}{near}"
        case "greater_than_equal":
            return node.place, f"{about}expected at least {context['ge']}{found}"
        case "less_than_equal":
            return node.place, f"{about}expected at most {context['le']}{found}"
        case "too_short":
            return node.place, f"{about}expected at least {context['min_length']} in the list"
        case "too_long":
            return node.place, f"{about}expected a list of {context['max_length']}, found more"
        case kind:
            return node.place, f"{about}{EXPECTED.get(kind, detail['msg'])}{found}"


EXPECTED = {
    "string_type": "expected text",
    "int_type": "expected an integer, decimal or 0x hexadecimal",
    "bytes_type": "expected pairs of hexadecimal digits",
    "list_type": "expected a list",
    "tuple_type": "expected a list of two, [name, value]",
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
}
"""Errors of pydantic that say only that something is of another kind."""


def _label(path: Path) -> str:
    """The key that a fault is about, as the start of a message."""
    names = [str(step) for step in path if isinstance(step, str) and not step.startswith("<")]
    return f"{names[-1]}: " if names else ""


def _missing(path: Path, node: Node) -> str:
    if isinstance(path[-1], int):
        return f"expected a list of two, [name, value], found one of {_length(node)}"
    names = (step for step in reversed(path[:-1]) if isinstance(step, str) and step not in SHAPES)
    owner = next(names, "case").strip("<>")
    return f"key {shown(str(path[-1]))} is missing in this {owner.rstrip('s')}"


def _length(node: Node) -> int:
    return len(node.items) if isinstance(node, SequenceNode) else 1


def _unknown_kind(context: Mapping[str, Any], node: Node) -> str:
    what, keys = str(context["what"]), str(context["keys"]).split()
    if not isinstance(node, MappingNode):
        expected = f"a mapping with one of the keys {listing(keys)}"
        return f"{what}: expected {expected}, found {describe(node)}"
    given = [key.text for key, _ in node.items]
    near = next((found for key in given if (found := hint(key, keys))), "")
    return f"{what} of unknown kind: it needs one of the keys {listing(keys)}{near}"
