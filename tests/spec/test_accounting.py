"""Every normative sentence is accounted for, and whatever disagrees is named with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from h2spec_py.spec.accounting import DIRECTORY, faults
from h2spec_py.spec.accounts import REASONS, exemptions, read_exemptions, read_remarks
from h2spec_py.spec.reading import CatalogueError
from h2spec_py.spec.sentences import DOCUMENTS, sentences

PING = "requirements/ping.yaml"
SETTINGS = "requirements/settings.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the catalogue, to be spoilt."""
    for name in ("requirements", "accounts", "sentences"):
        shutil.copytree(DIRECTORY / name, tmp_path / name)
    return tmp_path


def edit(directory: Path, name: str, old: str, new: str) -> int:
    """Replace the first place that a pattern matches; the line that it starts in."""
    path = directory / name
    text = path.read_text("utf-8")
    found = re.search(old, text, re.MULTILINE)
    assert found is not None
    path.write_text(text[: found.start()] + found.expand(new) + text[found.end() :], "utf-8")
    return text.count("\n", 0, found.start()) + 1


def entry(identifier: str) -> str:
    """Match one requirement, from its id to the empty line behind it."""
    return rf"^- id: {re.escape(identifier)}\n(?:  .*\n)+"


def test_every_sentence_is_accounted_for() -> None:
    found = faults()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "identifier", "document", "sentence"),
    [
        (PING, "ping.stream-nonzero", "rfc9113", "6.7#6"),
        (SETTINGS, "settings.ack", "draft-14", "6.5.3#4"),
        ("requirements/hpack.yaml", "hpack.index-zero", "rfc7541", "6.1#1"),
    ],
)
def test_requirement_that_is_deleted(
    copy: Path, name: str, identifier: str, document: str, sentence: str
) -> None:
    edit(copy, name, entry(identifier), "")
    place = sentences(document)[sentence].place
    assert [one for one in faults(copy) if one.startswith(f"{place}: {document} {sentence} (MUST")]


SPOILT = [
    pytest.param(
        PING,
        r"(id: ping\.stream-nonzero\n(?:  .*\n)*?)(  level: )MUST$",
        r"\1\2MAY",
        3,
        "ping.stream-nonzero is MAY in rfc9113, expected MUST as 6.7#6",
        id="level",
    ),
    pytest.param(
        PING,
        r"(id: ping\.stream-nonzero\n(?:  .*\n)*?)(  level: )MUST$",
        r"\1\2MUST NOT",
        3,
        "ping.stream-nonzero is MUST NOT in rfc9113, expected MUST as",
        id="level the other way round",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        "    rfc9113: 6.7#60",
        0,
        "rfc9113 has no sentence 6.7#60, expected another: it has 6.7#1 to 6.7#7",
        id="unknown sentence",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        "    rfc9113: [6.7#6, 6.77#1]",
        0,
        "rfc9113 has no sentence 6.77#1, expected another: its section has none",
        id="unknown section of a sentence",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        '    rfc9113: [6.7#6, "6.99"]',
        0,
        "rfc9113 has no section 6.99, expected one that it has",
        id="wrong section",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        "    rfc9113: [6.7#6, 6.7#6]",
        0,
        "rfc9113 6.7#6 comes twice, expected it once",
        id="twice in one requirement",
    ),
    pytest.param(
        SETTINGS,
        r"(    rfc9113: )\[6\.5\.3#4,",
        r"\1[6.7#6, 6.5.3#4,",
        0,
        "rfc9113 6.7#6 is claimed by settings.ack and ping.stream-nonzero (requirements/ping.yaml:",
        id="claimed twice",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        "    rfc9113: [6.7#6, 2.2#1]",
        0,
        "rfc9113 2.2#1 is exempt at accounts/exempt.yaml:6,"
        " expected not to be part of ping.stream-nonzero",
        id="exempt and claimed",
    ),
    pytest.param(
        PING,
        r"    rfc9113: 6\.7#6",
        "    rfc9113: 6.7#6\n    draft-08: 6.7#6",
        1,
        "draft-08 is no document with sentences, expected one of draft-04, ",
        id="unknown document",
    ),
    pytest.param(
        "accounts/exempt.yaml",
        r"    rfc9113: 2\.2#1",
        "    rfc9113: [2.2#1, 2.2#9]",
        0,
        "rfc9113 has no sentence 2.2#9, expected another: it has 2.2#1 to 2.2#1",
        id="unknown sentence that is exempt",
    ),
    pytest.param(
        "accounts/exempt.yaml",
        r"    rfc9113: \[5\.5#4,",
        "    rfc9113: [2.2#1, 5.5#4,",
        0,
        "rfc9113 2.2#1 is exempt at accounts/exempt.yaml:3 already",
        id="exempt twice",
    ),
    pytest.param(
        "accounts/shared.yaml",
        r"- requirements: \[ping\.ack, ping\.ack-payload\]",
        "- requirements: [ping.ack, ping.ack-payload, ping.first]",
        0,
        "ping.first shares no sentence with the others, expected to",
        id="shared no longer",
    ),
    pytest.param(
        "accounts/shared.yaml",
        r"- requirements: \[ping\.ack, ping\.ack-payload\]",
        "- requirements: [ping.ack, ping.ack-payload, ping.nowhere]",
        0,
        "ping.nowhere is not in the catalogue, expected a requirement",
        id="unknown requirement that shares",
    ),
    pytest.param(
        "accounts/levels.yaml",
        r"- requirements: \[priority\.any-state\]",
        "- requirements: [priority.any-state, ping.ack]",
        0,
        "ping.ack has a level of its sentences, expected another one",
        id="cause without a deviating level",
    ),
    pytest.param(
        "accounts/levels.yaml",
        r"- requirements: \[priority\.any-state\]",
        "- requirements: [priority.any-state, ping.nowhere]",
        0,
        "ping.nowhere is not in the catalogue, expected a requirement",
        id="level of an unknown requirement",
    ),
    pytest.param(
        "requirements/push.yaml",
        r"provable: client$",
        "provable: never",
        0,
        "provable is 'never', not one of client, server, both, any choice",
        id="no reason",
    ),
    pytest.param(
        PING,
        r"(id: ping\.stream-nonzero\n(?:  .*\n)*?)(  binds: )both$",
        r"\1\2server",
        -1,
        "ping.stream-nonzero is provable for both, expected server as in binds",
        id="provable for another role",
    ),
    pytest.param(
        PING,
        r"(id: ping\.stream-nonzero\n(?:  .*\n)*?)(  provable: )both$",
        r"\1\2any choice is allowed",
        -1,
        "any choice is allowed by ping.stream-nonzero, expected level MAY, not MUST",
        id="no choice is allowed",
    ),
    pytest.param(
        PING,
        r"(id: ping\.stream-nonzero\n(?:  .*\n)*?)(  provable: )both$",
        r"\1\2shows only behind an intermediary",
        -1,
        "ping.stream-nonzero binds both, expected intermediary, behind which it shows",
        id="no intermediary",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "below", "message"), SPOILT)
