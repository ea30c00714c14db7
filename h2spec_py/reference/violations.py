"""How the reference endpoint breaks a requirement when it is told to.

There are three ways. A rule about the other side (`h2spec_py.peer.RULES`) is forgiven: what breaks
it is processed as if it were legal. Something that has to be accepted is refused: `REFUSALS`.
And a duty of the endpoint's own is neglected: `DUTIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from h2spec_py.peer import RULES, Received
from h2spec_py.peer.streams import CLOSED, State, Stream
from h2spec_py.reference.decoders import TABLES
from h2spec_py.reference.forms import forms_of
from h2spec_py.spec import Version
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import (
    Data,
    Goaway,
    Headers,
    Priority,
    PriorityNumber,
    RstStream,
    Settings,
    WindowUpdate,
)

DUTIES: Mapping[str, str] = {
    "start.h2c-not-in-tls": "h2c is chosen by ALPN where it is offered",
    "start.tls-negotiation": "ALPN is left out, and HTTP/2 spoken without",
    "start.tls-needs-alpn": "HTTP/2 is spoken to clients that do not offer it by ALPN",
    "start.upgrade-ignores-h2": "h2 in Upgrade is taken for h2c",
    "start.upgrade-settings-required": "no HTTP2-Settings field, or two, upgrade as one does",
    "start.upgrade-settings-not-sent": "the response that upgrades has HTTP2-Settings",
    "start.upgrade-settings-apply": "the content of HTTP2-Settings is not looked at",
    "start.upgrade-stream": "stream 1 is open to the client behind an upgrade",
    "start.upgrade-answered": "the request that upgraded is not answered",
    "connection.tls-version": "TLS 1.0 and 1.1 will do",
    "connection.tls12": "TLS 1.2 is refused",
    "connection.tls11": "TLS 1.1 is refused",
    "connection.tls-offer": "TLS 1.0 will do, and no server name is needed",
    "connection.server-name": "handshakes that name a server are refused",
    "connection.tls-ciphers": "cipher suites that are ruled out are used",
    "connection.inadequate-security": "whatever the cipher suite is, HTTP/2 goes on",
    "connection.tls-suite-mandatory": "the one suite that all have to support is not",
    "connection.tls-suite-accepted": "TLS 1.2 is inadequate, whatever the cipher suite is",
    "preface.server-settings-first": "a PING comes before the SETTINGS frame",
    "preface.settings-empty": "requests are refused as long as the client has set nothing",
    "preface.early-frames": "HEADERS is refused as the second frame of a connection",
    "settings.on-stream-zero": "all SETTINGS frames are on stream 1",
    "settings.ack": "no SETTINGS frame is acknowledged",
    "settings.applied": "what SETTINGS frames say is not taken over",
    "settings.max-frame-size-announced": "the server announces SETTINGS_MAX_FRAME_SIZE of 1",
    "settings.ack-empty": "acknowledgements of SETTINGS have a payload",
    "settings.concurrent-recommended": "the server announces a limit of 99 concurrent streams",
    "settings.first-counts": "of several values for a setting, the last one counts",
    "settings.unique": "the server announces a setting twice",
    "settings.ascending": "the server announces settings in the reverse order",
    "settings.in-order": "of several values for a setting, the first one counts",
    "settings.enable-push-from-server": "the server announces SETTINGS_ENABLE_PUSH of 1",
    "ping.ack": "no PING is answered",
    "ping.ack-payload": "answers to PING carry other octets",
    "ping.octets": "answers to PING have an octet too many",
    "ping.first": "answers to PING come after whatever else can be sent",
    "ping.no-reply-to-ack": "PING with ACK is answered",
    "goaway.on-stream-zero": "GOAWAY is on stream 1",
    "goaway.last-stream-zero": "GOAWAY names stream 1 at the least",
    "goaway.last-stream-falls": "a second GOAWAY names a higher stream than the first",
    "goaway.last-stream-covers": "GOAWAY names no stream, whatever was answered",
    "goaway.answered": "GOAWAY is answered by the end of the connection alone",
    "goaway.before-close": "GOAWAY is answered by the end of the connection alone",
    "goaway.stops-opening": "streams are promised after GOAWAY",
    "push.disabled": "streams are promised whatever the client says",
    "error.close-connection": "the connection stays open after GOAWAY",
    "error.goaway-first": "the connection is closed without GOAWAY",
    "error.reset-sent": "stream errors are passed over in silence",
    "error.one-connection-error": "a second GOAWAY names another error than the first",
    "error.connection-error-reported": "decoding errors only reset the stream",
    "push.sending": "the same stream is promised twice",
    "push.request": "a promised request has no path",
    "push.request-safe": "a promised request has the method POST",
    "push.request-authority": "a promised request has no authority",
    "push.contiguous": "a PING comes amid the header block of a promise",
    "push.padding-zero": "promises have padding that is not zero",
    "stream.even-identifiers": "streams with odd identifiers are promised",
    "stream.reserved-sending": "DATA comes before the header block on a promised stream",
    "stream.concurrency-respected": "streams are promised, and opened, whatever the limit",
    "stream.ended-sending": "DATA comes behind the end of a response",
    "stream.one-reset": "each DATA frame on a stream that was reset is answered with RST_STREAM",
    "stream.no-reset-for-reset": "RST_STREAM is answered with RST_STREAM",
    "stream.reset-stops-sending": "the response goes on after RST_STREAM",
    "flow.stream-window": "windows of streams are not respected",
    "flow.connection-window": "the connection's window is not respected",
    "flow.initial-window-adjusts": "settings do not change the windows of streams that exist",
    "flow.negative-window": "windows do not become negative",
    "flow.initial-window": "windows start at twice their size",
    "flow.header-uncounted": "frame headers count for the windows",
    "flow.padding-counts": "DATA has padding that does not count for the windows",
    "flow.read-promptly": "nothing is read while a response waits for a window",
    "flow.reduced-window": "a smaller window holds before the client can know of it",
    "flow.disabled": "windows are respected although flow control is disabled",
    "flow.ended-by-flag": "END_FLOW_CONTROL is ignored",
    "flow.window-returned": "no window is ever updated",
    "flow.updates-cease": "the window of a stream is updated behind its end",
    "flow.settings-spare-connection": "settings change the connection's window too",
    "flow.exempt-frames": "responses and acknowledgements wait for an open window",
    "frame.size-respected": "the response is one frame of 20,000 octets",
    "frame.size-error-connection": "frames of the wrong size only reset their stream",
    "frame.undefined-flags-unset": "all frames have an undefined flag set",
    "frame.reserved-bit-unset": "all frames have the reserved bit before the stream set",
    "frame.reserved-length-bits-unset": "all frames have a reserved bit before the length set",
    "data.padding-zero": "DATA has padding that is not zero",
    "headers.padding-zero": "HEADERS have padding that is not zero",
    "priority.not-on-itself": "each stream that is answered is made to depend on itself",
    "priority.keeps-state": "PRIORITY opens an idle stream",
    "window.increment-sent": "the server starts with WINDOW_UPDATE of 0",
    "altsvc.reserved": "the server advertises a service, with a reserved bit that is set",
    "altsvc.host": "the server advertises a service on a host that is not in ASCII",
    "blocked.reason": "BLOCKED comes before each response",
    "blocked.once": "BLOCKED comes twice for a window that is closed",
    "data.compression-not-sent": "DATA claims to be compressed",
    "hpack.error-is-connection-error": "decoding errors only reset the stream",
    "hpack.encoder-limit": "header blocks choose a table above the limit",
    "hpack.size-update-missing": "a smaller table is not announced",
    "hpack.size-update-smallest": "of several new sizes, the smallest is not announced",
    "hpack.contexts-apart": "what responses consist of is added to the table for requests",
    "hpack.size-update-first": "header blocks end by choosing a table",
    "hpack.value-text": "a field has a value that is not UTF-8",
    "hpack.literal-substitution": "what substitutes an entry is no field, and another entry, too",
    "hpack.reference-set": "the entries outside of the reference set are taken for those in it",
    "hpack.reference-toggled": "only the second index in a block takes an entry out of the set",
    "hpack.reference-copied": "entries of the static table are not copied",
    "hpack.reference-emptied": "the reference set is not emptied",
    "hpack.reference-evicted": "what is evicted stays in the reference set",
    **dict.fromkeys(TABLES, "the header table is kept in a wrong way"),
    "message.request-response": "no request is answered",
    "message.head": "responses to HEAD have content",
    "message.interim-unused": "interim responses come before responses",
    "message.switching-protocols": "responses with status 101 come before responses",
    "message.chunked-unused": "responses claim to be chunked",
    "message.malformed": "what is malformed is processed as if it were not",
    "message.retry-safe": "requests that were answered are refused",
    "message.names-tokens": "responses have a field name with a space",
    "message.no-content": "responses with status 304 have content",
    "message.names-lowercase": "responses have a field name with a capital letter",
    "message.connection-specific-sent": "responses have a Connection field",
    "message.status-present": "responses have no status",
    "message.pseudo-request": "responses have a :path",
    "message.pseudo-first": "responses have their status last",
    "message.data-before-headers": "content comes before the header section",
    "message.interim-end-stream": "an interim response ends the stream",
    "message.bad-field-status": "requests with a forbidden octet in a field are only reset",
}
"""Duties of the endpoint's own, and what it does instead."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a refusal is decided by: a frame that was received, and what it came upon."""

    version: Version
    received: Received
    stream: Stream
    state: State
    """The stream's state before the frame came."""
    remote: Mapping[str, int]
    """The other side's settings."""

    @property
    def name(self) -> str | None:
        """The name of the frame's type."""
        return self.received.name

    def flag(self, name: str) -> bool:
        """Whether a flag is set that the frame's type defines."""
        return self.version.has_flag(self.received.frame.type, self.received.frame.flags, name)

    @property
    def fields(self) -> tuple[HeaderField, ...]:
        """The header block that the frame completes; empty where there is none."""
        block = self.received.block
        return () if block is None or block.fields is None else block.fields

    def forms(self) -> set[str]:
        """The forms that the header block is made of which the frame completes."""
        block = self.received.block
        return set() if block is None else forms_of(self.version.hpack, block.octets)

    def settings(self) -> list[tuple[str | None, int]]:
        """The settings of the frame, by name; None for one that is not defined."""
        payload = self.received.payload
        if not isinstance(payload, Settings):
            return []
        found = [(self.version.setting_by_id(one.id), one.value) for one in payload.settings]
        return [(setting.name if setting else None, value) for setting, value in found]


