"""Servers of the drafts' own time: they answer, and nothing is held against them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from h2spec_py.case.model import Octets, Open, Request
from h2spec_py.engine.options import Limits, Target
from h2spec_py.engine.session import Session
from h2spec_py.peer import Breach
from h2spec_py.spec import Version, find_version
from tests.support.node_peers import VERSIONS, node_peer
from tests.support.servers import RealServer

PATIENCE = 20.0

REQUESTS = (
    Request(request="GET", stream=1),
    Request(request="HEAD", stream=3),
    Request(request="POST", stream=5, body=Octets(text="hello")),
    Request(request="GET", stream=7),
)


async def converse(version: Version, server: RealServer) -> tuple[list[str], list[Breach]]:
    endpoint = replace(server.endpoint, insecure=True)
    target = Target(endpoint, version, False, upload_path=server.upload_path)
    async with Session(target, Limits(), PATIENCE) as session:
        assert await session.open(Open())
        for request in REQUESTS:
            session.send(session.composer.request(request))
        ping = session.ping()
        session.send([ping])
        streams = [session.composer.stream(request.stream) for request in REQUESTS]

        def answered() -> bool:
            found = [session.seen.responses.get(stream) for stream in streams]
            ended = all(response is not None and response.ended for response in found)
            return bool(session.seen.end) or (ended and session.acknowledged(ping))

        assert await session.wait(answered, PATIENCE)
        answers = [session.seen.responses[stream].status for stream in streams]
        return answers, session.seen.breaches


@pytest.mark.parametrize("tls", [False, True], ids=["cleartext", "tls"])
@pytest.mark.parametrize("short", VERSIONS)
def test_nothing_is_held_against_a_server_of_the_time(short: str, tls: bool) -> None:
    with node_peer(short, tls=tls) as server:
        answers, breaches = asyncio.run(converse(find_version(short), server))
    assert breaches == []
    assert [status[0] for status in answers] == ["2"] * 4
