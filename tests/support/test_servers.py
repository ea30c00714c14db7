"""The real servers start, speak HTTP/2 to our network layer, take an upload, and stop."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from h2spec_py.net import Channel, connect, upgrade
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.hpack import Decoder, Encoder, HeaderField, plain
from tests.support import server_kinds, servers
from tests.support.asgi_app import PAGE
from tests.support.behaviours import VERSION
from tests.support.servers import NAMES, RealServer, running

PATIENCE = 20.0
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1


def frame(name: str, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return encode_frame(VERSION.header, Frame(VERSION.frames[name].code, flags, stream, payload))


async def answer(channel: Channel, stream: int) -> tuple[dict[bytes, bytes], bytes]:
    """Read the response on `stream`: its fields and its content."""
    frames, decoder = FrameReader(VERSION.header), Decoder(VERSION.hpack)
    fields: dict[bytes, bytes] = {}
    content = b""
    while octets := await channel.read():
        frames.feed(octets)
        while (found := frames.next()) is not None:
            kind = VERSION.frame_by_code(found.type)
            assert kind is not None
            assert kind.name not in {"GOAWAY", "RST_STREAM"}, found
            if kind.name == "SETTINGS" and not found.flags & ACK:
                await channel.write(frame("SETTINGS", ACK))
            if kind.name == "HEADERS":
                fields |= {one.name: one.value for one in decoder.decode(found.payload)}
            if kind.name == "DATA":
                content += found.payload
            if found.stream == stream and found.flags & END_STREAM:
                return fields, content
    raise AssertionError("the connection ended before the response did")


def request(server: RealServer, method: bytes, path: str, content: bytes = b"") -> bytes:
    endpoint = server.endpoint
    fields = [
        (b":method", method),
        (b":scheme", endpoint.scheme.encode()),
        (b":authority", endpoint.authority.encode()),
        (b":path", path.encode()),
    ]
    if content:
        fields.append((b"content-length", b"%d" % len(content)))
    block = Encoder(VERSION.hpack).encode(plain(HeaderField(*field) for field in fields))
    if not content:
        return frame("HEADERS", END_STREAM | END_HEADERS, 1, block)
    return frame("HEADERS", END_HEADERS, 1, block) + frame("DATA", END_STREAM, 1, content)


async def exchange(server: RealServer, octets: bytes) -> tuple[dict[bytes, bytes], bytes]:
    async with asyncio.timeout(PATIENCE):
        async with await connect(server.endpoint, [VERSION.alpn], PATIENCE) as channel:
            assert channel.alpn == (VERSION.alpn if server.endpoint.tls else None)
            await channel.write(VERSION.preface + frame("SETTINGS") + octets)
            return await answer(channel, 1)


@pytest.mark.peer
@pytest.mark.parametrize("tls", [False, True], ids=["cleartext", "tls"])
@pytest.mark.parametrize("name", NAMES)
def test_it_serves_and_stops(name: str, tls: bool) -> None:
    with running(name, tls=tls) as server:
        fields, content = asyncio.run(exchange(server, request(server, b"GET", "/")))
        assert (fields[b":status"], content) == (b"200", PAGE)
        upload = request(server, b"POST", server.upload_path, b"x" * 5000)
        fields, content = asyncio.run(exchange(server, upload))
        assert fields[b":status"] == b"200"
        assert content
        assert server.alive()
    assert not server.alive()
    assert not Path(server.log).exists()


@pytest.mark.peer
def test_hypercorn_takes_the_upgrade() -> None:
    async def play(server: RealServer) -> dict[bytes, bytes]:
        async with asyncio.timeout(PATIENCE):
            async with await connect(server.endpoint, [], PATIENCE) as channel:
                target = replace(server.endpoint, path="/")
                await upgrade(channel, target, VERSION.upgrade, b"", timeout=PATIENCE)
                await channel.write(VERSION.preface + frame("SETTINGS"))
                return (await answer(channel, 1))[0]

    with running("hypercorn", tls=False) as server:
        assert asyncio.run(play(server))[b":status"] == b"200"


def test_a_missing_server_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_kinds, "program", lambda _name: None)
    monkeypatch.delenv("H2SPEC_PY_REQUIRE_PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="nginx is not installed"):
        running("nginx", tls=True).__enter__()
    monkeypatch.setenv("H2SPEC_PY_REQUIRE_PEERS", "1")
    with pytest.raises(pytest.fail.Exception, match="nginx is not installed, and"):
        running("nginx", tls=True).__enter__()


def test_a_server_that_cannot_start_is_told_with_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []

    def spawn(command: object, directory: Path) -> subprocess.Popen[bytes]:
        tried.append(command)
        (directory / "log").write_text("no such luck")
        return subprocess.Popen(["false"])

    monkeypatch.setattr(servers, "_spawn", spawn)
    monkeypatch.setattr(server_kinds, "_found", lambda name: name)
    monkeypatch.setattr(server_kinds, "program", lambda name: name)
    with pytest.raises(pytest.fail.Exception, match="nghttpd does not start: no such luck"):
        running("nghttpd", tls=False).__enter__()
    assert len(tried) == servers.ATTEMPTS
