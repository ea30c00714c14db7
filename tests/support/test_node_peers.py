"""The servers of the drafts speak their version to our wire: requests, uploads, a refusal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from h2spec_py.net import Channel, connect
from h2spec_py.spec import Version
from h2spec_py.spec.versions import TABLES
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.hpack import Decoder, Encoder, HeaderField, plain
from h2spec_py.wire.payload import Continuation, Data, Headers, parse_payload
from tests.support import node_peers, npm
from tests.support.asgi_app import PAGE
from tests.support.node_peers import NODE, VERSIONS, node_peer
from tests.support.servers import RealServer

PATIENCE = 20.0
TABLE = {version.short: version for version in TABLES}


class Client:
    """One connection of a client that knows just enough of a version to ask and to listen."""

    def __init__(self, version: Version, channel: Channel, server: RealServer) -> None:
        self.version, self.channel, self.server = version, channel, server
        self.reader = FrameReader(version.header)
        self.encoder = Encoder(version.hpack, direction="request")
        self.decoder = Decoder(version.hpack, direction="response")

    async def send(self, name: str, *flags: str, stream: int = 0, payload: bytes = b"") -> None:
        kind = self.version.frames[name]
        bits = sum(kind.flags[flag] for flag in flags)
        octets = encode_frame(self.version.header, Frame(kind.code, bits, stream, payload))
        await self.channel.write(octets)

    async def request(self, method: str, path: str, *flags: str, stream: int = 1) -> None:
        endpoint = self.server.endpoint
        parts = {
            "method": method,
            "scheme": endpoint.scheme,
            "authority": endpoint.authority,
            "path": path,
        }
        fields = [
            HeaderField(self.version.pseudo[part].encode(), value.encode())
            for part, value in parts.items()
        ]
        block = self.encoder.encode(plain(fields))
        await self.send("HEADERS", "END_HEADERS", *flags, stream=stream, payload=block)

    async def frames(self) -> AsyncIterator[tuple[str, Frame]]:
        """Give the frames that come, by name, and acknowledge what asks for it."""
        while octets := await self.channel.read():
            self.reader.feed(octets)
            while (found := self.reader.next()) is not None:
                name = self.version.frame_name(found.type)
                acknowledged = self.version.has_flag(found.type, found.flags, "ACK")
                if name == "SETTINGS" and self.version.settings_ack and not acknowledged:
                    await self.send("SETTINGS", "ACK")
                yield name, found

    async def answer(self, stream: int = 1) -> tuple[dict[bytes, bytes], bytes]:
        """Read the response on a stream: its fields and its content."""
        fields: dict[bytes, bytes] = {}
        block = content = b""
        async for name, found in self.frames():
            assert name not in {"GOAWAY", "RST_STREAM"}, found
            if found.stream != stream:
                continue
            match parse_payload(self.version, found):
                case Headers(block=part) | Continuation(block=part):
                    block += part
                    if self.version.has_flag(found.type, found.flags, "END_HEADERS"):
                        fields |= {one.name: one.value for one in self.decoder.decode(block)}
                        block = b""
                case Data(data=part):
                    content += part
            if self.version.has_flag(found.type, found.flags, "END_STREAM"):
                return fields, content
        raise AssertionError("the connection ended before the response did")


@asynccontextmanager
async def client(version: Version, server: RealServer) -> AsyncIterator[Client]:
    async with asyncio.timeout(PATIENCE):
        async with await connect(server.endpoint, [version.alpn], PATIENCE) as channel:
            assert channel.alpn == (version.alpn if server.endpoint.tls else None)
            await channel.write(version.preface)
            ours = Client(version, channel, server)
            await ours.send("SETTINGS")
            yield ours


each_peer = pytest.mark.parametrize("short", VERSIONS)
each_transport = pytest.mark.parametrize("tls", [False, True], ids=["cleartext", "tls"])


@pytest.mark.peer
@each_transport
@each_peer
def test_it_serves_and_stops(short: str, tls: bool) -> None:
    version = TABLE[short]

    async def play(server: RealServer) -> None:
        async with client(version, server) as ours:
            for stream in (1, 3):  # the second header block refers to the table that the first left
                await ours.request("GET", "/", "END_STREAM", stream=stream)
                fields, content = await ours.answer(stream)
                assert fields[b":status"] == b"200"
                assert fields[b"content-length"] == b"%d" % len(content)
                assert content == PAGE
            await ours.request("POST", server.upload_path, stream=5)
            await ours.send("DATA", stream=5, payload=b"x" * 4000)
            await ours.send("DATA", "END_STREAM", stream=5, payload=b"x" * 1000)
            fields, content = await ours.answer(5)
            assert (fields[b":status"], content) == (b"200", b"received 5000 octets\n")

    with node_peer(short, tls=tls) as server:
        asyncio.run(play(server))
        assert server.alive()
    assert not server.alive()
    assert not server.log.exists()


@pytest.mark.peer
@each_transport
@each_peer
def test_it_refuses_a_fault_and_serves_on(short: str, tls: bool) -> None:
    version = TABLE[short]

    async def fault(server: RealServer) -> list[str]:
        async with client(version, server) as ours:
            await ours.send("DATA", payload=b"on stream 0")
            return [name async for name, _ in ours.frames()]

    async def serve(server: RealServer) -> bytes:
        async with client(version, server) as ours:
            await ours.request("HEAD", "/", "END_STREAM")
            return (await ours.answer())[0][b":status"]

    with node_peer(short, tls=tls) as server:
        assert asyncio.run(fault(server))[-1] == "GOAWAY"
        assert asyncio.run(serve(server)) == b"200"


def test_a_missing_installation_skips_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("H2SPEC_PY_NODE_PEERS", str(tmp_path))
    monkeypatch.delenv("H2SPEC_PY_REQUIRE_PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"not installed \(run tests/support/node/inst"):
        node_peer("14", tls=False).__enter__()
    monkeypatch.setenv("H2SPEC_PY_REQUIRE_PEERS", "1")
    with pytest.raises(pytest.fail.Exception, match=r"are not installed .*, and H2SPEC"):
        node_peer("14", tls=False).__enter__()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / ".package-lock.json").touch()
    (tmp_path / "package-lock.json").write_text("{}")
    assert "not those that the tests want" in (npm.missing(NODE) or "")
    (tmp_path / "package-lock.json").write_bytes((npm.SCRIPTS / "package-lock.json").read_bytes())
    assert npm.missing(NODE) == "no node-4 was made for this machine"


@pytest.mark.parametrize("program", ["echo no such luck >&2", "exec sleep 60"])
def test_a_server_that_cannot_start_is_told_with_its_words(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn = node_peers._spawn
    monkeypatch.setattr(node_peers, "START", 0.1)
    monkeypatch.setattr(npm, "missing", lambda _: None)
    monkeypatch.setattr(node_peers, "_spawn", lambda _, at: spawn(["sh", "-c", program], at))
    said = "no such luck" if "luck" in program else "$"
    with pytest.raises(pytest.fail.Exception, match=f"draft-06 by .* does not start: {said}"):
        node_peer("06", tls=False).__enter__()
