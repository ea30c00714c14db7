"""Octets over TCP: nothing that arrived is lost, nothing can hang, nothing leaks."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from typing import TypeVar

import pytest

from h2spec_py.net import Channel, ChannelReset, ConnectError, Endpoint, connect
from h2spec_py.net import tcp as tcp_module

PATIENCE = 20.0
BIG = 8 * 1024 * 1024
_T = TypeVar("_T")


def run(work: Coroutine[object, object, _T]) -> _T:
    """Run `work`, for `PATIENCE` seconds at most."""
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


@contextlib.asynccontextmanager
async def pair(*, stall: float = PATIENCE) -> AsyncIterator[tuple[Channel, socket.socket]]:
    """Give a channel, and the blocking socket at its other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    far.settimeout(PATIENCE)
    with far:
        async with Channel(near, stall=stall) as channel:
            yield channel, far


def reset(far: socket.socket) -> None:
    """Close with a TCP reset."""
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    far.close()


async def read_all(channel: Channel) -> bytes:
    """Everything up to the orderly end."""
    parts = []
    while part := await channel.read():
        parts.append(part)
    return b"".join(parts)


def test_octets_go_both_ways_and_the_end_is_told() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            await channel.write(b"ping")
            assert far.recv(10) == b"ping"
            far.sendall(b"pong")
            assert await channel.read(2) == b"po"
            assert await channel.read() == b"ng"
            far.shutdown(socket.SHUT_WR)
            assert await channel.read() == b""
            assert await channel.read() == b""
            assert channel.end_note == "closed"
            await channel.write(b"half-closed, yet heard")
            assert far.recv(100) == b"half-closed, yet heard"
            assert channel.write_failed is None

    run(play())


def test_what_came_before_a_reset_is_read_first() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            far.sendall(b"GOAWAY")
            reset(far)
            assert await channel.read() == b"GOAWAY"
            for _ in range(2):
                with pytest.raises(ChannelReset, match="connection reset by peer"):
                    await channel.read()
            assert channel.end_note == "connection reset by peer"

    run(play())


def test_a_failed_write_keeps_what_was_received_and_the_reset() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            far.sendall(b"GOAWAY")
            reset(far)
            await channel.write(b"x" * 10)
            assert channel.write_failed == "connection reset by peer"
            await channel.write(b"y" * 10)
            assert channel.write_failed == "connection reset by peer"
            assert await channel.read() == b"GOAWAY"
            with pytest.raises(ChannelReset):
                await channel.read()

    run(play())


def test_a_write_after_an_orderly_close_keeps_the_orderly_end() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            far.sendall(b"GOAWAY")
            far.close()
            await channel.write(b"is answered with a reset by the kernel")
            await channel.write(b"and this one fails")
            assert channel.write_failed == "broken pipe"
            assert await channel.read() == b"GOAWAY"
            assert await channel.read() == b""

    run(play())


def test_a_target_that_does_not_read_stalls_a_write_for_a_bounded_time() -> None:
    async def play() -> None:
        async with pair(stall=0.05) as (channel, far):
            far.sendall(b"still heard")
            await channel.write(bytes(BIG))
            assert channel.write_failed == "the target read nothing for 0.05 s"
            await channel.write(b"more")
            assert await channel.read() == b"still heard"

    run(play())


def test_reading_goes_on_while_a_write_is_stuck_in_a_flood() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            loop = asyncio.get_running_loop()
            flood = loop.run_in_executor(None, far.sendall, bytes(BIG))
            writing = asyncio.create_task(channel.write(b"w" * BIG))
            seen = 0
            while seen < BIG:
                seen += len(await channel.read())
            await flood
            assert not writing.done()  # nobody has read a single octet of it
            got = 0
            while got < BIG:
                got += len(await loop.run_in_executor(None, far.recv, BIG))
            await writing
            assert channel.write_failed is None
            assert got == BIG

    run(play())


def test_the_rest_of_a_cancelled_write_goes_first() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            loop = asyncio.get_running_loop()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await channel.write(b"a" * BIG)
            writing = asyncio.create_task(channel.write(b"b"))
            got = b""
            while len(got) < BIG + 1:
                got += await loop.run_in_executor(None, far.recv, BIG)
            await writing
            assert got == b"a" * BIG + b"b"

    run(play())


def test_writes_of_several_tasks_keep_their_order() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            loop = asyncio.get_running_loop()
            chunks = [bytes([number]) * 1_000_000 for number in range(8)]
            writing = [asyncio.create_task(channel.write(chunk)) for chunk in chunks]
            got = b""
            while len(got) < sum(map(len, chunks)):
                got += await loop.run_in_executor(None, far.recv, BIG)
            await asyncio.gather(*writing)
            assert got == b"".join(chunks)

    run(play())


def test_a_cancelled_read_has_taken_nothing() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            for _ in range(50):
                reading = asyncio.create_task(channel.read())
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                far.sendall(b"kept")
                await asyncio.sleep(0)  # its wake-up and the cancellation meet
                reading.cancel()
                try:
                    got = await reading
                except asyncio.CancelledError:
                    got = await channel.read()
                assert got == b"kept"

    run(play())


