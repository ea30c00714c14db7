"""Header blocks that are received: what carries them, what they open, and their decoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from h2spec_py.peer.blocks import Assembly, OpenBlock, continuing
from h2spec_py.peer.events import HeaderBlock
from h2spec_py.peer.exchange import Exchange
from h2spec_py.peer.messages import Message
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import ACTIVE, CLOSED, Input, State, Stream
from h2spec_py.spec import in_range
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField, HpackError
from h2spec_py.wire.payload import (
    Continuation,
    Headers,
    Payload,
    PriorityFields,
    PriorityNumber,
    PushPromise,
)

TARGET_RULES: Mapping[str, str] = {
    "hpack.huffman-eos": "hpack.huffman-padding-sent",
    "hpack.huffman-padding-length": "hpack.huffman-padding-sent",
    "hpack.huffman-padding-ones": "hpack.huffman-padding-sent",
    "hpack.size-update-limit": "hpack.encoder-limit",
    "hpack.size-update-late": "hpack.size-update-first",
}
"""What a decoding error says of the encoder, where that is a requirement of its own."""

OWN_RULES: Mapping[str, str] = {"hpack.size-update-missing": "hpack.size-update-demanded"}
"""What a decoding error is to the one who decodes, where that is a requirement of its own."""

NOT_ZERO: Mapping[str, str] = {
    "HEADERS": "headers.padding-zero",
    "PUSH_PROMISE": "push.padding-zero",
    "CONTINUATION": "continuation.padding-zero",
}
"""What padding breaks that is not zero, by the frame that has it."""

ALSO_OF_STREAMS = "06"
"""The versions whose rules about streams that have ended make no exception for CONTINUATION."""

ENDED: Mapping[State, str] = {
    State.HALF_CLOSED_REMOTE: "stream.half-closed-remote",
    State.CLOSED_ENDED: "stream.closed-after-end",
}
"""What CONTINUATION breaks there on a stream that has ended."""

CLIENTS = 1
"""Parity of the streams that clients open."""


class BlockReceiver:
    """Follows the header blocks of the other end.

    `advance` moves a stream on, and says whether its state permits that.
    """

    def __init__(
        self,
        state: ConnectionState,
        exchange: Exchange,
        advance: Callable[[Stream, Input], bool],
    ) -> None:
        self._state = state
        self._checks = state.checks
        self._streams = state.streams
        self._server = state.role == "server"
        self._exchange = exchange
        self._advance = advance
        self._assembly = Assembly()

    @property
    def open(self) -> OpenBlock | None:
        """The block that the next frame has to continue."""
        return self._assembly.current

    def _flag(self, frame: Frame, name: str) -> bool:
        return self._state.version.has_flag(frame.type, frame.flags, name)

    def headers(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        """Take in HEADERS."""
        assert isinstance(payload, Headers)  # noqa: S101 - by the table of handlers
        continued = self._continued(frame.stream, "HEADERS")
        if continued is not None:
            return self._fragment(frame, continued, payload.block)
        self._check_padding("HEADERS", payload.padding)
        block = OpenBlock(frame.stream, "HEADERS")
        if frame.stream == 0:
            block.dropped = True
        else:
            stream = self._streams.find(frame.stream)
            block.dropped = not self._open(stream)
            if payload.priority is not None:
                self.check_priority(frame.stream, payload.priority)
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
        if self._server and stream.state is State.IDLE and stream.id % 2 != CLIENTS:
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
                "stream.concurrency-respected",
            )

    def push_promise(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        """Take in PUSH_PROMISE."""
        assert isinstance(payload, PushPromise)  # noqa: S101 - by the table of handlers
        continued = self._continued(frame.stream, "PUSH_PROMISE")
        if continued is not None:
            return self._fragment(frame, continued, payload.block)
        block = OpenBlock(frame.stream, "PUSH_PROMISE", promised=payload.promised, dropped=True)
        self._checks.fault(0, "a client sends PUSH_PROMISE", "push.from-client")
        self._check_padding("PUSH_PROMISE", payload.padding)
        if not self._server and frame.stream:
            self._promise(frame.stream, payload.promised)
        self._assembly.start(block)
        return self._fragment(frame, block, payload.block)

    def _promise(self, number: int, promised: int) -> None:
        if self._state.local.settled("ENABLE_PUSH") == 0:
            self._checks.fault(0, "PUSH_PROMISE although push is disabled", "push.disabled")
        before = self._state.last_before_goaway
        if before is not None and number > before:
            text = f"PUSH_PROMISE on stream {number}, which came behind GOAWAY"
            self._checks.fault(0, text, "goaway.stops-opening")
        stream = self._streams.find(number)
        if not stream.odd and not self._streams.permits(stream, Input.RECV_PROMISE):
            shown = stream.state.name.lower().replace("_", " ")
            self._checks.fault(0, f"PUSH_PROMISE on stream {number} ({shown})", "push.sending")
        new = self._streams.find(promised)
        if new.odd:
            return
        if promised % 2 == CLIENTS:
            text = f"PUSH_PROMISE promises stream {promised}, which is odd"
            self._checks.fault(0, text, "stream.even-identifiers")
        elif promised == 0 or not self._streams.advance(new, Input.RECV_RESERVE):
            self._checks.fault(0, f"PUSH_PROMISE promises stream {promised}", "push.sending")

    def continuation(self, frame: Frame, payload: Payload) -> HeaderBlock | None:
        """Take in CONTINUATION."""
        assert isinstance(payload, Continuation)  # noqa: S101 - by the table of handlers
        block = self._assembly.find(frame.stream)
        if block is None:
            rules = ["continuation.without-headers"]
            if in_range(ALSO_OF_STREAMS, self._state.version.short):
                rules.append(ENDED.get(self._streams.find(frame.stream).state, rules[0]))
            text = f"CONTINUATION on stream {frame.stream} continues nothing"
            self._checks.fault(0, text, *rules)
            return None
        self._check_padding("CONTINUATION", payload.padding)
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
            self._too_large("a header block is too large")
            return None
        if not self._flag(frame, "END_HEADERS"):
            return None
        self._assembly.finish(block)
        decoder = self._state.decoder
        ordered = decoder is not None and not decoder.reference_set
        fields = self._decode(bytes(block.octets))
        trailers = False
        stream = self._streams.find(block.stream)
        if fields is None and not self._server and stream.message is None:
            stream.message = Message(head=())  # there was one, whatever it said
        if fields is not None and not block.dropped:
            trailers = self._exchange.headers(stream, fields, end=block.end_stream, ordered=ordered)
        if fields is not None and block.kind == "PUSH_PROMISE" and block.promised:
            self._exchange.promise(stream, block.promised, fields)
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
            if error.rule == "hpack.too-large":
                self._too_large(error.message)
            else:
                other = OWN_RULES if self._server else TARGET_RULES
                rules = (other.get(error.rule, error.rule), error.rule)
                self._checks.fault(0, error.message, *rules)
            if not self._server:
                self._state.decoder = None
            return None

    def _too_large(self, text: str) -> None:
        """Note a header block past our own bounds: what is behind it cannot be read any more."""
        self._state.overflowed = True
        self._checks.fault(0, text, "limit.header-block")

    def _check_padding(self, name: str, padding: bytes | None) -> None:
        if any(padding or b""):
            text = f"padding of {name} is not zero"
            self._checks.fault(0, text, NOT_ZERO[name])

    def check_priority(self, number: int, priority: PriorityFields | PriorityNumber) -> None:
        """Check the priority fields of a frame on a stream."""
        if isinstance(priority, PriorityFields) and priority.depends_on == number:
            self._checks.fault(
                number,
                f"stream {number} depends on itself",
                "priority.self-dependency",
                "priority.not-on-itself",
            )
