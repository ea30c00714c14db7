"""Choosing cases: what `--select` and `--skip` take.

| selector | takes |
|---|---|
| `data/stream-zero`, `data/closed[HEADERS]` | the case of that id |
| `data/closed` | all cases of that family |
| `data/*`, `*/stream-zero` | ids that the pattern fits; `*` and `?` are special, brackets are not |
| `data` | the cases of that topic, which is the id up to the slash |
| `data.stream-zero` | the cases that prove that requirement |
| `6.5` | Section 6.5 of the version's document and those below it, 6.5.2 but not 6.50 |
| `hpack:6.3` | the same in its header compression document |
| `http2/6.5`, `http2/6.5/1` | cases by the id that another tool has for them, or its beginning |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from h2spec_py.case.errors import hint, listing, shown
from h2spec_py.spec import Version

if TYPE_CHECKING:
    from h2spec_py.case.library import LoadedCase

SECTION = re.compile(r"(hpack:)?((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)")


class SelectionError(ValueError):
    """A selector that matches no case."""

    def __init__(self, selector: str, message: str) -> None:
        super().__init__(message)
        self.selector = selector


def select(
    cases: Sequence[LoadedCase], selectors: Sequence[str] = (), skip: Sequence[str] = ()
) -> list[LoadedCase]:
    """The cases that any selector matches, all without one, less those that `skip` matches.

    Their order stays. Raises SelectionError for a selector, in either list, that matches nothing.
    """
    wanted = _matching(cases, selectors) if selectors else {one.id for one in cases}
    unwanted = _matching(cases, skip)
    return [one for one in cases if one.id in wanted and one.id not in unwanted]


def matches(selector: str, loaded: LoadedCase) -> bool:
    """Whether a selector takes a case."""
    identifier = loaded.id
    return (
        selector in (identifier, loaded.family, identifier.partition("/")[0])
        or any(selector == one.id for one in loaded.requirements)
        or any(_begins(alias, selector) for alias in loaded.case.aliases)
        or _in_section(selector, loaded)
        or bool(set("*?") & set(selector) and re.fullmatch(_pattern(selector), identifier))
    )


def elsewhere(
    error: SelectionError, version: Version, cases: Mapping[str, Iterable[LoadedCase]]
) -> SelectionError:
    """Say of a selector that matches nothing in a version in which others it would."""
    found = [
        name
        for name, ones in cases.items()
        if name != version.name and any(matches(error.selector, one) for one in ones)
    ]
    if not found:
        return error
    where = f"applies in {listing(found, 'and')}, not in {version.name}"
    return SelectionError(error.selector, f"selector {shown(error.selector)} {where}")


def _matching(cases: Sequence[LoadedCase], selectors: Sequence[str]) -> set[str]:
    chosen: set[str] = set()
    for selector in selectors:
        found = {one.id for one in cases if matches(selector, one)}
        if not found:
            near = "" if SECTION.fullmatch(selector) else hint(selector, _names(cases))
            raise SelectionError(selector, f"selector {shown(selector)} matches no case{near}")
        chosen |= found
    return chosen


def _names(cases: Sequence[LoadedCase]) -> list[str]:
    """Everything that could have been meant by a selector that is a name."""
    names: dict[str, None] = {}
    for one in cases:
        known = [one.id, one.family, one.id.partition("/")[0], *one.case.aliases]
        names |= dict.fromkeys([*known, *(requirement.id for requirement in one.requirements)])
    return list(names)


def _begins(alias: str, selector: str) -> bool:
    """Whether an alias is, or lies below, a selector: `http2/6.5.2/1` below `http2/6.5`."""
    parts, given = alias.split("/"), selector.split("/")
    if len(given) >= len(parts):
        return parts == given
    last = len(given) - 1
    return parts[:last] == given[:last] and _below(parts[last], given[last])


def _below(section: str, above: str) -> bool:
    return section == above or section.startswith(above + ".")


def _in_section(selector: str, loaded: LoadedCase) -> bool:
    match = SECTION.fullmatch(selector)
    if match is None:
        return False
    document = loaded.version.hpack if match[1] else loaded.version.name
    return any(
        one.document == document and _below(one.section, match[2])
        for requirement in loaded.requirements
        for one in requirement.sections_in(loaded.version)
    )


def _pattern(selector: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(c) or re.escape(c) for c in selector)
