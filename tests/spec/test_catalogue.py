"""The reader of the requirement catalogue: what it takes, what it refuses, and where it points."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2spec_py.spec import find_version
from h2spec_py.spec.catalogue import (
    PROVABLE,
    UNPROVABLE,
    CatalogueError,
    Requirement,
    SectionRef,
    catalogue,
    read_catalogue,
    read_requirements,
)

WHOLE = """\
- id: data.stream-zero
  says: >-
    DATA on stream 0
    is an error
  binds: both
  level: MUST
  where: {rfc9113: [6.1#5, 6.1], rfc7540: 6.1#5}
  provable: both
"""


def read(tmp_path: Path, text: str) -> Requirement:
    path = tmp_path / "data.yaml"
    path.write_text(text, encoding="utf-8")
    (requirement,) = read_requirements(path)
    assert requirement.place == f"{tmp_path.name}/data.yaml:1"
    return requirement


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "data.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        list(read_requirements(path))
    return str(caught.value).removeprefix(f"{tmp_path.name}/")


def test_requirement_is_read(tmp_path: Path) -> None:
    requirement = read(tmp_path, WHOLE)
    assert requirement.id == "data.stream-zero"
    says = "DATA on stream 0 is an error"
    assert requirement.says == {"rfc9113": says, "rfc7540": says}
    assert requirement.level == {"rfc9113": "MUST", "rfc7540": "MUST"}
    assert requirement.where["rfc9113"] == (
        SectionRef("rfc9113", "6.1", 5),
        SectionRef("rfc9113", "6.1"),
    )


def test_versions_follow_from_documents(tmp_path: Path) -> None:
    requirement = read(tmp_path, WHOLE)
    assert requirement.applies_to(find_version("9113"))
    assert not requirement.applies_to(find_version("13"))
    assert requirement.sections_in(find_version("13")) == ()
    with pytest.raises(LookupError, match=r"data\.stream-zero is not a requirement of draft-13"):
        requirement.level_in(find_version("13"))


def test_document_of_header_compression_counts(tmp_path: Path) -> None:
    text = WHOLE.replace("rfc9113: [6.1#5, 6.1], rfc7540: 6.1#5", "hpack-08: C.1")
    requirement = read(tmp_path, text)
    assert requirement.applies_to(find_version("13"))
    assert not requirement.applies_to(find_version("7540"))
    assert requirement.level_in(find_version("13")) == "MUST"
    (section,) = requirement.sections_in(find_version("13"))
    assert str(section) == "hpack-08 C.1"
    assert section.url.endswith("header-compression-08#appendix-C.1")


def test_level_by_document(tmp_path: Path) -> None:
    text = WHOLE.replace("level: MUST", "level: {rfc9113: MAY, rfc7540: MUST NOT}")
    requirement = read(tmp_path, text)
    assert requirement.level_in(find_version("9113")) == "MAY"
    assert requirement.level_in(find_version("7540")) == "MUST NOT"


OTHERWISE = """\
- id: data.otherwise
  says:
    draft-06: DATA is read
    rfc7540: DATA is
      read at once
    hpack-02: DATA is compressed
  binds: both
  level: MUST
  where: {rfc9113: "6.1", rfc7540: "6.1", draft-14: "6.1", draft-06: "6.1", hpack-02: "3.1"}
  provable: both
"""


def test_a_wording_holds_from_its_document_on(tmp_path: Path) -> None:
    requirement = read(tmp_path, OTHERWISE)
    said = {short: requirement.says_in(find_version(short)) for short in ("06", "14", "9113")}
    assert said == {"06": "DATA is read", "14": "DATA is read", "9113": "DATA is read at once"}
    assert requirement.says["rfc7540"] == "DATA is read at once"
    assert requirement.says["hpack-02"] == "DATA is compressed"
    with pytest.raises(LookupError, match=r"data\.otherwise is not a requirement of draft-13"):
        requirement.says_in(find_version("13"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("draft-06: DATA", "draft-04: DATA", "data.yaml:3: says is given from draft-04 on, which"),
        ("draft-06: DATA", "draft-14: DATA", "data.yaml:3: says is not given for draft-06"),
        ("    hpack-02: DATA is compressed\n", "", "data.yaml:3: says is not given for hpack-02"),
        ("DATA is compressed", '""', "data.yaml:6: says must be text"),
    ],
)
def test_wordings_that_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert refusal(tmp_path, OTHERWISE.replace(old, new)).startswith(message)


@pytest.mark.parametrize(
    ("provable", "server", "client"),
    [
        ("both", True, True),
        ("server", True, False),
        ("client", False, True),
        ("leaves no trace on the wire", False, False),
    ],
)
def test_provable(tmp_path: Path, provable: str, server: bool, client: bool) -> None:
    requirement = read(tmp_path, WHOLE.replace("provable: both", f"provable: {provable}"))
    assert requirement.provable_for("server") is server
    assert requirement.provable_for("client") is client


def test_why_it_cannot_be_proven(tmp_path: Path) -> None:
    text = WHOLE.replace("provable: both", "provable: TLS stack")
    assert read(tmp_path, WHOLE).why_unprovable() == ""
    assert read(tmp_path, text).why_unprovable() == "TLS stack"
    assert read(tmp_path, f"{text}  because: old\n").why_unprovable() == "TLS stack: old"


def test_what_cannot_be_proven_in_some_documents(tmp_path: Path) -> None:
    text = WHOLE.replace(
        "provable: both", "provable: both\n  unprovable: {rfc7540: TLS stack}\n  because: old"
    )
    requirement = read(tmp_path, text)
    old, new = find_version("7540"), find_version("9113")
    assert requirement.provable_for("server")
    assert requirement.provable_for("server", new)
    assert not requirement.provable_for("server", old)
    assert requirement.why_unprovable(old) == "TLS stack: old"
    assert requirement.why_unprovable(new) == ""


def test_every_reason_is_used() -> None:
    used = {one.provable for one in catalogue().values()}
    assert used == {*PROVABLE, *UNPROVABLE}


def test_section_reference() -> None:
    reference = SectionRef("rfc9113", "6.9.1", 2)
    assert str(reference) == "rfc9113 6.9.1"
    assert reference.url == "https://www.rfc-editor.org/rfc/rfc9113.html#section-6.9.1"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: data.stream-zero", "id: Data", "data.yaml:1: 'Data' is not an id"),
        ("  binds: both\n", "", "data.yaml:1: key binds is missing"),
        ("binds: both", "binds: everybody", "data.yaml:5: binds is 'everybody', not one of"),
        ("level: MUST", "level: must", "data.yaml:6: level is 'must', not one of MUST"),
        ("level: MUST", "level: {rfc9113: MUST}", "data.yaml:6: level is not given for rfc7540"),
        (
            "level: MUST",
            "level: {rfc9113: MUST, rfc7540: MUST, draft-13: MAY}",
            "data.yaml:6: level is given for draft-13, which where leaves out",
        ),
        ("rfc7540: 6.1#5", "http2: 6.1#5", "data.yaml:7: not a document of HTTP/2 or HPACK"),
        ("rfc7540: 6.1#5", "rfc7540: 6.1#0", "data.yaml:7: '6.1#0' is not a section"),
        ("rfc7540: 6.1#5", "rfc7540: []", "data.yaml:7: no section of rfc7540 is given"),
        ("rfc7540: 6.1#5", "rfc9113: 6.1#5", "data.yaml:7: key rfc9113 comes twice"),
        ("where: {rfc9113: [6.1#5, 6.1], rfc7540: 6.1#5}", "where: {}", "data.yaml:7: where names"),
        ("provable: both", "proven: both", "data.yaml:8: key proven is not one of"),
        ("provable: both", 'provable: ""', "data.yaml:8: provable must be text"),
        ("provable: both", "provable: never", "data.yaml:8: provable is 'never', not one of"),
        (
            "provable: both",
            "provable: both\n  because: it is",
            "data.yaml:9: because is for what cannot be proven",
        ),
        ("provable: both", "provable: [both]", "data.yaml:8: provable must be text"),
        (
            "provable: both",
            "provable: both\n  unprovable: {draft-12: TLS stack}",
            "data.yaml:9: unprovable is given for draft-12, which where leaves out",
        ),
        (
            "provable: both",
            "provable: both\n  unprovable: {rfc7540: both}",
            "data.yaml:9: unprovable is 'both', not one of",
        ),
        ("provable: both", "provable: both\n  provable: both", "data.yaml:9: key provable comes"),
        ("- id", "id", "data.yaml:2: not YAML"),
        (WHOLE, "id: data.stream-zero", "data.yaml:1: a list of requirements is expected"),
        (WHOLE, "- data.stream-zero", "data.yaml:1: a requirement must be a mapping"),
        ("provable: both", "provable: [", "data.yaml:"),
    ],
)
def test_refusals_name_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    assert refusal(tmp_path, WHOLE.replace(old, new)).startswith(message)


def test_octets_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.yaml"
    path.write_bytes(b"- id: \xff")
    with pytest.raises(CatalogueError, match=r"data\.yaml:1: not YAML"):
        list(read_requirements(path))


def test_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    assert list(read_requirements(path)) == []


def test_id_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(f"# again\n{WHOLE}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"/b\.yaml:2: data\.stream-zero is already"):
        read_catalogue(tmp_path)
