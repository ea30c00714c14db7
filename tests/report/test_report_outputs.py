"""Outputs by name, and the order that all views share."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2spec_py.report import (
    OUTPUTS,
    Output,
    OutputError,
    parse_outputs,
    plan_outputs,
    write_outputs,
)
from h2spec_py.report.view import by_section, counts_line, natural, safe_url
from tests.report import sample

RESULTS = sample.make(*sample.realistic_cases())


def test_the_formats_are_known_by_name() -> None:
    assert set(OUTPUTS) == {"html", "junit"}
    assert all(OUTPUTS[name](RESULTS) for name in OUTPUTS)


def test_outputs_are_written(tmp_path: Path) -> None:
    page, report = tmp_path / "page.html", tmp_path / "a=b.xml"
    write_outputs(RESULTS, [f"html={page}", Output("junit", report)])
    assert page.read_text("utf-8") == OUTPUTS["html"](RESULTS)
    assert report.read_text("utf-8") == OUTPUTS["junit"](RESULTS)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("html", "--output 'html': expected FORMAT=PATH with one of html, junit"),
        ("html=", "--output 'html=': expected FORMAT=PATH with one of html, junit"),
        ("=page.html", "expected FORMAT=PATH"),
        ("", "expected FORMAT=PATH"),
        ("pdf=page.pdf", "--output 'pdf=page.pdf': unknown format, expected one of html, junit"),
        ("HTML=page.html", "unknown format"),
        ("html=/nowhere/at/all/page.html", "no such folder: /nowhere/at/all"),
        ("html=/", "the path is a folder"),
        ("pdf\n\x1b[2J=x", "unknown format"),
    ],
)
def test_what_cannot_be_written_is_one_line_before_the_run(output: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        parse_outputs([output])
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    with pytest.raises(OutputError):
        write_outputs(RESULTS, [output])


def test_two_outputs_are_not_one_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for other in (f"junit={path}", f"index={tmp_path}/../{tmp_path.name}/x"):
        with pytest.raises(OutputError, match="another output has the same path"):
            plan_outputs([f"html={path}", other], ["rfc9113"])
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_one_line_after_the_run() -> None:
    with pytest.raises(OutputError, match=r"^/dev/full: No space left on device$"):
        write_outputs(RESULTS, ["junit=/dev/full"])


def test_sections_follow_the_specification_whatever_the_order_of_the_results() -> None:
    places = [
        "rfc7541 5.2",
        "rfc9113 6.10",
        "rfc9113 6.9",
        "rfc9113 A.1",
        "rfc9113 6",
        "rfc9113 10",
    ]
    cases = [sample.case(f"a/{number}", place=place) for number, place in enumerate(places)]
    for order in (cases, cases[::-1]):
        assert [group.name for group in by_section(sample.make(*order))] == [
            "rfc9113 6",
            "rfc9113 6.9",
            "rfc9113 6.10",
            "rfc9113 10",
            "rfc9113 A.1",
            "rfc7541 5.2",
        ]


def test_cases_of_a_section_go_by_id_and_share_its_title() -> None:
    cases = [sample.case(f"a/{number}", section_title=None) for number in (10, 9, 1)]
    cases.append(sample.case("a/2", section_title="DATA"))
    (group,) = by_section(sample.make(*cases))
    assert [case["id"] for case in group.cases] == ["a/1", "a/2", "a/9", "a/10"]
    assert group.title == "DATA"
    assert group.anchor == "section-rfc9113-6.1"
    assert group.counts["pass"] == 4


def test_numbers_of_any_length_can_be_compared() -> None:
    assert sorted(["6." + "9" * 5000, "6.x", "6.²", "6.10", ""], key=natural)[:2] == ["", "6.10"]


def test_only_web_addresses_are_safe() -> None:
    assert safe_url("https://www.rfc-editor.org/rfc/rfc9113.html#section-6.1")
    for url in ("javascript:alert(1)", "data:,x", "//x", "https://a b", "https://a\n", "", None):
        assert safe_url(url) == ""
    assert safe_url("https://" + "a" * 3000) == ""


def test_counts_line() -> None:
    cases = [sample.case("a/1"), sample.case("a/2", "fail")]
    assert counts_line(sample.make(*cases)) == (
        "2 cases: 1 pass, 0 non-strict, 1 fail, 0 info, 0 skip, 0 error in 1.9 s"
    )
