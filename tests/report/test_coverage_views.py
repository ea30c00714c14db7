"""Coverage as text and as a page: whole, escaped, and needing nothing."""

from __future__ import annotations

from typing import cast

import pytest
from lxml import html

from h2spec_py.report import coverage_html, coverage_text
from h2spec_py.spec import find_version
from h2spec_py.spec.catalogue import Requirement, SectionRef
from h2spec_py.spec.coverage import Coverage, measure
from tests.report.hostile import HOSTILE

NEWEST = find_version("9113")


def requirement(
    name: str, *sections: str, provable: str = "both", says: str = "It is done"
) -> Requirement:
    where = {"rfc9113": tuple(SectionRef("rfc9113", section) for section in sections)}
    return Requirement(name, {"rfc9113": says}, "both", {"rfc9113": "MUST"}, where, provable)


def measured(*requirements: Requirement, reason: str = "of no weight") -> Coverage:
    cases = {"data.proven": ["data/a[1]", "data/a[2]", "data/b"]}
    sentences = {"rfc9113": ["6.1#1", "6.1#2", "6.2#1"], "rfc7541": []}
    return measure(NEWEST, requirements, cases, sentences, {"rfc9113": {"6.1#2": reason}})


SAMPLE = measured(
    requirement("data.proven", "6.1", "6.2"),
    requirement("data.open", "6.1"),
    requirement("data.client", "6.9", provable="client"),
    requirement("data.unseen", "6.10", provable="leaves no trace on the wire"),
)


def tree(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def texts(page: str, path: str) -> list[str]:
    found = cast("list[html.HtmlElement]", tree(page).xpath(path))
    return [" ".join(element.text_content().split()) for element in found]


def test_the_page_tells_each_requirement_once_with_its_state() -> None:
    page = coverage_html.render(SAMPLE)
    rows = texts(page, "//li[contains(@class, 'requirement')]")
    assert len(rows) == 4
    assert rows[0].startswith("✓ proven It is done MUST · binds clients and servers · data.proven")
    assert rows[0].endswith("also rfc9113 6.2 by data/a (2 cases), data/b")
    assert rows[1].startswith("○ unproven It is done MUST")
    assert rows[2].startswith("◇ client It is done MUST")
    assert rows[3].startswith("– unprovable It is done MUST")
    assert rows[3].endswith("leaves no trace on the wire")
    [line] = texts(page, "//p[@class='sum']")
    assert line == "4 requirements: 1 proven, 1 unproven, 1 client, 1 unprovable"
    assert "Sentence 6.1#2 is no requirement: of no weight" in texts(page, "//p")
    assert texts(page, "//p[contains(@class, 'error')]") == [
        "Not accounted for: 6.1#1",
        "Not accounted for: 6.2#1",
    ]
    assert texts(page, "//table//tbody/tr[1]/td")[1:3] == ["1 of 3", "4"]


def test_the_outline_leads_to_the_sections_and_these_to_the_document() -> None:
    page = coverage_html.render(SAMPLE)
    anchors = tree(page).xpath("//@id")
    assert len(anchors) == len(set(anchors))
    inner = [link[1:] for link in tree(page).xpath("//a/@href") if link.startswith("#")]
    assert set(inner) <= set(anchors)
    assert len(tree(page).xpath("//nav//li")) == len(tree(page).xpath("//h3")) > 100
    assert "https://www.rfc-editor.org/rfc/rfc9113.html#section-6.10" in tree(page).xpath(
        "//h3/a/@href"
    )
    assert "https://www.rfc-editor.org/rfc/rfc7541.html#section-6.1" in tree(page).xpath(
        "//h3/a/@href"
    )
    [heading] = texts(page, "//h3[@id='section-rfc9113-6.1']")
    assert heading.startswith("6.1 DATA 1 of 2 sentences ✓1 proven ○1 unproven")


def test_pages_of_other_versions() -> None:
    page = coverage_html.render(SAMPLE, {"draft-13": "draft-13.html", "rfc9113": ""})
    assert tree(page).xpath("//nav[@class='others']/a/@href") == ["draft-13.html"]
    assert texts(page, "//nav[@class='others']/b") == ["rfc9113"]
    assert page == coverage_html.render(SAMPLE, {"draft-13": "draft-13.html", "rfc9113": ""})
    assert 'class="others"' not in coverage_html.render(SAMPLE)


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    page = coverage_html.render(SAMPLE)
    assert "default-src 'none'" in page
    assert tree(page).xpath("//script | //link | //img | //@src") == []
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<section") == page.count("</section>")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_text_stays_text(number: int) -> None:
    text = HOSTILE[number]
    clean = coverage_html.render(SAMPLE)
    page = coverage_html.render(
        measured(
            requirement("data.proven", "6.1", says=text),
            requirement("data.unseen", "6.1", provable=text),
            reason=text,
        )
    )
    known = {element.tag for element in tree(clean).iter()}
    assert {element.tag for element in tree(page).iter()} <= known
    assert not any(ord(character) < 32 and character != "\n" for character in page)


def test_what_is_missing_is_printed_by_section() -> None:
    text = coverage_text.render([SAMPLE])
    assert text.endswith("\n")
    head, own, compression, empty, *missing = text.splitlines()
    assert head.split()[:3] == ["version", "document", "sentences"]
    assert own.split() == ["rfc9113", "rfc9113", "1/3", "4", "0", "0", "0", "0", "2", "1"]
    assert compression.split() == ["rfc7541", "0/0", "0", "0", "0", "0", "0", "0", "0"]
    assert empty == ""
    assert missing == [
        "RFC 9113: provable and not yet proven, or not accounted for",
        "  rfc9113 6.1 DATA",
        "    MUST        data.open: It is done",
        "    sentence    6.1#1 is not accounted for",
        "  rfc9113 6.2 HEADERS",
        "    sentence    6.2#1 is not accounted for",
    ]


def test_nothing_missing_is_said() -> None:
    whole = measure(NEWEST, [requirement("data.unseen", "6.1", provable="not seen")], {}, {}, {})
    assert coverage_text.render([whole]).splitlines()[-1] == (
        "Each normative sentence is accounted for, and each provable requirement is proven."
    )
