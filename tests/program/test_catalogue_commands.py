"""The commands over the catalogue, from the outside: coverage and diff-versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import html

from h2spec_py.spec import VERSIONS
from tests.support.command import Command

NAMES = [version.name for version in VERSIONS]

TWICE = ("--output", "html=same", "--output", "json=same")


def test_coverage_of_all_versions(command: Command, tmp_path: Path) -> None:
    pages, data = tmp_path / "{version}.html", tmp_path / "all.json"
    code, out, err = command(
        "coverage", "--draft", "all", "--output", f"html={pages}", "--output", f"json={data}"
    )
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[1:20:2]] == NAMES
    figures = json.loads(data.read_text("utf-8"))
    assert list(figures) == NAMES
    assert [list(one) for one in figures.values()] == [[v.name, v.hpack] for v in VERSIONS]
    for version in VERSIONS:
        page = html.document_fromstring((tmp_path / f"{version.name}.html").read_bytes())
        links = page.xpath("//nav[@class='others']/a/@href")
        assert links == [f"{name}.html" for name in NAMES if name != version.name]


def test_coverage_of_one_version(command: Command, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, out, err = command("coverage", "--draft", "13", "--output", f"html={page}")
    assert (code, err) == (0, "")
    assert "draft-13" in out
    assert "hpack-08" in out
    assert "rfc9113" not in out
    assert "draft-ietf-httpbis-http2-13" in page.read_text("utf-8")


def test_figures_of_each_version_by_itself(command: Command, tmp_path: Path) -> None:
    arguments = ("--draft", "13", "--draft", "draft-14", "--draft", "13")
    path = tmp_path / "{version}.json"
    code, _, err = command("coverage", *arguments, "--output", f"json={path}")
    assert (code, err) == (0, "")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["draft-13.json", "draft-14.json"]
    assert list(json.loads((tmp_path / "draft-14.json").read_text("utf-8"))) == ["draft-14"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coverage", "--draft", "99"], "'--draft': unknown version '99': known are 04,"),
        (["coverage", "--draft", "all", "--draft", "13"], "'--draft': all means every version"),
        (["coverage", "--output", "html=x.html"], "--output 'html=x.html': over several versions,"),
        (["coverage", "--output", "html=/no/{version}"], "--output 'html=/no/{version}': no such "),
        (["coverage", "--output", "json=/"], "--output 'json=/': the path is a folder"),
        (["coverage", "--output", "json="], "--output 'json=': expected html=PATH or json=PATH"),
        (["coverage", "--output", "junit=x"], "--output 'junit=x': expected html=PATH or json="),
        (["coverage", "--output", "x\n"], "--output 'x\\n': expected"),
        (["coverage", "--draft", "13", "--output", "json=/dev/full"], "--output json=/dev/full: "),
        (["coverage", "--draft", "13", "--output", "html=/dev/full"], "--output html=/dev/full: "),
        (["coverage", "13"], "unexpected extra argument"),
        (["diff-versions"], "Missing argument 'A'"),
        (["diff-versions", "13"], "Missing argument 'B'"),
        (["diff-versions", "13", "99"], "'B': unknown version '99': known are 04,"),
        (["diff-versions", "x", "13"], "'A': unknown version 'x': known are 04,"),
        (["diff-versions", "13", "draft-13"], "A and B are the same version, draft-13"),
        (["diff-versions", "13", "14", "--output", "html=x"], "--output 'html=x': expected json="),
        (["diff-versions", "13", "14", "--output", "json=/no/x"], "--output 'json=/no/x': no such"),
        (["diff-versions", "13", "14", "--output", "json=/dev/full"], "--output json=/dev/full: "),
        (["diff-versions", "13", "14", "--output", "json={version}.json"], "of two versions"),
        (["diff-versions", "13", "14", "--output", "json={version}/x"], "of two versions"),
        (["coverage", "--draft", "13", *TWICE], "--output 'json=same': another output has the"),
        (["diff-versions", "13", "14", *TWICE[2:], *TWICE[2:]], "another output has the same path"),
    ],
)
def test_what_is_wrong_is_one_line(command: Command, arguments: list[str], said: str) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("h2spec-py: ")
    assert err.count("\n") == 1


def test_differences_of_versions(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "steps.json"
    code, out, err = command("diff-versions", "13", "rfc9113", "--output", f"json={path}")
    assert (code, err) == (0, "")
    assert out.startswith("From draft-ietf-httpbis-http2-13 to RFC 9113\n")
    found = json.loads(path.read_text("utf-8"))
    assert (found["from"], found["to"]) == ("draft-13", "rfc9113")
    assert {"id", "says", "binds", "new"} == set(found["added"][0])
    assert {"id", "says", "binds", "old"} == set(found["dropped"][0])
    assert all(one["cases"] for one in found["errors"])
    assert {"area", "subject", "old", "new"} == set(found["wire"][0])


def test_differences_backwards(command: Command) -> None:
    code, out, err = command("diff-versions", "14", "13")
    assert (code, err) == (0, "")
    assert out.startswith("From draft-ietf-httpbis-http2-14 to draft-ietf-httpbis-http2-13\n")
    assert "changed TLS token (h2-14 -> h2-13)" in out
