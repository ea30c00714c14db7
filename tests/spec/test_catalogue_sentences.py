"""The catalogue held against the documents: every normative sentence is accounted for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.peer import RULES
from h2spec_py.reference.violations import REQUIREMENTS
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.spec.catalogue import catalogue

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
DOCUMENTS = [
    *("draft-04", "draft-06", "draft-09", "draft-12", "draft-13", "draft-14", "draft-16"),
    *("draft-17", "rfc7540", "rfc9113"),
    *("hpack-00", "hpack-02", "hpack-05", "hpack-07", "hpack-08", "hpack-09", "hpack-10"),
    "rfc7541",
]
STRONG = {"MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT"}
OTHER_SIDE_OF_A_PERMISSION = {
    "data.padding-accepted",
    "goaway.tolerated",
    "message.head",
    "priority.any-state",
}
"""What one end may send, the other one has to take, though no sentence says so in capitals."""

MEANING_OF_WORDS = "are to be interpreted as described in"


def document(name: str) -> Path:
    """Where the text of a document lies; skips the test where there is none."""
    path = SPECS / f"{'http2-' if name.startswith('draft') else ''}{name}.normative.jsonl"
    if not path.is_file():
        pytest.skip("the texts of the specifications are not beside the repository")
    return path


def sentences(name: str) -> dict[str, set[str]]:
    """The words of RFC 2119 in each normative sentence of a document, by the sentence's id."""
    found: dict[str, set[str]] = {}
    for line in document(name).read_text(encoding="utf-8").splitlines():
        sentence = json.loads(line)
        if MEANING_OF_WORDS not in sentence["text"]:
            found[sentence["id"]] = set(sentence["levels"])
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_sentence_is_accounted_for(name: str) -> None:
    known = sentences(name)
    named = {
        f"{section.section}#{section.sentence}"
        for requirement in catalogue().values()
        for section in requirement.where.get(name, ())
        if section.sentence is not None
    }
    assert named - known.keys() == set()
    assert known.keys() - named == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_section_exists(name: str) -> None:
    text = document(name).with_name(document(name).name.replace(".normative.jsonl", ".txt"))
    headings = re.compile(r"^((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)\.  ?\S", re.MULTILINE)
    known = set(headings.findall(text.read_text(encoding="utf-8")))
    for requirement in catalogue().values():
        for section in requirement.where.get(name, ()):
            assert section.section in known, requirement.id


@pytest.mark.parametrize("name", DOCUMENTS)
def test_levels_are_those_of_the_sentences(name: str) -> None:
    known = sentences(name)
    for requirement in catalogue().values():
        named = [s for s in requirement.where.get(name, ()) if s.sentence is not None]
        words = [known[f"{s.section}#{s.sentence}"] for s in named]
        if not words:
            continue
        level = requirement.level[name]
        if level not in STRONG:
            assert level.removesuffix(" NOT") in {
                word.removesuffix(" NOT") for one in words for word in one
            }, f"{requirement.id} is {level}"
        elif requirement.id not in OTHER_SIDE_OF_A_PERMISSION:
            assert any(one & STRONG for one in words), f"{requirement.id} is {level}"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_no_case_proves_what_a_server_cannot_be_shown_to_do(version: Version) -> None:
    """What it can be shown to do, and no case does yet, is listed: see test_coverage_snapshot."""
    proven = {one.id for loaded in load_library().cases(version) for one in loaded.requirements}
    provable = {
        one.id
        for one in catalogue().values()
        if one.applies_to(version) and one.provable_for("server")
    }
    assert proven - provable == set()


def test_every_rule_is_a_requirement() -> None:
    known = catalogue().keys() | {"limit.header-block"}  # a bound of our own
    assert RULES.keys() - known == set()
    assert REQUIREMENTS - known == set()


def test_sayings_are_sentences_of_our_own() -> None:
    for name in DOCUMENTS:
        text = " ".join(
            document(name)
            .with_name(document(name).name.replace(".normative.jsonl", ".txt"))
            .read_text(encoding="utf-8")
            .split()
        )
        for requirement in catalogue().values():
            assert requirement.says not in text, requirement.id


def test_sayings_fit_a_line_of_a_report() -> None:
    for requirement in catalogue().values():
        assert len(requirement.says) <= 130, requirement.id
        assert not requirement.says.endswith("."), requirement.id
