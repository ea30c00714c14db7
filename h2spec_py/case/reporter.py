"""What the checks of sound cases are written with: the parts of a case, and places to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from h2spec_py.case.errors import CaseError, hint, listing, shown
from h2spec_py.case.library import LoadedCase
from h2spec_py.case.model import Part
from h2spec_py.case.nodes import MappingNode
from h2spec_py.case.validate import Path, find
from h2spec_py.spec import Version


@dataclass(frozen=True, slots=True)
class Reporter:
    """Takes the faults of one case in one version; a path is made of YAML keys and indices."""

    loaded: LoadedCase
    errors: list[CaseError]

    @property
    def version(self) -> Version:
        """The version that the case is looked at in."""
        return self.loaded.version

    def at(self, path: Path, message: str) -> None:
        """Report a fault of a value."""
        self.errors.append(CaseError(find(self.loaded.node, path).place, message))

    def key(self, path: Path, message: str) -> None:
        """Report a fault of a key that should not be there, or that lacks something."""
        owner = find(self.loaded.node, path[:-1])
        key = owner.key(str(path[-1])) if isinstance(owner, MappingNode) else None
        self.errors.append(CaseError((key or owner).place, message))

    def unknown(self, path: Path, what: str, name: str, known: Sequence[str]) -> None:
        """Report a name that is not one of those known."""
        self.at(path, unknown(what, name, known))

    def parts(self) -> Iterator[tuple[Path, Part]]:
        """Every mapping of the case that is written out and has a type, with its path."""
        yield from _parts((), self.loaded.case)


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """Say that a name is not one of those known, and which was meant or which there are."""
    near = hint(name, known)
    if not near:
        near = f"; known are {listing(known, 'and')}" if known else "; there are none"
    return f"unknown {what} {shown(name)}{near}"


def _parts(path: Path, value: object) -> Iterator[tuple[Path, Part]]:
    match value:
        case Part():
            yield path, value
            fields = type(value).model_fields
            for name in fields:
                if name in value.model_fields_set:
                    yield from _parts((*path, fields[name].alias or name), getattr(value, name))
        case list() | tuple():
            for index, item in enumerate(value):
                yield from _parts((*path, index), item)
        case dict():
            for key, item in value.items():
                yield from _parts((*path, str(key)), item)
        case _:
            pass
