"""From the entries of a file to cases in each version, with every fault told once.

A case runs in the versions that demand something of what it proves, narrowed by `only`. What does
not apply in a version is not checked there: a value that such a version lacks is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from h2spec_py.case.errors import CaseError, Faults, hint, shown
from h2spec_py.case.library import Entry, LoadedCase
from h2spec_py.case.model import Case
from h2spec_py.case.nodes import MappingNode, Node, ScalarNode, SequenceNode, mapping
from h2spec_py.case.resolve import Member, expand, is_versioned, resolve
from h2spec_py.case.validate import validate
from h2spec_py.case.values import FAMILY, PATTERNS, SLUG
from h2spec_py.spec import VERSIONS, Version, in_range, is_range
from h2spec_py.spec.catalogue import Requirement

Catalogue = Mapping[str, Requirement]

STAND_IN = "no/id"
"""The id of an entry whose own is faulty, so that its other faults can be found."""


def build(
    node: MappingNode,
    catalogue: Catalogue,
    versions: Sequence[Version],
    errors: list[CaseError],
    faulty: list[str],
) -> Entry | None:
    """Build the cases of one entry in some versions.

    Where it is faulty the result is None, `errors` take the faults and `faulty` its id.
    """
    identifier = _identifier(node, errors)
    before = len(errors)
    built = _Builder(node, identifier or STAND_IN, catalogue)
    cases = {version.name: built.cases(version) for version in versions}
    errors += built.faults.merged()
    nowhere = len(versions) == len(VERSIONS) and not any(cases.values())
    if len(errors) == before and nowhere:
        built.cases(VERSIONS[-1], everywhere=True)
        errors += built.faults.merged()
        message = "applies in no version that there is: see its 'proves', and 'only' if it has one"
        errors.append(CaseError(node.place, message))
    if identifier is None or len(errors) > before:
        faulty.append(identifier or "")
        return None
    return Entry(identifier, node.place, {name: ones for name, ones in cases.items() if ones})


class _Builder:
    """Builds one entry, version by version; what does not differ between versions, only once."""

    def __init__(self, node: MappingNode, identifier: str, catalogue: Catalogue) -> None:
        self.faults = Faults()
        self._node = node
        self._id = identifier
        self._catalogue = catalogue
        self._versioned = is_versioned(node)
        self._members: tuple[list[Member], list[CaseError]] | None = None
        self._validated: dict[str, tuple[Case | None, list[CaseError]]] = {}

    def cases(self, version: Version, *, everywhere: bool = False) -> tuple[LoadedCase, ...]:
        """The cases that apply in a version; with `everywhere`, as if all did."""
        faults = self.faults.of(version.name)
        members, wrong = self._expanded(version)
        faults += wrong
        built: list[LoadedCase] = []
        applied = False
        for member in members:
            applying, unknown = self._requirements(member.node, version)
            if not (applying or unknown or everywhere) or not _admits(member.node, version):
                continue
            applied = True
            faults += unknown
            case, wrong = self._validate(member)
            faults += wrong
            if case is not None and applying:
                built.append(self._loaded(case, member.node, version, applying))
        if members and not applied:
            self.faults.forget(version.name)
        return tuple(built)

    def _loaded(
        self,
        case: Case,
        node: MappingNode,
        version: Version,
        requirements: tuple[Requirement, ...],
    ) -> LoadedCase:
        place = self._node.place
        return LoadedCase(case, version, place.path, place.line, self._id, requirements, node)

    def _expanded(self, version: Version) -> tuple[list[Member], list[CaseError]]:
        if self._members is not None and not self._versioned:
            return self._members
        errors: list[CaseError] = []
        node = resolve(self._node, version.short, errors) if self._versioned else self._node
        found = expand(node, errors) if isinstance(node, MappingNode) else []
        members = [Member(m.suffix, _renamed(m.node, self._id + m.suffix)) for m in found]
        self._members = members, errors
        return self._members

    def _validate(self, member: Member) -> tuple[Case | None, list[CaseError]]:
        if self._versioned or member.suffix not in self._validated:
            errors: list[CaseError] = []
            self._validated[member.suffix] = validate(member.node, errors), errors
        return self._validated[member.suffix]

    def _requirements(
        self, node: MappingNode, version: Version
    ) -> tuple[tuple[Requirement, ...], list[CaseError]]:
        """Those that apply, and faults; without any sound id, the schema has to find the fault."""
        proves = node.get("proves")
        items: tuple[Node, ...] = proves.items if isinstance(proves, SequenceNode) else ()
        found: list[Requirement] = []
        errors: list[CaseError] = []
        for item in items:
            if not isinstance(item, ScalarNode):
                continue
            known = self._catalogue.get(item.text)
            if known is None:
                message = (
                    f"unknown requirement {shown(item.text)}{hint(item.text, self._catalogue)}"
                )
                errors.append(CaseError(item.place, message))
            elif known.applies_to(version):
                found.append(known)
        written = self._node.get("proves")
        keyed = isinstance(written, SequenceNode) and bool(written.items)
        if not items and not keyed and "proves" not in node.absent:
            _, errors = self._validate(Member("", node))
        return tuple(found), errors


def _identifier(node: MappingNode, errors: list[CaseError]) -> str | None:
    """The id as it is written, which is the same in every version and has no `[…]`."""
    found = node.get("id")
    if found is None:
        errors.append(CaseError(node.place, "key 'id' is missing in this case"))
    elif not isinstance(found, ScalarNode):
        errors.append(CaseError(found.place, "id: expected text that is the same in every version"))
    elif re.fullmatch(FAMILY, found.text) is None:
        message = f"id: expected {PATTERNS[SLUG]}, found {shown(found.text)}"
        errors.append(CaseError(found.place, message))
    else:
        return found.text
    return None


def _renamed(node: MappingNode, identifier: str) -> MappingNode:
    key = node.key("id") or ScalarNode(node.place, "id")
    others = [item for item in node.items if item[0].text != "id"]
    new = ScalarNode((node.get("id") or node).place, identifier)
    return mapping(node.place, [(key, new), *others], [], node.absent)


def _admits(node: MappingNode, version: Version) -> bool:
    """Whether `only` lets a version in; a range that is none is left to the checks."""
    only = node.get("only")
    versions = only.get("versions") if isinstance(only, MappingNode) else None
    if not isinstance(versions, ScalarNode) or not is_range(versions.text):
        return True
    try:
        return in_range(versions.text, version.short)
    except ValueError:
        return True
