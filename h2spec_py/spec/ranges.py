"""The order of the versions, and ranges of them.

A range is written `13`, `..12`, `13..` or `13..7540`, ends included, with the short names of the
versions in the order of their publication.
"""

from __future__ import annotations

from functools import lru_cache

from h2spec_py.spec.versions import TABLES

ORDER = tuple(version.short for version in TABLES)
"""Short names of all versions, oldest first."""


@lru_cache(maxsize=1024)
def is_range(text: str) -> bool:
    """Say whether `text` means a range: it has the two dots, or is the name of a version.

    A range whose ends are unknown names is still one, so that `in_range` can say what is wrong.
    """
    if ".." not in text:
        return text in ORDER
    low, _, high = text.partition("..")
    return all(part.isalnum() for part in (low, high) if part) and bool(low or high)


@lru_cache(maxsize=1024)
def in_range(text: str, short: str) -> bool:
    """Say whether the version with the short name `short` lies in the range `text`.

    Raises ValueError for unknown names, for ends in the wrong order, and for what is no range.
    """
    if not is_range(text):
        raise ValueError(f"not a range of versions: {text!r}")
    low, dots, high = text.partition("..")
    first = _position(low) if low else 0
    last = _position(high) if high else len(ORDER) - 1 if dots else first
    if first > last:
        raise ValueError(f"no version lies in {text!r}: its ends are the wrong way round")
    return first <= _position(short) <= last


def _position(short: str) -> int:
    try:
        return ORDER.index(short)
    except ValueError:
        raise ValueError(f"unknown version {short!r}: known are {', '.join(ORDER)}") from None
