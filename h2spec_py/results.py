"""The results file: what one run found, as JSON lines, written and read in this one place.

    {"kind": "header", "format": 1, …}      what was tested, with what, and how many cases there are
    {"kind": "case", "id": …}               one line per case, in any order
    {"kind": "footer", "counts": …}         the end; a file without it was cut short

Every page and format that we make is a reader of such a file, so a file may come by mail from
someone else. The reader therefore trusts nothing: lines, nesting and the number of cases are
bounded, every key that we use is checked for its type, and whatever is wrong is one line that names
the file and the line. Keys that are not in `h2spec_py.results_lines` are kept and ignored: a later
version may add some without a new format number.

Text in a results file is that of the target as it came, in JSON's own escapes (all output is
printable ASCII, so NUL, terminal escapes and lone surrogates survive the trip). Making it safe to
show is the duty of whoever shows it: see `h2spec_py.report.text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TextIO, cast

from h2spec_py._shape import ShapeError, check_shape
from h2spec_py.results_lines import OUTCOMES, CaseResult, Footer, Header

FORMAT = 1
"""The number that a header states; it grows when the meaning of a key changes."""

MAX_LINE = 16 * 2**20
"""Longest line that is read (octets)."""

MAX_FILE = 512 * 2**20
"""Longest file that is read (octets)."""

MAX_CASES = 100_000
"""Most cases that one file may hold."""

UNFINISHED_EXITS = frozenset({3, 4, 130})
"""Exit codes of runs that may have ended before all their cases: no target, our fault, Ctrl-C."""


class ResultsError(Exception):
    """A results file that cannot be used; the message is one line: `FILE:LINE: what is wrong`."""


@dataclass(frozen=True, slots=True)
class Results:
    """A whole results file."""

    header: Header
    cases: tuple[CaseResult, ...]
    footer: Footer

    @property
    def complete(self) -> bool:
        """Whether every case that was to be run has a result, and there was at least one."""
        return not self.footer["interrupted"] and 0 < len(self.cases) == self.header["cases"]


def count_outcomes(cases: Iterable[CaseResult]) -> dict[str, int]:
    """Count the outcomes of `cases`; outcomes that did not occur count 0."""
    counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
    for case in cases:
        counts[case["outcome"]] += 1
    return counts


class _Assembly:
    """The order and sums of a file, which writer and reader hold to alike."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.footer: Footer | None = None
        self.cases: list[CaseResult] = []
        self.counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self._ids: set[str] = set()

    def add(self, line: object) -> Header | CaseResult | Footer:
        """Check one line and its place. Raises ShapeError."""
        if not isinstance(line, dict):
            raise ShapeError("expected an object")
        kind = line.get("kind")
        if self.footer is not None:
            raise ShapeError("nothing may follow the footer")
        if self.header is None:
            if kind != "header":
                raise ShapeError("expected the header of a results file")
            return self._add_header(line)
        if kind == "case":
            return self._add_case(line)
        if kind == "footer":
            return self._add_footer(line, self.header)
        raise ShapeError(f"expected a case or the footer, not kind {_short(kind)}")

    def _add_header(self, line: dict[str, Any]) -> Header:
        # The format number decides how the rest is read, so it is looked at first.
        if line.get("format") != FORMAT or isinstance(line["format"], bool):
            stated = _short(line.get("format"))
            raise ShapeError(f"format {stated} is unknown: this version reads format {FORMAT}")
        check_shape(line, Header)
        self.header = cast("Header", line)
        return self.header

    def _add_case(self, line: dict[str, Any]) -> CaseResult:
        check_shape(line, CaseResult)
        case = cast("CaseResult", line)
        if case["id"] in self._ids:
            raise ShapeError(f"case {_short(case['id'])} is there twice")
        if len(self._ids) == MAX_CASES:
            raise ShapeError(f"more than {MAX_CASES} cases")
        self._ids.add(case["id"])
        self.cases.append(case)
        self.counts[case["outcome"]] += 1
        return case

    def _add_footer(self, line: dict[str, Any], header: Header) -> Footer:
        check_shape(line, Footer)
        footer = cast("Footer", line)
        if footer["counts"] != self.counts:
            raise ShapeError(
                f"the footer counts {_counts(footer['counts'])} but there are "
                f"{_counts(self.counts)}"
            )
        found, planned = len(self._ids), header["cases"]
        cut_short = footer["interrupted"] or footer["exit"] in UNFINISHED_EXITS
        if found > planned or (found < planned and not cut_short):
            raise ShapeError(f"the header announces {planned} cases but there are {found}")
        self.footer = footer
        return footer

    def whole(self, name: str, lines: int) -> Results:
        """Everything, from the file of this name. Raises ResultsError before its end."""
        if self.header is None:
            raise ResultsError(f"{name}: the file is empty")
        if self.footer is None:
            raise ResultsError(f"{name}:{lines + 1}: the file is cut short: it has no footer")
        return Results(self.header, tuple(self.cases), self.footer)


