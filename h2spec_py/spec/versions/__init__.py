"""The tables, one module and one literal `VERSION` for each version of HTTP/2."""

from __future__ import annotations

from h2spec_py.spec.model import Version
from h2spec_py.spec.versions import (
    draft04,
    draft06,
    draft09,
    draft12,
    draft13,
    draft14,
    draft16,
    draft17,
    rfc7540,
    rfc9113,
)

__all__ = ["TABLES"]

TABLES: tuple[Version, ...] = (
    draft04.VERSION,
    draft06.VERSION,
    draft09.VERSION,
    draft12.VERSION,
    draft13.VERSION,
    draft14.VERSION,
    draft16.VERSION,
    draft17.VERSION,
    rfc7540.VERSION,
    rfc9113.VERSION,
)
"""The tables of all versions, oldest first."""
