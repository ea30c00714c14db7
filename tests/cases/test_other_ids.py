"""Ids by which other tools know what a case of ours tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.spec import find_version
from h2spec_py.spec.documents import section_title

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT.parent / "shared" / "h2spec.md"
ROW = re.compile(r"^\| ((?:generic|http2|hpack)/[0-9.]+/[0-9]+) \|", re.MULTILINE)
DIFFERING = re.compile(r"^\| ((?:(?:generic|http2|hpack)/[^|]+)) \|.*\| ([^|]+) \|$", re.MULTILINE)

TESTS = {
    "generic/1": 1, "generic/2": 5, "generic/3.1": 3, "generic/3.2": 3, "generic/3.3": 5,
    "generic/3.4": 1, "generic/3.5": 1, "generic/3.7": 1, "generic/3.8": 1, "generic/3.9": 2,
    "generic/3.10": 2, "generic/4": 4, "generic/5": 15, "http2/3.5": 2, "http2/4.1": 3,
    "http2/4.2": 3, "http2/4.3": 3, "http2/5.1": 13, "http2/5.1.1": 2, "http2/5.1.2": 1,
    "http2/5.3.1": 2, "http2/5.4.1": 2, "http2/5.5": 2, "http2/6.1": 3, "http2/6.2": 4,
    "http2/6.3": 2, "http2/6.4": 3, "http2/6.5": 3, "http2/6.5.2": 5, "http2/6.5.3": 2,
    "http2/6.7": 4, "http2/6.8": 1, "http2/6.9": 3, "http2/6.9.1": 3, "http2/6.9.2": 3,
    "http2/6.10": 6, "http2/7": 2, "http2/8.1": 1, "http2/8.1.2": 1, "http2/8.1.2.1": 4,
    "http2/8.1.2.2": 2, "http2/8.1.2.3": 7, "http2/8.1.2.6": 2, "http2/8.2": 1, "hpack/2.3.3": 2,
    "hpack/4.2": 1, "hpack/5.2": 3, "hpack/6.1": 1, "hpack/6.3": 1,
}  # fmt: skip
"""How many tests h2spec has for servers, by section; they are numbered from 1."""

IDS = {f"{section}/{n}" for section, count in TESTS.items() for n in range(1, count + 1)}


def test_every_server_test_of_h2spec_can_be_selected() -> None:
    assert len(IDS) == 147
    version = find_version("7540")
    library = load_library()
    aliases = {alias for loaded in library.cases(version) for alias in loaded.case.aliases}
    assert IDS - aliases == set()
    assert aliases - IDS == set()
    for section, count in TESTS.items():
        chosen = {loaded.id for loaded in library.select(version, [section])}
        ones = [f"{section}/{n}" for n in range(1, count + 1)]
        assert {loaded.id for loaded in library.select(version, ones)} <= chosen


def test_the_ids_are_those_of_h2spec() -> None:
    if not TABLE.is_file():
        pytest.skip("the table of h2spec's tests is not beside the repository")
    assert set(ROW.findall(TABLE.read_text(encoding="utf-8"))) == IDS


def test_where_our_verdict_differs_is_told_with_the_section() -> None:
    rows = DIFFERING.findall((ROOT / "cases" / "h2spec.md").read_text(encoding="utf-8"))
    assert len(rows) > 20
    for identifiers, section in rows:
        assert set(identifiers.split(", ")) <= IDS
        document, number = section.split(" ")
        assert section_title(document, number), section
