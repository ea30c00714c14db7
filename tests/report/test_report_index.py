"""The page over several runs: every version with its counts, and nothing that a target could do."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import cast

import pytest
from lxml import html

from h2spec_py.report.index import Absent, Row, render, text_lines
from h2spec_py.results_lines import OUTCOMES
from tests.report import sample
from tests.report.hostile import HOSTILE, hostile_results

REALISTIC = sample.make(*sample.realistic_cases(2))
FOLDER = Path("reports/target")


def tree(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def texts(page: str, path: str) -> list[str]:
    found = cast("list[html.HtmlElement]", tree(page).xpath(path))
    return [" ".join(element.text_content().split()) for element in found]


def test_each_run_has_its_counts_and_a_link() -> None:
    other = sample.make(
        *sample.realistic_cases(1), head=sample.header(37, version="draft-13"), foot=None
    )
    rows = [
        Row(REALISTIC, FOLDER / "rfc9113.html", "cannot be told from draft-16"),
        Row(other, FOLDER.parent / "more" / "draft-13 #1.html"),
    ]
    page = render(rows, [Absent("draft-04", "not spoken: no SETTINGS came")], FOLDER)
    links = tree(page).xpath("//a/@href")
    assert links == ["rfc9113.html", "../more/draft-13%20%231.html"]
    [first, second] = texts(page, "//tbody/tr")
    assert first.startswith("RFC 9113 rfc9113")
    assert "cannot be told from draft-16" in first
    assert second.startswith("draft-ietf-httpbis-http2-13 draft-13")
    for number, row in enumerate(rows):
        cells = texts(page, f"//tbody/tr[{number + 1}]/td")
        counts = [str(row.results.footer["counts"][outcome]) for outcome in OUTCOMES]
        assert cells[1 : 1 + len(OUTCOMES)] == counts
    sums = [str(sum(row.results.footer["counts"][outcome] for row in rows)) for outcome in OUTCOMES]
    assert texts(page, "//tfoot/tr/td")[1 : 1 + len(OUTCOMES)] == sums
    assert texts(page, "//dl[@class='absent']") == [
        "draft-ietf-httpbis-http2-04not spoken: no SETTINGS came"
    ]


def test_the_same_runs_give_the_same_page_without_links_where_there_are_no_pages() -> None:
    rows = [Row(REALISTIC)]
    page = render(rows, [], FOLDER)
    assert page == render(rows, [], FOLDER)
    assert tree(page).xpath("//a") == []
    assert texts(page, "//tfoot") == []
    assert "Not tested" not in page


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    page = render([Row(REALISTIC, FOLDER / "x.html")], [], FOLDER)
    assert "default-src 'none'" in page
    assert tree(page).xpath("//script | //link | //img | //@src") == []


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_stays_text(number: int) -> None:
    text = HOSTILE[number]
    results = hostile_results(cycle([text]).__next__)
    clean = render([Row(REALISTIC, FOLDER / "x.html", "note")], [Absent("x", "y")], FOLDER)
    page = render([Row(results, FOLDER / f"{number}.html", text)], [Absent(text, text)], FOLDER)
    known = {element.tag for element in tree(clean).iter()}
    assert {element.tag for element in tree(page).iter()} <= known | {"b"}
    assert not {name for name in tree(page).xpath("//@*/..") if name.tag in {"script", "img"}}
    assert not any(ord(character) < 32 and character != "\n" for character in page)
    lines = text_lines([Row(results, None, text)], [Absent("draft-04", text)])
    assert len(lines) == 2
    assert all(line.isprintable() and len(line) < 5000 for line in lines)


def test_an_incomplete_run_says_so() -> None:
    cut = sample.make(
        *sample.realistic_cases(1),
        head=sample.header(1000),
        foot=sample.footer(interrupted=True, exit=130),
    )
    assert "Incomplete:" in texts(render([Row(cut)], [], FOLDER), "//tbody/tr")[0]
    [line] = text_lines([Row(cut)], [])
    assert "interrupted after" in line
