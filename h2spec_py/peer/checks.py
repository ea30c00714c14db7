"""The rules that a connection enforces on the other side, as a table, and a judge that reads it.

Every rule bears the id of the requirement that it enforces. Which error a server makes of a breach,
at which end it is checked, and in which versions the rule exists is data; code elsewhere only says
that something happened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from h2spec_py.peer.events import Breach
from h2spec_py.spec import Version, in_range

Role = Literal["client", "server"]
Scope = Literal["connection", "stream"]

ALL = "04.."


@dataclass(frozen=True, slots=True)
class Rule:
    """What a breach means in `versions`, when the end `at` (or either) receives it.

    `scope` is None, and `code` empty, for what is only held against servers: nobody answers it.
    """

    scope: Scope | None
    code: str
    versions: str = ALL
    at: Role | None = None
    status: str = ""
    """What a request is answered with that breaks it; empty where it is an error only."""


def _connection(code: str, versions: str = ALL, at: Role | None = None) -> tuple[Rule, ...]:
    return (Rule("connection", code, versions, at),)


def _stream(code: str, versions: str = ALL, at: Role | None = None) -> tuple[Rule, ...]:
    return (Rule("stream", code, versions, at),)


def _held(versions: str = ALL) -> tuple[Rule, ...]:
    """What a tester holds against a server."""
    return (Rule(None, "", versions, "client"),)


_PROTOCOL = _connection("PROTOCOL_ERROR")
_SIZE = _connection("FRAME_SIZE_ERROR")
_COMPRESSION = _connection("COMPRESSION_ERROR")

RULES: Mapping[str, tuple[Rule, ...]] = {
    "preface.client-magic": _connection("PROTOCOL_ERROR", at="server"),
    "preface.client-settings": _connection("PROTOCOL_ERROR", at="server"),
    "preface.server-settings-first": _held(),
    # Frames
    "frame.size-limit": (
        Rule("connection", "FRAME_SIZE_ERROR", "..06", "server"),
        Rule("connection", "FRAME_SIZE_ERROR", "14..", "server"),
    ),
    "frame.undefined-flags-unset": _held(),
    "frame.reserved-bit-unset": _held(),
    "frame.reserved-length-bits-unset": _held("09..13"),
    "frame.unknown-type-refused": _connection("PROTOCOL_ERROR", "12"),
    "frame.size-respected": (
        *_held("..06"),
        *_held("14.."),
    ),
    "frame.too-short": _SIZE,
    "frame.unknown-in-header-block": _connection("PROTOCOL_ERROR", "16.."),
    # Streams. rfc9113 5.1 permits what rfc7540 5.1 demands on closed streams.
    "stream.idle": _connection("PROTOCOL_ERROR", "06.."),
    "stream.reserved-local": _connection("PROTOCOL_ERROR", "06..", "server"),
    "stream.reserved-remote": _held(),
    "stream.half-closed-remote": _stream("STREAM_CLOSED"),
    "stream.closed-after-reset": _stream("STREAM_CLOSED"),
    "stream.closed-after-end": (
        Rule("stream", "STREAM_CLOSED", "..12"),
        Rule("connection", "STREAM_CLOSED", "13.."),
    ),
    "stream.data-state": _stream("STREAM_CLOSED", "09.."),
    "stream.id-parity": _PROTOCOL,
    "stream.id-increasing": _PROTOCOL,
    "stream.concurrency-limit": _stream("REFUSED_STREAM", "12..", "server"),
    # Streams, what servers send on them
    "stream.ended-sending": _held(),
    "stream.own-reset-last": _held(),
    "stream.reserved-sending": _held(),
    "stream.one-reset": _held(),
    "stream.even-identifiers": _held(),
    "stream.concurrency-respected": _held(),
    # Each type of frame
    "data.stream-zero": _PROTOCOL,
    "data.padding-limit": _connection("PROTOCOL_ERROR", "12.."),
    "data.padding-zero": _held("12.."),
    "data.padding-high": _connection("PROTOCOL_ERROR", "12"),
    "data.compression-disabled": _connection("PROTOCOL_ERROR", "12", "server"),
    "data.compression-not-sent": _held("12"),
    "data.compression-by-frame": _held("12"),
    "headers.stream-zero": _PROTOCOL,
    "headers.padding-limit": _connection("PROTOCOL_ERROR", "12.."),
    "headers.padding-zero": _held("12.."),
    "headers.padding-high": _connection("PROTOCOL_ERROR", "12"),
    "headers.contiguous": _PROTOCOL,
    "priority.stream-zero": _PROTOCOL,
    "priority.length": _stream("FRAME_SIZE_ERROR"),
    "priority.self-dependency": _stream("PROTOCOL_ERROR", "12..7540", "server"),
    "priority.not-on-itself": _held("12..7540"),
    "rst-stream.stream-zero": _PROTOCOL,
    "rst-stream.idle": _connection("PROTOCOL_ERROR", "06.."),
    "rst-stream.length": (
        Rule("stream", "FRAME_SIZE_ERROR", "..14"),
        Rule("connection", "FRAME_SIZE_ERROR", "16.."),
    ),
    "settings.ack": _held("09.."),
    "settings.ack-length": _connection("FRAME_SIZE_ERROR", "09..", "server"),
    "settings.ack-empty": _held("09.."),
    "settings.stream-nonzero": _connection("PROTOCOL_ERROR", at="server"),
    "settings.on-stream-zero": _held(),
    "settings.length": (
        Rule("connection", "PROTOCOL_ERROR", "..14"),
        Rule("connection", "FRAME_SIZE_ERROR", "16.."),
    ),
    "settings.unknown-refused": _connection("PROTOCOL_ERROR", "12"),
    "settings.unique": _held("04"),
    "settings.ascending": _held("04"),
    "settings.enable-push-value": _connection("PROTOCOL_ERROR", "12.."),
    "settings.enable-push-from-server": _held("12.."),
    "settings.compress-data-value": _connection("PROTOCOL_ERROR", "12"),
    "settings.initial-window-limit": _connection("FLOW_CONTROL_ERROR", "12.."),
    "settings.max-frame-size-range": _connection("PROTOCOL_ERROR", "14..", "server"),
    "settings.max-frame-size-announced": _held("14.."),
    "push.from-client": _connection("PROTOCOL_ERROR", at="server"),
    "push.disabled": _held("09.."),
    "push.stream-zero": _PROTOCOL,
    "push.padding": _connection("PROTOCOL_ERROR", "12.."),
    "push.padding-high": _held("12"),
    "push.padding-zero": _held("12.."),
    "push.contiguous": _held(),
    "push.request": _held(),
    "push.request-safe": _held("06.."),
    "push.request-authority": _held("17.."),
    "push.response-cacheable": _held("12..14"),
    "push.order": _held(),
    "push.sending": _held(),
    "ping.stream-nonzero": _PROTOCOL,
    "ping.length": (
        Rule("connection", "PROTOCOL_ERROR", "..06"),
        Rule("connection", "FRAME_SIZE_ERROR", "09.."),
    ),
    "ping.ack-payload": _held(),
    "ping.no-reply-to-ack": _held(),
    "goaway.stream-nonzero": _connection("PROTOCOL_ERROR", "12..", "server"),
    "goaway.on-stream-zero": _held(),
    "goaway.last-stream-zero": _held("..09"),
    "goaway.last-stream-falls": _held("13.."),
    "goaway.stops-opening": _held(),
    "goaway.later-streams-ignored": _held(),
    "goaway.last-stream-covers": _held(),
    "error.one-connection-error": _held("9113"),
    "altsvc.to-server": _connection("PROTOCOL_ERROR", "12", "server"),
    "altsvc.reserved": _held("12"),
    "altsvc.host": _held("12"),
    "altsvc.stream": _held("12"),
    "blocked.once": _held("12"),
    "blocked.payload": _connection("FRAME_SIZE_ERROR", "12"),
    "window.zero-increment-stream": _stream("PROTOCOL_ERROR", "14..", "server"),
    "window.zero-increment-connection": _connection("PROTOCOL_ERROR", "14..", "server"),
    "window.increment-sent": _held(),
    "window.length": (
        Rule("stream", "FRAME_SIZE_ERROR", "..14"),
        Rule("connection", "FRAME_SIZE_ERROR", "16.."),
    ),
    "window.overflow-stream": _stream("FLOW_CONTROL_ERROR"),
    "window.overflow-connection": _connection("FLOW_CONTROL_ERROR"),
    "continuation.stream-zero": _connection("PROTOCOL_ERROR", "06.."),
    "continuation.without-headers": _connection("PROTOCOL_ERROR", "06.."),
    "continuation.padding-limit": _connection("PROTOCOL_ERROR", "12"),
    "continuation.padding-high": _connection("PROTOCOL_ERROR", "12"),
    "continuation.padding-zero": _held("12"),
    # Flow control
    "flow.stream-window": _stream("FLOW_CONTROL_ERROR"),
    "flow.connection-window": _connection("FLOW_CONTROL_ERROR"),
    "flow.no-return": _stream("FLOW_CONTROL_ERROR", "..09", "server"),
    "flow.initial-window-overflow": _connection("FLOW_CONTROL_ERROR", "12.."),
    # Header compression
    "hpack.index-zero": _connection("COMPRESSION_ERROR", "12.."),
    "hpack.index-out-of-range": _COMPRESSION,
    "hpack.integer-overflow": _COMPRESSION,
    "hpack.truncated": _COMPRESSION,
    "hpack.huffman-eos": _connection("COMPRESSION_ERROR", "12.."),
    "hpack.huffman-padding-length": _connection("COMPRESSION_ERROR", "12.."),
    "hpack.huffman-padding-ones": _connection("COMPRESSION_ERROR", "12.."),
    "hpack.huffman-padding-sent": _held("09"),
    "hpack.reference-set-emptying": _connection("COMPRESSION_ERROR", "13"),
    "hpack.size-update-limit": _connection("COMPRESSION_ERROR", "12..", "server"),
    "hpack.size-update-late": _connection("COMPRESSION_ERROR", "16..", "server"),
    "hpack.size-update-first": _connection("COMPRESSION_ERROR", "16..", "client"),
    "hpack.size-update-missing": _connection("COMPRESSION_ERROR", "13.."),
    "hpack.size-update-demanded": _connection("COMPRESSION_ERROR", "9113", "server"),
    "hpack.size-update-smallest": _connection("COMPRESSION_ERROR", "14.."),
    "hpack.value-text": _held("..06"),
    "hpack.encoder-limit": _connection("COMPRESSION_ERROR", "09..", "client"),
    # Messages. Before draft-14, unknown fields that start with a colon were to be discarded, and
    # header blocks did not keep their order.
    "message.pseudo-undefined": _stream("PROTOCOL_ERROR", "14.."),
    "message.pseudo-undefined-sent": _held("09.."),
    "message.pseudo-response": _stream("PROTOCOL_ERROR", "14..", "server"),
    "message.pseudo-request": _held("14.."),
    "message.pseudo-in-trailers": _stream("PROTOCOL_ERROR", "14.."),
    "message.pseudo-after-regular": _stream("PROTOCOL_ERROR", "14.."),
    "message.pseudo-first": _held("04"),
    "message.pseudo-duplicate": (
        *_stream("PROTOCOL_ERROR", "06"),
        *_stream("PROTOCOL_ERROR", "14.."),
    ),
    "message.pseudo-missing": (
        Rule("stream", "PROTOCOL_ERROR", "04", "server", status="400"),
        Rule("stream", "PROTOCOL_ERROR", "06..", "server"),
    ),
    "message.pseudo-invalid": (
        Rule("stream", "PROTOCOL_ERROR", "06", "server"),
        Rule("stream", "PROTOCOL_ERROR", "14..", "server"),
    ),
    "message.path-empty": (
        Rule("stream", "PROTOCOL_ERROR", "06", "server"),
        Rule("stream", "PROTOCOL_ERROR", "14..", "server"),
    ),
    "message.connect-form": _stream("PROTOCOL_ERROR", "16..", "server"),
    "message.connect-authority": _stream("PROTOCOL_ERROR", "16..", "server"),
    "message.connect-frames": _stream("PROTOCOL_ERROR", "09..", "server"),
    "message.host-authority": _stream("PROTOCOL_ERROR", "9113", "server"),
    "message.status-present": _held(),
    "message.interim-end-stream": _held("14.."),
    "message.interim-unused": _held("09..13"),
    "message.switching-protocols": _held("14.."),
    "message.chunked-unused": _held("16.."),
    "message.retry-safe": _held(),
    "message.no-content": _held(),
    "message.data-before-headers": _held(),
    "message.head": _held(),
    "message.name-uppercase": _stream("PROTOCOL_ERROR", "09.."),
    "message.names-lowercase": _held("..06"),
    "message.names-tokens": _held("06"),
    "message.name-characters": _stream("PROTOCOL_ERROR", "16.."),
    "message.name-token": _stream("PROTOCOL_ERROR", "16..", "server"),
    "message.name-colon": _stream("PROTOCOL_ERROR", "16.."),
    "message.value-characters": _stream("PROTOCOL_ERROR", "16.."),
    "message.value-controls": _stream("PROTOCOL_ERROR", "16..", "server"),
    "message.value-whitespace": _stream("PROTOCOL_ERROR", "9113"),
    "message.connection-specific": _stream("PROTOCOL_ERROR", "06.."),
    "message.connection-specific-sent": _held("04"),
    "message.te": _stream("PROTOCOL_ERROR", "16..", "server"),
    "message.content-length": (
        Rule("stream", "PROTOCOL_ERROR", "..06", status="400"),
        Rule("stream", "PROTOCOL_ERROR", "09.."),
    ),
    "message.trailers-end-stream": _stream("PROTOCOL_ERROR", "14.."),
    # Not a requirement: what a receiver must bound to stay alive.
    "limit.header-block": (
        Rule("connection", "PROTOCOL_ERROR", "..06", "server"),
        Rule("connection", "ENHANCE_YOUR_CALM", "09..", "server"),
    ),
}


def find_rule(requirement: str, version: Version, role: Role) -> Rule | None:
    """The rule of a requirement at one end in one version, or None where there is none."""
    for rule in RULES.get(requirement, ()):
        if rule.at in (None, role) and in_range(rule.versions, version.short):
            return rule
    return None


@cache
def rules_of(version: Version, role: Role) -> Mapping[str, Rule]:
    """All rules at one end in one version, by requirement."""
    found = {requirement: find_rule(requirement, version, role) for requirement in RULES}
    return {requirement: rule for requirement, rule in found.items() if rule is not None}


class Checks:
    """Turns what happened into breaches, one frame at a time.

    A frame that broke a forgiven rule is past judgement: what follows from the same fault is not
    held against it either, so that forgiving one id means that the fault goes unnoticed.
    """

    def __init__(self, version: Version, role: Role, forgive: Collection[str]) -> None:
        self.forgiven = frozenset(forgive)
        self.rules = rules_of(version, role)
        self._pardoned = False
        self._found: list[Breach] = []

    def fault(self, stream: int, message: str, *requirements: str) -> bool:
        """Note that one fault broke rules. Returns whether that counts: False means carry on.

        It does not count where this version or this end has no such rule, or where one of them is
        forgiven. The breach bears the first of those that exist.
        """
        known = [requirement for requirement in requirements if requirement in self.rules]
        if not known or self._pardoned:
            return False
        if not self.forgiven.isdisjoint(known):
            self._pardoned = True
            return False
        rule = self.rules[known[0]]
        scope: Scope | None = "connection" if rule.scope and not stream else rule.scope
        self._found.append(Breach(known[0], scope, rule.code, stream, message, rule.status))
        return True

    @property
    def pardoned(self) -> bool:
        """Whether the current frame broke a rule that is forgiven."""
        return self._pardoned

    @property
    def broken(self) -> bool:
        """Whether the current frame broke a rule that counts."""
        return bool(self._found)

    def take(self) -> list[Breach]:
        """Hand over the breaches of the current frame, and start afresh."""
        found, self._found = self._found, []
        self._pardoned = False
        return found
