"""How far the catalogue reaches: what each version demands, and what of it a case proves.

A version is measured in two parts, its own document and that of its header compression. A
requirement that both have counts in the version's own. What is counted:

- sentences with a word of RFC 2119, and those of them that are accounted for: a requirement cites
  them, or the register of exemptions says why they are none;
- requirements, by level;
- provable: those for which an exchange can show whether a server does them;
- proven: those of these that a case proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from h2spec_py.spec.catalogue import LEVELS, Requirement, SectionRef
from h2spec_py.spec.documents import outline, section_title, section_url
from h2spec_py.spec.model import Version

ROLE = "server"
"""Whom cases are played against."""

PROVEN, UNPROVEN, CLIENT, UNPROVABLE = STATES = ("proven", "unproven", "client", "unprovable")
"""What can be said of a requirement: a case proves it; none does, though one could; only a client
could be shown to do it; no exchange shows it, or has to."""

Figures = dict[str, dict[str, dict[str, Any]]]
"""The figures of each document of each version, by their names."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One requirement in one version; `sections` has the chief one first, each once.

    `cases` are the ids of those that prove it.
    """

    requirement: Requirement
    version: Version
    says: str
    level: str
    sections: tuple[SectionRef, ...]
    cases: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the requirement."""
        return self.requirement.id

    @property
    def chief(self) -> tuple[str, str]:
        """The document and the section that it counts in."""
        return self.sections[0].document, self.sections[0].section

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.requirement.provable_for(ROLE, self.version):
            return PROVEN if self.cases else UNPROVEN
        client = self.requirement.provable_for("client", self.version)
        return CLIENT if client else UNPROVABLE

    @property
    def reason(self) -> str:
        """Why no exchange can show it; empty where one can."""
        return self.requirement.why_unprovable(self.version)


@dataclass(frozen=True, slots=True)
class SectionCoverage:
    """One section: `standings` are those of requirements that count here.

    `cited` are those that count elsewhere and stand here as well. `sentences` are the ids of all
    normative ones, `unaccounted` those that nothing accounts for, and `exempt` has the reason why a
    sentence is no requirement.
    """

    document: str
    section: str
    standings: tuple[Standing, ...]
    cited: tuple[Standing, ...]
    sentences: tuple[str, ...]
    unaccounted: tuple[str, ...]
    exempt: Mapping[str, str]

    @property
    def title(self) -> str:
        """The heading, or nothing where it is not known."""
        return section_title(self.document, self.section)

    @property
    def url(self) -> str:
        """Where the section is published."""
        return section_url(self.document, self.section)

    @property
    def depth(self) -> int:
        """How deep it lies: 0 for a chapter."""
        return self.section.count(".")

    def count(self, state: str) -> int:
        """How many requirements are in a state."""
        return sum(standing.state == state for standing in self.standings)


@dataclass(frozen=True, slots=True)
class DocumentCoverage:
    """One document of a version, section by section in its order."""

    document: str
    sections: tuple[SectionCoverage, ...]

    @property
    def standings(self) -> list[Standing]:
        """The requirements that count in the document, in its order."""
        return [standing for section in self.sections for standing in section.standings]

    @property
    def sentences(self) -> int:
        """How many normative sentences it has."""
        return sum(len(section.sentences) for section in self.sections)

    @property
    def unaccounted(self) -> list[str]:
        """The ids of the sentences that nothing accounts for."""
        return [one for section in self.sections for one in section.unaccounted]

    @property
    def accounted(self) -> int:
        """How many sentences are accounted for."""
        return self.sentences - len(self.unaccounted)

    @property
    def provable(self) -> int:
        """How many requirements a server can be shown to meet."""
        return self.count(PROVEN) + self.count(UNPROVEN)

    def count(self, state: str) -> int:
        """How many requirements are in a state."""
        return sum(section.count(state) for section in self.sections)

    def levels(self) -> dict[str, int]:
        """How many requirements there are of each level."""
        found = [standing.level for standing in self.standings]
        return {level: found.count(level) for level in LEVELS}


@dataclass(frozen=True, slots=True)
class Coverage:
    """A version: its own document, then that of its header compression."""

    version: Version
    documents: tuple[DocumentCoverage, ...]


