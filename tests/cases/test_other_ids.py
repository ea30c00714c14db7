"""Ids by which other tools know what a case of ours tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.spec import find_version

TABLE = Path(__file__).resolve().parents[3] / "shared" / "h2spec.md"
ROW = re.compile(r"^\| ((?:generic|http2|hpack)/[0-9.]+/[0-9]+) \|", re.MULTILINE)


def test_every_server_test_of_h2spec_can_be_selected() -> None:
    if not TABLE.is_file():
        pytest.skip("the table of h2spec's tests is not beside the repository")
    known = set(ROW.findall(TABLE.read_text(encoding="utf-8")))
    assert len(known) == 147
    cases = load_library().cases(find_version("7540"))
    aliases = {alias for loaded in cases for alias in loaded.case.aliases}
    assert known - aliases == set()
    assert aliases - known == set()