def _undefined_flags(scene: Scene) -> bool:
    known = scene.version.frame_by_code(scene.received.frame.type)
    return known is not None and bool(scene.received.frame.flags & ~sum(known.flags.values()))


def _unknown_code(scene: Scene) -> bool:
    payload = scene.received.payload
    codes = scene.version.errors.values()
    return isinstance(payload, RstStream | Goaway) and payload.error not in codes


def _padding(scene: Scene) -> bool:
    payload = scene.received.payload
    return isinstance(payload, Data | Headers) and any(payload.padding or b"")


def _empty_end(scene: Scene) -> bool:
    return scene.name == "DATA" and not scene.received.frame.payload and scene.flag("END_STREAM")


def _method(scene: Scene) -> bytes | None:
    """The method of a request that the frame belongs to."""
    message = scene.stream.message
    return message.value(scene.version.pseudo["method"].encode()) if message else None


def _ended(scene: Scene) -> bool:
    return scene.stream.message is not None and scene.stream.message.ended


def _right_length(scene: Scene) -> bool:
    message = scene.stream.message
    if message is None or not message.ended or message.expected is None:
        return False
    return message.length == message.expected


def _later_block(scene: Scene, *, end: bool) -> bool:
    block = scene.received.block
    return block is not None and block.trailers and block.end_stream == end


