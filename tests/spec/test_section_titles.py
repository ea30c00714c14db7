"""Headings of sections: there for every section that a requirement stands in, and as published."""

from __future__ import annotations

import re

import pytest

from h2spec_py.spec import VERSIONS
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.documents import section_title
from tests.support.texts import text_of

DOCUMENTS = sorted({name for version in VERSIONS for name in (version.name, version.hpack)})


def test_headings() -> None:
    assert section_title("rfc9113", "6.10") == "CONTINUATION"
    assert section_title("draft-13", "5.3") == "Stream priority"
    assert section_title("rfc9113", "99") == ""
    assert section_title("draft-99", "6.10") == ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_section_of_the_catalogue_has_a_heading(document: str) -> None:
    sections = {
        reference.section
        for requirement in catalogue().values()
        for reference in requirement.where.get(document, ())
        if reference.section[0].isdigit()
    }
    assert sections
    assert [section for section in sorted(sections) if not section_title(document, section)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_headings_are_those_of_the_document(document: str) -> None:
    found = re.findall(r"^([1-9][0-9.]*)\.  (.+)$", text_of(document), re.MULTILINE)
    assert len(found) >= 25
    for section, title in found:
        assert section_title(document, section) == title
