"""Runs over several versions, and the command that prints the versions."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree, html

from h2spec_py.job import Exit, gravest
from h2spec_py.results import read_results
from h2spec_py.spec import VERSIONS
from tests.support.command import Command
from tests.support.hostile import hostile_thread
from tests.support.interruptible import INTERRUPTIBLE

NAMES = [version.name for version in VERSIONS]

CASE = """\
- id: mine/ping
  title: PING is answered
  proves: [ping.ack]
  only: {versions: "12..", because: this is enough here}
  steps:
    - {send: PING, opaque: "0102030405060708"}
  expect: {frame: {frame: PING, flags: [ACK], opaque: "0102030405060708"}}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


def files(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def test_two_versions_make_two_runs_and_an_index(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    code, out, err = command(
        *("--draft", "9113", "--draft", "13", "--draft", "rfc9113", "--cases", str(mine)),
        *("--reports", str(tmp_path), "--output", f"junit={tmp_path}/{{version}}.xml"),
        *("--output", f"index={tmp_path}/all.html"),
    )
    assert (code, err) == (0, "")
    folder = tmp_path / "reference"
    assert files(folder, "*") == [
        *("draft-13.html", "draft-13.jsonl", "index.html", "rfc9113.html", "rfc9113.jsonl")
    ]
    for name in ("draft-13", "rfc9113"):
        assert read_results(folder / f"{name}.jsonl").header["version"] == name
        assert etree.parse(tmp_path / f"{name}.xml").getroot().tag == "testsuites"
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[-3:]] == ["rfc9113", "draft-13", "index:"]
    assert "1 pass" in lines[-2]
    assert str(folder / "index.html") in lines[-1]
    for index, prefix in ((folder / "index.html", ""), (tmp_path / "all.html", "reference/")):
        links = html.fromstring(index.read_text(encoding="utf-8")).xpath("//a/@href")
        assert links == [f"{prefix}rfc9113.html", f"{prefix}draft-13.html"]
        assert all((index.parent / str(link)).is_file() for link in links)


def test_one_version_makes_no_index_unless_asked(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    arguments = ("--cases", str(mine), "--reports", str(tmp_path))
    code, _, _ = command(*arguments, "--output", f"html={tmp_path}/of-{{version}}.html")
    assert code == 0
    assert files(tmp_path / "reference", "*") == ["rfc9113.html", "rfc9113.jsonl"]
    assert (tmp_path / "of-rfc9113.html").is_file()
    code, _, _ = command(*arguments, "--output", f"index={tmp_path}/index.html")
    assert code == 0
    assert (tmp_path / "index.html").is_file()


@pytest.mark.no_cover  # much of the same, which takes its time
@pytest.mark.parametrize("way", [(), ("--cleartext",), ("--upgrade",)])
def test_all_of_the_embedded_target_is_every_version(
    command: Command, mine: Path, tmp_path: Path, way: tuple[str, ...]
) -> None:
    code, out, err = command(
        *("--draft", "all", *way, "--cases", str(mine), "--reports", str(tmp_path))
    )
    assert (code, err) == (0, "")
    played = [name for name in NAMES if name not in {"draft-04", "draft-06", "draft-09"}]
    assert files(tmp_path / "reference", "*.jsonl") == sorted(f"{name}.jsonl" for name in played)
    last = out.splitlines()[-len(NAMES) - 1 : -1]
    assert sorted(line.split()[0] for line in last) == sorted(NAMES)
    assert sum("not run: no case of" in line for line in last) == len(NAMES) - len(played)
    page = (tmp_path / "reference" / "index.html").read_text(encoding="utf-8")
    absent = html.fromstring(page).xpath("//dl[@class='absent']/dt/text()")
    assert absent == [f"draft-ietf-httpbis-http2-{number}" for number in ("04", "06", "09")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--draft", "99"], ["known are 04, 06, 09, 12, 13, 14, 16, 17, 7540, 9113, or all"]),
        (["--draft", "13", "--draft", "99"], ["'99'"]),
        (["--draft", "all", "--draft", "13"], ["--draft all", "alone"]),
        (["--draft", "13", "--draft", "14", "--output", "junit=a.xml"], ["a.xml", "{version}"]),
        (["--draft", "all", "--output", "html=a.html"], ["a.html", "{version}"]),
        (["--draft", "all", "--output", "index="], ["index="]),
        (["--draft", "all", "--output", "index=/no/such/folder/x"], ["/no/such/folder"]),
        (["--draft", "all", "--output", "pdf={version}"], ["pdf"]),
        (["--draft", "13", "--draft", "14", "--select", "no/such-case"], ["no/such-case"]),
        (["--draft", "all", "--target", "https://localhost/", "--cafile", __file__], ["PEM"]),
        (["versions", "99"], ["known are 04,"]),
        (["versions", "13", "99"], ["'99'"]),
        (["versions", "13", "14", "16"], ["16"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_bad_request_is_one_line_and_exit_2(
    command: Command,
    mine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if "versions" not in arguments:
        arguments = [*arguments, "--cases", str(mine)]
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert all(part in err for part in said)
    assert files(tmp_path, "*") == ["mine.yaml"]


@pytest.mark.parametrize("name", ["draft-13.jsonl", "draft-13.html", "index.html"])
def test_what_cannot_be_written_is_known_before_anything_is_sent(
    command: Command, mine: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "reference"
    (folder / name).mkdir(parents=True)
    (folder / "rfc9113.jsonl").write_text("of before", encoding="utf-8")
    several = ("--draft", "9113", "--draft", "13", "--cases", str(mine), "--reports", str(tmp_path))
    code, out, err = command(*several)
    assert (code, out, err) == (2, "", f"h2spec-py: {folder / name}: Is a directory\n")
    assert files(folder, "*") == sorted([name, "rfc9113.jsonl"])
    assert (folder / "rfc9113.jsonl").read_text(encoding="utf-8") == "of before"


@pytest.mark.parametrize(
    ("codes", "gravest_one"),
    [
        ([Exit.OK], Exit.OK),
        ([Exit.OK, Exit.TARGET], Exit.TARGET),
        ([Exit.TARGET, Exit.OURS, Exit.OK], Exit.OURS),
        ([Exit.OURS, Exit.FAILURES], Exit.FAILURES),
        ([Exit.FAILURES, Exit.INTERRUPTED], Exit.INTERRUPTED),
    ],
)
def test_the_gravest_exit_code(codes: list[Exit], gravest_one: Exit) -> None:
    assert gravest(codes) is gravest(codes[::-1]) is gravest_one


def test_a_version_that_is_not_spoken_is_exit_3_and_no_matter_to_the_others(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    with hostile_thread("ping-ticker-answering", tls=True) as target:
        code, out, err = command(
            *("--target", target.url, "--cafile", str(target.cafile), "--cases", str(mine)),
            *("--draft", "13", "--draft", "9113", "--reports", str(tmp_path)),
        )
    assert code == 3
    assert err == "h2spec-py: alpn: asked for draft-13 (h2-13); the target chose h2\n"
    outcomes = {
        path.stem: read_results(path).cases[0]["outcome"] for path in tmp_path.rglob("*.jsonl")
    }
    assert outcomes == {"draft-13": "error", "rfc9113": "pass"}
    assert out.splitlines()[-2].startswith("rfc9113   1 case: 1 pass")


def test_another_version_on_cleartext_is_named_by_its_first_frame(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    with hostile_thread("ping-ticker-answering") as target:
        code, _, err = command(
            *("--target", target.url, "--cases", str(mine), "--draft", "13", "--timeout", "0.3"),
            *("--reports", str(tmp_path)),
        )
    assert code == 3
    assert "asked for draft-13;" in err
    assert "its first frame is that of draft-14, draft-16, draft-17, rfc7540, rfc9113" in err


def test_failures_weigh_more_than_a_target_out_of_reach(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    wrong = CASE.replace('opaque: "0102030405060708"}}', 'opaque: "ffffffffffffffff"}}')
    mine.write_text(wrong, encoding="utf-8")
    with hostile_thread("ping-ticker-answering", tls=True) as target:
        code, _, _ = command(
            *("--target", target.url, "--cafile", str(target.cafile), "--cases", str(mine)),
            *("--draft", "9113", "--draft", "13", "--reports", str(tmp_path)),
            *("--timeout", "0.3"),
        )
    assert code == 1


def test_results_of_several_versions_make_an_index_later(
    command: Command, mine: Path, tmp_path: Path
) -> None:
    command(*("--draft", "13", "--draft", "9113", "--cases", str(mine), "--reports", str(tmp_path)))
    results = [str(tmp_path / "reference" / f"{name}.jsonl") for name in ("draft-13", "rfc9113")]
    index = tmp_path / "index.html"
    code, out, err = command("report", *results, "--output", f"index={index}")
    assert (code, out, err) == (0, "", "")
    links = html.fromstring(index.read_text(encoding="utf-8")).xpath("//a/@href")
    assert links == ["reference/draft-13.html", "reference/rfc9113.html"]
    code, out, _ = command("report", *results)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[-2:]] == ["draft-13", "rfc9113"]
    code, _, err = command("report", *results, "--output", f"html={index}")
    assert code == 2
    assert "{version}" in err
    twice = (results[0], results[0], "--output", f"html={tmp_path}/{{version}}.html")
    code, _, err = command("report", *twice)
    assert code == 2
    assert "same version" in err


def test_the_versions_side_by_side(command: Command) -> None:
    code, out, err = command("versions")
    assert (code, err) == (0, "")
    head, *rows = out.partition("\n\n")[0].splitlines()
    assert [row.split()[0] for row in rows] == [version.short for version in VERSIONS]
    assert all(row.index(version.alpn) for row, version in zip(rows, VERSIONS, strict=True))
    starts = [match.start() for match in re.finditer(r"\S+", head)]
    assert all(row[start - 1] == " " for row in rows for start in starts[1:])
    assert out.count("\nFrom ") == len(VERSIONS) - 1
    assert "From draft-ietf-httpbis-http2-13 to draft-ietf-httpbis-http2-14\n" in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_one_version_and_two(command: Command) -> None:
    code, out, _ = command("versions", "draft-13")
    assert code == 0
    assert out.startswith("draft-ietf-httpbis-http2-13\nhttps://")
    assert "h2-13" in out
    code, out, _ = command("versions", "13", "14")
    assert code == 0
    assert "MAX_FRAME_SIZE: new: 0x5" in out
    assert "DATA END_SEGMENT: gone; it was 0x2" in out
    assert "TLS token: h2-13 -> h2-14" in out
    code, out, _ = command("versions", "14", "14")
    assert code == 0
    assert "Nothing on the wire." in out


def test_an_interrupted_series_keeps_what_it_has(tmp_path: Path) -> None:
    with hostile_thread("status-500") as target:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", INTERRUPTIBLE, "--target", target.url, "-v"),
                *("--jobs", "1", "--timeout", "30", "--draft", "9113", "--draft", "14"),
                *("--reports", str(tmp_path)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        with process:
            assert process.stderr is not None
            assert process.stdout is not None
            for line in process.stderr:  # until a case is over
                if b": fail" in line or b": pass" in line or b": skip" in line:
                    break
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            said = process.stdout.read().decode()
    assert process.returncode == 130
    assert b"Traceback" not in rest
    assert files(tmp_path, "*/*.jsonl") == ["rfc9113.jsonl"]
    assert "draft-14  not run: interrupted" in said
    [index] = tmp_path.glob("*/index.html")
    assert "not run: interrupted" in index.read_text(encoding="utf-8")