def test_what_disagrees_is_named(
    copy: Path, name: str, old: str, new: str, below: int, message: str
) -> None:
    """`below` is the distance of the line to blame from the one spoilt; -1 for its last line."""
    line = edit(copy, name, old, new)
    if below < 0:
        text = (copy / name).read_text("utf-8").splitlines()
        below = next(i for i, one in enumerate(text[line - 1 :]) if one.startswith("  provable:"))
    place = f"{name}:{line + below}: "
    found = faults(copy)
    assert [one for one in found if one.startswith(place + message)], found


def test_sentence_that_is_new(copy: Path) -> None:
    path = copy / "sentences" / "rfc9113.txt"
    path.write_text(path.read_text("utf-8") + "99#1  0123456789abcdef  SHOULD\n", "utf-8")
    (fault,) = faults(copy)
    assert fault.startswith(
        "sentences/rfc9113.txt:282: rfc9113 99#1 (SHOULD) is accounted for nowhere"
    )


def test_sharing_that_is_not_declared(copy: Path) -> None:
    edit(copy, "accounts/shared.yaml", r"- requirements: \[ping\.ack, .*\n.*\n", "")
    found = faults(copy)
    assert len(found) == 10
    claimed = r"requirements/ping\.yaml:\d+: \S+ 6\.7#2 is claimed by ping\.ack-payload and"
    assert all(re.match(f"{claimed} ping\\.ack ", one) for one in found)


def test_file_that_cannot_be_read(copy: Path) -> None:
    edit(copy, "sentences/rfc9113.txt", r"^3\.2#1 ", "3.2.1 ")
    (fault,) = faults(copy)
    assert fault.startswith("sentences/rfc9113.txt:2: not a sentence")


def test_exemptions_by_sentence() -> None:
    found = exemptions()
    assert found["rfc9113", "2.2#1"] == "definition"
    assert found["rfc7540", "5.5#5"] == "for specification authors"
    assert set(found.values()) <= set(REASONS)
    assert {document for document, _ in found} <= set(DOCUMENTS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- reason: dull\n  where: {rfc9113: 6.1#1}", "a.yaml:1: reason is 'dull', not one of"),
        ("- reason: definition\n  where:\n    rfc9113: '6.1'", "a.yaml:3: 6.1 is not a sentence"),
        ("- reason: definition", "a.yaml:1: key where is missing"),
        ("- reason: definition\n  why: it is", "a.yaml:2: key why is not one of"),
    ],
)
def test_exemption_that_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_exemptions(path)
    assert str(caught.value).startswith(f"{tmp_path.name}/{message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- requirements: [a.b, c.d]", "a.yaml:1: key because is missing"),
        ("- requirements: [a.b, a.b]\n  because: it is", "a.yaml:1: a.b comes twice"),
        ("- requirements: a.b\n  because: it is", "a.yaml:1: a list of requirements is expected"),
    ],
)
def test_remark_that_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_remarks(path)
    assert str(caught.value).startswith(f"{tmp_path.name}/{message}")
