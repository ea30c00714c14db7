"""The cases of some files, ready to be played in any version that has a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from h2spec_py.case.errors import Place
from h2spec_py.case.model import Case
from h2spec_py.case.nodes import MappingNode
from h2spec_py.case.select import SelectionError, elsewhere, select
from h2spec_py.spec import Version
from h2spec_py.spec.catalogue import Requirement, SectionRef


@dataclass(frozen=True, slots=True)
class LoadedCase:
    """One case in one version.

    `requirements` are those that it proves and that the version has, in the order of `proves`;
    `section` is where the version demands the first of them. `family` is the id of its entry in the
    file: its own without the `[…]` of a family. `node` is what it was built from.
    """

    case: Case
    version: Version
    file: str
    line: int
    family: str
    requirements: tuple[Requirement, ...]
    node: MappingNode = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id of the case."""
        return self.case.id

    @property
    def section(self) -> SectionRef:
        """The section of the version's document, or of its HPACK document, that is tested."""
        return self.requirements[0].sections_in(self.version)[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a case file: a case or a family, with what it is in each version by name."""

    id: str
    place: Place
    cases: Mapping[str, tuple[LoadedCase, ...]]


class Library:
    """All entries of some case files.

    `beside` loads a library whose cases may serve as twins too, when it is first needed. `faulty`
    are ids of entries that were left out because of their faults; an empty one stands for a file
    that could not be read at all. `whole` loads the same cases in all versions, where these are
    those of some.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        beside: Callable[[], Library] | None = None,
        faulty: Collection[str] = (),
        whole: Callable[[], Library] | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self._beside = beside
        self._whole = whole
        self._faulty = frozenset(faulty)
        self._cases: dict[str, dict[str, LoadedCase]] = {}
        for entry in entries:
            for version, cases in entry.cases.items():
                found = self._cases.setdefault(version, {})
                for loaded in cases:
                    found.setdefault(loaded.id, loaded)

    @property
    def is_partial(self) -> bool:
        """Whether the cases are here in some versions only."""
        return self._whole is not None

    @cached_property
    def beside(self) -> Library | None:
        """The library whose cases may serve as twins too."""
        return self._beside() if self._beside else None

    @cached_property
    def everywhere(self) -> Library:
        """The same cases in all versions; only what is to be said of a mistake takes them."""
        return self._whole() if self._whole else self

    def cases(self, version: Version) -> list[LoadedCase]:
        """The cases that apply in a version, in the order of files and entries."""
        return list(self._cases.get(version.name, {}).values())

    def find(self, identifier: str, version: Version) -> LoadedCase | None:
        """Find a case of a version by its id, such as the twin of another."""
        found = self._cases.get(version.name, {}).get(identifier)
        return found or (self.beside.find(identifier, version) if self.beside else None)

    def versions_of(self, identifier: str) -> list[str]:
        """The names of the versions that have a case of this id, or a family of it."""
        own = [
            version
            for version, cases in self.everywhere._cases.items()
            if identifier in cases or any(one.family == identifier for one in cases.values())
        ]
        return own or (self.beside.versions_of(identifier) if self.beside else [])

    def family(self, identifier: str, version: Version) -> list[LoadedCase]:
        """The cases of a version that are members of a family."""
        own = [one for one in self.cases(version) if one.family == identifier != one.id]
        return own or (self.beside.family(identifier, version) if self.beside else [])

    def ids(self) -> list[str]:
        """The ids of all cases in any version."""
        own = {name: None for cases in self.everywhere._cases.values() for name in cases}
        return [*own, *(self.beside.ids() if self.beside else [])]

    def is_doubtful(self, identifier: str) -> bool:
        """Whether a case that is not here may be one that was left out because of its faults."""
        return bool({"", identifier.partition("[")[0]} & self._faulty)

    def select(
        self, version: Version, selectors: Sequence[str] = (), skip: Sequence[str] = ()
    ) -> list[LoadedCase]:
        """The cases of a version that are selected, all without a selector, less those of `skip`.

        Raises SelectionError for a selector that matches nothing, saying where it would.
        """
        try:
            return select(self.cases(version), selectors, skip)
        except SelectionError as error:
            found = self.everywhere._cases
            others = {name: list(cases.values()) for name, cases in found.items()}
            raise elsewhere(error, version, others) from None
