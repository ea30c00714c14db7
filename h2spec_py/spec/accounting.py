"""Whether every normative sentence is accounted for, and by what says the same.

A sentence of a document is part of the `where` of a requirement, or it is exempt for a reason.
`faults` tells what is wrong with that, as lines `FILE:LINE: what is wrong, what is expected`. The
texts of the documents are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from h2spec_py.spec.accounts import Exemption, Remark, read_exemptions, read_remarks
from h2spec_py.spec.catalogue import PROVABLE, Requirement, read_catalogue
from h2spec_py.spec.documents import section_title
from h2spec_py.spec.reading import CatalogueError, SectionRef
from h2spec_py.spec.sentences import DOCUMENTS, Sentence, SentencesError, read_sentences

DIRECTORY = Path(__file__).resolve().parent

SAME = {
    "REQUIRED": "MUST",
    "SHALL": "MUST",
    "SHALL NOT": "MUST NOT",
    "RECOMMENDED": "SHOULD",
    "NOT RECOMMENDED": "SHOULD NOT",
    "OPTIONAL": "MAY",
}
"""Words of RFC 2119 that mean the same as others; a level is one of the others."""

CHOICE = "any choice is allowed"
BEHIND = "shows only behind an intermediary"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence or section in the `where` of a requirement."""

    requirement: Requirement
    reference: SectionRef

    @property
    def place(self) -> str:
        """FILE:LINE."""
        file, _, line = self.requirement.place.partition(":")
        return f"{file}:{self.reference.line or line}"


class Books:
    """The catalogue with all that it has to account for. Reading raises CatalogueError."""

    def __init__(self, directory: Path) -> None:
        accounts = directory / "accounts"
        self.requirements: Mapping[str, Requirement] = read_catalogue(directory / "requirements")
        self.exemptions: list[Exemption] = read_exemptions(accounts / "exempt.yaml")
        self.shared: list[Remark] = read_remarks(accounts / "shared.yaml")
        self.levels: list[Remark] = read_remarks(accounts / "levels.yaml")
        self.sentences: dict[str, dict[str, Sentence]] = {
            name: read_sentences(directory / "sentences" / f"{name}.txt") for name in DOCUMENTS
        }

    @cached_property
    def claims(self) -> dict[tuple[str, str], list[Claim]]:
        """The claims of each sentence that a requirement refers to, by document and id."""
        found: dict[tuple[str, str], list[Claim]] = {}
        for requirement in self.requirements.values():
            for document, references in requirement.where.items():
                for reference in references:
                    if reference.id is not None:
                        claim = Claim(requirement, reference)
                        found.setdefault((document, reference.id), []).append(claim)
        return found

    @cached_property
    def exempt(self) -> dict[tuple[str, str], str]:
        """The place in `exempt.yaml` of each sentence that is no requirement."""
        return {
            (document, reference.id or ""): _line(exemption.place, reference)
            for exemption in self.exemptions
            for document, references in exemption.where.items()
            for reference in references
        }

    def words(self, document: str, references: tuple[SectionRef, ...]) -> list[str]:
        """The words of RFC 2119 in the sentences that are referred to; unknown ones have none."""
        known = self.sentences.get(document, {})
        found = [known[one.id] for one in references if one.id in known]
        return sorted({SAME.get(word, word) for one in found for word in one.levels})


def faults(directory: Path = DIRECTORY) -> list[str]:
    """Everything that is wrong with the catalogue as an account of the documents' sentences.

    `directory` holds `requirements`, `accounts` and `sentences`. A file that cannot be read is the
    only fault.
    """
    try:
        books = Books(directory)
    except (CatalogueError, SentencesError) as error:
        return [str(error)]
    return [
        *_references(books),
        *_missing(books),
        *_exempt_and_claimed(books),
        *_shared(books),
        *_levels(books),
        *_provable(books),
    ]


def _line(place: str, reference: SectionRef) -> str:
    return f"{place.partition(':')[0]}:{reference.line}"


def _references(books: Books) -> Iterator[str]:
    """Sections and sentences that do not exist, or that one requirement names twice."""
    for where, place in [
        *((one.where, one.place) for one in books.requirements.values()),
        *((one.where, one.place) for one in books.exemptions),
    ]:
        for document, references in where.items():
            seen: set[SectionRef] = set()
            for one in references:
                at = _line(place, one)
                known = books.sentences.get(document)
                if known is None:
                    yield f"{at}: {document} is no document with sentences, expected one of {_DOCS}"
                elif one.id is not None and one.id not in known:
                    own = [s.id for s in known.values() if s.section == one.section]
                    some = f"it has {own[0]} to {own[-1]}" if own else "its section has none"
                    yield f"{at}: {document} has no sentence {one.id}, expected another: {some}"
                elif one.id is None and not _section_exists(document, one.section, known):
                    yield f"{at}: {document} has no section {one.section}, expected one that it has"
                if one in seen:
                    yield f"{at}: {document} {one.id or one.section} comes twice, expected it once"
                seen.add(one)