def _undefined_pseudo(scene: Scene) -> bool:
    names = scene.version.pseudo.items()
    known = {name.encode() for plain, name in names if plain != "status"}
    return any(f.name.startswith(b":") and f.name not in known for f in scene.fields)


def _any_order(scene: Scene) -> bool:
    pseudo = [field.name.startswith(b":") for field in scene.fields]
    return pseudo != sorted(pseudo, reverse=True)


def _continues(scene: Scene) -> bool:
    """Whether the frame continues a header block."""
    block = scene.received.block
    if "CONTINUATION" in scene.version.frames or block is None:
        return scene.name == "CONTINUATION"
    if scene.state is not State.IDLE and not block.trailers:
        return True
    payload = scene.received.payload
    return isinstance(payload, Headers) and payload.block != block.octets


def _reserved_increment(scene: Scene) -> bool:
    payload = scene.received.payload
    return isinstance(payload, WindowUpdate) and bool(payload.reserved)


def _reserved_entry(scene: Scene) -> bool:
    payload = scene.received.payload
    return isinstance(payload, Settings) and any(entry.reserved for entry in payload.settings)


def _reserved_priority(scene: Scene) -> bool:
    payload = scene.received.payload
    if not isinstance(payload, Headers | Priority):
        return False
    return isinstance(payload.priority, PriorityNumber) and bool(payload.priority.reserved)


def _uses(form: str) -> Callable[[Scene], bool]:
    return lambda scene: form in scene.forms()


def _named(name: str, flag: str | None = None) -> Callable[[Scene], bool]:
    return lambda scene: scene.name == name and (flag is None or scene.flag(flag))


