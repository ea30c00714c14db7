"""Octets for tests: frames by name, and the two ends of a connection to feed them to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from h2spec_py.peer import Breach, Connection, Received, Role
from h2spec_py.spec import Version
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.hpack import Encoder, HeaderField, plain
from h2spec_py.wire.hpack.generation import Direction
from h2spec_py.wire.payload import (
    Priority,
    PriorityFields,
    Settings,
    SettingsEntry,
    fit_priority,
    write_payload,
)

Fields = Sequence[tuple[str, str]]

GET: Fields = (
    (":method", "GET"),
    (":scheme", "http"),
    (":authority", "localhost"),
    (":path", "/"),
)
"""Requests have the names of the newest version; `Wire.block` puts in those of its own."""
POST: Fields = ((":method", "POST"), *GET[1:])
HEAD: Fields = ((":method", "HEAD"), *GET[1:])
OK: Fields = ((":status", "200"), ("content-type", "text/plain"))
WHOLE = ("END_STREAM", "END_HEADERS")
OPEN = ("END_HEADERS",)


class Wire:
    """Makes the frames of one end."""

    def __init__(self, version: Version, role: Role = "client") -> None:
        self.version = version
        direction: Direction = "request" if role == "client" else "response"
        self.encoder = Encoder(version.hpack, direction=direction)

    def flags(self, name: str, flags: Iterable[str]) -> int:
        return sum(self.version.frames[name].flags[flag] for flag in flags)

    def frame(
        self,
        name: str,
        stream: int = 0,
        payload: bytes = b"",
        flags: Iterable[str] = (),
        length: int | None = None,
    ) -> Frame:
        known = self.version.frames[name]
        return Frame(known.code, self.flags(name, flags), stream, payload, length)

    def octets(self, *frames: Frame) -> bytes:
        return b"".join(encode_frame(self.version.header, frame) for frame in frames)

    def block(self, fields: Fields) -> bytes:
        return self.encoder.encode(
            plain(
                [
                    HeaderField(self._name(name).encode("latin-1"), value.encode("latin-1"))
                    for name, value in fields
                ]
            )
        )

    def _name(self, name: str) -> str:
        return self.version.pseudo["authority"] if name == ":authority" else name

    def headers(self, stream: int = 1, fields: Fields = GET, flags: Iterable[str] = WHOLE) -> Frame:
        return self.frame("HEADERS", stream, self.block(fields), flags)

    def data(self, stream: int = 1, data: bytes = b"hello", flags: Iterable[str] = ()) -> Frame:
        return self.frame("DATA", stream, data, flags)

    def settings(self, *values: tuple[str, int], flags: Iterable[str] = ()) -> Frame:
        known = self.version.settings
        entries = tuple(SettingsEntry(known[name].id, value) for name, value in values)
        return self.frame("SETTINGS", 0, write_payload(self.version, Settings(entries)), flags)

    def acknowledgement(self) -> tuple[Frame, ...]:
        """The SETTINGS acknowledgement, where the version has one."""
        return (self.settings(flags=["ACK"]),) if self.version.settings_ack else ()

    def reset(self, stream: int = 1, code: int = 8) -> Frame:
        return self.frame("RST_STREAM", stream, code.to_bytes(4, "big"))

    def padded(self, octets: int, payload: bytes) -> tuple[bytes, tuple[str, ...]]:
        """A payload with padding, and its flag, where the version has padding."""
        if "PADDED" not in self.version.frames["DATA"].flags:
            return payload, ()
        return bytes([octets]) + payload + bytes(octets), ("PADDED",)

    def go_on(
        self, stream: int, fragment: bytes, flags: Iterable[str] = (), kind: str = "HEADERS"
    ) -> Frame:
        """A frame that goes on with a header block."""
        continued = "CONTINUATION" in self.version.frames
        return self.frame("CONTINUATION" if continued else kind, stream, fragment, flags)

    def window(self, increment: int, stream: int = 0) -> Frame:
        return self.frame("WINDOW_UPDATE", stream, increment.to_bytes(4, "big"))

    def ping(self, opaque: bytes = b"12345678", flags: Iterable[str] = ()) -> Frame:
        return self.frame("PING", 0, opaque, flags)

    def priority(self, stream: int, depends_on: int = 0) -> Frame:
        priority = fit_priority(self.version, PriorityFields(depends_on))
        return self.frame("PRIORITY", stream, write_payload(self.version, Priority(priority)))

    def goaway(self, last: int = 0, code: int = 0) -> Frame:
        return self.frame("GOAWAY", 0, last.to_bytes(4, "big") + code.to_bytes(4, "big"))

    def promise(self, stream: int = 1, promised: int = 2, fields: Fields = GET) -> Frame:
        given = fields[1:] if self.version.short == "04" else fields  # where no method is promised
        payload = promised.to_bytes(4, "big") + self.block(given)
        return self.frame("PUSH_PROMISE", stream, payload, OPEN)


class Watched:
    """A connection, and the other end's wire to feed it with."""

    def __init__(self, version: Version, role: Role, forgive: Collection[str] = ()) -> None:
        self.version = version
        self.connection = Connection(version, role, forgive=forgive)
        self.theirs = Wire(version, "server" if role == "client" else "client")
        self.ours = Wire(version, role)
        self._pings = 0
        self.received: list[Received] = []
        self.breaches: list[Breach] = []

    def feed(self, octets: bytes) -> list[Breach]:
        """Feed octets; returns the breaches in them."""
        events = self.connection.receive(octets)
        found = [event for event in events if isinstance(event, Breach)]
        self.breaches += found
        self.received += [event for event in events if isinstance(event, Received)]
        return found

    def receive(self, *frames: Frame) -> list[Breach]:
        """Let the other end send frames; returns the breaches in them."""
        return self.feed(self.theirs.octets(*frames))

    def send(self, *frames: Frame) -> None:
        """Send frames of ours."""
        for frame in frames:
            self.connection.sent(frame)

    def read(self) -> None:
        """Let the other end show that it has read our last SETTINGS."""
        greeting = () if self.connection.settings_seen else (self.theirs.settings(),)
        if self.version.settings_ack:
            assert self.receive(*greeting, *self.theirs.acknowledgement()) == []
            return
        self._pings += 1
        opaque = b"read %03d" % self._pings
        self.send(self.ours.ping(opaque))
        assert self.receive(*greeting, self.theirs.ping(opaque, ["ACK"])) == []


def serving(version: Version, forgive: Collection[str] = ()) -> Watched:
    """The server's end, after the client connection preface."""
    watched = Watched(version, "server", forgive)
    watched.send(watched.ours.settings(("MAX_CONCURRENT_STREAMS", 2)))
    assert watched.feed(version.preface) == []
    assert watched.receive(watched.theirs.settings(), *watched.theirs.acknowledgement()) == []
    return watched


def watching(version: Version, *settings: tuple[str, int]) -> Watched:
    """The client's end, with its settings acknowledged and GET sent on stream 1."""
    watched = Watched(version, "client")
    watched.connection.sent_octets(version.preface)
    watched.send(watched.ours.settings(*settings))
    watched.read()
    watched.send(watched.ours.headers(1))
    return watched
