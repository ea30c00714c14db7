"""What each version of HTTP/2 says, as tables, and the catalogue of what it demands."""

from __future__ import annotations

from h2spec_py.spec.documents import document_title, section_url
from h2spec_py.spec.model import FrameType, HeaderLayout, Setting, Version
from h2spec_py.spec.ranges import ORDER, in_range, is_range
from h2spec_py.spec.versions import TABLES

__all__ = [
    "ORDER",
    "VERSIONS",
    "FrameType",
    "HeaderLayout",
    "Setting",
    "UnknownVersion",
    "Version",
    "document_title",
    "find_version",
    "in_range",
    "is_range",
    "section_url",
]

VERSIONS: tuple[Version, ...] = TABLES
"""The versions that have a table, oldest first."""


class UnknownVersion(ValueError):  # noqa: N818 - it reads as what it says
    """No table of that name."""


def find_version(name: str) -> Version:
    """Find a version by its short name (`13`, `7540`) or its full one (`draft-13`, `rfc7540`).

    Raises UnknownVersion, whose message lists the names that are known.
    """
    for version in VERSIONS:
        if name in (version.short, version.name):
            return version
    known = ", ".join(version.short for version in VERSIONS)
    raise UnknownVersion(f"unknown version {name!r}: known are {known}")
