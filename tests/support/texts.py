"""The texts of the specifications, which are no part of the repository: they lie beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"


def text_of(document: str, ending: str = ".txt") -> str:
    """The text of a document, or another file about it; skips the test where there is none."""
    path = SPECS / f"{'http2-' * document.startswith('draft')}{document}{ending}"
    if not path.is_file():
        pytest.skip("the texts of the specifications are not beside the repository")
    return path.read_text(encoding="utf-8")
