"""One connection to the target: what is written, what comes back, and the bounds on both.

A reader task takes in everything that the target sends as soon as it comes, acknowledges its
SETTINGS and PING frames, and notes events; a writer task writes in order. The player only waits for
conditions on what was observed, so no verdict depends on how reads and writes interleave.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Self

from h2spec_py.case.model import Open, Upgrade
from h2spec_py.engine.compose import Composer
from h2spec_py.engine.opening import (
    as_standard,
    begins,
    certificate_breach,
    handshake_of,
    head_breach,
    key_breach,
    protocol_breach,
)
from h2spec_py.engine.options import Limits, Target
from h2spec_py.engine.transcript import Entry, Transcript
from h2spec_py.judge.observation import Observation
from h2spec_py.net import Channel, ChannelReset, DeclinedError, Patience, ask, connect, upgrade
from h2spec_py.peer import Breach, Connection, Received
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.payload import Ping, Settings, write_payload

BARRIER = bytes.fromhex("68327370")
"""First half of the opaque data of our PINGs; the second half counts them."""


SETTLING = 3
"""PINGs that are sent behind our SETTINGS, one behind the other, while their acknowledgement is
missing: a PING may be answered first, but a target that answers all of these sends none."""


class Session:
    """A connection for one case. Use as an asynchronous context manager; `open` comes first."""

    def __init__(
        self,
        target: Target,
        limits: Limits,
        timeout: float,
        listener: Callable[[Entry], None] | None = None,
    ) -> None:
        self.target = target
        self.version = target.version
        self.connection = Connection(target.version, "client")
        self.composer = Composer(target, self.connection)
        self.seen = Observation(target.version)
        self.transcript = Transcript(target.version, limits, listener)
        self.settings_acked = False
        self.channel: Channel | None = None
        self._limits = limits
        self._timeout = timeout
        self._changed = asyncio.Event()
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._pings = 0
        self._acked: set[bytes] = set()
        self._octets = 0
        self._frames = 0
        self._replies = 0
        self._block_open = False
        self._in_pieces = False
        self._deferred: list[Frame] = []
        self._first = b""
        self._held: bytes | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:  # a time limit may run out while they come to their end
            if self.channel is not None:
                await self.channel.close()

    # Starting

    async def open(self, how: Open) -> bool:
        """Connect and start HTTP/2. Returns whether the target completed the SETTINGS exchange.

        Raises ConnectError when the target cannot be reached or does not negotiate this version;
        where the opening is about that, what it did instead is observed. A `bare` opening connects
        and nothing else; it is complete at once.
        """
        settings = self.composer.settings(how.settings)
        payload = write_payload(self.version, Settings(settings=settings), None)
        try:
            await self._connect(how)
            if how.upgrade is not None:
                await self._ask(how.upgrade)
            elif self.target.upgrade:
                await self._upgrade(Settings(self.composer.upgrade_settings(settings)))
        except DeclinedError as error:
            if how.upgrade is None and how.tls is None:
                raise
            self.seen.declined = str(error)
            self._breach(key_breach(self.version, error))
            self._end("refused" if self.channel is None else "http/1.1")
            return False
        if as_standard(self.version, how, self.channel.alpn if self.channel else None):
            self._held = b""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        if how.bare:
            return True
        self.send_preface(how)
        frame = Frame(type=self.version.frames["SETTINGS"].code, payload=payload)
        self.send([frame])
        for _ in range(SETTLING):
            ping = self.ping()
            self.send([ping])
            if not await self._started(ping):
                break
            if self.settings_acked or not self.version.settings_ack:
                break
        read = self.settings_acked or bool(self._acked) or not self.version.settings_ack
        return self.connection.settings_seen and read

    async def _connect(self, how: Open) -> None:
        endpoint = self.target.endpoint
        alpn = [self.version.alpn] if endpoint.tls else []
        if how.tls is None:
            self.channel = await connect(endpoint, alpn, self._timeout)
            return
        alpn = alpn if how.tls.alpn is None else how.tls.alpn
        handshake = handshake_of(how.tls)
        self.channel = channel = await connect(endpoint, alpn, self._timeout, handshake)
        chosen = channel.alpn or "no protocol"
        self.transcript.note(f"{channel.tls_version} with {channel.cipher}, {chosen} by ALPN")
        self._breach(protocol_breach(self.version, channel.alpn))

    async def _upgrade(self, agreed: Settings) -> None:
        assert self.channel is not None  # noqa: S101 - connected
        await upgrade(
            self.channel,
            self.target.endpoint,
            self.version.upgrade,
            write_payload(self.version, agreed),
            self.target.headers,
            self._timeout,
        )
        self.connection.upgraded(agreed, b"HEAD")
        self.transcript.note(f"upgraded from HTTP/1.1 to {self.version.upgrade}")

    async def _ask(self, how: Upgrade) -> None:
        """Ask for the upgrade that a case describes. Raises DeclinedError."""
        assert self.channel is not None  # noqa: S101 - connected
        request, agreed = self.composer.upgrade(how)
        self.transcript.raw("sent", "HTTP/1.1", request)
        token = self.version.upgrade if how.token is None else None
        heads: list[bytes] = []
        try:
            await ask(self.channel, request, token, self._timeout, heads)
        finally:
            for head in heads:
                self.transcript.raw("received", "HTTP/1.1", head)
                self._breach(head_breach(self.version, head))
        self.connection.upgraded(agreed, how.method.encode())

    async def _started(self, ping: Frame) -> bool:
        """Wait until the target has both sent its SETTINGS and read ours."""

        def ready() -> bool:
            read = self.settings_acked or self.acknowledged(ping)
            return bool(self.seen.end) or (self.connection.settings_seen and read)

        return await self.wait(ready, self._timeout) and not self.seen.end

    def send_preface(self, how: Open) -> None:
        """Write the 24 octets that start the client connection preface, or what stands for them."""
        octets = self.version.preface
        if how.preface is not None:
            octets = self.composer.octets(how.preface)
        self.send_octets("preface", octets)

    @property
    def first_octets(self) -> bytes:
        """The first octets that the target sent, for saying what it speaks instead."""
        return self._first

    # Writing

    def send(self, frames: Sequence[Frame]) -> None:
        """Queue frames as one write."""
        wire = bytearray()
        for frame in frames:
            fields = self.connection.sent(frame)
            self.transcript.frame("sent", frame, fields)
            self._track_block(frame)
            wire += encode_frame(self.version.header, frame)
        if wire:
            self._queue.put_nowait(bytes(wire))
        self._in_pieces = False
        if not self._block_open and self._deferred:
            deferred, self._deferred = self._deferred, []
            self.send(deferred)

    async def send_apart(self, octets: bytes) -> None:
        """Write octets that are no frame by themselves, before anything behind them is queued.

        Replies of our own wait for the next frame: what was begun here may not be complete.
        """
        self._in_pieces = True
        self.send_octets("octets", octets)
        await self._queue.join()

    def send_octets(self, kind: str, octets: bytes) -> None:
        """Queue octets that are no frame."""
        self.connection.sent_octets(octets)
        self.transcript.raw("sent", kind, octets)
        if octets:
            self._queue.put_nowait(octets)

    def ping(self) -> Frame:
        """A PING with opaque data of its own."""
        self._pings += 1
        opaque = BARRIER + self._pings.to_bytes(4, "big")
        content = write_payload(self.version, Ping(opaque=opaque), None)
        return Frame(type=self.version.frames["PING"].code, payload=content)

    def acknowledged(self, ping: Frame) -> bool:
        """Whether the target acknowledged this PING."""
        return ping.payload in self._acked

    def own(self, event: Received) -> bool:
        """Whether this acknowledges a PING of ours, such as a barrier, and not one of a case."""
        ping = event.payload
        return isinstance(ping, Ping) and ping.opaque.startswith(BARRIER)

    @property
    def in_block(self) -> bool:
        """Whether a header block or a frame of ours is begun, into which no other may go."""
        return self._block_open or self._in_pieces

    def _track_block(self, frame: Frame) -> None:
        known = self.version.frame_by_code(frame.type)
        if known is not None and "END_HEADERS" in known.flags:
            self._block_open = not frame.flags & known.flags["END_HEADERS"]

    def _reply(self, frame: Frame) -> None:
        """Send an acknowledgement of our own, but not into what we left open."""
        if self._replies >= self._limits.replies:
            return
        self._replies += 1
        if self._block_open or self._in_pieces:
            self._deferred.append(frame)
        else:
            self.send([frame])

    async def _write(self) -> None:
        assert self.channel is not None  # noqa: S101 - the task is made once connected
        while True:
            queued = [await self._queue.get()]
            while not self._queue.empty():
                queued.append(self._queue.get_nowait())
            await self.channel.write(b"".join(queued))
            for _ in queued:
                self._queue.task_done()

    # Reading

    async def _read(self) -> None:
        assert self.channel is not None  # noqa: S101 - the task is made once connected
        asked = False
        try:
            while not self.seen.end:
                data = await self.channel.read(65536)
                if self.channel.certificate_asked and not asked:
                    asked = True
                    self._breach(certificate_breach(self.version))
                if not data:
                    self._end("closed")
                    return
                self._take(data)
                self._changed.set()
        except ChannelReset:
            self._end("tcp-reset")

    def _end(self, how: str) -> None:
        if not self.seen.end:
            self.seen.end = how
            text = {
                "closed": "the target closed the connection",
                "tcp-reset": "the target reset the TCP connection",
                "flood": "our bounds were reached; nothing more was read",
                "http/1.1": "the target answered in HTTP/1.1",
                "refused": self.seen.declined,
            }[how]
            self.transcript.note(text)
        self._changed.set()

    def _take(self, data: bytes) -> None:
        self._octets += len(data)
        if not self.connection.settings_seen and len(self._first) < 64:
            self._first = (self._first + data)[:64]
        if self._held is not None:
            self._held += data
            if len(self._held) < self.version.header.octets:
                return
            data, self._held = self._held, None
            if not begins(self.version, data):
                self.seen.declined = "it speaks another version, whose token that is"
                self._end("refused")
                return
        events = self.connection.receive(data)
        if self.connection.http1:
            self.transcript.raw("received", "HTTP/1.1", data)
            self._end("http/1.1")
            return
        for event in events:
            if isinstance(event, Breach):
                self._breach(event)
                continue
            self.seen.note(event)
            self._frames += 1
            fields = event.block.fields if event.block is not None else None
            self.transcript.frame("received", event.frame, fields)
            self._answer(event)
        past = self._octets > self._limits.octets or self._frames > self._limits.frames
        if past or self.connection.overflowed:
            self._end("flood")

    def _breach(self, breach: Breach | None) -> None:
        if breach is not None:
            self.seen.note(breach)
            self.transcript.note(f"breach of {breach.requirement}: {breach.message}")

    def _answer(self, event: Received) -> None:
        """Acknowledge SETTINGS and PING frames, and recognise acknowledgements of ours."""
        if event.payload is None or event.frame.stream != 0:
            return
        ack = event.name is not None and self.version.has_flag(
            event.frame.type, event.frame.flags, "ACK"
        )
        if isinstance(event.payload, Settings):
            if ack:
                self.settings_acked = True
            elif self.version.settings_ack:
                flags = self.version.frames["SETTINGS"].flags["ACK"]
                self._reply(Frame(type=event.frame.type, flags=flags))
        elif isinstance(event.payload, Ping):
            if ack:
                self._acked.add(event.frame.payload)
            else:
                flags = self.version.frames["PING"].flags["ACK"]
                self._reply(Frame(type=event.frame.type, flags=flags, payload=event.frame.payload))

    # Waiting

    async def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition on what was observed holds, at most so many seconds."""
        try:
            async with Patience(seconds):
                while not until():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return until()
        return True
