"""What an implementer who moves from one version to another has to do, as data.

What changed on the wire is told by `h2spec_py.spec.changes`; here are the demands: those that are
new, those that are gone, and those that are in both at another level, with another error, or in
other words. The versions need not be neighbours, nor in the order of their publication.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from h2spec_py.spec.catalogue import Requirement, SectionRef
from h2spec_py.spec.changes import changes
from h2spec_py.spec.coverage import section_order
from h2spec_py.spec.model import Version

Answers = frozenset[tuple[str, str]]
"""What a fault may be answered with: `("stream error", "STREAM_CLOSED")`, `("response", "4xx")`."""

ANY = "of any code"
"""What stands for the code of an error where a version leaves it open."""

Expected = Mapping[str, Answers | None]
"""What a version wants done, by the id of a case; None for a case that wants no error."""

STRENGTHS = {"MUST": 2, "SHOULD": 1, "MAY": 0}


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the versions says of a requirement; `sections` has the chief one first."""

    says: str
    level: str
    sections: tuple[SectionRef, ...]

    @property
    def where(self) -> str:
        """The sections, such as `rfc9113 8.2.1, 8.3`, each document named once."""
        documents = dict.fromkeys(one.document for one in self.sections)
        return "; ".join(
            f"{document} "
            + ", ".join(one.section for one in self.sections if one.document == document)
            for document in documents
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One requirement that differs; `old` is None for a new one, `new` for one that is gone."""

    requirement: Requirement
    old: Side | None
    new: Side | None

    @property
    def id(self) -> str:
        """The id of the requirement."""
        return self.requirement.id

    @property
    def topic(self) -> str:
        """What it is about: its id up to the dot."""
        return self.id.partition(".")[0]

    @property
    def growth(self) -> int:
        """How much stronger it has become, negative for weaker; 0 where only one version has it.

        MUST and MUST NOT are equal: which of them it is depends on how a sentence is put.
        """
        if self.old is None or self.new is None:
            return 0
        return strength(self.new.level) - strength(self.old.level)

    @property
    def changed(self) -> bool:
        """Whether both versions have it and demand different things."""
        return bool(self.old and self.new and self.old.says != self.new.says)

    @property
    def side(self) -> Side:
        """The version that one moves to, or the old one where that does not demand it."""
        side = self.new or self.old
        if side is None:
            raise AssertionError(f"neither version has {self.id}")
        return side


@dataclass(frozen=True, slots=True)
class Reaction:
    """A fault for which the new version does not take every answer that the old one demands.

    `cases` are those that have it.
    """

    difference: Difference
    old: Answers
    new: Answers
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs between two versions, each part by topic and level.

    `levels` are requirements of both at another level, `errors` faults of both that are answered
    otherwise, `changed` those of both that demand something else, and `reworded` those whose
    sentences differ though the catalogue has no other demand. A requirement can be in both `levels`
    and `errors`; what is in one of these is not in `changed`, and what is in `changed` is not in
    `reworded`.
    """

    old: Version
    new: Version
    added: tuple[Difference, ...]
    dropped: tuple[Difference, ...]
    levels: tuple[Difference, ...]
    errors: tuple[Reaction, ...]
    changed: tuple[Difference, ...]
    reworded: tuple[Difference, ...]


def differences(
    old: Version,
    new: Version,
    requirements: Iterable[Requirement],
    expected: Callable[[Version, Requirement], Expected],
    digest: Callable[[SectionRef], str],
) -> Differences:
    """Compare two versions.

    `expected` is for the cases that prove a requirement in a version; what only one of the versions
    has is not compared. `digest` gives what identifies the words of a sentence.
    """
    found = [
        Difference(one, _side(one, old), _side(one, new))
        for one in requirements
        if one.applies_to(old) or one.applies_to(new)
    ]
    found.sort(key=lambda one: _order(one, new if one.new else old))
    both = [one for one in found if one.old and one.new]
    errors = [
        reaction
        for one in both
        for reaction in _errors(
            one, expected(old, one.requirement), expected(new, one.requirement), new
        )
    ]
    levels = [one for one in both if one.growth]
    named = {one.id for one in levels} | {one.difference.id for one in errors}
    rest = [one for one in both if one.id not in named]
    return Differences(
        old,
        new,
        added=tuple(one for one in found if one.old is None),
        dropped=tuple(one for one in found if one.new is None),
        levels=tuple(levels),
        errors=tuple(errors),
        changed=tuple(one for one in rest if one.changed),
        reworded=tuple(
            one for one in rest if not one.changed and _reworded(one.requirement, old, new, digest)
        ),
    )


def strength(level: str) -> int:
    """Give the weight of a level: 2 for MUST and MUST NOT, 1 for SHOULD, 0 for MAY."""
    return STRENGTHS[level.removesuffix(" NOT")]


def _side(requirement: Requirement, version: Version) -> Side | None:
    if not requirement.applies_to(version):
        return None
    sections = (SectionRef(one.document, one.section) for one in requirement.sections_in(version))
    says, level = requirement.says_in(version), requirement.level_in(version)
    return Side(says, level, tuple(dict.fromkeys(sections)))


def _order(one: Difference, version: Version) -> tuple[object, ...]:
    """Sort by topic, then MUST before SHOULD before MAY, then by section."""
    chief = one.side.sections[0]
    place = (chief.document != version.name, section_order(chief.section))
    return one.topic, -strength(one.side.level), place, one.id


def _errors(one: Difference, old: Expected, new: Expected, version: Version) -> list[Reaction]:
    """Gather the faults of both versions for which the new one does not take an old answer.

    A requirement that also has cases without a fault is not about how one is answered.
    """
    groups: dict[tuple[Answers, Answers], list[str]] = {}
    if None in old.values() or None in new.values():
        return []
    for case, before in old.items():
        after = new.get(case)
        if before and after and not _all_admitted(before, admitted(after, version)):
            groups.setdefault((before, after), []).append(case)
    return [Reaction(one, *key, tuple(cases)) for key, cases in groups.items()]


def admitted(answers: Answers, version: Version) -> Answers:
    """Add what a version lets stand for an answer.

    That is a connection error for a stream error (`rfc9113 5.4.1`), and the generic codes for any
    other one (`rfc9113 5.4`). A status that is left open stands for 400 as well (`rfc9113 8.1.1`).
    """
    errors = {(kind, code) for kind, code in answers if kind != "response"}
    errors |= {(kind, code) for kind, _ in errors for code in version.generic_errors}
    more = {("connection error", code) for _, code in errors} | errors
    if ("response", "4xx") in answers:
        more.add(("response", "400"))
    return answers | more


def _all_admitted(answers: Answers, admitted_ones: Answers) -> bool:
    return all(
        (kind, code) in admitted_ones or (kind, ANY) in admitted_ones for kind, code in answers
    )


def _reworded(
    requirement: Requirement,
    old: Version,
    new: Version,
    digest: Callable[[SectionRef], str],
) -> bool:
    """Whether both versions state it in sentences, and these have not the same words."""
    before, after = (_digests(requirement.sections_in(version), digest) for version in (old, new))
    return bool(before and after) and before != after


def _digests(references: Sequence[SectionRef], digest: Callable[[SectionRef], str]) -> set[str]:
    return {digest(one) for one in references if one.sentence is not None}


def as_data(found: Differences) -> dict[str, Any]:
    """Put differences into values that JSON can hold."""
    return {
        "from": found.old.name,
        "to": found.new.name,
        "wire": [asdict(change) for change in changes(found.old, found.new)],
        "added": [_entry(one) for one in found.added],
        "dropped": [_entry(one) for one in found.dropped],
        "levels": [_entry(one) for one in found.levels],
        "errors": [
            {
                **_entry(one.difference),
                "before": _told(one.old, found.old),
                "after": _told(one.new, found.new),
                "cases": one.cases,
            }
            for one in found.errors
        ],
        "changed": [_entry(one) for one in found.changed],
        "reworded": [_entry(one) for one in found.reworded],
    }


def _told(answers: Answers, version: Version) -> list[str]:
    """Tell answers with error codes named as in the version's document."""
    return [f"{kind} {version.called(code)}" for kind, code in sorted(answers)]


def _entry(one: Difference) -> dict[str, Any]:
    sides = {"old": one.old, "new": one.new}
    return {
        "id": one.id,
        "says": one.side.says,
        "binds": one.requirement.binds,
        **{
            name: {
                "says": side.says,
                "level": side.level,
                "sections": [str(place) for place in side.sections],
            }
            for name, side in sides.items()
            if side
        },
    }
