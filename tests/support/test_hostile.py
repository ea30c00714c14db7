"""The bad targets are as bad as they are said to be."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TypeVar

import pytest

from h2spec_py.net import Channel, ChannelReset, ConnectError, Endpoint, connect
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.hpack import Decoder, HpackError
from tests.support.behaviours import BEHAVIOURS, VERSION, bomb
from tests.support.hostile import (
    ALPN,
    NAMES,
    NO_LISTENER,
    PLAIN,
    HostileTarget,
    hostile,
    hostile_thread,
)

PATIENCE = 20.0
MOMENT = 0.3  # seconds
ENOUGH = 300_000  # octets
FLOODS = {
    "garbage-forever",
    "ping-flood",
    "data-flood",
    "empty-data-flood",
    "settings-flood",
    "continuation-flood",
}
_T = TypeVar("_T")


def run(work: Coroutine[object, object, _T]) -> _T:
    """Run `work`, for `PATIENCE` seconds at most."""
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


def frame(name: str, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return encode_frame(VERSION.header, Frame(VERSION.frames[name].code, flags, stream, payload))


EXCHANGE = (
    VERSION.preface
    + frame("SETTINGS")
    + frame("SETTINGS", 1)
    + frame("HEADERS", 5, 1, b"\x82\x84\x86\x41\x01a")
    + frame("PING", payload=b"whatever")
)


async def connected(target: HostileTarget) -> Channel:
    endpoint = Endpoint(target.host, target.port, target.tls, cafile=target.cafile)
    return await connect(endpoint, ["h2"], PATIENCE)


async def observe(target: HostileTarget, frames: int = 1) -> tuple[bytes, str]:
    """Talk to `target` as a client does; give what it sent and how it ended.

    It is silent when nothing ends within a moment of the first `frames` frames.
    """
    got = b""
    async with await connected(target) as channel:
        await channel.write(EXCHANGE)
        try:
            endless = target.name in FLOODS
            async with asyncio.timeout(PATIENCE if frames or endless else MOMENT) as patience:
                while len(got) < ENOUGH:
                    if not endless and frames and len(names_of(got)) >= frames:
                        frames = 0
                        patience.reschedule(asyncio.get_running_loop().time() + MOMENT)
                    octets = await channel.read()
                    if not octets:
                        return got, "closed"
                    got += octets
        except TimeoutError:
            return got, "silence"
        except ChannelReset:
            return got, "reset"
    return got, "flood"


def names_of(octets: bytes) -> list[str]:
    reader = FrameReader(VERSION.header)
    reader.feed(octets)
    names = []
    while (found := reader.next()) is not None:
        kind = VERSION.frame_by_code(found.type)
        names.append(kind.name if kind else "unknown")
    return names


async def play(name: str, *, tls: bool) -> tuple[bytes, str]:
    async with hostile(name, tls=tls) as target:
        return await observe(target, len(FRAMES.get(name, ())))


ENDS = {
    "silent": "silence",
    "deaf": "silence",
    "closes-at-once": "closed",
    "http1-only": "closed",
    "garbage": "silence",
    "ping-ticker": "silence",
    "ping-ticker-answering": "silence",
    "drops-every-frame": "closed",
    "calms-every-frame": "closed",
    "status-500": "silence",
    "trickle": "silence",
    "huge-frame": "silence",
    "header-bomb": "silence",
    "hostile-text": "closed",
    "hostile-http1": "closed",
    "resets": "reset",
} | dict.fromkeys(FLOODS, "flood")

CUT = {"closed", "reset"}

FRAMES = {
    "deaf": ["SETTINGS"],
    "drops-every-frame": ["SETTINGS", "SETTINGS"],
    "calms-every-frame": ["SETTINGS", "SETTINGS", "GOAWAY"],
    "status-500": ["SETTINGS", "SETTINGS", "HEADERS", "PING"],
    "huge-frame": ["SETTINGS"],
    "header-bomb": ["SETTINGS", "SETTINGS", "HEADERS", "PING"],
    "hostile-text": ["SETTINGS", "SETTINGS", "HEADERS", "DATA", "GOAWAY"],
    "resets": ["SETTINGS"],
    "ping-ticker": ["SETTINGS", "PING"],
    "data-flood": ["SETTINGS", "DATA"],
    "ping-flood": ["SETTINGS", "PING"],
    "empty-data-flood": ["SETTINGS", "DATA"],
    "settings-flood": ["SETTINGS", "SETTINGS"],
    "continuation-flood": ["SETTINGS", "SETTINGS", "HEADERS", "CONTINUATION"],
}


@pytest.mark.parametrize("tls", [False, True], ids=["cleartext", "tls"])
@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_what_it_does(name: str, tls: bool) -> None:
    octets, ending = run(play(name, tls=tls))
    ends = {ENDS[name]}
    if ends <= CUT and (tls or name in {"closes-at-once", "http1-only"}):
        ends = CUT  # what we write to a target that has closed, its kernel answers with a reset
    assert ending in ends
    if name in FRAMES:
        assert names_of(octets)[: len(FRAMES[name])] == FRAMES[name]
    if name == "http1-only":
        assert octets.startswith(b"HTTP/1.1 400 ")
    if name == "trickle":
        assert 1 <= len(octets) <= 20


@pytest.mark.parametrize("name", [NO_LISTENER, *PLAIN, *ALPN])
def test_no_connection_comes_about(name: str) -> None:
    async def play() -> str:
        async with hostile(name) as target:
            endpoint = Endpoint(target.host, target.port, target.tls, cafile=target.cafile)
            with pytest.raises(ConnectError) as caught:
                await connect(endpoint, ["h2"], MOMENT if name == "https-silent" else PATIENCE)
            return caught.value.kind

    assert (
        run(play())
        == {
            "refuses": "refused",
            "https-without-tls": "tls",
            "https-silent": "timeout",
            "tls-http1": "alpn",
            "tls-no-alpn": "alpn",
        }[name]
    )


def test_http1_is_answered_by_the_target_that_speaks_it() -> None:
    async def play() -> bytes:
        async with hostile("http1-only") as target, await connected(target) as channel:
            await channel.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return await channel.read()

    assert run(play()).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_bomb_is_one() -> None:
    block = bomb(VERSION.max_frame_size)
    assert len(block) == VERSION.max_frame_size
    with pytest.raises(HpackError):
        Decoder(VERSION.hpack).decode(block)


@pytest.mark.parametrize("name", ["status-500", "refuses", "ping-flood"])
def test_beside_a_test_without_an_event_loop(name: str) -> None:
    with hostile_thread(name) as target:
        assert target.name == name
        with contextlib.suppress(ConnectError):
            octets, _ = run(observe(target))
            assert octets
    with pytest.raises(ConnectError):
        run(connected(target))


def test_all_names_are_known() -> None:
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(KeyError):
        run(play("no-such", tls=False))
