"""Checking case files without playing them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from h2spec_py.case.build import Catalogue
from h2spec_py.case.errors import CaseError, in_order
from h2spec_py.case.loader import load


def lint_paths(
    paths: Sequence[Path] | None = None, *, catalogue: Catalogue | None = None
) -> list[CaseError]:
    """Everything that is wrong with case files, in the order of files and lines.

    A directory stands for all case files in it, no path for the cases that are shipped. The latter
    may be the twins of others in any case.
    """
    return in_order(load(paths, catalogue)[1])
