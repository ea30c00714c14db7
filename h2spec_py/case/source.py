"""Finding and reading case files, before any YAML is understood.

What a user names may be anything: a device, a picture, a file of gigabytes. Each of these is one
error, and never more than `LIMIT` octets are read.
"""

from __future__ import annotations

import stat
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from h2spec_py.case.errors import CaseError, Place

LIMIT = 1 << 20
"""The largest case file (octets)."""

SUFFIXES = (".yaml", ".yml")
PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Source:
    """A case file: where it is, and by what name messages and results call it."""

    path: Path
    name: str


def shipped() -> Path:
    """The directory of the case library: inside an installed package, else beside a checkout's."""
    installed = PACKAGE / "_cases"
    return installed if installed.is_dir() else PACKAGE.parent / "cases"


def shipped_sources() -> list[Source]:
    """The files of the case library, named `cases/TOPIC.yaml` wherever they are installed."""
    root = shipped()
    found = sorted(path for path in root.glob("*") if path.suffix in SUFFIXES)
    return [Source(path, f"cases/{path.name}") for path in found]


def find_sources(paths: Sequence[Path]) -> tuple[list[Source], list[CaseError]]:
    """Find the case files that are named, or that lie anywhere below a directory that is named.

    A file that is reached twice counts once. Hidden files and directories are left out.
    """
    found: dict[Path, Source] = {}
    errors: list[CaseError] = []
    for path in paths:
        try:
            files = list(_below(path)) if path.is_dir() else [path]
            if not files:
                errors.append(_error(path, f"no case files ({' or '.join(SUFFIXES)}) in here"))
            for file in files:
                found.setdefault(file.resolve(), Source(file, str(file)))
        except (OSError, ValueError, RuntimeError) as error:
            errors.append(_error(path, _reason(error)))
    return list(found.values()), errors


def read_source(source: Source) -> str:
    """Read a case file as text. Raises CaseError, with line and column for what is not UTF-8."""
    place = Place(source.name)
    try:
        if not stat.S_ISREG(source.path.stat().st_mode):
            raise CaseError(place, "not a regular file")
        with source.path.open("rb") as file:
            octets = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        raise CaseError(place, _reason(error)) from None
    if len(octets) > LIMIT:
        raise CaseError(place, f"larger than {LIMIT} octets, too much for a case file")
    octets = octets.removeprefix(BOM_UTF8)
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"not UTF-8 text: octet 0x{octets[error.start]:02x}"
        raise CaseError(Place(source.name, line, column), message) from None


def _below(directory: Path) -> Iterable[Path]:
    for path in sorted(directory.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if path.suffix in SUFFIXES and not hidden and not path.is_dir():
            yield path


def _error(path: Path, message: str) -> CaseError:
    return CaseError(Place(str(path)), message)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