def measure(
    version: Version,
    requirements: Iterable[Requirement],
    cases: Mapping[str, Sequence[str]],
    sentences: Mapping[str, Iterable[str]],
    exempt: Mapping[str, Mapping[str, str]],
) -> Coverage:
    """Measure a version.

    `cases` has the ids of those that prove a requirement in this version, by its id; `sentences`
    the ids of the normative sentences by document, and `exempt` those of them that are no
    requirement, with the reason.
    """
    standings = [
        Standing(
            one,
            version,
            one.says_in(version),
            one.level_in(version),
            _sections(one.sections_in(version)),
            tuple(cases.get(one.id, ())),
        )
        for one in requirements
        if one.applies_to(version)
    ]
    documents = (version.name, version.hpack)
    return Coverage(
        version,
        tuple(
            _document(name, standings, tuple(sentences.get(name, ())), exempt.get(name, {}))
            for name in documents
        ),
    )


def _sections(references: Iterable[SectionRef]) -> tuple[SectionRef, ...]:
    """Drop the numbers of sentences, and what is there twice without them."""
    whole = (SectionRef(one.document, one.section) for one in references)
    return tuple(dict.fromkeys(whole))


def _document(
    document: str,
    standings: Sequence[Standing],
    sentences: Sequence[str],
    exempt: Mapping[str, str],
) -> DocumentCoverage:
    cited = {
        f"{one.section}#{one.sentence}"
        for standing in standings
        for one in standing.requirement.where.get(document, ())
        if one.sentence is not None
    }
    known = dict.fromkeys(outline(document))
    known |= dict.fromkeys(_section_of(sentence) for sentence in sentences)
    known |= dict.fromkeys(
        one.section
        for standing in standings
        for one in standing.sections
        if one.document == document
    )
    sections = []
    for section in sorted(known, key=section_order):
        here = [one for one in standings if SectionRef(document, section) in one.sections]
        own = tuple(one for one in sentences if _section_of(one) == section)
        sections.append(
            SectionCoverage(
                document,
                section,
                tuple(one for one in here if one.chief == (document, section)),
                tuple(one for one in here if one.chief != (document, section)),
                own,
                tuple(one for one in own if one not in cited and one not in exempt),
                {one: exempt[one] for one in own if one in exempt},
            )
        )
    return DocumentCoverage(document, tuple(sections))


def _section_of(sentence: str) -> str:
    return sentence.partition("#")[0]


def section_order(section: str) -> tuple[tuple[int, int, str], ...]:
    """Give a key by which sections sort as in a document: 6.9, 6.10, then the appendices."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".")
    )


def figures(measured: Iterable[Coverage]) -> Figures:
    """Count what was measured: by version, by document, with what is missing by name.

    `standings` has each requirement with its level and its state. The same coverage gives the same
    figures, whatever the order of files and however many cases prove the same.
    """
    return {
        one.version.name: {part.document: _figures(part) for part in one.documents}
        for one in measured
    }


def _figures(part: DocumentCoverage) -> dict[str, Any]:
    return {
        "sentences": part.sentences,
        "accounted": part.accounted,
        "requirements": part.levels(),
        "provable": part.provable,
        "proven": part.count(PROVEN),
        "unaccounted": part.unaccounted,
        "unproven": sorted(one.id for one in part.standings if one.state == UNPROVEN),
        "standings": {
            one.id: f"{one.level}, {one.state}"
            for one in sorted(part.standings, key=lambda one: one.id)
        },
    }


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that is not as it was: `old` or `new` is empty for what is not there.

    `subject` is the id of a requirement, or of a sentence, which is there while nothing accounts
    for it.
    """

    version: str
    document: str
    subject: str
    old: str
    new: str

    def __str__(self) -> str:
        change = f"{self.old or 'nothing'} -> {self.new or 'nothing'}"
        return f"{self.version}, {self.document}: {self.subject}: {change}"


def shifts(before: Figures, after: Figures) -> list[Shift]:
    """List what differs between two figures: each requirement and each sentence by name."""
    found = []
    for version, document in _parts(before) | _parts(after):
        old, new = (_named(one.get(version, {}).get(document)) for one in (before, after))
        for subject in sorted(old.keys() | new.keys()):
            was, now = old.get(subject, ""), new.get(subject, "")
            if was != now:
                found.append(Shift(version, document, subject, was, now))
    return found


def _parts(figures: Figures) -> dict[tuple[str, str], None]:
    return {(version, one): None for version, documents in figures.items() for one in documents}


def _named(figures: Mapping[str, Any] | None) -> dict[str, str]:
    if figures is None:
        return {}
    standings: dict[str, str] = figures["standings"]
    return standings | dict.fromkeys(figures["unaccounted"], "not accounted for")
