"""Which cases run in which version, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from h2spec_py.case.library import Library
from h2spec_py.case.loader import CaseErrors, load_library
from h2spec_py.case.model import Send
from h2spec_py.case.select import SelectionError
from h2spec_py.case.source import shipped, shipped_sources
from h2spec_py.spec import VERSIONS, find_version
from h2spec_py.spec.catalogue import Requirement

Load = Callable[..., Library]

OLDEST, MIDDLE, NEWEST = (find_version(short) for short in ("13", "7540", "9113"))


def case(identifier: str, proves: str, more: str = "") -> str:
    return (
        f"- {{id: {identifier}, title: x, proves: [{proves}], {more}"
        " steps: [{send: PING}], expect: {ignored: true}}\n"
    )


def ids(library: Library) -> dict[str, list[str]]:
    found = {version.short: [one.id for one in library.cases(version)] for version in VERSIONS}
    return {short: named for short, named in found.items() if named}


def test_the_requirements_decide_about_the_version(load: Load) -> None:
    library = load(
        case("a/all", "data.stream-zero")
        + case("a/new", "only.newest")
        + case("a/hpack", "hpack.index-zero")
        + case("a/not-old", "data.stream-zero", "only: {versions: 7540.., because: x},")
        + case("a/keyed", '{"13": only.oldest}')
    )
    assert ids(library) == {
        "13": ["a/all", "a/hpack", "a/keyed"],
        "7540": ["a/all", "a/hpack", "a/not-old"],
        "9113": ["a/all", "a/new", "a/hpack", "a/not-old"],
    }


def test_a_case_keeps_those_requirements_that_a_version_has(load: Load) -> None:
    library = load(case("a/both", "only.newest, data.stream-zero, only.oldest"))
    assert ids(library) == {"13": ["a/both"], "7540": ["a/both"], "9113": ["a/both"]}
    found = {v.short: library.find("a/both", v) for v in VERSIONS}
    proven = {short: [r.id for r in one.requirements] for short, one in found.items() if one}
    assert proven == {
        "13": ["data.stream-zero", "only.oldest"],
        "7540": ["data.stream-zero"],
        "9113": ["only.newest", "data.stream-zero"],
    }
    sections = {short: str(one.section) for short, one in found.items() if one}
    assert sections == {"13": "draft-13 6.1", "7540": "rfc7540 6.1", "9113": "rfc9113 8.2.1"}


def test_a_case_of_header_compression_has_a_section_of_its_document(load: Load) -> None:
    library = load(case("a/hpack", "hpack.index-zero"))
    assert [str(one.section) for v in VERSIONS for one in library.cases(v)] == [
        "hpack-08 4.2", "rfc7541 6.1", "rfc7541 6.1",
    ]  # fmt: skip


def test_members_of_a_family_may_differ_in_their_versions(load: Load) -> None:
    library = load(
        case("a/family", "'${r}'", "each: {r: [only.newest, only.oldest, data.stream-zero]},")
        + case("a/keyed", "data.stream-zero", 'each: {x: [a, {"13": b}, {"..7540": {name: c}}]},')
        + case("a/new", "data.stream-zero", 'each: {"9113": {x: [y]}},')
    )
    assert ids(library) == {
        "13": [
            "a/family[only.oldest]", "a/family[data.stream-zero]",
            "a/keyed[a]", "a/keyed[b]", "a/keyed[c]",
        ],
        "7540": ["a/family[data.stream-zero]", "a/keyed[a]", "a/keyed[c]"],
        "9113": ["a/family[only.newest]", "a/family[data.stream-zero]", "a/keyed[a]", "a/new[y]"],
    }  # fmt: skip
    assert library.versions_of("a/family") == ["draft-13", "rfc7540", "rfc9113"]
    assert library.versions_of("a/new[y]") == ["rfc9113"]
    assert library.versions_of("a/none") == []


def test_a_case_knows_its_file_and_line(load: Load, tmp_path: Path) -> None:
    library = load("# first\n\n" + case("a/b", "data.stream-zero"), case("b/b", "only.newest"))
    found = [(one.id, one.file, one.line) for one in library.cases(NEWEST)]
    assert found == [("a/b", f"{tmp_path}/a.yaml", 3), ("b/b", f"{tmp_path}/b.yaml", 1)]
    assert [entry.id for entry in library.entries] == ["a/b", "b/b"]


def test_values_differ_by_version_in_the_cases(load: Load) -> None:
    library = load(
        case("a/b", "data.stream-zero").replace(
            "{send: PING}", '{send: PING, "length": {"..13": 8, "7540": 0x9}}'
        )
    )
    steps = [one.case.steps[0] for v in VERSIONS for one in library.cases(v)]
    assert [step.length for step in steps if isinstance(step, Send)] == [8, 9, None]


def test_all_faults_come_in_one_exception(
    tmp_path: Path, catalogue: Mapping[str, Requirement]
) -> None:
    (tmp_path / "a.yaml").write_text("- x\n" + case("a/b", "no.such"))
    with pytest.raises(CaseErrors) as caught:
        load_library([tmp_path, tmp_path / "none.yaml"], catalogue=catalogue)
    assert str(caught.value).split("\n") == [
        f"{tmp_path}/a.yaml:1:3: a case is a mapping, not 'x'",
        f"{tmp_path}/a.yaml:2:32: unknown requirement 'no.such'",
        f"{tmp_path}/none.yaml: no such file or directory",
    ]
    assert [(one.line, one.column) for one in caught.value.errors] == [(1, 3), (2, 32), (0, 0)]
    assert caught.value.errors[1].path == f"{tmp_path}/a.yaml"


def test_one_version_is_loaded_without_the_others(
    tmp_path: Path, catalogue: Mapping[str, Requirement]
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        case("a/all", "data.stream-zero")
        + case("a/old", "only.oldest")
        + case("a/faulty", "only.oldest").replace("PING", "PONG")
    )
    library = load_library([path], version=NEWEST, catalogue=catalogue)
    assert ids(library) == {"9113": ["a/all"]}
    assert library.versions_of("a/old") == ["draft-13"]
    assert {"a/all", "a/old"} <= set(library.ids())
    with pytest.raises(SelectionError, match="13"):
        library.select(NEWEST, ["a/old"])
    with pytest.raises(CaseErrors, match="unknown frame type 'PONG'"):
        load_library([path], version=OLDEST, catalogue=catalogue)


def test_a_twin_of_another_version_is_told_when_one_version_is_loaded(
    tmp_path: Path, catalogue: Mapping[str, Requirement]
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        case("a/old", "only.oldest") + case("a/all", "data.stream-zero", "twin: a/old,")
    )
    with pytest.raises(CaseErrors, match="does not apply in every version"):
        load_library([path], version=NEWEST, catalogue=catalogue)


def test_shipped_cases_are_those_of_a_wheel_or_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h2spec_py.case.source.PACKAGE", tmp_path / "h2spec_py")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "x.yaml").touch()
    assert shipped() == tmp_path / "cases"
    assert [source.name for source in shipped_sources()] == ["cases/x.yaml"]
    (tmp_path / "h2spec_py" / "_cases").mkdir(parents=True)
    assert shipped() == tmp_path / "h2spec_py" / "_cases"
    assert shipped_sources() == []
