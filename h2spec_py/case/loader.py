"""Loading case files: the strict way from YAML to cases, with all faults of all files at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path

from h2spec_py.case.build import Catalogue, build
from h2spec_py.case.errors import CaseError, CaseErrors, Place
from h2spec_py.case.library import Entry, Library, LoadedCase
from h2spec_py.case.lint_cases import lint
from h2spec_py.case.nodes import MappingNode, SequenceNode, describe, parse
from h2spec_py.case.source import Source, find_sources, read_source, shipped_sources
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.spec import catalogue as spec_catalogue

__all__ = [
    "CaseError",
    "CaseErrors",
    "Library",
    "LoadedCase",
    "load",
    "load_library",
]


def load_library(
    paths: Sequence[Path] | None = None,
    *,
    version: Version | None = None,
    catalogue: Catalogue | None = None,
) -> Library:
    """Load case files, and those below directories; none stand for the cases that are shipped.

    Twins of cases in `paths` may be cases that are shipped. With `version`, cases are built and
    checked in that version only. Raises CaseErrors with everything that is wrong.
    """
    versions = VERSIONS if version is None else (version,)
    if not paths and catalogue is None:  # what is shipped has been checked: see its tests
        library, errors = _all_shipped(versions)
    else:
        library, errors = load(paths, catalogue, versions)
    if errors:
        raise CaseErrors(errors)
    return library


def load(
    paths: Sequence[Path] | None,
    catalogue: Catalogue | None,
    versions: Sequence[Version] = VERSIONS,
) -> tuple[Library, list[CaseError]]:
    """The sound entries of case files, and everything that is wrong with the others and them."""
    requirements = spec_catalogue.catalogue() if catalogue is None else catalogue
    shipped = partial(_shipped, requirements, tuple(versions))
    if not paths:
        library, errors = shipped()
    else:
        sources, errors = find_sources(paths)
        library, wrong = _read(sources, requirements, versions, lambda: shipped()[0])
        errors += wrong
    return library, errors + lint(library, requirements)


def _shipped(
    requirements: Catalogue, versions: tuple[Version, ...]
) -> tuple[Library, list[CaseError]]:
    """The cases that are shipped. With the catalogue that is shipped, too, they are read once."""
    if requirements is spec_catalogue.catalogue():
        return _all_shipped(versions)
    return _read(shipped_sources(), requirements, versions)


@cache
def _all_shipped(versions: tuple[Version, ...]) -> tuple[Library, list[CaseError]]:
    return _read(shipped_sources(), spec_catalogue.catalogue(), versions)


def _read(
    sources: Sequence[Source],
    requirements: Catalogue,
    versions: Sequence[Version],
    beside: Callable[[], Library] | None = None,
) -> tuple[Library, list[CaseError]]:
    entries: list[Entry] = []
    errors: list[CaseError] = []
    faulty: list[str] = []
    for source in sources:
        try:
            entries += _entries(source, requirements, versions, errors, faulty)
        except CaseError as error:
            errors.append(error)
            faulty.append("")
    whole = None
    if len(versions) < len(VERSIONS):
        whole = lambda: _read(sources, requirements, VERSIONS)[0]  # noqa: E731
    return Library(entries, beside, faulty, whole), errors


def _entries(
    source: Source,
    requirements: Catalogue,
    versions: Sequence[Version],
    errors: list[CaseError],
    faulty: list[str],
) -> Iterable[Entry]:
    """The sound entries of a file. Raises CaseError where nothing can be made of it."""
    faults: list[CaseError] = []
    root = parse(read_source(source), source.name, faults)
    errors += faults
    if root is None:
        raise CaseError(Place(source.name), "empty; a case file is a list of cases")
    if not isinstance(root, SequenceNode):
        raise CaseError(root.place, f"a case file is a list of cases, not {describe(root)}")
    if not root.items:
        raise CaseError(root.place, "a list without any case")
    ends = [item.place for item in root.items[1:]]
    for item, end in zip(root.items, [*ends, None], strict=True):
        if not isinstance(item, MappingNode):
            errors.append(CaseError(item.place, f"a case is a mapping, not {describe(item)}"))
            faulty.append("")
        elif any(item.place <= one.place and (end is None or one.place < end) for one in faults):
            faulty.append("")
        else:
            entry = build(item, requirements, versions, errors, faulty)
            if entry is not None:
                yield entry
