"""What is said of a target that does not start a version: one line, with what it does instead."""

from __future__ import annotations

import asyncio

import pytest

from h2spec_py.engine import Options, Target
from h2spec_py.engine.session import Session
from h2spec_py.engine.survey import _refusal, refused
from h2spec_py.net import ConnectError, Endpoint
from h2spec_py.peer import Breach, Received
from h2spec_py.reference.listener import serve
from h2spec_py.spec import find_version
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.payload import Goaway

OPTIONS = Options(timeout=5.0)
NOWHERE = Target(Endpoint("127.0.0.1", 9, tls=True), find_version("13"))
ALPN = ConnectError("alpn", "the target refused by ALPN, offered: h2-13")
PROTOCOL_ERROR = 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectError("tls", "no TLS there"), "tls: no TLS there"),
        (
            ConnectError("upgrade", "it answered 200"),
            "upgrade: asked for draft-13; it answered 200",
        ),
        (ALPN, f"alpn: asked for draft-13; {ALPN}"),
    ],
    ids=["tls", "upgrade", "alpn"],
)
def test_a_target_that_nothing_more_can_be_learned_of(error: ConnectError, said: str) -> None:
    assert asyncio.run(refused(NOWHERE, OPTIONS, error)) == said


def test_what_the_target_chooses_by_alpn_instead_is_told() -> None:
    async def play() -> str:
        async with serve(find_version("14"), tls=True) as listening:
            endpoint = Endpoint(listening.host, listening.port, tls=True, insecure=True)
            return await refused(Target(endpoint, find_version("13")), OPTIONS, ALPN)

    said = "alpn: asked for draft-13 (h2-13); the target chose h2-14"
    assert asyncio.run(play()) == said


def session() -> Session:
    return Session(NOWHERE, OPTIONS.limits, OPTIONS.timeout)


def test_a_start_that_nothing_is_wrong_with_is_no_refusal() -> None:
    assert _refusal(session()) == ""


def test_what_cannot_be_read_goes_before_how_a_target_broke_off() -> None:
    other = session()
    other.seen.end = "closed"
    assert _refusal(other) == "the target ended the connection at the start"
    other.seen.note(Breach("settings.length", "connection", "PROTOCOL_ERROR", 0, "SETTINGS of 3"))
    assert _refusal(other) == "the target ended the connection at the start"  # a fault like others
    other.seen.note(Breach("hpack.index", "connection", "COMPRESSION_ERROR", 0, "index 99"))
    assert _refusal(other, "in answer to GET") == "index 99 in answer to GET"
    goaway = Goaway(last_stream=0, error=PROTOCOL_ERROR, debug=b"")
    other.seen.note(Received(Frame(7), "GOAWAY", goaway, None))
    assert _refusal(other) == "the target sent GOAWAY(PROTOCOL_ERROR) at the start"
