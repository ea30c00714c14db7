"""The reference endpoint: a small server that conforms, or breaks one named requirement.

It has no I/O and no clock: octets in, octets out, everything answered in order within `receive`.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

from h2spec_py.peer import RULES, Breach, Connection, Received
from h2spec_py.peer.messages import BAD_FIELD
from h2spec_py.peer.streams import ACTIVE, CLOSED, State, Stream
from h2spec_py.reference.decoders import wrong_decoder
from h2spec_py.reference.greeting import greeting
from h2spec_py.reference.refusals import REFUSALS, Scene
from h2spec_py.reference.responses import Responses
from h2spec_py.reference.violations import REQUIREMENTS
from h2spec_py.spec import Version, in_range
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.hpack import Decoder, HeaderField
from h2spec_py.wire.payload import Data, Ping, Settings, SettingsEntry, write_payload

DOWNGRADED = {
    "hpack.error-is-connection-error": "COMPRESSION_ERROR",
    "error.connection-error-reported": "COMPRESSION_ERROR",
    "frame.size-error-connection": "FRAME_SIZE_ERROR",
}
"""The requirements that are broken by only resetting the stream, and for which errors."""

ENDS_AT_GOAWAY = frozenset({"goaway.answered", "goaway.before-close"})
"""The requirements that are broken by ending the connection, without a word, behind GOAWAY."""

MANY_ERRORS = frozenset({"error.one-connection-error", "error.one-report"})
"""The requirements that are broken by a second GOAWAY, which names another error."""

HOLDS_EARLY = frozenset({"flow.reduced-window", "settings.in-force-on-ack"})
"""The requirements that are broken by a smaller window of which the client does not know yet."""

SECOND = 2
"""The number of the frame that comes behind the SETTINGS of a client connection preface."""

UNDEFINED_FLAG = 0x40
"""A flag that no version defines for any type of frame."""

EARLY = (b"CONNECT", b"GET")
"""Methods of requests that are answered as soon as their header section is there."""

WITH_BAD_FIELD_STATUS = "9113"
"""The versions that advise a 400 response to a request with a forbidden octet in a field."""


class ReferenceServer:
    """One connection to the reference endpoint.

    Requirements in `violate` are broken, each in a way of its own (see
    `h2spec_py.reference.violations`). Raises ValueError for one that it cannot break.

    The settings in `announce` are announced beside its own.

    It answers `GET /` with 1,024 octets of text, `HEAD` likewise without them, `POST` to any path
    with a short text once the request has ended, and other paths with status 404.
    """

    def __init__(
        self,
        version: Version,
        violate: Collection[str] = (),
        announce: Mapping[str, int] | None = None,
    ) -> None:
        unknown = set(violate) - REQUIREMENTS
        if unknown:
            raise ValueError(f"cannot break {', '.join(sorted(unknown))}")
        self.version = version
        self.violate = frozenset(violate)
        self._announce = announce or {}
        self.window = self._announce.get("INITIAL_WINDOW_SIZE", version.initial_window)
        """The window that streams start with once the other end knows of it (octets)."""
        forgive = set(self.violate)
        if "hpack.integer-overlong" in forgive:
            forgive.add("hpack.integer-overflow")  # refuse overlong ones of any length alike
        if "hpack.size-update-demanded" in forgive:
            forgive.add("hpack.size-update-missing")  # or nothing could be decoded behind it
        if "message.authority-decides" in forgive:
            forgive.add("message.host-authority")
        if "message.malformed" in forgive:
            forgive |= {rule for rule in RULES if rule.startswith("message.")}
        if "start.upgrade-stream" in forgive:
            forgive |= {"stream.half-closed-remote", "stream.data-state"}
        self.connection = Connection(version, "server", forgive=forgive)
        self.closed = False
        """Whether the TCP connection is to be closed once the octets are written."""
        decoder = wrong_decoder(version.hpack, self.violate)
        if decoder is not None:
            self.connection.decoder = decoder
        self._responses = Responses(self.connection, self._send, self.violate)
        self._out = bytearray()
        self._started = False
        self._failed = False
        self._consumed: dict[int, int] = {}
        self._pings: list[bytes] = []
        self._taken = 0
        self._leaving: int | None = None
        """The last stream that our GOAWAY names, once the client has sent one."""

    # Octets

    def receive(self, data: bytes) -> bytes:
        """Take in octets; returns what to send. The first call also starts the connection."""
        self._start()
        stuck = "flow.read-promptly" in self.violate and self._responses.waiting
        if not self._failed and not stuck:
            self.connection.feed(data)
            self._run()
        return self._flush()

    def upgraded(self, settings: Settings, method: bytes, fields: tuple[HeaderField, ...]) -> bytes:
        """Take over a connection after an HTTP/1.1 Upgrade; the request becomes stream 1.

        Returns what to send behind the 101 response (rfc7540 3.2).
        """
        self._start()
        self.connection.upgraded(settings, method, fields)
        self._react(self.connection.problems())
        if not self._failed and "start.upgrade-answered" not in self.violate:
            self._answer(self.connection.stream(1))
        return self._flush()

    def end(self, code: str) -> bytes:
        """End the connection for an error, for what is not in any frame; an empty code is none."""
        if code:
            self._fail(code)
        return self._flush()

    def _flush(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        return out

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        if "preface.server-settings-first" in self.violate:
            self._send("PING", 0, b"too soon", ())
        for name, stream, payload in greeting(self.version, self.violate, self._announce):
            self._send(name, stream, payload, ())

    def _send(self, name: str, stream: int, payload: bytes, flags: tuple[str, ...]) -> None:
        known = self.version.frames[name]
        if name == "SETTINGS" and "settings.on-stream-zero" in self.violate:
            stream = 1
        octet = sum(known.flags.get(flag, 0) for flag in flags)  # not all are known everywhere
        if "frame.undefined-flags-unset" in self.violate:
            octet |= UNDEFINED_FLAG
        length_bits = "frame.reserved-length-bits-unset" in self.violate
        frame = Frame(
            known.code,
            octet,
            stream,
            payload,
            reserved=int("frame.reserved-bit-unset" in self.violate),
            length_reserved=int(length_bits and self.version.header.reserved_bits > 0),
        )
        self.connection.sent(frame)
        self._out += encode_frame(self.version.header, frame)

    # Events

    def _run(self) -> None:
        while not self._failed:
            before = self.connection.next_stream
            state = self.connection.stream(before).state if before else State.IDLE
            decoder = self._decoder_to_keep(before)
            events = self.connection.step()
            if events is None:
                break
            self._react([event for event in events if isinstance(event, Breach)], events)
            for event in events:
                if isinstance(event, Received) and not self._failed:
                    self._take(event, state)
            if decoder is not None:
                self.connection.decoder = decoder
        if not self._failed:
            self._responses.pump()
            self._answer_pings()

    def _decoder_to_keep(self, number: int) -> Decoder | None:
        """The state of header compression that a frame on a stream is not to change, if any."""
        if "goaway.state-kept" not in self.violate or not self._is_left_out(number):
            return None
        return copy.deepcopy(self.connection.decoder)

    def _react(self, breaches: list[Breach], events: list[Received | Breach] | None = None) -> None:
        """Answer breaches with the errors that they are."""
        resets = {code for one, code in DOWNGRADED.items() if one in self.violate}
        for breach in breaches:
            if self._failed:
                return
            scope, number = breach.scope, breach.stream
            if scope == "connection" and breach.code in resets:
                last = events[-1] if events else None
                number = last.frame.stream if isinstance(last, Received) else 0
                if number:
                    self._send_reset(number, breach.code)
                    continue
            if scope == "connection" or self.connection.stream(number).state is State.IDLE:
                self._fail(breach.code)
            else:
                self._reset(number, breach)

    def _reset(self, number: int, breach: Breach) -> None:
        advised = in_range(WITH_BAD_FIELD_STATUS, self.version.short)
        advised = advised and "message.bad-field-status" not in self.violate
        if breach.status:
            self._responses.refuse(number, int(breach.status))
            return
        if breach.requirement in BAD_FIELD and advised and not self._responses.answers(number):
            self._responses.refuse(number)
        self._send_reset(number, breach.code)

    def _send_reset(self, number: int, code: str) -> None:
        if "error.reset-sent" in self.violate:
            return
        octets = self.version.errors[code].to_bytes(4, "big")
        for _ in range(2 if "error.one-report" in self.violate else 1):
            self._send("RST_STREAM", number, octets, ())
        if "stream.own-reset-last" in self.violate:
            self._send("WINDOW_UPDATE", number, (1).to_bytes(4, "big"), ())

    def _fail(self, code: str) -> None:
        """End the connection for an error."""
        self._failed = True
        if self.connection.preface_forgiven:
            return  # what cannot be made sense of is passed over, as the preface was
        if "error.goaway-first" not in self.violate:
            last = self.connection.last_stream
            self._goaway(last, code)
            if "goaway.last-stream-falls" in self.violate:
                self._goaway(last + 2, code)
            if not MANY_ERRORS.isdisjoint(self.violate):
                self._goaway(last, "INTERNAL_ERROR")
        self.closed = "error.close-connection" not in self.violate

    def _goaway(self, last: int, code: str) -> None:
        if "goaway.last-stream-zero" in self.violate:
            last = max(last, 1)
        if "goaway.last-stream-covers" in self.violate:
            last = 0
        payload = last.to_bytes(4, "big") + self.version.errors[code].to_bytes(4, "big")
        self._send("GOAWAY", int("goaway.on-stream-zero" in self.violate), payload, ())

    def _take(self, received: Received, state: State) -> None:
        """Process a frame; `state` is that of its stream before it came."""
        self._taken += 1
        early = self._taken == SECOND and received.name == "HEADERS"
        unset = received.name == "HEADERS" and not self.connection.announced_settings
        if (early and "preface.early-frames" in self.violate) or (
            unset and "preface.settings-empty" in self.violate
        ):
            self._fail("PROTOCOL_ERROR")
            return
        stream = self.connection.stream(received.frame.stream)
        past = self.window + stream.receive_credit < 0
        if received.name == "DATA" and past and not self.violate.isdisjoint(HOLDS_EARLY):
            self._fail("FLOW_CONTROL_ERROR")
            return
        if self._refuse(
            Scene(self.version, received, stream, state, self.connection.remote_settings)
        ):
            return
        payload = received.payload
        ack = self.version.has_flag(received.frame.type, received.frame.flags, "ACK")
        if isinstance(payload, Settings) and not ack:
            self._acknowledge()
        elif isinstance(payload, Ping):
            self._ping(payload, ack=ack)
        elif received.name == "RST_STREAM":
            self._was_reset(received.frame.stream)
        elif received.name == "DATA":
            self._consume(received, stream)
            if "stream.one-reset" in self.violate and state is State.CLOSED_RESET_LOCAL:
                self._send_reset(stream.id, "STREAM_CLOSED")
        elif received.name == "GOAWAY" and not ENDS_AT_GOAWAY.isdisjoint(self.violate):
            self._failed = self.closed = True
            return
        elif received.name == "GOAWAY":
            self._leave()
        elif received.name == "PRIORITY" and "priority.keeps-state" in self.violate:
            self.connection.force_open(stream)
        ignored = "goaway.later-streams-ignored" not in self.violate
        if received.frame.stream and not (ignored and self._is_left_out(stream.id)):
            self._answer(stream)
        self._responses.pump()
        if "ping.first" not in self.violate:
            self._answer_pings()

    def _leave(self) -> None:
        """Go as the client does, once the requests are answered that are under way, if any are."""
        last = self.connection.last_stream
        if self._leaving is None and self.connection.stream(last).state in ACTIVE:
            self._leaving = last
            self._goaway(last, "NO_ERROR")

    def _is_left_out(self, number: int) -> bool:
        """Whether a stream came behind our GOAWAY, so that what comes on it is ignored."""
        return self._leaving is not None and number % 2 == 1 and number > self._leaving

    def _refuse(self, scene: Scene) -> bool:
        """Refuse something legal, if that is to be done."""
        for requirement in self.violate & REFUSALS.keys():
            refusal = REFUSALS[requirement]
            if not refusal.applies(scene):
                continue
            if refusal.scope == "silence":
                self._failed = True
                return True
            if refusal.scope == "connection":
                self._fail(refusal.code)
                return True
            if scene.stream.state not in CLOSED:
                self._send_reset(scene.stream.id, refusal.code)
        return False

    # Frames about the connection

    def _acknowledge(self) -> None:
        if not self.version.settings_ack or "settings.ack" in self.violate:
            return
        payload = b""
        if "settings.ack-empty" in self.violate:
            entry = SettingsEntry(self.version.settings["HEADER_TABLE_SIZE"].id, 4096)
            payload = write_payload(self.version, Settings((entry,)))
        self._send("SETTINGS", 0, payload, ("ACK",))

    def _ping(self, ping: Ping, *, ack: bool) -> None:
        if ack and "ping.no-reply-to-ack" not in self.violate:
            return
        if "ping.ack" not in self.violate or ack:
            self._pings.append(ping.opaque)

    def _answer_pings(self) -> None:
        if "flow.exempt-frames" in self.violate and self.connection.send_window <= 0:
            return
        for opaque in self._pings:
            payload = opaque[::-1] if "ping.ack-payload" in self.violate else opaque
            if "ping.octets" in self.violate:
                payload += b"\0"
            self._send("PING", 0, payload, ("ACK",))
        self._pings.clear()

    # Frames about streams

    def _was_reset(self, number: int) -> None:
        if "stream.reset-stops-sending" in self.violate:
            self._responses.go_on(number)
        if "stream.no-reset-for-reset" in self.violate:
            self._send_reset(number, "STREAM_CLOSED")

    def _consume(self, received: Received, stream: Stream) -> None:
        """Give back what DATA took from the windows, in portions of half a window."""
        self._give_back(0, received.frame.declared)
        if isinstance(received.payload, Data) and stream.state is State.OPEN:
            self._give_back(stream.id, received.frame.declared)
        elif stream.id:
            self._consumed.pop(stream.id, None)
            if "flow.updates-cease" in self.violate and received.frame.declared:
                octets = received.frame.declared.to_bytes(4, "big")
                self._send("WINDOW_UPDATE", stream.id, octets, ())

    def _give_back(self, number: int, octets: int) -> None:
        total = self._consumed.get(number, 0) + octets
        if "flow.window-returned" in self.violate:
            return
        if total >= (self.window if number else self.version.initial_window) // 2:
            self._send("WINDOW_UPDATE", number, total.to_bytes(4, "big"), ())
            total = 0
        self._consumed[number] = total

    def _answer(self, stream: Stream) -> None:
        """Answer a request that is complete, or one that is answered before."""
        message = stream.message
        if message is None or message.head is None or message.refused:
            return
        if message.value(b"expect") == b"100-continue" and not message.ended:
            self._responses.ask(stream.id)
        method = message.value(self.version.pseudo["method"].encode())
        ready = message.ended or method in EARLY
        if ready and stream.state not in CLOSED and not self._responses.answers(stream.id):
            self._consumed.pop(stream.id, None)
            self._responses.answer(stream, message)
