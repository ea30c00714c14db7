"""JUnit XML: well-formed whatever the target sent, with counts that are true."""

from __future__ import annotations

from itertools import cycle
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from h2spec_py.report.junit import ENTRIES_LIMIT, render
from h2spec_py.results import Results
from tests.report import sample
from tests.report.hostile import HOSTILE, hostile_results


def parse(results: Results) -> etree._Element:
    """Parse the document as strictly as a CI server would, and check all of its sums."""
    root = etree.fromstring(render(results).encode("utf-8"))
    assert root.tag == "testsuites"
    for outer in (root, *root.findall("testsuite")):
        assert outer.get("tests") == str(len(list(outer.iter("testcase"))))
        assert outer.get("failures") == str(len(list(outer.iter("failure"))))
        assert outer.get("errors") == str(len(list(outer.iter("error"))))
        assert outer.get("skipped") == str(len(list(outer.iter("skipped"))))
        assert outer.get("name")
    for case in root.iter("testcase"):
        assert case.get("name")
        assert case.get("classname")
        assert float(case.get("time", "")) >= 0
        assert len(case) <= 1
    return root


def case_element(root: etree._Element, name: str) -> etree._Element:
    found = [case for case in root.iter("testcase") if (case.get("name") or "").startswith(name)]
    assert len(found) == 1
    return found[0]


ROOT = parse(sample.make(*sample.realistic_cases(2)))


def test_sums_are_those_of_the_run() -> None:
    counts = sample.make(*sample.realistic_cases(2)).footer["counts"]
    assert ROOT.get("tests") == str(sum(counts.values()))
    assert ROOT.get("failures") == str(counts["fail"]) == "3"
    assert ROOT.get("errors") == str(counts["error"]) == "1"
    assert ROOT.get("skipped") == str(counts["skip"]) == "1"


def test_one_suite_per_section_in_order() -> None:
    names = [suite.get("name") for suite in ROOT.findall("testsuite")]
    assert names[:2] == ["rfc9113 3.4 HTTP/2 Connection Preface", "rfc9113 4.1 Frame Format"]
    assert names.index("rfc9113 6.9 WINDOW_UPDATE") < names.index("rfc9113 6.10 CONTINUATION")
    suite = ROOT.findall("testsuite")[0]
    assert suite.get("timestamp") == "2026-01-02T03:04:05"
    assert suite.get("hostname") == "www.example.org"
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties == {
        "target": "https://www.example.org/",
        "version": "rfc9113",
        "tool": "h2spec_py 0.1.0",
    }


def test_a_failure_carries_its_evidence() -> None:
    case = case_element(ROOT, "data/stream-zero: DATA on stream 0")
    assert case.get("classname") == "h2spec_py.rfc9113.6_1"
    assert (case.get("file"), case.get("line")) == ("cases/data.yaml", "12")
    assert case.get("time") == "0.005"
    failure = case[0]
    assert failure.tag == "failure"
    assert failure.get("type") == "MUST"
    assert failure.get("message", "").endswith("no error came before it (alive)")
    text = failure.text or ""
    for said in (
        "case: data/stream-zero\n",
        "section: rfc9113 6.1 https://www.rfc-editor.org/rfc/rfc9113.html#section-6.1\n",
        "requirement: data.stream-zero (MUST, rfc9113 6.1): DATA on stream 0 is a connection",
        "expected: a connection error PROTOCOL_ERROR\n",
        "ended: alive\n",
        "legal twin: data/plain\n",
        "3.1 ms -> HEADERS [END_STREAM END_HEADERS] stream=1 length=15 :method: GET",
    ):
        assert said in text


def test_what_is_not_a_failure_is_none() -> None:
    error = case_element(ROOT, "message/value-newline")[0]
    assert (error.tag, error.get("type")) == ("error", "error")
    skipped = case_element(ROOT, "stream/concurrency-limit")[0]
    assert (skipped.tag, skipped.get("message")) == ("skipped", sample.REASONS["skip"])
    lenient = case_element(ROOT, "frame/too-large[HEADERS]")[0]
    assert lenient.tag == "system-out"
    assert (lenient.text or "").startswith("non-strict: the target protected itself")
    assert case_element(ROOT, "frame/reserved-bit")[0].tag == "system-out"
    assert len(case_element(ROOT, "data/plain")) == 0


def test_a_run_that_proves_less_is_never_green() -> None:
    foot = {"interrupted": True, "exit": 130}
    root = parse(sample.make(sample.case(), head={"cases": 5}, foot=foot))
    assert (root.get("tests"), root.get("errors")) == ("2", "1")
    messages = [error.get("message") for error in root.iter("error")]
    assert messages == ["interrupted after 1 of 5 cases"]
    root = parse(sample.make())
    assert [error.get("message") for error in root.iter("error")] == ["no case was run"]
    root = parse(sample.make(head={"cases": 2}, foot={"exit": 3}))
    assert "with exit code 3" in cast("str", next(root.iter("error")).get("message"))


def test_long_transcripts_are_cut() -> None:
    entries = sample.transcript("fail", "alive") * 100
    text = render(sample.make(sample.case(outcome="fail", transcript=entries)))
    assert text.count(" ms ") == ENTRIES_LIMIT
    assert f"… and {len(entries) - ENTRIES_LIMIT} more" in text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_keeps_the_document_whole(text: str) -> None:
    results = hostile_results(lambda: text)
    root = parse(results)
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == [
        "6",
        "1",
        "1",
        "1",
    ]
    assert len(render(results)) < 1_000_000


def test_hostile_text_is_there_to_be_seen() -> None:
    root = parse(sample.make(sample.case(outcome="fail", reason="]]>\0\x1b[2J\ud800<b>&amp;")))
    assert (
        next(root.iter("failure"))
        .get("message", "")
        .startswith("]]>\\x00\\x1b[2J\\ud800<b>&amp; (")
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters()), min_size=1, max_size=30))
def test_any_text_keeps_the_document_whole(texts: list[str]) -> None:
    supply = cycle(texts)
    assert parse(hostile_results(lambda: next(supply))).get("tests") == "6"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(), min_size=1, max_size=10))
def test_any_octets_keep_the_document_whole(chunks: list[bytes]) -> None:
    supply = cycle([chunk.decode("latin-1") for chunk in chunks])
    assert parse(hostile_results(lambda: next(supply))).get("tests") == "6"
