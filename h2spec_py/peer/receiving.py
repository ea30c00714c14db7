"""What each type of frame does to a connection when it is received, and the rules about that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from h2spec_py.peer.compression import is_whole
from h2spec_py.peer.events import HeaderBlock, Received
from h2spec_py.peer.exchange import Exchange
from h2spec_py.peer.flow import MAXIMUM
from h2spec_py.peer.framing import BLOCK_FRAMES, Framing
from h2spec_py.peer.heads import BlockReceiver
from h2spec_py.peer.settings import VALUE_RULES, named
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import CLOSED, Input, State, Stream, faults_of
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.payload import (
    AltSvc,
    Blocked,
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    Ping,
    Priority,
    PushPromise,
    RstStream,
    Settings,
    Unknown,
    WindowUpdate,
)

FLOW_CONTROL_OFF = 1
"""The bit of SETTINGS_FLOW_CONTROL_OPTIONS that ends flow control."""


class Receiver:
    """Follows the other end's direction of a connection."""

    def __init__(self, state: ConnectionState) -> None:
        self._state = state
        self._checks = state.checks
        self._streams = state.streams
        self._server = state.role == "server"
        self._framing = Framing(state)
        self._exchange = Exchange(state)
        self._blocks = BlockReceiver(state, self._exchange, self._advance)
        self._last_goaway: int | None = None
        self._first_error = 0
        self._handlers: Mapping[type[Payload], Callable[[Frame, Payload], HeaderBlock | None]] = {
            Data: self._data,
            Headers: self._blocks.headers,
            Priority: self._priority,
            RstStream: self._rst_stream,
            Settings: self._settings,
            PushPromise: self._blocks.push_promise,
            Ping: self._ping,
            Goaway: self._goaway,
            WindowUpdate: self._window_update,
            Continuation: self._blocks.continuation,
            AltSvc: self._altsvc,
            Blocked: self._blocked,
        }

    def head(self, head: Frame) -> None:
        """Look at the header of a frame whose payload may not have come yet."""
        self._framing.head(head)

    def frame(self, frame: Frame) -> Received:
        """Take in a frame."""
        frame_type = self._state.version.frame_by_code(frame.type)
        name = None if frame_type is None else frame_type.name
        goes_on = self._framing.accept(frame, name, self._blocks.open)
        if name is None:
            return Received(frame, None, Unknown(frame.payload), None)
        payload = self._framing.payload(frame, name) if goes_on else None
        if payload is None:
            self._abandon(frame, name)
            return Received(frame, name, None, None)
        if name == "HEADERS":
            self._check_ignored(frame)
        handler = self._handlers.get(type(payload))
        block = None if handler is None else handler(frame, payload)
        if block is not None and block.kind == "HEADERS":
            self._check_covered(self._streams.find(block.stream))
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
        if any(payload.padding or b""):
            self._checks.fault(0, "padding of DATA is not zero", "data.padding-zero")
        windows = self._state.windows
        windows.receive -= frame.declared
        free = bool(self._state.local.greatest("FLOW_CONTROL_OPTIONS", 0) & FLOW_CONTROL_OFF)
        if (
            not free
            and windows.receive < 0
            and self._checks.fault(
                0,
                f"DATA exceeds the connection's window by {-windows.receive}",
                "flow.connection-window",
            )
        ):
            return
        if frame.stream == 0:
            return
        stream = self._streams.find(frame.stream)
        if not self._advance(stream, Input.RECV_DATA) or stream.state in CLOSED:
            return
        compressed = self._flag(frame, "COMPRESSED")
        if compressed:
            self._compressed(payload.data)
        stream.receive_credit -= frame.declared
        initial = self._state.local.greatest("INITIAL_WINDOW_SIZE", MAXIMUM)
        if (
            not free
            and initial + stream.receive_credit < 0
            and self._checks.fault(
                stream.id, f"DATA exceeds the window of stream {stream.id}", "flow.stream-window"
            )
        ):
            return
        end = self._flag(frame, "END_STREAM")
        if end:
            self._advance(stream, Input.RECV_END)
        self._exchange.content(stream, payload.data, end=end, compressed=compressed)

    def _compressed(self, octets: bytes) -> None:
        if not self._state.local.greatest("COMPRESS_DATA", 0):
            text = "DATA is compressed although that is not enabled"
            self._checks.fault(0, text, "data.compression-disabled", "data.compression-not-sent")
        elif octets and not is_whole(octets):
            self._checks.fault(0, "compressed DATA is no GZIP", "data.compression-by-frame")

    # Frames about streams

    def _priority(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Priority)  # noqa: S101 - by the table of handlers
        if frame.stream == 0:
            return
        self._blocks.check_priority(frame.stream, payload.priority)
        stream = self._streams.find(frame.stream)
        if self._server:
            self._advance(stream, Input.RECV_PRIORITY)
        elif not self._streams.permits(stream, Input.RECV_PRIORITY):
            self._behind_reset(stream, "PRIORITY")

    def _behind_reset(self, stream: Stream, name: str) -> None:
        """Check that what the other end sends does not come behind its own RST_STREAM."""
        if stream.state is State.CLOSED_RESET_REMOTE and not stream.odd:
            text = f"{name} on stream {stream.id} comes behind RST_STREAM"
            self._checks.fault(stream.id, text, "stream.own-reset-last")

    def _rst_stream(self, frame: Frame, payload: Payload) -> None:
        if frame.stream == 0:
            return
        assert isinstance(payload, RstStream)  # noqa: S101 - by the table of handlers
        stream = self._streams.find(frame.stream)
        refused = payload.error == self._state.version.errors["REFUSED_STREAM"]
        if refused and not stream.odd and self._acted(stream):
            text = f"stream {stream.id} is refused, although its request has been answered"
            self._checks.fault(0, text, "message.retry-safe")
        if stream.quiet:  # a second answer to frames that were all on their way before the first
            message = f"stream {frame.stream} is reset once more"
            self._checks.fault(frame.stream, message, "stream.one-reset")
        self._advance(stream, Input.RECV_RESET)
        stream.quiet = stream.state in (State.CLOSED_RESET_REMOTE, State.CLOSED_ENDED)

    def _window_update(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, WindowUpdate)  # noqa: S101 - by the table of handlers
        stream = self._streams.find(frame.stream) if frame.stream else None
        kind = "connection" if stream is None else "stream"
        if stream is not None:
            if not self._server and stream.state in CLOSED:
                self._behind_reset(stream, "WINDOW_UPDATE")
                return
            if not self._advance(stream, Input.RECV_WINDOW):
                return
        windows = self._state.windows
        if windows.without(stream) and self._refuse_control(frame.stream):
            return
        ends = self._flag(frame, "END_FLOW_CONTROL")
        if ends and "flow.ended-by-flag" not in self._checks.forgiven:
            windows.end(stream)
            return
        if payload.increment == 0:
            self._checks.fault(
                frame.stream,
                "WINDOW_UPDATE with an increment of 0",
                f"window.zero-increment-{kind}",
                "window.increment-sent",
            )
            return
        if stream is not None and stream.state in CLOSED:
            return
        if not windows.credit(stream, payload.increment):
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
        if "settings.applied" not in self._checks.forgiven:
            self.apply(payload)

    def apply(self, payload: Settings) -> None:
        """Take over the other end's settings, in their order."""
        version = self._state.version
        self._check_entries([entry.id for entry in payload.settings])
        taken: list[tuple[str, int]] = []
        for name, value in named(version, payload.settings):
            setting = version.settings[name]
            legal = setting.minimum <= value <= setting.maximum
            if not legal and name in VALUE_RULES:
                if self._checks.fault(0, f"{name} is {value}", *VALUE_RULES[name]):
                    return
                continue
            if setting.server_maximum is not None and value > setting.server_maximum:
                self._checks.fault(0, f"{name} is {value}", "settings.enable-push-from-server")
            taken.append((name, value))
        for name, value in self._state.remote.apply(taken, self._checks.forgiven):
            if name == "INITIAL_WINDOW_SIZE":
                self._initial_window(value)
            elif name == "HEADER_TABLE_SIZE":
                self._state.limit_encoder(value)
            elif name == "FLOW_CONTROL_OPTIONS":
                self._flow_control(ended=bool(value & FLOW_CONTROL_OFF))

    def _check_entries(self, identifiers: list[int]) -> None:
        """Check which settings a frame has, and in which order."""
        if any(self._state.version.setting_by_id(one) is None for one in identifiers):
            self._checks.fault(0, "a setting is unknown", "settings.unknown-refused")
        if len(set(identifiers)) < len(identifiers):
            self._checks.fault(0, "a setting is there twice", "settings.unique")
        if sorted(identifiers) != identifiers:
            text = "the settings are not in the order of their identifiers"
            self._checks.fault(0, text, "settings.ascending")

    def _flow_control(self, *, ended: bool) -> None:
        """Follow SETTINGS_FLOW_CONTROL_OPTIONS (draft-04 6.9.4, draft-06 6.9.4)."""
        windows = self._state.windows
        if not ended and windows.streams_ended:
            self._refuse_control(0)
        elif ended:
            windows.streams_ended = True
            # Where WINDOW_UPDATE can end it, too, the setting is only about streams.
            flags = self._state.version.frames["WINDOW_UPDATE"].flags
            windows.ended |= "END_FLOW_CONTROL" not in flags

    def _refuse_control(self, number: int) -> bool:
        message = "flow control is taken up again after its end"
        return self._checks.fault(number, message, "flow.no-return")

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
        self._state.limit_decoder(local.acknowledge())
        if local.acknowledgements > local.announced + self._state.upgraded:
            self._checks.fault(0, "SETTINGS acknowledged that were not sent", "settings.ack")

    def _ping(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, Ping)  # noqa: S101 - by the table of handlers
        state = self._state
        if not self._flag(frame, "ACK"):
            return
        if payload.opaque in state.farewells and state.last_before_goaway is None:
            state.last_before_goaway = max(
                (one.id for one in self._streams if one.id % 2), default=0
            )
        if payload.opaque in state.pings:
            if not state.version.settings_ack:
                state.local.confirm(state.pings.number(payload.opaque))
            return
        if payload.opaque in state.answered:
            self._checks.fault(0, "a PING acknowledgement is answered", "ping.no-reply-to-ack")
        elif not state.odd_pings and not state.pings.forgot:
            shown = payload.opaque.hex()
            self._checks.fault(0, f"no PING had the payload {shown}", "ping.ack-payload")

    def _altsvc(self, frame: Frame, payload: Payload) -> None:
        assert isinstance(payload, AltSvc)  # noqa: S101 - by the table of handlers
        self._checks.fault(0, "a client sends ALTSVC", "altsvc.to-server")
        stream = self._streams.find(frame.stream)
        if frame.stream and (stream.id % 2 == 0 or stream.state is State.IDLE):
            text = f"ALTSVC on stream {stream.id}, which no request has opened"
            self._checks.fault(0, text, "altsvc.stream")
        if payload.reserved:
            self._checks.fault(0, "ALTSVC has reserved bits that are set", "altsvc.reserved")
        if not payload.host.isascii():
            self._checks.fault(0, f"ALTSVC names the host {payload.host!r}", "altsvc.host")

    def _blocked(self, frame: Frame, _: Payload) -> None:
        """Count BLOCKED: once, and once more for each time that the window may have opened."""
        stream = self._streams.find(frame.stream) if frame.stream else None
        if stream is not None and self._server and not self._advance(stream, Input.RECV_BLOCKED):
            return
        if stream is not None:
            self._behind_reset(stream, "BLOCKED")
        if stream is not None and stream.state is State.IDLE:
            return
        place = self._state if stream is None else stream
        place.blocked += 1
        if place.blocked > 1 + place.updates:
            where = f"stream {frame.stream}" if frame.stream else "the connection"
            self._checks.fault(frame.stream, f"BLOCKED again on {where}", "blocked.once")

    @property
    def goaway_seen(self) -> bool:
        """Whether a GOAWAY frame has come."""
        return self._last_goaway is not None

    def _goaway(self, _: Frame, payload: Payload) -> None:
        assert isinstance(payload, Goaway)  # noqa: S101 - by the table of handlers
        before, self._last_goaway = self._last_goaway, payload.last_stream
        if payload.last_stream and not (self._state.named_streams or self._state.upgraded):
            text = f"GOAWAY names stream {payload.last_stream} although there was none"
            self._checks.fault(0, text, "goaway.last-stream-zero")
        if before is not None and payload.last_stream > before:
            self._checks.fault(
                0,
                f"the last stream rises from {before} to {payload.last_stream}",
                "goaway.last-stream-falls",
            )
        acted = max((one.id for one in self._streams if self._acted(one)), default=0)
        if payload.last_stream < acted:
            text = f"GOAWAY names stream {payload.last_stream} although {acted} was answered"
            self._checks.fault(0, text, "goaway.last-stream-covers")
        if payload.error and self._first_error not in (0, payload.error):
            name = self._state.version.error_name
            text = f"GOAWAY({name(payload.error)}) comes after GOAWAY({name(self._first_error)})"
            self._checks.fault(0, text, "error.one-connection-error")
        self._first_error = self._first_error or payload.error

    def _check_ignored(self, frame: Frame) -> None:
        """Check that no request is answered that the other end, going in peace, left out."""
        last = self._last_goaway
        if last is not None and not self._first_error and frame.stream % 2 and frame.stream > last:
            text = f"stream {frame.stream} is answered behind GOAWAY that names stream {last}"
            self._checks.fault(0, text, "goaway.later-streams-ignored")

    def _check_covered(self, stream: Stream) -> None:
        """Check that no request is answered that GOAWAY for an error did not name."""
        last = self._last_goaway
        if last is not None and self._first_error and stream.id > last and self._acted(stream):
            text = f"stream {stream.id} is answered behind GOAWAY that names stream {last}"
            self._checks.fault(0, text, "goaway.last-stream-covers")

    def _acted(self, stream: Stream) -> bool:
        """Whether the other end did what a stream of ours asks for: it answered with success."""
        status = None
        if stream.id % 2 and stream.message is not None:
            status = stream.message.value(self._state.version.pseudo["status"].encode())
        return status is not None and status.startswith(b"2")
