"""Errors in case files: where something is wrong, and what.

Every error is one line, `FILE:LINE:COLUMN: what is wrong`, counted from 1 as editors do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHOWN = 60
"""How much of a value from a file is shown in a message (characters)."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Somewhere in a file; line 0 stands for the file as a whole."""

    path: str
    line: int = 0
    column: int = 0


class CaseError(Exception):
    """One thing that is wrong in one place of a case file."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(place, message)
        self.place = place
        self.message = message

    @property
    def path(self) -> str:
        """The file, as it was named."""
        return self.place.path

    @property
    def line(self) -> int:
        """The line, from 1; 0 where the whole file is meant."""
        return self.place.line

    @property
    def column(self) -> int:
        """The column in characters, from 1; 0 where the whole file is meant."""
        return self.place.column

    def __str__(self) -> str:
        where = printable(self.path)
        if self.line:
            where += f":{self.line}:{self.column}"
        return f"{where}: {printable(self.message)}"


class CaseErrors(Exception):  # noqa: N818 - there are several
    """All that is wrong in some case files, in the order of files and lines."""

    def __init__(self, errors: Iterable[CaseError]) -> None:
        self.errors = in_order(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Faults:
    """The faults of one entry in each version. One that only some of them have names those."""

    def __init__(self) -> None:
        self._found: dict[str, list[CaseError]] = {}

    def of(self, version: str) -> list[CaseError]:
        """The list that takes the faults in a version."""
        return self._found.setdefault(version, [])

    def forget(self, version: str) -> None:
        """Drop a version, because the entry does not apply there."""
        self._found.pop(version, None)

    def merged(self) -> list[CaseError]:
        """Each fault once. What follows a semicolon is advice, and may differ by version."""
        found: dict[tuple[Place, str], dict[str, str]] = {}
        for version, errors in self._found.items():
            for error in errors:
                problem, _, advice = error.message.partition("; ")
                found.setdefault((error.place, problem), {})[version] = advice
        return [self._merge(*what, advice) for what, advice in found.items()]

    def _merge(self, place: Place, problem: str, advice: Mapping[str, str]) -> CaseError:
        *others, newest = advice.values()
        best = next((one for one in others if one.startswith("did you mean")), newest)
        some = f" (in {listing(advice, 'and')})" if len(advice) < len(self._found) else ""
        return CaseError(place, problem + (f"; {best}" if best else "") + some)


def in_order(errors: Iterable[CaseError]) -> list[CaseError]:
    """Sort errors by file, line, column and message, each of them once."""
    unique = {(error.place, error.message): error for error in errors}
    return [unique[key] for key in sorted(unique)]


def printable(text: str) -> str:
    """Escape what would break a line or a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(text: str) -> str:
    """Quote a value for a message, cut to a length that fits a line."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 3] + "...")


def hint(word: str, known: Iterable[str]) -> str:
    """Suggest the name that was probably meant: `; did you mean 'X'?`, or nothing."""
    names = {name.lower(): name for name in known}
    folded = word[: 2 * SHOWN].lower().replace("_", "-")
    near = difflib.get_close_matches(folded, [n.replace("_", "-") for n in names], 1, 0.7)
    matches = [name for lower, name in names.items() if near and lower.replace("_", "-") == near[0]]
    return f"; did you mean {matches[0]!r}?" if matches else ""


def listing(names: Sequence[str] | Iterable[str], last: str = "or") -> str:
    """Write names as a list in a sentence: `a, b or c`."""
    words = list(names)
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
