"""The command line from the outside: what it prints, writes and exits with."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from h2spec_py.results import read_results
from tests.support.command import Command
from tests.support.hostile import hostile_thread
from tests.support.interruptible import INTERRUPTIBLE

CASE = """\
- id: mine/ping
  title: PING is answered
  proves: [ping.ack]
  steps:
    - {send: PING, opaque: "0102030405060708"}
  expect: {frame: {frame: PING, flags: [ACK], opaque: "0102030405060708"}}
"""


@pytest.mark.no_cover  # all cases over again, at whose branches the test of both ways has looked
@pytest.mark.parametrize("draft", ["13", "7540", "9113"])
def test_nothing_fails_on_the_embedded_target(command: Command, tmp_path: Path, draft: str) -> None:
    code, out, err = command("--draft", draft, "--reports", str(tmp_path))
    assert (code, err) == (0, "")
    [path] = tmp_path.glob("reference/*.jsonl")
    results = read_results(path)
    counts = results.footer["counts"]
    assert counts["fail"] + counts["error"] + counts["non-strict"] == 0
    skipped = [case["reason"] for case in results.cases if case["outcome"] == "skip"]
    elsewhere = (
        *("needs the HTTP/1.1 Upgrade", "needs cleartext"),  # there is neither over TLS
        # what would be smaller is for few cases
        *("the target's INITIAL_WINDOW_SIZE is 65535, over", "the target's HEADER_TABLE_SIZE is"),
    )
    assert [reason for reason in skipped if not reason.startswith(elsewhere)] == []
    assert counts["pass"] > 80
    assert str(path) in out
    assert path.with_suffix(".html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("draft", ["rfc9113", "draft-13"])
def test_versions_have_full_names_too(command: Command, tmp_path: Path, draft: str) -> None:
    code, _, _ = command("--draft", draft, "--select", "ping", "--reports", str(tmp_path))
    assert code == 0
    assert list(tmp_path.glob(f"reference/{draft}.jsonl"))


@pytest.mark.parametrize("way", ["--cleartext", "--upgrade"])
def test_other_ways_into_the_embedded_target(command: Command, tmp_path: Path, way: str) -> None:
    arguments = (way, "--select", "ping", "--select", "message", "--reports", str(tmp_path))
    code, _, err = command(*arguments)
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--draft", "99"], "99"),
        (["--no-such-option"], "--no-such-option"),
        (["--jobs", "0"], "--jobs"),
        (["--timeout", "soon"], "--timeout"),
        (["--timeout", "-1"], "--timeout"),
        (["--target", "ftp://localhost/"], "ftp"),
        (["--target", "https://localhost:99999/"], "99999"),
        (["--target", "http://localhost/", "--cleartext"], "--cleartext"),
        (["--target", "https://localhost/", "--upgrade"], "--upgrade"),
        (["--target", "https://localhost/", "--header", "no colon"], "--header"),
        (["--target", "https://localhost/", "--path", "no-slash"], "no-slash"),
        (["--insecure"], "--insecure"),
        (["--upload-path", "/x"], "--upload-path"),
        (["--cafile", "/no/such/file"], "/no/such/file"),
        (["--target", "https://localhost/", "--cafile", __file__], "test_command_line.py"),
        (["--target", "https://localhost/", "--keylog", "/no/such/folder/log"], "/no/such/folder"),
        (["--cases", "/no/such/file"], "/no/such/file"),
        (["--select", "no/such-case"], "no/such-case"),
        (["--select", "99.9"], "99.9"),
        (["--select", "ping", "--skip", "ping"], "nothing to run"),
        (["--output", "pdf=x.pdf"], "pdf"),
        (["--output", "junit"], "junit"),
        (["--output", "junit=/no/such/folder/x.xml"], "/no/such/folder"),
        (["--draft", "13", "list"], "list --draft"),
        (["list", "--draft", "99"], "99"),
        (["list", "--select", "no/such-case"], "no/such-case"),
        (["show", "no/such-case"], "no/such-case"),
        (["report", "/no/such/file"], "/no/such/file"),
        (["list", "--draft", "13", "--draft", "14"], "'--draft': one version is expected here"),
        (
            ["serve", "--violate", "ping.akk"],
            "--violate 'ping.akk': unknown requirement; did you mean 'ping.ack'?",
        ),
        (
            ["serve", "--draft", "13", "--violate", "blocked.payload"],
            "--violate 'blocked.payload': draft-13 has no such requirement; it is one of draft-12",
        ),
        (
            ["serve", "--violate", "preface.client-sends"],
            "--violate 'preface.client-sends': not a requirement that a server can be seen to brea",
        ),
        (["no-such-command"], "no-such-command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_bad_request_is_one_line_and_exit_2(
    command: Command, tmp_path: Path, arguments: list[str], said: str
) -> None:
    runs = not {"list", "show", "report", "serve", "no-such-command"} & set(arguments)
    code, out, err = command(*arguments, *(("--reports", str(tmp_path)) if runs else ()))
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert said in err
    assert not list(tmp_path.rglob("*.jsonl"))


def test_a_broken_case_file_is_named_with_its_line(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CASE.replace("send: PING", "send: PONG"), encoding="utf-8")
    for arguments in (["--cases", str(path)], ["lint", str(path)], ["list", "--cases", str(path)]):
        code, out, err = command(*arguments)
        assert (code, out) == (2, "")
        assert f"{path}:5:" in err
        assert "PONG" in err


def test_cases_of_the_users_own(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CASE, encoding="utf-8")
    assert command("lint", str(path)) == (0, "no errors\n", "")
    code, _, err = command("--cases", str(path), "--reports", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    [results] = (tmp_path / "out").rglob("*.jsonl")
    [case] = read_results(results).cases
    assert (case["id"], case["outcome"]) == ("mine/ping", "pass")


def test_list_and_show(command: Command) -> None:
    code, out, _ = command("list", "--draft", "7540", "--select", "6.7")
    assert code == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows
    assert all(len(row) == 4 and row[1].startswith("rfc7540 6.7") for row in rows)
    code, out, _ = command("show", "ping/plain")
    assert code == 0
    assert "ping.ack" in out
    assert "rfc9113 6.7" in out


def test_every_case_can_be_shown_with_its_octets(command: Command) -> None:
    code, out, err = command("show", "*")
    assert (code, err) == (0, "")
    assert out.count("  expects   ") == len(command("list")[1].splitlines())
    code, out, _ = command("show", "ping/same-octets[ffffffffffffffff]")
    assert '"opaque": "ffffffffffffffff"' in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--draft", "06"],
            "https://127.0.0.1:{} --draft 06 --insecure --sni localhost --path /rich",
        ),
        (["--draft", "13", "--cleartext"], "http://127.0.0.1:{} --draft 13 --path /rich"),
    ],
    ids=["tls", "cleartext"],
)
def test_the_reference_target_tells_how_it_is_tested(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    async def interrupted(_: asyncio.Event) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio.Event, "wait", interrupted)
    code, out, _ = command("serve", *arguments)
    assert code == 130
    first, last = out.splitlines()
    port = first.rpartition(":")[2]
    assert last == f"test it with: h2spec-py --target {said.format(port)}"


def test_the_schema_fits_a_case(command: Command) -> None:
    code, out, _ = command("schema")
    assert code == 0
    schema = json.loads(out)
    case = {
        "id": "mine/ping",
        "title": "PING",
        "proves": ["ping.ack"],
        "steps": [{"send": "PING"}],
        "expect": {"ignored": True},
    }
    jsonschema.validate([case], schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{**case, "expekt": 1}], schema)


def test_reports_are_made_again_from_results(command: Command, tmp_path: Path) -> None:
    command("--select", "ping", "--reports", str(tmp_path))
    [results] = tmp_path.rglob("*.jsonl")
    junit, html = tmp_path / "junit.xml", tmp_path / "again.html"
    code, out, err = command(
        "report", str(results), "--output", f"junit={junit}", "--output", f"html={html}"
    )
    assert (code, out, err) == (0, "", "")
    assert html.read_bytes() == results.with_suffix(".html").read_bytes()
    assert b"<testsuites" in junit.read_bytes()
    code, out, _ = command("report", str(results))
    assert code == 0
    assert "0 fail" in out
    results.write_text(results.read_text().rpartition("{")[0])
    code, _, err = command("report", str(results), "--output", f"html={html}")
    assert code == 2
    assert str(results) in err


def test_verbose_shows_frames_as_they_are_exchanged(command: Command, tmp_path: Path) -> None:
    code, _, err = command("-v", "--select", "ping/plain", "--reports", str(tmp_path))
    assert code == 0
    lines = [line for line in err.splitlines() if line.startswith("ping/plain: ")]
    assert any("-> PING" in line for line in lines)
    assert any("<- PING [ACK]" in line for line in lines)
    assert lines[-1].startswith("ping/plain: pass")


def test_keylog(command: Command, tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    with hostile_thread("ping-ticker-answering", tls=True) as target:
        code, _, _ = command(
            *("--target", target.url, "--cafile", str(target.cafile), "--keylog", str(log)),
            *("--select", "ping/plain", "--reports", str(tmp_path)),
        )
    assert code == 0
    assert "CLIENT_HANDSHAKE_TRAFFIC_SECRET" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path, number: signal.Signals) -> None:
    with hostile_thread("status-500") as target:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", INTERRUPTIBLE, "--target", target.url, "-v"),
                *("--jobs", "1", "--timeout", "30", "--reports", str(tmp_path)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        with process:
            assert process.stderr is not None
            for line in process.stderr:  # until a second case is under way
                if b": fail" in line or b": pass" in line or b": skip" in line:
                    break
            process.send_signal(number)
            rest = process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in rest
    [path] = tmp_path.rglob("*.jsonl")
    results = read_results(path)
    assert results.footer["interrupted"]
    assert 0 < len(results.cases) < results.header["cases"]
    assert path.with_suffix(".html").exists()


def test_a_case_is_shown_in_the_names_of_the_version(command: Command) -> None:
    _, old, _ = command("show", "ping/ack-not-answered", "--draft", "06")
    assert "a PING with PONG is not answered" in old
    assert 'step      {"send": "PING", "flags": ["PONG"]' in old
    assert "ACK" not in old
    _, new, _ = command("show", "ping/ack-not-answered", "--draft", "9113")
    assert 'step      {"send": "PING", "flags": ["ACK"]' in new
