"""The reference endpoint on a port of loopback."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Collection, Coroutine
from typing import TypeVar

import pytest

from h2spec_py.peer import Connection, Received
from h2spec_py.reference import serve
from h2spec_py.reference.listener import Listening
from h2spec_py.spec import VERSIONS, Version, find_version
from h2spec_py.wire.payload import Settings, SettingsEntry, write_payload
from tests.peer.wires import Wire

EVERY = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)

T = TypeVar("T")


def run(coroutine: Coroutine[object, object, T]) -> T:
    """Run with a bound on time that only a hanging test reaches."""
    return asyncio.run(asyncio.wait_for(coroutine, 20))


class Client:
    """A raw connection."""

    def __init__(
        self, version: Version, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.wire = Wire(version)
        self.version = version
        self.reader = reader
        self.writer = writer
        self.peer = Connection(version, "client")
        self.frames: list[Received] = []

    @property
    def names(self) -> list[str | None]:
        return [received.name for received in self.frames]

    async def until(self, name: str) -> Received:
        """Read until a frame of a type has come."""
        while name not in self.names:
            data = await self.reader.read(65536)
            assert data, f"closed before {name}: {self.names}"
            self.take(data)
        return self.frames[self.names.index(name)]

    async def rest(self) -> None:
        """Read to the end."""
        self.take(await self.reader.read())

    def take(self, data: bytes) -> None:
        for event in self.peer.receive(data):
            assert isinstance(event, Received), event
            self.frames.append(event)


async def connect(
    version: Version, listening: Listening, context: ssl.SSLContext | None = None
) -> Client:
    name = "localhost" if context else None
    streams = await asyncio.open_connection(
        listening.host, listening.port, ssl=context, server_hostname=name
    )
    return Client(version, *streams)


def acknowledgement(version: Version) -> list[str]:
    """The frame that acknowledges SETTINGS, where there is one."""
    return ["SETTINGS"] if version.settings_ack else []


def hello(client: Client) -> bytes:
    """A preface and a request, noted as sent."""
    frames = [client.wire.settings(), client.wire.headers(1)]
    client.peer.sent_octets(client.version.preface)
    for frame in frames:
        client.peer.sent(frame)
    return client.version.preface + client.wire.octets(*frames)


def trusting(listening: Listening, *alpn: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=listening.cafile)
    context.set_alpn_protocols(list(alpn))
    return context


@EVERY
def test_prior_knowledge(version: Version) -> None:
    async def main() -> None:
        async with serve(version) as listening:
            assert listening.url == f"http://127.0.0.1:{listening.port}/"
            client = await connect(version, listening)
            client.writer.write(hello(client))
            await client.until("DATA")
            assert client.names == ["SETTINGS", *acknowledgement(version), "HEADERS", "DATA"]
            client.writer.close()

    run(main())


@EVERY
def test_tls(version: Version) -> None:
    async def main() -> None:
        async with serve(version, tls=True) as listening:
            assert listening.url.startswith("https://")
            client = await connect(version, listening, trusting(listening, version.alpn))
            await client.until("SETTINGS")  # before anything of ours
            client.writer.write(hello(client))
            await client.until("DATA")
            client.writer.write(client.wire.octets(client.wire.data(0)))
            await client.rest()
            assert client.names[-1] == "GOAWAY"
            client.writer.close()

    run(main())


@EVERY
def test_tls_without_the_token_is_closed(version: Version) -> None:
    async def main(*alpn: str) -> bytes:
        async with serve(version, tls=True) as listening:
            client = await connect(version, listening, trusting(listening, *alpn))
            rest = await client.reader.read()
            client.writer.close()
            return rest

    assert run(main("http/1.1")) == b""
    assert run(main("h2-99", "spdy/3")) == b""


async def converse(version: Version, octets: bytes, violate: Collection[str] = ()) -> bytes:
    """Send octets, and read until the server closes."""
    async with serve(version, violate=violate) as listening:
        reader, writer = await asyncio.open_connection(listening.host, listening.port)
        writer.write(octets)
        answer = await reader.read()
        writer.close()
        return answer


@EVERY
def test_error_ends_the_connection(version: Version) -> None:
    wire = Wire(version)
    octets = run(converse(version, version.preface + wire.octets(wire.settings(), wire.data(0))))
    frames = [e for e in Connection(version, "client").receive(octets) if isinstance(e, Received)]
    names = ["SETTINGS", *acknowledgement(version), "GOAWAY"]
    assert [frame.name for frame in frames] == names


@EVERY
def test_goaway_survives_what_is_still_on_its_way(version: Version) -> None:
    """A reset because of unread octets would destroy the GOAWAY."""

    async def main() -> list[str | None]:
        async with serve(version) as listening:
            client = await connect(version, listening)
            wire = client.wire
            client.peer.sent(wire.settings())
            start = version.preface + wire.octets(wire.settings(), wire.data(0))
            client.writer.write(start + bytes(4_000_000))
            await client.writer.drain()
            await client.rest()
            client.writer.close()
            return client.names

    assert run(main())[-1] == "GOAWAY"


@EVERY
def test_garbage_is_answered_with_goaway(version: Version) -> None:
    for garbage in (
        bytes(100),
        b"\x16\x03\x01 a client hello",
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
    ):
        octets = run(converse(version, garbage))
        events = Connection(version, "client").receive(octets)
        assert [getattr(event, "name", event) for event in events] == ["SETTINGS", "GOAWAY"]


@EVERY
def test_other_requests_of_http1(version: Version) -> None:
    answer = run(converse(version, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 426 ")
    assert f"Upgrade: {version.upgrade}\r\n".encode() in answer
    answer = run(converse(version, b"GET / HTTP/1.1\r\nHost\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 ")


def upgrade_request(version: Version, settings: bytes = b"") -> bytes:
    if not settings:
        entries = SettingsEntry(version.settings["MAX_CONCURRENT_STREAMS"].id, 100)
        payload = write_payload(version, Settings((entries,)))
        settings = base64.urlsafe_b64encode(payload).rstrip(b"=")
    return (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: " + version.upgrade.encode() + b"\r\nHTTP2-Settings: " + settings + b"\r\n\r\n"
    )


@EVERY
def test_upgrade(version: Version) -> None:
    async def main() -> None:
        async with serve(version) as listening:
            client = await connect(version, listening)
            octets = upgrade_request(version)
            for octet in octets:
                client.writer.write(bytes([octet]))
                await client.writer.drain()
            head = await client.reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            client.peer.upgraded()
            await client.until("DATA")
            wire = client.wire
            client.peer.sent(wire.settings())
            client.writer.write(version.preface + wire.octets(wire.settings()))
            client.writer.write(wire.octets(wire.data(0)))
            await client.rest()
            behind = [*acknowledgement(version), "GOAWAY"]
            assert client.names == ["SETTINGS", "HEADERS", "DATA", *behind]
            client.writer.close()

    run(main())


@EVERY
def test_connection_stays_open_when_told_so(version: Version) -> None:
    async def main() -> None:
        async with serve(version, violate={"error.close-connection"}) as listening:
            client = await connect(version, listening)
            client.writer.write(hello(client) + client.wire.octets(client.wire.data(0)))
            await client.until("GOAWAY")
            client.writer.write(client.wire.octets(client.wire.ping()))
            client.writer.write_eof()
            await client.rest()  # only our own end ends it
            assert client.names[-1] == "GOAWAY"
            client.writer.close()

    run(main())


def test_no_goaway_when_told_so() -> None:
    version = find_version("9113")
    wire = Wire(version)
    octets = version.preface + wire.octets(wire.settings(), wire.data(0))
    answer = run(converse(version, octets, {"error.goaway-first"}))
    frames = [e for e in Connection(version, "client").receive(answer) if isinstance(e, Received)]
    assert [frame.name for frame in frames] == ["SETTINGS", "SETTINGS"]


@pytest.mark.parametrize("tls", [False, True])
def test_leaving_ends_open_connections(tls: bool) -> None:
    version = find_version("9113")

    async def main() -> bytes:
        async with serve(version, tls=tls) as listening:
            context = trusting(listening, version.alpn) if tls else None
            client = await connect(version, listening, context)
            client.writer.write(hello(client))
            await client.until("DATA")
        try:
            rest = await client.reader.read()
        except ConnectionError:
            rest = b""
        client.writer.close()
        return rest

    assert run(main()) == b""


def test_clients_that_leave_at_once_harm_nothing() -> None:
    version = find_version("7540")

    async def main() -> None:
        async with serve(version) as listening:
            for octets in (b"", b"PRI", b"GET / HT", version.preface):
                _, writer = await asyncio.open_connection(listening.host, listening.port)
                writer.write(octets)
                writer.transport.abort()
            client = await connect(version, listening)
            client.writer.write(hello(client))
            await client.until("DATA")
            client.writer.close()

    run(main())


def test_unknown_requirements_are_refused_before_listening() -> None:
    async def main() -> None:
        async with serve(find_version("9113"), violate={"no.such"}):
            raise AssertionError("it listens")

    with pytest.raises(ValueError, match=r"no\.such"):
        run(main())
