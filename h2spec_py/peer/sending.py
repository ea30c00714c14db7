"""Taking note of what we sent, legal or not, as the other end will read it.

Frames are written out and read back from their octets: a wrong length makes what follows something
else for the other end, and so it does here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from h2spec_py.peer.messages import first_value
from h2spec_py.peer.settings import named
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import Input, State, Stream
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.hpack import HeaderField, HpackError
from h2spec_py.wire.payload import (
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    PayloadError,
    Ping,
    Priority,
    PushPromise,
    RstStream,
    Settings,
    WindowUpdate,
    parse_payload,
)

UNLIMITED = 2**62
"""What stands for a window without an end (octets)."""

BLOCK_LIMIT = 2**20
"""The greatest header block of ours that is read back (octets)."""


class Sender:
    """Follows our own direction of a connection."""

    def __init__(self, state: ConnectionState) -> None:
        self._state = state
        self._reader = FrameReader(state.version.header)
        self._preface = state.role == "client"
        self._preface_octets = 0
        self._block: tuple[int, bytearray] | None = None
        self._fields: tuple[HeaderField, ...] | None = None
        self._continued = "CONTINUATION" in state.version.frames
        self._handlers: Mapping[type[Payload], Callable[[Frame, Stream, Payload], None]] = {
            Data: self._data,
            Headers: self._headers,
            Priority: self._priority,
            RstStream: self._rst_stream,
            PushPromise: self._push_promise,
            WindowUpdate: self._window_update,
        }

    def frame(self, frame: Frame) -> tuple[HeaderField, ...] | None:
        """Note a frame; returns the fields of the header block that it completes at a client.

        Raises ValueError if its header cannot be written.
        """
        self._preface = False
        self._fields = None
        self.octets(encode_frame(self._state.version.header, frame))
        return self._fields

    def octets(self, octets: bytes) -> None:
        """Note octets, among them the client connection preface where they are the first."""
        if self._preface:
            missing = len(self._state.version.preface) - self._preface_octets
            taken = min(missing, len(octets))
            self._preface_octets += taken
            self._preface = taken < missing
            octets = octets[taken:]
        self._reader.feed(octets)
        while (frame := self._reader.next()) is not None:
            self._note(frame)

    def _note(self, frame: Frame) -> None:
        name = self._state.version.frame_name(frame.type)
        payload: Payload | None = None
        self._state.named_streams |= frame.stream > 0
        try:
            payload = parse_payload(self._state.version, frame)
        except PayloadError:
            self._unreadable(frame, name)
        if frame.stream:
            self._state.streams.find(frame.stream).quiet = False
        if name == "DATA":
            self._state.windows.send -= frame.declared  # whatever becomes of the frame
        if isinstance(payload, Settings) or (payload is None and name == "SETTINGS"):
            self._settings(frame, payload)
        elif isinstance(payload, Ping):
            self._ping(frame, payload)
        elif isinstance(payload, Goaway):
            self._state.goaway_sent = True
        elif isinstance(payload, Continuation):
            self._continuation(frame, payload)
        elif isinstance(payload, WindowUpdate) and frame.stream == 0:
            self._state.windows.receive += self._increment(frame, payload)
            self._state.updates += 1
        elif payload is not None and frame.stream != 0:
            handler = self._handlers.get(type(payload))
            if handler is not None:
                handler(frame, self._state.streams.find(frame.stream), payload)

    def _unreadable(self, frame: Frame, name: str) -> None:
        """Note a frame whose fields nobody can tell apart."""
        if frame.stream:
            self._mark(self._state.streams.find(frame.stream))
        if name in ("HEADERS", "PUSH_PROMISE", "CONTINUATION"):
            self._state.mirror = None
        if name == "PING":
            self._state.odd_pings = True

    def _mark(self, stream: Stream) -> None:
        stream.odd = True
        self._state.streams.remember(stream)

    def _advance(self, stream: Stream, given: Input) -> None:
        if not self._state.streams.advance(stream, given):
            self._mark(stream)

    def _flag(self, frame: Frame, name: str) -> bool:
        return self._state.version.has_flag(frame.type, frame.flags, name)

    def _data(self, frame: Frame, stream: Stream, _: Payload) -> None:
        stream.send_window -= frame.declared
        self._advance(stream, Input.SEND_DATA)
        if self._flag(frame, "END_STREAM"):
            self._advance(stream, Input.SEND_END)

    def _headers(self, frame: Frame, stream: Stream, payload: Payload) -> None:
        assert isinstance(payload, Headers)  # noqa: S101 - by the table of handlers
        if self._continued or self._block is None or self._block[0] != frame.stream:
            self._advance(stream, Input.SEND_HEADERS)
            self._block = (frame.stream, bytearray())
        if self._flag(frame, "END_STREAM"):
            self._advance(stream, Input.SEND_END)
        self._fragment(frame, payload.block)

    def _continuation(self, frame: Frame, payload: Continuation) -> None:
        stream = self._state.streams.find(frame.stream)
        if self._block is None and frame.stream:
            self._mark(stream)
        elif frame.stream and self._flag(frame, "END_STREAM"):
            self._advance(stream, Input.SEND_END)
        self._fragment(frame, payload.block)

    def _fragment(self, frame: Frame, fragment: bytes) -> None:
        """Read our own header blocks, to know the method of a request."""
        if self._block is None:
            return
        number, octets = self._block
        octets += fragment
        if len(octets) > BLOCK_LIMIT:
            self._state.mirror = None
            octets.clear()
        if self._flag(frame, "END_HEADERS"):
            self._block = None
            mirror = self._state.mirror
            if mirror is None:
                return
            try:
                fields = mirror.decode(bytes(octets))
            except HpackError:
                self._state.mirror = None
                return
            self._fields = tuple(fields)
            stream = self._state.streams.find(number)
            name = self._state.version.pseudo["method"].encode()
            if stream.method is None and sum(field.name == name for field in fields) == 1:
                stream.method = first_value(fields, name)

    def _priority(self, _: Frame, stream: Stream, __: Payload) -> None:
        self._advance(stream, Input.SEND_PRIORITY)
        if stream.state is State.IDLE:
            self._mark(stream)  # its fields may be refused with an error of the stream

    def _rst_stream(self, _: Frame, stream: Stream, __: Payload) -> None:
        self._advance(stream, Input.SEND_RESET)

    def _push_promise(self, frame: Frame, stream: Stream, payload: Payload) -> None:
        assert isinstance(payload, PushPromise)  # noqa: S101 - by the table of handlers
        self._advance(stream, Input.SEND_PROMISE)
        promised = self._state.streams.find(payload.promised)
        self._advance(promised, Input.SEND_RESERVE)
        if self._state.role == "client":
            self._mark(promised)
            self._mark(stream)
        self._block = (payload.promised, bytearray())
        self._fragment(frame, payload.block)

    def _window_update(self, frame: Frame, stream: Stream, payload: Payload) -> None:
        assert isinstance(payload, WindowUpdate)  # noqa: S101 - by the table of handlers
        stream.receive_credit += self._increment(frame, payload)
        stream.updates += 1
        if stream.state is State.IDLE:
            self._mark(stream)
        self._advance(stream, Input.SEND_WINDOW)

    def _increment(self, frame: Frame, payload: WindowUpdate) -> int:
        """What an update adds; one that ends flow control adds more than anybody can send."""
        return UNLIMITED if self._flag(frame, "END_FLOW_CONTROL") else payload.increment

    def _settings(self, frame: Frame, payload: Payload | None) -> None:
        if self._flag(frame, "ACK"):
            return
        entries = payload.settings if isinstance(payload, Settings) else ()
        self._state.local.announce(named(self._state.version, entries))
        for stream in self._state.streams:
            stream.updates += 1  # the initial window may have grown
        self._state.limit_decoder()

    def _ping(self, frame: Frame, payload: Ping) -> None:
        if frame.stream:
            self._state.odd_pings = True
        known = self._state.answered if self._flag(frame, "ACK") else self._state.pings
        new = known is self._state.pings and payload.opaque not in known
        if new and self._state.goaway_sent:
            self._state.farewells.add(payload.opaque)
        known.add(payload.opaque, self._state.local.announced)
