"""The HTTP/1.1 Upgrade: what is asked, what is taken for an answer, and what is said of others."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from typing import TypeVar

import pytest

from h2spec_py.net import Channel, ConnectError, DeclinedError, Endpoint, ask, upgrade

PATIENCE = 20.0
TARGET = Endpoint("a.test", 8080, tls=False, path="/up?x")
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
_T = TypeVar("_T")


def run(work: Coroutine[object, object, _T]) -> _T:
    """Run `work`, for `PATIENCE` seconds at most."""
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


@contextlib.asynccontextmanager
async def answered(*pieces: bytes, end: bool = False) -> AsyncIterator[Channel]:
    """Give a channel to a target that has said `pieces` beforehand."""
    near, far = socket.socketpair()
    with far:
        async with Channel(near) as channel:
            for piece in pieces:
                far.sendall(piece)
            if end:
                far.shutdown(socket.SHUT_WR)
            yield channel


def test_the_request() -> None:
    async def play() -> None:
        near, far = socket.socketpair()
        with far:
            async with Channel(near) as channel:
                far.sendall(SWITCH)
                payload = b"\x00\x03\x00\x00\x00\x64\xff\xff"
                await upgrade(channel, TARGET, "h2c-13", payload, [("User-Agent", "me")], PATIENCE)
                assert far.recv(1000) == (
                    b"HEAD /up?x HTTP/1.1\r\n"
                    b"Host: a.test:8080\r\n"
                    b"Connection: Upgrade, HTTP2-Settings\r\n"
                    b"Upgrade: h2c-13\r\n"
                    b"HTTP2-Settings: AAMAAABk__8\r\n"
                    b"User-Agent: me\r\n"
                    b"\r\n"
                )

    with pytest.raises(ConnectError, match="switched to 'h2c', not to h2c-13"):
        run(play())


@pytest.mark.parametrize(
    "head",
    [
        SWITCH,
        b"HTTP/1.1 101\r\n\r\n",
        b"HTTP/1.0 101 \xff\x1b[31m\nUpgrade: foo, H2C\n\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + SWITCH,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 101 X\r\nUPGRADE:h2c\r\n\r\n",
    ],
)
@pytest.mark.parametrize("surplus", [b"", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"])
def test_the_switch_and_what_follows_it(head: bytes, surplus: bytes) -> None:
    async def play() -> None:
        async with answered(head + surplus, end=True) as channel:
            await upgrade(channel, TARGET, "h2c", b"", timeout=PATIENCE)
            assert await channel.read() == surplus
            assert await channel.read() == b""

    run(play())


@pytest.mark.parametrize(
    ("answer", "end", "says"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            False,
            "the target answered 'HTTP/1.1 200 OK' and did not switch to h2c",
        ),
        (b"HTTP/1.1 400 <b>\x1b[0m\xff\r\n\r\n", False, "'HTTP/1.1 400 <b>\\x1b[0m\\xff'"),
        (b"HTTP/1.1 500 " + b"x" * 5000 + b"\r\n\r\n", False, "xxx...' and did not switch"),
        (b"HTTP/1.1 1010\r\n\r\n", False, "not HTTP/1.1, beginning 'HTTP/1.1 1010'"),
        (b"HTTP/1.1 abc\r\n\r\n", False, "something that is not HTTP/1.1"),
        (b"\r\n\r\n", False, "something that is not HTTP/1.1"),
        (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", False, "beginning '\\x00\\x00\\x00\\x04"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False, "beginning 'SSH-2.0-OpenSSH_9.2"),
        (b"", True, "came the end of the connection"),
        (b"HTTP/1.1 101 Switch", True, "the end of the connection, beginning 'HTTP/1.1 101"),
        (b"HTTP/1.1 101 X\r\n" + b"a: b\r\n" * 11000, False, "more than 65536 octets of headers"),
        (b"HTTP/1.1 100 X\r\n\r\n" * 4000, False, "more than 65536 octets of headers"),
    ],
)
def test_other_answers_are_refused_in_one_line(answer: bytes, end: bool, says: str) -> None:
    async def play() -> str:
        async with answered(answer, end=end) as channel:
            with pytest.raises(ConnectError) as caught:
                await upgrade(channel, TARGET, "h2c", b"", timeout=PATIENCE)
            assert caught.value.kind == "upgrade"
            return str(caught.value)

    message = run(play())
    assert says in message
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 300


def test_a_head_that_comes_octet_by_octet() -> None:
    async def play() -> None:
        near, far = socket.socketpair()
        with far:
            async with Channel(near) as channel:

                async def trickle() -> None:
                    for octet in SWITCH + b"rest":
                        far.sendall(bytes([octet]))
                        for _ in range(5):
                            await asyncio.sleep(0)

                trickling = asyncio.create_task(trickle())
                await upgrade(channel, TARGET, "h2c", b"", timeout=PATIENCE)
                await trickling
                rest = b""
                while len(rest) < 4:
                    rest += await channel.read()
                assert rest == b"rest"

    run(play())


def test_silence_is_bounded() -> None:
    async def play() -> None:
        async with answered(b"HTTP/1.1 101 Soon\r\n") as channel:
            with pytest.raises(ConnectError, match=r"did not answer .* within 0\.05 s") as caught:
                await upgrade(channel, TARGET, "h2c", b"", timeout=0.05)
            assert caught.value.kind == "upgrade"

    run(play())


def test_a_reset_is_told() -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.create_connection(listener.getsockname())
            far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        async with Channel(near) as channel:
            with pytest.raises(ConnectError, match="the target reset the connection"):
                await upgrade(channel, TARGET, "h2c", b"", timeout=PATIENCE)

    run(play())


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\x00", "a\x7f"])
def test_nothing_can_be_smuggled_into_the_request(value: str) -> None:
    async def play() -> None:
        async with answered() as channel:
            with pytest.raises(ValueError, match="control character"):
                await upgrade(channel, TARGET, "h2c", b"", [("X", value)], PATIENCE)

    run(play())


def test_every_head_of_an_answer_is_kept() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>"
    heads: list[bytes] = []

    async def play() -> bytes:
        async with answered(early + b"\r\n\r\n" + SWITCH + b"rest") as channel:
            await ask(channel, b"GET / HTTP/1.1\r\n\r\n", "h2c", PATIENCE, heads)
            return await channel.read()

    assert run(play()) == b"rest"
    assert heads == [early, SWITCH[:-4]]


def test_whatever_is_switched_to_will_do_where_no_token_is_given() -> None:
    async def play(token: str | None) -> None:
        async with answered(SWITCH) as channel:
            await ask(channel, b"GET / HTTP/1.1\r\n\r\n", token, PATIENCE, [])

    run(play(None))
    with pytest.raises(DeclinedError, match="switched to 'h2c', not to h2"):
        run(play("h2"))


def test_the_head_of_a_refusal_is_kept_as_well() -> None:
    heads: list[bytes] = []

    async def play() -> None:
        async with answered(b"HTTP/1.1 400 No\r\nA: b\r\n\r\n") as channel:
            await ask(channel, b"GET / HTTP/1.1\r\n\r\n", None, PATIENCE, heads)

    with pytest.raises(DeclinedError, match=r"answered 'HTTP/1\.1 400 No'"):
        run(play())
    assert heads == [b"HTTP/1.1 400 No\r\nA: b"]


def test_who_does_not_answer_has_declined_nothing() -> None:
    async def play() -> None:
        async with answered() as channel:
            await ask(channel, b"GET / HTTP/1.1\r\n\r\n", None, 0.05, [])

    with pytest.raises(ConnectError) as caught:
        run(play())
    assert not isinstance(caught.value, DeclinedError)
