"""Coverage is what `coverage.json` says, and changes in nothing unseen.

Where it should be something else, `COMMAND` writes it anew, and the diff of it says what changed.
"""

from __future__ import annotations

import json
from pathlib import Path

from h2spec_py.case.loader import load_library
from h2spec_py.catalogue_commands import json_text, measured_in
from h2spec_py.spec import VERSIONS
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.coverage import Shift, figures, shifts

SNAPSHOT = Path(__file__).with_name("coverage.json")
COMMAND = "h2spec-py coverage --output json=tests/spec/coverage.json"


def place(shift: Shift, snapshot: str) -> str:
    """FILE:LINE of what changed: in the catalogue, or in the snapshot where it is gone there."""
    requirement = catalogue().get(shift.subject)
    if requirement is not None:
        return requirement.place_of(f"level {shift.document}")
    at = snapshot.find(f'"{shift.version}"')
    at = snapshot.find(f'"{shift.document}": {{\n      "sentences"', at)
    at = max(at, snapshot.find(f'"{shift.subject}"', at))
    return f"{SNAPSHOT.name}:{snapshot.count(chr(10), 0, at) + 1}"


def test_coverage_is_what_was_written_down() -> None:
    library = load_library()
    now = figures(measured_in(version, library) for version in VERSIONS)
    snapshot = SNAPSHOT.read_text("utf-8")
    changed = [f"{place(one, snapshot)}: {one}" for one in shifts(json.loads(snapshot), now)]
    assert not changed, "\n".join(
        ["coverage changed:", *changed, f"if all of that is meant, write it down: {COMMAND}"]
    )
    assert json_text(now) == snapshot, f"write it down: {COMMAND}"


def test_what_changed_is_named_with_its_place() -> None:
    snapshot = SNAPSHOT.read_text("utf-8")
    before, after = json.loads(snapshot), json.loads(snapshot)
    after["draft-13"]["draft-13"]["standings"]["ping.ack"] = "MAY, proven"
    del before["draft-13"]["hpack-08"]["standings"]["hpack.entry-size"]
    before["draft-13"]["draft-13"]["standings"]["ping.gone"] = "MUST, proven"
    before["draft-13"]["draft-13"]["unaccounted"] = ["6.7#1"]
    old = json_text(before)
    told = {one.subject: f"{place(one, old)}: {one}" for one in shifts(before, after)}
    ping = catalogue()["ping.ack"].place_of("level")
    assert told["ping.ack"] == f"{ping}: draft-13, draft-13: ping.ack: MUST, proven -> MAY, proven"
    assert told["hpack.entry-size"].startswith(
        catalogue()["hpack.entry-size"].place.partition(":")[0]
    )
    line = 1 + next(n for n, text in enumerate(old.splitlines()) if '"ping.gone"' in text)
    gone = "draft-13, draft-13: ping.gone: MUST, proven -> nothing"
    assert told["ping.gone"] == f"coverage.json:{line}: {gone}"
    line = 1 + next(n for n, text in enumerate(old.splitlines()) if '"6.7#1"' in text)
    accounted = "draft-13, draft-13: 6.7#1: not accounted for -> nothing"
    assert told["6.7#1"] == f"coverage.json:{line}: {accounted}"
    assert len(told) == 4
