"""Ranges of versions, and links to documents."""

from __future__ import annotations

import pytest

from h2spec_py.spec import ORDER, document_title, find_version, in_range, is_range, section_url


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("13", ["13"]),
        ("..09", ["04", "06", "09"]),
        ("17..", ["17", "7540", "9113"]),
        ("12..14", ["12", "13", "14"]),
        ("..9113", list(ORDER)),
        ("04..", list(ORDER)),
        ("13..13", ["13"]),
    ],
)
def test_members_of_a_range(text: str, members: list[str]) -> None:
    assert is_range(text)
    assert [short for short in ORDER if in_range(text, short)] == members


@pytest.mark.parametrize(
    "text", ["", "..", "...", "13...14", "5", "99", "13 ..", "draft", "a..b..c"]
)
def test_what_is_no_range(text: str) -> None:
    assert not is_range(text)
    with pytest.raises(ValueError, match="not a range of versions"):
        in_range(text, "13")


@pytest.mark.parametrize("text", ["..18", "15..", "13..99", "draft..13"])
def test_ends_that_are_unknown(text: str) -> None:
    assert is_range(text)
    with pytest.raises(ValueError, match=r"unknown version .*: known are 04, 06"):
        in_range(text, "13")


def test_ends_the_wrong_way_round() -> None:
    with pytest.raises(ValueError, match="wrong way round"):
        in_range("7540..13", "14")


def test_a_member_that_is_unknown() -> None:
    with pytest.raises(ValueError, match="unknown version 'draft-13'"):
        in_range("13..", "draft-13")


def test_links_into_documents() -> None:
    drafts = "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-"
    rfc = find_version("9113")
    assert rfc.url == "https://www.rfc-editor.org/rfc/rfc9113.html"
    assert rfc.section_url("6.1") == "https://www.rfc-editor.org/rfc/rfc9113.html#section-6.1"
    assert find_version("13").section_url("6.1") == f"{drafts}http2-13#section-6.1"
    assert section_url("hpack-08", "4.3") == f"{drafts}header-compression-08#section-4.3"
    assert (
        section_url("rfc7541", "C.1") == "https://www.rfc-editor.org/rfc/rfc7541.html#appendix-C.1"
    )
    assert document_title("hpack-08") == "draft-ietf-httpbis-header-compression-08"
    assert rfc.title == "RFC 9113"
    assert find_version("13").title == "draft-ietf-httpbis-http2-13"


@pytest.mark.parametrize(
    "name", ["", "rfc", "rfc75", "draft-1", "http2-13", "rfc75401", "hpack-008"]
)
def test_documents_that_do_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="not a document of HTTP/2 or HPACK"):
        section_url(name)
