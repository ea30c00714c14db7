"""The catalogue held against the documents, the cases and what can be broken."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.sentences import DOCUMENTS, sentences
from tests.support.texts import text_of


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_section_exists(name: str) -> None:
    text = text_of(name)
    headings = re.compile(r"^((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)\.  ?\S", re.MULTILINE)
    known = set(headings.findall(text))
    for requirement in catalogue().values():
        for section in requirement.where.get(name, ()):
            assert section.section in known, requirement.id


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_no_case_proves_what_a_server_cannot_be_shown_to_do(version: Version) -> None:
    """What it can be shown to do, and no case does yet, is listed: see test_coverage_snapshot."""
    proven = {one.id for loaded in load_library().cases(version) for one in loaded.requirements}
    provable = {
        one.id
        for one in catalogue().values()
        if one.applies_to(version) and one.provable_for("server", version)
    }
    assert proven - provable == set()


def test_sayings_are_sentences_of_our_own() -> None:
    for name in DOCUMENTS:
        text = " ".join(text_of(name).split())
        for requirement in catalogue().values():
            for says in requirement.says.values():
                assert says not in text, requirement.id


def test_sayings_fit_a_line_of_a_report() -> None:
    for requirement in catalogue().values():
        for says in requirement.says.values():
            assert len(says) <= 130, requirement.id
            assert not says.endswith("."), requirement.id


def test_sayings_name_no_version() -> None:
    """What a version demands is said for it alone."""
    for requirement in catalogue().values():
        for says in requirement.says.values():
            assert not re.search(r"\b(draft|hpack|rfc)-?[0-9]", says), requirement.id


def claims(version: Version) -> dict[str, set[str]]:
    """The requirements that name a sentence, by its words."""
    found: dict[str, set[str]] = {}
    for requirement in catalogue().values():
        for one in requirement.sections_in(version):
            if one.sentence is not None:
                words = sentences(one.document)[f"{one.section}#{one.sentence}"].digest
                found.setdefault(words, set()).add(requirement.id)
    return found


def test_the_same_words_are_the_same_demand() -> None:
    """What two versions say in the same sentence is not told as dropped in one, and new in other.

    The requirements beside the one that both have may differ, where the sentence means more in one.
    """
    claimed = {version.name: claims(version) for version in VERSIONS}
    for old, new in combinations(VERSIONS, 2):
        before, after = claimed[old.name], claimed[new.name]
        for words in before.keys() & after.keys():
            assert before[words] & after[words], (old, new, before[words], after[words])
