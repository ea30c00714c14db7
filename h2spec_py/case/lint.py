"""What is wrong with sound cases, seen against the tables of their versions and each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from h2spec_py.case.build import Catalogue
    from h2spec_py.case.errors import CaseError
    from h2spec_py.case.library import Library


def lint(library: Library, requirements: Catalogue) -> list[CaseError]:
    """Everything that is wrong with the cases of a library, though each fits the schema."""
    _ = library, requirements
    return []
