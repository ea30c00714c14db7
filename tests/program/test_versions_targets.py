"""`--draft all`: what is found in targets of each version, and in those that behave badly."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from h2spec_py.engine import Options, Target
from h2spec_py.engine.survey import Survey, starts, survey
from h2spec_py.net import Endpoint
from h2spec_py.reference.listener import serve
from h2spec_py.spec import VERSIONS, Version
from tests.support import node_peers, servers
from tests.support.command import Command
from tests.support.hostile import hostile, hostile_thread
from tests.support.node_peers import node_peer

CASE = """\
- id: mine/ping
  title: PING is answered
  proves: [ping.ack]
  only: {versions: "12..", because: this is enough here}
  steps:
    - {send: PING, opaque: "0102030405060708"}
  expect: {frame: {frame: PING, flags: [ACK], opaque: "0102030405060708"}}
"""

NONE_SPOKEN = [
    "refuses",
    "silent",
    "deaf",
    "closes-at-once",
    "http1-only",
    "hostile-http1",
    "garbage",
    "garbage-forever",
    "trickle",
    "huge-frame",
    "https-without-tls",
    "https-silent",
    "tls-http1",
    "tls-no-alpn",
]
LATEST = ["draft-14", "draft-16", "draft-17", "rfc7540", "rfc9113"]
"""Versions that have the same octets, except for their tokens."""
RENAMED = ["rfc7540", "rfc9113"]
"""Versions that have the same tokens, too."""


def found(endpoint: Endpoint) -> Survey:
    return asyncio.run(ask(endpoint))


async def ask(endpoint: Endpoint, *, upgrade: bool = False) -> Survey:
    target = Target(endpoint, VERSIONS[-1], upgrade)
    answer = await survey(target, Options(timeout=1.0))
    names = [*spoken(answer), *(one.version.name for one in answer.unspoken)]
    assert sorted(names) == sorted(version.name for version in VERSIONS)
    assert all(one.reason.isprintable() for one in answer.unspoken)
    return answer


def spoken(survey: Survey) -> list[str]:
    return [one.version.name for one in survey.spoken]


@pytest.mark.parametrize("way", ["tls", "upgrade", "cleartext"])
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_the_reference_endpoint_speaks_its_own_version(version: Version, way: str) -> None:
    async def run() -> Survey:
        async with serve(version, tls=way == "tls") as listening:
            endpoint = Endpoint(
                listening.host,
                listening.port,
                way == "tls",
                sni=listening.server_name,
                cafile=listening.cafile,
            )
            return await ask(endpoint, upgrade=way == "upgrade")

    answer = asyncio.run(run())
    assert spoken(answer) == (RENAMED if version.name in RENAMED else [version.name])
    if way == "cleartext" and version.name in RENAMED:
        assert answer.spoken[0].note == "cannot be told from rfc9113 on cleartext"
    else:
        assert {one.note for one in answer.spoken} == {""}


@pytest.mark.peer
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "cleartext"])
@pytest.mark.parametrize("version", node_peers.VERSIONS)
def test_servers_of_the_drafts_speak_their_own_version(version: str, tls: bool) -> None:
    with node_peer(version, tls=tls) as server:
        answer = found(replace(Endpoint.parse(server.url), cafile=server.cafile))
    name = f"rfc{version}" if len(version) == 4 else f"draft-{version}"
    if tls:
        assert spoken(answer) == (RENAMED if name in RENAMED else [name])
    elif name in ("draft-16", "rfc7540"):  # nothing that they send is of one of these alone
        assert spoken(answer) == LATEST
        assert all("cannot be told from" in one.note for one in answer.spoken)
    else:
        assert spoken(answer) == [name]


@pytest.mark.peer
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "cleartext"])
@pytest.mark.parametrize("name", servers.NAMES)
def test_servers_of_today_speak_the_versions_of_today(name: str, tls: bool) -> None:
    with servers.running(name, tls=tls) as server:
        answer = found(server.endpoint)
    assert [one for one in spoken(answer) if one in RENAMED] == RENAMED
    assert set(spoken(answer)) <= set(LATEST)


@pytest.mark.peer
def test_what_is_not_spoken_is_told_with_its_reason() -> None:
    with node_peer("14", tls=False) as server:
        reasons = {
            one.version.name: one.reason for one in found(Endpoint.parse(server.url)).unspoken
        }
    assert reasons["draft-13"] == f"its first frame is that of {', '.join(LATEST)}"
    assert reasons["rfc9113"].endswith("PRIORITY on an idle stream, which rfc9113 allows")


def test_a_fault_that_every_version_forbids_rules_out_none() -> None:
    async def run() -> Survey:
        async with hostile("status-500") as target:
            return await ask(Endpoint(target.host, target.port, tls=False))

    answer = asyncio.run(run())
    assert spoken(answer) == LATEST


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_first_frames(version: Version) -> None:
    size = version.header.length_octets
    code = version.frames["SETTINGS"].code
    empty = bytes(size) + bytes([code, 0, 0, 0, 0, 0])
    assert starts(version, empty)
    assert starts(version, empty + b"more")
    assert not starts(version, empty[:-1])
    assert not starts(version, b"")
    assert not starts(version, empty[:-1] + b"\1")
    assert not starts(version, bytes(size) + bytes([code, 1, 0, 0, 0, 0]))
    assert not starts(version, bytes(size - 1) + bytes([1, code, 0, 0, 0, 0, 0]))
    assert not starts(version, b"\xff" * size + bytes([code, 0, 0, 0, 0, 0]))
    assert not starts(version, b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize("name", NONE_SPOKEN)
def test_a_target_without_any_version_is_one_line_and_exit_3(
    name: str, tmp_path: Path, command: Command
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(CASE, encoding="utf-8")
    start = time.monotonic()
    with hostile_thread(name) as target:
        options = ("--target", target.url, "--insecure", "--timeout", "0.3")
        more = ("--draft", "all", "--cases", str(mine), "--reports", str(tmp_path))
        code, out, err = command(*options, *more)
    assert (code, out) == (3, "")
    assert time.monotonic() - start < 60
    assert len(err.strip().splitlines()) == 1
    assert f"{target.url} speaks no version of HTTP/2: " in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_target_without_any_selected_case_is_exit_2(tmp_path: Path, command: Command) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(CASE.replace("12..", "12..13"), encoding="utf-8")
    with hostile_thread("status-500") as target:
        options = ("--target", target.url, "--timeout", "0.3", "--draft", "all")
        more = ("--cases", str(mine), "--reports", str(tmp_path))
        code, _, err = command(*options, *more)
    assert code == 2
    assert "nothing to run: the target speaks draft-14: not run: no case of" in err
