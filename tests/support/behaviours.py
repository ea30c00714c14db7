"""What the bad targets of `tests.support.hostile` do with a connection, one function for each."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

from h2spec_py.spec import find_version
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.hpack import Encoder, HeaderField, plain
from h2spec_py.wire.hpack.integer import write_integer

VERSION = find_version("rfc9113")
PREFACE = 24
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
HTML = b"<script>alert('x')</script>&amp;\"'"
CONTROLS = b"\x1b[31mred\x1b[0m\x07\x00\r\n\x9b\xff\xfe"


class Line:
    """The bad target's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = FrameReader(VERSION.header)

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def frame(
        self,
        name: str,
        flags: int = 0,
        stream: int = 0,
        payload: bytes = b"",
        length: int | None = None,
    ) -> None:
        frame = Frame(VERSION.frames[name].code, flags, stream, payload, length)
        await self.send(encode_frame(VERSION.header, frame))

    async def response(self, stream: int, *fields: tuple[bytes, bytes]) -> None:
        block = Encoder(VERSION.hpack).encode(plain(HeaderField(*field) for field in fields))
        await self.frame("HEADERS", END_STREAM | END_HEADERS, stream, block)

    async def goaway(self, code: int, debug: bytes = b"") -> None:
        await self.frame("GOAWAY", payload=struct.pack("!II", 0, code) + debug)

    async def greet(self) -> None:
        """Take the client's preface and send ours."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            await self.reader.readexactly(PREFACE)
        await self.frame("SETTINGS")

    async def frames(
        self, answering: frozenset[str] = frozenset({"SETTINGS", "PING"})
    ) -> AsyncIterator[Frame]:
        """Give what comes, and acknowledge what is in `answering`, as one should."""
        while octets := await self.reader.read(65536):
            self._frames.feed(octets)
            while (frame := self._frames.next()) is not None:
                kind = VERSION.frame_by_code(frame.type)
                if kind is not None and kind.name in answering and not frame.flags & ACK:
                    payload = frame.payload if kind.name == "PING" else b""
                    await self.frame(kind.name, ACK, payload=payload)
                yield frame

    async def requests(self) -> AsyncIterator[int]:
        """Give the streams whose header blocks are complete."""
        async for frame in self.frames():
            kind = VERSION.frame_by_code(frame.type)
            is_block = kind is not None and kind.name in {"HEADERS", "CONTINUATION"}
            if is_block and frame.stream and frame.flags & END_HEADERS:
                yield frame.stream

    async def rest(self) -> None:
        """Read and drop what comes, until the end."""
        while await self.reader.read(65536):
            pass

    def reset(self) -> None:
        wire = self.writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def silent(line: Line) -> None:
    """Accept, read, and never answer."""
    await line.rest()


async def deaf(line: Line) -> None:
    """Send SETTINGS and never read."""
    await line.frame("SETTINGS")
    line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # every transport of a socket has it
    await asyncio.Event().wait()


async def closes_at_once(line: Line) -> None:
    """Accept and close."""
    line.writer.close()


async def http1_only(line: Line) -> None:
    """Speak HTTP/1.1: 200 to what it knows, 400 and a close to the rest."""
    while head := await line.reader.read(65536):
        known = head.startswith((b"GET ", b"HEAD "))
        status = b"200 OK" if known else b"400 Bad Request"
        await line.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        if not known:
            break
    line.writer.close()


async def garbage(line: Line) -> None:
    """Send a few hundred octets that mean nothing, then fall silent."""
    await line.send(random.Random(1).randbytes(600))
    await line.rest()


async def garbage_forever(line: Line) -> None:
    """Send octets that mean nothing, without end."""
    source = random.Random(2)
    while True:
        await line.send(source.randbytes(16384))


async def _flood(line: Line, name: str, flags: int, stream: int, payload: bytes) -> None:
    await line.greet()
    one = encode_frame(VERSION.header, Frame(VERSION.frames[name].code, flags, stream, payload))
    many = one * max(1, 16384 // len(one))
    while True:
        await line.send(many)


async def ping_flood(line: Line) -> None:
    """Send valid SETTINGS, then PING without end."""
    await _flood(line, "PING", 0, 0, b"flooding")


async def data_flood(line: Line) -> None:
    """Send valid SETTINGS, then DATA without end, past every window."""
    await _flood(line, "DATA", 0, 1, bytes(16384))


async def empty_data_flood(line: Line) -> None:
    """Send valid SETTINGS, then empty DATA without end, inside every window."""
    await _flood(line, "DATA", 0, 1, b"")


async def settings_flood(line: Line) -> None:
    """Send valid SETTINGS, and more of them without end."""
    await _flood(line, "SETTINGS", 0, 0, struct.pack("!HI", 3, 100))


async def continuation_flood(line: Line) -> None:
    """Answer with a header block that never ends."""
    await line.greet()
    async for stream in line.requests():
        await line.frame("HEADERS", 0, stream, b"\x88")
        while True:
            await line.frame("CONTINUATION", 0, stream, b"\x00\x01a\x01b" * 3000)


async def _tick(line: Line) -> None:
    number = 0
    while True:
        await line.frame("PING", payload=number.to_bytes(8, "big"))
        number += 1
        await asyncio.sleep(0.01)


async def ping_ticker(line: Line) -> None:
    """Send SETTINGS and then a PING every 10 ms, and answer nothing."""
    await line.greet()
    ticking = asyncio.create_task(_tick(line))
    try:
        await line.rest()
    finally:
        ticking.cancel()


async def ping_ticker_answering(line: Line) -> None:
    """Send a PING every 10 ms and otherwise answer every request, PING and SETTINGS."""
    await line.greet()
    ticking = asyncio.create_task(_tick(line))
    try:
        async for stream in line.requests():
            await line.response(stream, (b":status", b"200"))
    finally:
        ticking.cancel()


async def _past_settings(line: Line) -> bool:
    """Exchange SETTINGS; True once any other frame has come, False when none did."""
    await line.greet()
    async for frame in line.frames(frozenset({"SETTINGS"})):
        if frame.type != VERSION.frames["SETTINGS"].code:
            return True
    return False


async def drops_every_frame(line: Line) -> None:
    """Close without GOAWAY at the first frame after SETTINGS."""
    await _past_settings(line)
    line.writer.close()


async def calms_every_frame(line: Line) -> None:
    """Answer the first frame after SETTINGS with GOAWAY(ENHANCE_YOUR_CALM) and a close."""
    if await _past_settings(line):
        await line.goaway(VERSION.errors["ENHANCE_YOUR_CALM"], b"too many")
        await _half_close(line)


async def _half_close(line: Line) -> None:
    """Close such that what was sent is not destroyed by a reset."""
    if line.writer.can_write_eof():
        line.writer.write_eof()
        await line.rest()
    line.writer.close()


async def status_500(line: Line) -> None:
    """Answer every request with status 500 and ignore everything that is wrong."""
    await line.greet()
    async for stream in line.requests():
        await line.response(stream, (b":status", b"500"))


async def trickle(line: Line) -> None:
    """Send valid frames one octet each 50 ms, without end."""
    settings = encode_frame(VERSION.header, Frame(VERSION.frames["SETTINGS"].code))
    unknown = encode_frame(VERSION.header, Frame(0xBB, payload=b"for ever"))
    octets = settings
    while True:
        for octet in octets:
            await line.send(bytes([octet]))
            await asyncio.sleep(0.05)
        octets = unknown


async def huge_frame(line: Line) -> None:
    """Send SETTINGS, announce a frame of 16 MB, and fall silent."""
    await line.greet()
    await line.frame("DATA", 0, 1, length=2**24 - 1)
    await line.rest()


def bomb(size: int) -> bytes:
    """Make a header block of `size` octets that decodes to about 4,000 times as many."""
    value = b"a" * 4000
    entry = b"\x40\x01x" + write_integer(len(value), 7) + value
    return entry + b"\xbe" * (size - len(entry))


async def header_bomb(line: Line) -> None:
    """Answer every request with a header block of 16 kB that decodes to 50 MB."""
    await line.greet()
    block = bomb(VERSION.max_frame_size)
    async for stream in line.requests():
        await line.frame("HEADERS", END_STREAM | END_HEADERS, stream, block)


async def hostile_text(line: Line) -> None:
    """Put HTML, control characters and invalid UTF-8 wherever text goes; then GOAWAY with more."""
    await line.greet()
    async for stream in line.requests():
        await line.response(
            stream,
            (b":status", b"200" + HTML + CONTROLS),
            (b"x-" + HTML, HTML),
            (b"x-controls" + CONTROLS, CONTROLS * 50),
            (b"server", b"\xf0\x28\x8c\x28" + "\u202edesrever".encode()),
        )
        await line.frame("DATA", END_STREAM, stream, HTML + CONTROLS)
        await line.goaway(0xDEADBEEF, (HTML + CONTROLS) * 20)
        await _half_close(line)
        return


async def hostile_http1(line: Line) -> None:
    """Answer anything with an HTTP/1.1 status line full of HTML and control characters."""
    await line.reader.read(65536)
    await line.send(b"HTTP/1.1 400 " + HTML + b"\x1b[31m\xff" + b"x" * 10000 + b"\r\n\r\n")
    await _half_close(line)


async def resets(line: Line) -> None:
    """Send SETTINGS and then a TCP reset."""
    await line.greet()
    line.reset()


Behaviour = Callable[[Line], Awaitable[None]]

BEHAVIOURS: dict[str, Behaviour] = {
    "silent": silent,
    "deaf": deaf,
    "closes-at-once": closes_at_once,
    "http1-only": http1_only,
    "garbage": garbage,
    "garbage-forever": garbage_forever,
    "ping-flood": ping_flood,
    "data-flood": data_flood,
    "empty-data-flood": empty_data_flood,
    "settings-flood": settings_flood,
    "continuation-flood": continuation_flood,
    "ping-ticker": ping_ticker,
    "ping-ticker-answering": ping_ticker_answering,
    "drops-every-frame": drops_every_frame,
    "calms-every-frame": calms_every_frame,
    "status-500": status_500,
    "trickle": trickle,
    "huge-frame": huge_frame,
    "header-bomb": header_bomb,
    "hostile-text": hostile_text,
    "hostile-http1": hostile_http1,
    "resets": resets,
}
"""What a target of each name does with a connection."""