_DOCS = ", ".join(DOCUMENTS)


def _section_exists(document: str, section: str, known: Mapping[str, Sentence]) -> bool:
    if section_title(document, section):
        return True
    return any(one.section == section for one in known.values())


def _missing(books: Books) -> Iterator[str]:
    """Sentences that nothing accounts for."""
    for document, known in books.sentences.items():
        for one in known.values():
            if (document, one.id) not in books.claims and (document, one.id) not in books.exempt:
                yield (
                    f"{one.place}: {document} {one.id} ({', '.join(one.levels)}) is accounted for"
                    " nowhere, expected in the where of a requirement or in accounts/exempt.yaml"
                )


def _exempt_and_claimed(books: Books) -> Iterator[str]:
    """Sentences that are exempt twice, or exempt and part of a requirement."""
    first: dict[tuple[str, str], str] = {}
    for exemption in books.exemptions:
        for document, references in exemption.where.items():
            for one in references:
                key = document, one.id or ""
                at = _line(exemption.place, one)
                if key in first and first[key] != exemption.place:
                    yield f"{at}: {document} {one.id} is exempt at {first[key]} already"
                first.setdefault(key, exemption.place)
                for claim in books.claims.get(key, ()):
                    yield (
                        f"{claim.place}: {document} {one.id} is exempt at {at},"
                        f" expected not to be part of {claim.requirement.id}"
                    )


def _shared(books: Books) -> Iterator[str]:
    """Sentences that several requirements claim without a cause, and causes that are not needed."""
    groups = [(frozenset(one.requirements), one) for one in books.shared]
    used: dict[str, set[str]] = {one.place: set() for one in books.shared}
    for (document, identifier), claims in books.claims.items():
        owners = {claim.requirement.id: claim for claim in claims}
        if len(owners) < 2:
            continue
        declared = [remark for group, remark in groups if owners.keys() <= group]
        for remark in declared:
            used[remark.place] |= owners.keys()
        if not declared:
            *others, last = owners.values()
            first = " and ".join(f"{one.requirement.id} ({one.place})" for one in others)
            yield (
                f"{last.place}: {document} {identifier} is claimed by {last.requirement.id} and"
                f" {first}, expected once, or the cause in accounts/shared.yaml"
            )
    for remark in books.shared:
        for name in remark.requirements:
            if name not in books.requirements:
                yield f"{remark.place}: {name} is not in the catalogue, expected a requirement"
            elif name not in used[remark.place]:
                yield f"{remark.place}: {name} shares no sentence with the others, expected to"


def _levels(books: Books) -> Iterator[str]:
    """Levels that are no word of the sentences, and causes for such that are not needed."""
    allowed = {name: remark for remark in books.levels for name in remark.requirements}
    deviating: set[str] = set()
    for requirement in books.requirements.values():
        for document, references in requirement.where.items():
            words = books.words(document, references)
            level = requirement.level[document]
            if not words or level in words:
                continue
            deviating.add(requirement.id)
            if requirement.id not in allowed:
                named = ", ".join(one.id for one in references if one.id)
                yield (
                    f"{requirement.place_of(f'level {document}')}: {requirement.id} is {level} in"
                    f" {document}, expected {' or '.join(words)} as {named}"
                )
    for name, remark in allowed.items():
        if name not in books.requirements:
            yield f"{remark.place}: {name} is not in the catalogue, expected a requirement"
        elif name not in deviating:
            yield f"{remark.place}: {name} has a level of its sentences, expected another one"


def _provable(books: Books) -> Iterator[str]:
    """Reasons and roles that do not go together."""
    for one in books.requirements.values():
        at = one.place_of("provable")
        if one.provable in PROVABLE and one.binds != "both" and one.provable != one.binds:
            yield f"{at}: {one.id} is provable for {one.provable}, expected {one.binds} as in binds"
        reasons = {one.provable, *one.unprovable.values()}
        if BEHIND in reasons and one.binds != "intermediary":
            yield f"{at}: {one.id} binds {one.binds}, expected intermediary, behind which it shows"
        strict = sorted(set(one.level.values()) - {"MAY"})
        if CHOICE in reasons and strict:
            yield f"{at}: any choice is allowed by {one.id}, expected level MAY, not {strict[0]}"
