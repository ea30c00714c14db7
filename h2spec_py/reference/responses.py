"""Responses on their way: sent in the order of the requests, as far as the windows allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from h2spec_py.peer import Connection
from h2spec_py.peer.messages import NO_PROMISED_METHOD, Message, first_value
from h2spec_py.peer.streams import CLOSED, State, Stream
from h2spec_py.spec import in_range
from h2spec_py.wire.hpack import (
    HeaderField,
    Indexed,
    LiteralField,
    TableSizeUpdate,
    find_generation,
    plain,
)
from h2spec_py.wire.hpack.model import Representation

PAGE = b"".join(
    b"Line %02d of the page that the reference endpoint serves: " % n for n in range(19)
)
PAGE = PAGE[:1023] + b"\n"
"""What `GET /` is answered with: 1,024 octets of text."""

RICH = "/rich"
"""A resource whose content does not fit into one frame, and that pushes another one."""

PUSHED = b"/pushed"
"""The path of that one."""

ELSEWHERE = b"elsewhere.invalid"
"""A host that is served by somebody else: nothing is found there."""

RECEIVED = b"received\n"
NOT_FOUND = b"not found\n"
LARGE = b"x" * 70_000
LARGER = {"frame.size-respected", "flow.connection-window"}
"""Requirements that only a body larger than a frame, or than a window, can break."""

PUSHING = frozenset(
    {
        *("push.disabled", "push.sending", "push.contiguous", "push.padding-zero"),
        *("push.request", "push.request-safe", "push.request-authority"),
        *("push.order", "push.response", "push.response-cacheable"),
        *("stream.even-identifiers", "stream.reserved-sending", "stream.concurrency-respected"),
    }
)
"""Requirements that only a push can break: every response pushes."""

PADDED: Mapping[str, tuple[str, bytes]] = {
    "data.padding-zero": ("DATA", b"\xff"),
    "headers.padding-zero": ("HEADERS", b"\xff"),
    "push.padding-zero": ("PUSH_PROMISE", b"\xff"),
    "flow.padding-counts": ("DATA", bytes(16)),
}
"""Requirements that frames of a type break by their padding."""

FIELDS: Mapping[str, HeaderField] = {
    "hpack.value-text": HeaderField(b"x-text", b"\xff"),
    "message.names-lowercase": HeaderField(b"X-Name", b"1"),
    "message.pseudo-undefined-sent": HeaderField(b":h2spec", b"1"),
    "message.names-tokens": HeaderField(b"x name", b"1"),
    "message.chunked-unused": HeaderField(b"transfer-encoding", b"chunked"),
    "push.response-cacheable": HeaderField(b"cache-control", b"no-store"),
    "message.connection-specific-sent": HeaderField(b"connection", b"keep-alive"),
}
"""The fields of responses that break a requirement."""

INTERIM: Mapping[str, bytes] = {
    "message.interim-unused": b"100",
    "message.switching-protocols": b"101",
}
"""The status of an interim response that breaks a requirement."""

HUFFMAN_SENT = "hpack-05"
"""The document that says how to pad, and not what other padding is."""

WITH_INTERIM = "14.."
"""The versions in which a response with status 100 asks for the content of a request."""

Send = Callable[[str, int, bytes, tuple[str, ...]], None]
"""Sends a frame: the name of its type, stream, payload, names of flags."""


@dataclass(slots=True)
class Response:
    """A response, or what is left of it to send."""

    stream: int
    status: int
    body: bytes
    content_length: int | None
    tunnel: bool = False
    """Whether the stream is connected, and so stays open."""
    linked: Message | None = None
    """The request to which it answers with a reference to something that is pushed."""
    head_sent: bool = False
    done: bool = False
    complained: bool = False


class Responses:
    """Makes responses, and sends them as windows open."""

    def __init__(self, connection: Connection, send: Send, violate: frozenset[str]) -> None:
        self._connection = connection
        self._write = send
        self._violate = violate
        self._waiting: list[Response] = []
        self._known: set[int] = set()
        self._asked: set[int] = set()
        self._block_octets = 0
        self._promised = 0

    @property
    def waiting(self) -> bool:
        """Whether a response waits for a window."""
        return bool(self._waiting)

    def _send(self, name: str, stream: int, payload: bytes, flags: tuple[str, ...]) -> None:
        known = self._connection.version.frames.get(name)
        if known is None:
            return  # nobody breaks there what the version does not have
        for requirement, (padded, octets) in PADDED.items():
            if requirement in self._violate and name == padded and "PADDED" in known.flags:
                payload = bytes([len(octets)]) + payload + octets
                flags = (*flags, "PADDED")
        self._block_octets += len(payload) if name == "HEADERS" else 0
        if name == "HEADERS" and self._pads_continuation():
            first = tuple(flag for flag in flags if flag != "END_HEADERS")
            self._write(name, stream, payload[:1], first)
            name, payload = "CONTINUATION", b"\1" + payload[1:] + b"\xff"
            flags = ("END_HEADERS", "PADDED")
        self._write(name, stream, payload, flags)
        if "END_STREAM" in flags and "stream.ended-sending" in self._violate:
            self._write("DATA", stream, b"", ())

    def _pads_continuation(self) -> bool:
        known = self._connection.version.frames.get("CONTINUATION")
        broken = "continuation.padding-zero" in self._violate
        return broken and known is not None and "PADDED" in known.flags

    def answers(self, stream: int) -> bool:
        """Whether a request on this stream has been answered, or is being answered."""
        return stream in self._known

    def answer(self, stream: Stream, message: Message) -> None:
        """Answer a request."""
        self._known.add(stream.id)
        if "message.request-response" in self._violate:
            return
        method = self._pseudo(message, "method")
        path = self._pseudo(message, "path").partition(b"?")[0]
        rich = path == RICH.encode()
        pushes = (rich and self._may_push()) or self._promises_always()
        if pushes and "push.order" not in self._violate:
            self._promise(stream.id, message)
        status, body = 200, PAGE
        if method == b"CONNECT":
            self._queue(Response(stream.id, 200, b"", None, tunnel=True))
            return
        if method in (b"POST", b"PUT", b"PATCH"):
            body = RECEIVED
        elif (path.startswith(b"/") and path != b"/" and not rich) or self._is_elsewhere(message):
            status, body = 404, NOT_FOUND
        elif first_value(message.head or (), b"if-none-match") == b"*":
            content = PAGE if "message.no-content" in self._violate else b""
            self._queue(Response(stream.id, 304, content, len(PAGE)))
            return
        elif rich:
            body = PAGE * 20
        elif not self._violate.isdisjoint(LARGER):
            body = LARGE
        length = len(body)
        if method == b"HEAD" and "message.head" not in self._violate:
            body = b""
        linked = message if pushes else None
        self._queue(Response(stream.id, status, body, length, linked=linked))

    def ask(self, stream: int) -> None:
        """Ask once for the content of a request that waits for that, where the version has it."""
        version = self._connection.version
        if stream not in self._asked and in_range(WITH_INTERIM, version.short):
            self._asked.add(stream)
            self._interim(stream, b"100")

    def _interim(self, stream: int, status: bytes) -> None:
        block = self._encode(plain([HeaderField(self._name("status"), status)]))
        self._send("HEADERS", stream, block, ("END_HEADERS",))

    def refuse(self, stream: int, status: int = 400) -> None:
        """Answer a malformed request with a status and no content, unless it has an answer."""
        if stream not in self._known:
            self._known.add(stream)
            self._queue(Response(stream, status, b"", 0))

    def _is_elsewhere(self, message: Message) -> bool:
        host = self._pseudo(message, "authority")
        if "message.authority-decides" in self._violate:
            host = first_value(message.head or (), b"host") or host
        return host == ELSEWHERE

    def _pseudo(self, message: Message, name: str) -> bytes:
        wanted = self._connection.version.pseudo[name].encode()
        return first_value(message.head or (), wanted) or b""

    def _queue(self, response: Response) -> None:
        self._waiting.append(response)
        self.pump()

    def pump(self) -> None:
        """Send what the windows allow."""
        for response in self._waiting:
            self._advance(response)
        self._waiting = [response for response in self._waiting if not response.done]

    def _advance(self, response: Response) -> None:
        stream = self._connection.stream(response.stream)
        if stream.state in CLOSED:
            response.done = True
            return
        if not response.head_sent:
            if "flow.exempt-frames" in self._violate and self._allowance(stream) <= 0:
                return
            self._head(response)
        while not response.done:
            room = min(self._allowance(stream), self._largest())
            if room <= 0:
                self._complain(response)
                return
            self._content(response, room)

    def _allowance(self, stream: Stream) -> int:
        """How much the windows let us send on a stream (octets)."""
        room = 2**31 - 1
        if "flow.stream-window" not in self._violate:
            room = min(room, self._connection.send_window_of(stream))
        if "flow.connection-window" not in self._violate:
            room = min(room, self._connection.send_window)
        if "flow.header-uncounted" in self._violate:
            room -= self._connection.version.header.octets
        if "flow.data-only" in self._violate:
            room -= self._block_octets
        return room

    def _complain(self, response: Response) -> None:
        """Say twice that a window is closed."""
        if "blocked.once" in self._violate and not response.complained:
            response.complained = True
            self._send("BLOCKED", response.stream, b"", ())
            self._send("BLOCKED", response.stream, b"", ())

    def _largest(self) -> int:
        if "frame.size-respected" in self._violate:
            return min(20_000, self._connection.version.header.max_length)
        settings = self._connection.remote_settings
        return settings.get("MAX_FRAME_SIZE", self._connection.version.max_frame_size)

    def _head(self, response: Response) -> None:
        response.head_sent = True
        depends = in_range("12..", self._connection.version.short)
        if "priority.not-on-itself" in self._violate and depends:
            itself = response.stream.to_bytes(4, "big")
            self._send("PRIORITY", response.stream, itself + b"\x0f", ())
        if "blocked.reason" in self._violate:
            self._send("BLOCKED", response.stream, b"", ())
        if "message.data-before-headers" in self._violate and response.body:
            self._send("DATA", response.stream, b"", ())
        status = b"%d" % response.status
        flags = ["END_HEADERS"]
        if "message.interim-end-stream" in self._violate:
            response.body, status = b"", b"103"
        if not response.body:
            response.done = True
            flags += [] if response.tunnel else self._ending
        for requirement in self._violate & INTERIM.keys():
            self._interim(response.stream, INTERIM[requirement])
        fields = [HeaderField(self._name("status"), status)]
        if "message.status-present" in self._violate:
            fields = []
        if "message.pseudo-request" in self._violate:
            fields.append(HeaderField(self._name("path"), b"/"))
        fields.append(HeaderField(b"server", b"h2spec_py-reference"))
        fields.append(HeaderField(b"content-type", b"text/plain"))
        fields += [field for name, field in FIELDS.items() if name in self._violate]
        if response.content_length is not None:
            fields.append(HeaderField(b"content-length", b"%d" % response.content_length))
        if response.linked is not None:
            fields.append(HeaderField(b"link", b"<%s>; rel=preload" % PUSHED))
        if "message.pseudo-first" in self._violate:
            fields.reverse()
        self._send("HEADERS", response.stream, self._encode(plain(fields)), tuple(flags))
        if response.linked is not None and "push.order" in self._violate:
            self._promise(response.stream, response.linked)
        if "hpack.contexts-apart" in self._violate and self._connection.decoder is not None:
            self._connection.decoder.table.insert(fields[0])
        if "message.retry-safe" in self._violate:
            code = self._connection.version.errors["REFUSED_STREAM"]
            self._send("RST_STREAM", response.stream, code.to_bytes(4, "big"), ())
            response.done = True

    @property
    def _ending(self) -> tuple[str, ...]:
        """The flags of the last frame of a response."""
        return () if "message.end-stream" in self._violate else ("END_STREAM",)

    def _name(self, plain_name: str) -> bytes:
        return self._connection.version.pseudo[plain_name].encode()

    def _encode(self, representations: list[Representation]) -> bytes:
        patterns = find_generation(self._connection.version.hpack).patterns
        pads = self._connection.version.hpack == HUFFMAN_SENT
        if pads and "hpack.huffman-padding-sent" in self._violate:
            return self._padded(representations)
        if not any(pattern.kind == "size-update" for pattern in patterns):
            if "hpack.encoder-limit" in self._violate:
                representations = [*representations, Indexed(100)]  # there was more in the table
            return self._connection.encode(representations)
        if "hpack.encoder-limit" in self._violate:
            limit = self._connection.remote_settings.get("HEADER_TABLE_SIZE", 4096)
            representations = [TableSizeUpdate(limit + 1), *representations]
        if "hpack.size-update-first" in self._violate:
            representations = [*representations, TableSizeUpdate(0)]
        return self._connection.encode(representations)

    def _padded(self, representations: list[Representation]) -> bytes:
        """Encode a header block that ends with the wrong padding of a Huffman coded string."""
        field = LiteralField("without", b"x-padded", b"1", huffman_value=True)
        block = self._connection.encode([*representations, field])
        return block[:-1] + bytes([block[-1] ^ 1])

    def _content(self, response: Response, room: int) -> None:
        piece, response.body = response.body[:room], response.body[room:]
        response.done = not response.body
        flags = self._ending if response.done else ()
        enabled = self._connection.remote_settings.get("COMPRESS_DATA")
        if "data.compression-not-sent" in self._violate or (
            enabled and "data.compression-by-frame" in self._violate
        ):
            flags = ("COMPRESSED", *flags)
        self._send("DATA", response.stream, piece, flags)

    # Server push

    def _may_push(self) -> bool:
        """Whether the client lets us promise a stream."""
        settings = self._connection.remote_settings
        started = self._connection.settings_seen and not self._connection.goaway_seen
        return started and settings.get("ENABLE_PUSH", 1) == 1

    def _may_open(self) -> bool:
        """Whether the client lets us open a stream; a promised one stays reserved until then."""
        limit = self._connection.remote_settings.get("MAX_CONCURRENT_STREAMS", 1)
        return limit > 0 or "stream.concurrency-respected" in self._violate

    def _promises_always(self) -> bool:
        """Whether a stream is to be promised that may not be."""
        late = "goaway.stops-opening" in self._violate and self._connection.goaway_seen
        return late or bool(self._violate & PUSHING)

    def _promise(self, number: int, message: Message) -> None:
        """Promise a stream, and answer it at once if it may be opened (rfc9113 8.4.2)."""
        if not self._promised or "push.sending" not in self._violate:
            self._promised += 2
        promised = self._promised + int("stream.even-identifiers" in self._violate) * 99
        block = self._encode(plain(self._promised_request(message)))
        payload = promised.to_bytes(4, "big") + block
        if "push.contiguous" in self._violate:
            self._send("PUSH_PROMISE", number, payload[:5], ())
            self._send("PING", 0, b"too soon", ())
            continued = "CONTINUATION" in self._connection.version.frames
            rest = payload[5:] if continued else payload[:4] + payload[5:]
            name = "CONTINUATION" if continued else "PUSH_PROMISE"
            self._send(name, number, rest, ("END_HEADERS",))
        else:
            self._send("PUSH_PROMISE", number, payload, ("END_HEADERS",))
        if "stream.reserved-sending" in self._violate:
            self._send("DATA", promised, b"", ())
        if self._may_open() and "push.response" not in self._violate:
            self._queue(Response(promised, 200, RECEIVED, len(RECEIVED)))

    def _promised_request(self, message: Message) -> list[HeaderField]:
        safe = "push.request-safe" not in self._violate
        values = {
            "method": b"GET" if safe else b"POST",
            "scheme": self._pseudo(message, "scheme"),
            "authority": self._pseudo(message, "authority"),
            "path": PUSHED,
        }
        if in_range(NO_PROMISED_METHOD, self._connection.version.short):
            del values["method"]
        if "push.request" in self._violate:
            del values["path"]
        if "push.request-authority" in self._violate:
            del values["authority"]
        return [HeaderField(self._name(name), value) for name, value in values.items()]

    # Misbehaviour

    def go_on(self, number: int) -> None:
        """Go on with a response although its stream was reset."""
        if self._connection.stream(number).state is State.IDLE:
            return
        left = [response for response in self._waiting if response.stream == number]
        response = left[0] if left else Response(number, 200, PAGE, len(PAGE))
        if not response.head_sent and number not in self._known:
            self._head(response)
        self._send("DATA", number, response.body[:1], ("END_STREAM",))
