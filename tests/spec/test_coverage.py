"""What is counted of a version, on a small catalogue and on the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from h2spec_py.spec import find_version
from h2spec_py.spec.catalogue import Requirement, read_catalogue
from h2spec_py.spec.coverage import (
    CLIENT,
    PROVEN,
    UNPROVABLE,
    UNPROVEN,
    Coverage,
    Figures,
    figures,
    measure,
    section_order,
    shifts,
)

NEWEST = find_version("9113")

SMALL = """\
- id: data.stream-zero
  says: DATA on stream 0 is an error
  binds: both
  level: MUST
  where: {rfc9113: [6.1#5, 6.1#6, 5.1], rfc7540: 6.1#5}
  provable: both
- id: data.advice
  says: Data is treated well
  binds: server
  level: SHOULD
  where: {rfc9113: 6.1#1}
  provable: server
- id: data.client
  says: A client reads data
  binds: client
  level: MUST NOT
  where: {rfc9113: 10.2}
  provable: client
- id: hpack.table
  says: The table is kept
  binds: both
  level: MUST
  where: {rfc7541: 2.1#1}
  provable: leaves no trace on the wire
- id: hpack.both
  says: Both documents demand this
  binds: both
  level: {rfc9113: MAY, rfc7541: MUST}
  where: {rfc7541: 2.1#2, rfc9113: 4.3#1}
  provable: both
- id: data.older
  says: Only the older one has this
  binds: both
  level: MUST
  where: {rfc7540: 6.1#6}
  provable: both
"""
CASES = {"data.stream-zero": ["data/zero[a]", "data/zero[b]"], "hpack.both": ["hpack/both"]}
SENTENCES = {
    "rfc9113": ["2.2#1", "4.3#1", "6.1#1", "6.1#5", "6.1#6", "6.10#1", "A.1#1"],
    "rfc7541": ["2.1#1", "2.1#2"],
}
EXEMPT = {"rfc9113": {"2.2#1": "says what the words mean"}}


@pytest.fixture
def small(tmp_path: Path) -> list[Requirement]:
    (tmp_path / "data.yaml").write_text(SMALL, encoding="utf-8")
    return list(read_catalogue(tmp_path).values())


@pytest.fixture
def measured(small: list[Requirement]) -> Coverage:
    return measure(NEWEST, small, CASES, SENTENCES, EXEMPT)


def test_figures_of_a_small_catalogue(measured: Coverage) -> None:
    found = figures([measured])
    assert list(found) == ["rfc9113"]
    assert list(found["rfc9113"]) == ["rfc9113", "rfc7541"]
    assert found["rfc9113"]["rfc9113"] == {
        "sentences": 7,
        "accounted": 5,
        "requirements": {"MUST": 1, "MUST NOT": 1, "SHOULD": 1, "SHOULD NOT": 0, "MAY": 1},
        "provable": 3,
        "proven": 2,
        "unaccounted": ["6.10#1", "A.1#1"],
        "unproven": ["data.advice"],
        "standings": {
            "data.advice": "SHOULD, unproven",
            "data.client": "MUST NOT, client",
            "data.stream-zero": "MUST, proven",
            "hpack.both": "MAY, proven",
        },
    }
    assert found["rfc9113"]["rfc7541"] == {
        "sentences": 2,
        "accounted": 2,
        "requirements": {"MUST": 1, "MUST NOT": 0, "SHOULD": 0, "SHOULD NOT": 0, "MAY": 0},
        "provable": 0,
        "proven": 0,
        "unaccounted": [],
        "unproven": [],
        "standings": {"hpack.table": "MUST, unprovable"},
    }


def test_states_and_places(measured: Coverage) -> None:
    own, other = measured.documents
    states = {one.id: one.state for part in measured.documents for one in part.standings}
    assert states == {
        "data.stream-zero": PROVEN,
        "data.advice": UNPROVEN,
        "data.client": CLIENT,
        "hpack.table": UNPROVABLE,
        "hpack.both": PROVEN,
    }
    places = {section.section: section for section in own.sections}
    assert [one.id for one in places["6.1"].standings] == ["data.stream-zero", "data.advice"]
    assert [one.id for one in places["5.1"].cited] == ["data.stream-zero"]
    assert places["5.1"].standings == ()
    assert places["2.2"].exempt == {"2.2#1": "says what the words mean"}
    assert [one.id for one in other.sections[places_index(other.sections, "2.1")].cited] == [
        "hpack.both"
    ]
    [zero] = [one for one in own.standings if one.id == "data.stream-zero"]
    assert [str(section) for section in zero.sections] == ["rfc9113 6.1", "rfc9113 5.1"]
    assert zero.cases == ("data/zero[a]", "data/zero[b]")


def places_index(sections: tuple[object, ...], name: str) -> int:
    return [getattr(one, "section", "") for one in sections].index(name)


def test_the_outline_is_that_of_the_document(measured: Coverage) -> None:
    sections = [section.section for section in measured.documents[0].sections]
    assert sections == sorted(sections, key=section_order)
    assert sections[:5] == ["1", "2", "2.1", "2.2", "3"]
    assert sections.index("6.9.3") < sections.index("6.10") < sections.index("7")
    assert sections[-1] == "A.1"
    section = measured.documents[0].sections[sections.index("6.10")]
    assert (section.title, section.depth) == ("CONTINUATION", 1)
    assert section.url == "https://www.rfc-editor.org/rfc/rfc9113.html#section-6.10"


def test_a_further_case_for_the_same_changes_no_figure(small: list[Requirement]) -> None:
    more = CASES | {"data.stream-zero": ["data/other", *CASES["data.stream-zero"]]}
    before = figures([measure(NEWEST, small, CASES, SENTENCES, EXEMPT)])
    after = figures([measure(NEWEST, list(reversed(small)), more, SENTENCES, EXEMPT)])
    assert json.dumps(before) == json.dumps(after)


def copy(value: Figures) -> Figures:
    made: Figures = json.loads(json.dumps(value))
    return made


def test_shifts_are_named(measured: Coverage) -> None:
    before = figures([measured])
    assert shifts(before, before) == []
    after = copy(before)
    part = after["rfc9113"]["rfc9113"]
    assert part["unaccounted"] == ["6.10#1", "A.1#1"]
    part["unaccounted"] = ["6.1#9", "A.1#1"]
    part["standings"]["data.advice"] = "MAY, proven"
    part["standings"]["data.other"] = "MUST, client"
    del part["standings"]["data.client"]
    assert [str(one) for one in shifts(before, after)] == [
        "rfc9113, rfc9113: 6.1#9: nothing -> not accounted for",
        "rfc9113, rfc9113: 6.10#1: not accounted for -> nothing",
        "rfc9113, rfc9113: data.advice: SHOULD, unproven -> MAY, proven",
        "rfc9113, rfc9113: data.client: MUST NOT, client -> nothing",
        "rfc9113, rfc9113: data.other: nothing -> MUST, client",
    ]
    assert len(shifts(after, before)) == 5
    whole = shifts({}, before)
    assert {one.document for one in whole} == {"rfc9113", "rfc7541"}
    assert all(one.old == "" for one in whole)
    del after["rfc9113"]["rfc7541"]
    assert len(shifts(before, after)) > 5


def test_sections_sort_as_in_a_document() -> None:
    given = ["A.1", "10", "6.10", "6.9", "6", "B", "6.9.1"]
    assert sorted(given, key=section_order) == ["6", "6.9", "6.9.1", "6.10", "10", "A.1", "B"]
