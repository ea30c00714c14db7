"""The program against targets that behave badly: a verdict for every case, in bounded time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lxml import etree

from h2spec_py.results import Results, read_results
from tests.support.command import Command
from tests.support.hostile import NAMES, hostile_thread

pytestmark = pytest.mark.no_cover  # what it takes of the program others take as well

OUT_OF_REACH = {
    "refuses": "refused",
    "silent": "no SETTINGS came",
    "deaf": "did not acknowledge our SETTINGS",
    "closes-at-once": "no SETTINGS came",
    "http1-only": "HTTP/1.1",
    "hostile-http1": "HTTP/1.1",
    "garbage": "no SETTINGS came",
    "garbage-forever": "no SETTINGS came",
    "trickle": "",
    "huge-frame": "",
    "https-without-tls": "tls",
    "https-silent": "timeout",
    "tls-http1": "alpn",
    "tls-no-alpn": "alpn",
}
"""Targets with which no case can be played, and what the one line about them says."""

TOLERANT = (
    "goaway/",
    "errors/unknown-code-in-goaway",
    "ping/ack-not-answered",
    "frame/reserved-",
    "stream-states/tolerated-",
)
"""How the ids of cases begin that expect no error, and that such a target may well meet."""

SOME = (
    "ping",
    "settings/plain",
    "data/*plain",
    "headers/interrupted",
    "hpack/ind*",
    "message/*post*",
)
"""What is played to targets of every kind: some of all kinds of expectation. Floods take long."""


def results_in(folder: Path) -> Results:
    [path] = folder.glob("*/*.jsonl")
    return read_results(path)


@pytest.mark.parametrize("name", NAMES)
def test_every_case_gets_a_verdict_in_bounded_time(
    name: str, tmp_path: Path, command: Command
) -> None:
    junit = tmp_path / "junit.xml"
    start = time.monotonic()
    with hostile_thread(name) as target:
        code, _, err = command(
            *("--target", target.url, "--insecure", "--timeout", "0.3", "--jobs", "32"),
            *("--reports", str(tmp_path), "--output", f"junit={junit}"),
            *(word for one in SOME for word in ("--select", one)),
        )
    seconds = time.monotonic() - start
    results = results_in(tmp_path)
    assert "Traceback" not in err
    assert seconds < 60
    assert results.complete
    page = next(tmp_path.glob("*/*.html")).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert etree.parse(junit).getroot().tag == "testsuites"
    if name in OUT_OF_REACH:
        assert code == 3
        assert results.footer["counts"]["error"] == len(results.cases)
        assert OUT_OF_REACH[name] in err
        assert len(err.strip().splitlines()) == 1
    else:
        assert code in {1, 3}, err


@pytest.mark.parametrize("name", ["drops-every-frame", "calms-every-frame", "status-500"])
def test_no_error_case_passes_on_a_target_that_refuses_or_accepts_everything(
    name: str, tmp_path: Path, command: Command
) -> None:
    with hostile_thread(name) as target:
        options = ("--target", target.url, "--timeout", "0.3", "--jobs", "32")
        code, _, _ = command(*options, "--reports", str(tmp_path))
    results = results_in(tmp_path)
    passed = [one["id"] for one in results.cases if one["twin"] and one["outcome"] == "pass"]
    assert [one for one in passed if not one.startswith(TOLERANT)] == []
    assert code == 1
