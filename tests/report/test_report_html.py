"""The page: whole, navigable, and deaf to whatever a target may have sent."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import cycle
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2spec_py.report.html import OPEN_LIMIT, render
from tests.report import sample
from tests.report.hostile import HOSTILE, hostile_results

Tag = tuple[str, dict[str, str | None]]


class Page(HTMLParser):
    """A page taken apart: its tags in order, and its text without the style sheet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        return [(tag, list(attributes)) for tag, attributes in self.tags]


REALISTIC = sample.make(*sample.realistic_cases(3))
PAGE = render(REALISTIC)


def test_the_same_results_give_the_same_page() -> None:
    again = sample.make(*reversed(sample.realistic_cases(3)))
    assert render(REALISTIC) == PAGE
    assert render(again) == PAGE


def test_the_page_is_well_nested_and_loads_nothing() -> None:
    page = Page(PAGE)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base", "svg"})
    assert not re.search(r"url\(|@import|src=", PAGE)
    policies = [
        meta["content"]
        for meta in page.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert "default-src 'none'" in (policies[0] or "")
    assert "script-src" not in (policies[0] or "")


def test_ids_are_unique_and_every_inner_link_leads_somewhere() -> None:
    page = Page(PAGE)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = [href for a in page.all("a") if (href := a["href"] or "").startswith("#")]
    assert inner
    assert {unquote(href[1:]) for href in inner} <= set(ids)
    assert "case-stream/closed-after-end[DATA]" in ids
    labels = [label["for"] for label in page.all("label")]
    assert labels == [radio["id"] for radio in page.all("input")]


def test_every_case_tells_its_story() -> None:
    page = Page(PAGE)
    cases = [details for details in page.all("details") if "case" in (details["class"] or "")]
    assert len(cases) == len(REALISTIC.cases)
    for said in (
        "RFC 9113 at https://www.example.org/",
        "TLS: TLSv1.3, TLS_AES_256_GCM_SHA384",
        "DATA on stream 0 is a connection error MUST data.stream-zero rfc9113 6.1",
        "Expected a connection error PROTOCOL_ERROR",
        "Happened the PING behind the frame was acknowledged and no error came before it alive",
        "Legal twin data/plain",
        "Also known as http2/6.1/1",
        "1.9 ms ← received SETTINGS stream 0, 12 octets MAX_CONCURRENT_STREAMS 100",
        "3.1 ms → sent HEADERS stream 1, 15 octets END_STREAM END_HEADERS :method GET",
        "0000 00 00 08 06 01 00 00 00 00 68 32 73 70 65 63 00 .........h2spec.",
        "(more octets followed)",
        "1.1 ms → sent preface 24 octets",
    ):
        assert said in page.text
    links = {a["href"] for a in page.all("a")}
    assert "https://www.rfc-editor.org/rfc/rfc9113.html#section-6.10" in links


def test_sections_are_in_the_order_of_the_specification() -> None:
    found = re.findall(r'<h2 id="section-([^"]+)"', PAGE)
    assert found.index("rfc9113-6.9") < found.index("rfc9113-6.10") < found.index("rfc9113-8.2.1")
    assert found[-2:] == ["rfc7541-2.3.3", "rfc7541-5.2"]


def test_failures_are_unfolded_unless_they_are_many() -> None:
    def unfolded(number: int) -> int:
        cases = [sample.case(f"data/{index}", "fail") for index in range(number)]
        page = render(sample.make(*cases, sample.case("data/fine")))
        return len(re.findall(r'<details class="case [^>]*open>', page))

    assert unfolded(0) == 0
    assert unfolded(OPEN_LIMIT) == OPEN_LIMIT
    assert unfolded(OPEN_LIMIT + 1) == 0


def test_each_outcome_can_be_shown_alone() -> None:
    for outcome in ("pass", "non-strict", "fail", "info", "skip", "error"):
        assert f"#show-{outcome}:checked ~ main .case:not(.{outcome})" in PAGE
        assert f'id="show-{outcome}"' in PAGE
    assert "#show-all:checked ~ main" not in PAGE


def test_what_says_nothing_about_the_target_is_said_once() -> None:
    cases = [sample.case(f"data/{index}", "error") for index in range(500)]
    page = Page(render(sample.make(*cases)))
    assert "timed out after 2 s (499 more with the same reason)" in page.text
    assert len([li for li in page.all("li") if "line" in (li["class"] or "")]) == 1


def test_a_run_that_proves_less_says_so() -> None:
    cut = sample.make(sample.case(), head={"cases": 5}, foot={"interrupted": True, "exit": 130})
    assert "Incomplete: interrupted after 1 of 5 cases" in Page(render(cut)).text
    assert "Incomplete: no case was run" in Page(render(sample.make())).text
    assert "Incomplete:" not in Page(PAGE).text


def test_addresses_that_are_none_are_not_links() -> None:
    place = {"document": "rfc9113", "section": "6.1", "url": "javascript:alert(1)"}
    requirement = {"id": "a.b", "says": "", "level": "MUST", "sections": ["rfc9113 6.1", "x"]}
    requirement["urls"] = ["data:text/html,x"]
    page = Page(render(sample.make(sample.case(section=place, requirements=[requirement]))))
    assert all((a["href"] or "").startswith("#") for a in page.all("a"))
    assert "rfc9113 6.1" in page.text


def test_versions_that_are_not_known_are_shown_as_they_are() -> None:
    odd = sample.make(sample.case(place="draft-99x A.B"), head={"version": "h<3"})
    assert "h<3 at https" in Page(render(odd)).text
    assert "draft-99x A.B" in Page(render(odd)).text


TAME = Page(render(hostile_results(lambda: "tame"))).shape


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_changes_no_tag(text: str) -> None:
    page = render(hostile_results(lambda: text))
    assert all(character.isprintable() or character == "\n" for character in page)
    assert len(page.encode()) < 4_000_000
    if text.strip():
        assert Page(page).shape == TAME


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), min_size=1), min_size=1, max_size=30))
def test_any_text_changes_no_tag(texts: list[str]) -> None:
    supply = cycle(texts)
    page = render(hostile_results(lambda: next(supply) + ".", one_section=True))
    assert all(character.isprintable() or character == "\n" for character in page)
    assert Page(page).shape == TAME
