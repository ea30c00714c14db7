"""What each type of frame does to a connection when it is received, and the rules about that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from h2spec_py.peer.blocks import Assembly, OpenBlock, continuing
from h2spec_py.peer.events import HeaderBlock, Received
from h2spec_py.peer.exchange import Exchange
from h2spec_py.peer.flow import MAXIMUM
from h2spec_py.peer.framing import BLOCK_FRAMES, Framing
from h2spec_py.peer.settings import VALUE_RULES, named
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import ACTIVE, CLOSED, Input, State, Stream, faults_of
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField, HpackError
from h2spec_py.wire.payload import (
    AltSvc,
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    Ping,
    Priority,
    PriorityFields,
    PriorityNumber,
    PushPromise,
    RstStream,
    Settings,
    Unknown,
    WindowUpdate,
)

TARGET_RULES: Mapping[str, str] = {
    "hpack.size-update-limit": "hpack.encoder-limit",
    "hpack.size-update-late": "hpack.size-update-first",
}
"""What a decoding error says of the encoder, where that is a requirement of its own."""

ODD = 1
"""Parity of the streams that clients open."""


class Receiver:
    """Follows the other end's direction of a connection."""

    def __init__(self, state: ConnectionState) -> None:
        self._state = state
        self._checks = state.checks
        self._streams = state.streams
        self._server = state.role == "server"
        self._framing = Framing(state)
        self._exchange = Exchange(state)
        self._assembly = Assembly()
        self._last_goaway: int | None = None
        self._handlers: Mapping[type[Payload], Callable[[Frame, Payload], HeaderBlock | None]] = {
            Data: self._data,
            Headers: self._headers,
            Priority: self._priority,
            RstStream: self._rst_stream,
            Settings: self._settings,
            PushPromise: self._push_promise,
            Ping: self._ping,
            Goaway: self._goaway,
            WindowUpdate: self._window_update,
            Continuation: self._continuation,
            AltSvc: self._altsvc,
        }

    def head(self, head: Frame) -> None:
        """Look at the header of a frame whose payload may not have come yet."""
        self._framing.head(head)

    def frame(self, frame: Frame) -> Received:
        """Take in a frame."""
        frame_type = self._state.version.frame_by_code(frame.type)
        name = None if frame_type is None else frame_type.name
        goes_on = self._framing.accept(frame, name, self._assembly.current)
        if name is None:
            return Received(frame, None, Unknown(frame.payload), None)
        payload = self._framing.payload(frame, name) if goes_on else None
        if payload is None:
            self._abandon(frame, name)
            return Received(frame, name, None, None)
        handler = self._handlers.get(type(payload))
        block = None if handler is None else handler(frame, payload)
        return Received(frame, name, payload, block)

    def _abandon(self, frame: Frame, name: str) -> None:
        """Keep count of what even a frame that is not processed changes."""
        if name in BLOCK_FRAMES:
            self._state.decoder = None
        if name == "DATA":
            self._state.windows.receive -= frame.declared

    def _flag(self, frame: Frame, name: str) -> bool:
        return self._state.version.has_flag(frame.type, frame.flags, name)

    def _advance(self, stream: Stream, given: Input) -> bool:
        """Move a stream on. Returns whether its state permits what came."""
        opens = stream.state is State.IDLE and given is Input.RECV_HEADERS
        if (self._server or not opens) and self._streams.advance(stream, given):
            return True
        if not stream.odd:
            shown = stream.state.name.lower().replace("_", " ")
            what = given.name.removeprefix("RECV_").lower()
            message = f"{what} on stream {stream.id}, which is {shown}"
            short = self._state.version.short
            self._checks.fault(stream.id, message, *faults_of(stream.state, given, short))
        return False

    # Messages

    def _data(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Data)  # noqa: S101 - by the table of handlers
        windows = self._state.windows
        windows.receive -= frame.declared
        if windows.receive < 0 and self._checks.fault(
            0,
            f"DATA exceeds the connection's window by {-windows.receive}",
            "flow.connection-window",
        ):
            return
        if frame.stream == 0:
            return
        stream = self._streams.find(frame.stream)
        if not self._advance(stream, Input.RECV_DATA) or stream.state in CLOSED:
            return
        if self._flag(frame, "COMPRESSED") and not self._state.local.greatest("COMPRESS_DATA", 0):
            self._checks.fault(
                0,
                "DATA is compressed although that is not enabled",
                "data.compression-disabled",
                "data.compression-not-sent",
            )
        stream.receive_credit -= frame.declared
        initial = self._state.local.greatest("INITIAL_WINDOW_SIZE", MAXIMUM)
        if initial + stream.receive_credit < 0 and self._checks.fault(
            stream.id, f"DATA exceeds the window of stream {stream.id}", "flow.stream-window"
        ):
            return
        end = self._flag(frame, "END_STREAM")
        if end:
            self._advance(stream, Input.RECV_END)
        self._exchange.content(stream, payload.data, end=end)

    def _headers(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        assert isinstance(payload, Headers)  # noqa: S101 - by the table of handlers
        continued = self._continued(frame.stream, "HEADERS")
        if continued is not None:
            return self._fragment(frame, continued, payload.block)
        block = OpenBlock(frame.stream, "HEADERS")
        if frame.stream == 0:
            block.dropped = True
        else:
            stream = self._streams.find(frame.stream)
            block.dropped = not self._open(stream)
            if payload.priority is not None:
                self._check_priority(frame.stream, payload.priority)
        self._assembly.start(block)
        return self._fragment(frame, block, payload.block)

    def _continued(self, number: int, kind: str) -> OpenBlock | None:
        """The block that a frame of the same type goes on with, where there is no CONTINUATION."""
        block = self._assembly.find(number)
        if block is None or not block.kind == kind == continuing(self._state.version, block):
            return None
        return block

    def _open(self, stream: Stream) -> bool:
        """Let HEADERS open a stream, or go on with it. Returns whether they mean anything there."""
        if self._server and stream.state is State.IDLE and stream.id % 2 != ODD:
            self._checks.fault(
                stream.id, f"a client opens stream {stream.id}", "stream.id-parity", "stream.idle"
            )
        fresh = stream.state in (State.IDLE, State.CLOSED_SKIPPED, State.RESERVED_REMOTE)
        if not self._advance(stream, Input.RECV_HEADERS):
            if not (self._server and fresh and self._checks.pardoned):
                return False
            self._streams.force(stream, State.OPEN)
        if fresh and stream.state in ACTIVE:
            self._check_concurrency(stream)
            self._state.last_stream = max(self._state.last_stream, stream.id)
        return stream.state not in CLOSED

    def _check_concurrency(self, stream: Stream) -> None:
        limit = self._state.local.settled("MAX_CONCURRENT_STREAMS")
        if limit is not None and self._streams.active(stream.id % 2) > limit:
            self._checks.fault(
                stream.id,
                f"stream {stream.id} exceeds the limit of {limit} streams",
                "stream.concurrency-limit",
            )

    def _push_promise(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        assert isinstance(payload, PushPromise)  # noqa: S101 - by the table of handlers
        continued = self._continued(frame.stream, "PUSH_PROMISE")
        if continued is not None:
            return self._fragment(frame, continued, payload.block)
        block = OpenBlock(frame.stream, "PUSH_PROMISE", promised=payload.promised, dropped=True)
        self._checks.fault(0, "a client sends PUSH_PROMISE", "push.from-client")
        if not self._server and frame.stream:
            self._promise(frame.stream, payload.promised)
        self._assembly.start(block)
        return self._fragment(frame, block, payload.block)

    def _promise(self, number: int, promised: int) -> None:
        if self._state.local.settled("ENABLE_PUSH") == 0:
            self._checks.fault(0, "PUSH_PROMISE although push is disabled", "push.disabled")
        stream = self._streams.find(number)
        if not stream.odd and not self._streams.permits(stream, Input.RECV_PROMISE):
            shown = stream.state.name.lower().replace("_", " ")
            self._checks.fault(0, f"PUSH_PROMISE on stream {number} ({shown})", "push.sending")
        new = self._streams.find(promised)
        if new.odd:
            return
        if promised % 2 == ODD or not self._streams.advance(new, Input.RECV_RESERVE):
            self._checks.fault(0, f"PUSH_PROMISE promises stream {promised}", "push.sending")

    def _continuation(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        assert isinstance(payload, Continuation)  # noqa: S101 - by the table of handlers
        block = self._assembly.find(frame.stream)
        if block is None:
            self._checks.fault(
                0,
                f"CONTINUATION on stream {frame.stream} continues nothing",
                "continuation.without-headers",
            )
            return None
        return self._fragment(frame, block, payload.block)

    def _fragment(self, frame: Frame, block: OpenBlock, fragment: bytes) -> HeaderBlock | None:
        """Add a fragment to a header block; returns the block once it is complete."""
        if self._flag(frame, "END_STREAM") and not block.end_stream:
            block.end_stream = True
            if not block.dropped:
                self._advance(self._streams.find(block.stream), Input.RECV_END)
        if not block.add(fragment):
            self._assembly.finish(block)
            self._state.decoder = None
            self._checks.fault(0, "a header block is too large", "limit.header-block")
            return None
        if not self._flag(frame, "END_HEADERS"):
            return None
        self._assembly.finish(block)
        fields = self._decode(bytes(block.octets))
        trailers = False
        if fields is not None and not block.dropped:
            stream = self._streams.find(block.stream)
            trailers = self._exchange.headers(stream, fields, end=block.end_stream)
        return HeaderBlock(
            block.stream,
            block.kind,
            fields,
            block.end_stream,
            block.promised,
            trailers,
            bytes(block.octets),
        )

    def _decode(self, octets: bytes) -> tuple[HeaderField, ...] | None:
        if self._state.decoder is None:
            return None
        try:
            return tuple(self._state.decoder.decode(octets))
        except HpackError as error:
            rule = error.rule if self._server else TARGET_RULES.get(error.rule, error.rule)
            if rule == "hpack.too-large":
                rule = "limit.header-block"
            self._checks.fault(0, error.message, rule)
            if not self._server:
                self._state.decoder = None
            return None

    # Frames about streams

    def _check_priority(self, number: int, priority: PriorityFields | PriorityNumber) -> None:
        if isinstance(priority, PriorityFields) and priority.depends_on == number:
            self._checks.fault(
                number, f"stream {number} depends on itself", "priority.self-dependency"
            )

    def _priority(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Priority)  # noqa: S101 - by the table of handlers
        if frame.stream == 0:
            return
        self._check_priority(frame.stream, payload.priority)
        if self._server:
            self._advance(self._streams.find(frame.stream), Input.RECV_PRIORITY)

    def _rst_stream(self, frame: Frame, _: Payload) -> None:
        if frame.stream == 0:
            return
        stream = self._streams.find(frame.stream)
        self._advance(stream, Input.RECV_RESET)

    def _window_update(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, WindowUpdate)  # noqa: S101 - by the table of handlers
        stream = self._streams.find(frame.stream) if frame.stream else None
        kind = "connection" if stream is None else "stream"
        if stream is not None:
            if not self._server and stream.state in CLOSED:
                return
            if not self._advance(stream, Input.RECV_WINDOW):
                return
        if payload.increment == 0:
            self._checks.fault(
                frame.stream,
                "WINDOW_UPDATE with an increment of 0",
                f"window.zero-increment-{kind}",
            )
            return
        if stream is not None and stream.state in CLOSED:
            return
        if not self._state.windows.credit(stream, payload.increment):
            self._checks.fault(
                frame.stream,
                f"WINDOW_UPDATE takes the {kind}'s window past 2^31-1",
                f"window.overflow-{kind}",
            )

    # Frames about the connection

    def _settings(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Settings)  # noqa: S101 - by the table of handlers
        if self._flag(frame, "ACK"):
            self._acknowledge()
            return
        self._state.settings_seen = True
        self.apply(payload)

    def apply(self, payload: Settings) -> None:
        """Take over the other end's settings, in their order."""
        version = self._state.version
        if any(version.setting_by_id(entry.id) is None for entry in payload.settings):
            self._checks.fault(0, "a setting is unknown", "settings.unknown-refused")
        taken: list[tuple[str, int]] = []
        for name, value in named(version, payload.settings):
            setting = version.settings[name]
            legal = setting.minimum <= value <= setting.maximum
            if not legal and name in VALUE_RULES:
                if self._checks.fault(0, f"{name} is {value}", VALUE_RULES[name]):
                    return
                continue
            if name == "ENABLE_PUSH" and value:
                self._checks.fault(0, f"{name} is {value}", "settings.enable-push-from-server")
            taken.append((name, value))
        for name, value in self._state.remote.apply(taken, self._checks.forgiven):
            if name == "INITIAL_WINDOW_SIZE":
                self._initial_window(value)
            elif name == "HEADER_TABLE_SIZE":
                self._state.limit_encoder(value)

    def _initial_window(self, octets: int) -> None:
        self._streams.initial_window = octets
        if not self._state.windows.change_initial(octets, self._streams):
            self._checks.fault(
                0,
                f"an initial window of {octets} takes a stream's window past 2^31-1",
                "flow.initial-window-overflow",
            )

    def _acknowledge(self) -> None:
        local = self._state.local
        local.acknowledge()
        self._state.limit_decoder()
        if local.acknowledgements > local.announced + self._state.upgraded:
            self._checks.fault(0, "SETTINGS acknowledged that were not sent", "settings.ack")

    def _ping(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Ping)  # noqa: S101 - by the table of handlers
        state = self._state
        if not self._flag(frame, "ACK"):
            return
        if payload.opaque in state.pings:
            if not state.version.settings_ack:
                state.local.confirm(state.pings.number(payload.opaque))
            return
        if payload.opaque in state.answered:
            self._checks.fault(0, "a PING acknowledgement is answered", "ping.no-reply-to-ack")
        elif not state.odd_pings and not state.pings.forgot:
            shown = payload.opaque.hex()
            self._checks.fault(0, f"no PING had the payload {shown}", "ping.ack-payload")

    def _altsvc(self, _: Frame, __: Payload) -> None:
        self._checks.fault(0, "a client sends ALTSVC", "altsvc.to-server")

    def _goaway(self, _: Frame, payload: Payload) -> None:
        assert isinstance(payload, Goaway)  # noqa: S101 - by the table of handlers
        before, self._last_goaway = self._last_goaway, payload.last_stream
        if before is not None and payload.last_stream > before:
            self._checks.fault(
                0,
                f"the last stream rises from {before} to {payload.last_stream}",
                "goaway.last-stream-falls",
            )