def test_a_flood_leaves_time_for_others() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            loop = asyncio.get_running_loop()
            stop = asyncio.Event()

            def flood() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        far.sendall(bytes(65536))

            async def drain() -> None:
                while not stop.is_set():
                    await channel.read(1024)

            flooding = loop.run_in_executor(None, flood)
            draining = asyncio.create_task(drain())
            for _ in range(100):
                await asyncio.sleep(0)
            assert not draining.done()
            stop.set()
            await draining
            await channel.close()
            await flooding

    run(play())


def test_close_wakes_a_reader_and_a_writer() -> None:
    async def play() -> None:
        async with pair() as (channel, _):
            reading = asyncio.create_task(channel.read())
            writing = asyncio.create_task(channel.write(bytes(BIG)))
            for _turn in range(100):
                await asyncio.sleep(0)
            assert not reading.done()
            assert not writing.done()
            await channel.close()
            await channel.close()
            assert await reading == b""
            await writing
            assert channel.write_failed == channel.end_note == "closed by ourselves"
            assert await channel.read() == b""

    run(play())


def test_octets_given_back_come_first() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            far.sendall(b"3")
            channel.unread(b"2")
            channel.unread(b"01")
            assert await channel.read(1) == b"0"
            assert await channel.read() == b"12"
            assert await channel.read() == b"3"
            far.close()
            assert await read_all(channel) == b""

    run(play())


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def failure(endpoint: Endpoint, within: float = PATIENCE) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await connect(endpoint, [], within)
    assert "\n" not in str(caught.value)
    return caught.value


def test_connect_reports_address_and_sends_at_once() -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], tls=False)
            async with await connect(endpoint, [], PATIENCE) as channel:
                assert channel.address == "127.0.0.1"
                assert (channel.alpn, channel.tls_version, channel.cipher) == (None, None, None)
                far, _ = listener.accept()
                with far:
                    await channel.write(b"x")
                    assert far.recv(10) == b"x"

    run(play())


def test_connect_to_an_ipv6_literal() -> None:
    async def play() -> None:
        try:
            listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
        except OSError:
            pytest.skip("no IPv6 loopback here")
        with listener:
            endpoint = Endpoint.parse(f"http://[::1]:{listener.getsockname()[1]}")
            async with await connect(endpoint, [], PATIENCE) as channel:
                assert channel.address == "::1"

    run(play())


def test_refused() -> None:
    error = run(failure(Endpoint("127.0.0.1", closed_port(), tls=False)))
    assert error.kind == "refused"
    assert "connection refused" in str(error)


def test_names_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = run(failure(Endpoint("no-such.test", 80, tls=False)))
    assert error.kind == "unreachable"
    assert str(error) == "cannot resolve no-such.test: name or service not known"


def test_names_that_cannot_be_written_for_the_resolver() -> None:
    error = run(failure(Endpoint("a" * 64 + ".test", 80, tls=False)))
    assert (error.kind, str(error).isascii()) == ("unreachable", True)


def test_a_slow_resolver_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(endpoint: Endpoint) -> object:
        return await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(tcp_module, "_resolve", never)
    error = run(failure(Endpoint("slow.test", 80, tls=False), 0.02))
    assert (error.kind, str(error)) == ("timeout", "no address for slow.test within 0.02 s")


@pytest.mark.parametrize("first", ["refused", "silent"])
def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

            async def two(endpoint: Endpoint) -> list[object]:
                other = "127.0.0.1" if first == "refused" else "silent"
                return [
                    (socket.AF_INET, (other, dead)),
                    (socket.AF_INET, ("127.0.0.1", port)),
                ]

            monkeypatch.setattr(tcp_module, "_resolve", two)
            real = asyncio.get_running_loop().sock_connect

            async def sock_connect(wire: socket.socket, address: tuple[str, int]) -> None:
                if address[0] == "silent":
                    await asyncio.get_running_loop().create_future()
                await real(wire, address)

            monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
            async with await connect(Endpoint("two.test", port, tls=False), [], 0.2) as channel:
                assert channel.address == "127.0.0.1"

    dead = closed_port()
    run(play())


@pytest.mark.parametrize(
    ("number", "kind"),
    [("EHOSTUNREACH", "unreachable"), ("EMFILE", "local"), ("ETIMEDOUT", "timeout")],
)
def test_other_failures_of_connect(monkeypatch: pytest.MonkeyPatch, number: str, kind: str) -> None:
    async def play() -> ConnectError:
        async def sock_connect(wire: socket.socket, address: tuple[str, int]) -> None:
            code = getattr(__import__("errno"), number)
            raise OSError(code, "in C")

        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
        return await failure(Endpoint("127.0.0.1", 9, tls=False))

    assert run(play()).kind == kind


def test_a_connection_to_itself_is_a_refusal() -> None:
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.connect(wire.getsockname())
        with pytest.raises(ConnectionRefusedError):
            tcp_module._refuse_itself(wire)


def test_the_note_of_the_end_comes_with_the_end() -> None:
    async def play() -> None:
        async with pair() as (channel, far):
            far.sendall(b"x")
            far.close()
            await channel.read()
            assert channel.end_note is None

    run(play())


def test_a_cancelled_connect_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        made: list[socket.socket] = []
        started = asyncio.Event()

        async def sock_connect(wire: socket.socket, address: tuple[str, int]) -> None:
            made.append(wire)
            started.set()
            await asyncio.get_running_loop().create_future()

        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
        task = asyncio.create_task(connect(Endpoint("127.0.0.1", 9, tls=False), [], PATIENCE))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [wire.fileno() for wire in made] == [-1]

    run(play())