class ResultsWriter:
    """Writes a results file, each line flushed, so that an interrupted run leaves what it had.

    `path` may also be a text stream, which is left open. The keys `kind` and, in the header,
    `format` are filled in, and so are the footer's `counts`. All three methods raise ResultsError
    when a line would make a file that `read_results` refuses, or when the disk is full.
    """

    def __init__(self, path: Path | str | TextIO) -> None:
        self._assembly = _Assembly()
        self._lines = 0
        self._owned = isinstance(path, str | Path)
        if isinstance(path, str | Path):
            self._name = str(path)
            try:
                self._file: TextIO = Path(path).open(  # noqa: SIM115 - closed by close()
                    "w", encoding="ascii", newline="\n"
                )
            except OSError as error:
                raise ResultsError(_os_error(path, error)) from None
        else:
            self._name = str(getattr(path, "name", "results"))
            self._file = path

    @property
    def counts(self) -> dict[str, int]:
        """Outcomes of the cases written so far."""
        return dict(self._assembly.counts)

    @property
    def results(self) -> Results:
        """What was written, as `read_results` reads it. Raises ResultsError before its end."""
        return self._assembly.whole(self._name, self._lines)

    def header(self, header: Mapping[str, Any]) -> None:
        """Write the first line."""
        self._write({**header, "kind": "header", "format": FORMAT})

    def case(self, case: Mapping[str, Any]) -> None:
        """Write one case."""
        self._write({**case, "kind": "case"})

    def footer(self, footer: Mapping[str, Any]) -> None:
        """Write the last line, and close the file."""
        self._write({"counts": self.counts, **footer, "kind": "footer"})
        self.close()

    def close(self) -> None:
        """Close the file; harmless when it is closed already."""
        if self._owned:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, line: dict[str, Any]) -> None:
        try:
            # What goes out is what was checked: tuples are lists by then, and names are strings.
            text = to_json(line)
            self._assembly.add(_parse(text.encode("ascii") + b"\n"))
        except (ShapeError, TypeError, ValueError, RecursionError) as error:
            raise ResultsError(f"{self._name}:{self._lines + 1}: {error}") from None
        try:
            self._file.write(text + "\n")
            self._file.flush()
        except OSError as error:
            raise ResultsError(_os_error(self._name, error)) from None
        self._lines += 1


def to_json(value: object) -> str:
    """Write `value` as JSON in one line of printable ASCII.

    Raises TypeError for what JSON lacks and ValueError for NaN and infinities.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("\x7f", "\\u007f")  # the one control character that JSON lets through


def read_results(path: Path | str) -> Results:
    """Read a results file that `ResultsWriter` wrote, whole. Raises ResultsError."""
    try:
        with Path(path).open("rb") as file:
            return _read(file, str(path))
    except OSError as error:
        raise ResultsError(_os_error(path, error)) from None


def _read(file: BinaryIO, name: str) -> Results:
    assembly = _Assembly()
    number = 0
    octets = 0
    while line := file.readline(MAX_LINE + 2):
        number += 1
        octets += len(line)
        if octets > MAX_FILE:
            raise ResultsError(f"{name}:{number}: the file is longer than {MAX_FILE} octets")
        try:
            assembly.add(_parse(line))
        except ShapeError as error:
            raise ResultsError(f"{name}:{number}: {error}") from None
    return assembly.whole(name, number)


def _parse(line: bytes) -> object:
    """Read one line with its newline as JSON. Raises ShapeError."""
    if len(line.removesuffix(b"\n")) > MAX_LINE:
        raise ShapeError(f"longer than {MAX_LINE} octets")
    if not line.endswith(b"\n"):
        raise ShapeError("the file is cut short in the middle of a line")
    try:
        return cast(
            "object",
            json.loads(
                line.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
            ),
        )
    except ShapeError:
        raise
    except json.JSONDecodeError as error:
        raise ShapeError(f"not JSON: {error.msg} at column {error.colno}") from None
    except UnicodeDecodeError:
        raise ShapeError("not JSON: it is not UTF-8") from None
    except ValueError:
        raise ShapeError("not JSON that we read: a number with too many digits") from None
    except RecursionError:
        raise ShapeError("not JSON that we read: nested too deeply") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ShapeError("a key is there twice in one object")
    return read


def _refuse_constant(constant: str) -> object:
    raise ShapeError(f"{constant} is not a number of JSON")


def _counts(counts: Mapping[str, int]) -> str:
    listed = ", ".join(f"{number} {outcome}" for outcome, number in list(counts.items())[:8])
    return _short(listed)[1:-1]


def _short(value: object) -> str:
    """Show `value`, which may be anything, in a few printable characters."""
    shown = ascii(value)
    return shown if len(shown) <= 200 else f"{shown[:200]}…"


def _os_error(path: Path | str, error: OSError) -> str:
    return f"{path}: {error.strerror or error}"
