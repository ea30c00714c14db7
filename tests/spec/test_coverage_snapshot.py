"""Coverage is what `coverage.json` says, and does not drop unseen.

Where it should be something else, `COMMAND` writes it anew, and the diff of it says what changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.catalogue_commands import json_text, measured_in
from h2spec_py.spec import VERSIONS
from h2spec_py.spec.coverage import Figures, drops, figures

SNAPSHOT = Path(__file__).with_name("coverage.json")
COMMAND = "h2spec-py coverage --output json=tests/spec/coverage.json"


@pytest.fixture(scope="module")
def now() -> Figures:
    library = load_library()
    return figures(measured_in(version, library) for version in VERSIONS)


@pytest.fixture(scope="module")
def snapshot() -> Figures:
    read: Figures = json.loads(SNAPSHOT.read_text("utf-8"))
    return read


def test_coverage_does_not_drop(now: Figures, snapshot: Figures) -> None:
    lost = drops(snapshot, now)
    assert not lost, "\n".join(
        ["coverage drops:", *lost, f"if that is meant, write it down: {COMMAND}"]
    )


def test_the_snapshot_is_exact(now: Figures, snapshot: Figures) -> None:
    gained = drops(now, snapshot)
    assert not gained, "\n".join(
        ["better than the snapshot, which says:", *gained, f"write it down: {COMMAND}"]
    )
    assert json_text(now) == SNAPSHOT.read_text("utf-8"), f"write it down: {COMMAND}"
