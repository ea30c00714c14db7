"""TLS: what is agreed on, what is refused with which words, and how it ends."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
import trustme

from h2spec_py.net import Channel, ChannelReset, ConnectError, Endpoint, connect

PATIENCE = 20.0
BIG = 4 * 1024 * 1024
_T = TypeVar("_T")
_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(work: Coroutine[object, object, _T]) -> _T:
    """Run `work`, for `PATIENCE` seconds at most."""
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def cafile(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(65536):
        writer.write(octets)
        await writer.drain()
    writer.close()


def server_context(
    authority: trustme.CA, alpn: Sequence[str] = ("h2",), name: str = "localhost"
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, "127.0.0.1").configure_cert(context)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


@contextlib.asynccontextmanager
async def serve(context: ssl.SSLContext | None, handler: _Handler = echo) -> AsyncIterator[int]:
    """Listen on a free port of the loopback, and give the port."""
    done: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        done.append(task)
        try:
            with contextlib.suppress(OSError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in done:
            task.cancel()
        await asyncio.gather(*done, return_exceptions=True)


async def failure(
    endpoint: Endpoint, alpn: Sequence[str] = ("h2",), within: float = PATIENCE
) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await connect(endpoint, alpn, within)
    message = str(caught.value)
    assert message.isascii()
    assert message.isprintable()
    return caught.value


def test_agreement_is_reported(authority: trustme.CA, cafile: str) -> None:
    async def play() -> None:
        async with serve(server_context(authority)) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            async with await connect(endpoint, ["h2"], PATIENCE) as channel:
                assert channel.alpn == "h2"
                assert channel.tls_version == "TLSv1.3"
                assert channel.cipher is not None
                assert channel.cipher.startswith("TLS_")
                await channel.write(b"hello")
                assert await channel.read(2) == b"he"
                assert await channel.read() == b"llo"

    run(play())


def test_tls_1_2_is_spoken(authority: trustme.CA, cafile: str) -> None:
    async def play() -> None:
        context = server_context(authority)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        async with serve(context) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            async with await connect(endpoint, ["h2"], PATIENCE) as channel:
                assert channel.tls_version == "TLSv1.2"
                await channel.write(b"hello")
                assert await channel.read() == b"hello"

    run(play())


def test_many_octets_both_ways(authority: trustme.CA, cafile: str) -> None:
    async def play() -> None:
        async with serve(server_context(authority)) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            async with await connect(endpoint, ["h2"], PATIENCE) as channel:
                sent = bytes(range(256)) * (BIG // 256)
                writing = asyncio.create_task(channel.write(sent))
                got = bytearray()
                while len(got) < BIG:
                    got += await channel.read()
                await writing
                assert got == sent

    run(play())


def test_an_unknown_authority_is_refused_unless_insecure(authority: trustme.CA) -> None:
    async def play() -> None:
        async with serve(server_context(authority)) as port:
            error = await failure(Endpoint("127.0.0.1", port, tls=True))
            assert error.kind == "tls"
            assert "unable to get local issuer certificate" in str(error)
            assert "--insecure" in str(error)
            endpoint = Endpoint("127.0.0.1", port, tls=True, insecure=True)
            async with await connect(endpoint, ["h2"], PATIENCE) as channel:
                assert channel.alpn == "h2"

    run(play())


def test_the_name_is_verified_and_can_be_given(authority: trustme.CA, cafile: str) -> None:
    async def play() -> None:
        names: list[str | None] = []
        context = server_context(authority, name="site.test")
        context.sni_callback = lambda _object, name, _context: names.append(name)
        async with serve(context) as port:
            wrong = Endpoint("127.0.0.1", port, tls=True, cafile=cafile, sni="other.test")
            error = await failure(wrong)
            assert error.kind == "tls"
            assert "other.test" in str(error)
            right = Endpoint("127.0.0.1", port, tls=True, cafile=cafile, sni="site.test")
            async with await connect(right, ["h2"], PATIENCE) as channel:
                assert channel.alpn == "h2"
        assert names == ["other.test", "site.test"]

    run(play())


@pytest.mark.parametrize("spoken", [[], ["http/1.1"]])
def test_a_target_without_our_protocol(
    authority: trustme.CA, cafile: str, spoken: list[str]
) -> None:
    async def play() -> None:
        async with serve(server_context(authority, alpn=spoken)) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            error = await failure(endpoint)
            assert error.kind == "alpn"
            assert "chose no protocol by ALPN, offered: h2" in str(error)

    run(play())


def test_a_target_without_alpn_is_fine_when_none_is_asked_for(
    authority: trustme.CA, cafile: str
) -> None:
    async def play() -> None:
        async with serve(server_context(authority)) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            async with await connect(endpoint, [], PATIENCE) as channel:
                assert channel.alpn is None

    run(play())


def test_the_first_of_several_protocols_that_the_target_knows(
    authority: trustme.CA, cafile: str
) -> None:
    async def play() -> None:
        async with serve(server_context(authority, alpn=["http/1.1"])) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            async with await connect(endpoint, ["h2", "http/1.1"], PATIENCE) as channel:
                assert channel.alpn == "http/1.1"

    run(play())


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()
    await reader.read()


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _reader.read(1)
    await _reader.read(65536)
    writer.close()


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    linger(writer)


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def linger(writer: asyncio.StreamWriter) -> None:
    """Make the close that follows a TCP reset."""
    wire = writer.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    ("handler", "kind", "says"),
    [
        (_plain, "tls", "does not seem to speak TLS"),
        (_close, "tls", "closed the connection during the TLS handshake"),
        (_reset, "tls", "reset the connection during the TLS handshake"),
        (_silent, "timeout", "did not finish the TLS handshake within 0.1 s"),
    ],
)
def test_targets_that_do_not_speak_tls(handler: _Handler, kind: str, says: str) -> None:
    async def play() -> None:
        async with serve(None, handler) as port:
            patience = 0.1 if kind == "timeout" else PATIENCE
            error = await failure(Endpoint("127.0.0.1", port, tls=True), within=patience)
            assert error.kind == kind
            assert says in str(error)

    run(play())


@pytest.mark.parametrize(
    ("alert", "kind", "says"),
    [
        (120, "alpn", "the target refused by ALPN, offered: h2"),
        (70, "tls", "protocol version"),
        (40, "tls", "handshake failure"),
    ],
)
def test_the_alert_of_a_refusal_is_told(alert: int, kind: str, says: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(bytes([21, 3, 3, 0, 2, 2, alert]))
        writer.write_eof()
        await reader.read()

    async def play() -> None:
        async with serve(None, refuse) as port:
            error = await failure(Endpoint("127.0.0.1", port, tls=True))
            assert error.kind == kind
            assert says in str(error)

    run(play())


@contextlib.asynccontextmanager
async def ending(authority: trustme.CA, cafile: str, handler: _Handler) -> AsyncIterator[Channel]:
    async with serve(server_context(authority), handler) as port:
        endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
        async with await connect(endpoint, ["h2"], PATIENCE) as channel:
            yield channel


def test_close_notify_is_an_orderly_end(authority: trustme.CA, cafile: str) -> None:
    async def bye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.close()
        await writer.wait_closed()

    async def play() -> None:
        async with ending(authority, cafile, bye) as channel:
            assert await channel.read() == b"bye"
            assert await channel.read() == b""
            assert await channel.read() == b""
            assert not channel.truncated
            assert channel.end_note == "closed with close_notify"

    run(play())


def test_an_end_without_close_notify_is_noted(authority: trustme.CA, cafile: str) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await reader.read()

    async def play() -> None:
        async with ending(authority, cafile, cut) as channel:
            assert await channel.read() == b"bye"
            assert await channel.read() == b""
            assert channel.truncated
            assert channel.end_note == "closed without a TLS close_notify"

    run(play())


def test_what_came_before_a_reset_is_read_also_after_a_failed_write(
    authority: trustme.CA, cafile: str
) -> None:
    is_reset = asyncio.Event()

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        linger(writer)
        is_reset.set()

    async def play() -> None:
        async with ending(authority, cafile, cut) as channel:
            await is_reset.wait()
            while channel.write_failed is None:
                await channel.write(b"x")
            assert channel.write_failed == "connection reset by peer"
            assert await channel.read() == b"bye"
            with pytest.raises(ChannelReset):
                await channel.read()

    run(play())


def test_octets_that_are_not_tls_end_it(authority: trustme.CA, cafile: str) -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket")._sock.send(b"\x00" * 100)
        await reader.read()

    async def play() -> None:
        async with ending(authority, cafile, garbage) as channel:
            assert await channel.read() == b""
            assert channel.truncated
            assert channel.end_note is not None
            assert channel.end_note.startswith("TLS ended: ")
            await channel.write(b"too late")
            assert channel.write_failed is not None

    run(play())


def test_close_says_close_notify(authority: trustme.CA, cafile: str) -> None:
    heard: asyncio.Future[bytes]

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())  # raises for an end without close_notify

    async def play() -> None:
        nonlocal heard
        heard = asyncio.get_running_loop().create_future()
        async with serve(server_context(authority), listen) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile)
            channel = await connect(endpoint, ["h2"], PATIENCE)
            await channel.write(b"bye")
            await channel.close()
            assert await heard == b"bye"

    run(play())


def test_the_secrets_are_logged(authority: trustme.CA, cafile: str, tmp_path: Path) -> None:
    keylog = tmp_path / "keys"

    async def play() -> None:
        async with serve(server_context(authority)) as port:
            endpoint = Endpoint("127.0.0.1", port, tls=True, cafile=cafile, keylog=str(keylog))
            async with await connect(endpoint, ["h2"], PATIENCE):
                pass

    run(play())
    assert "CLIENT_TRAFFIC_SECRET_0 " in keylog.read_text()


@pytest.mark.parametrize(
    ("field", "name", "says"),
    [
        ("cafile", "missing/ca.pem", "cannot read the CA file"),
        ("cafile", "empty.pem", "no PEM certificates in the CA file"),
        ("keylog", "missing/keys", "cannot write the key log"),
    ],
)
def test_our_own_files_are_our_own_fault(tmp_path: Path, field: str, name: str, says: str) -> None:
    (tmp_path / "empty.pem").touch()
    path = str(tmp_path / name)
    cafile, keylog = (path, None) if field == "cafile" else (None, path)
    error = run(failure(Endpoint("127.0.0.1", 9, tls=True, cafile=cafile, keylog=keylog)))
    assert error.kind == "local"
    assert says in str(error)


def test_a_name_that_tls_cannot_carry() -> None:
    error = run(failure(Endpoint("127.0.0.1", 9, tls=True, insecure=True, sni=".test")))
    assert (error.kind, "'.test' cannot be used as a server name" in str(error)) == ("tls", True)
