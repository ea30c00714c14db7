"""The results file: what is written can be read, and nothing else can."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2spec_py import results as module
from h2spec_py.results import ResultsError, ResultsWriter, count_outcomes, read_results
from h2spec_py.results_lines import OUTCOMES
from tests.report import sample

Lines = list[dict[str, Any]]


def lines() -> Lines:
    """A small file with every outcome, as objects that can be bent."""
    cases = [sample.case(f"data/{outcome}", outcome) for outcome in OUTCOMES]
    counts = dict.fromkeys(OUTCOMES, 1)
    made: Lines = [
        {"kind": "header", "format": 1, **sample.header(len(cases))},
        *({"kind": "case", **case} for case in cases),
        {"kind": "footer", "counts": counts, **sample.footer()},
    ]
    copy: Lines = json.loads(json.dumps(made))
    return copy


def store(path: Path, content: Lines) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in content))
    return path


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    written = sample.write_sample(tmp_path / "run.jsonl")
    cases = sample.realistic_cases(5)
    assert [dict(case) for case in written.cases] == [{**case, "kind": "case"} for case in cases]
    assert written.header["version"] == "rfc9113"
    assert written.footer["counts"] == count_outcomes(written.cases)
    assert sum(written.footer["counts"].values()) == len(cases) > 100
    assert written.complete


def test_a_writer_has_the_results_that_a_reader_gets(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with ResultsWriter(path) as writer:
        with pytest.raises(ResultsError, match="is empty"):
            _ = writer.results
        writer.header(sample.header(1))
        writer.case({**sample.case(), "aliases": ("http2/1/1",)})
        with pytest.raises(ResultsError, match=r"run\.jsonl:3: the file is cut short"):
            _ = writer.results
        writer.footer(sample.footer())
        assert writer.results == read_results(path)


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    read = read_results(store(tmp_path / "run.jsonl", lines()))
    assert [case["outcome"] for case in read.cases] == list(OUTCOMES)


def test_each_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with ResultsWriter(path) as writer:
        writer.header(sample.header(1))
        assert path.read_text().count("\n") == 1
        writer.case(sample.case())
        assert path.read_text().count("\n") == 2
        assert writer.counts["pass"] == 1
    with pytest.raises(ResultsError, match=r"run\.jsonl:3: the file is cut short: it has no foo"):
        read_results(path)


def test_a_stream_can_be_written_and_stays_open() -> None:
    stream = StringIO()
    with ResultsWriter(stream) as writer:
        writer.header(sample.header(0))
        writer.footer(sample.footer())
    assert [json.loads(line)["kind"] for line in stream.getvalue().splitlines()] == [
        "header",
        "footer",
    ]


@settings(deadline=None)
@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_survives_as_printable_ascii(key: str, value: str) -> None:
    entry = {"at": 0, "dir": "received", "type": value, "detail": {key: value}}
    stream = StringIO()
    writer = ResultsWriter(stream)
    writer.header(sample.header(1))
    writer.case(sample.case(reason=value, transcript=[entry]))
    line = stream.getvalue().splitlines()[1]
    assert line.isascii()
    assert line.isprintable()
    case = json.loads(line)
    # Two surrogates in a row are one character in JSON, as they are in UTF-16.
    key, value = (
        text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        for text in (key, value)
    )
    assert case["reason"] == value
    assert case["transcript"][0]["detail"] == {key: value}


def bend(change: Callable[[Lines], object]) -> Lines:
    content = lines()
    change(content)
    return content


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda f: f.pop(), 8, "cut short: it has no footer"),
        (lambda f: f.pop(0), 1, "expected the header"),
        (lambda f: f[0].update(format=2), 1, "format 2 is unknown: this version reads format 1"),
        (lambda f: f[0].update(format=True), 1, "format True is unknown"),
        (lambda f: f[0].pop("format"), 1, "format None is unknown"),
        (lambda f: f[0].update(cases=7), 8, "announces 7 cases but there are 6"),
        (lambda f: f[0].update(cases=5), 8, "announces 5 cases but there are 6"),
        (lambda f: f[0]["target"].pop("host"), 1, "target.host is missing"),
        (lambda f: f[0].update(target=[]), 1, "target: expected an object"),
        (lambda f: f[0]["target"].update(port=True), 1, "target.port: expected an integer"),
        (lambda f: f[0]["target"].update(alpn=2), 1, "target.alpn: expected text or null"),
        (lambda f: f.insert(1, f[0]), 2, "expected a case or the footer, not kind 'header'"),
        (lambda f: f.append(f[1]), 9, "nothing may follow the footer"),
        (lambda f: f.insert(1, f[2]), 4, "case 'data/non-strict' is there twice"),
        (lambda f: f[2].pop("reason"), 3, "reason is missing"),
        (lambda f: f[2].update(outcome="passed"), 3, "outcome: expected one of pass, non-strict"),
        (lambda f: f[2].update(outcome=["pass"]), 3, "outcome: expected one of pass, non-strict"),
        (lambda f: f[2].update(duration="1"), 3, "duration: expected a number"),
        (lambda f: f[2].update(duration=10**400), 3, "duration: expected a number"),
        (lambda f: f[2].update(aliases=[1]), 3, "aliases[0]: expected text"),
        (lambda f: f[2]["transcript"][2].update(stream=1.5), 3, "transcript[2].stream: expected"),
        (lambda f: f[2]["transcript"][1].update(dir="up"), 3, "transcript[1].dir: expected one of"),
        (lambda f: f[2]["transcript"][1].update(detail=[]), 3, "transcript[1].detail: expected"),
        (lambda f: f[-1]["counts"].update({"pass": 2}), 8, "counts 2 pass"),
        (lambda f: f[-1]["counts"].update({"pass": 1.0}), 8, "counts['pass']: expected an integer"),
        (lambda f: f[-1]["counts"].pop("skip"), 8, "the footer counts"),
        (lambda f: f[-1].update(interrupted=0), 8, "interrupted: expected true or false"),
        (lambda f: f.insert(3, []), 4, "expected an object"),
        (lambda f: f[3].update(kind="note\n" * 999), 4, "expected a case or the footer, not kind"),
    ],
)
def test_a_bent_file_is_refused_with_its_line(
    tmp_path: Path, change: Callable[[Lines], object], line: int, message: str
) -> None:
    path = store(tmp_path / "run.jsonl", bend(change))
    with pytest.raises(ResultsError) as caught:
        read_results(path)
    text = str(caught.value)
    assert text.startswith(f"{path}:{line}: ")
    assert message in text
    assert len(text.splitlines()) == 1
    assert len(text) < 600


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", "the file is empty"),
        (b"\n", "1: not JSON"),
        (b"{}", "1: the file is cut short in the middle of a line"),
        (b"PK\3\4\n", "1: not JSON"),
        (b"\xff\xfe{}\n", "1: not JSON: it is not UTF-8"),
        (b'{"kind": "header", "kind": "header"}\n', "1: a key is there twice"),
        (b'{"kind": NaN}\n', "1: NaN is not a number of JSON"),
        (b'{"kind": -Infinity}\n', "1: -Infinity is not a number of JSON"),
        (b'{"kind": ' + b"1" * 5000 + b"}\n", "1: not JSON that we read: a number with too many"),
        (b"[" * 200_000 + b"\n", "1: not JSON that we read: nested too deeply"),
    ],
)
def test_what_is_no_results_file_is_refused(tmp_path: Path, octets: bytes, message: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(octets)
    with pytest.raises(ResultsError) as caught:
        read_results(path)
    assert str(caught.value).startswith(f"{path}:")
    assert message in str(caught.value)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    whole = store(tmp_path / "whole.jsonl", [lines()[0], lines()[1], lines()[-1]]).read_bytes()
    path = tmp_path / "cut.jsonl"
    for end in range(0, len(whole), 37):
        path.write_bytes(whole[:end])
        with pytest.raises(ResultsError):
            read_results(path)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_no_octets_make_the_reader_stumble(tmp_path_factory: Any, junk: bytes, at: int) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.jsonl"
    whole = store(path, lines()).read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    try:
        cases = len(read_results(path).cases)
    except ResultsError:
        cases = len(OUTCOMES)
    assert cases == len(OUTCOMES)


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store(tmp_path / "run.jsonl", lines())
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_LINE", 1000)
        with pytest.raises(ResultsError, match="2: longer than 1000 octets"):
            read_results(path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_CASES", 5)
        with pytest.raises(ResultsError, match="7: more than 5 cases"):
            read_results(path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_FILE", 9000)
        with pytest.raises(ResultsError, match="the file is longer than 9000 octets"):
            read_results(path)
    assert len(read_results(path).cases) == 6


@pytest.mark.parametrize("end", [{"interrupted": True, "exit": 130}, {"exit": 3}, {"exit": 4}])
def test_a_run_that_ended_early_is_readable_but_not_complete(
    tmp_path: Path, end: dict[str, Any]
) -> None:
    content = lines()
    content[0]["cases"] = 9
    content[-1].update(end)
    read = read_results(store(tmp_path / "run.jsonl", content))
    assert len(read.cases) == 6
    assert not read.complete


def test_keys_that_are_not_known_are_kept(tmp_path: Path) -> None:
    content = lines()
    content[1]["later"] = {"more": 1}
    read = read_results(store(tmp_path / "run.jsonl", content))
    assert dict(read.cases[0])["later"] == {"more": 1}


def test_a_missing_file_and_a_folder_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"none\.jsonl: No such file"):
        read_results(tmp_path / "none.jsonl")
    with pytest.raises(ResultsError, match="Is a directory"):
        read_results(tmp_path)
    with pytest.raises(ResultsError, match="No such file"):
        ResultsWriter(tmp_path / "none" / "run.jsonl")


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (sample.case(duration=float("nan")), "not JSON compliant"),
        (sample.case(duration=None), "duration: expected a number"),
        (sample.case(outcome="pass", reason=b"octets"), "not JSON serializable"),
        (sample.case("data/there-already"), "is there twice"),
    ],
)
def test_the_writer_refuses_what_the_reader_would(case: dict[str, Any], message: str) -> None:
    writer = ResultsWriter(StringIO())
    writer.header(sample.header(2))
    writer.case(sample.case("data/there-already"))
    with pytest.raises(ResultsError, match=message) as caught:
        writer.case(case)
    assert str(caught.value).startswith("results:3: ")
    assert writer.counts["pass"] == 1


def test_the_writer_holds_the_footer_to_its_word() -> None:
    writer = ResultsWriter(StringIO())
    writer.header(sample.header(2))
    writer.case(sample.case())
    with pytest.raises(ResultsError, match="announces 2 cases but there are 1"):
        writer.footer(sample.footer())
    with pytest.raises(ResultsError, match="the footer counts 3 pass"):
        writer.footer(sample.footer(counts={"pass": 3}))
