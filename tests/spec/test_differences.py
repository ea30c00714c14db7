"""What an implementer who moves between versions is told to do."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from h2spec_py.case.loader import Library, load_library
from h2spec_py.catalogue_commands import compared
from h2spec_py.report.differences_text import render
from h2spec_py.spec import VERSIONS, Version, find_version
from h2spec_py.spec.catalogue import Requirement, SectionRef, read_catalogue
from h2spec_py.spec.differences import (
    ANY,
    Answers,
    Differences,
    Expected,
    admitted,
    as_data,
    differences,
    strength,
)

OLD, NEW = find_version("7540"), find_version("9113")

SMALL = """\
- id: data.new
  says: Data is new
  binds: server
  level: MAY
  where: {rfc9113: 6.1#1}
  provable: server
- id: data.newer
  says: Data is newer
  binds: both
  level: MUST NOT
  where: {rfc9113: [6.10#1, "6.9"]}
  provable: both
- id: data.gone
  says: Data is gone
  binds: client
  level: SHOULD
  where: {rfc7540: 6.1#1}
  provable: client
- id: data.stronger
  says: Data is stronger
  binds: both
  level: {rfc9113: MUST, rfc7540: MAY}
  where: {rfc9113: 6.2#1, rfc7540: 6.2#1}
  provable: both
- id: data.other-way-round
  says: Data is put otherwise
  binds: both
  level: {rfc9113: MUST, rfc7540: MUST NOT}
  where: {rfc9113: 6.2#2, rfc7540: 6.2#2}
  provable: both
- id: data.error
  says: Data is an error
  binds: both
  level: MUST
  where: {rfc9113: 6.2#3, rfc7540: 6.2#3}
  provable: both
- id: data.changed
  says: {rfc7540: Data is kept, rfc9113: Data is dropped}
  binds: both
  level: MUST
  where: {rfc9113: 6.2#2, rfc7540: 6.2#2}
  provable: both
- id: data.same
  says: Data is the same
  binds: both
  level: MUST
  where: {rfc9113: 6.2#4, rfc7540: 6.2#4}
  provable: both
"""

STREAM: Answers = frozenset({("stream error", "PROTOCOL_ERROR")})
CONNECTION: Answers = frozenset({("connection error", "PROTOCOL_ERROR")})


@pytest.fixture
def small(tmp_path: Path) -> list[Requirement]:
    (tmp_path / "data.yaml").write_text(SMALL, encoding="utf-8")
    return list(read_catalogue(tmp_path).values())


def none_expected(version: Version, requirement: Requirement) -> Expected:
    return {}


def words(reference: SectionRef) -> str:
    """Words that are the same in both documents but in one sentence."""
    own = reference.document if reference.sentence == 2 else ""
    return f"{reference.section} {reference.sentence} {own}"


def ids(found: Differences, part: str) -> list[str]:
    return [getattr(one, "difference", one).id for one in getattr(found, part)]


def test_a_small_catalogue(small: list[Requirement]) -> None:
    def expected(version: Version, requirement: Requirement) -> Expected:
        if requirement.id != "data.error":
            return {}
        only = "data/only-old" if version is OLD else "data/only-new"
        answers = STREAM if version is OLD else CONNECTION
        return {"data/a": answers, "data/b": answers, only: answers, "data/kept": CONNECTION}

    found = differences(OLD, NEW, small, expected, words)
    assert ids(found, "added") == ["data.newer", "data.new"]  # MUST NOT before MAY
    assert ids(found, "dropped") == ["data.gone"]
    assert ids(found, "levels") == ["data.stronger"]
    assert ids(found, "errors") == ["data.error"]
    assert ids(found, "changed") == ["data.changed"]  # not reworded, though its sentence is
    assert ids(found, "reworded") == ["data.other-way-round"]
    [reaction] = found.errors
    assert (reaction.old, reaction.new) == (STREAM, CONNECTION)
    assert reaction.cases == ("data/a", "data/b")
    back = differences(NEW, OLD, small, none_expected, words)
    assert ids(back, "added") == ["data.gone"]
    assert ids(back, "dropped") == ["data.newer", "data.new"]
    assert [one.growth for one in back.levels] == [-2]
    lines = [line.strip() for line in render(found).splitlines()]
    at = lines.index("MUST    Data is dropped")
    assert lines[at + 1] == "was: Data is kept"
    [changed] = as_data(back)["changed"]
    assert (changed["old"]["says"], changed["new"]["says"]) == ("Data is dropped", "Data is kept")


def test_what_may_still_be_answered_as_before_is_not_told(small: list[Requirement]) -> None:
    def told(old: Answers | None, new: Answers | None, beside: Answers | None) -> bool:
        def expected(version: Version, requirement: Requirement) -> Expected:
            if requirement.id != "data.error":
                return {}
            return {"data/a": old if version is OLD else new, "data/b": beside}

        return bool(differences(OLD, NEW, small, expected, words).errors)

    assert told(STREAM, CONNECTION, CONNECTION)
    assert not told(CONNECTION, STREAM, CONNECTION)  # a connection error may stand for it
    assert not told(STREAM, STREAM | CONNECTION, CONNECTION)
    assert told(STREAM | CONNECTION, CONNECTION, CONNECTION)
    assert not told(STREAM, None, CONNECTION)
    assert not told(STREAM, CONNECTION, None)  # it is not only about faults


def test_what_may_stand_for_an_answer() -> None:
    malformed = STREAM | {("response", "4xx")}
    assert admitted(malformed, OLD) == malformed | CONNECTION | {("response", "400")}
    assert admitted(CONNECTION, OLD) == CONNECTION
    size: Answers = frozenset({("stream error", "FRAME_SIZE_ERROR")})
    kinds = ("stream error", "connection error")
    # rfc9113 5.4: PROTOCOL_ERROR and INTERNAL_ERROR may stand for a more specific code
    codes = ("FRAME_SIZE_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR")
    assert admitted(size, NEW) == {(kind, code) for kind in kinds for code in codes}


def test_a_code_that_is_left_open(small: list[Requirement]) -> None:
    either: Answers = frozenset({("stream error", ANY)})

    def told(old: Answers, new: Answers) -> bool:
        def expected(version: Version, requirement: Requirement) -> Expected:
            return {"data/a": old if version is OLD else new}

        return bool(differences(OLD, NEW, small, expected, words).errors)

    assert told(either, STREAM)
    assert not told(STREAM, either)
    assert not told(CONNECTION, either)
    assert not told(either, either)


def test_strength() -> None:
    levels = ["MAY", "SHOULD NOT", "SHOULD", "MUST", "MUST NOT"]
    assert [strength(level) for level in levels] == [0, 1, 1, 2, 2]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def test_from_draft_13_to_draft_14(library: Library) -> None:
    found = compared(find_version("13"), find_version("14"), library)
    added = {one.id: one for one in found.added}
    # draft-14 6.9: an increment of 0 is an error; 13 has no such sentence
    assert added["window.zero-increment-stream"].side.where == "draft-14 6.9"
    assert {"settings.max-frame-size-range", "message.pseudo-after-regular"} <= set(added)
    # draft-13 8.1.2.5: the stream ends, with any code; draft-14 8.1.2.6: with PROTOCOL_ERROR
    errors = {one.difference.id: one for one in found.errors}
    assert errors["message.name-uppercase"].old == {("stream error", ANY), ("response", "4xx")}
    text = render(found)
    assert "was: a response with status 4xx, or a stream error of any code\n" in text
    # hpack-09 has no reference set, and draft-14 no END_SEGMENT
    assert {"hpack.reference-set", "data.segments"} <= set(ids(found, "dropped"))


def test_from_rfc_7540_to_rfc_9113(library: Library) -> None:
    found = compared(OLD, NEW, library)
    # rfc9113 8.2.1: a field value MUST NOT start or end with a space or a tab
    [space] = [one for one in found.added if one.id == "message.value-whitespace"]
    assert (space.side.level, space.side.where) == ("MUST", "rfc9113 8.2.1")
    # rfc9113 5.3.2: the priorities of RFC 7540 are deprecated
    assert {"priority.self-dependency", "priority.state-kept"} <= set(ids(found, "dropped"))
    levels = {one.id: (one.old, one.new) for one in found.levels}
    old, new = levels["stream.closed-after-end"]
    assert (old and old.level, new and new.level) == ("MUST", "MAY")
    # rfc7540 6.2: padding that is too long MUST be treated as a PROTOCOL_ERROR; rfc9113 6.2: as a
    # connection error
    [padding] = [one for one in found.errors if one.difference.id == "headers.padding-limit"]
    assert (padding.old, padding.new) == (STREAM, CONNECTION)


@pytest.mark.parametrize("short", ["04", "06", "09", "12", "13", "14"])
def test_a_generic_code_is_still_taken(short: str, library: Library) -> None:
    found = compared(find_version(short), NEW, library)
    # draft-06 6.5: PROTOCOL_ERROR; rfc9113 6.5: FRAME_SIZE_ERROR, for which it may stand
    assert {"settings.length", "ping.length"}.isdisjoint(ids(found, "errors"))


def test_from_draft_14_to_draft_16(library: Library) -> None:
    found = compared(find_version("14"), find_version("16"), library)
    errors = {one.difference.id: (one.old, one.new) for one in found.errors}
    # draft-14 4.2: only frames that alter the whole connection; draft-16 6.4: a connection error
    size = "FRAME_SIZE_ERROR"
    assert errors["rst-stream.length"] == (
        frozenset({("stream error", size)}),
        frozenset({("connection error", size)}),
    )
    # draft-14 5.1.2 names no code; draft-16 5.1.2 names two
    codes = {code for _, code in errors["stream.concurrency-limit"][1]}
    assert codes == {"PROTOCOL_ERROR", "REFUSED_STREAM"}
    # draft-14 6.3 leaves idle streams out; draft-16 6.3: on a stream in any state
    assert "priority.any-state" in ids(found, "changed")


def test_every_pair_can_be_told_and_read_back(library: Library) -> None:
    steps = [*pairwise(VERSIONS), (VERSIONS[0], VERSIONS[-1])]
    for old, new in [*steps, *(step[::-1] for step in steps)]:
        found = compared(old, new, library)
        text = render(found)
        lines = text.splitlines()
        assert lines[0] == f"From {old.title} to {new.title}"
        assert all(len(line) <= 100 and line == line.rstrip() for line in lines)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert {old.name, new.name} == {as_data(found)["from"], as_data(found)["to"]}
        json.dumps(as_data(found))
        assert len(ids(found, "added")) == len(set(ids(found, "added")))
        for one in found.added:
            assert one.old is None
            assert one.id in text
        # A level and an error may differ both; nothing else is told twice.
        parts = [set(ids(found, part)) for part in ("levels", "changed", "reworded", "errors")]
        assert sum(map(len, parts)) == len(set().union(*parts)) + len(parts[0] & parts[3])


def test_the_notes_read_like_release_notes(library: Library) -> None:
    text = render(compared(find_version("13"), find_version("14"), library))
    assert "  Start: changed TLS token (h2-13 -> h2-14), Upgrade token (h2c-13 -> h2c-14)\n" in text
    assert "  Settings: new MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE\n" in text
    topic = text[text.index("  WINDOW_UPDATE\n") :].split("\n\n")[0]
    assert topic.splitlines()[1:4] == [
        "    MUST    WINDOW_UPDATE with an increment of 0 on the connection is a connection error",
        "            PROTOCOL_ERROR",
        "            clients and servers; draft-14 6.9; window.zero-increment-connection",
    ]
    older = render(compared(find_version("06"), find_version("09"), library))
    # draft-06 6.7 says so of PING; that FRAME_TOO_LARGE is taken as well is the general rule
    assert "was: PING of another length than 8 octets is a connection error PROTOCOL_ERROR" in older
    newer = render(compared(find_version("14"), find_version("16"), library))
    assert "was: a connection error FRAME_SIZE_ERROR or PROTOCOL_ERROR\n" in newer  # 4.2 and 6.5
    assert "now: a connection error FRAME_SIZE_ERROR\n" in newer
    # draft-14 5.1.2 names no code, so none is told, whatever the case takes
    assert "ENHANCE_YOUR_CALM" not in newer


def test_a_duty_whose_case_differs_is_no_fault(library: Library) -> None:
    """The case makes a server of draft-04 reset a stream in another way than one of draft-06."""
    found = compared(find_version("04"), find_version("06"), library)
    assert "stream.own-reset-last" not in ids(found, "errors")


def test_data_has_the_names_of_each_version(library: Library) -> None:
    data = as_data(compared(find_version("06"), find_version("09"), library))
    told = [(one["before"], one["after"]) for one in data["errors"]]
    assert [
        ["connection error FRAME_TOO_LARGE", "connection error PROTOCOL_ERROR"],
        ["connection error FRAME_SIZE_ERROR"],
    ] in list(map(list, told))