_NOT_OPEN = frozenset({State.HALF_CLOSED_REMOTE, *CLOSED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something legal that is refused, and how: with an error, or by never answering again."""

    applies: Callable[[Scene], bool]
    scope: Literal["connection", "stream", "silence"] = "connection"
    code: str = "PROTOCOL_ERROR"


REFUSALS: Mapping[str, Refusal] = {
    "frame.size-accepted": Refusal(
        lambda s: s.received.frame.declared > s.version.max_frame_size // 2, code="FRAME_SIZE_ERROR"
    ),
    "frame.unknown-type": Refusal(lambda s: s.name is None),
    "frame.undefined-flags": Refusal(_undefined_flags),
    "frame.reserved-bit": Refusal(lambda s: s.received.frame.reserved != 0),
    "frame.reserved-length-bits": Refusal(lambda s: s.received.frame.length_reserved != 0),
    "stream.window-update-tolerated": Refusal(
        lambda s: s.name == "WINDOW_UPDATE" and s.state in _NOT_OPEN
    ),
    "stream.reset-accepted": Refusal(_named("RST_STREAM")),
    "stream.ignore-after-own-reset": Refusal(
        lambda s: s.state is State.CLOSED_RESET_LOCAL, code="STREAM_CLOSED"
    ),
    "stream.half-closed-local": Refusal(
        lambda s: s.state is State.HALF_CLOSED_LOCAL, code="STREAM_CLOSED"
    ),
    "error.unknown-codes": Refusal(_unknown_code, scope="silence"),
    "data.padding-accepted": Refusal(_named("DATA", "PADDED")),
    "data.padding-ignored": Refusal(_padding),
    "data.padding-content": Refusal(_padding),
    "headers.padding-content": Refusal(_padding),
    "headers.padding-ignored": Refusal(lambda s: s.name == "HEADERS" and _padding(s)),
    "headers.padding-accepted": Refusal(_named("HEADERS", "PADDED")),
    "headers.priority-accepted": Refusal(_named("HEADERS", "PRIORITY")),
    "headers.continuation-accepted": Refusal(_continues),
    "continuation.padding-accepted": Refusal(_named("CONTINUATION", "PADDED")),
    "flow.empty-end-accepted": Refusal(_empty_end, code="FLOW_CONTROL_ERROR"),
    "blocked.accepted": Refusal(_named("BLOCKED")),
    "priority.reserved-bit": Refusal(_reserved_priority),
    "priority.any-state": Refusal(_named("PRIORITY")),
    "settings.supported": Refusal(lambda s: any(name for name, _ in s.settings())),
    "settings.unknown-ignored": Refusal(lambda s: any(n is None for n, _ in s.settings())),
    "settings.reserved-octet": Refusal(_reserved_entry),
    "settings.concurrent-zero": Refusal(
        lambda s: s.received.block is not None and s.remote.get("MAX_CONCURRENT_STREAMS") == 0,
        "stream",
        "REFUSED_STREAM",
    ),
    "goaway.tolerated": Refusal(_named("GOAWAY")),
    "window.update-accepted": Refusal(_named("WINDOW_UPDATE")),
    "window.reserved-bit": Refusal(_reserved_increment),
    **{
        f"hpack.{form}": Refusal(_uses(form), code="COMPRESSION_ERROR")
        for form in (
            "indexed",
            "literal-incremental",
            "literal-without",
            "literal-never",
            "huffman",
            "integer",
        )
    },
    "hpack.integer-overlong": Refusal(_uses("integer-overlong"), "stream"),
    "hpack.size-update-accepted": Refusal(_uses("size-update"), code="COMPRESSION_ERROR"),
    "message.content": Refusal(lambda s: _ended(s) and _method(s) == b"POST", "stream"),
    "message.content-length": Refusal(_right_length, "stream"),
    "message.connect-answered": Refusal(lambda s: _method(s) == b"CONNECT", "stream"),
    "message.trailers": Refusal(lambda s: _later_block(s, end=True), "stream"),
    "message.extra-headers-tolerated": Refusal(lambda s: _later_block(s, end=False), "stream"),
    "message.te-trailers": Refusal(lambda s: any(f.name == b"te" for f in s.fields), "stream"),
    "message.cookie-crumbs": Refusal(
        lambda s: sum(f.name == b"cookie" for f in s.fields) > 1, "stream"
    ),
    "message.value-zero-split": Refusal(
        lambda s: any(b"\0" in field.value for field in s.fields), "stream"
    ),
    "message.cookie-zero": Refusal(
        lambda s: any(f.name == b"cookie" and b"\0" in f.value for f in s.fields), "stream"
    ),
    "message.pseudo-ignored": Refusal(_undefined_pseudo, "stream"),
    "message.pseudo-any-order": Refusal(_any_order, "stream"),
}
"""What has to be accepted, and is refused when its requirement is to be broken."""

_INTERNAL = frozenset({"limit.header-block"})

REQUIREMENTS = frozenset(
    {
        *DUTIES,
        *REFUSALS,
        *(
            requirement
            for requirement, rules in RULES.items()
            if any(rule.at != "client" for rule in rules) and requirement not in _INTERNAL
        ),
    }
)
"""All requirements that the reference endpoint can break."""
